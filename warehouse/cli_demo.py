"""`reclaim demo`: a made-up month through the whole pipeline, with the result shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import DONE, INVARIANT_BROKEN, Answer, console, notice
from warehouse.cli_command import Desk, WrongUse, command
from warehouse.cli_progress import progress_of
from warehouse.show_text import counted, paragraph

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.settings import Settings


def add_to(app: typer.Typer, *, panel: str) -> None:
    """Put the command among the others."""
    command(
        app,
        rich_help_panel=panel,
        examples=("reclaim demo", "reclaim demo --home demo-home", "reclaim demo --show --json"),
    )(demo)


def demo(
    desk: Desk,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the home folder with the month in it.")
    ] = False,
    approve: Annotated[
        bool, typer.Option("--approve", help="Only approve what waits, as the demo's biller.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Only show the result.")] = False,
) -> Answer:
    """A made-up month of a small pain practice, from the drop to the corrected claims.

    Needs nothing but the install and sends nothing anywhere. Without --home it works in a new
    temporary folder, which stays there to look around in. With none of the three parts it does
    everything: it prepares the month, runs the pipeline, approves what needs a person, runs the
    pipeline again, and shows the result. Deadlines are counted from 5 October 2026.
    """
    from warehouse.demo import AS_OF
    from warehouse.demo.prepare import forget_other_warehouse

    if prepare + approve + show > 1:
        raise WrongUse("one of --prepare, --approve and --show at a time; none does everything")
    if forget_other_warehouse():
        notice("RECLAIM_WAREHOUSE is left alone: the demo has a warehouse of its own")
    desk = replace(desk, asked_day=desk.asked_day or AS_OF)
    if prepare:
        return _prepared(desk)
    if approve:
        return _approved(desk)
    return _shown(desk) if show else _everything(desk)


def _prepare(desk: Desk) -> Settings:
    """A fresh home: the one named, or a temporary one. RECLAIM_HOME is a practice's own."""
    from warehouse.demo.prepare import new_folder, prepare
    from warehouse.settings import home_of

    return prepare(home_of(desk.named_home) if desk.named_home else new_folder())


def _prepared(desk: Desk) -> Answer:
    settings = _prepare(desk)
    inbox, facts = (len(list(settings.folder(name).iterdir())) for name in ("inbox", "evidence"))
    said = f"The made-up month is prepared: {inbox} files in inbox/, {facts} in evidence/"

    def show(out: Console) -> None:
        out.print(f"{said} of {settings.home}", soft_wrap=True)

    return Answer({"home": settings.home, "inbox": inbox, "evidence": facts}, show)


def _approve(desk: Desk, settings: Settings) -> list[dict[str, Any]]:
    from warehouse.database import Warehouse
    from warehouse.demo.approve import approve_all

    warehouse = Warehouse(settings.url)
    try:
        return approve_all(warehouse, settings, as_of=desk.as_of)
    finally:
        warehouse.close()


def _approved(desk: Desk) -> Answer:
    from warehouse.demo.prepare import opened

    entries = _approve(desk, opened(desk.home))
    return Answer({"reviewed": entries}, lambda out: _say_approved(out, entries))


def _say_approved(out: Console, entries: Iterable[dict[str, Any]]) -> None:
    """One line for each: what the biller looked at, why, and what came of it."""
    entries = list(entries)
    approved = [e for e in entries if e["approved_by"]]
    out.print(f"{counted(len(approved), 'claim')} approved by the demo's biller:")
    for e in entries:
        line = f" line {e['line_number']}" if e["line_number"] else ""
        because = f" ({e['needs_person']})" if e["needs_person"] else ""
        said = f"approved{because}" if e["approved_by"] else f"not approved: {e['refused']}"
        paragraph(out, f"{e['patient_control_number']}{line}, {e['rule_code']}: {said}", indent=2)


def _result(desk: Desk, settings: Settings) -> Answer:
    """What became of the month; something that does not add up is no success."""
    from warehouse.database import Warehouse
    from warehouse.demo.figures import figures, is_right
    from warehouse.demo.show import shown

    warehouse = Warehouse(settings.url)
    try:
        found = figures(warehouse, settings)
    finally:
        warehouse.close()
    return Answer(found, shown(found), DONE if is_right(found) else INVARIANT_BROKEN)


def _shown(desk: Desk) -> Answer:
    from warehouse.demo.prepare import opened

    return _result(desk, opened(desk.home))


def _everything(desk: Desk) -> Answer:
    """Prepare, run, approve, run, show; each part is said as it is done."""
    from warehouse import steps

    def say(words: str) -> None:
        if not desk.as_json:
            paragraph(console(), words)

    settings = _prepare(desk)
    say("1/4 the month is prepared")
    with progress_of("run") as progress:
        first = steps.run(settings, as_of=desk.as_of, progress=progress)
    say("2/4 the pipeline has run: " + _in_short(first.as_json()))
    entries = _approve(desk, settings)
    say("3/4 a person has looked at what needs one")
    if not desk.as_json:
        _say_approved(console(), entries)
    with progress_of("run") as progress:
        second = steps.run(settings, as_of=desk.as_of, progress=progress)
    say("4/4 the pipeline has run again: " + _in_short(second.as_json()))
    answer = _result(desk, settings)
    return answer._replace(data={**answer.data, "reviewed": entries})


def _in_short(counts: dict[str, Any]) -> str:
    return (
        f"{counted(counts['files']['loaded'], 'file')} loaded, "
        f"{counted(counts['denials'], 'denial')} found, "
        f"{counted(counts['corrections'], 'correction')} proposed, "
        f"{counted(counts['emitted_claims'], 'corrected claim')} sent"
    )
