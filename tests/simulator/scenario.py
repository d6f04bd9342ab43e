"""What a scenario is: a refused claim, the evidence there is, and what should come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from simulator.plan import ClaimPlan, Cure, LineDenial
from simulator.practice import Claim, Line, Person
from simulator.world_cast import CLINICIANS, PAYERS, WorldPayer
from simulator.x12_text import npi

ACME, MUTUAL, MEDICARE, STATE = PAYERS
SERVICE_DATE = date(2026, 3, 2)
DOCUMENTED = "2026-03-05"

Record = dict[str, Any]
Change = Callable[[Claim], Claim]


def unchanged(claim: Claim) -> Claim:
    """Sent again as it was."""
    return claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A refusal and its answer, before it is given a number and a patient."""

    name: str
    reason: str
    lines: tuple[Line, ...]
    denied: tuple[LineDenial, ...]
    payer: WorldPayer = ACME
    claim: dict[str, Any] = field(default_factory=dict)
    """Fields of the claim as it was first sent."""
    plan: dict[str, Any] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    """The complete evidence; each kind of it is left out in a variant of its own."""
    right: Change | None = None
    """The answer that the payer pays; None where none is sent."""
    wrong: Change = unchanged
    """An answer that the payer refuses again."""
    changes: dict[str, str | None] = field(default_factory=dict)
    """Places and new values as far as the contract fixes them; several places or values that
    would do are divided by a bar."""
    decision: str | None = "corrected"
    path: str | None = "replacement"
    release: str | None = "approval"
    without: str | None = "needs_evidence"
    """The decision where evidence is missing, "refused" where what there is says no, "corrected"
    where it does without; None where the contract leaves it open."""
    path_without: str | None = None
    reference: tuple[str, ...] = ()
    """Rows of edit files that users import, without which no rule can know."""
    own_clinician: bool = False
    """A provider that no other claim has, whose enrollment is on file or is not."""
    resent: bool = False
    primary_known: bool | None = None
    """Whether the payer before has paid, and its 835 is here; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One variant of a draft, with its claim."""

    draft: Draft
    variant: str
    claim: Claim
    records: tuple[Record, ...]
    plan: ClaimPlan

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.variant == "complete"

    def answer(self, payer_claim_control_number: str, change: Change | None = None) -> Claim:
        """The claim to send: a replacement, or a new claim where none was decided."""
        made = (change or self.draft.right or unchanged)(self.claim)
        if self.draft.path == "new_claim":
            return made
        return replace(
            made,
            frequency_code="7",
            payer_claim_control_number=payer_claim_control_number,
        )

    def expected(self) -> Record:
        """What the product should say of it."""
        draft, complete = self.draft, self.complete
        decision = draft.decision if complete else draft.without
        missing = "" if complete else self.variant.removeprefix("without-")
        sent = decision == "corrected"
        return {
            "scenario": draft.name,
            "variant": self.variant,
            "patient_control_number": self.claim.patient_control_number,
            "payer_id": draft.payer.identifier,
            "reason_code": draft.reason,
            "decision": decision,
            "path": draft.path if complete else draft.path_without,
            "missing_evidence": None if decision in ("corrected", "refused") else missing or None,
            "release": draft.release if sent else None,
            "changes": draft.changes if sent else {},
            "reference": list(draft.reference),
        }


def line(code: str, *modifiers: str, **fields: Any) -> Line:
    """A service line."""
    return Line(procedure_code=code, modifiers=modifiers, **fields)


def denied(
    *codes: str, reason: str, remarks: tuple[str, ...] = (), group: str = "CO", **cure: Any
) -> tuple[LineDenial, ...]:
    """Denials of codes, lifted by what the cure names; without one they are never lifted."""
    return tuple(
        LineDenial(
            procedure_code=code,
            group_code=group,
            reason_code=reason,
            remark_codes=remarks,
            cure=Cure(**cure) if cure else None,
        )
        for code in codes
    )


def change(**fields: Any) -> Change:
    """Other fields of the claim."""
    return lambda claim: replace(claim, **fields)


def change_line(nth: int, **fields: Any) -> Change:
    """Other fields of its nth line, from 1."""

    def changed(claim: Claim) -> Claim:
        lines = list(claim.lines)
        lines[nth - 1] = replace(lines[nth - 1], **fields)
        return replace(claim, lines=tuple(lines))

    return changed


