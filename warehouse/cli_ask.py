"""Commands that ask and change nothing: `query`, `timeline`, `validate`, `verify`."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse import show_findings
from warehouse.cli_answer import DONE, FINDINGS, INVARIANT_BROKEN, Answer, as_data, plain
from warehouse.cli_command import Desk, WrongUse, command
from warehouse.show_text import counted, dollars, ending_of, listing, paragraph, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.timeline import TimelineEntry
    from warehouse.verify import InvariantResult, Verification

SHOWN_FINDINGS = 50
"""Findings of one file, or violations of one invariant, that are printed; ``--json`` has more."""


class Format(StrEnum):
    """How the rows of a query are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def add_to(app: typer.Typer, *, panel: str) -> None:
    """Put these commands among the others."""
    command(
        app,
        rich_help_panel=panel,
        examples=(
            'reclaim query "SELECT category, sum(denied_amount) FROM mart_denial GROUP BY 1"',
            'reclaim query --format csv "SELECT * FROM mart_file" > files.csv',
        ),
    )(query)
    command(app, rich_help_panel=panel, examples=("reclaim timeline PCN1001",))(timeline)
    command(
        app,
        rich_help_panel=panel,
        examples=(
            "reclaim validate claims.837 remittance.835",
            "reclaim validate --acknowledge answers claims.837",
        ),
    )(validate)
    command(app, rich_help_panel=panel, examples=("reclaim verify",))(verify)


def query(
    desk: Desk,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT on the marts.")],
    output: Annotated[
        Format, typer.Option("--format", help="How rows are printed.")
    ] = Format.table,
) -> Answer:
    """Ask the marts in SQL: read-only, one row a denial, claim, line, file and so on."""
    from warehouse.query import QueryError, as_csv, as_json, as_text, run_query

    with desk.warehouse() as warehouse:
        try:
            columns, rows = run_query(warehouse, sql)
        except QueryError as error:
            raise WrongUse(str(error)) from None

    def show(console: Console) -> None:
        if output is Format.csv:
            print(as_csv(columns, rows), end="")
        elif output is Format.json:
            print(as_json(columns, rows))
        else:
            numbers = {c for n, c in enumerate(columns) if _is_number_column(rows, n)}
            shown = table(*columns, right=numbers)
            for row in rows:
                shown.add_row(*map(as_text, row))
            # A row stays one line: the terminal may be narrower, a pipe has no width at all.
            console.width = 100_000
            console.print(shown)
            console.print(f"({counted(len(rows), 'row')})")

    objects = json.loads(as_json(columns, rows), parse_float=Decimal) if desk.as_json else []
    return Answer({"columns": columns, "rows": objects}, show)


def _is_number_column(rows: list[tuple[Any, ...]], position: int) -> bool:
    values = [row[position] for row in rows if row[position] is not None]
    return bool(values) and all(isinstance(v, int | float | Decimal) for v in values)


def validate(
    desk: Desk,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="837P or 835 files.")],
    acknowledge: Annotated[
        Path | None,
        typer.Option("--acknowledge", metavar="DIR", help="Also write TA1 and 999 into DIR."),
    ] = None,
) -> Answer:
    """Check 837P and 835 files: envelope, the 5010 guide, and the arithmetic. Needs no home."""
    for number, path in enumerate(files, 1):
        if not path.is_file():
            raise WrongUse(f"FILE {number} of {len(files)} is not there, or is no file")
    if acknowledge is not None and acknowledge.exists() and not acknowledge.is_dir():
        raise WrongUse("--acknowledge wants a folder")
    found = [_validated(number, path, acknowledge) for number, path in enumerate(files, 1)]
    total = sum(len(entry["problems"]) for entry in found)

    def show(console: Console) -> None:
        for entry in found:
            _show_validated(console, entry)

    return Answer({"files": found, "problems": total}, show, FINDINGS if total else DONE)


def _validated(number: int, path: Path, folder: Path | None) -> dict[str, Any]:
    """One file by its position and digest, with everything that was found, and its answers."""
    from edi.envelope import digest_of
    from edi.validate import validate as problems_of

    every = problems_of(path)
    problems = [
        {
            "level": p.level,
            "code": p.code,
            "interchange": p.source.interchange,
            "transaction": p.source.transaction,
            "segment": p.source.segment,
            "place": p.place,
            "found": p.found,
            "expected": p.expected,
        }
        for p in every
    ]
    answers = []
    if folder is not None:
        from warehouse.own_answers import write_answers

        answers = write_answers(path, every, folder, now=datetime.now())
    return {
        "file": number,
        "file_ending": ending_of(path.name),
        "sha256": digest_of(path)[0],
        "counts": show_findings.counts_of(problems),
        "problems": problems,
        "acknowledgments": [
            {"file_name": name, "kind": kind, "code": code} for name, kind, code in answers
        ],
    }


