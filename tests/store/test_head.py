"""Whether the schema is the newest: as Alembic tells it, without Alembic."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.store.database import Database
from bot.store.head import MIGRATIONS, head, is_at_head
from bot.store.migrate import migrate
from tests.postgres import backend, bare, cleaning, clock, units

__all__ = ["backend", "bare", "cleaning", "clock", "units"]

ROOT = Path(__file__).parent.parent.parent


def test_the_head_is_the_one_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert head() == ScriptDirectory.from_config(config).get_current_head()


async def test_two_heads_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two revisions after the same one: nobody can say which is the newest."""
    (tmp_path / "versions").mkdir()
    for name in ("first", "left", "right"):
        after = "None" if name == "first" else '"first"'
        (tmp_path / "versions" / f"{name}.py").write_text(f'revision = "{name}"\ndown_revision = {after}\n')
    monkeypatch.setattr("bot.store.head.MIGRATIONS", tmp_path)
    head.cache_clear()
    with pytest.raises(ValueError, match="too many values"):
        head()
    head.cache_clear()


async def test_an_older_and_a_foreign_revision_are_not_the_newest(bare: Database) -> None:
    assert not await is_at_head(bare)
    await migrate(bare)
    assert await is_at_head(bare)
    async with bare.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '20261125_first'"))
    assert not await is_at_head(bare)


async def test_readiness_reads_no_revision_again(bare: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(bare)
    assert await is_at_head(bare)
    monkeypatch.setattr(Path, "read_text", None)
    assert await is_at_head(bare)


def test_serving_needs_no_alembic() -> None:
    """Twelve megabytes and a tenth of a second."""
    code = "import bot.app, sys; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
