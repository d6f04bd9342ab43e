"""Today's rules over denials of the past, held against what was decided then. Changes nothing.

Each claim is decided as of the day it was decided on, as if nothing had been sent since; evidence
and payer profiles are those of today, which is the point: what would come out otherwise now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select, text

from rules.decision import CORRECTED
from rules.propose import propose
from warehouse import tables as t
from warehouse.approvals import REJECTED
from warehouse.database import Warehouse
from warehouse.facts import ClaimFile, FactsReader
from warehouse.load import batches
from warehouse.outcome import BY_PAYER
from warehouse.settings import Settings

BATCH = 200


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One denial that today's rules would decide otherwise. ``rule`` None: no rule answers."""

    denial_id: int
    patient_control_number: str
    reason: str
    decision_was: str
    path_was: str
    rule_was: str | None
    decision_now: str
    path_now: str
    rule_now: str | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came out: counts, and the denials whose decision, path or rule differs.

    ``settled``: no decision of rules stands, since the payer undid the denial or a person rejected
    the correction that the rules still make. ``of_no_claim``: denials that no claim of ours
    answers, which rules cannot decide; they are not in ``denials``.
    """

    since: date
    denials: int
    same: int
    settled: int
    of_no_claim: int
    otherwise: tuple[Otherwise, ...]

    def moves(self) -> list[tuple[str, str, int]]:
        """(as it was, as it would be, how many), most first."""
        found = Counter(
            (f"{o.decision_was} {o.path_was}", f"{o.decision_now} {o.path_now}")
            for o in self.otherwise
        )
        return [(was, now, n) for (was, now), n in sorted(found.items(), key=lambda x: -x[1])]


def backtest(warehouse: Warehouse, settings: Settings, *, since: date, as_of: date) -> Backtest:
    """Every decided denial since a day, decided once more.

    Raises: Transient; SettingsError.
    """
    d = t.denial
    same, settled = 0, 0
    otherwise: list[Otherwise] = []
    with warehouse.read() as connection:
        keys = list(
            connection.execute(
                select(d.c.submission_id)
                .where(
                    d.c.denied_on >= since,
                    d.c.submission_id.is_not(None),
                    d.c.decision.is_not(None),
                )
                .distinct()
                .order_by(d.c.submission_id)
            ).scalars()
        )
        unknown = connection.execute(
            select(func.count()).where(d.c.denied_on >= since, d.c.submission_id.is_(None))
        ).scalar_one()
        for some in batches(keys, BATCH):
            for was, now in _pairs(connection, settings, some, since, as_of):
                if now is None:
                    same += 1
                elif _is_settled(was[0], now):
                    settled += 1
                else:
                    otherwise.append(_otherwise(was, now))
    count = same + settled + len(otherwise)
    return Backtest(since, count, same, settled, unknown, tuple(otherwise))


def _is_settled(row: Any, now: Any) -> bool:
    by_payer = row.rule_code is None and row.path == "none" and row.resolution in BY_PAYER
    by_person = REJECTED in row.explanation and (now.decision, now.rule_code) == (
        CORRECTED,
        row.rule_code,
    )
    return by_payer or by_person


def _pairs(
    connection: Connection, settings: Settings, keys: list[int], since: date, as_of: date
) -> Iterator[tuple[Any, Any]]:
    """Rows of denials with today's decision, None where it is the same."""
    reader = FactsReader(connection, settings, as_of=as_of, statuses=None)
    try:
        for claim_file in reader.read(keys):
            number = claim_file.submission.patient_control_number
            for row, now in zip(claim_file.denials, _again(claim_file, settings), strict=True):
                if row.decision is None or row.denied_on is None or row.denied_on < since:
                    continue
                was = (row.decision, row.path, row.rule_code)
                unchanged = was == (now.decision, now.path, now.rule_code)
                yield (row, number), None if unchanged else now
    finally:
        reader.close()


def _again(claim_file: ClaimFile, settings: Settings) -> Any:
    days = [row.decided_on for row in claim_file.denials if row.decided_on is not None]
    facts = replace(
        claim_file.facts,
        as_of=max(days, default=claim_file.facts.as_of),
        open_submission=False,
        corrected_before=False,
    )
    return propose(
        claim_file.lines,
        facts,
        paid_claims_need_person=settings.emission.paid_claims == "approval",
    )


def _otherwise(was: Any, now: Any) -> Otherwise:
    row, number = was
    return Otherwise(
        row.denial_id,
        number,
        f"{row.group_code}-{row.reason_code}",
        row.decision,
        row.path,
        row.rule_code,
        now.decision,
        now.path,
        now.rule_code,
        now.explanation,
    )


def record_of(warehouse: Warehouse, rule_code: str) -> dict[str, int]:
    """What became of a rule's corrections so far, counted in claims (``mart_correction``)."""
    with warehouse.read() as connection:
        rows = connection.execute(
            text(
                "select patient_control_number, status, outcome from mart_correction "
                "where rule_code = :rule_code"
            ),
            {"rule_code": rule_code},
        ).all()
        denials = connection.execute(
            select(func.count()).where(t.denial.c.rule_code == rule_code)
        ).scalar_one()

    def claims(*states: str, outcome: str = "") -> int:
        return len({
            row.patient_control_number
            for row in rows
            if (not states or row.status in states) and (not outcome or row.outcome == outcome)
        })  # fmt: skip

    return {
        "denials_decided": denials,
        "claims_proposed": claims("proposed", "approved", "emitted", "rejected"),
        "claims_sent": claims("emitted"),
        "claims_paid": claims(outcome="paid"),
        "claims_denied_again": claims(outcome="denied_again"),
    }
