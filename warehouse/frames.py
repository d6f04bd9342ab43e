"""A mart as a pandas DataFrame, for notebooks and reports; the only import of pandas.

Types go by the column's name, the same for every mart:

- money (``amount``, ``…_amount``) is an object column of :class:`decimal.Decimal` with two
  places, None where null: a sum of it is exact to the cent. ``astype("float64")`` where a plot or
  a model needs floats;
- days (``…_on``, ``…_date``, ``deadline``) are ``datetime64[s]`` at midnight, times (``…_at``)
  ``datetime64[us]``, both NaT where null;
- yes/no (``is_…``) is ``boolean``, keys, counts and positions are ``Int64``, units and the parts
  of a KPI ``Float64``, all with NA where null;
- everything else is ``string``. Lists stay joined by a comma (``modifiers.str.split(",")``).
"""

from __future__ import annotations

import pandas as pd

from warehouse.database import Warehouse, mart_names
from warehouse.query import QueryError, run_query

_DAYS = ("_on", "_date")
_WHOLE = ("_id", "_count", "_position", "_version", "_in_window", "adjudication_sequence")
_TEXT_IDS = ("payer_id",)
_UNITS = ("units", "units_paid", "quantity", "numerator", "denominator", "value")


def frame(warehouse: Warehouse, mart: str, where: str | None = None) -> pd.DataFrame:
    """One mart, or the rows of it for which the SQL condition ``where`` holds.

    ``frame(warehouse, "mart_denial", "status = 'open' and denied_amount >= 100")``

    Raises: QueryError for a mart or a column that is not there; Terminal; Transient.
    """
    if mart not in mart_names():
        raise QueryError(f"no mart {mart!r}; there are {', '.join(mart_names())}")
    condition = f" where ({where}\n)" if where else ""
    columns, rows = run_query(warehouse, f"select * from {mart}{condition}")
    found = pd.DataFrame.from_records(rows, columns=columns, coerce_float=False)
    return found.astype("object").assign(
        **{name: _typed(found[name].astype("object"), name) for name in columns}
    )


def _typed(values: pd.Series, name: str) -> pd.Series:
    """A column by what its name says it holds."""
    if name == "amount" or name.endswith("_amount"):
        return values.where(values.notna(), None)
    if name.endswith(_DAYS) or name == "deadline":
        return pd.to_datetime(values, format="ISO8601").astype("datetime64[s]")
    if name.endswith("_at"):
        return pd.to_datetime(values, format="ISO8601").astype("datetime64[us]")
    if name.startswith("is_"):
        return values.astype("Int64").astype("boolean")
    if name.endswith(_WHOLE) and name not in _TEXT_IDS:
        return values.astype("Int64")
    if name in _UNITS:
        return values.astype("Float64")
    return values.astype("string")
