"""One skeleton for every spelling of a street: Kazakh, Russian, without Kazakh letters, in Latin letters.

Both sides are folded, the register and what people type, so the skeleton need not be readable, only equal:
«Жеңіс», «Женис», «Zhenis» and «Jenis» are all «женис»; «Степная» and «Stepnaya» are «степнаиа».
"""

import re
from functools import lru_cache
from unicodedata import normalize

from bot.addresses.slips import is_slip

STREET, AVENUE, LANE, BOULEVARD, AREA, COMPLEX, ROAD, SQUARE, PASSAGE = (
    "street", "avenue", "lane", "boulevard", "area", "complex", "road", "square", "passage",
)  # fmt: skip

_KINDS = {
    STREET: "көшесі көше көш кө ксі улица ул улицы street str st koshesi koshe",
    AVENUE: "даңғылы даңғыл даң дңғ проспект просп пр прт пркт prospekt ave avenue dangyly",
    LANE: "тұйығы тұйық тұй переулок пер пере tuiyq pereulok",
    BOULEVARD: "бульвары бульвар бул бр булв bulvar boulevard",
    AREA: "микрорайон мкр мкрн мкрайон микр мкн мн мрн мр ша шағынауданы шағынаудан ықшамауданы ықшамаудан "
    "квартал кварталы шағын ықшам mkr mikrorayon mikroraion kvartal",
    COMPLEX: "кешені кешен тк түк жк жилкомплекс комплекс тұрғын жилой zhk jk tk tuk",
    ROAD: "тасжолы тасжол шоссе shosse",
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
    (r"\bкв\s*-\s*л\b", " квартал "),
    (r"\bр\s*-\s*н\b", " район "),
    (r"\b(у|ул)\s*-\s*(ца|а)\b", " улица "),
)
_JOINED_COMPILED = tuple((re.compile(pattern), made) for pattern, made in _JOINED)

_LATIN_RUNS = (
    ("shch", "ш"), ("tsh", "тш"), ("sch", "ш"), ("dzh", "ж"), ("zh", "ж"), ("sh", "ш"), ("ch", "ч"), ("kh", "х"),
    ("gh", "г"), ("ts", "тс"), ("ce", "тсе"), ("ci", "тси"),
    ("ya", "иа"), ("yu", "иу"), ("yo", "е"), ("ye", "ие"), ("ja", "жа"),
)  # fmt: skip
_LATIN = dict(zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхижклмнопкрстувухиз", strict=True))
_LATIN |= dict(zip("äáğǵıíñńóöşśúüūýçžš", "ааггиинноошсуууучжш", strict=True)) | {"'": "", "’": "", "ʹ": ""}
_LOOK_ALIKES = str.maketrans("aceopxykmtbhi", "асеорхукмтвні")  # a Latin letter inside a Cyrillic word
_CYRILLIC = str.maketrans(
    {"ә": "а", "і": "и", "ң": "н", "ғ": "г", "ү": "у", "ұ": "у", "қ": "к", "ө": "о", "һ": "х", "ё": "е", "й": "и"}
    | {"ы": "и", "э": "е", "щ": "ш", "ъ": "", "ь": "", "ц": "тс", "я": "иа", "ю": "иу"}
)
_DOUBLED = re.compile("ии+")  # «ый», «ий», «iy»: other doubled letters stay, or a slip would pass for the street
_IOTATED = re.compile("(?:^|(?<=[аоуеи]))ие")  # «ye» is «е» at the beginning and after a vowel, as in «ые»
_HAS_LATIN, _HAS_CYRILLIC = re.compile("[a-zäáğǵıíñńóöşśúüūýçžš]"), re.compile("[\u0400-\u04ff]")


@lru_cache(maxsize=8192)
def skeleton(word: str) -> str:
    """The letters every spelling of a casefolded word shares."""
    if _HAS_LATIN.search(word):
        word = word.translate(_LOOK_ALIKES) if _HAS_CYRILLIC.search(word) else _from_latin(word)
    word = word.translate(_CYRILLIC).replace("нг", "н").replace("дж", "ж")
    return _DOUBLED.sub("и", _IOTATED.sub("е", word))


def _from_latin(word: str) -> str:
    for latin, cyrillic in _LATIN_RUNS:
        word = word.replace(latin, cyrillic)
    return "".join(_LATIN.get(letter, letter) for letter in word)


KIND_OF = {skeleton(word): kind for kind, words in _KINDS.items() for word in words.split()}
"""What a word like «көш.» or «пр.» says about the street it stands with."""
SLIPS_OF = {
    word: frozenset(kind for other, kind in KIND_OF.items() if len(other) <= 4 and is_slip(word, other)) - {own}
    for word, own in KIND_OF.items()
    if len(word) <= 4
}
"""What a short word may have been meant to say: «пр.» is one letter from «пер.»."""


def _all(words: str) -> frozenset[str]:
    return frozenset(map(skeleton, words.split()))


HOUSE_WORDS = _all("үй үйі дом д house dom уй")
FLAT_WORDS = _all(
    "пәтер пәт квартира кв flat kv apt подъезд под подьезд кіреберіс қабат этаж эт домофон офис кеңсе кабинет каб"
)
BLOCK_WORDS = _all("к корпус корп блок")
PLACE_WORDS = _all(
    "қала қаласы город г қ облысы обл область қазақстан казахстан ауданы ауд район рн кенті поселок пос ауылы ауыл село"
)
VILLAGE_KIND_OF = {
    skeleton(word): kind
    for kind, words in {
        "town": "қала қаласы город г қ qala qalasy gorod",
        "village": "ауыл ауылы аул аулы а село селосы с деревня auyl auyly aul selo",
        "urban": "кент кенті поселок поселке пос п пгт kent kenti poselok pos",
        "station": "станция станциясы stansia",
    }.items()
    for word in words.split()
}
"""What the word beside its name says a settlement is."""
VILLAGE_AFTER = _all("ауылы аулы кенті қаласы қ селосы станциясы auyly kenti qalasy")
"""Of these, words that only follow a name; VILLAGE_BEFORE only go before it, the others do both."""
VILLAGE_BEFORE = _all("с п пос пгт г город деревня gorod pos")
DISTRICT_WORDS = _all("облысы обл область oblysy oblast ауданы аудан ауд район рн audany rayon округі округ")
STREET_WORDS_AFTER = _all("көшесі көше көш кө ксі koshesi koshe даңғылы даңғыл даң дңғ тұйығы тұйық тұй бульвары алаңы")
ORDINALS = _all("ші шы й ый ой ая я ый го")


def join_marks(text: str) -> str:
    """Casefold and make «ш.а.», «пр-т», «шағын ауданы» one word each, before dots and hyphens cut the text."""
    text = normalize("NFKC", text).casefold()
    for pattern, made in _JOINED_COMPILED:
        text = pattern.sub(made, text)
    return text
