"""Read-only SQL on the marts, and nothing else of the warehouse.

A query is first compiled against a database that has the marts' names and columns and no table
at all: what compiles there names nothing but marts, however it is written. Only then it runs, on
a connection that SQLite opened read-only and that refuses everything but reading what the marts
themselves read. So raw tables, evidence, files and settings of the database stay out of reach.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse.database import BUSY_SECONDS, Terminal, Transient, Warehouse, mart_names
from warehouse.tables import metadata

Row = tuple[Any, ...]
Reads = set[tuple[str, str]]

_CENT = Decimal("0.01")
_NOISE = 1e-7
_MOST = 1e13
"""Dollars of which a float still knows the cent."""
_SELECTING = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE))
_INTERNAL = ("sqlite_", "pragma_")
_NEVER_CALLED = frozenset(("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"))


class QueryError(Exception):
    """The SQL cannot be answered; the message says why and what can be queried."""


def run_query(
    warehouse: Warehouse, sql: str, limit: int | None = None
) -> tuple[list[str], list[Row]]:
    """Columns and rows of one SELECT on the marts, at most ``limit`` of them.

    Money (columns named ``amount`` or ``…_amount``, and what is computed of them under such a
    name) comes as Decimal with two places, whatever the database keeps it in; sums of it under
    another name without the noise of adding up.

    Raises: QueryError; Terminal, for a warehouse without marts; Transient, when it is locked.
    """
    with _read_only(warehouse) as connection:
        columns, reads = _marts(connection)
        _compiles_on_marts_alone(sql, columns)
        connection.set_authorizer(_only(reads, set(metadata.tables)))
        try:
            with closing(connection.execute(sql)) as cursor:
                names = [description[0] for description in cursor.description or ()]
                rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit)
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise Transient(f"the warehouse is not available ({error})") from None
            raise QueryError(_in_words(str(error), sql, columns)) from None
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise QueryError(_in_words(str(error), sql, columns)) from None
    money = [_is_money(name) for name in names]
    return names, [_with_cents(row, money) for row in rows]


@contextmanager
def _read_only(warehouse: Warehouse) -> Iterator[sqlite3.Connection]:
    """A connection of its own that SQLite itself opened for reading."""
    database = warehouse.engine.url.database
    if not warehouse.is_sqlite:
        raise QueryError("queries run on a SQLite warehouse; on a server, query its schema mart")
    if not database or not Path(database).exists():
        raise Terminal("the warehouse is not there yet; run: reclaim init")
    uri = f"{Path(database).absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    with closing(connection):
        yield connection


def _marts(connection: sqlite3.Connection) -> tuple[dict[str, list[str]], Reads]:
    """Columns of every mart, and the columns of tables that the marts read."""
    reads: Reads = set()

    def note(action: int, table: str | None, column: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            reads.add((table or "", column or ""))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(note)
    columns: dict[str, list[str]] = {}
    try:
        for name in mart_names():
            described = connection.execute(f"select * from {name} limit 0").description
            columns[name] = [description[0] for description in described]
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            raise Terminal("the warehouse has no marts yet; run: reclaim init") from None
        raise Transient(f"the warehouse is not available ({error})") from None
    return columns, reads


def _compiles_on_marts_alone(sql: str, columns: dict[str, list[str]]) -> None:
    """Nothing, if the SQL is one SELECT that names marts only.

    The names of tables decide, not the view that SQLite says it is in: a CTE that is named like
    a mart would look like one.
    """
    selects = False

    def judge(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        nonlocal selects
        selects = selects or action == sqlite3.SQLITE_SELECT
        if action in _SELECTING or _is_harmless_call(action, second):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and (
            # A CTE whose rows are only counted is read without a column.
            first in columns or (not second and not (first or "").startswith(_INTERNAL))
        ):
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        for name, names in columns.items():
            nothing = ", ".join(f'null as "{column}"' for column in names)
            empty.execute(f"create view {name} as select {nothing}")
        empty.set_authorizer(judge)
        try:
            empty.execute(f"explain {sql}").close()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise QueryError(_in_words(str(error), sql, columns)) from None
    if not selects:
        raise QueryError(_in_words("not a SELECT", sql, columns))


def _only(reads: Reads, names: set[str]) -> Any:
    """What a running query may touch: columns that the marts read, and functions.

    ``names`` are those of all tables; what else has a name is a CTE of the query.
    """
    closed = names - {table for table, _ in reads}

    def judge(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in _SELECTING or _is_harmless_call(action, second):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and (
            (first, second) in reads
            or not (second or first in closed or (first or "").startswith(_INTERNAL))
        ):
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return judge


def _is_harmless_call(action: int, function: str | None) -> bool:
    called = (function or "").lower()
    return action == sqlite3.SQLITE_FUNCTION and called not in _NEVER_CALLED


def _in_words(message: str, sql: str, columns: dict[str, list[str]]) -> str:
    """SQLite's words, then what would have been right."""
    if "not authorized" in message or "prohibited" in message or "not a SELECT" in message:
        message = "only a SELECT on the marts is answered"
    if "no such column" in message or "no column" in message:
        named = [name for name in columns if re.search(rf"\b{name}\b", sql, re.IGNORECASE)]
        known = "; ".join(f"{name} has {', '.join(columns[name])}" for name in named)
        if known:
            return f"{message}; {known}"
    return f"{message}; what can be queried: {', '.join(columns)}"


