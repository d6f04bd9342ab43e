"""What an adjustment means: which category, whether it denies, and what is left to do.

A denial is derived from group, reason, remarks and amounts, never from the claim's status code:
many payers report denied lines in claims "processed as primary".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from edi.segment import Adjustment
from rules.parameters import load

ZERO = Decimal(0)
GROUPS = frozenset(("CO", "PR", "OA", "PI", "CR"))
CATEGORIES = frozenset((
    "bundling", "medical_necessity", "prior_authorization", "modifier", "coding", "diagnosis",
    "duplicate", "timely_filing", "missing_information", "frequency", "eligibility",
    "coordination_of_benefits", "non_covered", "provider", "documentation_request",
    "contractual", "patient_responsibility", "other",
))  # fmt: skip

UNPROCESSABLE = "MA130"
"""Medicare could not process the claim: it was never adjudicated, so it is billed anew."""

NOT_THAT_NUMBER = "M47"
"""The payer keeps no claim under the number that a replacement names (REF*F8)."""

QMB = frozenset(("N781", "N782", "N783"))
"""The patient is a qualified Medicare beneficiary and must not be billed the deductible, the
coinsurance or the copayment; Medicaid is next (CMS MLN MM9911)."""

FORWARDED = frozenset(("19", "20", "21", "23"))
"""CLP02 where the payer has passed the claim on to the next one itself: no claim goes there."""

SECONDARY = frozenset(("2", "3", "20", "21"))
"""CLP02 where another payer has decided before: it explains that nothing more is allowed."""

PREDETERMINED = "25"
"""CLP02 of a predetermination: what the payer would decide. It decides nothing and pays nothing."""

PENDED = frozenset(("133", "257"))
"""The payer has not decided yet."""

TRANSFERRED = "B11"
"""The payer has given it to the one whose it is: nobody has decided, and it is to be followed up,
unless the whole claim was forwarded (:data:`FORWARDED`)."""

_NEXT = frozenset(("patient", "bill_other_payer"))
_OF_RECORDS = frozenset(("documentation", "bill_other_payer"))
_SHARE = frozenset(("1", "2", "3"))
_WITHOUT_A_CODE = "A1"
"""What nothing paid without any adjustment is taken for: denied, and only remarks say why."""


class ReasonCode(NamedTuple):
    """One CARC of the parameters. ``is_denial`` is Y, N or cond (only where nothing is allowed)."""

    category: str
    is_denial: str
    path: str
    groups: tuple[str, ...]
    label: str


class Classification(NamedTuple):
    """What one adjustment means. ``known`` is False for codes the parameters do not have."""

    category: str
    is_denial: bool
    path: str
    known: bool


class Denial(NamedTuple):
    """A denied line in short.

    Attributes:
        group_code, reason_code: of the largest denial adjustment, the first where equal; "" where
            the payer sent no adjustment at all.
        denied_amount: the sum of all denial adjustments; the charge where none has an amount.
        kind: ``denial``; ``silent`` = nothing allowed, nobody owes, and no code says why;
            ``pended`` = the payer is still at it (no denial, followed up by path ``hold``).
    """

    group_code: str
    reason_code: str
    denied_amount: Decimal
    category: str
    path: str
    kind: str = "denial"


@cache
def reason_codes() -> dict[str, ReasonCode]:
    """Every CARC we know, from ``parameters/carc.toml``."""
    return {
        code: ReasonCode(v["category"], v["is_denial"], v["path"], tuple(v["group"]), v["label"])
        for code, v in load("carc")["code"].items()
    }


class _Remarks(NamedTuple):
    """What remarks say where the reason is vague; see ``parameters/remarks.toml``."""

    vague: frozenset[str]
    no_category: frozenset[str]
    asks_for_records: frozenset[str]
    meanings: dict[str, tuple[str, str]]


@cache
def _remarks() -> _Remarks:
    found = load("remarks")
    return _Remarks(
        frozenset(found["vague"]),
        frozenset(found["no_category"]),
        frozenset(found["asks_for_records"]),
        {code: (v["category"], v["path"]) for code, v in found["remark"].items()},
    )


def label(reason_code: str) -> str:
    """Our own short words for a reason code; "" for one we do not know."""
    known = reason_codes().get(reason_code)
    return known.label if known else ""


def classify(
    group_code: str,
    reason_code: str,
    remark_codes: Iterable[str] = (),
    *,
    allowed_amount: Decimal | None = None,
    payer_kind: str | None = None,
) -> Classification:
    """What one adjustment means, with the remarks of its line and claim.

    >>> classify("CO", "45")
    Classification(category='contractual', is_denial=False, path='none', known=True)
    >>> classify("CO", "197").path, classify("CO", "197", payer_kind="medicare_part_b").path
    ('replacement', 'reopening')
    >>> classify("CO", "96").path, classify("CO", "96", ["N115"]).path
    ('review', 'appeal')
    >>> classify("CO", "9999")
    Classification(category='other', is_denial=True, path='review', known=False)
    """
    code = reason_codes().get(reason_code)
    if code is None:
        return Classification("other", True, "review", False)
    is_denial = code.is_denial == "Y" or (code.is_denial == "cond" and allowed_amount == ZERO)
    remark_codes = tuple(remark_codes)
    category, path = _with_remarks(reason_code, code, remark_codes)
    if is_denial and path == "none" and code.is_denial == "cond":
        path = "review"
    if group_code in GROUPS:
        path = _path(path, group_code, is_denial, frozenset(remark_codes), payer_kind)
    elif is_denial:
        path = "review"
    return Classification(category, is_denial, path, group_code in GROUPS)


def _with_remarks(
    reason_code: str, code: ReasonCode, remark_codes: tuple[str, ...]
) -> tuple[str, str]:
    """Category and path; where the reason is vague, the first remark that says more decides."""
    remarks = _remarks()
    if reason_code in remarks.vague:
        records = reason_code in remarks.asks_for_records
        for remark in remark_codes:
            category, path = remarks.meanings.get(remark, ("", ""))
            if path and (not records or path in _OF_RECORDS):
                return category if reason_code in remarks.no_category else code.category, path
    return code.category, code.path


def _path(
    path: str, group_code: str, is_denial: bool, remarks: frozenset[str], payer_kind: str | None
) -> str:
    if payer_kind == "medicare_part_b" and is_denial:
        if UNPROCESSABLE in remarks:
            return "new_claim"
        if path in ("replacement", "void"):
            return "reopening"
    if path == "patient":
        if remarks & QMB:
            return "bill_other_payer"
        if group_code in ("CO", "PI") or (is_denial and group_code != "PR"):
            # Only PR makes the patient owe it; the same code in another group has to be looked at.
            return "review"
    return path


def derived_allowed_amount(payment: Decimal, adjustments: Sequence[Adjustment]) -> Decimal:
    """Allowed where no AMT*B6 was sent: paid, patient share, sequestration, prior payer."""
    return payment + sum(
        (
            a.amount
            for a in adjustments
            if (a.group_code == "PR" and a.reason_code in _SHARE)
            or a.reason_code == "253"
            or (a.group_code == "OA" and a.reason_code == "23")
        ),
        ZERO,
    )


def deny(
    adjustments: Sequence[Adjustment],
    remark_codes: Sequence[str],
    charge_amount: Decimal,
    payment_amount: Decimal,
    allowed_amount: Decimal | None = None,
    *,
    payer_kind: str | None = None,
    is_primary: bool = True,
    is_forwarded: bool = False,
) -> Denial | None:
    """Whether a line (or a claim without lines) was denied, and by what; None where it was not.

    ``is_primary`` and ``is_forwarded`` tell a silent denial from a line that another payer paid
    or will get. What the payer has passed on waits for the next one: neither is that one billed
    meanwhile, nor the patient.

    >>> contractual, denial = Decimal(20), Decimal(80)
    >>> deny([Adjustment("CO", "45", contractual, None), Adjustment("CO", "197", denial, None)],
    ...      [], Decimal(100), Decimal(0))[:3]
    ('CO', '197', Decimal('80'))
    """
    if allowed_amount is None:
        allowed_amount = derived_allowed_amount(payment_amount, adjustments)
    found = [
        (a, classify(a.group_code, a.reason_code, remark_codes, payer_kind=payer_kind,
                     allowed_amount=allowed_for_reasons(allowed_amount, payment_amount)))
        for a in adjustments
    ]  # fmt: skip
    denials = [(a, c) for a, c in found if c.is_denial]
    total = sum((a.amount for a, _ in denials), ZERO)
    if total > 0:
        adjustment, meaning = max(denials, key=lambda pair: pair[0].amount)
        path = "hold" if is_forwarded and meaning.path in _NEXT else meaning.path
        return Denial(adjustment.group_code, adjustment.reason_code, total, meaning.category,
                      path)  # fmt: skip
    if charge_amount <= 0:
        return None
    pended = [a for a in adjustments if is_undecided(a.reason_code, is_forwarded=is_forwarded)]
    waiting = sum((a.amount for a in pended), ZERO)
    if waiting > 0 or (pended and payment_amount <= 0):
        return Denial(pended[0].group_code, pended[0].reason_code, waiting, "other", "hold",
                      "pended")  # fmt: skip
    if not (is_primary and not is_forwarded and is_silent(adjustments, payment_amount,
                                                          allowed_amount)):  # fmt: skip
        return None
    named = [(a, c) for a, c in denials if c.category != "contractual"]
    if named:
        # A code with no amount, beside a write-off of everything, is still the payer's reason.
        adjustment, meaning = named[0]
        return Denial(adjustment.group_code, adjustment.reason_code, charge_amount,
                      meaning.category, meaning.path)  # fmt: skip
    if not found:
        meaning = classify("CO", _WITHOUT_A_CODE, remark_codes, payer_kind=payer_kind)
        return Denial("", "", charge_amount, meaning.category, "review", "silent")
    largest, meaning = max(found, key=lambda pair: pair[0].amount)
    return Denial(largest.group_code, largest.reason_code, charge_amount, meaning.category,
                  "review", "silent")  # fmt: skip


def allowed_for_reasons(allowed_amount: Decimal, payment_amount: Decimal) -> Decimal | None:
    """What decides on a reason that denies only where nothing is allowed.

    None, which denies nothing, where something was paid: then an allowed amount of 0 (AMT*B6) is
    only the payer's habit.
    """
    return None if payment_amount else allowed_amount


def is_undecided(reason_code: str, *, is_forwarded: bool = False) -> bool:
    """Whether a reason says that somebody has still to decide, so that it is followed up."""
    return reason_code in PENDED or (reason_code == TRANSFERRED and not is_forwarded)


def is_silent(
    adjustments: Iterable[Adjustment], payment_amount: Decimal | int, allowed_amount: Decimal | int
) -> bool:
    """Whether what a primary payer says of a charge takes all of it and tells nobody why.

    Only write-offs have an amount, by codes that are used in group CO and leave nothing to do: what
    was paid in another way or to somebody else, or is owed by anybody, explains itself. An answer
    without any adjustment is silent, too. What is taken back is as silent as what was decided.
    """
    if payment_amount != 0 or allowed_amount != 0:
        return False
    known = reason_codes()
    return all(
        a.group_code != "PR"
        and (code := known.get(a.reason_code)) is not None
        and code.is_denial != "Y"
        and code.path == "none"
        and "CO" in code.groups
        for a in adjustments
        if a.amount
    )
