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
SENT = """
select c.outbound_claim_id, c.submission_id, c.corrections_digest, c.state as own_state,
       f.file_name, f.sha256, f.interchange_control_number, s.patient_control_number,
       c.claim_frequency_code, c.payer_claim_control_number,
       case when c.state in ('acknowledged', 'accepted', 'rejected', 'adjudicated', 'voided')
           then c.state else f.state end as state,
       f.emitted_at, f.acknowledged_at, c.charge_cents / 100.0 as charge_amount,
       c.recovered_cents / 100.0 as recovered_amount
from outbound_claim as c
join outbound_file as f on f.outbound_file_id = c.outbound_file_id
join submission as s on s.submission_id = c.submission_id
where f.file_name = :file_name
order by s.patient_control_number, c.outbound_claim_id
"""
"""The rows of mart_outbound with what their corrections are found by: a number may be of two."""
CHANGES = """
select c.submission_id, c.outbound_claim_id, m.patient_control_number, m.line_number, m.place,
       m.old_value, m.new_value, m.rule_code, m.evidence, m.approved_by, m.outcome, m.status,
       c.old_value as old, c.new_value as new, c.rule_version, c.evidence_ids
from mart_correction as m
join correction as c on c.correction_id = m.correction_id
where c.submission_id in (
    select went.submission_id from outbound_claim as went
    join outbound_file as f on f.outbound_file_id = went.outbound_file_id
    where f.file_name = :file_name
)
order by m.correction_id
"""


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
    sent = mart_rows(desk, SENT, file_name=name)
    if not sent:
        raise WrongUse("no file of this name was sent; reclaim outbox list shows them")
    changes = mart_rows(desk, CHANGES, file_name=name)
    claims = [
        {n: v for n, v in claim.items() if n not in _KEYS}
        | {"corrections": [_shown(c) for c in _changes_of(claim, changes)]}
        for claim in sent
    ]

    def show(console: Console) -> None:
        first = claims[0]
        went = "written" if all(claim["state"] == "shadow" for claim in claims) else "sent"
        heading(console, name)
        facts(console, {"claims": counted(len(claims), "claim"), "SHA-256": first["sha256"],
                        "control no.": first["interchange_control_number"],
                        went: plain(first["emitted_at"])[:19]})  # fmt: skip
        for claim in claims:
            _show_claim(console, claim)

    shared = ("file_name", "sha256", "interchange_control_number", "emitted_at")
    data = {n: claims[0][n] for n in shared}
    data["claims"] = [{n: v for n, v in c.items() if n not in shared} for c in claims]
    return Answer(data, show)


_KEYS = ("outbound_claim_id", "submission_id", "corrections_digest", "own_state")
_SHOWN = ("patient_control_number", "line_number", "place", "old_value", "new_value", "rule_code",
          "evidence", "approved_by", "outcome")  # fmt: skip


def _shown(change: dict[str, Any]) -> dict[str, Any]:
    return {name: change[name] for name in _SHOWN}


def _changes_of(claim: dict[str, Any], changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The corrections that a claim went with.

    What a shadow file shows belongs to no file until it is sent. It is that very set as long as
    the set is still wanted; afterwards the file's bytes alone say what was in it.
    """
    from warehouse.approvals import corrections_digest

    if claim["own_state"] != "shadow":
        return [c for c in changes if c["outbound_claim_id"] == claim["outbound_claim_id"]]
    wanted = [
        c
        for c in changes
        if c["submission_id"] == claim["submission_id"] and c["status"] in ("approved", "emitted")
    ]
    keys = {
        (c["place"], c["old"], c["new"], c["rule_code"], c["rule_version"], c["evidence_ids"])
        for c in wanted
    }
    return wanted if corrections_digest(list(keys)) == claim["corrections_digest"] else []


def _show_claim(console: Console, claim: dict[str, Any]) -> None:
    what = {"7": "replacement", "1": "new claim", "8": "void"}.get(claim["claim_frequency_code"])
    heading(console, f"{claim['patient_control_number']}  {what or 'claim'}  "
                     f"{dollars(claim['charge_amount'])}  {claim['state']}")  # fmt: skip
    if not claim["corrections"]:
        console.print("  its corrections were decided anew since; the file says what they were")
    for correction in claim["corrections"]:
        by = correction["approved_by"] or "no person was needed"
        facts(console, {"  change": change_words(correction), "  rule": correction["rule_code"],
                        "  evidence": correction["evidence"], "  approved by": by})  # fmt: skip
