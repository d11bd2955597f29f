"""`kill -9` at four random points under load; `make kills` does it twenty times."""

from pathlib import Path

import pytest

from bench.kills import Plan, storm

KILLS, TIPS = 4, 40


@pytest.mark.kills
@pytest.mark.timeout(600)
async def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    report = await storm(tmp_path / "town", Plan(KILLS, TIPS, seed=int.from_bytes(tmp_path.name.encode()) % 1000))
    assert not report.faults, "\n".join(report.lines())
    assert report.found.tips == TIPS
    assert report.found.updates >= 200
    assert len(report.lives) == KILLS + 1
