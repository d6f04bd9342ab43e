"""The connection to the warehouse: transactions, keys, migrations, marts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from warehouse.tables import id_block

BUSY_SECONDS = 60


class Terminal(Exception):
    """The step cannot succeed by being run again; the message says what to do."""


class Transient(Exception):
    """The step may succeed when it is run again (a lock, a server that is away)."""


class Warehouse:
    """One warehouse database. Make one at the edge, pass it in, close it."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url, hide_parameters=True)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction; on SQLite it begins IMMEDIATE.

        An upgrade from read to write would ignore the busy timeout.

        Raises: Transient, when the warehouse is locked or away; Terminal for a broken constraint.
        """
        try:
            with self.engine.connect() as connection:
                connection.info["immediate"] = True
                try:
                    with connection.begin():
                        yield connection
                finally:
                    connection.info.pop("immediate", None)
        except OperationalError as error:
            raise _translated(error) from None
        except IntegrityError as error:
            raise Terminal(f"warehouse constraint: {_constraint(error)}") from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction.

        Raises: Transient, when the warehouse is locked or away.
        """
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
        except OperationalError as error:
            raise _translated(error) from None

    def migrate(self) -> None:
        """Bring tables and marts to the newest version; safe to repeat."""
        config = Config()
        config.set_main_option("script_location", "warehouse:migrations")
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            create_marts(connection)


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event says when and how
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = full")
    cursor.execute("pragma foreign_keys = on")
    cursor.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("pragma cache_size = -65536")
    cursor.execute("pragma temp_store = memory")
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.info.get("immediate", False)
    connection.exec_driver_sql("begin immediate" if immediate else "begin")


def _translated(error: OperationalError) -> Exception:
    """Without the statement's parameters: they may be patient data."""
    words = str(error.orig).splitlines()[0] if error.orig else "no answer"
    if "no such table" in words or "no such column" in words:
        return Terminal("the warehouse has no tables yet, or old ones; run: reclaim init")
    if "syntax" in words or "no such" in words:
        return Terminal(f"warehouse: {words}")
    return Transient(f"the warehouse is not available ({words})")


def _constraint(error: IntegrityError) -> str:
    """Name of the constraint; PostgreSQL would put the failing row into the message."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return f"{diagnostics.sqlstate} {diagnostics.constraint_name}"
    return str(error.orig).splitlines()[0]


def allocate(connection: Connection, table: str, count: int) -> int:
    """Reserve ``count`` keys of a table inside the caller's transaction; the first of them."""
    row = connection.execute(
        select(id_block.c.next_id).where(id_block.c.table_name == table).with_for_update()
    ).first()
    if row is None:
        connection.execute(id_block.insert().values(table_name=table, next_id=1 + count))
        return 1
    connection.execute(
        id_block.update()
        .where(id_block.c.table_name == table)
        .values(next_id=id_block.c.next_id + count)
    )
    return int(row.next_id)


def mart_names() -> list[str]:
    """The marts, in the order of their files."""
    folder = resources.files("warehouse") / "sql" / "marts"
    return sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".sql"))


def sql_of(folder: str, name: str) -> str:
    """A statement of ``warehouse/sql``; its file begins with what its rows are."""
    place = resources.files("warehouse") / "sql" / folder / f"{name}.sql"
    return place.read_text(encoding="utf-8")


def create_marts(connection: Connection) -> None:
    """(Re)create every mart from its file; a file's name is the view's name."""
    folder = resources.files("warehouse") / "sql" / "marts"
    names = mart_names()
    for name in names:
        connection.execute(text(f"drop view if exists {name}"))
    for name in names:
        body = (folder / f"{name}.sql").read_text(encoding="utf-8")
        connection.exec_driver_sql(f"create view {name} as\n{body}")


def count_of(connection: Connection, table: Any) -> int:
    """Rows of a table."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
