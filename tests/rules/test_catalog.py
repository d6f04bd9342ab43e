"""Every rule says what it does in the same words, and the catalogue is printed from them."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from rules.catalog import HEADINGS, catalog, sections, title
from rules.registry import ALL_RULES, rule

LIBRARY = Path(str(files("rules"))) / "library"


@pytest.mark.parametrize("one", ALL_RULES, ids=lambda one: one.code)
def test_docstring_has_the_headings_in_order(one) -> None:
    found = sections(one)
    assert tuple(found) == HEADINGS
    assert all(len(text) > 5 for text in found.values())
    assert title(one)
    assert found["Safety"].lower().startswith(one.safety)
    assert all(code in found["Denial"] for code in one.answers)


def test_catalog_is_current() -> None:
    path = Path(str(files("rules"))) / "CATALOG.md"
    current = path.read_text(encoding="utf-8") == catalog()
    assert current, "run: python -m rules.catalog > rules/CATALOG.md"


def test_every_library_module_is_registered() -> None:
    modules = {p.stem for p in LIBRARY.glob("*.py")} - {"__init__"}
    assert modules == {r.consider.__module__.rsplit(".", 1)[1] for r in ALL_RULES}


def test_codes_are_unique_and_name_their_file() -> None:
    codes = [r.code for r in ALL_RULES]
    assert len(set(codes)) == len(codes)
    for one in ALL_RULES:
        assert re.sub(r"[.-]", "_", one.code) == one.consider.__module__.rsplit(".", 1)[1]
        assert one.version >= 1 and one.sources and rule(one.code) is one


def test_rule_files_stay_small() -> None:
    for path in LIBRARY.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 140, path.name
