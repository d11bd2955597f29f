"""Times that keep their zone, values that keep their place, ids that rise."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from bot.services.unit import Units
from bot.store import keys
from bot.store.base import new_id
from bot.store.keys import KeyRing, KeyWrong
from bot.store.leases import Lease
from bot.store.residents import Resident
from bot.store.talks import Talk
from bot.store.tips import Vault
from tests.clocks import FakeClock

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
OLD, NEW, PEPPER = b"o" * 32, b"n" * 32, b"p" * 32


# -- times


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 9, 1, 4, 0, 0, 123456, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2261, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=6))),
    ],
)
async def test_a_time_comes_back_to_the_microsecond_in_utc(units: Units, moment: datetime) -> None:
    async with units.house.database.writing() as session:
        session.add(Lease(name="x", holder="a", fence=0, until=moment))
    async with units.house.database.reading() as session:
        found = await session.scalar(select(Lease.until).where(Lease.name == "x"))
        earlier = await session.scalar(select(Lease.name).where(Lease.until < moment + timedelta(microseconds=1)))
    assert found == moment
    assert found.utcoffset() == timedelta()
    assert earlier == "x"


async def test_a_naive_time_is_refused(units: Units) -> None:
    with pytest.raises(StatementError, match="naive"):
        async with units.house.database.writing() as session:
            naive = NOW.replace(tzinfo=None)
            await session.execute(insert(Lease).values(name="x", holder="a", fence=0, until=naive))


# -- sealed values


def resident(row_id: int, name: str | None = "Айгүл") -> Resident:
    row = Resident(id=row_id, created_at=NOW)
    row.name = name
    return row


async def test_a_sealed_value_is_read_where_it_was_written(units: Units) -> None:
    async with units.house.database.writing() as session:
        session.add_all([resident(10**12), resident(10**12 + 1, "Ғалым 🙂"), resident(10**12 + 2, None)])
    async with units.house.database.reading() as session:
        names = [(await session.get_one(Resident, row_id)).name for row_id in (10**12, 10**12 + 1, 10**12 + 2)]
    assert names == ["Айгүл", "Ғалым 🙂", None]


async def test_ciphertexts_swapped_between_rows_are_refused(units: Units) -> None:
    async with units.house.database.writing() as session:
        session.add_all([resident(10**12, "Айгүл"), resident(10**12 + 1, "Болат")])
    async with units.house.database.writing() as session:
        first, second = await session.get_one(Resident, 10**12), await session.get_one(Resident, 10**12 + 1)
        first.name_sealed, second.name_sealed = second.name_sealed, first.name_sealed
    async with units.house.database.reading() as session:
        for row_id in (10**12, 10**12 + 1):
            with pytest.raises(KeyWrong):
                _ = (await session.get_one(Resident, row_id)).name


def test_a_value_moved_to_another_column_or_table_is_refused() -> None:
    talk = Talk(key=b"k" * 32, updated_at=NOW)
    talk.form = {"parts": []}
    talk.menu_sealed = talk.form_sealed
    with pytest.raises(KeyWrong):
        _ = talk.menu
    vault, row = Vault(id=10**12, owner=b"o" * 32), resident(10**12)
    vault.resident = 5
    row.name_sealed = vault.resident_sealed
    with pytest.raises(KeyWrong):
        _ = row.name


def test_one_changed_bit_is_refused() -> None:
    row = resident(10**12)
    sealed = bytearray(row.name_sealed or b"")
    for place in (0, 5, 20, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[place] ^= 1
        row.name_sealed = bytes(changed)
        with pytest.raises(KeyWrong):
            _ = row.name


def test_sealing_before_the_id_is_known_is_refused() -> None:
    with pytest.raises(ValueError, match="set the id"):
        Resident(created_at=NOW).name = "Айгүл"


def test_the_same_words_twice_look_different() -> None:
    assert resident(10**12).name_sealed != resident(10**12).name_sealed


# -- keys


def use(*ring: bytes) -> None:
    keys.install(KeyRing(list(ring), PEPPER))


def test_a_wrong_key_opens_nothing() -> None:
    use(OLD)
    row = resident(10**12)
    use(NEW)
    with pytest.raises(KeyWrong, match="does not have"):
        _ = row.name


def test_after_a_rotation_old_values_open_and_new_ones_are_sealed_anew() -> None:
    use(OLD)
    row = resident(10**12)
    use(NEW, OLD)
    assert row.name == "Айгүл"
    assert not keys.ring().is_current(row.name_sealed or b"")
    row.name = row.name
    assert keys.ring().is_current(row.name_sealed or b"")
    use(NEW)
    assert row.name == "Айгүл"


def test_a_fingerprint_outlives_every_rotation_and_tells_nothing_without_the_pepper() -> None:
    use(OLD)
    before = keys.ring().fingerprint("endpoint", "telegram", "77010000001")
    use(NEW, OLD)
    assert keys.ring().fingerprint("endpoint", "telegram", "77010000001") == before
    keys.install(KeyRing([NEW], b"q" * 32))
    assert keys.ring().fingerprint("endpoint", "telegram", "77010000001") != before


def test_fingerprints_of_two_purposes_and_of_two_cuts_differ() -> None:
    use(OLD)
    prints = {
        keys.ring().fingerprint("chat", "telegram", "1"), keys.ring().fingerprint("endpoint", "telegram", "1"),
        keys.ring().fingerprint("endpoint", "telegram1"), keys.ring().fingerprint("endpoint", "tele", "gram1"),
    }  # fmt: skip
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("ring", "pepper"), [([], PEPPER), ([b"short"], PEPPER), ([OLD], b"short"), ([OLD, b"x" * 31], PEPPER)]
)
def test_a_key_of_the_wrong_length_is_refused(ring: list[bytes], pepper: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing(ring, pepper)


# -- ids


def test_ids_rise_with_time_and_stay_positive_whatever_the_clock_does() -> None:
    moments = [NOW, NOW, NOW - timedelta(days=900), NOW + timedelta(milliseconds=1), NOW - timedelta(days=9)]
    ids = [new_id(moment) for moment in moments * 200]
    assert ids == sorted(set(ids))
    assert 0 < ids[0] < ids[-1] < 2**63


async def test_the_store_keeps_no_words_in_the_open(units: Units, clock: FakeClock) -> None:
    canary: dict[str, Any] = {"words": "канарейка"}
    async with units.house.database.writing() as session:
        row = Talk(key=b"k" * 32, updated_at=clock.now())
        row.form = canary
        session.add(row)
    async with units.house.database.reading() as session:
        (stored,) = (await session.execute(text("SELECT form_sealed FROM talks"))).one()
    assert "канарейка".encode() not in bytes(stored)
