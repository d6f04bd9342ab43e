"""The steps that commands and DAGs call: receive, match, propose, emit, check, and all in one.

Each opens the warehouse, does its work in transactions of its own and is safe to repeat.
``as_of`` is the day that windows are counted from; ``now`` the time that is written down, the
clock's unless a caller passes one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from warehouse import check as checking
from warehouse import emit as emitting
from warehouse import evidence_intake, inbox
from warehouse import match as matching
from warehouse import propose as proposing
from warehouse import receive as receiving
from warehouse import tables as t
from warehouse.check import Checked
from warehouse.database import Terminal, Transient, Warehouse
from warehouse.emit import Emitted, NotSent
from warehouse.evidence_intake import EvidenceReceived
from warehouse.home import initialise
from warehouse.match import Matched
from warehouse.propose import Proposed
from warehouse.receive import Received
from warehouse.settings import Settings

__all__ = [
    "Checked", "Emitted", "EvidenceReceived", "Matched", "NotSent", "Proposed", "ReceiveTotals",
    "Received", "RunResult", "Terminal", "Transient", "check", "emit", "initialise",
    "list_settled", "match", "propose", "receive", "receive_evidence", "receive_file", "run",
]  # fmt: skip

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@contextmanager
def opened(settings: Settings) -> Iterator[Warehouse]:
    """The warehouse of a home, closed at the end."""
    warehouse = Warehouse(settings.url)
    try:
        yield warehouse
    finally:
        warehouse.close()


def _time(now: datetime | None) -> datetime:
    """Times are kept in UTC without a zone, as SQLite has none."""
    return (now or datetime.now(UTC)).replace(tzinfo=None)


@dataclass(slots=True)
class ReceiveTotals:
    """What one call received. ``left`` are entries of inbox/ that are no regular files."""

    evidence: dict[str, int] = field(default_factory=lambda: {"loaded": 0, "quarantined": 0})
    files: dict[str, int] = field(
        default_factory=lambda: {"loaded": 0, "duplicate": 0, "quarantined": 0, "waiting": 0}
    )
    claims: int = 0
    remittance_claims: int = 0
    problems: int = 0
    quarantined: int = 0
    left: int = 0
    received: list[Received] = field(default_factory=list)

    def add(self, received: Received) -> None:
        """Counts one file."""
        self.files[received.status] = self.files.get(received.status, 0) + 1
        self.received.append(received)
        self.problems += received.problem_count
        self.quarantined += received.quarantined
        if received.kind == "837P":
            self.claims += received.claim_count
        elif received.kind == "835":
            self.remittance_claims += received.claim_count

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: names of files stand in mart_file only."""
        found = asdict(self)
        found["received"] = [
            {"file_id": r.file_id, "kind": r.kind, "status": r.status,
             "reason_code": r.reason_code}
            for r in self.received
        ]  # fmt: skip
        return found


@dataclass(frozen=True, slots=True)
class RunResult:
    """One pass over everything."""

    received: ReceiveTotals
    matched: Matched
    proposed: Proposed
    emitted: Emitted
    checked: Checked

    def as_json(self) -> dict[str, Any]:
        """What ``reclaim run --json`` gives: counts of this run."""
        return {
            "evidence": self.received.evidence,
            "files": self.received.files,
            "claims": self.received.claims,
            "remittance_claims": self.received.remittance_claims,
            "lines_adjudicated": self.matched.lines_adjudicated,
            "lines_matched": self.matched.lines_matched,
            "denials": self.matched.denials,
            "corrections": self.proposed.corrections,
            "needs_evidence": self.proposed.needs_evidence,
            "awaiting_approval": self.proposed.awaiting_approval,
            "undecided": self.proposed.undecided,
            "emitted_claims": self.emitted.emitted_claims,
            "emitted_files": self.emitted.emitted_files,
            "mode": self.emitted.mode,
            "not_sent": len(self.emitted.refused),
            "problems": self.received.problems + self.checked.problems,
        }

    @property
    def exit_status(self) -> int:
        """0 done, 4 something went into quarantine, 5 something could not be sent or decided."""
        if self.emitted.refused or self.proposed.undecided:
            return 5
        return 4 if self.received.quarantined or self.received.evidence["quarantined"] else 0


def list_settled(settings: Settings, *, as_of: date, now: datetime | None = None) -> list[int]:
    """Registers what lies in inbox/ and gives the ids of the files that may be read now."""
    with opened(settings) as warehouse:
        return inbox.register(warehouse, settings, now=_clock(now))[0]


