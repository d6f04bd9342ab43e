"""Dated and cited values that rules go by, read once from the TOML files beside this one."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """One parameter file, by its name without the ending."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
