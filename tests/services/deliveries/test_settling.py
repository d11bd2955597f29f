"""What a crash leaves in doubt: said again, or left, as the warning says."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.services.unit import Units
from bot.services.warnings import Audience, WarningDraft
from bot.store.notices import Notice
from bot.store.warnings import Warning
from bot.terms import Lane, Messenger, NoticeKind, NoticeState, WarningState
from tests.services import cast
from tests.services.test_warnings import TEXT, spread

MINE = Notice.kind == NoticeKind.WARNING


async def claimed(units: Units, *, repeats_doubt: bool, messenger: Messenger = Messenger.TELEGRAM) -> int:
    """A warning of which everything on this messenger is under way; how many that are."""
    async with units() as unit:
        author = await cast.officer(unit, cast.STAFF)
        draft = WarningDraft(TEXT, Audience(everyone=True, messengers=(messenger,)), repeats_doubt=repeats_doubt)
        warning = await unit.warnings.publish(author, draft)
    await spread(units, warning.id)
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).where(MINE).values(state=NoticeState.SENDING))
    return len(await cast.rows(units, Notice, MINE))


async def healed(units: Units, messenger: Messenger = Messenger.TELEGRAM, **values: Any) -> set[tuple[str, str]]:
    """States and errors after a crash."""
    async with units.house.database.writing() as session:
        if values:
            await session.execute(update(Notice).where(MINE).values(**values))
    async with units() as unit:
        await unit.deliveries.heal(messenger, all_claims=True)
    return {(notice.state, notice.error) for notice in await cast.rows(units, Notice, MINE)}


async def test_what_a_crash_left_in_doubt_is_said_again_unless_its_warning_says_otherwise(units: Units) -> None:
    assert await claimed(units, repeats_doubt=True)
    assert await healed(units) == {("due", "unknown")}


async def test_a_warning_that_nobody_may_get_twice_is_left_as_it_is(units: Units) -> None:
    many = await claimed(units, repeats_doubt=False)
    assert many
    assert await healed(units) == {("unknown", "unknown")}
    async with units.reading() as unit:
        waiting = await unit.deliveries.waiting(Messenger.TELEGRAM, [])
        assert not [item for item in waiting if item.lane is Lane.CAMPAIGN]
        (row,) = await cast.rows(units, Warning)
        progress = await unit.warnings.count(row.id)
    assert progress.failed == {"unknown": many}


async def test_whatsapp_is_asked_what_became_of_it_whatever_the_warning_says(units: Units) -> None:
    assert await claimed(units, repeats_doubt=False, messenger=Messenger.WHATSAPP)
    assert await healed(units, Messenger.WHATSAPP) == {("due", "unknown")}


@pytest.mark.parametrize("kind", [NoticeKind.WARNING_CHANGE, NoticeKind.WARNING_PROGRESS])
async def test_its_recall_and_its_authors_card_are_said_again(units: Units, kind: NoticeKind) -> None:
    """A recall that does not arrive does more harm than one that arrives twice."""
    await claimed(units, repeats_doubt=False)
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).where(MINE).values(kind=kind))
    async with units() as unit:
        await unit.deliveries.heal(Messenger.TELEGRAM, all_claims=True)
    assert {notice.state for notice in await cast.rows(units, Notice, Notice.kind == kind)} == {"due"}


async def test_two_warnings_each_by_its_own_rule(units: Units) -> None:
    await claimed(units, repeats_doubt=True)
    await claimed(units, repeats_doubt=False)
    await healed(units)
    rules = {row.id: row.repeats_doubt for row in await cast.rows(units, Warning)}
    for notice in await cast.rows(units, Notice, MINE):
        assert notice.state == ("due" if rules[notice.warning_id] else "unknown")


async def test_left_in_doubt_it_ends_with_nobody_waiting(units: Units) -> None:
    await claimed(units, repeats_doubt=False)
    await healed(units)
    async with units() as unit:
        (row,) = await cast.rows(units, Warning)
        await unit._session.execute(update(Notice).where(~MINE).values(state=NoticeState.SENT))  # its author's card
        await unit.warnings.watch({})
    (row,) = await cast.rows(units, Warning)
    assert row.state == WarningState.DONE
