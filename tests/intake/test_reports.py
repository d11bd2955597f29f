"""Status reports are committed together, and whoever waits is told the truth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text

from bot.intake.reports import ReportWriter
from bot.services.deliveries import Report
from bot.services.notices import Promise, Recipient
from bot.services.unit import Units
from bot.store.notices import Notice
from bot.terms import Messenger, NoticeKind, NoticeState
from tests.services import cast


@pytest.fixture
async def reports(units: Units) -> AsyncIterator[ReportWriter]:
    reports = ReportWriter(units)
    work = asyncio.ensure_future(reports.run())
    yield reports
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def sent(units: Units, count: int) -> list[int]:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        await unit.notices.promise(*[Promise(NoticeKind.APOLOGY, Recipient(resident_id=person.id))] * count)
    async with units.house.database.writing() as session:
        await session.execute(text("UPDATE notices SET state = 'sent', sent_at = 1"))
    return [row.id for row in await cast.rows(units, Notice)]


async def states(units: Units) -> list[str]:
    return [row.state for row in sorted(await cast.rows(units, Notice), key=lambda row: row.id)]


async def test_what_waits_is_one_transaction_and_one_statement(units: Units, reports: ReportWriter) -> None:
    ids = await sent(units, 40)
    said: list[str] = []
    event.listen(units.house.database.writer.sync_engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    told = (NoticeState.READ, NoticeState.SENT, NoticeState.DELIVERED)
    await asyncio.gather(*(reports.write(Report(id_, "SM1", state)) for id_ in ids for state in told))
    assert await states(units) == ["read"] * 40
    assert len([statement for statement in said if statement.startswith("UPDATE")]) == 1
    row = (await cast.rows(units, Notice))[0]
    assert row.sent_at < datetime(2000, 1, 1, tzinfo=UTC) < row.delivered_at


async def test_where_a_failure_is_among_them_the_first_word_counts(units: Units, reports: ReportWriter) -> None:
    first, second = await sent(units, 2)
    failed, read = NoticeState.FAILED, NoticeState.READ
    order = [Report(first, "SM1", failed, "63024"), Report(first, "SM1", read), Report(second, "SM2", read)]
    await asyncio.gather(*(reports.write(one) for one in [*order, Report(second, "SM2", failed, "63024")]))
    assert await states(units) == ["failed", "read"]


async def test_one_that_cannot_be_written_costs_the_others_nothing(units: Units, reports: ReportWriter) -> None:
    ids = await sent(units, 3)
    async with units.house.database.writing() as session:
        await session.execute(
            text(
                f"CREATE TRIGGER poison BEFORE UPDATE ON notices WHEN NEW.id = {ids[1]} AND NEW.state = 'read'"
                " BEGIN SELECT RAISE(ABORT, 'poison'); END"
            )
        )
    writes = (reports.write(Report(id_, "SM1", NoticeState.READ)) for id_ in ids)
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), ConnectionError, type(None)]
    assert await states(units) == ["read", "sent", "read"]
    await reports.write(Report(ids[1], "SM1", NoticeState.DELIVERED))
    assert await states(units) == ["read", "delivered", "read"]
