"""`reclaim review`: the work queue, one decision at a time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.cli_answer import Answer, as_data
from warehouse.cli_command import Desk, command
from warehouse.cli_quarantine import an_id_of_ours
from warehouse.show_text import LONGEST_NAME, counted, dollars, facts, heading, listing, paragraph

if TYPE_CHECKING:
    from rich.console import Console

    from rules.work_up import WorkUp
    from warehouse.review import Approval, ReviewDetail, ReviewItem

app = typer.Typer(
    help="What waits for a person: look at a correction and its evidence, approve it or reject it; "
    "close what nothing more is done about.",
    no_args_is_help=True,
)
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As review list shows it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]

WAITS = "awaiting_approval"


@command(
    app,
    "list",
    examples=("reclaim review list", "reclaim review list --all", "reclaim review list --json"),
)
def list_queue(
    desk: Desk,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also what lacks evidence, what no claim of ours answers, what the payer decides.",
        ),
    ] = False,
) -> Answer:
    """What waits for a person, most dollars first."""
    from warehouse import review
    from warehouse.report import unmatched

    with desk.warehouse() as warehouse:
        queue = review.waiting(
            warehouse, as_of=desk.as_of, settings=desk.settings, everything=everything
        )
        elsewhere = 0 if everything else review.elsewhere(warehouse)
        untold = len(unmatched(warehouse))

    def show(console: Console) -> None:
        if queue:
            columns = ("id", "claim", "line", "payer", "denied", "deadline", "to do")
            rows = [(_cells(item), item.needs_person or item.explanation or "") for item in queue]
            listing(console, columns, rows, right=("id", "line", "denied"))
            to_approve = sum(item.status == WAITS for item in queue)
            console.print(f"\n{counted(to_approve, 'denial')} to approve or reject, "
                          f"{len(queue) - to_approve} to look at or to answer. "
                          "One in full, with what to do: reclaim review show ID",
                          soft_wrap=True)  # fmt: skip
        else:
            console.print("Nothing waits for a decision.")
        if elsewhere:
            console.print(f"{counted(elsewhere, 'open denial')} besides: evidence to bring, "
                          "appeals, records, other payers, payers to wait for. With them: "
                          "reclaim review list --all",
                          soft_wrap=True)  # fmt: skip
        if untold:
            console.print(f"{counted(untold, 'told service')} joined to no line of ours, or taken "
                          "back and not decided again: reclaim report unmatched",
                          soft_wrap=True)  # fmt: skip

    return Answer({"review": [as_data(item) for item in queue]}, show)


def _cells(item: ReviewItem) -> tuple[str, ...]:
    return (
        item.review_id,
        item.patient_control_number or "",
        item.line_number or "",
        (item.payer_name or "")[:LONGEST_NAME],
        dollars(Decimal(item.denied_cents) / 100),
        _deadline(item),
        item.to_do,
    )


def _deadline(item: ReviewItem) -> str:
    if item.deadline is None:
        return "unknown"
    return f"{item.deadline} ({item.days_left} d)"


@command(app, "show", examples=("reclaim review show 17",))
def show_item(desk: Desk, identifier: Identifier) -> Answer:
    """One denial with the correction, its evidence, and the line as billed and as it would go.

    Where no claim of ours answers it: what the person needs in hand who does.
    """
    from warehouse import review, work_up

    with desk.warehouse() as warehouse, an_id_of_ours():
        detail = review.show(warehouse, desk.settings, identifier, as_of=desk.as_of)
        found = work_up.of_denial(warehouse, desk.settings, identifier, as_of=desk.as_of)
    data = as_data(detail) | {"work_up": as_data(found) if found else None}

    def show(console: Console) -> None:
        _show_detail(console, detail)
        if found:
            _show_work_up(console, found)

    return Answer(data, show)


def _show_detail(console: Console, detail: ReviewDetail) -> None:
    item = detail.item
    line = f", line {item.line_number}" if item.line_number else ""
    heading(console, f"{item.review_id}: claim {item.patient_control_number}{line}")
    facts(
        console,
        {
            "payer": item.payer_name or "",
            "denied": dollars(Decimal(item.denied_cents) / 100),
            "deadline": _deadline(item),
            "status": item.status.replace("_", " "),
            "rule": item.rule_code or "",
            "explanation": item.explanation or "",
            "policy named": item.policy_identifiers or "",
            "why a person": item.needs_person or "",
            "line as billed": detail.original_line or "",
            "line proposed": detail.proposed_line or "",
        },
    )
    for correction in detail.corrections:
        old, new = correction.old_value or "nothing", correction.new_value or "taken away"
        heading(console, f"{correction.place}: {old} → {new}")
        facts(console, {"  because": correction.reason, "  rule": correction.rule_code,
                        "  evidence": "; ".join(correction.evidence),
                        "  status": correction.status})  # fmt: skip
    if item.status == WAITS:
        console.print()
        paragraph(console, "Approving or rejecting one line decides the correction of its whole "
                           f"claim: reclaim review approve {item.review_id} --by NAME")  # fmt: skip
    elif item.status == "open":
        console.print()
        paragraph(console, "New evidence decides it anew at the next run. Where nothing more is to "
                           f"be done: reclaim review close {item.review_id} --as RESOLUTION "
                           "--by NAME --reason TEXT")  # fmt: skip


def _show_work_up(console: Console, found: WorkUp) -> None:
    heading(console, found.title)
    for words in found.needed:
        paragraph(console, f"- {words}")
    for asked in found.worksheet:
        old, new = asked.old_value or "nothing", asked.new_value or "taken away"
        paragraph(console, f"- {asked.place}: {old} → {new}, by {', '.join(asked.documents)}")


@command(app, "approve", examples=("reclaim review approve 17 --by biller.b",))
def approve(desk: Desk, identifier: Identifier, by: By) -> Answer:
    """Let the correction of the whole claim go; the next run sends it."""
    from warehouse import review

    with desk.warehouse() as warehouse, an_id_of_ours():
        done = review.approve(
            warehouse, desk.settings, identifier, by=by, as_of=desk.as_of, now=datetime.now()
        )
    if desk.settings.emission.mode == "live":
        return _decided(done, "the next reclaim run sends it")
    return _decided(
        done, "in shadow mode the next reclaim run writes it to shadow/ only; it goes out with the "
        'first run after mode is "live"',
    )  # fmt: skip


@command(
    app,
    "reject",
    examples=('reclaim review reject 17 --by biller.b --reason "the note says otherwise"',),
)
def reject(
    desk: Desk,
    identifier: Identifier,
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
) -> Answer:
    """Keep the correction of the whole claim from going, and say why."""
    from warehouse import review

    with desk.warehouse() as warehouse, an_id_of_ours():
        done = review.reject(
            warehouse, desk.settings, identifier,
            by=by, reason=reason, as_of=desk.as_of, now=datetime.now(),
        )  # fmt: skip
    return _decided(done, "it will not be sent")


@command(
    app,
    "close",
    examples=(
        'reclaim review close 24 --as accepted --by biller.b --reason "not covered by the plan"',
    ),
)
def close(
    desk: Desk,
    identifier: Identifier,
    resolution: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="RESOLUTION",
            help="written-off, patient, other-payer, accepted, or not-ours.",
        ),
    ],
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
) -> Answer:
    """Take an open denial off the queue: nothing more is done about it.

    A later adjudication of its line opens it again.
    """
    from warehouse import closing

    with desk.warehouse() as warehouse, an_id_of_ours():
        done = closing.close(
            warehouse, desk.settings, identifier, resolution=resolution,
            by=by, reason=reason, as_of=desk.as_of, now=datetime.now(),
        )  # fmt: skip

    def show(console: Console) -> None:
        console.print(f"Claim {done.patient_control_number}: denial {done.review_id} closed by "
                      f"{done.closed_by}, {done.resolution}", soft_wrap=True)  # fmt: skip

    return Answer(as_data(done), show)


def _decided(done: Approval, what_now: str) -> Answer:
    def show(console: Console) -> None:
        console.print(f"Claim {done.patient_control_number}: "
                      f"{counted(done.corrections, 'correction')} {done.decision} by "
                      f"{done.decided_by}; {what_now}", soft_wrap=True)  # fmt: skip

    return Answer(as_data(done), show)
