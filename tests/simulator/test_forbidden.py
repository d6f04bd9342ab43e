"""Each guard of the campaign sees what it is there for: right answers pass, each wrong one is told.

The claim that was billed, and the one that was sent, are both written by the simulated practice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from simulator.campaign import edits_of
from simulator.forbidden import forbidden
from simulator.judged_claim import Sent
from simulator.practice import Claim, Clinician, Line, Person, write_837p
from simulator.scenario import Record, authorization, change, change_line, diagnosis, drug, note
from simulator.scenario import line as billed_line
from simulator.sent_claim import CutClaim, cut, differences, envelope_faults
from simulator.world_cast import CLINICIANS, PAYERS

DAY = date(2026, 3, 2)
MISTYPED = replace(CLINICIANS[0], npi=CLINICIANS[0].npi[:9] + "0")
Change = Callable[[Claim], Claim]


def claim(*lines: Line, **fields: Any) -> Claim:
    return Claim(
        patient_control_number="CP1", destination=PAYERS[0].destinations[0], member_id="W1",
        subscriber=Person(last_name="TESTCASE", first_name="A"), service_date=DAY,
        lines=lines,
        **{"diagnoses": ("M5416", "G894"), "rendering": CLINICIANS[0], **fields},
    )  # fmt: skip


def cut_one(made: Claim) -> CutClaim:
    data = write_837p([made], control_number=7, written_at=datetime(2026, 3, 5))
    assert envelope_faults(data) == []
    return next(cut(data))


def named(place: str, old: str | None, new: str | None, **more: Any) -> dict[str, Any]:
    found = {"place": place, "old_value": old, "new_value": new, "evidence": "D0"}
    return found | {"approved_by": "biller.b"} | more


def judged(
    made: Claim, changed: Change, *records: Record, gone: tuple[int, ...] = (), **more: Any
) -> list[str]:
    """The numbers of what is forbidden in a replacement, with these records on file."""
    sent = replace(changed(made), frequency_code="7", payer_claim_control_number="ICN1")
    about = [
        {"document_id": f"D{n}", "attested_by": "coder.a", "patient_control_number": "CP1",
         "service_date": DAY.isoformat()} | record
        for n, record in enumerate(records)
    ]  # fmt: skip
    facts: dict[str, Any] = {
        "corrections": [named(f"2400[{n}]", "", None) for n in gone] or [named("2300/X", "", "")],
        "records": about, "kind": "commercial", "takes_replacements": True,
        "bilateral": "modifier_50", "edits": edits_of(DAY), "newest_number": "ICN1",
        "day": DAY.isoformat(),
    }  # fmt: skip
    case = Sent(billed=cut_one(made), sent=cut_one(sent), **facts | more)
    return sorted({code for code, _ in forbidden(case)})


def without_line(nth: int) -> Change:
    return lambda made: replace(
        made, lines=tuple(x for n, x in enumerate(made.lines, 1) if n != nth)
    )


def with_line(extra: Line) -> Change:
    return lambda made: replace(made, lines=(*made.lines, extra))


def separate(yes: bool = True) -> Record:
    return {"kind": "evaluation", "separately_identifiable": yes, "summary": "x"}


SIDE = billed_line("64483", charge_cents=60000)
PAIR = (billed_line("20610", "RT", charge_cents=100), billed_line("20552", charge_cents=100))
LEVELS = (billed_line("62323"), billed_line("64484", charge_cents=1))
TWO_REGIONS = note({"procedure_code": "62323"}, {"procedure_code": "64484", "region": "cervical"})
VISIT = (billed_line("99213"), billed_line("20610", "RT"))
KNEE = {"procedure_code": "20610", "structure": "knee", "laterality": "right"}
NECK = {"procedure_code": "20552", "structure": "neck", "laterality": "left", "muscles": ["x"]}
RIGHT = note({"procedure_code": "64483", "laterality": "right"})
LEFT = note({"procedure_code": "64483", "laterality": "left"})
NUMBER = authorization("A1", "64483")
ENROLLED: Record = {
    "kind": "enrollment", "npi": CLINICIANS[0].npi, "payer_id": "87726",
    "taxonomy_code": "207LP2900X", "effective_from": "2020-01-01", "effective_to": None,
}  # fmt: skip
REFERRED: Record = {
    "kind": "referral", "number": "R1", "valid_from": "2026-03-01", "valid_to": "2026-03-09",
    "referring_npi": "1000000012", "procedure_codes": [], "units": None,
}  # fmt: skip
OTHER_DAY = {"service_date": "2026-03-03"}

ALLOWED: dict[str, list[str]] = {
    "nothing changed": judged(claim(SIDE), lambda c: c),
    "a side": judged(claim(SIDE), change_line(1, modifiers=("RT",)), RIGHT),
    "a visit": judged(claim(*VISIT), change_line(1, modifiers=("25",)), separate()),
    "a pair": judged(claim(*PAIR), change_line(2, modifiers=("XS",)), note(KNEE, NECK)),
    "a number": judged(claim(SIDE), change(prior_authorization="A1"), NUMBER),
    "a place": judged(
        claim(SIDE), change(place_of_service="22"), RIGHT | {"place_of_service": "22"}),
    "a mistyped NPI": judged(
        claim(SIDE, rendering=MISTYPED), change(rendering=CLINICIANS[0]),
        RIGHT | {"rendering_npi": CLINICIANS[0].npi}),
    "a taxonomy code": judged(
        claim(SIDE), change(rendering=replace(CLINICIANS[0], taxonomy="207LP2900X")), ENROLLED),
    "a referral": judged(claim(SIDE), change(referral="R1"), REFERRED),
    "a pointer": judged(claim(SIDE), change_line(1, pointers=(2,)), diagnosis("64483", "G89.4")),
    "units": judged(
        claim(billed_line("J3301", units=8, charge_cents=800)),
        change_line(1, units=4, charge_cents=400), note(drugs=(drug("J3301", 40),)),
    ),
    "imaging": judged(
        claim(billed_line("62322", charge_cents=1)), change_line(1, procedure_code="62323"),
        note({"procedure_code": "62323"}),
    ),
    "guidance off": judged(
        claim(billed_line("62323"), billed_line("77003")), without_line(2), gone=(2,)
    ),
    "two sides on one line": judged(
        claim(replace(SIDE, modifiers=("RT",)), replace(SIDE, modifiers=("LT",))),
        lambda c: change_line(1, modifiers=("50",), charge_cents=120000)(without_line(2)(c)),
        gone=(2,),
    ),
    "two sides on two lines": judged(
        claim(replace(SIDE, modifiers=("50",))),
        lambda c: with_line(replace(SIDE, modifiers=("LT",), charge_cents=30000))(
            change_line(1, modifiers=("RT",), charge_cents=30000)(c)
        ),
        bilateral="rt_lt_lines",
    ),
}  # fmt: skip

WASTED = note(drugs=(drug("J3301", 20) | {"wasted_milligrams": 20},))
VIAL = billed_line("J3301", units=4, charge_cents=400)


def divided(units: int) -> Change:
    """A drug's line with so many units thrown away on a line of their own."""
    rest = replace(VIAL, modifiers=("JW",), units=units, charge_cents=100 * units)
    return lambda made: with_line(rest)(
        change_line(1, units=4 - units, charge_cents=400 - 100 * units)(made)
    )


