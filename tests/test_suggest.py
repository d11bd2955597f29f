"""What a tip is about is guessed from its words in Kazakh, Russian, both at once and Latin letters."""

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.danger import LEVELS, danger_in
from bot.data import load
from bot.patterns import Pattern, Said, spell
from bot.suggest import SHOWN, discreet_danger, suggest, urgency_of
from bot.terms import Urgency

DATA = Path(__file__).parent / "data" / "suggest_sentences.toml"
SENTENCES = tomllib.loads(DATA.read_text(encoding="utf-8"))["sentence"]
UNSEEN = tomllib.loads((DATA.parent / "suggest_unseen.toml").read_text(encoding="utf-8"))["sentence"]
EXAM = tomllib.loads((DATA.parent / "suggest_exam.toml").read_text(encoding="utf-8"))["sentence"]
DANGERS = [item for item in SENTENCES if item.get("urgency") == "U0"]
OTHERS = [item for item in SENTENCES if item.get("urgency") != "U0"]
CODES = {item["code"] for item in load("categories")["category"]}
DISCREET = {item["code"] for item in load("categories")["category"] if item.get("discreet")}
TRIED = 25  # phrases a text, in the middle: about twelve


def test_there_are_enough_sentences_and_every_category_a_resident_may_choose_has_some() -> None:
    offered = {code for tile in load("categories")["tile"] for code in tile["categories"]}
    assert len(SENTENCES) >= 150
    assert {item["category"] for item in SENTENCES} >= offered
    assert {item["category"] for item in SENTENCES} | {c for item in SENTENCES for c in item.get("also", [])} <= CODES


def test_every_phrase_belongs_to_a_category_there_is() -> None:
    assert set(load("suggest")["category"]) <= CODES


@pytest.mark.parametrize("item", DANGERS, ids=lambda item: item["text"][:40])
def test_no_present_danger_is_missed(item: dict[str, str]) -> None:
    assert suggest(item["text"]).urgency is Urgency.U0


def test_at_most_one_of_twenty_calm_ones_is_taken_for_danger() -> None:
    wrong = [item["text"] for item in OTHERS if suggest(item["text"]).urgency is Urgency.U0]
    assert len(wrong) <= 0.05 * len(OTHERS), wrong


def test_the_right_category_is_among_the_first_three_of_nine_in_ten() -> None:
    missed = [item["text"] for item in SENTENCES if item["category"] not in suggest(item["text"]).categories]
    assert len(missed) <= 0.10 * len(SENTENCES), missed


def test_of_what_was_never_taught_four_of_five_are_found_and_most_dangers_are_heard() -> None:
    """A floor, not the aim: nine in ten and every danger are reached on sentences that taught the phrases."""
    found = [item for item in UNSEEN if item["category"] in suggest(item["text"]).categories]
    assert len(found) >= 0.8 * len(UNSEEN), len(found)
    dangers = [item["text"] for item in UNSEEN if item.get("urgency")]
    assert len([text for text in dangers if suggest(text).urgency == "U0"]) >= 0.6 * len(dangers)
    calm = [item["text"] for item in UNSEEN if not item.get("urgency")]
    assert len([text for text in calm if suggest(text).urgency == "U0"]) <= 0.05 * len(calm)


def test_an_examiners_sentences() -> None:
    """Written by somebody else, who had not seen the rules; a third of the Kazakh ones without its letters."""
    told = [(item, suggest(item["text"])) for item in EXAM]
    found = [item for item, guess in told if {item["category"], *item["also"]} & set(guess.categories)]
    assert len(found) >= 0.9 * len(EXAM), len(found)
    assert [item["text"] for item, guess in told if item["u0"] and guess.urgency != "U0"] == []
    calm = [guess.urgency for item, guess in told if not item["u0"]]
    assert calm.count(Urgency.U0) <= 0.05 * len(calm)


def test_the_first_one_is_right_four_times_in_five() -> None:
    right = [i for i in SENTENCES if suggest(i["text"]).first in (i["category"], *i.get("also", ()))]
    assert len(right) >= 0.8 * len(SENTENCES)


