"""What a move says: the sender always the present holder, the former holder no more than was his."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import Bilingual, speaking
from bot.services.deliveries import Delivery
from bot.services.tips import CategoryView, TipView
from bot.speech.cards import tip_card
from bot.speech.notices import template_facts, word
from bot.terms import Identity, Lane, Language, Messenger, NoticeKind, StateType, Urgency

ZONE = ZoneInfo("Asia/Almaty")
NOW = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
DUTY = Bilingual("Кезекші бөлім", "Дежурная часть")


def tip(**more: Any) -> TipView:
    base: dict[str, Any] = {
        "id": 1, "number": 1001, "category": CategoryView("noise", "🔊", Bilingual("Шу", "Шум"), None, Urgency.U1),
        "urgency": Urgency.U1, "state": "routed", "state_name": Bilingual("Берілді", "Передано"),
        "state_type": StateType.OPEN, "identity": Identity.HIDDEN, "sender": "№1001-001", "language": Language.RU,
        "place": "", "point": None, "precinct_id": 1, "officer_id": None, "desk_id": 5, "created_at": NOW,
        "due_at": NOW + timedelta(minutes=30), "closed_at": None, "outcome": None, "rating": None, "holder": DUTY,
    }  # fmt: skip
    return TipView(**(base | more))


def delivery(kind: NoticeKind, facts: dict[str, Any], about: TipView | None = None) -> Delivery:
    return Delivery(
        id=1, fence=1, kind=kind, lane=Lane.ANSWER, talk=1, attempts=0, doubt="", messenger=Messenger.TELEGRAM,
        address="1", is_group=False, language=Language.RU, endpoint_id=1, resident_id=1, facts=facts, tip=about,
    )  # fmt: skip


def said(kind: NoticeKind, facts: dict[str, Any], about: TipView | None = None) -> str:
    return word(delivery(kind, facts, about), ZONE).rendered()[0]


def test_the_sender_reads_who_has_it_and_by_when_he_answers() -> None:
    text = said(NoticeKind.TIP_MOVED, {"how": "silence"}, tip())
    assert text == "Сообщение № 1001 теперь рассматривает: Дежурная часть. Срок ответа: 1 сентября 2026 года, 09:30."


def test_a_template_can_say_it_when_free_words_may_not() -> None:
    facts = template_facts(delivery(NoticeKind.TIP_MOVED, {"how": "silence"}, tip()), ZONE)
    assert (facts["number"], facts["holder"]) == ("1001", "Дежурная часть")
    assert facts["due"] == "1 сентября 2026 года, 09:30"


def test_a_place_that_moved_a_tip_is_said_to_who_had_it() -> None:
    text = said(NoticeKind.CARD_LEFT, {"number": 1001, "reason": "place", "to": ["Кезекші бөлім", "Дежурная часть"]})
    first, second = text.splitlines()
    assert first == "Отправитель указал место сообщения № 1001: там отвечает другой сотрудник."
    assert "Дежурная часть" in second


def test_information_without_a_promised_time_promises_none() -> None:
    assert said(NoticeKind.TIP_MOVED, {"how": "silence"}, tip(due_at=None)).endswith(
        "теперь рассматривает: Дежурная часть."
    )


def test_a_late_answer_is_regretted_and_a_new_time_promised() -> None:
    text = said(NoticeKind.TIP_MOVED, {"how": "late"}, tip())
    assert "приносим извинения" in text
    assert "Дежурная часть" in text


def test_another_inspector_is_named_and_a_desk_is_no_inspector() -> None:
    asel = tip(officer_id=2, desk_id=None, holder=Bilingual("Әсел", "Асель"))
    assert "другому инспектору. Инспектор: Асель" in said(NoticeKind.TIP_MOVED, {"how": "handed_over"}, asel)
    assert "инспектор" not in said(NoticeKind.TIP_MOVED, {"how": "handed_over"}, tip())


def test_the_former_holder_reads_only_what_was_written_then() -> None:
    facts = {"number": 1001, "reason": "silence", "to": ["Кезекші бөлім", "Дежурная часть"]}
    later = tip(holder=Bilingual("Құпия", "Секрет"), is_restricted=True, place="улица Тайная, 1")
    text = said(NoticeKind.CARD_LEFT, facts, later)
    assert "Дежурная часть" in text
    assert "Секрет" not in text
    assert "Тайная" not in text
    assert said(NoticeKind.CARD_LEFT, {"number": 1001, "reason": "conflict"}) == "Сообщение № 1001 больше не у вас."


@pytest.mark.parametrize(
    ("what", "officer", "words"),
    [
        ("away", {"kk": "Әсел", "ru": "Асель"}, "Ваши новые сообщения получает: Асель."),
        ("away", None, "Вас никто не замещает"),
        ("substitute", {"kk": "Әсел", "ru": "Асель"}, "Вы замещаете: Асель."),
        ("substitute_cancelled", {"kk": "Әсел", "ru": "Асель"}, "больше не замещаете: Асель"),
        ("away_cancelled", None, "Отметка о вашем отсутствии снята"),
    ],
)
def test_who_stands_in_is_told_with_the_days(what: str, officer: dict[str, str] | None, words: str) -> None:
    facts = {"what": what, "officer": officer, "first_day": "2026-09-01", "last_day": "2026-09-03"}
    text = said(NoticeKind.ROSTER, facts)
    assert words in text
    assert "1 сентября 2026 года — 3 сентября 2026 года" in text


def card(**more: Any) -> str:
    with speaking(Language.RU):
        return tip_card(tip(**more), ZONE).render()[0]


def test_the_card_says_by_when_to_take_it_until_it_is_taken() -> None:
    assert "Взять в работу до: 1 сентября 2026 года, 09:15" in card(accept_by=NOW + timedelta(minutes=15))
    assert "Взять в работу до" not in card()


def test_the_card_tells_of_a_border_and_of_a_place_outside() -> None:
    place = Bilingual("№ 102", "№ 102")
    assert "На границе. По другую сторону: № 102." in card(neighbour=place)
    assert "до ближайшего участка 350 м (№ 102)" in card(neighbour=place, outside_metres=350.4)
    assert "до ближайшего участка 2,6 км." in card(outside_metres=2561.0)
    assert "границ" not in card()
