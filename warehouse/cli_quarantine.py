"""`reclaim quarantine`: what was refused, why, and what a person decides about it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from warehouse.cli_answer import DONE, QUARANTINED, Answer, as_data
from warehouse.cli_command import Desk, WrongUse, command
from warehouse.show_reasons import reason_words
from warehouse.show_text import counted, ending_of, facts, listing

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Warehouse
    from warehouse.quarantine import Item

app = typer.Typer(
    help="What was refused, and why: files, parts of files, claims, lines of evidence.",
    no_args_is_help=True,
)
Identifier = Annotated[int, typer.Argument(metavar="ID", help="As quarantine list shows it.")]


class _File(NamedTuple):
    """What may be shown of the file that something was in."""

    kind: str = ""
    file_ending: str = ""
    received_at: datetime | None = None


def user() -> str:
    """Who is at the keyboard, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@contextmanager
def an_id_of_ours() -> Iterator[None]:
    """An id that is not there, or not open, is a mistake of who gave it.

    Raises: WrongUse.
    """
    from warehouse.database import Terminal

    try:
        yield
    except Terminal as error:
        raise WrongUse(str(error)) from None


@command(app, "list", examples=("reclaim quarantine list",))
def list_quarantine(desk: Desk) -> Answer:
    """What is set apart and not decided yet, oldest first."""
    from warehouse import quarantine

    with desk.warehouse() as warehouse:
        rows = [_row(warehouse, found) for found in quarantine.items(warehouse)]

    def show(console: Console) -> None:
        if not rows:
            console.print("Nothing is in quarantine.")
            return
        cells = [
            (str(row["quarantine_id"]), row["scope"], _file_words(row),
             str(row["claim_count"] or ""), row["code"])
            for row in rows
        ]  # fmt: skip
        listing(console, ("id", "what", "file", "claims", "reason"),
                [(cell, _why(row)) for cell, row in zip(cells, rows, strict=True)],
                right=("id", "claims"))  # fmt: skip
        console.print("\nOne of them in full: reclaim quarantine show ID")

    return Answer({"quarantine": rows}, show)


def _why(row: dict[str, Any]) -> str:
    """The reason; of a line of evidence also where it stands, which is all that tells it apart."""
    where = f" ({row['place']})" if row["scope"] == "evidence" else ""
    return reason_words(row["code"]) + where


@command(app, "show", examples=("reclaim quarantine show 3",))
def show_one(desk: Desk, identifier: Identifier) -> Answer:
    """One thing in quarantine: where it stood, what was found, and what can be done."""
    from warehouse import quarantine

    with desk.warehouse() as warehouse, an_id_of_ours():
        found = quarantine.item(warehouse, identifier)
        row = _row(warehouse, found)
    may_be_accepted = found.code in quarantine.ACCEPTABLE and found.scope != "claim"
    row["may_be_accepted"] = may_be_accepted

    def show(console: Console) -> None:
        names = {"quarantine_id": "id", "scope": "what", "code": "reason", "decided_by": "by",
                 "decided_reason": "because", "noted_at": "since"}  # fmt: skip
        hidden = {"file_id", "file_ending", "kind", "received_at", "may_be_accepted"}
        shown = {names.get(n, n): str(v) for n, v in row.items() if n not in hidden and v}
        shown["reason"] = f"{found.code}: {reason_words(found.code)}"
        facts(console, {"file": _file_words(row), **shown, "now": _what_now(row)})

    return Answer(row, show)


@command(app, "accept", examples=("reclaim quarantine accept 3",))
def accept(desk: Desk, identifier: Identifier) -> Answer:
    """Load a refused file after all: its envelope's counts are wrong, its content is good."""
    from warehouse.accept import accept as load_anyway

    now = datetime.now()
    with desk.warehouse() as warehouse, an_id_of_ours():
        done = load_anyway(warehouse, desk.settings, identifier, by=user(), now=now)

    def show(console: Console) -> None:
        console.print(f"File #{done.file_id}: {done.status}, {counted(done.claim_count, 'claim')}. "
                      "Next: reclaim run", soft_wrap=True)  # fmt: skip

    data = {"quarantine_id": identifier, **as_data(done)}
    return Answer(data, show, QUARANTINED if done.quarantined else DONE)


@command(
    app,
    "discard",
    examples=('reclaim quarantine discard 3 --reason "the sender dropped it again"',),
)
def discard(
    desk: Desk,
    identifier: Identifier,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
) -> Answer:
    """Say that something in quarantine is not needed. Nothing is deleted."""
    from warehouse import quarantine

    with desk.warehouse() as warehouse, an_id_of_ours():
        quarantine.discard(warehouse, identifier, by=user(), reason=reason)

    def show(console: Console) -> None:
        console.print(f"{identifier} is discarded; its bytes are kept.")

    return Answer({"quarantine_id": identifier, "state": "discarded"}, show)


def _row(warehouse: Warehouse, found: Item) -> dict[str, Any]:
    return {**as_data(found), **_file_of(warehouse, found.file_id)._asdict()}


def _file_of(warehouse: Warehouse, file_id: int | None) -> _File:
    """Kind and ending of a file; its name may name a patient."""
    from sqlalchemy import select

    from warehouse import tables as t

    if file_id is None:
        return _File()
    with warehouse.read() as connection:
        row = connection.execute(
            select(t.file.c.kind, t.file.c.file_name, t.file.c.received_at).where(
                t.file.c.file_id == file_id
            )
        ).one()
    return _File(row.kind, ending_of(row.file_name), row.received_at)


def _file_words(row: dict[str, Any]) -> str:
    if row["file_id"] is None:
        return "evidence/"
    return " ".join(filter(None, (f"#{row['file_id']}", row["file_ending"], row["kind"])))


NOT_OURS = frozenset((
    "NOT_X12", "EMPTY_FILE", "UNSUPPORTED_GUIDE", "UNSUPPORTED_TRANSACTION_SET",
    "NO_TRANSACTION_SET",
))  # fmt: skip
"""Reasons that no corrected drop would cure: the file is of a kind that is not read."""


def _what_now(row: dict[str, Any]) -> str:
    if row["state"] != "open":
        return "nothing: it is decided"
    identifier = row["quarantine_id"]
    discard_it = f"reclaim quarantine discard {identifier} --reason TEXT"
    if row["scope"] == "evidence":
        return f"mend the line in its file and run: reclaim receive; or {discard_it}"
    if row["may_be_accepted"]:
        return f"if the content is good: reclaim quarantine accept {identifier}; or {discard_it}"
    if row["code"] in NOT_OURS:
        return f"nothing here reads it, and nothing will; {discard_it}"
    return f"have the sender drop it again, mended, then {discard_it}"
