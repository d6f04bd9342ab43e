"""What payers do to service lines: split, bundle, unbundle, rename them, or say less of them.

Each habit takes a decision and gives it back changed, or None where it has nothing to change.
The sums of a claim stay what they were.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.adjudication import Adjusted, DecidedClaim, DecidedLine
from simulator.quirks import choose

OTHER_CODES = {
    "99214": "99213",
    "62323": "62322",
    "62321": "62320",
    "20610": "20605",
    "20553": "20552",
    "J3301": "J3300",
}
PARTS = {
    "62323": ("62322", "77003"),
    "64483": ("64479", "77003"),
    "20610": ("20605", "76942"),
    "64493": ("64490", "77003"),
}
SHARE = frozenset({"1", "2", "3"})


def _allowed(paid: int, adjustments: tuple[Adjusted, ...]) -> int:
    """What is allowed where so much is paid after the patient's share and sequestration."""
    share = (a for a in adjustments if a.group_code == "PR" and a.reason_code in SHARE)
    return paid + sum(a.cents for a in share) + _withheld(adjustments)


def _withheld(adjustments: tuple[Adjusted, ...]) -> int:
    return sum(a.cents for a in adjustments if a.reason_code in ("253", "23"))


def _marked(line: DecidedLine, quirk: str, **changes: object) -> DecidedLine:
    fields: dict[str, object] = {"quirks": (*line.quirks, quirk)} | changes
    return replace(line, **fields)  # type: ignore[arg-type]


def _with_line(claim: DecidedClaim, nth: int, lines: tuple[DecidedLine, ...]) -> DecidedClaim:
    return replace(claim, lines=(*claim.lines[:nth], *lines, *claim.lines[nth + 1 :]))


