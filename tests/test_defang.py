"""A fraudster's site named in a warning cannot be tapped; everything else stays as it was written."""

import pytest

from bot.defang import defang, tappable


@pytest.mark.parametrize(("written", "told"), [
    ("Открывают eg0v-kz.top и просят код", "Открывают eg0v-kz[.]top и просят код"),
    ("https://kaspi.kz.bonus-pay.ru/login.php?id=a.b", "kaspi[.]kz[.]bonus-pay[.]ru/login.php?id=a.b"),
    ("Сайт «Halyk-Bank.Online».", "Сайт «Halyk-Bank[.]Online»."),
    ("еgov.kz с русской буквой", "еgov[.]kz с русской буквой"),
    ("халык.қаз, сбер.рф", "халык[.]қаз, сбер[.]рф"),
    ("http://185.12.4.7/pay", "185[.]12[.]4[.]7/pay"),
    ("t.me/kaspi_gold және wa.me/77010000000", "t[.]me/kaspi_gold және wa[.]me/77010000000"),
    ("Бот @kaspi_bonus_bot, канал @Halyk_Gift", "Бот [@]kaspi_bonus_bot, канал [@]Halyk_Gift"),
    ("http://файл.apk", "файл[.]apk"),
    ("kaspi.kz, kaspi.kz", "kaspi[.]kz, kaspi[.]kz"),
])  # fmt: skip
def test_what_a_messenger_would_make_a_link_of(written: str, told: str) -> None:
    assert defang(written) == told
    assert tappable(written)
    assert not tappable(told.replace("://", ""))
    assert defang(told) == told


@pytest.mark.parametrize("text", [
    "Абай к-сі, 12-үй. Келіңіз.", "ул.Абая, д.5, т.е. рядом", "26.11.2026 в 14.30, 3.5 млн", "Файл kaspi.apk не ставьте",
    "Пишите: ivan.petrov@mail.kz", "Сумма 1.500.000 тг.", "А.Б.Иванов", "и т.д.", "Код 102 @ 103", "…и др.Далее",
    "",
])  # fmt: skip
def test_what_is_no_link_stays(text: str) -> None:
    assert defang(text) == text
    assert tappable(text) == ()


@pytest.mark.parametrize("text", ["egov.kz", "https://polisia.gov.kz/ru", "Сайт: www.gov.kz."])
def test_the_sites_of_the_state_may_be_tapped(text: str) -> None:
    assert defang(text) == text


def test_an_address_that_only_looks_like_the_states_may_not() -> None:
    assert (
        defang("egov.kz.pay-24.com, my-egov.kz, gov.kz.ru") == "egov[.]kz[.]pay-24[.]com, my-egov[.]kz, gov[.]kz[.]ru"
    )


def test_what_the_author_wants_tapped_is_kept() -> None:
    text = "Наш канал t.me/police_kz, @Police_KZ; не kaspi-pay.top"
    assert defang(text, tappable("t.me/x @police_kz")) == "Наш канал t.me/police_kz, @Police_KZ; не kaspi-pay[.]top"
