"""Campaigns that are planned: the list, pausing, cancelling."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.campaigns import CampaignView
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, column
from bot.speech.calls import Open, Opens, Plan
from bot.speech.drafts import menu_choice, quoted_title, title_of
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.plans import campaign_card, summary
from bot.speech.presses import officer_of
from bot.terms import Role

STEERING = {"list", "over", "show", "pause", "resume", "stop", "stop_yes"}


def router() -> Router:
    """Stands before the dialog that plans: whatever is not steered is planned."""
    router = Router(name="planned")
    staff = IsOfficer(Role.STAFF, Role.HEAD, Role.ADMIN)
    router.message.register(list_typed, Command("campaigns"), staff)
    router.callback_query.register(list_pressed, Opens("campaigns"), staff)
    router.callback_query.register(steer, Pressed("plan"), staff, Plan.filter(F.do.in_(STEERING)))
    return router


async def list_typed(_message: Message, unit: Unit, person: Person) -> Reply:
    return await listed(unit, officer_of(person))


async def list_pressed(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    return await listed(unit, officer_of(person))


async def listed(unit: Unit, officer: OfficerView, *, replaces: bool = False) -> Reply:
    campaigns = await unit.campaigns.listed(officer)
    last = [[choose("New campaign", Plan(do="new")), menu_choice()]]
    if await unit.campaigns.over(officer, 1):
        last.insert(0, [choose("Campaigns that are over", Plan(do="over"))])
    if not campaigns:
        return Reply(_("No campaigns are planned."), last, replaces=replaces)
    summaries = [summary(unit, campaign) for campaign in campaigns]
    head = _("Planned campaigns. Choose one to see how it goes, to change, pause or cancel it.")
    return Reply("\n\n".join([head, *summaries]), [*titles(campaigns), *last], replaces=replaces)


async def over(unit: Unit, officer: OfficerView) -> Reply:
    """What has been done already is shown to the head of the department, and planned again next year."""
    campaigns = await unit.campaigns.over(officer)
    summaries = [summary(unit, campaign) for campaign in campaigns]
    text = "\n\n".join([_("Campaigns that are over, the latest first:"), *summaries])
    return Reply(text, [*titles(campaigns), [choose("Back", Plan(do="list")), menu_choice()]], replaces=True)


def titles(campaigns: Sequence[CampaignView]) -> list[list[Choice]]:
    return column(*(Choice(title_of(one.text), Plan(do="show", id=one.id).pack()) for one in campaigns))


async def steer(_query: CallbackQuery, callback_data: Plan, unit: Unit, person: Person) -> Reply:
    officer, id_ = officer_of(person), callback_data.id
    match callback_data.do:
        case "list":
            return await listed(unit, officer, replaces=True)
        case "over":
            return await over(unit, officer)
        case "pause" | "resume":
            campaign = await unit.campaigns.pause(officer, id_, paused=callback_data.do == "pause")
        case "stop_yes":
            campaign = await unit.campaigns.cancel(officer, id_)
            text = _("The campaign “{title}” is cancelled.", title=quoted_title(campaign.text))
            return Reply(text, [[choose("Campaigns", Open(what="campaigns")), menu_choice()]], replaces=True)
        case "stop":
            campaign = await unit.campaigns.get(officer, id_)
            text = _("Cancel the campaign “{title}”? This cannot be undone.", title=quoted_title(campaign.text))
            yes = choose("Yes, cancel it", Plan(do="stop_yes", id=id_))
            return Reply(text, [[yes, choose("No", Plan(do="show", id=id_))]], replaces=True)
        case _:
            campaign = await unit.campaigns.planned(officer, id_)
    return await campaign_card(unit, campaign)
