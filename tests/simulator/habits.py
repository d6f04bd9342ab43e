"""What a payer makes of its own decision on the way into the 835, at the rates of its quirks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator import habits_line, habits_number
from simulator.adjudication import Adjusted, DecidedClaim
from simulator.plan import ClaimDenial
from simulator.quirks import Quirks, choose
from simulator.submitted import SubmittedClaim

ClaimHabit = Callable[[DecidedClaim], DecidedClaim | None]


@dataclass(frozen=True, slots=True)
class Temper:
    """A payer's quirks, and what else decides whether they strike."""

    quirks: Quirks
    seed: int
    is_medicare: bool = False

    def strikes(self, quirk: str, claim: SubmittedClaim, key: str = "") -> bool:
        """Whether a quirk strikes this claim."""
        return self.quirks.happens(quirk, self.seed, f"{claim.patient_control_number}{key}")


def shown(decided: DecidedClaim, claim: SubmittedClaim, temper: Temper) -> tuple[DecidedClaim, ...]:
    """A decision as the 835 tells it: one claim, or several of the same number."""
    if temper.is_medicare:
        decided = _first_that_strikes(MEDICARE_HABITS, decided, claim, temper)
    for alternatives in LINE_HABITS:
        decided = _first_that_strikes(alternatives, decided, claim, temper)
    decided = _modifiers(decided, claim, temper)
    decided = _interest(decided, claim, temper)
    if decided.lines and all(line.denied_cents and not line.allowed for line in decided.lines):
        if temper.strikes("status_4", claim):
            decided = _marked(decided, "status_4", status_code="4")
        if temper.strikes("claim_level_denial", claim):
            decided = _gathered(decided, "claim_level_denial")
    decided = _first_that_strikes(CLAIM_HABITS, decided, claim, temper)
    decided = _forwarded(decided, claim, temper)
    if (
        temper.is_medicare
        and decided.patient_share
        and temper.strikes("qualified_beneficiary", claim)
    ):
        remark = ("N781", "N782")[choose(claim.patient_control_number, 2)]
        decided = _marked(
            decided, "qualified_beneficiary", remark_codes=(*decided.remark_codes, remark)
        )
    decided = _numbered(decided, claim, temper)
    if len(decided.lines) > 1 and temper.strikes("several_clps", claim):
        return _several(_marked(decided, "several_clps"))
    return (decided,)


def _marked(decided: DecidedClaim, quirk: str, **changes: object) -> DecidedClaim:
    fields: dict[str, object] = {"quirks": (*decided.quirks, quirk)} | changes
    return replace(decided, **fields)  # type: ignore[arg-type]


def _first_that_strikes(
    alternatives: tuple[tuple[str, ClaimHabit], ...],
    decided: DecidedClaim,
    claim: SubmittedClaim,
    temper: Temper,
) -> DecidedClaim:
    """Apply one habit of several that exclude each other."""
    if not decided.lines:
        return decided
    for quirk, habit in alternatives:
        if temper.strikes(quirk, claim) and (changed := habit(decided)) is not None:
            return _marked(changed, quirk)
    return decided


def _modifiers(decided: DecidedClaim, claim: SubmittedClaim, temper: Temper) -> DecidedClaim:
    if not any(line.modifiers for line in decided.lines):
        return decided
    lines = []
    for line in decided.lines:
        key = f"/{line.number}"
        if line.modifiers and temper.strikes("modifiers_dropped", claim, key):
            line = habits_line.modifiers_dropped(line)
        elif len(line.modifiers) > 1 and temper.strikes("modifiers_reordered", claim, key):
            line = habits_line.modifiers_reordered(line)
        lines.append(line)
    return replace(decided, lines=tuple(lines))


