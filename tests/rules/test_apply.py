"""Corrections to changes: what the guards let through, and what they never do."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cases.claims import (
    ACME,
    AUTHORIZATION,
    DIAGNOSIS,
    EVALUATION,
    NOTE,
    PART_B,
    claim,
    correction,
    evidence,
    filed,
    line,
)
from edi.change import Change
from edi.segment import Adjustment
from rules.apply import apply
from rules.charge import total
from rules.decision import ClaimFacts, LineAdjudication
from rules.evidence import PublishedRule, Subject
from rules.forbidden import Forbidden
from rules.unbillable import removals

RULE_ALONE = PublishedRule(document_id="rule", attested_by="reclaim", subject=Subject(),
                           attested_on=date(2026, 1, 1))  # fmt: skip
SUBSCRIBER = {
    "kind": "subscriber",
    "patient_control_number": "PCN1",
    "member_id": "W123456780",
}


def facts(folder: Path, *lines: list[str], **more) -> ClaimFacts:
    billed = claim(folder, *(lines or (line("64483"), line("99213"))))
    base = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20))
    known = evidence(billed, AUTHORIZATION, EVALUATION, NOTE, DIAGNOSIS, SUBSCRIBER)
    return dataclasses.replace(base, evidence=known, **more)


def fact(found: ClaimFacts, kind: str):
    return next(e for e in found.evidence if e.kind == kind)


def code_of(found: ClaimFacts, *corrections, **more) -> str:
    with pytest.raises(Forbidden) as caught:
        apply(found, corrections, **more)
    return caught.value.code


@pytest.mark.parametrize(
    ("place", "old", "new", "kind"),
    [
        ("2300/REF*G1", None, "A1", "authorization"),
        ("2400[1]/REF*G1", None, "A1", "authorization"),
        ("2400[2]/SV101-3", None, "25", "evaluation"),
        ("2400[1]/SV101-3", None, "59", "procedure_note"),
        ("2400[1]/SV101-2", "64483", "64479", "procedure_note"),
        ("2400[1]/SV104", "1", "2", "procedure_note"),
        ("2400[1]/SV105", None, "24", "procedure_note"),
        ("2400[1]/DTP*472", "20260314", "20260315", "procedure_note"),
        ("2300/HI[2]", None, "ABF:M54.17", "diagnosis"),
        ("2010BA/NM109", "W123456789", "W123456780", "subscriber"),
        ("2400[2]", "HC:99213", None, "procedure_note"),
    ],
)
def test_a_correction_with_its_fact_becomes_a_change(place, old, new, kind, tmp_path) -> None:
    found = facts(tmp_path)
    one = correction(place, old, new, fact(found, kind))
    assert apply(found, [one, one]) == (Change(place, old, new),)


@pytest.mark.parametrize(
    ("place", "old", "new", "code"),
    [
        ("2300/REF*G1", None, "A1", "N7"),
        ("2400[1]/SV101-3", None, "59", "N1"),
        ("2400[1]/SV101-3", None, "KX", "N1"),
        ("2400[2]/SV101-3", None, "25", "N1"),
        ("2400[9]/SV101-3", None, "59", "N1"),
        ("2400[1]/SV101-2", "64483", "64479", "N4"),
        ("2400[2]/SV101-2", "99213", "99214", "N4"),
        ("2400[1]/SV104", "1", "2", "N4"),
        ("2400[1]/SV104", "1", "two", "N4"),
        ("2400[1]/SV105", None, "24", "N4"),
        ("2300/CLM05-1", "11", "24", "N4"),
        ("2310B/NM109", "1234567893", "1999999984", "N4"),
        ("2400[1]/DTP*472", "20260314", "20260315", "N4"),
        ("2010BA/NM109", "W123456789", "W123456780", "N4"),
        ("2300/HI[1]", "ABK:M5416", "ABK:M5417", "N5"),
        ("2400[1]/SV107-1", "1", "2", "N5"),
        ("2400[3]", None, "HC:64484", "N6"),
        ("2400[9]", "HC:64484", None, "N6"),
        ("2300/NTE*ADD", None, "text", "N4"),
    ],
)
def test_a_rule_alone_carries_nothing_that_a_claim_asserts(place, old, new, code, tmp_path) -> None:
    found = facts(tmp_path)
    assert code_of(found, correction(place, old, new, RULE_ALONE)) == code


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        ("2400[1]/SV101-2", "64483", "64479"),
        ("2400[1]/SV101-2", "64483", "99213"),
        ("2400[1]/SV104", "1", "2"),
        ("2400[1]/SV105", None, "24"),
        ("2300/CLM05-1", "11", "24"),
        ("2310B/NM109", "1234567893", "1999999984"),
        ("2400[1]/DTP*472", "20260314", "20260315"),
        ("2010BA/NM109", "W123456789", "W123456780"),
        ("2300/REF*G1", None, "A1"),
    ],
)
def test_a_diagnosis_carries_nothing_but_diagnoses(place, old, new, tmp_path: Path) -> None:
    found = facts(tmp_path)
    code = code_of(found, correction(place, old, new, fact(found, "diagnosis")))
    assert code == ("N7" if "G1" in place else "N4")


def test_an_eligibility_answer_older_than_the_service_carries_no_member_id(tmp_path: Path) -> None:
    found = facts(tmp_path)
    older = dataclasses.replace(fact(found, "subscriber"), attested_on=date(2026, 2, 11))
    named = correction("2010BA/NM109", "W123456789", "W123456780", older)
    assert code_of(found, named, path="new_claim") == "N4"


def test_no_code_becomes_a_visit_even_with_a_note(tmp_path: Path) -> None:
    found = facts(tmp_path)
    note = fact(found, "procedure_note")
    with pytest.raises(Forbidden, match="level of a visit"):
        apply(found, [correction("2400[1]/SV101-2", "64483", "99213", note)])


def test_no_note_changes_the_level_of_a_visit_or_what_is_no_place(tmp_path: Path) -> None:
    found = facts(tmp_path)
    note = fact(found, "procedure_note")
    for place, old, new, why in (
        ("2400[2]/SV101-2", "99213", "99214", "level of a visit"),
        ("2400[2]/SV101-2", "99213", "20610", "level of a visit"),
        ("2400[9]/SV101-2", "64483", "64479", "level of a visit"),
        ("2300/CLM05-2", "B", "A", "not the place of service"),
    ):
        with pytest.raises(Forbidden, match=why):
            apply(found, [correction(place, old, new, note)])


@pytest.mark.parametrize(
    ("code", "modifier", "why"),
    [
        ("64484", "59", "adds a level"),
        ("64484", "XS", "adds a level"),
        ("64483", "76", "once a day"),
        ("20552", "50", "has no two sides"),
    ],
)
def test_no_note_makes_a_modifier_right_that_the_code_never_takes(
    code: str, modifier: str, why: str, tmp_path: Path
) -> None:
    for billed, allowed in ((code, False), ("20610", True)):
        found = facts(tmp_path, line(billed))
        (note,) = evidence(found.claim, {**NOTE, "sites": [
            {"procedure_code": billed, "laterality": side} for side in ("left", "right")
        ]})  # fmt: skip
        named = correction("2400[1]/SV101-3", None, modifier, note)
        if allowed:
            assert apply(found, [named])
            continue
        with pytest.raises(Forbidden, match=why) as caught:
            apply(found, [named])
        assert caught.value.code == "N1"


def test_a_rule_alone_moves_modifiers_and_says_two_sides_in_other_words(tmp_path: Path) -> None:
    found = facts(tmp_path, line("62323:50:KX"))
    up = correction("2400[1]/SV101-3", "50", "KX", RULE_ALONE)
    last = correction("2400[1]/SV101-4", "KX", None, RULE_ALONE)
    assert len(apply(found, [up, last])) == 2
    found = facts(tmp_path, line("20610:RT"), line("20610:LT"))
    merged = correction("2400[1]/SV101-3", "RT", "50", RULE_ALONE)
    gone = correction("2400[2]", "HC:20610:LT", None, RULE_ALONE)
    assert len(apply(found, [merged, gone])) == 2
    # Both sides are told only where the other side's line comes off, and nothing but that is.
    assert code_of(found, merged) == "N1"
    for old in ("HC:20610", "HC:20605:LT"):
        other = correction("2400[2]", old, None, RULE_ALONE)
        assert code_of(found, merged, other) == "N1"
    assert code_of(found, correction("2400[1]/SV101-4", None, "59", RULE_ALONE), gone) == "N1"
    # And a line with 50 is one side only where the other one gets a line.
    found = facts(tmp_path, line("20610:50"))
    one = correction("2400[1]/SV101-3", "50", "RT", RULE_ALONE)
    assert code_of(found, one) == "N1"
    added = correction("2400[2]", None, "2400[1]*HC:20610:LT*50*UN*1", RULE_ALONE)
    assert len(apply(found, [one, added])) == 2


def test_a_lines_own_place_goes_where_the_note_names_the_claims(tmp_path: Path) -> None:
    found = facts(tmp_path, line("64483", place="11"))
    note = fact(found, "procedure_note")
    own = correction("2400[1]/SV105", "11", None, note)
    assert code_of(found, own) == "N4"
    visit = facts(tmp_path, line("99213", place="11"))
    assert code_of(visit, correction("2400[1]/SV105", "11", "24", note)) == "N4"
    moved = dataclasses.replace(found, claim=claim(tmp_path, line("64483", place="11"), place="24"))
    assert apply(moved, [own])


def test_no_visit_beside_another_one_gets_25(tmp_path: Path) -> None:
    for other, allowed in (("99214", False), ("20610", True)):
        found = facts(tmp_path, line(other), line("99213"))
        visit = correction("2400[2]/SV101-3", None, "25", fact(found, "evaluation"))
        if allowed:
            assert apply(found, [visit])
        else:
            assert code_of(found, visit) == "N1"


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "76"])
def test_a_separate_service_is_of_a_note_of_its_own_day(modifier: str, tmp_path: Path) -> None:
    found = facts(tmp_path, line("20610"), line("20610", day="20260315"))
    note, diagnosis = fact(found, "procedure_note"), fact(found, "diagnosis")
    assert apply(found, [correction("2400[1]/SV101-3", None, modifier, note)])
    for place, carries in (("2400[2]/SV101-3", note), ("2400[1]/SV101-3", diagnosis)):
        assert code_of(found, correction(place, None, modifier, carries)) == "N1"


def test_an_ndc_is_one_of_a_drug_record(tmp_path: Path) -> None:
    found = facts(tmp_path, line("J1010", more="LIN**N4*00009028003~CTP****1*ML"))
    drug = {"procedure_code": "J1010", "milligrams": 40, "ndc": "00009028051"}
    (note,) = evidence(found.claim, {**NOTE, "drugs": [drug]})
    place, old = "2400[1]/LIN03", "00009028003"
    assert apply(found, [correction(place, old, "00009028051", note)])
    assert apply(found, [correction(place, old, None, note)])
    for new, carries in (("00009028052", note), ("00009028051", fact(found, "procedure_note"))):
        assert code_of(found, correction(place, old, new, carries)) == "N4"


def test_a_lines_pointer_needs_a_diagnosis_of_that_line(tmp_path: Path) -> None:
    found = facts(tmp_path)
    record = fact(found, "diagnosis")
    assert apply(found, [correction("2400[1]/SV107-1", "1", "2", record)])
    assert code_of(found, correction("2400[2]/SV107-1", "1", "2", record)) == "N5"


def test_jz_that_a_record_denies_may_come_off_with_its_line(tmp_path: Path) -> None:
    found = facts(tmp_path, line("64483"), line("J1010:JZ", units="40"))
    drug = {"procedure_code": "J1010", "milligrams": 30, "container": "single_dose",
            "wasted_milligrams": 10}  # fmt: skip
    (note,) = evidence(found.claim, {**NOTE, "drugs": [drug]})
    found = dataclasses.replace(found, evidence=(*found.evidence, note))
    number = correction("2300/REF*G1", None, "A1", fact(found, "authorization"))
    assert code_of(found, number) == "N1"
    assert apply(found, [number, correction("2400[2]", "HC:J1010:JZ", None, note)])


def test_no_note_says_whose_turn_a_claim_is(tmp_path: Path) -> None:
    found = facts(tmp_path)
    turn = correction("2000B/SBR01", "P", "S", fact(found, "procedure_note"))
    assert code_of(found, turn) == "N12"


def test_another_charge_alone_makes_no_new_claim(tmp_path: Path) -> None:
    charge = correction("2300/CLM02", "200", "100", RULE_ALONE)
    assert code_of(facts(tmp_path), charge, path="new_claim") == "RESEND"


def test_a_new_claim_may_go_where_the_payer_has_decided_nothing(tmp_path: Path) -> None:
    found = facts(tmp_path)
    number = correction("2300/REF*G1", None, "A1", fact(found, "authorization"))
    assert apply(found, [number], path="new_claim")


def test_a_diagnosis_or_pointer_that_is_taken_away_asks_for_no_record(tmp_path: Path) -> None:
    for place, old in (("2300/HI[2]", "ABF:M5417"), ("2400[1]/SV107-2", "2")):
        assert apply(facts(tmp_path), [correction(place, old, None, RULE_ALONE)])


def test_the_claims_place_is_asked_of_the_lines_that_have_none_of_their_own(tmp_path: Path) -> None:
    """The note tells of 64483 alone; a place that the visit has itself stays what it is."""
    for own, allowed in (("11", True), ("", False)):
        found = facts(tmp_path, line("64483"), line("99213", place=own))
        moved = correction("2300/CLM05-1", "11", "24", fact(found, "procedure_note"))
        if allowed:
            assert apply(found, [moved])
        else:
            assert code_of(found, moved) == "N4"


def test_no_code_goes_of_which_the_notes_have_less(tmp_path: Path) -> None:
    """Whatever the rule has asked: a note of one site carries no second one under its code."""
    found = facts(tmp_path, line("64479"), line("64483"))
    note = fact(found, "procedure_note")
    with pytest.raises(Forbidden, match="does not have as much of") as caught:
        apply(found, [correction("2400[1]/SV101-2", "64479", "64483", note)])
    assert caught.value.code == "N4"


def test_no_fact_puts_a_modifier_on_a_pair_that_none_passes(tmp_path: Path) -> None:
    found = facts(tmp_path, indicator_0_pairs=frozenset({("64483", "99213")}))
    with pytest.raises(Forbidden, match="a modifier on a pair"):
        apply(found, [correction("2400[2]/SV101-3", None, "25", fact(found, "evaluation"))])


def test_no_new_claim_where_the_payer_has_decided(tmp_path: Path) -> None:
    decided = LineAdjudication(
        line_position=1, charge_amount=Decimal(100), payment_amount=Decimal(0)
    )
    found = facts(tmp_path, adjudications=(decided,))
    number = correction("2300/REF*G1", None, "A1", fact(found, "authorization"))
    with pytest.raises(Forbidden, match="the payer has adjudicated the first one"):
        apply(found, [number], path="new_claim")


def test_other_references_are_no_authorizations(tmp_path: Path) -> None:
    found = facts(tmp_path)
    one = correction("2300/REF*X4", None, "45D0000001", fact(found, "procedure_note"))
    assert apply(found, [one]) == (Change("2300/REF*X4", None, "45D0000001"),)


def test_fewer_units_need_no_note(tmp_path: Path) -> None:
    found = facts(tmp_path, line("J1010", units="40"))
    for fewer in ("30", "40.0"):
        assert apply(found, [correction("2400[1]/SV104", "40", fewer, fact(found, "diagnosis"))])
    more = correction("2400[1]/SV104", "40", "40.1", fact(found, "diagnosis"))
    assert code_of(found, more) == "N4"


def test_a_fact_of_another_kind_does_not_do(tmp_path: Path) -> None:
    found = facts(tmp_path)
    note = fact(found, "procedure_note")
    assert code_of(found, correction("2400[2]/SV101-3", None, "25", note)) == "N1"
    assert code_of(found, correction("2300/REF*G1", None, "A1", note)) == "N7"
    diagnosis = fact(found, "diagnosis")
    assert code_of(found, correction("2300/HI[2]", None, "ABF:G8929", diagnosis)) == "N5"


def test_an_authorization_that_is_not_on_file_or_does_not_cover(tmp_path: Path) -> None:
    found = facts(tmp_path)
    number = fact(found, "authorization")
    place = "2300/REF*G1"
    assert code_of(dataclasses.replace(found, evidence=()),
                   correction(place, None, "A1", number)) == "N7"  # fmt: skip
    assert code_of(found, correction(place, None, "A2", number)) == "N7"
    assert code_of(found, correction("2400[2]/REF*G1", None, "A1", number)) == "N7"
    (pended,) = evidence(found.claim, {**AUTHORIZATION, "status": "pended"})
    found = dataclasses.replace(found, evidence=(pended,))
    assert code_of(found, correction(place, None, "A1", pended)) == "N7"


def test_the_same_number_is_not_sent_twice(tmp_path: Path) -> None:
    found = facts(tmp_path, line("64483", more="REF*G1*A1"))
    number = fact(found, "authorization")
    assert code_of(found, correction("2300/REF*G1", None, "A1", number)) == "N7"


def test_nothing_while_a_submission_is_open_or_at_part_b(tmp_path: Path) -> None:
    assert code_of(facts(tmp_path, open_submission=True)) == "N9"
    assert code_of(facts(tmp_path, payer=PART_B)) == "N10"
    assert code_of(facts(tmp_path, payer=PART_B), path="new_claim") == "RESEND"


def test_a_new_claim_is_without_what_made_a_returned_line_unprocessable(tmp_path: Path) -> None:
    returned = LineAdjudication(
        line_position=1, charge_amount=Decimal(100), payment_amount=Decimal(0),
        adjustments=(Adjustment("CO", "4", Decimal(100), None),), remark_codes=("MA130",),
    )  # fmt: skip
    found = facts(tmp_path, line("62323:50"), line("99213:25"), payer=PART_B,
                  adjudications=(returned,))  # fmt: skip
    gone = correction("2400[1]/SV101-3", "50", None, RULE_ALONE)
    assert apply(found, [gone], path="new_claim")
    # Of a line that was not returned, or on the strength of a note that is not on file any more.
    other = correction("2400[2]/SV101-3", "25", None, RULE_ALONE)
    assert code_of(found, other, path="new_claim") == "RESEND"
    noted = correction("2400[1]/SV101-3", "50", None, fact(found, "procedure_note"))
    assert apply(found, [noted], path="new_claim")
    found = dataclasses.replace(found, evidence=())
    assert code_of(found, noted, path="new_claim") == "RESEND"
    assert code_of(found, correction("2400[2]", "HC:99213:25", None, RULE_ALONE),
                   path="new_claim") == "RESEND"  # fmt: skip


@pytest.mark.parametrize("path", ["replacement", "new_claim"])
def test_nothing_where_claim_and_profile_disagree_on_part_b(path: str, tmp_path: Path) -> None:
    found = facts(tmp_path)
    found = dataclasses.replace(found, claim=filed(found.claim, "MB"))
    number = correction("2300/REF*G1", None, "A1", fact(found, "authorization"))
    assert code_of(found, number, path=path) == "N10"
    named = dataclasses.replace(ACME, claim_filing=("MB",))
    assert apply(dataclasses.replace(found, payer=named), [number])


def test_two_regions_as_levels_never_go(tmp_path: Path) -> None:
    assert code_of(facts(tmp_path, line("62321"), line("62323"))) == "N8"


def test_corrections_of_one_place_agree(tmp_path: Path) -> None:
    found = facts(tmp_path)
    note = fact(found, "procedure_note")
    one, other = (correction("2400[1]/SV101-3", None, m, note) for m in ("LT", "RT"))
    assert code_of(found, one, other) == "CONFLICT"


def test_unbillable_lines_are_taken_off_or_nothing_goes(tmp_path: Path) -> None:
    found = facts(tmp_path, line("64483"), line("77003:26", charge="40"), line("99213"))
    number = correction("2300/REF*G1", None, "A1", fact(found, "authorization"))
    assert code_of(found, number) == "N3"
    taken = removals(found)
    assert [(c.place, c.old_value, c.new_value) for c in taken] == [
        ("2400[2]", "HC:77003:26", None)]  # fmt: skip
    charge = total(found.claim, taken)
    assert charge is not None
    assert (charge.place, charge.old_value, charge.new_value) == ("2300/CLM02", "240", "200")
    assert len(apply(found, [number, *taken, charge])) == 3


def test_lines_of_an_edit_with_indicator_0(tmp_path: Path) -> None:
    found = facts(tmp_path, line("20553"), line("20552"),
                  indicator_0_pairs=frozenset({("20553", "20552")}))  # fmt: skip
    assert [c.place for c in removals(found)] == ["2400[2]"]
    assert code_of(found) == "N2"
    note = fact(found, "procedure_note")
    assert code_of(found, correction("2400[2]/SV101-3", None, "59", note)) == "N2"
