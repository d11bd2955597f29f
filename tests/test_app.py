"""What a start leaves behind."""

import gc
from pathlib import Path

from tests.stage import staged


async def test_the_garbage_collector_works_again_once_all_is_ready(tmp_path: Path, demo_database: Path) -> None:
    """It is off while everything is imported and made, and what was made is none of its business afterwards."""
    gc.disable()
    try:
        async with staged(tmp_path, demo_database):
            assert gc.isenabled()
            assert gc.get_freeze_count() > 100_000
    finally:
        gc.enable()
