"""One skeleton for every spelling of a street: Kazakh, Russian, without Kazakh letters, in Latin letters.

Both sides are folded, the register and what people type, so the skeleton need not be readable, only equal:
«Жеңіс», «Женис», «Zhenis» and «Jenis» are all «женис»; «Степная» and «Stepnaya» are «степнаиа».
"""

import re
from functools import lru_cache

STREET, AVENUE, LANE, BOULEVARD, AREA, COMPLEX, ROAD, SQUARE, PASSAGE = (
    "street", "avenue", "lane", "boulevard", "area", "complex", "road", "square", "passage",
)  # fmt: skip

_KINDS = {
    STREET: "көшесі көше көш кө к ксі улица ул улицы street str st koshesi koshe",
    AVENUE: "даңғылы даңғыл даң дңғ проспект просп пр прт пркт prospekt ave avenue dangyly",
    LANE: "тұйығы тұйық тұй переулок пер пере tuiyq pereulok",
    BOULEVARD: "бульвары бульвар бул бр булв bulvar boulevard",
    AREA: "микрорайон мкр мкрн мкрайон микр мкн мн мрн мр ша шағынауданы шағынаудан ықшамауданы ықшамаудан "
    "mkr mikrorayon mikroraion",
    COMPLEX: "кешені кешен тк түк жк жилкомплекс комплекс zhk",
    ROAD: "тасжолы тасжол шоссе ш shosse",
    SQUARE: "алаңы алаң площадь пл alany",
    PASSAGE: "өтпежолы өткелі проезд прд пррд proezd",
}
_JOINED = (  # spellings of several words or with marks inside, made one word before the text is cut
    (r"\bш\s*\.\s*а\b\.?", " ша "),
    (r"\b(шағын|шагын|ықшам|ыкшам|shagyn|shaghyn)\s+ауд(?:аны|ан|\.|\b)", " ша "),
    (r"\b(shagyn|shaghyn|yksham)\s+aud(?:any|an|\.|\b)", " ша "),
    (r"\bтұрғын\s+үй\s+кешен[іи]\b", " жк "),
    (r"\bт\s*\.\s*ү\s*\.\s*к\b\.?", " жк "),
    (r"\bжилой\s+комплекс\b", " жк "),
    (r"\bтас\s+жолы?\b", " тасжолы "),
    (r"\bөтпе\s+жолы?\b", " өтпежолы "),
    (r"\b(м|мк|мик)\s*[-/]\s*(н|р|рн|он)\b", " мкр "),
    (r"\b(пр|п)\s*-\s*(т|кт)\b", " пр "),
    (r"\bк\s*-\s*с[іи]\b", " көшесі "),
    (r"\bб\s*-\s*р\b", " бульвар "),
    (r"\b(у|ул)\s*-\s*(ца|а)\b", " улица "),
)
_JOINED_COMPILED = tuple((re.compile(pattern), made) for pattern, made in _JOINED)

_LATIN_RUNS = (
    ("shch", "ш"), ("tsh", "тш"), ("sch", "ш"), ("dzh", "ж"), ("zh", "ж"), ("sh", "ш"), ("ch", "ч"), ("kh", "х"),
    ("gh", "г"), ("ts", "тс"), ("ya", "иа"), ("yu", "иу"), ("yo", "е"), ("ye", "е"), ("ja", "жа"),
)  # fmt: skip
_LATIN = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "а",
            "б",
            "к",
            "д",
            "е",
            "ф",
            "г",
            "х",
            "и",
            "ж",
            "к",
            "л",
            "м",
            "н",
            "о",
            "п",
            "к",
            "р",
            "с",
            "т",
            "у",
            "в",
            "у",
            "х",
            "и",
            "з",
        ],
        strict=True,
    )
)
_LATIN |= dict(zip("äáğǵıíñńóöşśúüūýçžš", "ааггиинноошсуууучжш", strict=True)) | {"'": "", "’": "", "ʹ": ""}
_LOOK_ALIKES = str.maketrans("aceopxykmtbhi", "асеорхукмтвні")  # a Latin letter inside a Cyrillic word
_CYRILLIC = str.maketrans(
    {"ә": "а", "і": "и", "ң": "н", "ғ": "г", "ү": "у", "ұ": "у", "қ": "к", "ө": "о", "һ": "х", "ё": "е", "й": "и"}
    | {"ы": "и", "э": "е", "щ": "ш", "ъ": "", "ь": "", "ц": "тс", "я": "иа", "ю": "иу"}
)
_DOUBLED = re.compile("ии+")  # «ый», «ий», «iy»: other doubled letters stay, or a slip would pass for the street
_HAS_LATIN, _HAS_CYRILLIC = re.compile("[a-zäáğǵıíñńóöşśúüūýçžš]"), re.compile("[\u0400-\u04ff]")


@lru_cache(maxsize=8192)
def skeleton(word: str) -> str:
    """The letters every spelling of a casefolded word shares."""
    if _HAS_LATIN.search(word):
        word = word.translate(_LOOK_ALIKES) if _HAS_CYRILLIC.search(word) else _from_latin(word)
    word = word.translate(_CYRILLIC).replace("нг", "н").replace("дж", "ж")
    return _DOUBLED.sub("и", word)


def _from_latin(word: str) -> str:
    for latin, cyrillic in _LATIN_RUNS:
        word = word.replace(latin, cyrillic)
    return "".join(_LATIN.get(letter, letter) for letter in word)


KIND_OF = {skeleton(word): kind for kind, words in _KINDS.items() for word in words.split()}
"""What a word like «көш.» or «пр.» says about the street it stands with."""

HOUSE_WORDS = frozenset(map(skeleton, ["үй", "үйі", "дом", "д", "house", "dom", "уй"]))
FLAT_WORDS = frozenset(
    map(
        skeleton,
        [
            "пәтер",
            "пәт",
            "квартира",
            "кв",
            "flat",
            "kv",
            "apt",
            "подъезд",
            "под",
            "подьезд",
            "кіреберіс",
            "қабат",
            "этаж",
            "эт",
        ],
    )
)
BLOCK_WORDS = frozenset(map(skeleton, ["к", "корпус", "корп", "блок"]))
PLACE_WORDS = frozenset(
    map(skeleton, ["қала", "қаласы", "город", "г", "қ", "облысы", "обл", "область", "қазақстан", "казахстан"])
)
ORDINALS = frozenset(map(skeleton, ["ші", "шы", "й", "ый", "ой", "ая", "я", "ый", "го"]))


def join_marks(text: str) -> str:
    """Casefold and make «ш.а.», «пр-т», «шағын ауданы» one word each, before dots and hyphens cut the text."""
    text = text.casefold()
    for pattern, made in _JOINED_COMPILED:
        text = pattern.sub(made, text)
    return text
