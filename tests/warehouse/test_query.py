"""Read-only SQL on the marts: what is answered, and all that is not."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from warehouse import query
from warehouse.database import Terminal, Warehouse
from warehouse.query import QueryError, as_csv, as_json, run_query

pytestmark = pytest.mark.usefixtures("small_claim")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select count(*) from mart_file", [(2,)]),
        ("select patient_control_number from mart_denial;", [("PCN1",)]),
        ("with d as (select * from mart_denial) select d.path from d", [("replacement",)]),
        ("-- with a comment\nselect max(denied_on) from mart_denial", [("2026-09-14",)]),
        ("select is_denial from mart_adjustment", [(1,)]),
        ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 3)"
         " select count(*) from n", [(3,)]),
        # A name of a table, but of a mart's rows.
        ("with submission as (select * from mart_submission) select count(*) from submission",
         [(2,)]),
        ("select row_number() over (order by file_id) from mart_file order by 1", [(1,), (2,)]),
    ],
)  # fmt: skip
def test_a_select_on_the_marts_is_answered(
    warehouse: Warehouse, sql: str, rows: list[tuple[object, ...]]
) -> None:
    assert run_query(warehouse, sql)[1] == rows


@pytest.mark.parametrize(
    "sql",
    [
        "select * from evidence",
        "select * from submission",
        "select member_id from claim",
        "select * from main.claim",
        "select * from mart_file, claim_payment",
        "select (select content from outbound_file) from mart_file",
        "select * from mart_file where exists (select 1 from evidence)",
        "select * from mart_file union all select member_id, 1,1,1,1,1,1,1,1,1,1,1,1 from claim",
        # A CTE named as a mart, which SQLite's authorizer would take for the mart.
        "with mart_file as (select * from evidence) select * from mart_file",
        "with mart_correction as (select old_value from correction) select * from mart_correction",
        "with mart_submission as (select member_id from submission) select * from mart_submission",
        "select * from (select * from claim) as mart_file",
        "select * from sqlite_master",
        "select * from sqlite_schema",
        "select * from pragma_table_info('claim')",
        "select * from dbstat",
        "select count(*) from sqlite_master",
        "select 1 from pragma_database_list",
        "pragma table_info(claim)",
        "pragma writable_schema = on",
        "attach '{folder}/other.db' as other",
        "vacuum into '{folder}/copy.db'",
        "explain select * from mart_file",
        "query plan select * from mart_file",
        "insert into file values (1)",
        "delete from mart_file",
        "update mart_file set status = 'loaded'",
        "drop view mart_file",
        "create table x (a)",
        "create temp table x (a)",
        "begin",
        "savepoint a",
        "analyze",
        "reindex",
        "select 1; delete from file",
        "select load_extension('x')",
        "select 'a\0b'",
        "",
        "nonsense",
    ],
)
def test_nothing_else_is(warehouse: Warehouse, tmp_path: Path, sql: str) -> None:
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(QueryError, match="mart_adjudicated_line"):
        run_query(warehouse, sql.replace("{folder}", str(tmp_path)))
    assert sorted(p.name for p in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "sql",
    [
        "select member_id from submission",
        "select content from evidence",
        "select * from sqlite_master",
        "select count(*) from evidence",
        "delete from denial",
        "pragma table_info(claim)",
        "vacuum into '{folder}/copy.db'",
        "attach '{folder}/other.db' as other",
    ],
)
def test_the_second_lock_holds_without_the_first(
    warehouse: Warehouse, tmp_path: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "_compiles_on_marts_alone", lambda *_: None)
    with pytest.raises(QueryError):
        run_query(warehouse, sql.replace("{folder}", str(tmp_path)))
    assert not (tmp_path / "copy.db").exists()


def test_no_mart_reads_what_tells_who_the_patient_is(warehouse: Warehouse) -> None:
    with query._read_only(warehouse) as connection:
        _, reads = query._marts(connection)
    assert not [read for read in reads if "member_id" in read[1]]
    assert not {"claim", "evidence", "quarantine_item"} & {table for table, _ in reads}


def test_the_connection_itself_is_read_only(warehouse: Warehouse) -> None:
    with query._read_only(warehouse) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("delete from denial")


def test_a_wrong_column_is_answered_with_the_right_ones(warehouse: Warehouse) -> None:
    with pytest.raises(QueryError, match="no such column: member_id; mart_denial has denial_id"):
        run_query(warehouse, "select member_id from mart_denial")


def test_a_limit_cuts_the_rows(warehouse: Warehouse) -> None:
    assert len(run_query(warehouse, "select * from mart_file", limit=1)[1]) == 1


def test_a_query_answers_while_another_run_writes(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        connection.exec_driver_sql("delete from approval")
        assert run_query(warehouse, "select count(*) from mart_file")[1] == [(2,)]


def test_a_warehouse_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="reclaim init"):
        run_query(Warehouse(f"sqlite:///{tmp_path / 'none.db'}"), "select 1")
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(Terminal, match="reclaim init"):
        run_query(Warehouse(f"sqlite:///{tmp_path / 'empty.db'}"), "select 1")


SQL = """
    select line_charge_amount, sum(denied_amount), count(*) as n, is_initial, denied_on, resolution
    from mart_denial
"""


def test_money_has_two_decimals_and_stays_exact(warehouse: Warehouse) -> None:
    columns, [row] = run_query(warehouse, SQL)
    assert row == (Decimal("450.00"), Decimal("450.00"), 1, 1, "2026-09-14", None)
    assert columns[:2] == ["line_charge_amount", "sum(denied_amount)"]


def test_sums_of_money_under_any_name_are_whole_cents(warehouse: Warehouse) -> None:
    _, [row] = run_query(warehouse, "select 5214.66 + 0.01 - 0.00000000001 as x, 1.0 / 3 as y")
    assert row == (5214.67, 1.0 / 3)


def test_json_is_a_list_of_objects_with_money_to_the_cent(warehouse: Warehouse) -> None:
    text = as_json(*run_query(warehouse, SQL))
    assert '"line_charge_amount": 450.00,' in text
    assert json.loads(text) == [
        {
            "line_charge_amount": 450.0,
            "sum(denied_amount)": 450.0,
            "n": 1,
            "is_initial": 1,
            "denied_on": "2026-09-14",
            "resolution": None,
        }
    ]
    assert json.loads(as_json(*run_query(warehouse, "select * from mart_kpi"))) == []
    assert json.loads(as_json(*run_query(warehouse, "select 9e999 as a, x'0f' as b"))) == [
        {"a": None, "b": "0f"}
    ]


def test_what_is_no_dollar_amount_is_left_as_it_is(warehouse: Warehouse) -> None:
    sql = "select 1e300 as amount, -9e999 as paid_amount, 12345678901.23 as total, 0.1 + 0.2 as x"
    text = as_csv(*run_query(warehouse, sql))
    assert text.splitlines()[1] == "1e+300,-inf,12345678901.23,0.3"


def test_csv_has_a_head_and_quotes_what_needs_it(warehouse: Warehouse) -> None:
    text = as_csv(*run_query(warehouse, "select modifiers, denied_amount, resolution"
                                        " from mart_denial"))  # fmt: skip
    assert text.splitlines()[1] == '"RT,59",450.00,'
    assert next(csv.reader(io.StringIO(text))) == ["modifiers", "denied_amount", "resolution"]
