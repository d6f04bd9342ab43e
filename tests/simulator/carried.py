"""What carries a modifier: the records that say what it says, or the claim itself (N1)."""

from __future__ import annotations

from simulator.campaign_chart import Record
from simulator.judged_claim import Sent, ServiceLine

DISTINCT = {"59", "XE", "XP", "XS", "XU"}
ADD_ONS = {"64480", "64484", "64491", "64492", "64494", "64495", "64634", "64636"}
_NEVER_BOTH_SIDES = {"20552", "20553", "77003", "63650", "63685"}
_OPPOSITE = {"left": "right", "right": "left"}
SIDE = {"RT": "right", "LT": "left"}
_REGIONS = {"cervical": 1, "thoracic": 1, "lumbar": 2, "sacral": 2}


def no_two_sides(code: str) -> bool:
    """Whether 50 is never right on a code."""
    return code in _NEVER_BOTH_SIDES or code.startswith("6232")


def is_carried(
    case: Sent, modifier: str, was: ServiceLine, now: ServiceLine, billed: list[ServiceLine]
) -> bool:
    """Whether anything on file, or on the claim itself, says what the modifier says."""
    if modifier == "25":
        said = {e["separately_identifiable"] for e in case.on_file("evaluation")}
        return said == {True} and now.code.startswith("992") and now.code != "99211"
    if modifier in DISTINCT:
        return now.code not in ADD_ONS and _apart(case, modifier, now, billed)
    if modifier in ("JZ", "JW"):
        found = case.drugs(now.code, was.code)
        return len(found) == 1 and found[0].get("container") == "single_dose" and (
            "wasted_milligrams" in found[0]
            and bool(found[0]["wasted_milligrams"]) == (modifier == "JW")
        )  # fmt: skip
    if modifier in SIDE:
        sides = {site.get("laterality") for site in case.sites(now.code)}
        split = "50" in was.modifiers and case.bilateral == "rt_lt_lines"
        return split or sides == {SIDE[modifier]}
    if modifier == "50":
        sides = {m for x in billed if x.code == now.code for m in x.modifiers}
        return {"RT", "LT"} <= sides and not no_two_sides(now.code)
    return False


def _apart(case: Sent, modifier: str, now: ServiceLine, billed: list[ServiceLine]) -> bool:
    """Whether the notes show the service apart from each one that the edits pay instead."""
    paid = [x for x in billed if (case.edits or {}).get((x.code, now.code)) == "1"]
    ours = case.sites(now.code)
    return bool(paid) and bool(ours) and all(
        theirs and all(_differ(one, other, now.code, x.code, modifier, case)
                       for one in ours for other in theirs)
        for x in paid
        for theirs in [case.sites(x.code)]
    )  # fmt: skip


def _differ(
    one: Record, other: Record, code: str, other_code: str, modifier: str, case: Sent
) -> bool:
    session = one.get("session", 1) != other.get("session", 1)
    if modifier in ("XE", "XP"):
        return modifier == "XE" and session
    if session:
        return modifier == "59"
    names = [{w.lower() for w in (s.get("structure"), *s.get("muscles", ())) if w}
             for s in (one, other)]  # fmt: skip
    spinal = all(c[:3] in ("623", "644", "646") for c in (code, other_code))
    elsewhere = not spinal and all(names) and not names[0] & names[1]
    if modifier == "XU" or code == "96372":
        return elsewhere and any(n["drugs"] for n in case.on_file("procedure_note"))
    a, b = one.get("region"), other.get("region")
    if a and b and _REGIONS[a] != _REGIONS[b]:
        return True
    opposite = _OPPOSITE.get(one.get("laterality", "")) == other.get("laterality", "none")
    return opposite or elsewhere
