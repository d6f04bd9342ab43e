"""Findings of the full check – for a person: how many of what, before each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from warehouse import show_run
from warehouse.show_text import counted, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.cli_answer import Show

SHOWN_KINDS = 40
"""Kinds of finding that are printed; ``--json`` has all."""


def counts_of(problems: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How often each level, code and place stands among the problems of a file."""
    found = Counter((p["level"], p["code"], p["place"]) for p in problems)
    ordered = sorted(found.items(), key=lambda one: (one[0][0], -one[1], one[0]))
    return [
        {"level": level, "code": code, "place": place, "times": times}
        for (level, code, place), times in ordered
    ]


def counts(console: Console, findings: Sequence[Mapping[str, Any]]) -> None:
    """Findings by level, code and place, lowest level first, most frequent first."""
    from edi.level import NAMES

    if not findings:
        return
    in_files = "files" in findings[0]
    shown = table("level", "finding", "place", "times", *(("files",) if in_files else ()),
                  right=("times", "files"))  # fmt: skip
    for one in findings[:SHOWN_KINDS]:
        cells = [f"{one['level']} {NAMES[one['level']]}", one["code"], one["place"]]
        cells.append(f"{one['times']:,}")
        shown.add_row(*cells, *((f"{one['files']:,}",) if in_files else ()))
    console.print(shown)
    if len(findings) > SHOWN_KINDS:
        kinds = counted(len(findings) - SHOWN_KINDS, "more kind")
        console.print(f"… and {kinds}; --json shows all of them")


def checked(data: Mapping[str, Any]) -> Show:
    """What the step ``check`` came to: its counts, then what was found."""

    def show(console: Console) -> None:
        show_run.counts("check", data)(console)
        counts(console, data["findings"])

    return show
