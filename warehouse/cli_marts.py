"""Rows of the marts for commands that show them: dictionaries with amounts exact to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.cli_command import Desk
    from warehouse.database import Warehouse

CENT = Decimal("0.01")


def exact(warehouse: Warehouse, sql: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of a query; what is called an amount is Decimal dollars, whatever the database has.

    Raises: Terminal, Transient.
    """
    from sqlalchemy import text

    with warehouse.read() as connection:
        rows = connection.execute(text(sql), values).mappings()
        return [{name: _exact(name, value) for name, value in row.items()} for row in rows]


def _exact(name: str, value: Any) -> Any:
    """SQLite divides cents into floats; a cent's worth of them is exact after rounding."""
    if name.endswith("amount") and value is not None:
        return Decimal(repr(value) if isinstance(value, float) else value).quantize(CENT)
    return value


def mart_rows(desk: Desk, sql: str, **values: Any) -> list[dict[str, Any]]:
    """The same for the warehouse of a desk."""
    with desk.warehouse() as warehouse:
        return exact(warehouse, sql, **values)
