"""The words of GLOSSARY.md that have a name in code are the names the code has."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)`")
COLUMNS = ["kk", "ru", "en", "meaning", "name in code"]


def glossary_rows() -> list[list[str]]:
    lines = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if row != COLUMNS and set("".join(row)) - set("- ")]


def names_in_sources() -> set[str]:
    sources = [p for folder in ("bot", "handlers") for p in (ROOT / folder).rglob("*") if p.suffix in {".py", ".toml"}]
    return {name for p in sources for name in re.findall(r"[A-Za-z_]\w*", p.read_text(encoding="utf-8"))}


def test_every_code_name_of_the_glossary_is_in_the_code() -> None:
    names = {name for row in glossary_rows() for name in NAME.findall(row[-1])}
    assert names
    missing = sorted(names - names_in_sources())
    assert not missing, f"GLOSSARY.md names what the code has not: {', '.join(missing)}"


def test_every_term_has_both_languages_and_english() -> None:
    incomplete = [row for row in glossary_rows() if len(row) != len(COLUMNS) or not all(row[:3])]
    assert incomplete == []


def test_one_concept_has_one_row() -> None:
    english = [row[2] for row in glossary_rows()]
    assert sorted(english) == sorted(set(english))
