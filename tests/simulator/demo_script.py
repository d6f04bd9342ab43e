"""The script of the demo month: claims in the order they are billed, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from simulator.adjudication import Expected
from simulator.demo_cast import ACME, DANA, MEDICARE, REFERRER, RILEY, DemoPayer, member_id, person
from simulator.plan import ClaimPlan, LineDenial
from simulator.practice import Claim, Line

Record = dict[str, Any]

BATCHES = (date(2026, 9, 1), date(2026, 9, 8), date(2026, 9, 15), date(2026, 9, 22))
"""The days on which the practice sends its claims."""
FIRST_SERVICE = (date(2026, 8, 24), date(2026, 8, 31), date(2026, 9, 8), date(2026, 9, 14))
"""The first service day of each batch; four days follow."""
DIAGNOSES = {
    "20610": ("M1711",),
    "20553": ("M7918", "G894"),
    "27096": ("M533",),
    "64493": ("M47816",),
    "64635": ("M47816", "G894"),
    "62321": ("M5412",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One claim of the month, and the payer's mind about it."""

    claim: Claim
    payer: DemoPayer
    plan: ClaimPlan
    batch: int
    resent_in: int | None = None
    """The batch in which the practice sends it a second time, unchanged."""
    reprocessed: ClaimPlan | None = None
    """What the payer decides instead, two weeks later, of its own accord."""
    recovered_cents: int = 0
    """What the payer takes back later without touching the claim."""


@dataclass(slots=True)
class Script:
    """Cases and evidence, numbered as they are written down."""

    cases: list[Case] = field(default_factory=list)
    evidence: dict[str, list[Record]] = field(default_factory=dict)

    def bill(
        self,
        scenario: str,
        payer: DemoPayer,
        lines: Sequence[Line],
        *,
        batch: int = 0,
        plan: ClaimPlan | None = None,
        resent_in: int | None = None,
        reprocessed: ClaimPlan | None = None,
        recovered_cents: int = 0,
        **claim: Any,
    ) -> Claim:
        """Write a claim down; what is not said follows from its number."""
        nth = len(self.cases) + 1
        made = _claim(nth, scenario, payer, lines, batch, claim)
        plan = replace(plan or ClaimPlan(), scenario=scenario)
        if reprocessed:
            reprocessed = replace(reprocessed, scenario=scenario)
        # Acme charges a copayment for a visit, as most commercial plans do.
        if payer is ACME and not plan.copay_cents:
            plan = replace(plan, copay_cents=3000)
        self.cases.append(
            Case(
                claim=made,
                payer=payer,
                plan=plan,
                batch=batch,
                resent_in=resent_in,
                reprocessed=reprocessed,
                recovered_cents=recovered_cents,
            )
        )
        return made

    def _record(self, kind: str, prefix: str, attested_by: str, about: Record) -> Record:
        records = self.evidence.setdefault(kind, [])
        record: Record = {
            "kind": kind,
            "document_id": f"{prefix}-{len(records) + 101}",
            "attested_by": attested_by,
            "attested_on": "2026-09-03",
            **about,
        }
        records.append(record)
        return record

    def authorization(self, claim: Claim, number: str, **fields: Any) -> None:
        """A prior authorization for the claim's member; it fits unless a field says otherwise."""
        codes = list(dict.fromkeys(line.procedure_code for line in claim.lines))
        about: Record = {
            "payer_id": claim.destination.identifier,
            "member_id": claim.member_id,
            "number": number,
            "procedure_codes": [code for code in codes if code not in ("99213", "99214", "77003")],
            "valid_from": "2026-08-01",
            "valid_to": "2026-10-31",
            "units": sum(line.units for line in claim.lines),
            "rendering_npi": claim.rendering.npi,
            "place_of_service": claim.place_of_service,
        }
        self._record("authorization", "AUTH", "auth.desk", about | fields)

    def evaluation(self, claim: Claim, *, separate: bool) -> None:
        """A visit's note on the day of a procedure, judged by a coder."""
        summary = (
            "new problem at another site with its own assessment and plan"
            if separate
            else "decision for the procedure only"
        )
        about: Record = {
            "patient_control_number": claim.patient_control_number,
            "service_date": claim.service_date.isoformat(),
            "separately_identifiable": separate,
            "summary": summary,
            "excerpt": f"Made-up note: {summary}.",
            "page": 2,
        }
        self._record("evaluation", "EM", "coder.a", about)

    def timely_filing_proof(self, claim: Claim, accepted_on: str) -> None:
        """The clearinghouse's acceptance of an earlier submission."""
        about: Record = {
            "patient_control_number": claim.patient_control_number,
            "accepted_on": accepted_on,
        }
        self._record("timely_filing_proof", "277", "front.desk", about)

    def procedure_note(self, claim: Claim, procedure_code: str, **site: Any) -> None:
        """One documented site of a procedure."""
        about: Record = {
            "patient_control_number": claim.patient_control_number,
            "service_date": claim.service_date.isoformat(),
            "sites": [
                {
                    "procedure_code": procedure_code,
                    "region": "lumbar",
                    "levels": ["L4-L5"],
                    "laterality": "midline",
                    "session": 1,
                    "imaging": "fluoroscopy",
                    "images_saved": True,
                    "contrast_confirmed": True,
                    "muscles": [],
                }
                | site
            ],
            "drugs": [],
        }
        self._record("procedure_note", "OP", "coder.a", about)


def _code(line: Line) -> str:
    return line.procedure_code


def _claim(
    nth: int,
    scenario: str,
    payer: DemoPayer,
    lines: Sequence[Line],
    batch: int,
    given: dict[str, Any],
) -> Claim:
    number = f"DP{1000 + nth}"
    # Some systems send no line numbers at all, so neither do some of these claims.
    numbered = [
        line if nth % 9 == 0 else replace(line, line_item_control_number=f"{number}L{position}")
        for position, line in enumerate(lines, start=1)
    ]
    fields: dict[str, Any] = {
        "patient_control_number": number,
        "destination": payer.destination,
        "subscriber": person(nth, elderly=payer is MEDICARE),
        "member_id": member_id(payer, nth),
        "lines": tuple(numbered),
        "service_date": FIRST_SERVICE[batch] + timedelta(days=nth % 4),
        "rendering": RILEY if nth % 3 == 0 else DANA,
        "diagnoses": next(
            (DIAGNOSES[code] for code in map(_code, lines) if code in DIAGNOSES), ("M5416", "G894")
        ),
        "scenario": scenario,
        "referring": REFERRER if nth % 5 == 0 else None,
        "group_number": f"GRP{nth:03d}" if payer is not MEDICARE and nth % 2 else "",
    }
    return Claim(**(fields | given))


def denied(
    *procedure_codes: str,
    reason: str,
    expected: Expected | None,
    group: str = "CO",
    **more: Any,
) -> tuple[LineDenial, ...]:
    """Denials of several codes for the same reason."""
    return tuple(
        LineDenial(
            procedure_code=code, group_code=group, reason_code=reason, expected=expected, **more
        )
        for code in procedure_codes
    )
