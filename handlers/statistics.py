"""For staff and heads: how many tips first went to a wrong holder, and where silence moved them on."""

from datetime import timedelta

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.errors import N_
from bot.i18n import _, day, ngettext, number
from bot.services.residents import Person
from bot.services.statistics import Routed, RungShare, Share
from bot.services.unit import Unit
from bot.speech import Reply, choose, pair
from bot.speech.calls import Open, Opens
from bot.speech.filters import IsOfficer
from bot.speech.moves import RUNGS
from bot.terms import Role

PERIODS = {
    "statistics_7": (7, N_("7 days")), "statistics": (30, N_("30 days")), "statistics_90": (90, N_("90 days")),
}  # fmt: skip
SHOWN = 10  # lines of one list


def router() -> Router:
    router = Router(name="statistics")
    above = IsOfficer(Role.STAFF, Role.HEAD, Role.ADMIN)
    router.message.register(show_message, Command("statistics"), above)
    router.callback_query.register(show, Opens(*PERIODS), above)
    return router


async def show_message(_message: Message, unit: Unit, person: Person) -> Reply:
    return await statistics(unit, person, "statistics")


async def show(query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    return await statistics(unit, person, Open.unpack(query.data or "").what)


async def statistics(unit: Unit, person: Person, period: str) -> Reply:
    days, _words = PERIODS[period]
    routed = await unit.statistics.routed(unit.clock.now() - timedelta(days=days), person.officer)
    others = [choose(words, Open(what=what)) for what, (_days, words) in PERIODS.items() if what != period]
    lines = [words_of(routed, unit), "", *warning_lines(*await unit.warnings.gone_since(routed.since))]
    return Reply("\n".join(lines), [others, [choose("Menu", Open(what="menu"))]])


def words_of(routed: Routed, unit: Unit) -> str:
    lines = [
        _("Tips since {day}: {n}", day=day(routed.since.astimezone(unit.zone).date()), n=number(routed.tips)),
        pair(_("First went to a wrong holder"), part_of(routed.misrouted, routed.tips)),
    ]
    lines += listed(_("By category:"), routed.categories)
    lines += listed(_("By border of precincts:"), routed.borders)
    silent = [line(_(RUNGS[share.rung]), share) for share in routed.rungs if share.rung in RUNGS]
    if silent:
        lines += ["", _("Not taken in time and moved on, by rung:"), *silent]
    return "\n".join(lines)


def warning_lines(gone: int, by_campaigns: int) -> list[str]:
    return [pair(_("Warnings sent"), number(gone)), pair(_("Of them by campaigns"), number(by_campaigns))]


def listed(head: str, shares: tuple[Share, ...]) -> list[str]:
    told = [share for share in shares if share.moved][:SHOWN]
    if not told:
        return []
    return ["", head, *(line(str(share.name or _("The rest")), share) for share in told)]


def line(name: str, share: Share | RungShare) -> str:
    return f"• {pair(name, part_of(share.moved, share.tips))}"


def part_of(moved: int, tips: int) -> str:
    """«3 of 40 tips (7.5 %)»"""
    percent = number(round(100 * moved / tips, 1)) if tips else number(0)
    return ngettext("{moved} of {n} tip ({percent} %)", "{moved} of {n} tips ({percent} %)", tips, moved=number(moved),
                    percent=percent)  # fmt: skip