def _clock(now: datetime | None) -> datetime:
    """Settling is measured against the file system's clock, so zone and all."""
    return now or datetime.now(UTC)


def receive_file(
    settings: Settings, file_id: int, *, as_of: date, now: datetime | None = None
) -> Received:
    """One waiting file of the inbox to what became of it."""
    with opened(settings) as warehouse:
        return receiving.receive_file(warehouse, settings, file_id, now=_time(now))


def receive_evidence(
    settings: Settings, *, as_of: date, now: datetime | None = None
) -> EvidenceReceived:
    """New lines of evidence/."""
    with opened(settings) as warehouse:
        return evidence_intake.receive_evidence(warehouse, settings, now=_time(now))


def receive(
    settings: Settings,
    *,
    as_of: date,
    paths: Sequence[Path] = (),
    now: datetime | None = None,
    progress: Progress | None = None,
) -> ReceiveTotals:
    """Evidence and files: those named, copied in and read at once, or what has settled.

    Raises: Transient; Terminal, for a path that is no regular file; OSError.
    """
    totals = ReceiveTotals()
    with opened(settings) as warehouse:
        if paths:
            ids = [_copy_in(warehouse, settings, path, _time(now)) for path in paths]
        else:
            evidence = evidence_intake.receive_evidence(warehouse, settings, now=_time(now))
            totals.evidence = evidence._asdict()
            ids, left = inbox.register(warehouse, settings, now=_clock(now))
            totals.left = len(left)
        for number, file_id in enumerate(ids):
            if progress:
                progress("receive", number, len(ids))
            totals.add(receiving.receive_file(warehouse, settings, file_id, now=_time(now)))
        if progress:
            progress("receive", len(ids), len(ids))
        with warehouse.read() as connection:
            waiting = connection.execute(
                select(t.file.c.file_id).where(t.file.c.status == "waiting")
            ).all()
        totals.files["waiting"] = len(waiting)
    return totals


def _copy_in(warehouse: Warehouse, settings: Settings, path: Path, now: datetime) -> int:
    """A copy of a named file in inbox/, registered to be read at once."""
    if not path.is_file():
        raise Terminal("a path that was given is not a file that can be read")
    folder = settings.folder("inbox")
    target = folder / path.name
    number = 1
    while target.exists():
        if target.samefile(path):
            return inbox.register_name(warehouse, target.name, now)
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    shutil.copyfile(path, target)
    return inbox.register_name(warehouse, target.name, now)


def match(settings: Settings, *, as_of: date) -> Matched:
    """Adjudications to submissions and lines; denials; what became of what was sent."""
    with opened(settings) as warehouse:
        return matching.match(warehouse, settings, as_of=as_of)


def propose(settings: Settings, *, as_of: date) -> Proposed:
    """A decision for every open denial."""
    with opened(settings) as warehouse:
        return proposing.propose(warehouse, settings, as_of=as_of)


def emit(settings: Settings, *, as_of: date, now: datetime | None = None) -> Emitted:
    """What is approved, as files in outbox/ (or shadow/).

    What was received since the last match is matched first: it may have decided a claim anew.
    """
    with opened(settings) as warehouse:
        matching.match(warehouse, settings, as_of=as_of)
        return emitting.emit(warehouse, settings, as_of=as_of, now=_time(now))


def check(settings: Settings, *, as_of: date, now: datetime | None = None) -> Checked:
    """The 5010 guide's full check of what was received and not checked yet."""
    with opened(settings) as warehouse:
        return checking.check(warehouse, settings, now=_time(now))


def run(
    settings: Settings,
    *,
    as_of: date,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """One pass: receive, match, propose, emit, check. Safe to repeat at any time."""
    received = receive(settings, as_of=as_of, now=now, progress=progress)
    steps = ("match", "propose", "emit", "check")

    def say(number: int) -> None:
        if progress:
            progress(steps[number] if number < len(steps) else "done", number, len(steps))

    say(0)
    matched = match(settings, as_of=as_of)
    say(1)
    proposed = propose(settings, as_of=as_of)
    say(2)
    emitted = emit(settings, as_of=as_of, now=now)
    say(3)
    checked = check(settings, as_of=as_of, now=now)
    say(4)
    return RunResult(received, matched, proposed, emitted, checked)
