"""The catalogs: complete, up to date, and written as the two languages are written."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.i18n import have_catalogs
from bot.terms import Language

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "locales"
KEYWORDS = {
    "_": None, "N_": None, "choose": (1,), "both": (1,), "bilingual_choice": (1,), "ngettext": (1, 2),
}  # fmt: skip
HOLE = re.compile(r"\{(\w*)(?:[!:][^{}]*)?\}")
CYRILLIC = re.compile("[\u0400-\u04ff]")
KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)

# Where Cyrillic stands in code, and why it is not a sentence to a person.
CYRILLIC_BY_DESIGN = {
    "bot/services/routing/naming.py": "case endings of names, words that stand beside a rank or a street",
    "bot/addresses/rows.py": "the short words for a complex, which lists leave out: a name in both languages",
    "bot/addresses/numbers.py": "letters of house numbers as people type them",
    "bot/addresses/query.py": "letters of house numbers as people type them",
    "bot/addresses/slips.py": "keys of keyboards",
    "bot/addresses/words.py": "words of streets as people type them",
    "bot/patterns.py": "letters that stand for each other when phrases are looked for",
    "bot/i18n.py": "the patterns of dates, which CLDR has not in this form",
    "bot/services/officers.py": "the first administrator's name, kept as data in both languages",
    "bot/services/territory_files/headings.py": "letters and marks that do not tell one heading from another",
    "bot/services/territory_files/posts.py": "an example of a rank inside an English sentence",
    "bot/services/register/folding.py": "letters that are mistaken for each other, and the small words around a name",
    "bot/defang.py": "the Cyrillic ends of sites' names",
    "bot/speech/dates.py": "names of days and months as people type them",
    "bot/speech/proof.py": "letters that look the same in a code",
    "bot/speech/reveal.py": "letters a name and a house number may have",
    "bot/speech/sums.py": "thousands and millions as people type them",
    "bot/speech/groups.py": "how neighbours ask for their inspector",
    "bot/speech/menu.py": "words people type instead of pressing",
    "bot/speech/roster.py": "the small words between two dates as people type them",
    "handlers/start.py": "the languages call themselves by their own names",
}


@cache
def catalog(name: str) -> Catalog:
    path = LOCALES / "korshi.pot" if name == "pot" else LOCALES / name / "LC_MESSAGES" / "korshi.po"
    with path.open("rb") as file:
        return read_po(file, locale=None if name == "pot" else name)


def messages(name: str) -> Iterator[Message]:
    return (message for message in catalog(name) if message.id)


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string or "",)


def ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def holes(text: str) -> set[str]:
    return set(HOLE.findall(text))


def complaints(language: str, pattern: str) -> list[str]:
    """Where a pattern is found, with a little around it."""
    return [
        f"{ids(message)[0][:40]} → {text[max(0, found.start() - 20) : found.end() + 15]}"
        for message in messages(language) for text in forms(message) for found in re.finditer(pattern, text, re.I)
    ]  # fmt: skip


# -- complete


def test_the_template_has_what_the_code_says_and_nothing_else() -> None:
    """After a change of words: make po."""
    said = set()
    for folder in ("bot", "handlers"):
        for _file, _line, msgid, _comments, _context in extract_from_dir(
            str(ROOT / folder), method_map=[("**.py", "python")], keywords=KEYWORDS
        ):
            said.add(msgid if isinstance(msgid, str) else tuple(msgid))
    known = {message.id if isinstance(message.id, str) else tuple(message.id) for message in messages("pot")}
    assert said - known == set(), "run make po"
    assert known - said == set(), "run make po"


@pytest.mark.parametrize("language", list(Language))
def test_every_sentence_is_there_in_both_languages(language: Language) -> None:
    wanted = {message.id if isinstance(message.id, str) else tuple(message.id) for message in messages("pot")}
    found = {message.id if isinstance(message.id, str) else tuple(message.id) for message in messages(language)}
    assert found == wanted
    assert [ids(message)[0] for message in messages(language) if not all(text.strip() for text in forms(message))] == []
    assert [ids(message)[0] for message in messages(language) if message.fuzzy] == []
    assert have_catalogs(), "run make catalogs"


@pytest.mark.parametrize(("language", "count"), [("kk", 2), ("ru", 3)])
def test_plural_forms_are_as_many_as_the_language_has(language: str, count: int) -> None:
    assert catalog(language).num_plurals == count
    assert [
        message.id for message in messages(language) if isinstance(message.id, tuple) and len(forms(message)) != count
    ] == []


@pytest.mark.parametrize("language", list(Language))
def test_placeholders_are_named_and_the_same_in_every_form(language: Language) -> None:
    for message in messages(language):
        wanted = {frozenset(holes(text)) for text in ids(message)}
        for text in forms(message):
            assert {frozenset(holes(text))} == wanted, (message.id, text)
            assert "" not in holes(text), (message.id, text)
            assert text.count("{") == text.count("}"), (message.id, text)


@pytest.mark.parametrize("language", list(Language))
def test_lines_and_marks_survive_the_translation(language: Language) -> None:
    for message in messages(language):
        for source, text in zip(ids(message), forms(message), strict=False):
            assert text.count("\n") == source.count("\n"), text
            assert text == text.strip() or source != source.strip(), text
            assert source[-1:] != ":" or text[-1:] == ":", (source, text)
            for number in re.findall(r"\b1\d\d\b", source):
                assert number in text, (source, text)


# -- as they are written


def test_kazakh_is_kazakh() -> None:
    long = [text for message in messages("kk") for text in forms(message) if len(re.findall(r"[^\W\d_]", text)) > 40]
    assert [text for text in long if not KAZAKH.search(text)] == []


CASES = "ға|ге|қа|ке|на|не|ны|ні|ды|ді|ты|ті|ның|нің|дың|дің|тың|тің|да|де|та|те|нда|нде|дан|ден|тан|тен|нан|нен|мен|бен|пен"


def test_no_case_ending_is_glued_to_a_placeholder() -> None:
    """It would have to follow the sound of what is put in."""
    assert complaints("kk", rf"\}}[»”)]?[-–‑']?(?:{CASES})\b") == []
    assert complaints("kk", r"\}[а-яәғқңөұүһі]") == []
    assert complaints("ru", r"\}[а-яё]") == []
    assert complaints("ru", r"\}[-–](?:му|го|й|я|е|м|х|ми|ую|ой)\b") == []


def test_the_reader_is_spoken_to_politely() -> None:
    assert complaints("kk", r"\bсен(?:ің|і|ен|де|імен)?\b") == []
    assert complaints("ru", r"\b(?:ты|тебя|тебе|тобой|твой|твоя|твоё|твои)\b") == []


def test_russian_supposes_no_gender_of_the_reader() -> None:
    verbs = r"\bвы\s+(?:(?:уже|не|сами|ещё|только)\s+)*\w+(?:л|ла|лся|лась)\b"
    adjectives = (
        r"\bвы\s+(?:не\s+)?(?:должен|должна|согласен|согласна|готов|готова|уверен|уверена|подписан|подписана)\b"
    )
    assert complaints("ru", verbs) == []
    assert complaints("ru", adjectives) == []
    assert complaints("ru", r"\w\((?:а|ла|на|ась)\)") == []


def test_each_language_has_its_dash_and_its_quotation_marks() -> None:
    assert complaints("kk", "—") == []
    assert complaints("ru", r"\s–\s") == []
    for language in Language:
        assert complaints(language, r'(?<!=)"|\.\.\.') == []


# -- no sentence outside the catalogs


def docstrings(tree: ast.Module) -> set[int]:
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value) for node in ast.walk(tree)
        if isinstance(node, nodes) and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip


def literals(path: Path) -> list[ast.Constant]:
    """Strings of the code: what stands after a statement as its explanation does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared = docstrings(tree) | {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [node for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared]  # fmt: skip


def sources() -> list[Path]:
    return [path for folder in ("bot", "handlers") for path in sorted((ROOT / folder).rglob("*.py"))]


def test_no_sentence_of_ours_stands_in_the_code() -> None:
    found = {
        path.relative_to(ROOT).as_posix() for path in sources()
        if any(CYRILLIC.search(str(node.value)) for node in literals(path))
    }  # fmt: skip
    assert found - set(CYRILLIC_BY_DESIGN) == set()


SPEAKERS = {"Reply", "Choice", "Bold", "Italic", "as_line", "as_list", "KeyboardButton", "InlineKeyboardButton"}
TRANSLATORS = {
    "_",
    "ngettext",
    "both",
    "choose",
    "choose_about",
    "choose_named",
    "N_",
    "pack",
    "get",
    "bilingual_choice",
}
WORDS_BY_DESIGN = {"https", "openstreetmap", "org", "mlat", "mlon", "map", "Korshi"}


def english_in(call: ast.Call) -> list[str]:
    """Words a call would say untranslated: constants in it that no translator takes."""
    found: list[str] = []

    def look(node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in TRANSLATORS or (name not in SPEAKERS and node is not call):
                return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.extend(set(re.findall(r"[A-Za-z]{3,}", node.value)) - WORDS_BY_DESIGN)
        if isinstance(node, ast.Subscript | ast.Compare | ast.Attribute):
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.keyword) and child.arg not in ("text", "alert", "label"):
                continue
            if isinstance(child, ast.FormattedValue) and child.format_spec is not None:
                look(child.value)
                continue
            look(child)

    for argument in [*call.args[:1], *(keyword for keyword in call.keywords if keyword.arg in ("text", "alert"))]:
        look(argument)
    return found


def test_what_is_said_goes_through_the_catalogs() -> None:
    planted = ast.parse('Reply("Hello there", alert=_("Fine"))').body[0].value  # type: ignore[attr-defined]
    assert set(english_in(planted)) == {"Hello", "there"}
    escaped = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SPEAKERS and (said := english_in(node)):
                escaped[f"{path.relative_to(ROOT)}:{node.lineno}"] = said
    assert escaped == {}