@pytest.mark.parametrize(
    "said",
    [
        "Көршілер түнде музыка қосып ұйықтатпайды",
        "Коршилер тунде музыка косып уйыктатпайды",
        "korshiler tunde muzyka qosyp uiyqtatpaidy",
        "Соседи ночью включают музыку и не дают спать",
        "КӨРШІЛЕР түнде громкая музыка, не дают спать!!!",
        "соседи ночю вклучают музику, не дают спат",
    ],
)
def test_one_meaning_in_many_spellings(said: str) -> None:
    assert suggest(said).first == "noise_night"


@pytest.mark.parametrize(
    "said", ["", " ", "...", "👍", "14", "Сәлеметсіз бе", "\u200b", "а" * 100_000, "мусор " * 3000]
)
def test_any_text_is_survived(said: str) -> None:
    assert len(suggest(said).categories) <= SHOWN


def test_nothing_known_suggests_nothing() -> None:
    assert suggest("Сәлем, қалайсыз").categories == ()
    assert suggest("Сәлем, қалайсыз").urgency is None


@pytest.mark.parametrize("said", ["бала", "дети", "ақша", "деньги", "ночью", "түнде", "Балам", "помогите"])
def test_everyday_words_decide_nothing_alone(said: str) -> None:
    assert suggest(said).categories == ()


@pytest.mark.parametrize(
    "said",
    [
        "Көршілер түнде музыка қосып ұйықтатпайды",
        "коршилер катты музыка косып жатыр тунги 2 де",
        "тунде шу коп",
        "tunde korshiler shulaidy",
        "верхний сосед тунде топылдайды спать невозможно",
    ],
)
def test_the_night_beside_plain_noise_suggests_nothing_else(said: str) -> None:
    """«Түн» is of the shops that sell at night too."""
    assert suggest(said).categories == ("noise_night",)


@pytest.mark.parametrize(
    "said",
    [
        "Соседи сверху шумят ночью, ребёнок не спит",
        "коршилер дауыс шыгарып ауладагы балаларга да тыныштык жок",
        "у школы не горят фонари",
        "мектептің алдында қоқыс жатыр, балалар соның жанынан өтеді",
        "жена пилит каждый день, а ещё мусор во дворе не вывозят",
        "мектеп жанындағы шамдар жанбайды",
    ],
)
def test_what_may_not_be_read_over_a_shoulder_is_not_named_beside_an_open_matter(said: str) -> None:
    first, *others = suggest(said).categories
    assert first not in DISCREET
    assert not DISCREET & set(others)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Соседи шумят, каждую ночь муж бьёт жену", "domestic_violence"),
        ("Балаларды мектепте ұрып жәбірлейді, терезені де сындырыпты", "bullying"),
    ],
)
def test_what_the_words_say_themselves_is_named(said: str, code: str) -> None:
    assert code in suggest(said).categories


def test_discreet_kinds_are_seldom_named_without_need() -> None:
    """Of all the sentences there are: kinds that nobody meant, beside an open matter."""
    named = [
        (item["text"], guess.categories)
        for item in SENTENCES
        if (guess := suggest(item["text"])).first not in DISCREET
        and (DISCREET & set(guess.categories)) - {item["category"], *item.get("also", ())}
    ]
    assert len(named) <= 0.04 * len(SENTENCES), named


def test_here_is_not_a_thousand() -> None:
    """«Міне» and «мың» begin alike once folded: a burst about noise was said to be about money."""
    assert "fraud_victim" not in suggest("Көршілер түнде шулайды\nҮшінші күн осылай\nМіне, терезелері").categories


def test_every_category_has_words() -> None:
    assert set(load("suggest")["category"]) == CODES


