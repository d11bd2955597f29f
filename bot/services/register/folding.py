"""How people write phones, @names, badges and names, and what each is easily mistaken for. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

REGION = "KZ"
SHORTEST_PHONE = 10  # digits: fewer are a short number, a part of one, or a badge
NAME_LIKENESS = 80.0  # of 100: «Тогайбаев» and «Тагайбаев» are 89, two people of one first name about 60
HANDLE_LIKENESS = 85.0
SHORTEST_HANDLE = 5  # Telegram gives no shorter one to a person

_RUN = re.compile(r"\+?\d[\d\s()./\-\u2010-\u2015]*\d")
_HANDLE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/(?!\+|joinchat)@?(\w+)(?:\?\S*)?|tg://resolve\?domain=(\w+)"
    r"|(?<![\w.])@(\w+)",
    re.IGNORECASE,
)
_BADGE = re.compile(r"[^\W\d_]{0,4}\d{1,9}")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_MARKS = re.compile(r"[\s\-\u2010-\u2015№#.:/]+")

_NOISE = (
    "участковый учаскелік участкелик инспектор инспекторы инспектора полиция полиции полициясы полицейский полицей"
    " сержанты сержант старшина лейтенант лейтенанты аға старший младший кіші капитан капитаны майор майоры полковник"
    " подполковник полковнигі подполковнигі п тел телефон телефоны номер нөмір нөмірі номері ватсап whatsapp telegram"
    " жетон значок куәлік куәлігі удостоверение төсбелгі badge это бұл бул мне маған звонил звонит звонила пишет с по"
    " имя зовут аты аты-жөні атым представился представляется"
)
NOISE = frozenset(_NOISE.split())  # ranks, and the small words around a name or a number

# By shape: what a person reads when a fraudster writes it.
_SHAPES = str.maketrans(
    {
        "а": "a", "е": "e", "ё": "e", "о": "o", "р": "p", "с": "c", "у": "y", "ү": "y", "ұ": "y", "х": "x", "к": "k",
        "қ": "k", "м": "m", "т": "t", "в": "b", "н": "h", "һ": "h", "і": "l", "ј": "j", "ѕ": "s", "п": "n", "и": "u",
        "г": "r", "ӏ": "l", "ө": "o", "i": "l", "1": "l", "|": "l", "!": "l", "ı": "l", "0": "o", "5": "s", "$": "s",
        "8": "b", "3": "e", "6": "b", "ԁ": "d", "ɡ": "g", "ԛ": "q", "ԝ": "w", "ѵ": "v",
    }
)  # fmt: skip
_CYRILLIC_TWINS = str.maketrans("aceopxykmthbi03", "асеорхукмтнвіоз")
_SAME_ON_A_CARD = str.maketrans("АВЕКМНОРСТХУІ", "ABEKMHOPCTXYI")

# By sound: one skeleton for Kazakh, Russian and Latin spellings of a name.
_SOUNDS = str.maketrans(
    {
        "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "j", "з": "z",
        "и": "i", "й": "i", "і": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o",
        "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "ts",
        "ч": "4", "ш": "8", "щ": "8", "ы": "i", "э": "e", "ю": "iu", "я": "ia", "ь": "", "ъ": "",
    }
)  # fmt: skip
_LATIN_RUNS = (
    ("shch", "8"), ("sh", "8"), ("ch", "4"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("ya", "ia"), ("yu", "iu"),
    ("yo", "e"), ("ye", "e"), ("q", "k"), ("w", "u"), ("x", "ks"), ("y", "i"), ("c", "k"),
)  # fmt: skip


def plain(text: str) -> str:
    """One writing of every letter and digit, without marks nobody sees."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.replace("№", " "))).strip()
    return "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in text)


# -- phones


def phones_in(text: str) -> tuple[list[str], str]:
    """Every whole number in E.164 digits («77000000101»), and the text without them."""
    found, left = [], text
    for run in _RUN.findall(text):
        digits = re.sub(r"\D", "", run)
        if len(digits) < SHORTEST_PHONE:
            continue
        left = left.replace(run, " ", 1)
        found.append(_whole(run, digits))
    return found, left


