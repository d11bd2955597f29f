"""Who is known, in which language, with which consent."""

from datetime import timedelta

from bot.services.residents import CONSENT_VERSION
from bot.services.talks import TalkView, talk_key
from bot.services.unit import Units
from bot.store.endpoints import Endpoint
from bot.store.residents import Resident
from bot.terms import EndpointState, Language, Messenger
from tests.clocks import FakeClock
from tests.services import cast


async def test_a_person_is_written_down_once(units: Units) -> None:
    async with units() as unit:
        first = await cast.newcomer(unit)
    async with units() as unit:
        again = await cast.newcomer(unit)
    assert again == first
    assert first.language is None
    assert not first.has_consent
    assert len(await cast.rows(units, Endpoint, Endpoint.resident_id == first.id)) == 1


async def test_one_number_on_two_messengers_is_two_people(units: Units) -> None:
    async with units() as unit:
        telegram = await cast.newcomer(unit, "77010000001")
        whatsapp = await cast.newcomer(unit, "77010000001", Messenger.WHATSAPP)
    assert telegram.id != whatsapp.id


async def test_looking_for_a_stranger_writes_nothing(units: Units) -> None:
    before = len(await cast.rows(units, Resident))
    async with units() as unit:
        assert await unit.residents.known(Messenger.TELEGRAM, "404404") is None
    assert len(await cast.rows(units, Resident)) == before


async def test_neither_name_nor_address_lies_in_the_open(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77770001122", Messenger.WHATSAPP)
    (row,) = await cast.rows(units, Resident, Resident.id == person.id)
    (endpoint,) = await cast.rows(units, Endpoint, Endpoint.resident_id == person.id)
    assert row.name == "Жаңа Тұрғын"
    assert endpoint.address == "+77770001122"
    assert b"77770001122" not in endpoint.address_sealed + endpoint.fingerprint
    assert "Тұрғын".encode() not in row.name_sealed


async def test_language_consent_and_home_are_remembered(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.residents.choose_language(person, Language.RU)
        await unit.residents.consent(person)
        await unit.residents.settle(person, await cast.precinct_id(unit, "102"))
    async with units() as unit:
        person = await cast.newcomer(unit)
        assert person.precinct_id == await cast.precinct_id(unit, "102")
    assert person.language is Language.RU
    assert person.has_consent
    (row,) = await cast.rows(units, Resident, Resident.id == person.id)
    assert (row.consent_version, row.consent_at) == (CONSENT_VERSION, units.house.clock.now())


async def test_consent_to_an_older_text_is_no_consent(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.residents.consent(person)
    async with units.house.database.writing() as session:
        (await session.get_one(Resident, person.id)).consent_version = "2019-01"
    async with units() as unit:
        assert not (await cast.newcomer(unit)).has_consent


async def test_a_sign_of_life_reopens_the_endpoint(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.residents.close_endpoint(person.endpoint_id, EndpointState.BLOCKED, "blocked " * 30)
    (endpoint,) = await cast.rows(units, Endpoint, Endpoint.id == person.endpoint_id)
    assert (endpoint.state, len(endpoint.state_reason)) == ("blocked", 80)
    async with units() as unit:
        await cast.newcomer(unit)
    (endpoint,) = await cast.rows(units, Endpoint, Endpoint.id == person.endpoint_id)
    assert (endpoint.state, endpoint.state_reason) == ("open", "")


async def test_whatsapp_opens_a_window_of_a_day_at_every_word(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
    await clock.advance(3600)
    async with units() as unit:
        await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
    (endpoint,) = await cast.rows(units, Endpoint, Endpoint.id == person.endpoint_id)
    assert endpoint.window_until == clock.now() + timedelta(hours=24)


async def test_a_word_right_after_another_is_not_written_down_and_the_window_is_never_too_long(
    units: Units, clock: FakeClock
) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000002", Messenger.WHATSAPP)
    heard = clock.now()
    for minutes, since in ((9, 0), (1, 10)):
        await clock.advance(minutes * 60)
        async with units() as unit:
            await cast.newcomer(unit, "+77010000002", Messenger.WHATSAPP)
        (endpoint,) = await cast.rows(units, Endpoint, Endpoint.id == person.endpoint_id)
        assert endpoint.heard_at == heard + timedelta(minutes=since)
        assert endpoint.window_until == endpoint.heard_at + timedelta(hours=24)


async def test_who_is_expected_is_read_with_his_talk_and_once(units: Units) -> None:
    key = talk_key("telegram", "990001", "990001")
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.talks.write(key, TalkView(state="TipForm:story"))
    async with units() as unit:
        await unit.residents.expect(Messenger.TELEGRAM, "990001", key)
        assert (await unit.talks.read(key)).state == "TipForm:story"
        assert (await cast.newcomer(unit)).id == person.id
        await unit.residents.block(person.id)
        assert (await cast.newcomer(unit)).is_blocked, "what was read before is not believed twice"


async def test_a_stranger_is_expected_in_vain(units: Units) -> None:
    async with units() as unit:
        await unit.residents.expect(Messenger.TELEGRAM, "990001", b"k" * 32)
        assert await unit.residents.known(Messenger.TELEGRAM, "990001") is None
        person = await cast.newcomer(unit)
        assert (await unit.residents.known(Messenger.TELEGRAM, "990001")) == person


async def test_stop_and_start_again(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.residents.consent(person)
        await unit.residents.stop(person)
    async with units() as unit:
        assert (await cast.newcomer(unit)).is_stopped
        await unit.residents.start_again(person)
    async with units() as unit:
        again = await cast.newcomer(unit)
        assert (again.is_stopped, again.has_consent) == (False, False)  # STOP withdraws the consent too


async def test_a_blocked_person_is_known_as_such(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.residents.block(person.id)
    async with units() as unit:
        assert (await cast.newcomer(unit)).is_blocked
        await unit.residents.block(person.id, blocked=False)
    async with units() as unit:
        assert not (await cast.newcomer(unit)).is_blocked


async def test_an_officer_is_recognised_by_his_account(units: Units) -> None:
    async with units() as unit:
        person = await cast.resident(unit, 2001)
    assert person.officer is not None
    assert person.officer.badge == cast.ASKAR
