"""``reclaim verify``: every invariant of the contract over the whole warehouse.

Most are SQL (``sql/checks/iN_*.sql``): a file returns no rows when the invariant holds, and its
head says grain, severity and who is hurt. Where files have to be read again it is Python
(:mod:`warehouse.reread`, :mod:`warehouse.verify_sent`). Violations say ids and places, and
nothing of a patient. I10 and I11 are held by tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import NamedTuple

from sqlalchemy import Connection, Date, DateTime, bindparam, func, select, text

from rules.deadline import days_after
from warehouse import tables as t
from warehouse import verify_approvals, verify_sent
from warehouse.database import Terminal, Warehouse
from warehouse.reread import reread
from warehouse.settings import Settings

PROMISES = {
    "I1": "every file seen is in exactly one final state, or waiting",
    "I2": "segments read = segments mapped + segments kept as they are",
    "I3": "claims in a file = claims loaded + claims quarantined",
    "I4": "what does not balance is marked, and nothing is sent on its strength",
    "I5": "the warehouse's cents for a file = the file's cents",
    "I6": "a claim's net = the sum of its adjudications",
    "I7": "emitted interchange, ISA13, file name and digest are one to one, and one open a claim",
    "I8": "every emitted file meets the contract",
    "I9": "every emission is acknowledged, or listed",
    "I12": "the audit trail verifies",
}
MOST_SHOWN = 100
"""Violations of one invariant that are kept in words; all are counted."""
MOST_SHOWN_OF_ONE = 20
"""The same of one check, or of one file that is read again."""


@dataclass(slots=True)
class InvariantResult:
    """What became of one invariant.

    Attributes:
        checked: how many files, claims or lines it was checked on; 0 = nothing to check yet.
        violations: in words, at most MOST_SHOWN; ``violation_count`` has them all.
        reported: what is no violation but wants a look: marked imbalances, unanswered files.
    """

    code: str
    checked: int = 0
    violation_count: int = 0
    violations: list[str] = field(default_factory=list)
    reported_count: int = 0
    reported: list[str] = field(default_factory=list)

    @property
    def promise(self) -> str:
        """The invariant in words."""
        return PROMISES[self.code]

    @property
    def holds(self) -> bool | None:
        """None where there is nothing to check yet."""
        if self.violation_count:
            return False
        return True if self.checked else None

    def violated(self, words: Iterable[str]) -> None:
        """Adds violations of one check or file."""
        self.violation_count += _keep(words, self.violations)

    def report(self, words: Iterable[str]) -> None:
        """Adds what wants a look."""
        self.reported_count += _keep(words, self.reported)


def _keep(words: Iterable[str], shown: list[str]) -> int:
    """Counts sentences and keeps the first of them; no check hides another."""
    count = 0
    for count, sentence in enumerate(words, 1):
        if count <= MOST_SHOWN_OF_ONE and len(shown) < MOST_SHOWN:
            shown.append(sentence)
    return count


@dataclass(frozen=True, slots=True)
class Verification:
    """Every invariant, in order."""

    as_of: date
    results: tuple[InvariantResult, ...]

    @property
    def holds(self) -> bool:
        """No invariant is violated."""
        return all(result.holds is not False for result in self.results)

    def result(self, code: str) -> InvariantResult:
        """One invariant's."""
        return next(result for result in self.results if result.code == code)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "as_of": self.as_of.isoformat(),
            "holds": self.holds,
            "invariants": [
                {
                    "invariant": r.code,
                    "promise": r.promise,
                    "holds": r.holds,
                    "checked": r.checked,
                    "violation_count": r.violation_count,
                    "violations": r.violations,
                    "reported_count": r.reported_count,
                    "reported": r.reported,
                }
                for r in self.results
            ],
        }


class Check(NamedTuple):
    """One file of ``sql/checks``."""

    name: str
    invariant: str
    row: str
    severity: str
    hurt: str
    sql: str


