"""Is this really an inspector: exactly, or not at all."""

import pytest
from sqlalchemy import update

from bot.services.register import Claim, Finding
from bot.services.unit import Unit, Units
from bot.store.officers import Officer
from tests.services import cast

YES, NAMED, SIMILAR, NO, UNCLEAR = Finding

WORDS = [
    # a phone, however it is written
    ("+7 700 000 01 01", YES),
    ("+77000000101", YES),
    ("87000000101", YES),
    ("8 (700) 000-01-01", YES),
    ("77000000101", YES),
    ("7000000101", YES),
    ("007 700 000 01 01", YES),
    ("+7‑700‑000‑01‑01", YES),
    ("＋７７０００００１０１ ", NO),  # a digit is missing
    ("٨٧٠٠٠٠٠٠١٠١", YES),
    ("тел.: 8 700 000 01 01", YES),
    ("Аскар Тогайбаев 8 700 000 01 01", YES),
    ("Учаскелік инспектор Тоғайбаев, +7 700 000 01 01", YES),
    ("Мне позвонил какой-то мужчина, сказал что участковый, номер 8 700 000 01 01", YES),
    # a phone that is not his
    ("+7 700 000 01 91", NO),
    ("+7 701 000 01 01", NO),
    ("+7 700 000 01 011", NO),
    ("+8 700 000 01 01", NO),
    ("+996 700 000 01 01", NO),
    ("+7 7OO OOO O1 O1", NO),
    ("Аскар Тогайбаев 8 700 000 01 91", SIMILAR),
    ("Иван Петров 8 700 000 01 01", SIMILAR),
    ("Әсел Арқабаева +7 700 000 01 01", SIMILAR),
    ("8 700 000 01 01, 8 700 000 01 91", SIMILAR),
    ("8 700 000 01 01 и 8 700 000 01 02", SIMILAR),
    ("700 000 01", NO),
    ("102", UNCLEAR),
    # an @name
    ("@askar_police", YES),
    ("@Askar_Police", YES),
    ("https://t.me/askar_police", YES),
    ("t.me/askar_police?start=1", YES),
    ("@askar_poIice", SIMILAR),  # capital I for l
    ("@askar_po1ice", SIMILAR),
    ("@askar_p0lice", SIMILAR),
    ("@аskar_police", SIMILAR),  # Cyrillic а
    ("@askarpolice", SIMILAR),
    ("@askar__police", SIMILAR),
    ("@askar_police_", SIMILAR),
    ("@askar_polica", SIMILAR),
    ("@askar_police_kz", SIMILAR),
    ("@togaibaev_askar", SIMILAR),
    ("@askar_police @somebody_else", SIMILAR),
    ("@askar\u200b_police", YES),  # a mark nobody sees is no part of a name
    ("@somebody_else", NO),
    ("@asel_police", NO),
    # a badge
    ("A-1001", YES),
    ("а-1001", YES),  # printed on a card the letter is the same
    ("№ A 1001", YES),
    ("жетон A-1001", YES),
    ("B-1001", SIMILAR),
    ("1001", SIMILAR),
    ("A-I001", UNCLEAR),
    ("A-1O01", NO),
    ("A-9999", NO),
    ("12", UNCLEAR),
    # a name
    ("Аскар Тогайбаев", NAMED),
    ("Тоғайбаев Асқар", NAMED),
    ("майор полиции Аскар Тогайбаев", NAMED),
    ("Аскар Тагайбаев", SIMILAR),
    ("Аcкар Тогайбаев", SIMILAR),  # Latin c
    ("Askar Togaibaev", SIMILAR),
    ("Аскар Тогайбаев Ерланович", SIMILAR),
    ("А. Тогайбаев", SIMILAR),
    ("Тогайбаев", SIMILAR),
    ("Аскар", SIMILAR),
    ("Иван Петров", NO),
    ("майор полиции", UNCLEAR),
    ("?", UNCLEAR),
    ("", UNCLEAR),
]  # fmt: skip


async def with_username(unit: Unit, badge: str = cast.ASKAR, username: str = "askar_police") -> None:
    await unit._session.execute(update(Officer).where(Officer.badge == badge).values(username=username))


@pytest.fixture
async def register(units: Units) -> Units:
    async with units() as unit:
        await with_username(unit)
    return units


