"""`reclaim reference`: the code-set files that a practice downloads, and what days they cover."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import Answer, as_data
from warehouse.cli_command import Desk, WrongUse, command, day
from warehouse.cli_progress import progress_of
from warehouse.show_text import counted, table

if TYPE_CHECKING:
    from rich.console import Console


class Kind(StrEnum):
    """Which code set a file is."""

    PTP = "ptp"
    MUE = "mue"
    AOC = "aoc"
    CARC = "carc"
    RARC = "rarc"


app = typer.Typer(
    help="The code-set files that you download: code pairs, unit limits, add-on codes.",
    no_args_is_help=True,
)


@command(
    app,
    "import",
    examples=(
        "reclaim reference import ptp ccipra-v313r0-f*.zip --from 2026-07-01 --to 2026-09-30",
        "reclaim reference import mue MCR_MUE_PractitionerServices.csv "
        "--from 2026-07-01 --to 2026-09-30",
    ),
)
def import_files(
    desk: Desk,
    kind: Annotated[
        Kind,
        typer.Argument(
            help="ptp: code pairs; mue: unit limits; aoc: add-on codes; carc, rarc: code lists."
        ),
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="As downloaded: TXT, CSV, or their zip.")
    ],
    valid_from: Annotated[
        date,
        typer.Option("--from", metavar="YYYY-MM-DD", parser=day, help="First service date."),
    ],
    valid_to: Annotated[
        date, typer.Option("--to", metavar="YYYY-MM-DD", parser=day, help="Last service date.")
    ],
) -> Answer:
    """Take in a quarter's code-set files; the same file again changes nothing.

    All files of the command are imported, or none. They are valid for the service dates given.
    """
    from warehouse import reference
    from warehouse.reference_source import ReferenceRefused

    with desk.warehouse() as warehouse, progress_of("reference import") as progress:
        _refuse_wrong_use(files, valid_from, valid_to)
        try:
            done = reference.import_files(
                warehouse, kind.value, files, valid_from=valid_from, valid_to=valid_to,
                now=datetime.now(UTC).replace(tzinfo=None), progress=progress,
            )  # fmt: skip
        except ReferenceRefused as error:
            raise WrongUse(str(error)) from None
        with warehouse.read() as connection:
            now_here = [
                f
                for f in reference.list_files(connection)
                if (f.kind, f.valid_from, f.valid_to) == (kind.value, valid_from, valid_to)
            ]
    is_complete = any(f.is_complete for f in now_here) or any(f.status == "unchanged" for f in done)
    data = {"files": [as_data(f) for f in done], "valid_from": valid_from, "valid_to": valid_to,
            "is_complete": is_complete}  # fmt: skip

    def show(console: Console) -> None:
        words = {"imported": "imported", "extended": "is valid for these days too",
                 "unchanged": "is here already"}  # fmt: skip
        for f in done:
            console.print(f"{f.file_name}: {counted(f.row_count, 'row')}, {words[f.status]}")
        if not is_complete:
            here = ", ".join(sorted({str(f.part) for f in now_here}))
            console.print(f"\nThis table comes in 4 parts, and only part {here} is here: rules "
                          "do not use the quarter before the others are imported.")  # fmt: skip

    return Answer(data, show)


def _refuse_wrong_use(files: list[Path], valid_from: date, valid_to: date) -> None:
    missing = [str(n) for n, path in enumerate(files, 1) if not path.is_file()]
    if missing:
        raise WrongUse(f"no file at FILE {', '.join(missing)} of {len(files)}; nothing was read")
    if valid_to < valid_from:
        raise WrongUse("--to is a day before --from; nothing was read")


@command(app, "list", examples=("reclaim reference list",))
def list_files(desk: Desk) -> Answer:
    """Which files cover which service dates, with rows and digests."""
    from warehouse import reference

    with desk.warehouse() as warehouse, warehouse.read() as connection:
        files = reference.list_files(connection)
    rows: list[dict[str, Any]] = [dict(as_data(f)) for f in files]

    def show(console: Console) -> None:
        if not files:
            console.print("No code-set file is here. Bring one: reclaim reference import --help")
            return
        shown = table("kind", "from", "to", "rows", "file", "SHA-256",
                      right=("rows",), wrap=("file",))  # fmt: skip
        for f in files:
            note = "" if f.is_complete else " (other parts are missing)"
            shown.add_row(f.kind, f.valid_from.isoformat(), f.valid_to.isoformat(),
                          f"{f.row_count:,}", f.file_name + note, f.sha256[:12])  # fmt: skip
        console.print(shown)

    return Answer({"files": rows}, show)
