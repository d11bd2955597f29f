"""Ready answers: who gets which, what a file must be, and the first reply that goes by itself."""

from typing import Any

import pytest

from bot.data import load
from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.answers import VARIABLES, AnswerView, Filling, check, fill, said
from bot.services.unit import Units
from bot.store.audit import AuditEntry
from bot.store.notices import Notice
from bot.store.tips import AnswerTemplate
from bot.terms import NoticeKind
from tests.clocks import START
from tests.services import cast

CATEGORIES = {"noise_night", "theft"}
RIGHT = {
    "code": "one",
    "step": "ask",
    "title_kk": "Сұрақ",
    "title_ru": "Вопрос",
    "kk": "Қайда? {number}",
    "ru": "Где? {number}",
}


def entry(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (RIGHT | changes).items() if value is not None}


def test_the_departments_own_file_is_right_and_long_enough() -> None:
    entries = load("answers")["answer"]
    categories = {item["code"] for item in load("categories")["category"]}
    assert check(entries, categories) == []
    assert len(entries) >= 20
    assert {item["step"] for item in entries} == {"taken", "ask", "answer", "closed"}
    texts = " ".join(item["kk"] + item["ru"] for item in entries)
    assert all(f"{{{name}}}" in texts for name in VARIABLES)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"code": "Two words"}, "code:"),
        ({"code": None}, "code:"),
        ({"code": "x" * 25}, "code:"),
        ({"category": "nothing"}, "there is no category “nothing”"),
        ({"step": "later"}, "step: one of"),
        ({"automatic": True}, "only at the step taken"),
        ({"automatic": "yes"}, "true or false"),
        ({"kk": None}, "kk: it is missing"),
        ({"title_ru": "  "}, "title_ru: it is missing"),
        ({"ru": 5}, "ru: it is missing"),
        ({"kk": "{name} {number}"}, "there is no variable {name}"),
        ({"kk": "{number.__class__}", "ru": "{number.__class__}"}, "there is no variable {number.__class__}"),
        ({"kk": "Қайда?"}, "the languages differ"),
        ({"kk": "{number} {"}, "a brace stands alone"),
        ({"kk": "{number}" + "я" * 900}, "at most 900 fit"),
        ({"text": "more"}, "“text” is not a field"),
    ],
)
def test_a_fault_is_named_with_its_entry(changes: dict[str, Any], fault: str) -> None:
    (found, *_more) = [line for line in check([RIGHT, entry(**{"code": "two"} | changes)], CATEGORIES) if fault in line]
    assert found.startswith("Entry 2")


def test_all_faults_of_a_file_are_named_at_once() -> None:
    faults = check([entry(step="later"), entry(kk=None), "words"], CATEGORIES)
    assert [line.split(":")[0] for line in faults] == [
        "Entry 1 (one)",
        "Entry 2 (one)",
        "Entry 2 (one)",
        "Entry 2 (one)",
        "Entry 3",
    ]
    assert any("has this code already" in line for line in faults)
    assert check([], CATEGORIES) == ["The file has no [[answer]]."]


def test_one_automatic_answer_for_a_category() -> None:
    twice = [entry(code=code, step="taken", automatic=True) for code in ("one", "two")]
    assert any("automatic for this category" in line for line in check(twice, CATEGORIES))
    twice[1]["category"] = "theft"
    assert check(twice, CATEGORIES) == []


def test_only_names_are_filled() -> None:
    assert fill("{number} {unknown} {number!r}", {"number": "7"}) == "7 {unknown} {number!r}"


async def test_each_language_has_its_own_words(units: Units) -> None:
    answer = AnswerView(
        "a",
        "",
        "ask",
        False,
        Bilingual("", ""),
        Bilingual("№ {number}, {officer}, {due}", "№ {number}, {officer}, {due}, {phone}"),
    )
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
    words = said(answer, Filling(1004, officer, START, units.house.zone))
    assert words.kk.startswith(f"№ 1004, {officer.title.kk}, ")
    assert officer.title.ru in words.ru
    assert words.ru.endswith(officer.phone or "102")
    assert "жылғы" in words.kk
    assert "года" in words.ru


async def test_those_of_the_category_come_first(units: Units) -> None:
    async with units() as unit:
        ready = await unit.answers.ready("noise_night", "ask")
        assert ready[0].code == "ask_noise"
        assert {answer.category for answer in ready} == {"noise_night", ""}
        assert all(answer.step == "ask" for answer in ready)
        assert (await unit.answers.automatic("noise_night", "taken")) is not None
        with pytest.raises(NotFound):
            await unit.answers.get("nothing")


async def test_a_file_takes_the_place_of_all(units: Units) -> None:
    async with units() as unit:
        assert await unit.answers.faults([RIGHT]) == []
        assert await unit.answers.replace_all([RIGHT]) == 1
    async with units() as unit:
        assert [answer.code for answer in await unit.answers.everything()] == ["one"]
        await unit.seeds.sow()
    assert [row.code for row in await cast.rows(units, AnswerTemplate)] == ["one"], "what staff took out stays out"
    assert [row.action for row in await cast.rows(units, AuditEntry)][-1] == "answers_loaded"


async def test_the_first_reply_goes_by_itself_when_a_tip_is_taken(units: Units) -> None:
    tip_id = await cast.sent_tip(units, "domestic_violence")
    async with units() as unit:
        everyone = await unit.officers.everyone()
        (officer, *_others) = [one for one in everyone if await unit.tips.may_see(one, tip_id)]
        await unit.tips.take(officer, tip_id)
    (notice,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_TAKEN)
    template = next(item for item in load("answers")["answer"] if item["code"] == "taken_home")
    assert notice.facts == {"words": {"kk": template["kk"], "ru": template["ru"]}}


async def test_without_a_template_the_first_reply_is_the_programs(units: Units) -> None:
    async with units() as unit:
        await unit.answers.replace_all([RIGHT])
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    (notice,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_TAKEN)
    assert notice.facts_sealed is None