_HEAD = re.compile(
    r"-- (?P<name>i\d+_\w+): one row per (?P<row>.+)\.\n"
    r"-- Severity: (?P<severity>error|note)\. Hurt: (?P<hurt>.+)\.\n"
)


def checks() -> list[Check]:
    """Every check with its head, in the order of the files."""
    folder = resources.files("warehouse") / "sql" / "checks"
    found = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".sql"):
            continue
        sql = file.read_text(encoding="utf-8")
        head = _HEAD.match(sql)
        if head is None or f"{head['name']}.sql" != file.name:
            raise Terminal(f"sql/checks/{file.name} does not begin with its grain and severity")
        invariant = head["name"].partition("_")[0].upper()
        found.append(Check(head["name"], invariant, head["row"], head["severity"], head["hurt"],
                           sql))  # fmt: skip
    return found


def verify(warehouse: Warehouse, settings: Settings, *, as_of: date) -> Verification:
    """Every invariant over the whole warehouse, the archive and the folders of what was sent.

    Files that left ``unconfirmed_after_hours`` before the end of ``as_of`` count as unanswered.

    Raises: Transient; Terminal; OSError.
    """
    results = {code: InvariantResult(code) for code in PROMISES}
    hours = settings.emission.unconfirmed_after_hours
    cutoff = datetime.combine(days_after(as_of, 1), time()) - timedelta(hours=hours)
    with warehouse.read() as connection:
        _count(connection, results)
        for check in checks():
            result = results[check.invariant]
            add = result.violated if check.severity == "error" else result.report
            add(_rows_in_words(connection, check, cutoff))
        for file in reread(connection, settings):
            results["I5"].checked += 1
            results["I5"].violated(file.violations)
            results["I2"].violated(file.lost)
        _verify_sent(connection, settings, results)
        results["I8"].violated(verify_approvals.approved_by_its_attester(connection))
        results["I8"].report(verify_approvals.not_let_go(connection, settings))
    return Verification(as_of, tuple(results.values()))


def _count(connection: Connection, results: dict[str, InvariantResult]) -> None:
    """On how many things each check of SQL alone looks."""
    f, o = t.file, t.outbound_file
    for code, statement in {
        "I1": select(func.count()).select_from(f),
        "I2": select(func.count()).where(f.c.segment_count > 0),
        "I3": select(func.count()).where(f.c.status.in_(("loaded", "quarantined"))),
        "I4": select(func.count()).select_from(t.claim_payment),
        "I6": select(func.count(t.submission.c.claim_id.distinct())).join(
            t.claim_payment, t.claim_payment.c.submission_id == t.submission.c.submission_id
        ),
        "I9": select(func.count()).where(o.c.folder == "outbox"),
    }.items():
        results[code].checked = int(connection.execute(statement).scalar_one())


def _rows_in_words(connection: Connection, check: Check, cutoff: datetime) -> Iterator[str]:
    """Rows of a check: what a row is, then its columns."""
    statement = text(check.sql)
    if ":cutoff" in check.sql:
        statement = statement.bindparams(
            bindparam("cutoff", cutoff, type_=DateTime),
            bindparam("cutoff_day", cutoff.date(), type_=Date),
        )
    for row in connection.execute(statement).mappings():
        columns = (
            f"{name.replace('_', ' ')} {value}" for name, value in row.items() if value is not None
        )
        yield f"{check.row}: {', '.join(columns)}"


def _verify_sent(
    connection: Connection, settings: Settings, results: dict[str, InvariantResult]
) -> None:
    names = set()
    for sent in verify_sent.ledger(connection):
        names.add(sent.file_name)
        results["I7"].checked += 1
        results["I7"].violated(verify_sent.names_and_bytes(settings, sent))
        results["I8"].checked += 1
        results["I8"].violated(verify_sent.meets_contract(connection, settings, sent))
    results["I7"].violated(verify_sent.unknown_files(settings, names))