async def test_words_are_never_a_yes_for_a_near_miss(register: Units) -> None:
    async with register.reading() as unit:
        found = {words: (await unit.register.check(Claim(words))).finding for words, _finding in WORDS}
        askar = await cast.officer(unit, cast.ASKAR)
        for words, finding in WORDS:
            officer = (await unit.register.check(Claim(words))).officer
            assert officer == (askar if finding in (YES, NAMED) else None), words
    assert {words: (got, dict(WORDS)[words]) for words, got in found.items() if got != dict(WORDS)[words]} == {}
    assert len(WORDS) >= 60


ASKAR = "Аскар Тогайбаев"
ACCOUNTS = [
    (Claim(phones=("+77000000101",), name=ASKAR), YES),
    (Claim(phones=("77000000101",), name="Участковый"), YES),
    (Claim(phones=("+77000000101",), name="x", telegram_id=2001), YES),
    (Claim(phones=("+77000000101",), name=ASKAR, telegram_id=666), SIMILAR),
    (Claim(phones=("+77000000102",), name=ASKAR, telegram_id=2001), SIMILAR),
    (Claim(phones=("+77000000191",), name=ASKAR), SIMILAR),
    (Claim(phones=("+77000000191",), name="Аскар Тагайбаев"), SIMILAR),
    (Claim(phones=("+77000000191",), name="Такси"), NO),
    (Claim(phones=("+77000000191",), name="Такси", telegram_id=2001), SIMILAR),
    (Claim(telegram_id=2001, name="Кто угодно"), YES),
    (Claim(telegram_id=2001, username="new_name"), YES),
    (Claim(telegram_id=666, name=ASKAR), SIMILAR),
    (Claim(telegram_id=666, name="Гость", username="askar_police"), SIMILAR),
    (Claim(telegram_id=666, name="Гость", username="askar_po1ice"), SIMILAR),
    (Claim(telegram_id=666, name="Гость", username="guest"), NO),
    (Claim(telegram_id=1002, name="Зарина К."), NO),
    (Claim(name=ASKAR), NAMED),
    (Claim(name="Аскар Т."), SIMILAR),
    (Claim(name="Гость"), NO),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "finding"), ACCOUNTS, ids=range(len(ACCOUNTS)))
async def test_a_contact_or_a_writer_is_the_officer_or_is_not(register: Units, claim: Claim, finding: Finding) -> None:
    async with register.reading() as unit:
        verdict = await unit.register.check(claim)
    assert verdict.finding is finding
    assert (verdict.officer is not None) is (finding in (YES, NAMED))


async def test_who_has_left_is_not_in_the_register(register: Units) -> None:
    async with register() as unit:
        await unit._session.execute(update(Officer).where(Officer.badge == cast.ASKAR).values(is_active=False))
    async with register.reading() as unit:
        for words in ("+7 700 000 01 01", "@askar_police", "A-1001", "Аскар Тогайбаев"):
            assert (await unit.register.check(Claim(words))).finding is NO, words
        assert (await unit.register.check(Claim(telegram_id=2001, name="x"))).finding is NO


async def test_two_officers_with_one_phone_prove_nothing(register: Units) -> None:
    async with register() as unit:
        await unit._session.execute(update(Officer).where(Officer.badge == cast.ASEL).values(phone="8 700 000 01 01"))
    async with register.reading() as unit:
        assert (await unit.register.check(Claim("+7 700 000 01 01"))).finding is NO


async def test_own_security_and_administrators_are_not_told_of(register: Units) -> None:
    async with register.reading() as unit:
        for badge in (cast.OWN_SECURITY, cast.ADMIN):
            officer = await cast.officer(unit, badge)
            for words in (officer.phone, officer.badge, officer.name.ru):
                verdict = await unit.register.check(Claim(words))
                assert verdict.finding not in (YES, NAMED), (badge, words)


async def test_a_phone_typed_by_hand_into_the_register_is_found(register: Units) -> None:
    async with register() as unit:
        await unit._session.execute(update(Officer).where(Officer.badge == cast.ASEL).values(phone="8 701 5550022"))
    async with register.reading() as unit:
        verdict = await unit.register.check(Claim("+7 (701) 555-00-22"))
    assert verdict.officer is not None
    assert verdict.officer.badge == cast.ASEL