def note(*sites: Record, drugs: tuple[Record, ...] = ()) -> Record:
    """A procedure note; a site says only what differs from a lumbar one under fluoroscopy."""
    usual: Record = {
        "region": "lumbar",
        "levels": ["L4-L5"],
        "laterality": "midline",
        "session": 1,
        "imaging": "fluoroscopy",
        "images_saved": True,
        "contrast_confirmed": True,
        "muscles": [],
    }
    found = [usual | site for site in sites]
    return {"kind": "procedure_note", "sites": found, "drugs": list(drugs)}


def drug(code: str, milligrams: int, ndc: str = "00009028003") -> Record:
    """What was given out of a single-dose container."""
    return {
        "procedure_code": code,
        "ndc": ndc,
        "milligrams": milligrams,
        "wasted_milligrams": 0,
        "container": "single_dose",
    }


def authorization(number: str, *codes: str, **fields: Any) -> Record:
    """A number the payer issued that fits the claim."""
    return {
        "kind": "authorization",
        "number": number,
        "procedure_codes": list(codes),
        "valid_from": "2026-02-01",
        "valid_to": "2026-05-31",
        "units": len(codes),
        "rendering_npi": CLINICIANS[0].npi,
        "place_of_service": "11",
        "issued_on": "2026-02-01",
    } | fields


def diagnosis(code: str, *codes: str) -> Record:
    """The diagnoses that the chart has for a procedure."""
    return {"kind": "diagnosis", "procedure_code": code, "codes": list(codes)}


PREFIXES = {
    "authorization": "AUTH",
    "referral": "REF",
    "enrollment": "ENR",
    "procedure_note": "OP",
    "evaluation": "EM",
    "diagnosis": "DX",
    "subscriber": "ELIG",
    "timely_filing_proof": "277",
}
OF_A_MEMBER = frozenset({"authorization", "referral"})
WITHOUT_A_DAY = frozenset({"subscriber", "timely_filing_proof"})


def about(record: Record, claim: Claim, document: str) -> Record:
    """The record with its document, and whom it is about."""
    kind = record["kind"]
    found: Record = {
        "kind": kind,
        "document_id": document,
        "attested_by": "coder.a",
        "attested_on": DOCUMENTED,
    }
    if kind in OF_A_MEMBER:
        found |= {"payer_id": claim.destination.identifier, "member_id": claim.member_id}
    elif kind == "enrollment":
        found |= {"payer_id": claim.destination.identifier, "npi": claim.rendering.npi}
    else:
        found["patient_control_number"] = claim.patient_control_number
        if kind not in WITHOUT_A_DAY:
            found["service_date"] = claim.service_date.isoformat()
    return found | record


def variants(draft: Draft, first: int) -> list[Scenario]:
    """The draft with complete evidence, and once without each kind of it."""
    kinds = list(dict.fromkeys(record["kind"] for record in draft.records))
    if draft.primary_known:
        kinds.append("primary_remittance")
    return [
        _variant(draft, "complete" if kind is None else f"without-{kind}", first + nth, kind)
        for nth, kind in enumerate([None, *kinds])
    ]


def _variant(draft: Draft, variant: str, nth: int, missing: str | None) -> Scenario:
    number = f"SC{nth:04d}"
    lines = tuple(
        replace(each, line_item_control_number=f"{number}L{position}")
        for position, each in enumerate(draft.lines, start=1)
    )
    fields: dict[str, Any] = {
        "patient_control_number": number,
        "destination": draft.payer.destinations[0],
        "subscriber": Person(last_name="TESTCASE", first_name=f"S{nth}"),
        "member_id": f"W5{nth:07d}",
        "lines": lines,
        "service_date": SERVICE_DATE,
        "rendering": CLINICIANS[0],
        "scenario": draft.name,
    }
    if draft.own_clinician:
        fields["rendering"] = replace(CLINICIANS[0], npi=npi(f"15{nth:07d}"))
    claim = Claim(**(fields | draft.claim))
    records = tuple(
        about(record, claim, f"{PREFIXES[record['kind']]}-{nth:04d}")
        for record in draft.records
        if record["kind"] != missing
    )
    plan = ClaimPlan(scenario=draft.name, denials=draft.denied, **draft.plan)
    if plan.unprocessable:
        # A new claim with the same mistake is returned in the same way.
        plan = replace(plan, then=plan)
    return Scenario(draft=draft, variant=variant, claim=claim, records=records, plan=plan)
