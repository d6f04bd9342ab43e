"""The never-list on codes and sides that the sites of the day's notes do not bear out.

The guard knows the facts and counts for itself; what is said here is said of both.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cases.claims import ACME, claim, correction, evidence, line
from rules.apply import apply
from rules.decision import ClaimFacts
from rules.forbidden import Forbidden
from rules.never import forbidden

REPLACES = {"frequency": "7", "references": "REF*F8*PCCN1"}


def site(code: str, side: str | None = None, **more) -> dict[str, object]:
    return {"procedure_code": code, "laterality": side, **more}


def note(*sites: dict[str, object], **more) -> dict[str, object]:
    return {"kind": "procedure_note", "service_date": "2026-03-14", "sites": list(sites), **more}


def found(folder: Path, before: str, after: str, *others: list[str], notes, units: str = "1"):
    """What both find where the first line goes out with another code or side than was billed."""
    billed = claim(folder, line(before, units=units), *others)
    facts = evidence(billed, *notes)
    sent = claim(folder, line(after, units=units), *others, **REPLACES)
    (was, *had), (code, *has) = before.split(":"), after.split(":")
    named = [correction("2400[1]/SV101-2", was, code, *facts)] if code != was else []
    if has != had:
        named += [correction("2400[1]/SV101-3", (had or [None])[0], has[0], *facts)]
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    violations = forbidden(billed, sent, payer=ACME, corrections=named, evidence=facts)
    guard = set()
    try:
        apply(known, named)
    except Forbidden as error:
        guard.add(error.code)
    assert guard == {v.code for v in violations}
    return guard


LEFT, RIGHT = site("64483", "left"), site("64483", "right")
KNEE = site("20610", "left", structure="knee")
HIP = site("20610", "left", structure="hip")


@pytest.mark.parametrize(
    ("others", "notes", "may_go"),
    [
        ([], [note(LEFT)], True),
        ([], [note(site("64483"))], True),
        ([], [note(site("64483", "bilateral"))], True),
        ([], [note(RIGHT)], False),
        ([], [note(site("64483", "midline"))], False),
        ([], [note(site("64483", "left", region="cervical"))], False),
        ([line("64483:LT")], [note(LEFT)], False),
        ([line("64483:RT")], [note(LEFT)], False),
        ([line("64483:RT")], [note(LEFT, RIGHT)], True),
        ([line("64483:RT")], [note(site("64483", "bilateral"))], True),
        ([line("64483:RT")], [note(LEFT), note(RIGHT, document_id="OP-2")], True),
        ([line("64483")], [note(LEFT)], False),
        ([line("64483:LT")], [note(LEFT, LEFT)], False),
        ([line("64483:LT")], [note(LEFT), note(LEFT, document_id="OP-2")], False),
        ([line("64483:LT", day="20260313")], [note(LEFT)], True),
        ([line("64484:LT")], [note(LEFT)], True),
    ],
)
def test_n4_a_side_that_a_line_did_not_say(others, notes, may_go: bool, tmp_path: Path) -> None:
    assert found(tmp_path, "64483", "64483:LT", *others, notes=notes) == (
        set() if may_go else {"N4"}
    )


@pytest.mark.parametrize(
    ("before", "units", "others", "sites", "may_go"),
    [
        ("20610", "1", [], [KNEE], True),
        ("20610", "2", [], [KNEE], False),
        ("20610", "2", [], [KNEE, HIP], True),
        ("20610:50", "1", [], [KNEE], False),
        ("20610:50", "1", [], [site("20611", "bilateral")], True),
        ("20610:RT", "1", [], [KNEE], False),
        ("20610", "1", [line("20610")], [KNEE], False),
        ("20610", "1", [line("20611")], [KNEE], False),
        ("20610", "1", [line("20611", day="20260313")], [KNEE], True),
        ("62322", "1", [], [site("62323", "bilateral", region="lumbar")], True),
        ("62322", "1", [line("62323")], [site("62323", "bilateral")], False),
        ("62322", "1", [], [site("62322", region="thoracic")], False),
        ("62320", "1", [], [site("62321", region="thoracic")], True),
        ("62320", "1", [], [site("62321", region="lumbar")], False),
    ],
)
def test_n4_another_code(before, units, others, sites, may_go: bool, tmp_path: Path) -> None:
    code, *sides = before.split(":")
    after = ":".join([str(int(code) + 1), *sides])
    assert found(tmp_path, before, after, *others, notes=[note(*sites)], units=units) == (
        set() if may_go else {"N4"}
    )


def test_n4_further_levels_count_each(tmp_path: Path) -> None:
    levels = site("64484", "left", levels=["L4-L5", "L5-S1"])
    for units, expected in (("2", set()), ("3", {"N4"})):
        assert found(tmp_path, "64484", "64484:LT", notes=[note(levels)], units=units) == expected


def test_n4_a_claim_that_says_no_more_than_it_did_is_not_counted(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483:50"), line("64483:RT"))
    facts = evidence(billed, note(LEFT))
    sent = claim(tmp_path, line("64483:50"), line("64483:RT"), **REPLACES)
    assert forbidden(billed, sent, payer=ACME, evidence=facts) == ()
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    assert apply(known, []) == ()


@pytest.mark.parametrize(
    ("sites", "may_go"),
    [([LEFT], False), ([site("64483")], False), ([LEFT, RIGHT], True), ([site("20610")], True),
     ([site("64483", "bilateral")], True)],
)  # fmt: skip
def test_n4_two_sides_in_another_form(sites, may_go: bool, tmp_path: Path) -> None:
    facts = evidence(claim(tmp_path, line("64483:50")), note(*sites))
    one, two = [line("64483:50")], [line("64483:RT", "50"), line("64483:LT", "50")]
    split = [
        correction("2400[1]/SV101-3", "50", "RT", *facts),
        correction("2400[1]/SV102", "100", "50", *facts),
        correction("2400[2]", None, "2400[1]*HC:64483:LT*50*UN*1", *facts),
    ]
    merge = [
        correction("2400[1]/SV101-3", "RT", "50", *facts),
        correction("2400[1]/SV102", "50", "100", *facts),
        correction("2400[2]", "HC:64483:LT", None, *facts),
    ]
    for before, after, named in ((one, two, split), (two, one, merge)):
        billed, sent = claim(tmp_path, *before), claim(tmp_path, *after, **REPLACES)
        violations = forbidden(billed, sent, payer=ACME, corrections=named, evidence=facts)
        assert {v.code for v in violations} == (set() if may_go else {"N4"})
        known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
        if may_go:
            assert apply(known, named)
        else:
            with pytest.raises(Forbidden, match="N4"):
                apply(known, named)
