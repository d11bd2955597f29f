"""Ready answers on the screen: titles to choose from, then both languages before it is sent."""

from collections.abc import Sequence

from bot.i18n import Bilingual, _
from bot.services.answers import AnswerView
from bot.services.tips import TipView
from bot.speech import Reply, choose, choose_named, pair
from bot.speech.calls import Ready
from bot.speech.pages import paged
from bot.speech.work import to_card
from bot.terms import Language

PAGE = 6


def ready_list(answers: Sequence[AnswerView], tip: TipView, page: int) -> Reply:
    """His own words are still taken: the dialog stands at the same step."""
    if not answers:
        text = _("There are no ready answers for this step. Write it in your own words.")
        return Reply(text, [[to_card(tip.id)]], open=True)
    choices = [choose_named(answer.title, Ready(do="pick", tip=tip.id, code=answer.code)) for answer in answers]
    shown = paged(choices, page, PAGE, lambda n: Ready(do="list", tip=tip.id, page=n))
    text = _("Choose a ready answer or write it in your own words.")
    return Reply(text, [*shown, [to_card(tip.id)]], replaces=True)


def preview(answer: AnswerView, words: Bilingual, tip: TipView) -> Reply:
    names = {Language.KK: _("in Kazakh"), Language.RU: _("in Russian")}
    lines = [
        pair(_("Kazakh"), words.kk),
        pair(_("Russian"), words.ru),
        _("The sender gets it {language}.", language=names[tip.language]),
    ]
    send = choose("Send", Ready(do="send", tip=tip.id, code=answer.code))
    others = choose("Other answers", Ready(do="list", tip=tip.id))
    return Reply("\n\n".join(lines), [[send], [others, to_card(tip.id)]], replaces=True)
