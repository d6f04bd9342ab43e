"""The command ``reclaim``: the pipeline's steps; what is asked and decided stands beside it.

Nothing heavy is imported before a command needs it: help and mistakes answer at once.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from warehouse import (
    cli_ask,
    cli_demo,
    cli_outbox,
    cli_quarantine,
    cli_reference,
    cli_report,
    cli_review,
    cli_rules,
    show_findings,
    show_run,
)
from warehouse.cli_answer import DONE, NOT_SENT, QUARANTINED, Answer, as_data
from warehouse.cli_command import Desk, WrongUse, command
from warehouse.cli_progress import progress_of

START, PIPELINE = "Start here", "The pipeline (run does all of it)"
DECIDE, ASK = "Decide", "Ask"

app = typer.Typer(
    name="reclaim",
    help="Finds the denied service lines in your claims (837P) and remittances (835), and writes "
    "corrected claims with the evidence for every change.",
    epilog="First time? reclaim demo shows a made-up month from the drop to the corrected claim."
    "\n\nExit status: 0 done, 1 failed and may be run again, 2 wrong use or settings, "
    "3 an invariant does not hold, 4 something is in quarantine, 5 something could not be sent or "
    "decided.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"reclaim {version('reclaim')}")
        raise typer.Exit(DONE)


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    pass


@command(app, rich_help_panel=START, examples=("reclaim init --home practice",))
def init(desk: Desk) -> Answer:
    """Make the home folder with its settings, and the warehouse; keeps what is there."""
    from warehouse import steps

    made = steps.initialise(desk.home)
    return Answer({"home": made.home, "warehouse": "ready"}, show_run.initialised(made.home))


cli_demo.add_to(app, panel=START)


@command(
    app,
    rich_help_panel=PIPELINE,
    examples=("reclaim run --home practice", "reclaim run --as-of 2026-10-05 --json"),
)
def run(desk: Desk) -> Answer:
    """Take in what has arrived, find the denials, correct what may be corrected, and send it.

    One pass: receive, match, propose, emit, check. Safe to repeat at any time.
    """
    from warehouse import steps

    _say_idle_rules(desk)
    with progress_of("run") as progress:
        result = steps.run(desk.settings_of_a_run, as_of=desk.as_of, progress=progress)
    data = result.as_json()
    return Answer(data, show_run.ran(data), result.exit_status)


def _say_idle_rules(desk: Desk) -> None:
    """A glob of ``automatic`` that lets nothing go is likely a slip: said, not refused."""
    from rules.decision import AUTOMATIC
    from rules.registry import ALL_RULES

    codes = [rule.code for rule in ALL_RULES if rule.safety == AUTOMATIC]
    for glob in desk.settings_of_a_run.idle_rules(codes):
        print(
            f"reclaim.toml: emission.automatic: {glob!r} lets no rule go by itself; "
            "see: reclaim rules list",
            file=sys.stderr,
        )


@command(
    app,
    rich_help_panel=PIPELINE,
    examples=("reclaim receive", "reclaim receive ~/downloads/*.835"),
)
def receive(
    desk: Desk,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]…", help="Files to copy in and read at once."),
    ] = None,
) -> Answer:
    """Read the files in inbox/ and the chart facts in evidence/ (or the files named).

    A file leaves inbox/ when what became of it is committed.

    Chart facts are *.jsonl, or <kind>.csv, of the kinds authorization, referral, enrollment,
    procedure_note, evaluation, diagnosis, diagnostic_block, conservative_care,
    psychological_evaluation, subscriber and timely_filing_proof.
    """
    from warehouse import steps

    _refuse_missing(paths or [])
    with progress_of("receive") as progress:
        totals = steps.receive(
            desk.settings_of_a_run, as_of=desk.as_of, paths=tuple(paths or ()), progress=progress
        )
    refused = totals.quarantined or totals.evidence["quarantined"]
    status = QUARANTINED if refused else DONE
    data = as_data(totals)
    return Answer(data, show_run.counts("receive", data), status)


def _refuse_missing(paths: list[Path]) -> None:
    """By position: the name of a file from outside may name a patient."""
    missing = [str(n) for n, path in enumerate(paths, 1) if not path.is_file()]
    if missing:
        raise WrongUse(f"no file at PATH {', '.join(missing)} of {len(paths)}; nothing was read")


@command(app, rich_help_panel=PIPELINE, examples=("reclaim match",))
def match(desk: Desk) -> Answer:
    """Join each line that a payer decided to the line that was billed, and find the denials."""
    from warehouse import steps

    data = as_data(steps.match(desk.settings_of_a_run, as_of=desk.as_of))
    return Answer(data, show_run.counts("match", data))


@command(app, rich_help_panel=PIPELINE, examples=("reclaim propose",))
def propose(desk: Desk) -> Answer:
    """Ask the rules about each denial: a correction with its evidence, or why there is none."""
    from warehouse import steps

    proposed = steps.propose(desk.settings_of_a_run, as_of=desk.as_of)
    data = as_data(proposed)
    return Answer(data, show_run.counts("propose", data), NOT_SENT if proposed.undecided else DONE)


@command(app, rich_help_panel=PIPELINE, examples=("reclaim emit",))
def emit(desk: Desk) -> Answer:
    """Write the corrected claims that may go to outbox/ (in shadow mode: to shadow/)."""
    from warehouse import steps

    _say_idle_rules(desk)
    sent = steps.emit(desk.settings_of_a_run, as_of=desk.as_of)
    data = as_data(sent)
    return Answer(data, show_run.counts("emit", data), NOT_SENT if sent.refused else DONE)


@command(app, rich_help_panel=PIPELINE, examples=("reclaim check",))
def check(desk: Desk) -> Answer:
    """Check what was received against the whole 5010 guide, and keep the findings."""
    from warehouse import steps

    data = as_data(steps.check(desk.settings_of_a_run, as_of=desk.as_of))
    return Answer(data, show_findings.checked(data))


app.add_typer(cli_review.app, name="review", rich_help_panel=DECIDE)
app.add_typer(cli_quarantine.app, name="quarantine", rich_help_panel=DECIDE)
app.add_typer(cli_outbox.app, name="outbox", rich_help_panel=DECIDE)
cli_ask.add_to(app, panel=ASK)
app.add_typer(cli_report.app, name="report", rich_help_panel=ASK)
app.add_typer(cli_rules.app, name="rules", rich_help_panel=ASK)
app.add_typer(cli_reference.app, name="reference", rich_help_panel=ASK)


def main() -> None:
    """What the console script ``reclaim`` calls."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal without arrows and dashes shows a question mark, and the work goes on.
            stream.reconfigure(errors="replace")
    app()
