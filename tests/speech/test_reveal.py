"""What a text tells about its writer is shown to him before it goes."""

import re

import pytest

from bot.speech.reveal import MOST, _patterns, revealed
from tests.steps import steps, work


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("Позвоните мне +7 701 123 45 67 вечером", "phone", "+7 701 123 45 67"),
        ("Нөмірім 87011234567, хабарласыңыз", "phone", "87011234567"),
        ("тел. 8(701)123-45-67", "phone", "8(701)123-45-67"),
        ("пишите на aigul.s@mail.kz", "email", "aigul.s@mail.kz"),
        ("менің инстаграмым @aigul_test95 сол жерден көріңіз", "handle", "@aigul_test95"),
        ("вот он t.me/someone_here", "handle", "t.me/someone_here"),
        ("ИИН 900101300123", "iin", "900101300123"),
        ("Меня зовут Роза Тестова, живу рядом", "name", "Роза Тестова"),
        ("Менің атым Айгүл, көршіңізбін", "name", "Айгүл"),
        ("С уважением, Марат", "name", "Марат"),
        ("Құрметпен, Серік Ахметов", "name", "Серік Ахметов"),
        ("Сосед Иванов Пётр Сергеевич шумит", "name", "Иванов Пётр Сергеевич"),
        ("Нұрлан Ержанұлы деген кісі", "name", "Нұрлан Ержанұлы"),
        ("Айгүл деген көршім бар", "name", "Айгүл"),
        ("живу в квартире 45, слышу всё", "flat", "квартире 45"),
        ("8-пәтерде тұрамын", "flat", "8-пәтерде"),
        ("мы в кв. 12", "flat", "кв. 12"),
        ("во дворе на улице Абая 12 шум", "address", "улице Абая 12"),
        ("біз Абай көшесі 40 тұрамыз", "address", "Абай көшесі 40"),
        ("шумят на Ерубаева 35", "address", "Ерубаева 35"),
    ],
)
def test_what_tells_who_it_is_is_found(said: str, kind: str, words: str) -> None:
    assert (kind, words) in [(item.kind, item.words) for item in revealed(said)], revealed(said)


@pytest.mark.parametrize(
    "said",
    [
        "Түнде музыка қатты, ұйықтай алмаймыз",
        "Во дворе шумят каждую ночь после 23:00",
        "Их было 5 человек, 20 минут назад",
        "Украли 250000 тенге и телефон",
        "",
        "В 2 часа ночи, вчера 15 числа",
    ],
)
def test_what_tells_nothing_is_left_alone(said: str) -> None:
    assert revealed(said) == []


def test_each_is_shown_once_in_order_and_not_without_end() -> None:
    found = revealed("Меня зовут Роза, тел 87011234567, ещё раз 87011234567")
    assert [item.kind for item in found] == ["name", "phone"]
    assert len(revealed(" ".join(f"@name_number{n}" for n in range(50)))) == MOST


@pytest.mark.parametrize("said", ["@", "а", "1 ", "А", "Аа ", "a.b@", "Аа-", "ул. "])
def test_twice_the_text_is_twice_the_work(said: str) -> None:
    """Counted in steps of the patterns: nobody can write a text that stops the bot."""
    patterns = [pattern for _kind, pattern in _patterns()]
    once, twice = (work(patterns, (said * 400)[:length]) for length in (200, 400))
    assert twice < 2.3 * once


def test_ways_back_are_counted() -> None:
    """A pattern that tries everything again would be seen by the tests above."""
    hopeless, slow, quick = re.compile(r"(?:\w+\s?)+!"), re.compile(r"\w+@"), re.compile(r"(?<!\w)\w+@")
    assert steps(hopeless, "а" * 10) > 10 * steps(hopeless, "а" * 5)
    assert steps(slow, "а" * 200) > 3.5 * steps(slow, "а" * 100)
    assert steps(quick, "а" * 200) < 2.2 * steps(quick, "а" * 100)
