"""Rows of a warehouse that a test changes by hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, update

from warehouse.database import Warehouse


def change(warehouse: Warehouse, table: Table, key: int, **values: Any) -> None:
    """Sets columns of the row (or rows) whose first key column is ``key``."""
    (column, *_) = table.primary_key.columns
    if values:
        with warehouse.write() as connection:
            connection.execute(update(table).where(column == key).values(**values))