def _interest(decided: DecidedClaim, claim: SubmittedClaim, temper: Temper) -> DecidedClaim:
    if decided.paid and temper.strikes("interest", claim):
        cents = decided.interest_cents + max(1, decided.paid // 1000)
        return _marked(decided, "interest", interest_cents=cents)
    return decided


def _forwarded(decided: DecidedClaim, claim: SubmittedClaim, temper: Temper) -> DecidedClaim:
    status = {"1": "19", "2": "20", "3": "21"}.get(decided.status_code)
    if not status or not temper.strikes("forwarded", claim):
        return decided
    return _marked(decided, "forwarded", status_code=status, forwarded_to="DEMO SUPPLEMENT PLAN")


def _numbered(decided: DecidedClaim, claim: SubmittedClaim, temper: Temper) -> DecidedClaim:
    number = decided.patient_control_number
    for quirk in habits_number.HABITS:
        if temper.strikes(quirk, claim):
            shown_number = habits_number.shown(quirk, number)
            if shown_number not in ("", number):
                return _marked(decided, quirk, shown_number=shown_number)
    return decided


def _several(decided: DecidedClaim) -> tuple[DecidedClaim, ...]:
    """The lines divided among two claims of the same number; what is not a line's stays first."""
    middle = len(decided.lines) // 2
    parts = []
    for nth, lines in enumerate((decided.lines[:middle], decided.lines[middle:])):
        adjustments = decided.adjustments if nth == 0 else ()
        paid = sum(line.paid for line in lines) - sum(a.cents for a in adjustments)
        suffix = ("", "-2")[nth]
        parts.append(
            replace(
                decided,
                payer_claim_control_number=decided.payer_claim_control_number + suffix,
                adjudication=decided.adjudication + suffix,
                charge=sum(line.charge for line in lines),
                paid=paid,
                lines=lines,
                adjustments=adjustments,
                interest_cents=decided.interest_cents if nth == 0 else 0,
            )
        )
    return tuple(parts)


def without_lines(decided: DecidedClaim, denial: ClaimDenial) -> DecidedClaim:
    """The whole charge refused at the claim, without a word on its lines."""
    return replace(
        decided,
        paid=0,
        lines=(),
        adjustments=(Adjusted(denial.group_code, denial.reason_code, decided.charge),),
        remark_codes=(*decided.remark_codes, *denial.remark_codes),
        interest_cents=0,
        expected=denial.expected,
    )


def _gathered(decided: DecidedClaim, quirk: str = "") -> DecidedClaim:
    """The lines' adjustments moved up to the claim, added up by group and reason."""
    sums: dict[tuple[str, str], int] = {}
    for adjusted in (
        *decided.adjustments,
        *(a for line in decided.lines for a in line.adjustments),
    ):
        key = (adjusted.group_code, adjusted.reason_code)
        sums[key] = sums.get(key, 0) + adjusted.cents
    return replace(
        decided,
        lines=(),
        adjustments=tuple(Adjusted(*key, amount) for key, amount in sums.items()),
        remark_codes=tuple(
            dict.fromkeys(
                (*decided.remark_codes, *(r for line in decided.lines for r in line.remark_codes))
            )
        ),
        expected=decided.lines[0].expected,
        quirks=(*decided.quirks, quirk) if quirk else decided.quirks,
    )


def _lines_left_out(decided: DecidedClaim) -> DecidedClaim | None:
    if any(line.denied_cents for line in decided.lines):
        return None
    return _gathered(decided)


def _claim_level_adjustment(decided: DecidedClaim) -> DecidedClaim | None:
    withheld = decided.paid // 50
    if withheld <= 0:
        return None
    adjusted = Adjusted("CO", "104", withheld)
    return replace(
        decided,
        paid=decided.paid - withheld,
        adjustments=(*decided.adjustments, adjusted),
    )


MEDICARE_HABITS: tuple[tuple[str, ClaimHabit], ...] = (("policy_named", habits_line.policy_named),)
LINE_HABITS: tuple[tuple[tuple[str, ClaimHabit], ...], ...] = (
    (
        ("passed_on_unpaid", habits_line.passed_on_unpaid),
        ("secondary_in_excess", habits_line.secondary_in_excess),
    ),
    (
        ("line_split", habits_line.line_split),
        ("unbundled", habits_line.unbundled),
        ("bundled", habits_line.bundled),
        ("adjudicated_as_other", habits_line.adjudicated_as_other),
    ),
    (("missing_6r", habits_line.missing_6r), ("lx_for_6r", habits_line.lx_for_6r)),
    (("lines_shuffled", habits_line.lines_shuffled),),
    (("dates_at_claim", habits_line.dates_at_claim),),
    (
        ("units_left_empty", habits_line.units_left_empty),
        ("units_changed", habits_line.units_changed),
    ),
    (("allowed_left_out", habits_line.allowed_left_out),),
    (("noughts_told", habits_line.noughts_told),),
)
CLAIM_HABITS: tuple[tuple[str, ClaimHabit], ...] = (
    ("lines_left_out", _lines_left_out),
    ("claim_level_adjustment", _claim_level_adjustment),
)
