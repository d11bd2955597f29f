"""The table of WhatsApp's approved templates."""

from pathlib import Path

import pytest

from bot.services.templates import TemplateView, TemplateWord, read_templates
from bot.services.unit import Units
from bot.speech.notices import template_facts
from bot.terms import Language, NoticeKind


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "templates.toml"
    file.write_text(text, encoding="utf-8")
    return file


ONE = '[[template]]\nkind = "tip_taken"\nlanguage = "ru"\ncontent_sid = "HX1"\nvariables = ["number", "officer"]\n'


async def test_the_file_is_the_truth(units: Units, tmp_path: Path) -> None:
    async with units() as unit:
        assert await unit.templates.load(written(tmp_path, ONE)) == 1
        known = await unit.templates.known(NoticeKind.TIP_TAKEN, Language.RU)
        assert known == TemplateView("HX1", ("number", "officer"), approval="unknown", is_checked=False)
        assert await unit.templates.find(NoticeKind.TIP_TAKEN, Language.RU) is None
        await unit.templates.checked({"HX1": TemplateWord("approved", "utility", "№ {{1}}: {{2}}.")}, unit.clock.now())
        found = await unit.templates.find(NoticeKind.TIP_TAKEN, Language.RU)
        assert found == TemplateView("HX1", ("number", "officer"), "№ {{1}}: {{2}}.")
        assert await unit.templates.find(NoticeKind.TIP_TAKEN, Language.KK) is None
        assert await unit.templates.load(tmp_path / "nowhere.toml") == 0
        assert await unit.templates.table() == {}


@pytest.mark.parametrize(
    "wrong", [ONE.replace("tip_taken", "no_such_kind"), ONE.replace('"ru"', '"en"'), ONE.replace("content_sid", "sid")]
)
def test_a_wrong_entry_is_named(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ValueError, match="templates.toml"):
        read_templates(written(tmp_path, wrong))


def test_the_demo_table_covers_every_promise_to_a_resident_in_both_languages() -> None:
    rows = read_templates(Path("demo/templates.toml"))
    found = {(row["kind"], row["language"]) for row in rows}
    for kind in ("tip_taken", "tip_question", "tip_answer", "tip_closed", "warning"):
        for language in Language:
            assert (kind, language) in found, (kind, language)
    known = {"number", "status", "outcome", "due", "officer", "holder", "text", "code"}
    assert template_facts.__doc__
    for row in rows:
        assert set(row["variables"]) <= known, row