ALLOWED["what was thrown away"] = judged(claim(VIAL), divided(2), WASTED)

FORBIDDEN: dict[str, tuple[str, list[str]]] = {
    "59 without a note": ("N1", judged(claim(*PAIR), change_line(2, modifiers=("59",)))),
    "XS with one place": ("N1", judged(claim(*PAIR), change_line(2, modifiers=("XS",)),
                          note(KNEE, NECK | {"structure": "knee", "laterality": "right",
                                             "muscles": []}))),
    "XE in one session": ("N1", judged(claim(*PAIR), change_line(2, modifiers=("XE",)),
                          note(KNEE, NECK))),
    "XS without a table": ("N1", judged(claim(*PAIR), change_line(2, modifiers=("XS",)),
                           note(KNEE, NECK), edits=None)),
    "59 on an add-on": ("N1", judged(claim(*LEVELS), change_line(2, modifiers=("59",)),
                        TWO_REGIONS)),
    "25 without a visit's note": ("N1", judged(claim(*VISIT), change_line(1, modifiers=("25",)))),
    "25 of another day": ("N1", judged(claim(*VISIT), change_line(1, modifiers=("25",)),
                          separate() | OTHER_DAY)),
    "25 where notes disagree": ("N1", judged(claim(*VISIT), change_line(1, modifiers=("25",)),
                                separate(), separate(False))),
    "76": ("N1", judged(claim(SIDE), change_line(1, modifiers=("76",)), RIGHT)),
    "KX": ("N1", judged(claim(SIDE), change_line(1, modifiers=("KX",)), RIGHT)),
    "50 of one side": ("N1", judged(claim(SIDE), change_line(1, modifiers=("50",)), RIGHT)),
    "50 on an epidural": ("N1", judged(
        claim(billed_line("62323", "RT"), billed_line("62323", "LT")),
        change_line(1, modifiers=("50",)))),
    "JZ from a vial for many": ("N1", judged(claim(billed_line("J3301", units=4)),
        change_line(1, modifiers=("JZ",)),
        note(drugs=(drug("J3301", 40) | {"container": "multi_dose"},)))),
    "JZ with waste": ("N1", judged(claim(billed_line("J3301", units=4)),
        change_line(1, modifiers=("JZ",)),
        note(drugs=(drug("J3301", 40) | {"wasted_milligrams": 10},)))),
    "the other side than the note's": ("N1", judged(
        claim(SIDE), change_line(1, modifiers=("RT",)), LEFT)),
    "a side that two notes differ on": ("N1", judged(
        claim(SIDE), change_line(1, modifiers=("RT",)), RIGHT, LEFT)),
    "a modifier taken off": ("N1", judged(
        claim(replace(SIDE, modifiers=("RT",))), change_line(1, modifiers=()), RIGHT)),
    "who attested approves": ("N1", judged(claim(SIDE), lambda c: c,
                              RIGHT | {"attested_by": "BILLER.B"})),
    "a modifier on indicator 0": ("N2", judged(
        claim(billed_line("20553", charge_cents=1), billed_line("20552", charge_cents=1)),
        change_line(2, modifiers=("59",)), note(NECK, KNEE | {"procedure_code": "20553"}))),
    "column 2 of indicator 0 again": ("N2", judged(
        claim(billed_line("20553"), billed_line("20552", charge_cents=1)), lambda c: c)),
    "guidance again": ("N3", judged(
        claim(billed_line("62323"), billed_line("77003")), lambda c: c)),
    "another day": ("N4", judged(claim(SIDE), change(service_date=date(2026, 3, 3)))),
    "another provider": ("N4", judged(claim(SIDE), change(rendering=CLINICIANS[1]))),
    "another provider than the note's": ("N4", judged(
        claim(SIDE, rendering=MISTYPED), change(rendering=CLINICIANS[1]),
        RIGHT | {"rendering_npi": CLINICIANS[0].npi})),
    "another provider in place of one": ("N4", judged(
        claim(SIDE), change(rendering=CLINICIANS[1]),
        RIGHT | {"rendering_npi": CLINICIANS[1].npi})),
    "another referrer": ("N4", judged(claim(SIDE), change(
        referring=Clinician(last_name="DEMO", first_name="A", npi="1999999984")))),
    "another place": ("N4", judged(claim(SIDE), change(place_of_service="22"), RIGHT)),
    "a higher visit": ("N4", judged(claim(*VISIT), change_line(1, procedure_code="99214"),
                       separate())),
    "another code": ("N4", judged(claim(SIDE), change_line(1, procedure_code="64479"),
                     note({"procedure_code": "64479"}))),
    "imaging without images": ("N4", judged(
        claim(billed_line("62322", charge_cents=1)), change_line(1, procedure_code="62323"),
        note({"procedure_code": "62323", "images_saved": False}))),
    "more units than given": ("N4", judged(
        claim(billed_line("J3301", units=4, charge_cents=400)),
        change_line(1, units=8, charge_cents=800), note(drugs=(drug("J3301", 40),)))),
    "more sessions": ("N4", judged(claim(SIDE), change_line(1, units=2), RIGHT)),
    "an NDC from nowhere": ("N4", judged(claim(billed_line("J3301", units=4)),
        change_line(1, ndc="00001111111"), note(drugs=(drug("J3301", 40),)))),
    "a member from nowhere": ("N4", judged(claim(SIDE), change(member_id="W2"))),
    "a pointer from nowhere": ("N5", judged(claim(SIDE), change_line(1, pointers=(2,)))),
    "a pointer of another code": ("N5", judged(
        claim(SIDE), change_line(1, pointers=(2,)), diagnosis("62323", "G894"))),
    "a diagnosis added": ("N5", judged(claim(SIDE), change(diagnoses=("M5416", "G894", "M5412")),
                          diagnosis("64483", "M5413"))),
    "a diagnosis taken off": ("N5", judged(claim(SIDE), change(diagnoses=("M5416",)))),
    "a line split": ("N6", judged(
        claim(billed_line("64493", units=2, charge_cents=200)),
        lambda c: with_line(billed_line("64493", charge_cents=100))(
            change_line(1, units=1, charge_cents=100)(c)))),
    "two sides where 50 is taken": ("N6", judged(
        claim(replace(SIDE, modifiers=("50",))),
        lambda c: with_line(replace(SIDE, modifiers=("LT",), charge_cents=30000))(
            change_line(1, modifiers=("RT",), charge_cents=30000)(c)))),
    "more waste than the note's": ("N6", judged(claim(VIAL), divided(3), WASTED)),
    "waste without a note": ("N6", judged(claim(VIAL), divided(2))),
    "waste of a vial for many": ("N6", judged(claim(VIAL), divided(2),
        note(drugs=(drug("J3301", 20) | {"wasted_milligrams": 20, "container": "multi_dose"},)))),
    "a line left out": ("N6", judged(claim(*VISIT), without_line(2), gone=(2,))),
    "another charge": ("N6", judged(claim(SIDE), change_line(1, charge_cents=60001))),
    "a place that notes differ on": ("N4", judged(
        claim(SIDE), change(place_of_service="22"), RIGHT | {"place_of_service": "22"},
        RIGHT | {"place_of_service": "24"})),
    "a taxonomy code from nowhere": ("N4", judged(
        claim(SIDE), change(rendering=replace(CLINICIANS[0], taxonomy="207LP2900X")))),
    "a taxonomy code of later": ("N4", judged(
        claim(SIDE), change(rendering=replace(CLINICIANS[0], taxonomy="207LP2900X")),
        ENROLLED | {"effective_from": "2026-03-03"})),
    "a referral from nowhere": ("N7", judged(claim(SIDE), change(referral="R1"))),
    "a referral that ended": ("N7", judged(
        claim(SIDE), change(referral="R1"), REFERRED | {"valid_to": "2026-03-01"})),
    "a referral by another": ("N7", judged(
        claim(SIDE, referring=CLINICIANS[0]), change(referral="R1"), REFERRED)),
    "a number from nowhere": ("N7", judged(claim(SIDE), change(prior_authorization="A1"))),
    "one number twice": ("N7", judged(
        claim(SIDE), lambda c: change_line(1, prior_authorization="A1")(
            change(prior_authorization="A1")(c)), NUMBER)),
    "both regions": ("N8", judged(claim(billed_line("62321"), billed_line("62323")), lambda c: c)),
    "while one is pending": ("N9", judged(claim(SIDE), lambda c: c, pending=True)),
    "at Medicare": ("N10", judged(claim(SIDE), lambda c: c, kind="medicare_part_b")),
    "where none are taken": ("N10", judged(claim(SIDE), lambda c: c, takes_replacements=False)),
    "an older number": ("N10", judged(claim(SIDE), lambda c: c, newest_number="ICN2")),
    "of what was never adjudicated": ("N10", judged(claim(SIDE), lambda c: c, recognised=False)),
    "by itself where the patient paid": ("N11", judged(
        claim(SIDE), lambda c: c, patient_owes=True,
        corrections=[named("2300/X", "", "", approved_by=None)])),
}  # fmt: skip
FORBIDDEN |= {
    f"a number, {what}": ("N7", judged(
        claim(SIDE), change(prior_authorization="A1"), NUMBER | wrong))
    for what, wrong in {
        "pended": {"status": "pended"}, "of other codes": {"procedure_codes": ["62323"]},
        "expired": {"valid_to": "2026-03-01"}, "of later": {"valid_from": "2026-03-03"},
        "used up": {"units_used": 1}, "of another provider": {"rendering_npi": "1000000012"},
        "of another place": {"place_of_service": "22"}, "issued after": {"issued_on": "2026-03-03"},
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("what", ALLOWED)
def test_what_the_chart_has_may_be_said(what: str) -> None:
    assert ALLOWED[what] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_it_has_not_is_told(what: str) -> None:
    number, found = FORBIDDEN[what]
    assert number in found


def test_only_named_places_may_differ() -> None:
    made = claim(*PAIR, prior_authorization="A0")
    billed = cut_one(made)
    again = replace(made, frequency_code="7", payer_claim_control_number="ICN1")
    assert differences(billed, cut_one(again), []) == []
    changes: dict[str, tuple[Change, list[dict[str, Any]]]] = {
        "modifier": (change_line(2, modifiers=("XS",)), [named("2400[2]/SV101-3", None, "XS")]),
        "number": (change(prior_authorization="A1"), [named("2300/REF*G1", "A0", "A1")]),
        "diagnosis": (change(diagnoses=("M5416", "G894", "M5412")),
                      [named("2300/HI[3]", None, "ABF:M5412")]),
        "member": (change(member_id="W12345"), [named("2010BA/NM109", "W1", "2345")]),
        "line": (without_line(2), [named("2400[2]", "HC:20552", None),
                                   named("2300/CLM02", "2", "1")]),
        "added": (with_line(PAIR[1]), [named("2400[3]", None, "2400[2]*HC:20552*1*UN*1"),
                                       named("2300/CLM02", "2", "3")]),
    }  # fmt: skip
    for what, (changed, corrections) in changes.items():
        sent = cut_one(changed(again))
        assert differences(billed, sent, corrections) == [], what
        for n, correction in enumerate(corrections):
            others = corrections[:n] + corrections[n + 1 :]
            assert differences(billed, sent, others), (what, correction["place"])
            assert differences(billed, cut_one(again), [correction]), what
        if what not in ("line", "added"):
            other = [c | {"new_value": "Z9"} for c in corrections]
            assert differences(billed, sent, other), what
    unnamed = (change(note="X"), change(referral="R1"), change(onset=DAY), change(group_number="9"),
               change(patient_paid_cents=5), change_line(1, pointers=(2,)))  # fmt: skip
    for changed in unnamed:
        assert differences(billed, cut_one(changed(again)), [])
