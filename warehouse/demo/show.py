"""The result of the demo on the terminal, for a biller who has never seen it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from warehouse.cli_answer import plain
from warehouse.demo.figures import is_right
from warehouse.show_reasons import reason_words
from warehouse.show_text import change_words, counted, dollars, heading, listing, paragraph, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.cli_answer import Show

Row = dict[str, Any]


def shown(found: Row) -> Show:
    """All six parts, and the verdict."""

    def show(console: Console) -> None:
        _files(console, found)
        _denials(console, found["denials"])
        _corrected(console, found["corrections"])
        _not_corrected(console, found["not_corrected"])
        _outbox(console, found["outbox"])
        _files_add_up(console, found["totals"]["files"])
        _sums_add_up(console, found["totals"]["sums"])
        _verdict(console, found)

    return show


def _words(name: str) -> str:
    return name.replace("_", " ")


def _grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> list[list[Row]]:
    """Rows that stand together and have the same key."""
    return [list(group) for _, group in groupby(rows, key)]


def _files(console: Console, found: Row) -> None:
    heading(console, "1. Files that were dropped, and what became of them")
    rows = table("file", "kind", "became", "claims", "lines", "billed", "paid", "why",
                 right=("claims", "lines", "billed", "paid"), wrap=("why",))  # fmt: skip
    for f in found["files"]:
        # Nothing is paid by a claim file; 0.00 would look like a payment of nothing.
        paid = dollars(f["payment_amount"]) if f["kind"] == "835" else ""
        rows.add_row(f"#{f['file_id']} {f['file_ending']}", f["kind"], f["status"],
                     plain(f["claim_count"] or None), plain(f["service_line_count"] or None),
                     dollars(f["charge_amount"]) if f["claim_count"] else "", paid,
                     reason_words(f["reason_code"]))  # fmt: skip
    console.print(rows)
    evidence = found["evidence"]
    refused = f", {evidence['quarantined']} refused" if evidence["quarantined"] else ""
    console.print(f"\nChart facts: {evidence['loaded']} loaded{refused}. "
                  "What was refused, and why: reclaim quarantine list", soft_wrap=True)  # fmt: skip


def _denials(console: Console, denials: list[Row]) -> None:
    heading(console, "2. Denials by category, what is left to do, and what was decided")
    rows = table("category", "path", "decision", "denials", "dollars",
                 right=("denials", "dollars"))  # fmt: skip
    for d in denials:
        rows.add_row(_words(d["category"]), _words(d["path"]), _words(d["decision"]),
                     str(d["denials"]), dollars(d["denied_amount"]))  # fmt: skip
    rows.add_section()
    rows.add_row("all", "", "", str(sum(d["denials"] for d in denials)),
                 dollars(sum(d["denied_amount"] for d in denials)), style="bold")  # fmt: skip
    console.print(rows)


def _corrected(console: Console, corrections: list[Row]) -> None:
    claims = _grouped(corrections, lambda c: c["patient_control_number"])
    heading(console, f"3. Corrected claims: {len(claims)}, each change with what carries it")
    for changes in claims:
        first = changes[0]
        by = first["approved_by"]
        sent = first["outbound_file_name"]
        said = f"approved by {by}" if by else "no person needed"
        said += f", sent in {sent}" if sent else f", {first['status']}, not sent"
        console.print(f"{first['patient_control_number']}  {said}", soft_wrap=True)
        for change in _grouped(changes, _what_changes):
            _change(console, change)


def _what_changes(correction: Row) -> tuple[Any, ...]:
    """A number for the whole claim answers each of its denied lines: it is one change."""
    return tuple(correction[n] for n in ("place", "old_value", "new_value", "rule_code"))


def _change(console: Console, corrections: list[Row]) -> None:
    numbers = [c["line_number"] for c in corrections if c["line_number"]]
    first = corrections[0]
    where = f"line {', '.join(numbers)}" if numbers else "the claim"
    paragraph(console, f"{where}: {change_words(first)}", indent=4)
    paragraph(console, f"{first['rule_code']}, evidence {first['evidence']}", indent=8)


def _not_corrected(console: Console, denials: list[Row]) -> None:
    heading(console, f"4. Not corrected, and why: {counted(len(denials), 'denied line')}")
    rows = []
    for lines in _grouped(denials, lambda d: (d["patient_control_number"], d["explanation"])):
        first = lines[0]
        cells = (
            first["patient_control_number"],
            ", ".join(d["line_number"] for d in lines if d["line_number"]),
            ", ".join(d["procedure_code"] for d in lines if d["procedure_code"]),
            f"{first['group_code']}-{first['reason_code']}",
            dollars(sum(d["denied_amount"] for d in lines)),
            _words(first["decision"]),
            _words(first["path"]),
        )
        rows.append((cells, first["explanation"] or ""))
    columns = ("claim", "line", "code", "denial", "dollars", "decision", "left to do")
    listing(console, columns, rows, right=("dollars",))


def _outbox(console: Console, files: list[Row]) -> None:
    heading(console, "5. Corrected files, ready to transmit")
    rows = table("file", "claims", "billed", "state", "5010 check (pyx12)",
                 right=("claims", "billed"))  # fmt: skip
    for f in files:
        verdict = "accepted" if not f["problems"] else counted(len(f["problems"]), "FINDING")
        rows.add_row(f"{f['path'].parent.name}/{f['path'].name}", str(f["claims"]),
                     dollars(f["charge_amount"]), f["state"], verdict)  # fmt: skip
    console.print(rows)
    for f in files:
        for problem in f["problems"][:5]:
            paragraph(console, f"{f['path'].name}: {problem}", indent=4)


def _files_add_up(console: Console, files: list[Row]) -> None:
    heading(console, "6. Totals in = totals out: what the files' bytes say, and what is kept")
    rows = table("file", "kind", "claims", "lines", "billed", "kept", "paid", "kept ", "",
                 right=("claims", "lines", "billed", "kept", "paid", "kept "))  # fmt: skip
    for f in files:
        said, kept = f["in_file"], f["in_warehouse"]
        paid = ("", "")
        if f["kind"] == "835":
            paid = (dollars(said["payment_amount"]), dollars(kept["payment_amount"]))
        rows.add_row(f"#{f['file_id']}", f["kind"], _both(said["claims"], kept["claims"]),
                     _both(said["lines"], kept["lines"]), dollars(said["charge_amount"]),
                     dollars(kept["charge_amount"]), *paid, _mark(f["adds_up"]))  # fmt: skip
    console.print(rows)


def _sums_add_up(console: Console, sums: list[Row]) -> None:
    rows = table("", "dollars", " ", right=("dollars",))
    for s in sums:
        rows.add_section()
        rows.add_row(s["what"], dollars(s["amount"]), _mark(s["adds_up"]), style="bold")
        for part in s["parts"]:
            rows.add_row(f"  {part['what']}", dollars(part["amount"]), "")
    console.print()
    console.print(rows)


def _both(in_file: int, in_warehouse: int) -> str:
    return str(in_file) if in_file == in_warehouse else f"{in_file} / {in_warehouse}"


def _mark(adds_up: bool) -> str:
    return "adds up" if adds_up else "DOES NOT ADD UP"


def _verdict(console: Console, found: Row) -> None:
    console.print()
    if is_right(found):
        paragraph(console, "Everything adds up: each dollar of each file is in the warehouse, and "
                           "each denied dollar has an outcome.")  # fmt: skip
    else:
        console.rule("DOES NOT ADD UP: see above", characters="!", style="bold red")
    console.print(f"The demo's home folder: {found['home']}", soft_wrap=True)
