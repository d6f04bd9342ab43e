"""What a payer will do with a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.adjudication import Expected
from simulator.quirks import Quirks
from simulator.submitted import SubmittedClaim

__all__ = ["ClaimDenial", "ClaimPlan", "Cure", "LineDenial", "Plans", "Quirks"]

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """What a replacement must carry for a denied line to be paid; a line never paid has none."""

    authorization: str = ""
    modifier: str = ""
    member_id: str = ""
    any_modifier: tuple[str, ...] = ()
    """One of these is enough."""
    without_modifier: str = ""
    diagnosis: str = ""
    """The line must point to it."""
    units: int = 0
    place_of_service: str = ""
    taxonomy: str = ""
    """Of the rendering provider."""
    rendering_npi: str = ""
    referral: str = ""
    given_and_wasted: tuple[int, int] = (0, 0)
    """Units of the line's drug that are billed without JW, and those with it."""
    after_other_payer: bool = False
    """Another payer must have decided before (2430)."""


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
class Plans:
    """Plans by claim, and the plan of everything else."""

    by_claim: Mapping[str, ClaimPlan] = field(default_factory=dict)
    otherwise: ClaimPlan = ClaimPlan()
    by_identity: Mapping[Identity, ClaimPlan] = field(default_factory=dict)
    """For practices that share or re-use numbers; asked first."""

    def of(self, claim: SubmittedClaim) -> ClaimPlan:
        """The plan of one claim."""
        plan = self.by_identity.get(claim.identity)
        return plan or self.by_claim.get(claim.patient_control_number, self.otherwise)
