"""How much room a tip takes with everything that happens to it, files aside."""

import shutil
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.tips import PartDraft
from bot.services.unit import House, Units
from bot.store.database import Database
from bot.terms import Identity, PartKind
from tests.clocks import FakeClock
from tests.engines import hurried
from tests.postgres import ZONE
from tests.services import cast

TIPS = 200
LIMIT = 4 * 1024
OF_A_TIP = ("tips", "tip_parts", "events", "vault", "receipts", "evidence")
STORY = "Екінші кіреберістің жанында түнгі екіден бері айғайлап жүр, төртеу. Кричат во дворе у второго подъезда."


async def bytes_of(connection: AsyncConnection) -> dict[str, int]:
    """Of each table, its rows alone; its indexes under «name +»."""
    tables = "SELECT name, tbl_name, type FROM sqlite_schema WHERE type IN ('table', 'index')"
    owners = {name: table if kind == "table" else f"{table} +" for name, table, kind in
              (await connection.execute(text(tables))).all()}  # fmt: skip
    found: dict[str, int] = {}
    for name, payload in (await connection.execute(text("SELECT name, sum(payload) FROM dbstat GROUP BY name"))).all():
        owner = owners.get(name, name)
        found[owner] = found.get(owner, 0) + int(payload or 0)
    return found


async def test_a_tip_with_its_events_takes_less_than_four_kilobytes(tmp_path: Path, demo_database: Path) -> None:
    """Told, taken, asked, answered, closed, rated: rows and what finds them, as SQLite keeps them."""
    shutil.copy(demo_database, tmp_path / "korshi.db")
    database = hurried(Database(f"sqlite+aiosqlite:///{tmp_path}/korshi.db"))
    units = Units(House(database, FakeClock(), ZONE, None))
    async with database.writer.connect() as connection:
        before = await bytes_of(connection)
    for number in range(TIPS):
        async with units() as unit:
            sender, holder = await cast.newcomer(unit, str(5_500_000 + number)), await cast.officer(unit, cast.ASKAR)
            speaker = await cast.resident(unit, 2001)
            tip = await cast.submit(unit, sender, identity=Identity.HIDDEN, place="Тоғай көшесі, 5",
                                    point=(51.1, 71.4), parts=[cast.words(STORY)])  # fmt: skip
            await unit.tips.take(holder, tip.id)
            await unit.tips.ask(holder, tip.id, cast.words("Қай кіреберіс?"), speaker)
            await unit.tips.add(sender, tip.id, cast.words("Екінші"))
            await unit.tips.answer(holder, tip.id, cast.words("Патруль жолда, жиырма минутта келеді"), speaker)
            outcome = PartDraft(PartKind.TEXT, "Ескерту жасалды, хаттама толтырылды, қайталанса жазыңыз")
            await unit.tips.close(holder, tip.id, "measures_taken", outcome, speaker)
            await unit.tips.rate(sender, tip.id, 5)
    async with database.writer.connect() as connection:
        after = await bytes_of(connection)
    await database.close()
    grown = {name: (after[name] - before.get(name, 0)) / TIPS for name in after}
    mine = {name: grown.get(name, 0) + grown.get(f"{name} +", 0) for name in OF_A_TIP}
    print({name: round(size) for name, size in mine.items()}, "notices", round(grown["notices"]))
    assert sum(mine.values()) <= LIMIT, mine
