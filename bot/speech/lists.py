"""The list of an officer's tips: eight a page by the time that is left, a sort a button, counts in the head."""

from bot.errors import N_
from bot.i18n import _, number
from bot.services.tips import Sort, TipPage, TipView
from bot.speech import Choice, Reply, choose, column, pair, rows
from bot.speech.calls import Card, Open
from bot.speech.cards import left_words
from bot.speech.pages import turns

SORTS = {
    Sort.ALL: N_("All"),
    Sort.URGENT: N_("Urgent"),
    Sort.MINE: N_("Wait for me"),
    Sort.RESIDENT: N_("Wait for the sender"),
    Sort.DESK: N_("My desk"),
}


def list_reply(page: TipPage, *, replaces: bool = False) -> Reply:
    menu = choose("Menu", Open(what="menu"))
    if not page.counts[Sort.ALL]:
        return Reply(_("No open tips. A quiet hour."), [[menu]])
    lines = [_("Tips in work, by the time left:"), pair(_("In all"), number(page.counts[Sort.ALL]))]
    if page.overdue:
        lines.append(pair(_("❗ Overdue"), number(page.overdue)))
    if page.sort is not Sort.ALL:
        lines.append(pair(_("Shown"), _(SORTS[page.sort])))
    if not page.tips:
        lines.append(_("There are none of these now."))
    elif page.pages > 1:
        lines.append(_("Page {page} of {pages}", page=number(page.page + 1), pages=number(page.pages)))
    choices = [Choice(_label(tip), Card(do="show", tip=tip.id).pack()) for tip in page.tips]
    return Reply(
        "\n".join(lines),
        [*column(*choices), *turns(page.page, page.pages, lambda n: _card(page.sort, n)), *rows(_sorts(page)), [menu]],
        replaces=replaces,
    )


def _label(tip: TipView) -> str:
    return " ".join(word for word in (f"№ {tip.number}", tip.category.icon, _where(tip)) if word)


def _where(tip: TipView) -> str:
    return " · ".join(word for word in (str(tip.state_name), left_words(tip)) if word)


def _sorts(page: TipPage) -> list[Choice]:
    """Those there is something in, and the one that is shown."""
    shown = [sort for sort in Sort if page.counts[sort] or sort is page.sort]
    return [
        Choice(
            f"{'• ' if sort is page.sort else ''}{_(SORTS[sort])}: {number(page.counts[sort])}", _card(sort, 0).pack()
        )
        for sort in shown
    ]


def _card(sort: Sort, page: int) -> Card:
    return Card(do="list", tip=page, code=sort.value)
