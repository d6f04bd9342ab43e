"""What the person needs in hand who answers a denial by another way than a claim of ours."""

from __future__ import annotations

from typing import NamedTuple

from edi.party import of_type
from edi.segment import Paperwork
from rules.classify import QMB
from rules.deadline import deadline
from rules.decision import CORRECTED, ClaimFacts, Decision
from rules.parameters import load


class Asked(NamedTuple):
    """One line of a worksheet: what stands there, what it should say, and what carries that."""

    place: str
    old_value: str | None
    new_value: str | None
    documents: tuple[str, ...]


class WorkUp(NamedTuple):
    """A title, what is needed in words, and for a reopening the old and new values."""

    title: str
    needed: tuple[str, ...]
    worksheet: tuple[Asked, ...] = ()


def work_up(decision: Decision, facts: ClaimFacts) -> WorkUp | None:
    """For a decided line; None where our own claim answers it, or nothing is left to do."""
    if decision.decision == CORRECTED or decision.path == "none":
        return None
    title, needed = _BY_PATH[decision.path](decision, facts)
    if decision.missing_evidence:
        kinds = ", ".join(k.replace("_", " ") for k in decision.missing_evidence)
        needed = (f"Evidence to enter first: {kinds}.", *needed)
    worksheet = tuple(
        Asked(c.place, c.old_value, c.new_value, tuple(e.document_id for e in c.evidence))
        for c in decision.worksheet
    )
    return WorkUp(title, tuple(n for n in needed if n), worksheet)


_Needed = tuple[str, tuple[str, ...]]


def _claim_number(decision: Decision) -> str:
    number = decision.line.payer_claim_control_number
    return f"The payer's claim number: {number}." if number else ""


def _until(decision: Decision, facts: ClaimFacts, path: str = "") -> str:
    payer = decision.line.other_payer or facts.payer
    day = deadline(
        path or decision.path, payer, decision.line.denied_on, facts.claim.first_service_date
    )
    return f"Last day: {day}." if day else "Last day: not known; ask the payer."


def _records(decision: Decision, facts: ClaimFacts) -> tuple[str, ...]:
    """What of the records that speak to this denial is on file, and what is not."""
    records, line = load("work_ups")["records"], decision.line
    kinds = records.get(line.reason_code) or records.get(line.category, ["procedure_note"])
    here = [e for e in facts.evidence if e.kind in kinds and facts.is_about(e.subject)]
    missing = [k for k in kinds if not any(e.kind == k for e in here)]
    found = ", ".join(dict.fromkeys(f"{e.kind.replace('_', ' ')} {e.document_id}" for e in here))
    names = ", ".join(k.replace("_", " ") for k in missing)
    return (
        f"On file: {found}." if found else "",
        f"Not on file, and to be looked for in the chart: {names}." if missing else "",
    )


def _reopening(decision: Decision, facts: ClaimFacts) -> _Needed:
    told = load("work_ups")["reopening"]
    return "Medicare clerical error reopening", (
        _claim_number(decision),
        _until(decision, facts),
        told["may_phone"],
        told["by_phone"],
        ""
        if decision.worksheet
        else "No old and new value are worked out for this one: read the "
        "note and the claim, and write down the old and the new value before you call.",
    )


def _appeal(decision: Decision, facts: ClaimFacts) -> _Needed:
    title, form = "Appeal", "The payer's own appeal form or a letter; what the contract says first."
    if facts.payer.is_medicare_part_b:
        title, form = "Medicare redetermination", load("work_ups")["redetermination"]["form"]
    return title, (
        _claim_number(decision),
        _until(decision, facts),
        form,
        *_records(decision, facts),
    )


def _documentation(decision: Decision, facts: ClaimFacts) -> _Needed:
    known = load("work_ups")["asked_for"]
    asked = dict.fromkeys(known[r] for r in decision.line.remark_codes if r in known)
    one = facts.service_line(decision.line.line_position)
    paperwork = (
        *(of_type(one.segments, Paperwork) if one else ()),
        *of_type(facts.claim.segments, Paperwork),
    )
    numbers = [p.attachment_control_number for p in paperwork if p.attachment_control_number]
    return "Records to be sent", (
        _claim_number(decision),
        _until(decision, facts),
        f"Asked for: {', '.join(asked)}." if asked else "Asked for: what the payer's letter says.",
        f"Attachment control number of the claim (PWK06): {', '.join(numbers)}; put it on every "
        "page."
        if numbers
        else "The claim announced no attachment (PWK): put the payer's claim number on every page.",
        *_records(decision, facts),
        "Sent to the claim that the payer has; no new claim and no replacement.",
    )


def _other_payer(decision: Decision, facts: ClaimFacts) -> _Needed:
    return "Another payer", (
        "The patient's plans in their order, from an eligibility answer of the day of service.",
        "As secondary: the first payer's 835 with payment date, paid amount and every adjustment "
        "of each line (2320, 2430), word for word."
        if facts.payer.kind != "medicaid"
        else "",
        "The patient must not be billed (QMB): refund what was collected, bill Medicaid or the "
        "next plan."
        if QMB & set(decision.line.remark_codes)
        else "",
    )


def _patient(decision: Decision, facts: ClaimFacts) -> _Needed:
    if QMB & set(decision.line.remark_codes):
        return _other_payer(decision, facts)
    return "Patient", (
        f"The patient owes {decision.line.denied_amount:.2f} by the plan's terms (group "
        f"{decision.line.group_code}); look for a secondary plan first.",
        "For a service that Medicare does not cover: the signed advance notice (ABN)."
        if facts.payer.is_medicare_part_b
        else "",
    )


def _write_off(decision: Decision, facts: ClaimFacts) -> _Needed:
    patient_paid = any(
        a.amount_qualifier_code == "F5" and a.monetary_amount > 0 for a in facts.claim.amounts
    )
    return "Write-off", (
        f"{decision.line.denied_amount:.2f} to be adjusted; the patient is not billed.",
        "The patient has paid something on this claim: look whether it has to be refunded."
        if patient_paid
        else "",
        "The payer paid something on this line: look whether it has to go back (Medicare: within "
        "60 days of finding out)."
        if decision.line.payment_amount > 0
        else "",
    )


def _claim(decision: Decision, facts: ClaimFacts) -> _Needed:
    what = "New claim" if decision.path == "new_claim" else decision.path.capitalize()
    return what, (_claim_number(decision), _until(decision, facts), *_records(decision, facts))


def _hold(decision: Decision, facts: ClaimFacts) -> _Needed:
    return "Wait", (
        _claim_number(decision),
        "Ask for the claim's status after 30 days; send nothing meanwhile.",
    )


def _review(decision: Decision, facts: ClaimFacts) -> _Needed:
    return "A person decides", (
        _claim_number(decision),
        _until(decision, facts),
        *_records(decision, facts),
    )


_BY_PATH = {
    "reopening": _reopening,
    "appeal": _appeal,
    "documentation": _documentation,
    "bill_other_payer": _other_payer,
    "patient": _patient,
    "write_off": _write_off,
    "replacement": _claim,
    "new_claim": _claim,
    "void": _claim,
    "hold": _hold,
    "review": _review,
}