def _show_validated(console: Console, entry: dict[str, Any]) -> None:
    problems = entry["problems"]
    said = counted(len(problems), "finding") if problems else "valid"
    console.print(f"{entry['file']}. {entry['file_ending']} {entry['sha256'][:8]}: {said}")
    for answer in entry["acknowledgments"]:
        console.print(f"   answered with {answer['kind']} {answer['code']}: {answer['file_name']}")
    if not problems:
        return
    show_findings.counts(console, entry["counts"])
    shown = table("level", "at", "place", "finding", "found", wrap=("found",))
    for p in problems[:SHOWN_FINDINGS]:
        at = f"{p['transaction']}#{p['segment']}" if p["segment"] else ""
        words = ", ".join(filter(None, (p["found"], p["expected"] and f"expected {p['expected']}")))
        shown.add_row(str(p["level"]), at, p["place"], p["code"], words)
    console.print(shown)
    if len(problems) > SHOWN_FINDINGS:
        console.print(f"… and {len(problems) - SHOWN_FINDINGS} more; --json shows all of them")


def timeline(
    desk: Desk,
    patient_control_number: Annotated[
        str, typer.Argument(metavar="PATIENT_CONTROL_NUMBER", help="CLM01 of the claim.")
    ],
) -> Answer:
    """All that happened to one claim, day by day, with the file and segment it stands in."""
    from warehouse.timeline import timeline as happened

    with desk.warehouse() as warehouse:
        entries = [_entry(entry) for entry in happened(warehouse, patient_control_number)]
    if not entries:
        raise WrongUse("no file that was received has this patient control number")
    several = len({e["claim_id"] for e in entries if e["claim_id"]}) > 1

    def show(console: Console) -> None:
        # Practices use a number again: then it says which of the claims each entry is of.
        columns = ("day", "what", "amount", "file", "place", *(("claim",) if several else ()))
        rows = [
            ((plain(e["on"]), e["what"], dollars(e["amount"]), e["file"], e["place"],
              *((plain(e["claim_id"]),) if several else ())), e["detail"])
            for e in entries
        ]  # fmt: skip
        listing(console, columns, rows, right=("amount",))

    return Answer({"patient_control_number": patient_control_number, "entries": entries}, show)


def _entry(entry: TimelineEntry) -> dict[str, Any]:
    """An entry with its file as it may be shown: ours by name, another's by id and ending."""
    data = as_data(entry)
    name = data.pop("file_name") or ""
    data["file"] = name if entry.file_id is None else f"#{entry.file_id} {ending_of(name)}".strip()
    return data


def verify(desk: Desk) -> Answer:
    """Prove that nothing is lost or changed: every invariant over the whole warehouse."""
    from warehouse.verify import verify as verified

    with desk.warehouse() as warehouse:
        found = verified(warehouse, desk.settings, as_of=desk.as_of)
    status = DONE if found.holds else INVARIANT_BROKEN
    return Answer(found.as_dict(), lambda console: _show_verified(console, found), status)


def _show_verified(console: Console, found: Verification) -> None:
    rows = []
    for result in found.results:
        said = {True: "holds", False: "DOES NOT HOLD", None: "nothing yet"}[result.holds]
        rows.append(((result.code, said, f"{result.checked:,}"), result.promise))
    listing(console, ("", "", "checked"), rows, right=("checked",))
    for result in found.results:
        _show_sentences(console, result)
    broken = [result.code for result in found.results if result.holds is False]
    console.print()
    words = f"{', '.join(broken)}: DOES NOT HOLD" if broken else "Every invariant holds."
    console.print(words, style="bold", soft_wrap=True)


def _show_sentences(console: Console, result: InvariantResult) -> None:
    for said, count, sentences in (
        ("violated", result.violation_count, result.violations),
        ("to look at", result.reported_count, result.reported),
    ):
        if not count:
            continue
        console.print(f"\n{result.code}, {said}: {count:,}")
        for sentence in sentences[:SHOWN_FINDINGS]:
            paragraph(console, sentence, indent=2)
        if count > SHOWN_FINDINGS:
            console.print(f"  … and {count - SHOWN_FINDINGS:,} more")
