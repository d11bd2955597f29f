"""Every test changes a village of its own."""

from pathlib import Path

import pytest

from tests.services.territory_files.village import copied


@pytest.fixture
def village(tmp_path: Path) -> Path:
    return copied(tmp_path)
