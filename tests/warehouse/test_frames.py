"""Marts as DataFrames: exact money, days as days, nothing lost where a value is null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from warehouse import tables as t
from warehouse.database import Warehouse, mart_names
from warehouse.frames import frame
from warehouse.query import QueryError, run_query


@pytest.mark.usefixtures("small_claim")
def test_types_say_what_a_column_holds(warehouse: Warehouse) -> None:
    found = frame(warehouse, "mart_denial")
    assert found["denied_amount"].tolist() == [Decimal("450.00")]
    assert found["denied_on"].tolist() == [pd.Timestamp(2026, 9, 14)]
    assert found["deadline"].isna().all()
    assert found["is_initial"].tolist() == [True]
    assert found["submission_id"].dtype == "Int64"
    assert found["payer_id"].tolist() == ["87726"]


@pytest.mark.usefixtures("small_claim")
def test_money_adds_up_to_the_cent_and_null_is_none(warehouse: Warehouse, keep: Any) -> None:
    for position in range(3, 13):
        keep(t.service_payment, service_position=position, payment_cents=10, allowed_cents=None)
    found = frame(warehouse, "mart_adjudicated_line", "service_position > 2")
    assert found["payment_amount"].sum() == Decimal("1.00")
    assert found["allowed_amount"].tolist() == [None] * 10


@pytest.mark.parametrize("mart", mart_names())
@pytest.mark.parametrize("filled", [False, True])
def test_every_mart_is_a_frame_empty_or_not(
    mart: str, filled: bool, warehouse: Warehouse, request: pytest.FixtureRequest
) -> None:
    if filled:
        request.getfixturevalue("small_claim")
    found = frame(warehouse, mart)
    columns, rows = run_query(warehouse, f"select * from {mart}")
    assert list(found.columns) == columns
    assert len(found) == len(rows)


@pytest.mark.usefixtures("small_claim")
def test_a_condition_stays_a_condition(warehouse: Warehouse) -> None:
    assert len(frame(warehouse, "mart_file", "kind = '835' -- the payers'")) == 1
    with pytest.raises(QueryError):
        frame(warehouse, "mart_file", "1 = 1) union select * from evidence where (1 = 1")
    with pytest.raises(QueryError, match="no mart 'evidence'"):
        frame(warehouse, "evidence")
