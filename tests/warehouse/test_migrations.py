"""The migration makes the very tables that the code declares."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from sqlalchemy import create_engine

from warehouse.tables import metadata

WANTED = "select type, name, sql from sqlite_master where type in ('table', 'index') and sql <> ''"


def schema(path: Path) -> dict[str, str]:
    """Name → declaration; ids and order of constraints do not matter."""
    connection = sqlite3.connect(path)
    found = {}
    for _, name, sql in connection.execute(WANTED):
        sql = re.sub(r"DEFAULT \((\w+)\)", r"DEFAULT \1", sql)
        parts = (re.sub(r"\s+", " ", part).strip(" ,") for part in sql.split("\n"))
        found[name] = "\n".join(sorted(filter(None, parts)))
    connection.close()
    return found


def test_the_migration_is_what_the_tables_say(migrated: Path, tmp_path: Path) -> None:
    path = tmp_path / "declared.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    declared, made = schema(path), schema(migrated)
    del made["alembic_version"]
    assert set(made) == set(declared)
    assert {name: made[name] for name in declared if made[name] != declared[name]} == {}
