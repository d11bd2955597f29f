"""What the database itself refuses, whoever writes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot.services.unit import Units
from bot.store.notices import Notice
from bot.store.territory import Generation
from bot.store.tips import Tip

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
NOTICE = {
    "kind": "warning", "messenger": "telegram", "lane": 3, "talk": 1, "state": "due", "due_at": NOW, "attempts": 0,
    "fence": 0, "error": "",
}  # fmt: skip
TIP = {
    "id": 1, "number": 1, "category": "noise_night", "urgency": "U2", "state": "routed", "identity": "named",
    "alias": "№1", "language": "kk", "created_at": NOW, "is_restricted": False,
}  # fmt: skip


async def write(units: Units, table: Any, *rows: dict[str, Any]) -> None:
    async with units.house.database.writing() as session:
        for row in rows:
            await session.execute(insert(table).values(**row))


async def some_people(units: Units) -> tuple[int, int]:
    from bot.store.chats import Chat
    from bot.store.residents import Resident
    from tests.services import cast

    return (await cast.rows(units, Resident))[0].id, (await cast.rows(units, Chat))[0].id


@pytest.mark.parametrize("holder", [{}, {"officer_id": 1, "desk_id": 1}])
async def test_a_tip_has_exactly_one_holder(units: Units, holder: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match=r"one_holder"):
        await write(units, Tip, TIP | holder)


async def test_a_tip_with_one_holder_is_taken(units: Units) -> None:
    await write(units, Tip, TIP | {"officer_id": 1}, TIP | {"id": 2, "number": 2, "desk_id": 1})


async def test_a_number_is_given_once(units: Units) -> None:
    with pytest.raises(IntegrityError):
        await write(units, Tip, TIP | {"desk_id": 1}, TIP | {"id": 2, "desk_id": 1})


async def test_a_category_or_state_that_does_not_exist_is_refused(units: Units) -> None:
    for wrong in ({"category": "witchcraft"}, {"state": "forgotten"}):
        with pytest.raises(IntegrityError):
            await write(units, Tip, TIP | {"desk_id": 1} | wrong)


async def test_a_notice_has_exactly_one_recipient(units: Units) -> None:
    resident, chat = await some_people(units)
    both = {"resident_id": resident, "chat_id": chat}
    for wrong in ({}, both, {"resident_id": resident, "vault_id": 1}, both | {"vault_id": 1}):
        with pytest.raises(IntegrityError, match=r"one_recipient"):
            await write(units, Notice, NOTICE | wrong)
    for right in ({"resident_id": resident}, {"chat_id": chat}, {"vault_id": 1}):
        await write(units, Notice, NOTICE | right)


async def test_a_warning_has_one_notice_for_each_person_and_each_group(units: Units) -> None:
    resident, chat = await some_people(units)
    for to in ({"resident_id": resident}, {"chat_id": chat}):
        await write(units, Notice, NOTICE | to | {"warning_id": 5}, NOTICE | to | {"warning_id": 6})
        with pytest.raises(IntegrityError):
            await write(units, Notice, NOTICE | to | {"warning_id": 5})
        progress = NOTICE | to | {"warning_id": 5, "kind": "warning_progress"}
        await write(units, Notice, progress, progress)


async def test_one_generation_of_borders_is_active(units: Units) -> None:
    with pytest.raises(IntegrityError):
        await write(units, Generation, {"loaded_at": NOW, "is_active": True, "source": ""})
    await write(units, Generation, *[{"loaded_at": NOW, "is_active": False, "source": ""}] * 2)


async def test_a_row_of_nobody_is_refused(units: Units) -> None:
    """Foreign keys are on in SQLite too."""
    with pytest.raises(IntegrityError):
        await write(units, Notice, NOTICE | {"resident_id": 404_404})
