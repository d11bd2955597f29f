"""An officer watches his warnings and steers them."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.i18n import _, ngettext, number
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import APPROVERS, COUNTED_AT_ONCE, WarningView
from bot.speech import Choice, Reply, choose, column
from bot.speech.calls import Warn
from bot.speech.drafts import menu_choice, title_of
from bot.speech.filters import InForm, IsOfficer, Pressed
from bot.speech.forms import WatchForm
from bot.speech.happenings import happenings_reply
from bot.speech.presses import officer_of
from bot.speech.progress import districts_reply, progress_reply
from bot.terms import Role

STEERING = {
    "list", "latest", "show", "districts", "past", "pause", "resume", "stop", "stop_yes", "recall", "recall_yes",
    "again", "again_yes", "doubt", "doubt_yes",
}  # fmt: skip


def router() -> Router:
    """Stands before the dialog that writes warnings: whatever is not steered is written."""
    router = Router(name="watching")
    officer = IsOfficer(Role.INSPECTOR, Role.STAFF, Role.HEAD, Role.ADMIN)
    gate, steering = Pressed("warn"), Warn.filter(F.do.in_(STEERING))
    router.callback_query.register(leave, gate, officer, steering, InForm(WatchForm))
    router.callback_query.register(steer, gate, officer, steering)
    return router


async def leave(query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Back from a question about this warning: what was written for it is dropped."""
    await state.clear()
    return await steer(query, callback_data, unit, person)


async def steer(_query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person) -> Reply:
    officer, id_ = officer_of(person), callback_data.id
    match callback_data.do:
        case "list":
            return await listed(unit, officer)
        case "latest":
            return await latest(unit, officer)
        case "past":
            warning = await unit.warnings.watched(officer, id_)
            happenings = await unit.warnings.happenings(officer, id_)
            return replace(happenings_reply(warning, happenings, unit.zone), replaces=True)
        case "districts":
            warning = await unit.warnings.watched(officer, id_)
            return replace(districts_reply(warning, await unit.warnings.districts(id_)), replaces=True)
        case "pause" | "resume":
            warning = await unit.warnings.pause(officer, id_, paused=callback_data.do == "pause")
        case "stop":
            return stop_question(await unit.warnings.watched(officer, id_))
        case "stop_yes":
            warning = await unit.warnings.cancel(officer, id_)
        case "recall":
            return recall_question(await unit.warnings.to_recall(officer, id_))
        case "recall_yes":
            warning = await unit.warnings.recall(officer, id_)
        case "again":
            return await again_question(unit, await unit.warnings.to_change(officer, id_))
        case "doubt":
            return await doubt_question(unit, await unit.warnings.to_change(officer, id_))
        case "again_yes" | "doubt_yes":
            await unit.warnings.resend(officer, id_, in_doubt=callback_data.do == "doubt_yes")
            warning = await unit.warnings.watched(officer, id_)
        case _:
            warning = await unit.warnings.watched(officer, id_)
    progress = progress_reply(warning, await unit.warnings.progress(id_), unit.zone, officer)
    choices = [*progress.choices, [choose("My warnings", Warn(do="list")), menu_choice()]]
    return replace(progress, choices=choices, replaces=True)


def stop_question(warning: WarningView) -> Reply:
    """A message of its own: the progress message above is edited by whatever moves meanwhile."""
    text = _(
        "Cancel the warning {code}? Whoever has it keeps it, nobody else will get it. This cannot be undone.",
        code=warning.code,
    )
    return _asked(text, choose("Yes, cancel it", Warn(do="stop_yes", id=warning.id)), warning)


def recall_question(warning: WarningView) -> Reply:
    text = _(
        "Recall the warning {code}? Whoever has it will see that it holds no longer, nobody else will get it. This"
        " cannot be undone.",
        code=warning.code,
    )
    return _asked(text, choose("Yes, recall it", Warn(do="recall_yes", id=warning.id)), warning)


async def again_question(unit: Unit, warning: WarningView) -> Reply:
    count = await unit.warnings.missed(warning.id)
    if not count:
        text = _("Of those not reached nobody can be reached now either.")
        return Reply(text, [[choose("Back to the warning", Warn(do="show", id=warning.id))]])
    if count > COUNTED_AT_ONCE:
        text = _(
            "Not reached, but can be reached now: more than {n} recipients. Send the warning again? Nobody who has it"
            " gets it twice.",
            n=number(COUNTED_AT_ONCE),
        )
        return _asked(text, choose("Yes, send it again", Warn(do="again_yes", id=warning.id)), warning)
    text = ngettext(
        "Not reached, but can be reached now: {n} recipient. Send the warning again? Nobody who has it gets it twice.",
        "Not reached, but can be reached now: {n} recipients. Send the warning again? Nobody who has it gets it twice.",
        count,
    )
    return _asked(text, choose("Yes, send it again", Warn(do="again_yes", id=warning.id)), warning)


async def doubt_question(unit: Unit, warning: WarningView) -> Reply:
    """Whoever says yes must know that some of them have it."""
    count = await unit.warnings.missed(warning.id, in_doubt=True)
    yes = choose("Yes, send it again", Warn(do="doubt_yes", id=warning.id))
    if not count:
        text = _("Of those of whom it is not known nobody can be reached now, or they have got the correction.")
        return Reply(text, [[choose("Back to the warning", Warn(do="show", id=warning.id))]])
    if count > COUNTED_AT_ONCE:
        text = _(
            "Not known whether it arrived: more than {n} recipients. The messenger gave no answer about them. Send the"
            " warning to them again? Some of them have it already and will get it twice.",
            n=number(COUNTED_AT_ONCE),
        )
        return _asked(text, yes, warning)
    text = ngettext(
        "Not known whether it arrived: {n} recipient. The messenger gave no answer about it. Send the warning there"
        " again? If it did arrive, it comes twice.",
        "Not known whether it arrived: {n} recipients. The messenger gave no answer about them. Send the warning to"
        " them again? Some of them may have it already and will get it twice.",
        count,
    )
    return _asked(text, yes, warning)


def _asked(text: str, yes: Choice, warning: WarningView) -> Reply:
    return Reply(text, [[yes, choose("No", Warn(do="show", id=warning.id))]])


async def listed(unit: Unit, officer: OfficerView) -> Reply:
    warnings = await unit.warnings.of_author(officer)
    last = [[choose("Write a warning", Warn(do="new")), menu_choice()]]
    if officer.has(*APPROVERS):
        last.insert(0, [choose("All warnings of the department", Warn(do="latest"))])
    if not warnings:
        return Reply(_("You have sent no warnings yet."), last)
    return Reply(_("Your latest warnings:"), [*titles(warnings), *last])


async def latest(unit: Unit, officer: OfficerView) -> Reply:
    """Whoever may approve may stop what is wrong, whoever wrote it."""
    warnings = await unit.warnings.latest(officer)
    last = [choose("My warnings", Warn(do="list")), menu_choice()]
    if not warnings:
        return Reply(_("No warning has gone out yet."), [last])
    return Reply(_("The latest warnings of the department:"), [*titles(warnings), last])


def titles(warnings: list[WarningView]) -> list[list[Choice]]:
    found = [
        Choice(f"{warning.code} · {title_of(warning.text)}", Warn(do="show", id=warning.id).pack())
        for warning in warnings
    ]
    return column(*found)
