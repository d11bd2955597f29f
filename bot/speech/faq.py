"""Frequent questions: found by words before a tip is begun, and listed on the page of help."""

from functools import cache
from typing import Any

from aiogram.filters.callback_data import CallbackData

from bot.data import load
from bot.i18n import Bilingual, _, day
from bot.patterns import Lexicon, Said, Table
from bot.speech import Reply, choose, choose_named, column
from bot.speech.calls import Open

PAGE = 7


class Asked(CallbackData, prefix="faq"):
    """Frequent questions and their answers."""

    do: str  # list, show, tip, thanks
    code: str = ""


def entry(code: str) -> dict[str, Any] | None:
    return next((item for item in load("faq")["faq"] if item["code"] == code), None)


def answered_by(text: str) -> str:
    """The entry this question is about, by its code; empty: none. Pure."""
    lexicon, table = _book()
    said = Said(text, lexicon)
    scores: dict[str, int] = {}
    for code, pattern in table.possible(said.filled):
        if said.has(pattern):
            scores[code] = scores.get(code, 0) + len(pattern.slots)
    return max(scores, key=lambda code: scores[code]) if scores else ""


@cache
def _book() -> tuple[Lexicon, Table[str]]:
    lexicon = Lexicon("faq.toml")
    return lexicon, lexicon.table([(item["code"], line) for item in load("faq")["faq"] for line in item["words"]])


def faq_list(page: int = 0) -> Reply:
    entries = load("faq")["faq"]
    pages = -(-len(entries) // PAGE)
    page %= pages
    choices = [
        choose_named(Bilingual(item["kk"], item["ru"]), Asked(do="show", code=item["code"]))
        for item in entries[page * PAGE : (page + 1) * PAGE]
    ]
    more = [choose("More", Asked(do="list", code=str((page + 1) % pages)))] if pages > 1 else []
    return Reply(_("Frequent questions:"), [*column(*choices), [*more, choose("Menu", Open(what="menu"))]])


def faq_words(code: str) -> str:
    item = entry(code)
    if item is None:
        return ""
    title = Bilingual(item["kk"], item["ru"])
    answer = Bilingual(item["answer_kk"], item["answer_ru"])
    return f"{title}\n\n{answer}\n\n{_('Checked: {date}.', date=day(item['checked']))}"


def faq_answer(code: str) -> Reply:
    choices = [choose("Other questions", Asked(do="list")), choose("Send a tip", Open(what="report"))]
    return Reply(faq_words(code), [*column(*choices), [choose("Menu", Open(what="menu"))]])


def maybe_answered(code: str) -> Reply:
    """Before a tip is begun; the words stay, should the answer not be what was meant."""
    head = _("Maybe this answers it:")
    choices = column(choose("No, send a tip", Asked(do="tip")), choose("Thank you, that is enough", Asked(do="thanks")))
    return Reply(f"{head}\n\n{faq_words(code)}", choices, tag=f"faq:{code}")