def line_split(claim: DecidedClaim) -> DecidedClaim | None:
    """The first line of several units as two lines; units and charges add up."""
    for nth, line in enumerate(claim.lines):
        # A line of which some units were refused has its quantities to keep.
        if line.units < 2 or line.units_paid not in (0, line.units) or not line.charge:
            continue
        units = line.units // 2
        charge = line.charge * units // line.units
        first = tuple(replace(a, cents=a.cents * units // line.units) for a in line.adjustments)
        rest = tuple(
            replace(a, cents=a.cents - b.cents)
            for a, b in zip(line.adjustments, first, strict=True)
        )
        one = _part(line, charge, units, first)
        return _with_line(
            claim, nth, (one, _part(line, line.charge - charge, line.units - units, rest))
        )
    return None


def _part(
    line: DecidedLine, charge: int, units: int, adjustments: tuple[Adjusted, ...]
) -> DecidedLine:
    adjustments = tuple(a for a in adjustments if a.cents)
    paid = charge - sum(a.cents for a in adjustments)
    return _marked(
        line,
        "line_split",
        charge=charge,
        paid=paid,
        allowed=_allowed(paid, adjustments) if line.allowed else 0,
        units=units,
        units_paid=units if line.units_paid else 0,
        adjustments=adjustments,
    )


def unbundled(claim: DecidedClaim) -> DecidedClaim | None:
    """The first line that has parts comes back under their codes, its own in SVC06."""
    for nth, line in enumerate(claim.lines):
        parts = PARTS.get(line.procedure_code)
        if not parts or line.adjudicated_as or line.denied_cents:
            continue
        main, *others = parts
        # What the parts are paid is taken from the first by its contract, so that both balance.
        worth = line.paid // 4 if choose(claim.payer_claim_control_number, 2) else 0
        taken = (Adjusted("CO", "45", worth),) if worth else ()
        lines = [
            _marked(
                line,
                "unbundled",
                adjudicated_as=main,
                paid=line.paid - worth,
                allowed=line.allowed - worth,
                adjustments=_added_up((*line.adjustments, *taken)),
            )
        ]
        lines += [
            _marked(
                line,
                "unbundled",
                adjudicated_as=other,
                charge=0,
                paid=worth,
                allowed=worth,
                adjustments=(Adjusted("CO", "45", -worth),) if worth else (),
            )
            for other in others
        ]
        return _with_line(claim, nth, tuple(lines))
    return None


def _added_up(adjustments: tuple[Adjusted, ...]) -> tuple[Adjusted, ...]:
    sums: dict[tuple[str, str], Adjusted] = {}
    for adjusted in adjustments:
        key = (adjusted.group_code, adjusted.reason_code)
        known = sums.get(key)
        sums[key] = replace(known, cents=known.cents + adjusted.cents) if known else adjusted
    return tuple(sums.values())


def bundled(claim: DecidedClaim) -> DecidedClaim | None:
    """The cheapest paid line rolled into the dearest: CO-97 on it, OA-94 on the one that pays."""
    paid = [
        (line.charge, nth)
        for nth, line in enumerate(claim.lines)
        if line.paid > 0 and not line.denied_cents and not line.adjudicated_as
    ]
    if len(paid) < 2:
        return None
    (_, into), (_, rolled) = max(paid), min(paid)
    main, part = claim.lines[into], claim.lines[rolled]
    if main.procedure_code == part.procedure_code:
        return None
    adjustments = _added_up(
        (*main.adjustments, *part.adjustments, Adjusted("OA", "94", -part.charge))
    )
    payable = _marked(
        main,
        "bundled",
        paid=main.paid + part.paid,
        allowed=main.allowed + part.allowed,
        adjustments=adjustments,
    )
    refused = _marked(
        part,
        "bundled",
        paid=0,
        allowed=0,
        adjustments=(Adjusted("CO", "97", part.charge),),
        adjudicated_as=main.procedure_code,
        remark_codes=("M15",),
    )
    changed = {into: payable, rolled: refused}
    return replace(
        claim, lines=tuple(changed.get(nth, line) for nth, line in enumerate(claim.lines))
    )


def adjudicated_as_other(claim: DecidedClaim) -> DecidedClaim | None:
    """One line under another code in SVC01, with its own in SVC06."""
    for nth, line in enumerate(claim.lines):
        other = OTHER_CODES.get(line.procedure_code)
        if other and not line.adjudicated_as:
            renamed = _marked(line, "adjudicated_as_other", adjudicated_as=other)
            return _with_line(claim, nth, (renamed,))
    return None


def missing_6r(claim: DecidedClaim) -> DecidedClaim | None:
    """No line number comes back."""
    if not any(line.line_item_control_number for line in claim.lines):
        return None
    return replace(
        claim,
        lines=tuple(
            _marked(line, "missing_6r", line_item_control_number="") for line in claim.lines
        ),
    )


def lx_for_6r(claim: DecidedClaim) -> DecidedClaim | None:
    """The position of the line (LX) in the place of its number."""
    return replace(
        claim,
        lines=tuple(
            _marked(line, "lx_for_6r", line_item_control_number=str(line.number))
            for line in claim.lines
        ),
    )


def lines_shuffled(claim: DecidedClaim) -> DecidedClaim | None:
    """The lines in another order."""
    if len(claim.lines) < 2:
        return None
    turn = 1 + choose(claim.payer_claim_control_number, len(claim.lines) - 1)
    return replace(claim, lines=(*claim.lines[turn:], *claim.lines[:turn]))


def dates_at_claim(claim: DecidedClaim) -> DecidedClaim | None:
    """One date for the claim, none for its lines; only where they share it."""
    dates = {(line.service_date, line.service_through) for line in claim.lines}
    if dates != {(claim.service_date, "")}:
        return None
    return replace(claim, dates_at_claim=True)


def units_left_empty(claim: DecidedClaim) -> DecidedClaim | None:
    """SVC05 is left empty where it is one."""
    if not any(line.units == line.units_paid == 1 for line in claim.lines):
        return None
    return replace(
        claim,
        lines=tuple(
            _marked(line, "units_left_empty", units_left_empty=True)
            if line.units == line.units_paid == 1
            else line
            for line in claim.lines
        ),
    )


def units_changed(claim: DecidedClaim) -> DecidedClaim | None:
    """A paid line of several units counts as one; those billed stand in SVC07."""
    for nth, line in enumerate(claim.lines):
        if line.units == line.units_paid > 1 and not line.denied_cents:
            return _with_line(claim, nth, (_marked(line, "units_changed", units_paid=1),))
    return None


def allowed_left_out(claim: DecidedClaim) -> DecidedClaim | None:
    """No AMT*B6 on any line."""
    return replace(
        claim,
        lines=tuple(_marked(line, "allowed_left_out", hides_allowed=True) for line in claim.lines),
    )


def noughts_told(claim: DecidedClaim) -> DecidedClaim | None:
    """A copayment of nothing is told of every line that has adjustments."""
    if not any(line.adjustments for line in claim.lines):
        return None
    nothing = Adjusted("PR", "3", 0)
    return replace(
        claim,
        lines=tuple(
            _marked(line, "noughts_told", adjustments=(*line.adjustments, nothing))
            if line.adjustments
            else line
            for line in claim.lines
        ),
    )


def policy_named(claim: DecidedClaim) -> DecidedClaim | None:
    """The coverage policy at every refused line."""
    if not any(line.denied_cents for line in claim.lines):
        return None
    return replace(
        claim,
        lines=tuple(
            _marked(line, "policy_named", policy="L00000") if line.denied_cents else line
            for line in claim.lines
        ),
    )


def secondary_in_excess(claim: DecidedClaim) -> DecidedClaim | None:
    """The prior payer's part (OA-23) takes all; OA-94 gives back what this payer pays."""
    if claim.status_code not in ("2", "3") or not claim.paid:
        return None
    lines = []
    for line in claim.lines:
        if line.paid and not line.denied_cents:
            adjustments = (Adjusted("OA", "23", line.charge), Adjusted("OA", "94", -line.paid))
            allowed = line.paid + line.charge
            line = _marked(line, "secondary_in_excess", adjustments=adjustments, allowed=allowed)
        lines.append(line)
    return replace(claim, lines=tuple(lines))


def passed_on_unpaid(claim: DecidedClaim) -> DecidedClaim | None:
    """Nothing decided: the claim went to the payer whose it is."""
    if claim.status_code != "1":
        return None
    lines = tuple(
        replace(
            line,
            paid=0,
            allowed=0,
            adjustments=(Adjusted("OA", "B11", line.charge),) if line.charge else (),
            remark_codes=(),
        )
        for line in claim.lines
    )
    return replace(
        claim,
        status_code="23",
        forwarded_to="TESTCASE OTHER PLAN",
        paid=0,
        interest_cents=0,
        lines=lines,
    )


def modifiers_dropped(line: DecidedLine) -> DecidedLine:
    """The code without its modifiers."""
    return _marked(line, "modifiers_dropped", reported_modifiers=())


def modifiers_reordered(line: DecidedLine) -> DecidedLine:
    """The modifiers from behind."""
    return _marked(line, "modifiers_reordered", reported_modifiers=line.modifiers[::-1])
