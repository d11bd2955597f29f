"""Present danger and money just gone are heard in Kazakh, Russian and Latin letters; everyday talk is left alone."""

import tomllib
from pathlib import Path

import pytest

from bot.danger import Danger, danger_in, money_gone_in

SENTENCES = tomllib.loads((Path(__file__).parent / "data" / "danger_sentences.toml").read_text(encoding="utf-8"))
DANGERS = [(group, said) for group, sentences in SENTENCES["danger"].items() for said in sentences]
CALM = [said for sentences in SENTENCES["calm"].values() for said in sentences]


@pytest.mark.parametrize(("group", "said"), DANGERS)
def test_danger_is_heard(group: str, said: str) -> None:
    assert danger_in(said) is not None


@pytest.mark.parametrize("said", CALM)
def test_everyday_talk_alarms_nobody(said: str) -> None:
    assert danger_in(said) is None


@pytest.mark.parametrize("said", SENTENCES["money_gone"]["yes"])
def test_money_gone_is_heard(said: str) -> None:
    assert money_gone_in(said)


@pytest.mark.parametrize("said", SENTENCES["money_gone"]["no"])
def test_money_not_gone_is_not_claimed(said: str) -> None:
    assert not money_gone_in(said)


def test_the_words_found_are_as_they_were_written() -> None:
    assert danger_in("Тұрғындар, ПОЖАР в подвале") == Danger("fire", ("пожар",))
    assert danger_in("Сейчас пьёт и бьёт её") == Danger("violence", ("бьёт", "её"))


@pytest.mark.parametrize(
    ("said", "group"),
    [
        ("Көршім әйелін ұрып жатыр, үй өртеніп жатыр", "violence"),
        ("Пожар, а сосед говорит что не хочет жить", "suicide"),
        ("в школе пожар и бомба в подвале", "bomb"),
    ],
)
def test_the_gravest_danger_is_the_headline(said: str, group: str) -> None:
    found = danger_in(said)
    assert found is not None
    assert found.group == group


@pytest.mark.parametrize(
    "said",
    [
        "өлтіріп жатыр",
        "олтирип жатыр",
        "ОЛТІРІП ЖАТЫР!!!",
        "oltirip jatyr",
        "öltirip jatyr",
        "oltirip zhatir",
        "өлтіріп\u200b жат\u00adыр",
        "өлтіріп жaтыp",  # Latin a and p
        "ө л т і р і п жатыр",
        "өлтиріп жатр",
        "өлтіріііп жатыыыр",
        "𝐨𝐥𝐭𝐢𝐫𝐢𝐩 𝐣𝐚𝐭𝐲𝐫",
    ],
)
def test_one_meaning_in_many_spellings(said: str) -> None:
    found = danger_in(said)
    assert found is not None
    assert found.group == "violence"


def test_yesterday_calms_and_now_does_not() -> None:
    assert danger_in("Вчера дерутся парни, смотрю запись") is None
    assert danger_in("Вчера дрались и сейчас дерутся опять") is not None
    assert danger_in("Кеше өртенген үйдің қасында тұрамын") is None


def test_a_bomb_joke_counts_as_real() -> None:
    assert danger_in("ха-ха, вчера читал: заложил бомбу в школе, шутка") is not None


def test_a_cartoon_is_not_a_gun() -> None:
    """«мультик» with one slip is «мылтық»: a calm word must not be heard in it."""
    assert danger_in("Көршінің үйінен мылтық атылды") is not None
    assert danger_in("Қолында мылтық бар, есік алдында тұр") is not None


def test_suicide_talk_is_heard_whatever_stands_beside_it() -> None:
    assert danger_in("Давно не хочу жить, читал об этом книги") is not None


@pytest.mark.parametrize(
    "said", ["", " ", "...", "🆘", "👍👍", "14", "ь", "\u200b", "?!", "а" * 100_000, "мама пропала " * 3000]
)
def test_any_text_is_survived(said: str) -> None:
    danger_in(said)
    money_gone_in(said)


def test_a_house_number_does_not_hide_a_word() -> None:
    assert danger_in("7этажта өрт") is not None
    assert danger_in("5қабаттан адам құлады") is not None
