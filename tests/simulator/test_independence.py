"""The simulator may prove the product wrong only while it shares no code with it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SHARED = {"edi", "rules", "warehouse", "dags", "pyx12"}
MODULES = sorted(
    path
    for path in Path(__file__).parent.glob("*.py")
    if not path.name.startswith("test_") and path.name != "conftest.py"
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_it_imports_nothing_of_the_product(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert not imported & SHARED
