"""The command `report`: what was denied, and which few causes make most of it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import Answer, as_data, json_text
from warehouse.cli_command import Desk, command
from warehouse.show_text import dollars, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.report import DenialRow


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


def _answer(name: str, by: By, rows: list[DenialRow], output: ReportFormat) -> Answer:
    objects = [as_data(row) for row in rows]
    data = {"report": name, "by": by.value, "rows": objects}

    def show(console: Console) -> None:
        if output is ReportFormat.json:
            print(json_text(objects))
        elif output is ReportFormat.csv:
            print(_csv(objects), end="")
        elif rows:
            _table(console, by, rows)
        else:
            console.print("Nothing was denied.")

    return Answer(data, show)


def _csv(objects: list[dict[str, Any]]) -> str:
    from warehouse.query import as_csv
    from warehouse.report import DenialRow

    return as_csv(DenialRow._fields, [tuple(row.values()) for row in objects])


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