def test_what_goes_on_now_is_more_urgent() -> None:
    assert suggest("В подвале кто-то прячет закладки").urgency is Urgency.U2
    assert suggest("Сейчас в подвале кто-то прячет закладки").urgency is Urgency.U1
    assert urgency_of("traffic") is Urgency.U3
    assert urgency_of("traffic", is_now=True) is Urgency.U0
    assert urgency_of("of_the_staff") is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Муж прямо сейчас избивает меня, помогите", "domestic_violence"),
        ("муж бьет меня ногами памагите", "domestic_violence"),
        ("за стеной муж жену убивает, крики", "domestic_violence"),
        ("Отчим с ножом кидается на маму", "domestic_violence"),
        ("Бывший ломится в дверь, грозится убить", "domestic_violence"),
        ("Сын пьяный замахивается на меня топором, помогите", "domestic_violence"),
        ("Девушку насилуют за гаражами, быстрее", "sexual_violence"),
        ("қызды зорлап жатыр гараждың артында", "sexual_violence"),
        ("kyzdy zorlap jatyr garaj artynda", "sexual_violence"),
        ("Девочку насилуют в подвале, помогите", "child_danger"),
        ("Муж избивает меня каждый день, не хочу больше жить", "domestic_violence"),
        ("куйеуим урады, олгим келеди", "domestic_violence"),
        ("kuieuim urady, olgim keledi", "domestic_violence"),
        ("Меня изнасиловали, не хочу жить", "sexual_violence"),
        ("Муж с ножом, я покончу с собой", "domestic_violence"),
        ("Күйеуім қазір ұрып жатыр, көмектесіңіздер", "domestic_violence"),
        ("күйеуі әйелін сабап жатыр, айқай шығып тұр", "domestic_violence"),
        ("Әкем шешемді пышақпен қорқытып тұр, тез келіңіздер", "domestic_violence"),
        ("Бұрынғы жолдасым есікті сындырып жатыр", "domestic_violence"),
        ("куйеуим урып жатыр комектесиниз", "domestic_violence"),
        ("казир куйеуи келиншегин сабап жатыр", "domestic_violence"),
        ("kuieuim uryp jatyr komektesiniz", "domestic_violence"),
        ("akem sheshemdi uryp jatyr tez kelinizder", "domestic_violence"),
        ("muzh izbivaet menya pryamo seichas pomogite", "domestic_violence"),
        ("Көмектесіңіздер, муж с ножом бегает по квартире", "domestic_violence"),
        ("Мужчина силой тащит девочку в машину", "child_danger"),
        ("Баланы сабап жатыр, айқайы шығып тұр", "child_danger"),
    ],
)
def test_danger_at_home_or_to_a_child_keeps_its_own_category(said: str, code: str) -> None:
    danger = danger_in(said)
    assert danger is not None
    assert discreet_danger(said, danger.group) == code
    assert (suggest(said).first, suggest(said).urgency) == (code, Urgency.U0)


@pytest.mark.parametrize(
    "said",
    [
        "Во дворе драка, у одного нож, быстрее",
        "Помогите, он прямо сейчас напал на меня с ножом",
        "Мужа избивают у магазина, помогите",
        "Горит дом, муж внутри, помогите",
        "Муж упал с балкона, не дышит",
        "Муж пропал, не вернулся домой со вчерашнего дня",
        "В школе бомба, муж там работает",
        "Көшеде төбелес болып жатыр, пышақ бар",
        "Күйеуім жоғалып кетті, екі күн болды",
        "көршінің үйі өртеніп жатыр",
        "Муж хочет повеситься",
        "Не хочу жить, муж ушёл",
        "Өмір сүргім келмейді, қазір өзіме қол жұмсаймын",
    ],
)
def test_other_danger_stays_a_danger_to_life(said: str) -> None:
    danger = danger_in(said)
    assert danger is not None
    assert discreet_danger(said, danger.group) == ""


def test_no_line_means_two_words_where_it_means_one_of_them() -> None:
    """«a|b c» is two words side by side: «это правда|правда ли» would want three in a row."""
    data = load("suggest")
    lines = [line for facts in data["category"].values() for lines in facts.values() for line in lines]
    lines += [line for lines in data["discreet"].values() for line in lines]
    danger = load("danger")
    lines += [line for group in danger["group"] for level in LEVELS for line in group.get(level, [])]
    twice = [
        line
        for line in lines
        for one, other in pairwise(line.split())
        if ".." not in (one, other) and "&" not in (one, other) and set(one.split("|")) & set(other.split("|"))
    ]
    assert twice == []


def test_a_grave_kind_without_danger_in_the_words_is_not_called_present() -> None:
    assert suggest("Неделю назад было ДТП у рынка, есть запись").urgency is Urgency.U1


def test_a_text_tries_few_of_the_phrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message of every resident is looked at: of thousands of phrases only those whose words are there are tried."""
    tried = 0
    hits = Said.hits

    def counted(said: Said, pattern: Pattern) -> Iterator[Any]:
        nonlocal tried
        tried += 1
        return hits(said, pattern)

    monkeypatch.setattr(Said, "hits", counted)
    for item in EXAM:
        for memory in (spell, danger_in, suggest):
            memory.cache_clear()
        suggest(item["text"])
    assert 0 < tried / len(EXAM) < TRIED
