"""`reclaim outbox`: which corrected claims were sent, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import Answer, plain
from warehouse.cli_command import Desk, WrongUse, command
from warehouse.cli_marts import mart_rows
from warehouse.show_text import change_words, counted, dollars, facts, heading, table

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    help="The corrected claims that were sent, and what became of them.", no_args_is_help=True
)

CLAIMS = """
select file_name, patient_control_number, claim_frequency_code, payer_claim_control_number, state,
       emitted_at, acknowledged_at, charge_amount, recovered_amount, sha256,
       interchange_control_number
from mart_outbound order by file_name, patient_control_number
"""
_CHANGE = """
select patient_control_number, line_number, place, old_value, new_value, rule_code, evidence,
       approved_by, outcome
from mart_correction
"""
CHANGES = f"""{_CHANGE}
where outbound_file_name = :file_name
order by patient_control_number, correction_id
"""
SHADOW_CHANGES = f"""{_CHANGE}
where status in ('approved', 'emitted') and correction_id in (
    select c.correction_id
    from correction as c
    join outbound_claim as went on went.submission_id = c.submission_id
    join outbound_file as f on f.outbound_file_id = went.outbound_file_id
    where f.file_name = :file_name and went.state = 'shadow'
)
order by patient_control_number, correction_id
"""
"""What a shadow file shows belongs to no file until it is sent, and to that one then."""


@command(app, "list", examples=("reclaim outbox list",))
def list_outbox(desk: Desk) -> Answer:
    """Every file that was written, with its claims, dollars and state."""
    files: dict[str, dict[str, Any]] = {}
    for row in mart_rows(desk, CLAIMS):
        entry = files.setdefault(
            row["file_name"],
            {
                "file_name": row["file_name"],
                "interchange_control_number": row["interchange_control_number"],
                "emitted_at": row["emitted_at"],
                "claim_count": 0,
                "charge_amount": 0,
                "recovered_amount": 0,
                "states": {},
            },
        )
        entry["claim_count"] += 1
        entry["charge_amount"] += row["charge_amount"]
        entry["recovered_amount"] += row["recovered_amount"] or 0
        entry["states"][row["state"]] = entry["states"].get(row["state"], 0) + 1

    def show(console: Console) -> None:
        if not files:
            console.print("Nothing has been sent yet.")
            return
        shown = table("file", "claims", "billed", "recovered", "state",
                      right=("claims", "billed", "recovered"), wrap=("state",))  # fmt: skip
        for entry in files.values():
            states = ", ".join(f"{count} {state}" for state, count in entry["states"].items())
            shown.add_row(entry["file_name"], str(entry["claim_count"]),
                          dollars(entry["charge_amount"]), dollars(entry["recovered_amount"]),
                          states)  # fmt: skip
        console.print(shown)
        console.print("\nThe claims of one of them: reclaim outbox show NAME")

    return Answer({"outbox": list(files.values())}, show)


@command(app, "show", examples=("reclaim outbox show NAME",))
def show_file(
    desk: Desk,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As outbox list shows it.")],
) -> Answer:
    """One file that was written: its claims, what was changed in each, and what came of it."""
    claims = [row for row in mart_rows(desk, CLAIMS) if row["file_name"] == name]
    if not claims:
        raise WrongUse("no file of this name was sent; reclaim outbox list shows them")
    changes = mart_rows(desk, CHANGES, file_name=name)
    changes += mart_rows(desk, SHADOW_CHANGES, file_name=name)
    for claim in claims:
        number = claim["patient_control_number"]
        claim["corrections"] = [c for c in changes if c["patient_control_number"] == number]

    def show(console: Console) -> None:
        first = claims[0]
        went = "written" if all(claim["state"] == "shadow" for claim in claims) else "sent"
        heading(console, name)
        facts(console, {"claims": counted(len(claims), "claim"), "SHA-256": first["sha256"],
                        "control no.": first["interchange_control_number"],
                        went: plain(first["emitted_at"])})  # fmt: skip
        for claim in claims:
            _show_claim(console, claim)

    shared = ("file_name", "sha256", "interchange_control_number", "emitted_at")
    data = {n: claims[0][n] for n in shared}
    data["claims"] = [{n: v for n, v in c.items() if n not in shared} for c in claims]
    return Answer(data, show)


def _show_claim(console: Console, claim: dict[str, Any]) -> None:
    what = {"7": "replacement", "1": "new claim", "8": "void"}.get(claim["claim_frequency_code"])
    heading(console, f"{claim['patient_control_number']}  {what or 'claim'}  "
                     f"{dollars(claim['charge_amount'])}  {claim['state']}")  # fmt: skip
    for correction in claim["corrections"]:
        by = correction["approved_by"] or "no person was needed"
        facts(console, {"  change": change_words(correction), "  rule": correction["rule_code"],
                        "  evidence": correction["evidence"], "  approved by": by})  # fmt: skip
