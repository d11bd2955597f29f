"""At most six buttons at once, only legal ones, each of them somewhere."""

from typing import Any

import pytest

from bot.i18n import speaking
from bot.services.incidents import Alike
from bot.services.tips import PartView, Steps, TipView
from bot.speech.acts import card_choices, more_reply
from bot.terms import Identity, Language, PartKind, StateType, Urgency
from tests.speech.test_moves import NOW, tip

ALL = Steps(frozenset({"take", "ask", "answer", "close", "hand_over"}))
LONG = PartView(1, PartKind.TEXT, "story", "я" * 3000, None, by_officer=False, created_at=NOW)


def every(view: TipView) -> list[list[str]]:
    """The first page and those behind «More»."""
    with speaking(Language.RU):
        pages = [[choice.label for row in card_choices(view) for choice in row]]
        if "Ещё" in pages[0]:
            number = 0
            while True:
                page = [choice.label for row in more_reply(view, number).choices for choice in row]
                if len(pages) > 1 and page == pages[1]:
                    break
                pages.append(page)
                number += 1
                if "Ещё" not in page:
                    break
    return pages


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"parts": (LONG,)},
        {"parts": (LONG,), "alike": (Alike(7, 1007),), "point": (50.0, 73.0)},
        {"urgency": Urgency.U3},
        {"taken_at": NOW, "state": "taken", "officer_id": 1, "desk_id": None},
        {"is_restricted": True},
        {"identity": Identity.CUT},
    ],
)
def test_at_most_six_at_once_and_each_of_them_somewhere(changes: dict[str, Any]) -> None:
    pages = every(tip(steps=ALL, **changes))
    assert all(len(page) <= 6 for page in pages), pages
    shown = {label for page in pages for label in page}
    wanted = {"Закрыть", "Следующее сообщение", "Вся переписка", "Заметка для коллег", "Почему мне?"}
    assert wanted <= shown, wanted - shown
    assert "Следующее сообщение" in pages[0]
    assert ("Передать другому" in shown) is not changes.get("is_restricted", False)
    assert ("Ответить отправителю" in shown) is (changes.get("identity") is not Identity.CUT)


def test_what_was_opened_again_is_taken_before_anything_else() -> None:
    """Its time to be taken runs anew: the button must not lie behind «More»."""
    shown = every(tip(steps=ALL, taken_at=NOW, state="reopened", officer_id=1, desk_id=None))
    assert shown[0][0] == "Взять в работу"


def test_what_is_not_legal_is_not_offered() -> None:
    shown = {label for page in every(tip(steps=Steps(frozenset({"answer"})))) for label in page}
    assert "Ответить отправителю" in shown
    assert not {"Взять в работу", "Закрыть", "Передать другому", "Задать вопрос"} & shown


def test_of_a_closed_tip_only_the_past_is_left() -> None:
    (labels,) = every(tip(steps=Steps(), state="closed", state_type=StateType.CLOSED))
    assert labels == ["Вся переписка", "Заметка для коллег", "Сообщения в работе"]
