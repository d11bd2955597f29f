"""Facts the department may change without code: numbers, categories, schemes, words. Each file is dated TOML."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The facts of one file, `load("categories")` for categories.toml. Read once; treat them as frozen."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
