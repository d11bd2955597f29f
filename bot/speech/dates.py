"""Dates and times as people write them, Kazakh or Russian; weekdays in words. Wall time, naive by design."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from bot.errors import N_, DateInPast, DateNotUnderstood
from bot.i18n import _

DAY_NAMES = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
YEARS_AHEAD = 3  # further off it is a slip of the finger

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0f\ufeff]")
_PLAIN = str.maketrans("қғңөұүһіәё", "кгноуухиае")  # Kazakh typed on a Russian keyboard reads the same
_WORD = re.compile(r"[^\W\d_]+")

# Stems, after `_PLAIN`. "мая" and "май" differ by more than an ending, so both are there.
_MONTHS = {
    "январ": 1, "феврал": 2, "март": 3, "апрел": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "август": 8,
    "сентябр": 9, "октябр": 10, "ноябр": 11, "декабр": 12,
    "кантар": 1, "акпан": 2, "наурыз": 3, "сауир": 4, "мамыр": 5, "маусым": 6, "шилде": 7, "тамыз": 8,
    "кыркуйек": 9, "казан": 10, "караша": 11, "желтоксан": 12,
}  # fmt: skip
_NEAR = {
    "сегодня": 0, "бугин": 0, "завтра": 1, "ертен": 1, "ертенги": 1, "послезавтра": 2, "бурсигуни": 2, "арги": 2,
}  # fmt: skip
_WEEKDAYS = {
    "пн": 0, "понедельник": 0, "дс": 0, "дуйсенби": 0, "вт": 1, "вторник": 1, "сс": 1, "сейсенби": 1,
    "ср": 2, "сред": 2, "сарсенби": 2, "чт": 3, "четверг": 3, "бс": 3, "бейсенби": 3, "пт": 4, "пятниц": 4,
    "жм": 4, "жума": 4, "сб": 5, "суббот": 5, "сн": 5, "сенби": 5, "вс": 6, "воскресень": 6, "жс": 6, "жексенби": 6,
}  # fmt: skip
_EVENING = {"вечера", "вечером", "дня", "кешки", "кешке", "кеште"}
_MORNING = {"утра", "утром", "тангы", "танертен", "танертенги"}
_NOISE = {
    "в", "во", "на", "с", "к", "до", "г", "год", "года", "числа", "час", "часа", "часов", "по", "и", "каждый",
    "каждую", "каждое", "сагат", "жыл", "жылы", "жылгы", "жылдын", "куни", "кун", "да", "де", "та", "те", "га", "ге",
    "ка", "ке", "дейин", "ши", "шы", "не", "ына", "ине", "сына", "сине", "мен", "жане", "сайын", "ар",
}  # fmt: skip

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])\s*[:.]\s*([0-5]\d)(?![\d.])")
_COLON = re.compile(r"(?<![\d:])(\d{1,2})\s*:\s*(\d{2})(?![\d:])")
_HOUR = re.compile(
    r"(?:(?<=\bв )|(?<=\bсагат )|(?<=\bтангы )|(?<=\bкешки ))(\d{1,2})(?![\d.:])"
    r"|(?<![\d.:])(\d{1,2})(?= час| утра| вечера| дня)"
)
_DAILY = re.compile(r"кажды\w+ день|ежедневно|кун сайын")
_ISO = re.compile(r"(?<!\d)(20\d\d)-(\d{1,2})-(\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})(?:[./-](20\d\d|\d\d))?(?!\d)")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


class _Line:
    """What is left of a line while its parts are taken out of it."""

    def __init__(self, text: str) -> None:
        folded = _INVISIBLE.sub("", text).casefold().translate(_PLAIN)
        self.left = re.sub(r"[\s,;()«»\"']+", " ", folded)

    def take(self, pattern: re.Pattern[str]) -> list[str] | None:
        found = pattern.search(self.left)
        if found is None:
            return None
        self.left = f"{self.left[: found.start()]} {self.left[found.end() :]}"
        return [group or "" for group in found.groups()]

    def take_word(self, words: Collection[str], *, stems: bool = False) -> str | None:
        for found in _WORD.finditer(self.left):
            word = found[0]
            key = next((one for one in words if word == one or (stems and _is_form(word, one))), None)
            if key is not None:
                self.left = f"{self.left[: found.start()]} {self.left[found.end() :]}"
                return key
        return None

    def is_empty(self) -> bool:
        """Nothing but small words: whatever else stands there was not understood, and is not guessed at."""
        rest = re.sub(r"[\s./\-–—:]+", " ", self.left).split()
        return all(word in _NOISE for word in rest)


def _is_form(word: str, stem: str) -> bool:
    """The stem with a case ending: two-letter names take none."""
    return len(stem) > 2 and word.startswith(stem) and len(word) <= len(stem) + 5


def example(now: datetime) -> str:
    """Tomorrow at ten, as the person may type it."""
    return f"{now.date() + timedelta(days=1):%d.%m.%Y} 10:00"


def parse_moment(text: str, now: datetime) -> datetime:
    """«01.12.2026 10:00», «1 желтоқсан 10:00», «завтра в 10». `now` is naive wall time. Raises DateNotUnderstood,
    DateInPast."""
    line = _Line(text)
    refusal = DateNotUnderstood(example=example(now))
    at = _take_time(line, colon_only=True)
    day = _take_date(line, now.date())
    at = at or _take_time(line)
    if day is None or at is None or not line.is_empty():
        raise refusal
    moment = datetime.combine(day, at)
    if moment <= now:
        raise DateInPast
    return moment


def parse_time(text: str) -> time:
    """«10:00», «10.00», «10», «сағат 10», «в 7 вечера». Raises DateNotUnderstood."""
    line = _Line(text)
    at = _take_time(line)
    if at is None and (bare := line.take(_DAY)):
        at = _clock(line, int(bare[0]), 0)
    if at is None or not line.is_empty():
        raise DateNotUnderstood(example="10:00")
    return at


def parse_date(text: str, today: date) -> date:
    """A day that is not over. Raises DateNotUnderstood, DateInPast."""
    line = _Line(text)
    day = _take_date(line, today)
    if day is None or not line.is_empty():
        raise DateNotUnderstood(example=f"{today + timedelta(days=30):%d.%m.%Y}")
    if day < today:
        raise DateInPast
    return day


def parse_days(text: str) -> tuple[int, ...]:
    """«дс, ср, жм», «по вторникам и пятницам»; 0 is Monday. Empty when anything else is said."""
    line = _Line(text)
    days = set(range(7)) if line.take(_DAILY) is not None else set()
    while (word := line.take_word(_WEEKDAYS, stems=True)) is not None:
        days.add(_WEEKDAYS[word])
    return tuple(sorted(days)) if line.is_empty() else ()


def _take_time(line: _Line, *, colon_only: bool = False) -> time | None:
    """Before the date is known "01.12" may be a day: then only a colon says that it is a time."""
    found = line.take(_COLON)
    if found is None and colon_only:
        return None
    found = found or line.take(_CLOCK)
    if found is not None:
        return _clock(line, int(found[0]), int(found[1]))
    if (hour := line.take(_HOUR)) is not None:
        return _clock(line, int(hour[0] or hour[1]), 0)
    return None


def _clock(line: _Line, hour: int, minute: int) -> time | None:
    if line.take_word(_EVENING) and hour < 12:
        hour += 12
    elif line.take_word(_MORNING) and hour > 12:
        return None
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _take_date(line: _Line, today: date) -> date | None:
    near = line.take_word(_NEAR)
    if near is not None:
        return today + timedelta(days=_NEAR[near])
    if (iso := line.take(_ISO)) is not None:
        return _date(int(iso[0]), int(iso[1]), int(iso[2]), today)
    month = line.take_word(_MONTHS, stems=True)
    if month is not None:
        year = line.take(_YEAR)
        day = line.take(_DAY)
        return _date(int(year[0]) if year else None, _MONTHS[month], int(day[0]), today) if day else None
    if (dotted := line.take(_DOTTED)) is not None:
        year_words = dotted[2]
        number = int(year_words) + (2000 if len(year_words) == 2 else 0) if year_words else None
        return _date(number, int(dotted[1]), int(dotted[0]), today)
    weekday = line.take_word(_WEEKDAYS, stems=True)
    return next_weekday(today, _WEEKDAYS[weekday]) if weekday is not None else None


def _date(year: int | None, month: int, day: int, today: date) -> date | None:
    """Without a year: the next such day."""
    try:
        found = date(year or today.year, month, day)
        if year is None and found < today:
            found = date(today.year + 1, month, day)
    except ValueError:
        return None
    return found if found.year <= today.year + YEARS_AHEAD else None


def next_weekday(today: date, weekday: int) -> date:
    """Strictly after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def day_words(days: Collection[int]) -> str:
    return ", ".join(_(DAY_NAMES[day]) for day in sorted(days))
