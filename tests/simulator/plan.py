"""What a payer will do with a claim, and how often it does odd things."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.adjudication import Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """What a replacement must carry for a denied line to be paid; a line never paid has none."""

    authorization: str = ""
    modifier: str = ""
    member_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDenial:
    """The denial of every line with a procedure code."""

    procedure_code: str
    group_code: str
    reason_code: str
    remark_codes: tuple[str, ...] = ()
    units: int | None = None
    """How many of the units are denied; None for the whole line."""
    adjudicated_as: str = ""
    cure: Cure | None = None
    expected: Expected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDenial:
    """The denial of a whole claim without a word on its lines."""

    group_code: str
    reason_code: str
    remark_codes: tuple[str, ...] = ()
    expected: Expected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPlan:
    """A payer's mind about one claim; the default pays it under contract."""

    scenario: str = "clean"
    denials: tuple[LineDenial, ...] = ()
    claim_denial: ClaimDenial | None = None
    status_code: str = "1"
    remark_codes: tuple[str, ...] = ()
    """At claim level (MOA)."""
    unprocessable: bool = False
    """Returned without a decision: a new claim, not a duplicate, is what comes next."""
    then: ClaimPlan | None = None
    """The plan of that next claim; None pays it under contract."""
    deductible_cents: int = 0
    copay_cents: int = 0
    coinsurance_percent: int = 20
    interest_cents: int = 0
    returns_line_numbers: bool = True
    """Whether the 835 echoes REF*6R."""
    unbalanced_cents: int = 0
    """What the first line's adjustments lack, so that the file does not balance."""
    duplicate: Expected | None = None
    """What to expect of the denial when the practice sends the claim a second time."""

    def line(self, procedure_code: str) -> LineDenial | None:
        """The denial of that code, if any."""
        return next((d for d in self.denials if d.procedure_code == procedure_code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How often, from 0 to 1, a payer does something legal and inconvenient, or plain wrong."""

    missing_6r: float = 0.0
    """Per claim: no line number comes back."""
    modifiers_dropped: float = 0.0
    """Per line: the 835 shows the code without its modifiers."""
    claim_level_denial: float = 0.0
    """Per wholly denied claim: adjustments at the claim, no SVC."""
    reversal_and_correction: float = 0.0
    """Per claim: paid, taken back and paid again in one file."""
    status_4: float = 0.0
    """Per wholly denied claim: CLP02 says 4 although the patient was recognised."""
    recovery: float = 0.0
    """Per payment: a PLB WO takes back a part of it."""
    interest: float = 0.0
    """Per paid claim: AMT*I, and its sum as PLB L6."""

    def happens(self, quirk: str, seed: int, key: str) -> bool:
        """Whether the quirk strikes here; one quirk's rate never moves where another strikes."""
        rate: float = getattr(self, quirk)
        return rate > 0 and random.Random(f"{seed}/{quirk}/{key}").random() < rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Plans by patient control number, and the plan of everything else."""

    by_claim: Mapping[str, ClaimPlan] = field(default_factory=dict)
    otherwise: ClaimPlan = ClaimPlan()

    def of(self, patient_control_number: str) -> ClaimPlan:
        """The plan of one claim."""
        return self.by_claim.get(patient_control_number, self.otherwise)
