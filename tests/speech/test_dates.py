"""Dates and times as people write them."""

from datetime import date, datetime, time

import pytest

from bot.errors import DateInPast, DateNotUnderstood
from bot.i18n import speaking
from bot.speech.dates import day_words, next_weekday, parse_date, parse_days, parse_moment, parse_time
from bot.terms import Language

NOW = datetime(2026, 11, 25, 12, 0)
FIRST = "2026-12-01 10:00"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("01.12.2026 10:00", FIRST),
        ("1.12.26 10:00", FIRST),
        ("01.12 10.00", FIRST),
        ("01/12/2026 10:00", FIRST),
        ("2026-12-01 10:00", FIRST),
        ("10:00 01.12.2026", FIRST),
        ("1 декабря 10:00", FIRST),
        ("1 Декабря 2026 года в 10:00", FIRST),
        ("1 желтоқсан 10:00", FIRST),
        ("1 желтоксан 10:00", FIRST),
        ("2026 жылғы 1 желтоқсан, 10:00", FIRST),
        ("желтоқсанның 1-і 10:00", FIRST),
        ("1 желтоқсанда сағат 10-да", FIRST),
        ("\u200f01.12.2026\u200e 10:00", FIRST),
        ("завтра 10:00", "2026-11-26 10:00"),
        ("Завтра в 10", "2026-11-26 10:00"),
        ("завтра в 7 вечера", "2026-11-26 19:00"),
        ("завтра утром в 9", "2026-11-26 09:00"),
        ("ертең 10:00", "2026-11-26 10:00"),
        ("ертең таңғы 9-да", "2026-11-26 09:00"),
        ("послезавтра к 9:00", "2026-11-27 09:00"),
        ("бүрсігүні кешкі 7:00", "2026-11-27 19:00"),
        ("бүгін 13:00", "2026-11-25 13:00"),
        ("в понедельник в 10", "2026-11-30 10:00"),
        ("дүйсенбі 10:00", "2026-11-30 10:00"),
        ("среда 10:00", "2026-12-02 10:00"),
        ("1 мая 10:00", "2027-05-01 10:00"),
        ("29.02.2028 10:00", "2028-02-29 10:00"),
    ],
)
def test_a_moment_is_understood(words: str, meant: str) -> None:
    assert parse_moment(words, NOW) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "завтра",
        "10:00",
        "вчера 10:00",
        "31.02.2027 10:00",
        "01.13.2026 10:00",
        "01.12.2026 25:00",
        "01.12.2026 10:60",
        "01.12.2099 10:00",
        "завтра или послезавтра 10:00",
        "01.12.2026 02.12.2026 10:00",
        "01.12.2026 10:00 11:00",
        "<b>01.12.2026</b> 10:00",
        "9" * 5000,
        "а б " * 1000,
    ],
)
def test_what_is_not_sure_is_not_guessed(words: str) -> None:
    with pytest.raises(DateNotUnderstood) as refusal:
        parse_moment(words, NOW)
    assert refusal.value.facts == {"example": "26.11.2026 10:00"}


@pytest.mark.parametrize("words", ["24.11.2026 10:00", "сегодня 12:00", "25.11 11:59", "бүгін 9:00"])
def test_a_moment_that_has_passed(words: str) -> None:
    with pytest.raises(DateInPast):
        parse_moment(words, NOW)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("10", time(10)),
        ("10:30", time(10, 30)),
        ("9.05", time(9, 5)),
        ("сағат  10", time(10)),
        ("в 7 вечера", time(19)),
        ("7 вечера", time(19)),
        ("кешкі 7", time(19)),
        ("0:00", time(0)),
    ],
)
def test_a_time_is_understood(words: str, meant: time) -> None:
    assert parse_time(words) == meant


@pytest.mark.parametrize("words", ["", "25", "24:00", "10:70", "утро", "10:00 11:00", "10:00 <i>"])
def test_a_time_that_is_none(words: str) -> None:
    with pytest.raises(DateNotUnderstood):
        parse_time(words)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("31.12.2026", date(2026, 12, 31)),
        ("до 31 декабря", date(2026, 12, 31)),
        ("31 желтоқсанға дейін", date(2026, 12, 31)),
        ("1 марта", date(2027, 3, 1)),
        ("сегодня", date(2026, 11, 25)),
    ],
)
def test_a_day_is_understood(words: str, meant: date) -> None:
    assert parse_date(words, NOW.date()) == meant


def test_a_day_that_is_over() -> None:
    with pytest.raises(DateInPast):
        parse_date("24.11.2026", NOW.date())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("дс, ср, жм", (0, 2, 4)),
        ("пн вт", (0, 1)),
        ("сб/вс", (5, 6)),
        ("по вторникам и пятницам", (1, 4)),
        ("сәрсенбі мен жұма", (2, 4)),
        ("каждый день", (0, 1, 2, 3, 4, 5, 6)),
        ("күн сайын", (0, 1, 2, 3, 4, 5, 6)),
        ("пятница, и ещё когда-нибудь", ()),
        ("", ()),
    ],
)
def test_days_of_the_week(words: str, meant: tuple[int, ...]) -> None:
    assert parse_days(words) == meant


@pytest.mark.parametrize("language", list(Language))
def test_the_days_we_show_are_days_we_understand(language: Language) -> None:
    with speaking(language):
        for days in ((0, 1, 2), (3, 4), (5, 6)):
            assert parse_days(day_words(days)) == days


def test_the_next_weekday_is_never_today() -> None:
    assert next_weekday(date(2026, 11, 25), 2) == date(2026, 12, 2)
    assert next_weekday(date(2026, 11, 25), 0) == date(2026, 11, 30)