def _is_money(column: str) -> bool:
    """``amount`` as a word of the name: denied_amount, sum(amount), but not amounts."""
    return re.search(r"(?:^|[^a-z])amount(?:$|[^a-z])", column.lower()) is not None


def _with_cents(row: Row, money: Sequence[bool]) -> Row:
    return tuple(
        _to_the_cent(value, is_money) if isinstance(value, float) and abs(value) < _MOST else value
        for value, is_money in zip(row, money, strict=True)
    )


def _to_the_cent(value: float, is_money: bool) -> Decimal | float:
    """Money as Decimal; what only adding up dollars has put beside a cent as that cent.

    >>> _to_the_cent(5214.66999999999, False), _to_the_cent(1 / 3, False), _to_the_cent(2.5, False)
    (5214.67, 0.3333333333333333, 2.5)
    """
    if is_money:
        return Decimal(value).quantize(_CENT)
    cent = round(value, 2)
    return cent if abs(value - cent) < _NOISE else value


def as_text(value: Any) -> str:
    """One value as a table or a CSV file shows it; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    r"""A CSV file with a head.

    >>> as_csv(["a", "amount"], [(1, Decimal("2.50"))])
    'a,amount\n1,2.50\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([as_text(value) for value in row] for row in rows)
    return out.getvalue()


def as_json(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A list of objects; money stays a number and keeps its two decimals.

    >>> print(as_json(["a", "amount"], [(None, Decimal("2.50"))]))
    [
      {"a": null, "amount": 2.50}
    ]
    """
    names = [json.dumps(name, ensure_ascii=False) for name in _told_apart(columns)]
    objects = [
        "  {" + ", ".join(f"{n}: {_json_value(v)}" for n, v in zip(names, row, strict=True)) + "}"
        for row in rows
    ]
    return "[\n" + ",\n".join(objects) + "\n]" if objects else "[]"


def _json_value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return as_text(value) if math.isfinite(value) else "null"  # JSON has no infinity
    return json.dumps(as_text(value), ensure_ascii=False)


def _told_apart(columns: Sequence[str]) -> list[str]:
    """Names of which none is twice: an object would drop one of two columns of one name.

    >>> _told_apart(["status", "status"])
    ['status', 'status_2']
    """
    names: list[str] = []
    for column in columns:
        name, nth = column, 1
        while name in names:
            nth += 1
            name = f"{column}_{nth}"
        names.append(name)
    return names
