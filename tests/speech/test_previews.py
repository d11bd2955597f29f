"""What speaks against a draft before it is sent."""

import pytest

from bot.i18n import Bilingual, _, speaking
from bot.speech.previews import check_head, language_doubt
from bot.terms import Language

KK = "Құрметті тұрғындар, ешкімге кодты айтпаңыз: полиция оны ешқашан сұрамайды."
RU = "Уважаемые жители, никому не называйте код: полиция никогда его не спрашивает."
SAME = "Both texts are the same. Write each in its own language."
IN_RUSSIAN = "The Kazakh text has none of the letters that only Kazakh has. Is it in Russian?"
IN_KAZAKH = "The Russian text has many Kazakh letters. Is it in Kazakh?"
KK_WITHOUT_LETTERS_OF_ITS_OWN = "Кодты айтпаныз"


@pytest.mark.parametrize(
    ("kk", "ru", "doubt"),
    [
        (KK, RU, ""),
        ("102", "102 звоните", ""),
        (KK_WITHOUT_LETTERS_OF_ITS_OWN, RU, ""),  # too short to tell
        (RU, RU.replace("Уважаемые ", ""), IN_RUSSIAN),
        (KK, KK.replace("Құрметті ", ""), IN_KAZAKH),
        (RU, f" {RU}\n", SAME),
        (KK, "Инспектор Қуанышбеков Әділет просит: не называйте никому код из СМС, даже тому, кто назвался им.", ""),
    ],
)
def test_a_text_in_the_others_language_is_doubted(kk: str, ru: str, doubt: str) -> None:
    assert language_doubt(Bilingual(kk, ru)) == (_(doubt) if doubt else "")


@pytest.mark.parametrize("language", list(Language))
def test_the_doubt_stands_where_the_texts_are_checked(language: Language) -> None:
    with speaking(language):
        assert any(line.startswith("⚠️") for line in check_head({"kk": RU, "ru": RU}))
        assert not any(line.startswith("⚠️") for line in check_head({"kk": KK, "ru": RU}))
