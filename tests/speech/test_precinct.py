"""How a found address is shown: by its settlement where there are several."""

import pytest

from bot.addresses import Match
from bot.i18n import Bilingual
from bot.services.territory import PlaceView
from bot.speech.precinct import address_name

PLACE = PlaceView(1, "200", Bilingual("№ 200, Ақтас", "№ 200, Актас"), 1)
VILLAGE = ("Ақтас ауылы", "село Актас")
ABAI = ("Абай көшесі", "улица Абая")


@pytest.mark.parametrize(
    ("street", "house", "settlement", "shown"),
    [
        (ABAI, "5", ("", ""), Bilingual("Абай көшесі, 5", "улица Абая, 5")),
        (ABAI, "5", VILLAGE, Bilingual("Ақтас ауылы, Абай көшесі, 5", "село Актас, улица Абая, 5")),
        (
            ABAI,
            "",
            VILLAGE,
            Bilingual("Ақтас ауылы, Абай көшесі (№ 200, Ақтас)", "село Актас, улица Абая (№ 200, Актас)"),
        ),
        (("", ""), "", VILLAGE, Bilingual("Ақтас ауылы (№ 200, Ақтас)", "село Актас (№ 200, Актас)")),
        (VILLAGE, "5", VILLAGE, Bilingual("Ақтас ауылы, 5", "село Актас, 5")),  # no streets there
    ],
)
def test_an_address_is_shown(
    street: tuple[str, str], house: str, settlement: tuple[str, str], shown: Bilingual
) -> None:
    assert address_name(Match("200", *street, house, 100.0, False, *settlement), PLACE) == shown
