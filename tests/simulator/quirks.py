"""How often a payer does odd things: one rate for each habit, from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import blake2b

# A rate for each habit where all are wanted: often enough to be seen among some hundred claims,
# rare enough that most claims stay plain.
RATE_OF_EVERY = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How often, from 0 to 1, a payer does something legal and inconvenient, or plain wrong."""

    # The patient control number as it comes back (CLP01), per claim.
    number_cut_17: float = 0.0
    number_cut_20: float = 0.0
    number_case_folded: float = 0.0
    number_zeros_stripped: float = 0.0
    number_dashes_stripped: float = 0.0
    number_suffixed: float = 0.0
    """By "-1" or "A"."""
    number_prefixed: float = 0.0
    """By a clearinghouse."""
    number_zero: float = 0.0

    # Which line is meant, per claim or line.
    missing_6r: float = 0.0
    """Per claim: no line number comes back."""
    lx_for_6r: float = 0.0
    """Per claim: the line's position comes back in its place."""
    lines_shuffled: float = 0.0
    """Per claim: in another order."""
    modifiers_dropped: float = 0.0
    """Per line: the 835 shows the code without its modifiers."""
    modifiers_reordered: float = 0.0
    dates_at_claim: float = 0.0
    """Per claim: DTM 232 at the claim, no date at its lines."""
    adjudicated_as_other: float = 0.0
    """Per claim: one line's SVC01 is another code, its own stands in SVC06."""

    # Lines that are not one to one, per claim.
    line_split: float = 0.0
    """A line of several units comes back as two."""
    unbundled: float = 0.0
    """A line comes back under several codes; the first carries the charge."""
    bundled: float = 0.0
    """A line is rolled into another: CO-97 on it, OA-94 on the one that is paid."""
    units_left_empty: float = 0.0
    units_changed: float = 0.0
    """Per claim: one paid line counts as one unit, with those billed in SVC07."""
    allowed_left_out: float = 0.0
    noughts_told: float = 0.0
    """Per claim: a triple of no amount behind the adjustments of every line."""

    # Claims that are not one to one, per claim.
    several_clps: float = 0.0
    """Divided into several CLPs of one CLP01."""
    claim_level_denial: float = 0.0
    """Per wholly denied claim: adjustments at the claim, no SVC."""
    lines_left_out: float = 0.0
    """Paid without a word on its lines."""
    claim_level_adjustment: float = 0.0
    """A part withheld at the claim beside its lines."""
    status_4: float = 0.0
    """Per wholly denied claim: CLP02 says 4 although the patient was recognised."""
    forwarded: float = 0.0
    """Passed on to the next payer (CLP02 19 to 21)."""
    passed_on_unpaid: float = 0.0
    """Not its claim; it sent it to whose it is (CLP02 23)."""
    policy_named: float = 0.0
    """Medicare, per denied claim: the coverage policy it was denied under (REF*0K)."""
    secondary_in_excess: float = 0.0
    """Per secondary claim: OA-23 takes all, and OA-94 gives back what this payer pays."""
    qualified_beneficiary: float = 0.0
    """Medicare: the patient's share must not be billed to the patient (N781, N782)."""

    # Second thoughts, per claim.
    reversal_and_correction: float = 0.0
    """Paid, taken back and paid again in one file."""
    reversal_later: float = 0.0
    """Taken back and decided anew in the next payment."""
    reversal_without_correction: float = 0.0
    correction_before_reversal: float = 0.0
    correction_later: float = 0.0
    """Taken back in one payment, decided anew in the one after it."""
    reversal_positive: float = 0.0
    """Per reversal: amounts without a minus."""
    reversal_group_cr: float = 0.0
    """Per reversal: the group that 4010 had for it."""

    # Money beside the claims.
    recovery: float = 0.0
    """Per payment: a PLB WO takes back a part of it."""
    provider_adjustments: float = 0.0
    """Per payment and code: a PLB of another reason."""
    interest: float = 0.0
    """Per paid claim: AMT*I, and its sum as PLB L6."""

    # Files.
    stranger: float = 0.0
    """Per payment: a claim that no practice of ours billed."""
    payment_again: float = 0.0
    """Per payment: the same one under another envelope."""

    @classmethod
    def every(cls, rate: float = RATE_OF_EVERY) -> Quirks:
        """All habits at one rate; what strikes a payment, of which there are few, oftener."""
        rates = {field.name: rate for field in fields(cls)}
        seldom = ("recovery", "provider_adjustments", "payment_again", "stranger")
        return cls(**rates | {name: min(1.0, rate * 8) for name in seldom})

    def happens(self, quirk: str, seed: int, key: str) -> bool:
        """Whether the quirk strikes here; one quirk's rate never moves where another strikes."""
        rate: float = getattr(self, quirk)
        return rate > 0 and chance(f"{seed}/{quirk}/{key}") < rate


def chance(key: str) -> float:
    """A number from 0 to 1 that the key alone decides."""
    digest = blake2b(key.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def choose(key: str, count: int) -> int:
    """One of so many, as the key alone decides."""
    return int(chance(key) * count)