def _whole(run: str, digits: str) -> str:
    if not run.startswith("+") and digits.startswith(("00", "810")):
        run = f"+{digits.removeprefix('00') if digits.startswith('00') else digits.removeprefix('810')}"
    try:
        number = phonenumbers.parse(run, REGION)
    except phonenumbers.NumberParseException:
        return digits
    return f"{number.country_code}{number.national_number}"


def kept_phone(phone: str) -> str:
    """As the register has it: E.164 with blanks; what was typed by hand may begin with 8."""
    digits = re.sub(r"\D", "", phone)
    return f"7{digits[1:]}" if len(digits) == 11 and digits.startswith("8") else digits


# -- @names


def handles_in(text: str) -> tuple[list[str], str]:
    """@names and t.me addresses without their mark, as they were written, and the text without them."""
    found = [next(filter(None, groups)) for groups in _HANDLE.findall(text)]
    return found, _HANDLE.sub(" ", text)


def shape_of(handle: str) -> str:
    """Capital I, l, 1 and i; O, о and 0; Latin and Cyrillic twins; the underscore, which the eye skips: all one."""
    shape = handle.replace("I", "l").casefold().translate(_SHAPES)
    return re.sub(r"[_.\-\s]+", "", shape).replace("rn", "m").replace("vv", "w")


def is_like_handle(asked: str, kept: str) -> bool:
    ours, theirs = shape_of(kept), shape_of(asked)
    if ours == theirs:
        return True
    if len(ours) < SHORTEST_HANDLE or len(theirs) < SHORTEST_HANDLE:
        return False
    return Levenshtein.distance(ours, theirs, score_cutoff=1) <= 1 or ours in theirs or theirs in ours


def is_handle_like_name(handle: str, name: str) -> bool:
    """«askar_togaibaev2» for Асқар Тоғайбаев, who has another @name or none."""
    written = sound_of(re.sub(r"[\d_.]+", "", handle))
    parts = [sound_of(word) for word in words_of(name)]
    if len(parts) < 2 or len(written) < SHORTEST_HANDLE:
        return False
    whole = ("".join(parts), "".join(reversed(parts)))
    return any(fuzz.ratio(written, one) >= HANDLE_LIKENESS for one in whole) or parts[-1] in written


# -- badges


def badge_of(text: str) -> str:
    """Letters that are the same on a printed card are the same here; digits are never taken for letters."""
    return _MARKS.sub("", text).upper().translate(_SAME_ON_A_CARD)


def is_badge_like(text: str) -> bool:
    return _BADGE.fullmatch(_MARKS.sub("", text)) is not None


# -- names


def words_of(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", text.casefold().replace("ё", "е")) if not word.isdecimal()]


def name_words(text: str) -> list[str]:
    """Without ranks and the small words around a name."""
    return [word for word in words_of(text) if word not in NOISE]


def is_same_name(asked: Iterable[str], kept: str) -> bool:
    """Letter by letter, in any order."""
    return sorted(asked) == sorted(words_of(kept)) and len(words_of(kept)) > 1


def sound_of(word: str) -> str:
    word = word.casefold()
    if re.search(r"[а-яёәғқңөұүһі]", word):
        word = word.translate(_CYRILLIC_TWINS).translate(_SOUNDS)
    else:
        for run, sound in _LATIN_RUNS:
            word = word.replace(run, sound)
    return re.sub(r"(.)\1+", r"\1", word)


def is_like_name(asked: list[str], kept: str) -> bool:
    """The surname alone, a name with a patronymic, initials, another alphabet, a letter or two different."""
    theirs, ours = [sound_of(word) for word in asked], [sound_of(word) for word in words_of(kept)]
    if not theirs or not ours:
        return False
    initials = [word for word in theirs if len(word) == 1]
    whole = [word for word in theirs if len(word) > 1]
    if initials and whole:
        rest = [one for one in ours if not any(fuzz.ratio(word, one) >= NAME_LIKENESS for word in whole)]
        return len(rest) < len(ours) and any(one.startswith(initial) for one in rest for initial in initials)
    if len(theirs) == 1:
        return any(fuzz.ratio(theirs[0], one) >= NAME_LIKENESS for one in ours)
    if any(fuzz.ratio(word, ours[-1]) >= NAME_LIKENESS for word in theirs):
        return True
    return fuzz.token_sort_ratio(" ".join(theirs), " ".join(ours)) >= NAME_LIKENESS
