"""The command `report`: what was denied and by which few causes, and what is unmatched."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import Answer, as_data, json_text, plain
from warehouse.cli_command import Desk, command
from warehouse.show_text import LONGEST_NAME, dollars, ending_of, listing, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.report import DenialRow, UnmatchedRow


class By(StrEnum):
    """What a report groups by."""

    payer = "payer"
    carc = "carc"
    procedure = "procedure"
    rule = "rule"
    month = "month"


class ReportFormat(StrEnum):
    """How a report is printed."""

    table = "table"
    csv = "csv"
    json = "json"


ByOption = Annotated[By, typer.Option("--by", help="What to group by.")]
FormatOption = Annotated[ReportFormat, typer.Option("--format", help="How rows are printed.")]

app = typer.Typer(
    help="Reports on what was denied: counts and amounts to the cent.", no_args_is_help=True
)


@command(app, examples=("reclaim report denials --by payer", "reclaim report denials --by month"))
def denials(
    desk: Desk, by: ByOption = By.carc, output: FormatOption = ReportFormat.table
) -> Answer:
    """Denied lines and dollars: what is initial, unsettled, recovered, and what is pended.

    Copies are refusals of what was sent twice: no other column has them. Unsettled is what is open,
    what waits for approval, and what was sent and has no answer yet.
    """
    from warehouse.report import denials_by

    with desk.warehouse() as warehouse:
        rows = denials_by(warehouse, by.value)
    return _answer("denials", by, rows, output)


@command(app, examples=("reclaim report pareto", "reclaim report pareto --by procedure"))
def pareto(desk: Desk, by: ByOption = By.carc, output: FormatOption = ReportFormat.table) -> Answer:
    """The few causes that make up four fifths of what was denied, the largest first."""
    from warehouse.report import pareto as vital_few

    with desk.warehouse() as warehouse:
        rows = vital_few(warehouse, by.value)
    return _answer("pareto", by, rows, output)


@command(app, examples=("reclaim report unmatched", "reclaim report unmatched --format csv"))
def unmatched(desk: Desk, output: FormatOption = ReportFormat.table) -> Answer:
    """What payers told that is joined to no line of ours: a person finds out what it is of.

    Also reversals of nothing that is here, and what was taken back and not decided again.
    """
    from warehouse.report import UnmatchedRow
    from warehouse.report import unmatched as untold

    with desk.warehouse() as warehouse:
        rows = untold(warehouse)
    objects = [_placed(row) for row in rows]

    def show(console: Console) -> None:
        if output is ReportFormat.json:
            print(json_text(objects))
        elif output is ReportFormat.csv:
            print(_csv(["file", *UnmatchedRow._fields[2:]], objects), end="")
        elif objects:
            columns = ("file", "CLP", "SVC", "claim", "code", "charged", "paid", "on", "payer")
            listing(
                console, columns, [(_unmatched_cells(row), row["why"]) for row in objects],
                right=("CLP", "SVC", "charged", "paid"),
            )  # fmt: skip
        else:
            console.print("Everything that payers told is joined to what was billed.")

    return Answer({"report": "unmatched", "rows": objects}, show)


def _placed(row: UnmatchedRow) -> dict[str, Any]:
    """A row with its file by id and ending: a payer's file name may say anything."""
    data = as_data(row)
    name, file_id = data.pop("file_name"), data.pop("file_id")
    return {"file": f"#{file_id} {ending_of(name)}".strip(), **data}


def _unmatched_cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["file"], str(row["claim_position"]), str(row["service_position"] or ""),
        row["patient_control_number"] or "", row["procedure_code"] or "",
        dollars(row["charge_amount"]), dollars(row["payment_amount"]),
        plain(row["payment_date"]), (row["payer"] or "")[:LONGEST_NAME],
    )  # fmt: skip


def _answer(name: str, by: By, rows: list[DenialRow], output: ReportFormat) -> Answer:
    objects = [as_data(row) for row in rows]
    data = {"report": name, "by": by.value, "rows": objects}

    def show(console: Console) -> None:
        if output is ReportFormat.json:
            print(json_text(objects))
        elif output is ReportFormat.csv:
            from warehouse.report import DenialRow

            print(_csv(DenialRow._fields, objects), end="")
        elif rows:
            _table(console, by, rows)
        else:
            console.print("Nothing was denied.")

    return Answer(data, show)


def _csv(fields: Sequence[str], objects: list[dict[str, Any]]) -> str:
    from warehouse.query import as_csv

    return as_csv(fields, [tuple(row.values()) for row in objects])


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _table(console: Console, by: By, rows: list[DenialRow]) -> None:
    columns = {
        "denied": [f"{row.denied_count:,}" for row in rows],
        "initial": [f"{row.initial_count:,}" for row in rows],
        "pended": [f"{row.pended_count:,}" for row in rows],
        "copies": [f"{row.copy_count:,}" for row in rows],
        "amount": [dollars(row.denied_amount) for row in rows],
        "unsettled": [dollars(row.open_amount) for row in rows],
        "recovered": [dollars(row.recovered_amount) for row in rows],
        "share": [_percent(row.share) for row in rows],
        "so far": [_percent(row.cumulative_share) for row in rows],
    }
    for apart in ("pended", "copies"):
        if set(columns[apart]) == {"0"}:
            del columns[apart]
    # A long rule code takes two lines, so that no amount loses its end.
    shown = table(by.value, *columns, right=columns, wrap=[by.value])
    for row, cells in zip(rows, zip(*columns.values(), strict=True), strict=True):
        shown.add_row(row.name, *cells)
    console.print(shown)
