"""How the last rules are told: why it came to them, not their own name once more."""

import pytest

from bot.i18n import Bilingual, speaking
from bot.services.routing import Verdict
from bot.speech.explain import line_of
from bot.terms import Language

DESK = {"kk": "Департаменттің кезекші бөлімі", "ru": "Дежурная часть департамента"}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("rule", "msgid"),
    [
        ("district_duty", "Nobody in the precinct can hold it: {desk} has it."),
        ("department_duty", "No rule before this one found a holder: {desk} has it."),
    ],
)
def test_a_duty_queue_says_why_it_holds_a_tip(language: Language, rule: str, msgid: str) -> None:
    with speaking(language):
        said = line_of(Verdict(rule, True, msgid, {"desk": DESK}))
    name, _, reason = said.removeprefix("✅ ").partition(": ")
    assert not reason.startswith(name)
    assert reason.endswith(f"{Bilingual(DESK['kk'], DESK['ru']).of(language)}.")
