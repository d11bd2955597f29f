"""Whether words name an officer: by surname in any case, badge or phone. Pure.

A street, a school or a square that bears the same name does not name him, nor does somebody with other initials.
A bare surname is a hint (neighbours may share it); with a rank, a given name, a badge or a phone it is sure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.addresses.words import skeleton
from bot.services.officers import OfficerView

_RUSSIAN = "а у ю е ом ем ым им ы и ой ей ою ых их ыми ими ов ев овы ово я ам ами ах"
_KAZAKH = (
    "ның нің дың дің тың тің ға ге қа ке на не ны ні ды ді ты ті да де та те нда нде дан ден тан тен нан нен "
    "мен бен пен менен ша ше лар лер дар дер тар тер лардың лердің дардың дердің тардың тердің ларға дарға тарға "
    "тікі дікі нікі дай дей тай тей мын мін сың сің ы і сы сі ын ін сын сін ға ма ма ба бе па пе"
)
_ADJECTIVE = "ий ого ому им ом ая ой ую ою ие их ими"
_SURNAME = re.compile(r"(?:ов|ев|ин|ын)а?$|(?:ск|цк)(?:ий|ая)$|енко$|тегі$")
_PATRONYMIC = re.compile(r"(?:ович|евич|овна|евна|ична|ұлы|улы|қызы|кызы|оглы|гызы)$")
_WORD = re.compile(r"\d[\w/]*|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*\.?")
_PHONE = re.compile(r"\+?\d(?:[\s\-–()\u00a0]{0,2}\d){9,11}")
_LATIN_LIKE = str.maketrans("авекмнорстух", "abekmhopctyx")
SHORTEST = 4  # letters a surname needs to be looked for without a rank beside it («Ли», «Ким»)

_OFFICER = (
    "участков учаскел инспектор полиц сотрудник қызметкер капитан майор лейтенант сержант старшина подполковник "
    "полковник генерал дежурн кезекші следовател тергеуші оперативник начальник бастығ бастык патрул офицер мент"
)
_PLACE = (
    "улиц көше көшесі проспект даңғыл бульвар переул тұйығ проезд площад алаң парк саябақ сквер школ мектеп гимназ "
    "лице микрорайон ауыл село поселок станци аялдам остановк памятник ескерткіш стадион имени атында мешіт мечет"
)
_PLACE_SHORT = "ул к-сі көш пр просп пер б-р пл мкр им ат"
_HOUSE = "үй үйі дом д үйде доме"
_UNITS = "тыс тысяч мың тг тенге теңге лет жас раз рет мин минут час сағат человек адам процент млн миллион"


def _stems(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(skeleton(word) for word in words.split()))


_OFFICER_STEMS, _PLACE_STEMS = _stems(_OFFICER), _stems(_PLACE)
_PLACE_WORDS, _HOUSE_WORDS, _UNIT_STEMS = set(_stems(_PLACE_SHORT)), set(_stems(_HOUSE)), _stems(_UNITS)
_BADGE_STEMS = _stems("жетон знач төсбелгі нагрудн белгі удостоверен куәлі badge")


@dataclass(frozen=True, slots=True)
class Naming:
    """The word that names him. Unsure: his surname and nothing more; `is_him`: no namesake can be meant."""

    word: str
    is_sure: bool
    is_him: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    word: str
    key: str  # how every spelling of it is written

    @property
    def is_number(self) -> bool:
        return self.word[0].isdigit()

    def begins(self, stems: tuple[str, ...]) -> bool:
        return self.key.startswith(stems)


def naming_in(words: str, officer: OfficerView) -> Naming | None:
    """The surest way in which the words name this officer; None: they do not."""
    badge = _badge_in(words, officer.badge)
    if badge:
        return Naming(badge, True, True)
    phone = _phone_in(words, officer.phone)
    if phone:
        return Naming(phone, True, True)
    said = [_Said(word, skeleton(word.rstrip(".").casefold())) for word in _WORD.findall(words)]
    best: Naming | None = None
    for name in dict.fromkeys((officer.name.kk, officer.name.ru)):
        for surname, given in _parts(name):
            for place, item in enumerate(said):
                if item.key not in _forms(surname) or _is_place(said, place, surname):
                    continue
                rank = _has_officer_word(said, place)
                beside = _given_beside(said, place, given)
                if beside is False and not rank:
                    continue  # А. Тогайбаев is not Е. Тогайбаев
                if beside:
                    return Naming(item.word, True, True)
                if rank:
                    best = Naming(item.word, True)
                elif _stands_alone(surname):
                    best = best or Naming(item.word, False)
    return best


# -- names


def _parts(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """(surname, given names) of «Асқар Тоғайбаев», «Сарсенов А. М.»: which word is the surname is told by its end."""
    words = [word for word in re.split(r"[\s.\-]+", name) if word]
    whole = [word for word in words if len(word) > 1 and not _PATRONYMIC.search(word.casefold())]
    surnames = [word for word in whole if _SURNAME.search(word.casefold())] or whole[-1:]
    given = tuple(word for word in words if word not in surnames)
    return [(surname.casefold(), tuple(word.casefold() for word in given)) for surname in surnames]


def _stands_alone(surname: str) -> bool:
    return bool(_SURNAME.search(surname)) and len(skeleton(surname)) >= SHORTEST


@lru_cache(maxsize=8192)
def _forms(surname: str) -> frozenset[str]:
    """Every case of a surname, in one spelling; of a woman's also her husband's, of a man's also his wife's."""
    adjective = re.search(r"(?:ск|цк)(?:ий|ая)$", surname)
    if adjective:
        stem = surname[:-2]
        return frozenset(skeleton(stem + end) for end in _ADJECTIVE.split()) | frozenset(
            skeleton(stem + last + end) for last in ("ий", "ая") for end in _KAZAKH.split()
        )
    stem = surname[:-1] if re.search(r"(?:ов|ев|ин|ын)а$", surname) else surname
    kazakh = [f"{base}{end}" for base in (stem, f"{stem}а") for end in _KAZAKH.split()]
    russian = [f"{stem}{end}" for end in _RUSSIAN.split()]
    return frozenset(skeleton(form) for form in (stem, f"{stem}а", *russian, *kazakh))


# -- what stands around the surname


def _is_place(said: Sequence[_Said], place: int, surname: str) -> bool:
    """«улица Тогайбаева», «Тоғайбаев көшесінде», «Тогайбаева, 15»: a place is called after somebody."""
    stem = surname[:-1] if surname.endswith("а") else surname
    called = said[place].key in {skeleton(f"{stem}{end}") for end in ("", "а", "ой", "у", "е")}
    if not called:
        return False
    following = said[place + 1 : place + 3]
    if following and _names_place(following[0]):
        return True
    bare = said[place].key == skeleton(stem)
    before = said[max(0, place - 2) : place]
    numbered = bool(following) and following[0].is_number and not _counts(following[1:])
    if any(_names_place(item) for item in before) and (not bare or numbered):
        return True
    if not numbered:
        return False
    return not bare or (len(following) > 1 and following[1].key in _HOUSE_WORDS)


def _names_place(item: _Said) -> bool:
    return item.key in _PLACE_WORDS or item.begins(_PLACE_STEMS)


def _counts(following: Sequence[_Said]) -> bool:
    return any(item.begins(_UNIT_STEMS) for item in following[:1])


def _has_officer_word(said: Sequence[_Said], place: int) -> bool:
    around = (*said[max(0, place - 3) : place], *said[place + 1 : place + 3])
    return any(item.begins(_OFFICER_STEMS) for item in around)


def _given_beside(said: Sequence[_Said], place: int, given: tuple[str, ...]) -> bool | None:
    """True: his own name or initial stands beside; False: another's initial does; None: neither."""
    beside = [said[n] for n in (place - 1, place + 1) if 0 <= n < len(said)]
    keys = tuple(skeleton(name) for name in given)
    for item in beside:
        if len(item.key) > 2 and any(len(key) > 2 and item.key.startswith(key[:-1]) for key in keys):
            return True
    initials = [item for item in beside if item.word.endswith(".") and len(item.word) == 2 and item.word[0].isupper()]
    if not initials or not keys:
        return None
    return any(key.startswith(item.key) for item in initials for key in keys)


# -- badge and phone


def _badge_in(words: str, badge: str) -> str | None:
    """«A-1001», «А1001», «a 1001»; a badge of few digits alone only behind the word for it."""
    letters = re.findall(r"[^\W\d_]+|\d+", badge.casefold().translate(_LATIN_LIKE))
    if not any(part.isdigit() for part in letters):
        return None
    text = words.casefold().translate(_LATIN_LIKE)
    found = re.search(r"(?<!\w)" + r"[\s\-–—№/]{0,2}".join(map(re.escape, letters)) + r"(?!\w)", text)
    if found is None:
        return None
    if len(letters) == 1 and len(letters[0]) < 6:
        before = [skeleton(word.rstrip(".")) for word in _WORD.findall(words[: found.start()].casefold())[-3:]]
        if not any(word.startswith(_BADGE_STEMS) for word in before):
            return None
    return words[found.start() : found.end()]


def _phone_in(words: str, phone: str) -> str | None:
    wanted = re.sub(r"\D", "", phone)[-10:]
    if len(wanted) < 10:
        return None
    for found in _PHONE.finditer(words):
        if re.sub(r"\D", "", found[0])[-10:] == wanted:
            return found[0]
    return None
