"""Number and secret code continue a tip from another account; guessing them is slow and locked."""

import hashlib

import pytest

from bot.errors import NotFound
from bot.services.residents import Person
from bot.services.tips.codes import DIGITS, digest_of, grouped
from bot.services.tips.receipts import MISSES
from bot.services.unit import Units
from bot.store.notices import Notice
from bot.store.tips import Receipt, Tip, Vault
from bot.terms import Identity, Language, Messenger, NoticeKind, NoticeState
from tests.clocks import FakeClock
from tests.services.cast import ASKAR, newcomer, officer, resident, rows, submit, words


async def sent(units: Units, identity: Identity = Identity.HIDDEN) -> tuple[int, str]:
    """A tip's number, and the code its sender was told."""
    async with units() as unit:
        tip = await submit(unit, await resident(unit), identity=identity)
    (notice,) = await rows(units, Notice, Notice.tip_id == tip.id, Notice.kind == NoticeKind.TIP_SENT)
    return tip.number, str(notice.facts["code"])


async def other(units: Units, address: str = "+77009990001") -> Person:
    async with units() as unit:
        person = await newcomer(unit, address, Messenger.WHATSAPP)
        await unit.residents.choose_language(person, Language.RU)
    return person


async def guess(units: Units, person: Person, number: int, code: str):  # type: ignore[no-untyped-def]
    async with units() as unit:
        return await unit.tips.continue_tip(person, number, code)


async def test_the_code_is_kept_as_a_slow_salted_hash_alone(units: Units) -> None:
    _number, code = await sent(units)
    (receipt,) = await rows(units, Receipt)
    assert len(code) == DIGITS
    assert receipt.digest == digest_of(code, receipt.salt)
    assert receipt.digest != hashlib.sha256(code.encode()).digest()
    assert grouped("123456789012") == "123 456 789 012"


@pytest.mark.parametrize("identity", [Identity.HIDDEN, Identity.NAMED])
async def test_the_tip_goes_on_at_the_other_account(units: Units, identity: Identity) -> None:
    number, code = await sent(units, identity)
    person = await other(units)
    result = await guess(units, person, number, code)
    assert result.tip is not None
    assert result.tip.number == number
    async with units() as unit:
        first = await resident(unit)
        assert [tip.number for tip in await unit.tips.mine(person)] == [number]
        assert await unit.tips.mine(first) == []
        await unit.tips.add(person, result.tip.id, words("С другого телефона"))
        await unit.tips.answer(await officer(unit, ASKAR), result.tip.id, words("Жауап"), first)
    (answer,) = await rows(units, Notice, Notice.kind == NoticeKind.TIP_ANSWER)
    assert answer.messenger == Messenger.WHATSAPP
    if identity is Identity.HIDDEN:
        (vault,) = await rows(units, Vault)
        assert vault.resident == person.id
        assert (await rows(units, Tip))[0].resident_id is None
    with pytest.raises(NotFound):
        async with units() as unit:
            await unit.tips.add(first, result.tip.id, words("Со старого"))


async def test_what_waits_to_be_told_goes_along(units: Units) -> None:
    number, code = await sent(units)
    await guess(units, await other(units), number, code)
    waiting = await rows(units, Notice, Notice.vault_id.is_not(None), Notice.state == NoticeState.DUE)
    assert {notice.messenger for notice in waiting} == {Messenger.WHATSAPP}


async def test_five_misses_lock_the_tip_for_everybody_for_an_hour(units: Units, clock: FakeClock) -> None:
    number, code = await sent(units)
    for n in range(MISSES):
        assert (await guess(units, await other(units, f"+7700999001{n}"), number, "0" * DIGITS)).tip is None
    honest = await other(units, "+77009990100")
    locked = await guess(units, honest, number, code)
    assert locked.tip is None
    assert locked.locked_until is not None
    await clock.advance(3601)
    assert (await guess(units, honest, number, code)).tip is not None


async def test_five_misses_lock_the_person_at_every_tip(units: Units, clock: FakeClock) -> None:
    number, code = await sent(units)
    person = await other(units)
    for n in range(MISSES):
        assert (await guess(units, person, 5000 + n, "0" * DIGITS)).locked_until is None
    assert (await guess(units, person, number, code)).locked_until is not None
    await clock.advance(3 * 3600)
    assert (await guess(units, person, number, code)).tip is not None


async def test_a_number_that_is_not_there_is_told_like_a_wrong_code(units: Units) -> None:
    number, _code = await sent(units)
    person = await other(units)
    assert await guess(units, person, number, "1" * DIGITS) == await guess(units, person, 999_999, "1" * DIGITS)


async def test_a_cut_link_is_tied_by_nothing(units: Units) -> None:
    number, code = await sent(units)
    async with units() as unit:
        person = await resident(unit)
        (tip,) = await unit.tips.mine(person)
        await unit.tips.cut(person, tip.id)
    assert await rows(units, Receipt) == []
    assert (await guess(units, await other(units), number, code)).tip is None


async def test_an_edit_from_the_old_account_changes_nothing_any_more(units: Units) -> None:
    async with units() as unit:
        person = await resident(unit)
        tip = await submit(unit, person, identity=Identity.HIDDEN, parts=[words("Шум", "1002:7")])
    (notice,) = await rows(units, Notice, Notice.kind == NoticeKind.TIP_SENT)
    await guess(units, await other(units), tip.number, str(notice.facts["code"]))
    async with units() as unit:
        assert await unit.tips.edited(person, "1002:7", "Иначе") is None


async def test_the_code_is_gone_from_the_notice_when_it_was_told(units: Units) -> None:
    await sent(units)
    (notice,) = await rows(units, Notice, Notice.kind == NoticeKind.TIP_SENT)
    from bot.services.deliveries import Settlement

    async with units() as unit:
        (delivery,) = await unit.deliveries.claim([notice.id])
        assert delivery.facts["code"]
        later = Settlement(delivery.id, delivery.fence, NoticeState.DUE, due_at=unit.clock.now())
        await unit.deliveries.settle([later])
    (notice,) = await rows(units, Notice, Notice.kind == NoticeKind.TIP_SENT)
    assert notice.facts["code"]
    async with units() as unit:
        (delivery,) = await unit.deliveries.claim([notice.id])
        said = Settlement(
            delivery.id, delivery.fence, NoticeState.SENT, message="77", messenger=delivery.messenger,
            seal_id=delivery.seal_id,
        )  # fmt: skip
        await unit.deliveries.settle([said])
    (notice,) = await rows(units, Notice, Notice.kind == NoticeKind.TIP_SENT)
    assert notice.facts_sealed is None
    assert notice.message == "77"
