"""The never-list on the finished claim: finds what is forbidden, and nothing else."""

from __future__ import annotations

import dataclasses
from datetime import date
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
from rules.apply import apply
from rules.decision import ClaimFacts
from rules.evidence import PublishedRule, Subject
from rules.forbidden import Forbidden
from rules.never import forbidden
from rules.payer import PayerProfile

REPLACES = {"frequency": "7", "references": "REF*F8*PCCN1"}
RULE_ALONE = PublishedRule(document_id="rule", attested_by="reclaim", subject=Subject(),
                           attested_on=date(2026, 1, 1))  # fmt: skip


def codes(found) -> set[str]:
    return {v.code for v in found}


def test_an_unchanged_replacement_may_go(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"), line("J1010", units="40"))
    sent = claim(tmp_path, line("64483"), line("J1010", units="40"), **REPLACES)
    assert forbidden(billed, sent, payer=ACME) == ()


def test_who_bills_and_the_claims_number_stay(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    sent = claim(tmp_path, line("64483"), **REPLACES)
    information = sent.information._replace(patient_control_number="PCN2")
    assert codes(forbidden(billed, sent._replace(information=information), payer=ACME)) == {
        "UNNAMED"
    }
    parties = tuple(
        x._replace(name=x.name._replace(identification_code="1999999984"))
        for x in sent.billing.parties
    )
    other = sent._replace(billing=sent.billing._replace(parties=parties))
    reasons = [v.reason for v in forbidden(billed, other, payer=ACME)]
    assert "another billing provider" in reasons


@pytest.mark.parametrize("modifier", ["59", "XU", "25", "76", "77", "50", "KX", "GW", "GA", "JZ"])
def test_n1_modifier_without_a_fact(modifier: str, tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483:LT"))
    sent = claim(tmp_path, line(f"64483:LT:{modifier}"), **REPLACES)
    place = "2400[1]/SV101-4"
    named = correction(place, None, modifier, RULE_ALONE)
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N1"}
    assert "N1" in codes(forbidden(billed, sent, payer=ACME, corrections=[named],
                                   evidence=[RULE_ALONE]))  # fmt: skip
    (note,) = evidence(billed, NOTE)
    carried = correction(place, None, modifier, note)
    found = codes(forbidden(billed, sent, payer=ACME, corrections=[carried], evidence=[note]))
    # 64483 is paid once a day, so that no note makes 76 or 77 right on it; and 50 is two sides.
    expected = {"25": "N1", "76": "N1", "77": "N1", "50": "N4"}.get(modifier)
    assert found == ({expected} if expected else set())
    withdrawn = forbidden(billed, sent, payer=ACME, corrections=[carried], evidence=[])
    assert codes(withdrawn) == {"N1"}


@pytest.mark.parametrize(
    ("code", "modifier"),
    [("64483", "76"), ("27096", "77"), ("64484", "59"), ("64495", "XS"), ("62323", "50"),
     ("20553", "50")],
)  # fmt: skip
def test_n1_modifier_that_the_code_cannot_carry(code: str, modifier: str, tmp_path: Path) -> None:
    billed = claim(tmp_path, line(code))
    (note,) = evidence(billed, NOTE)
    named = correction("2400[1]/SV101-3", None, modifier, note)
    sent = claim(tmp_path, line(f"{code}:{modifier}"), **REPLACES)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[note])
    assert codes(found) == {"N1"} and "cannot carry" in found[0].reason
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(note,))
    with pytest.raises(Forbidden, match="N1"):
        apply(known, [named])


@pytest.mark.parametrize(("noted", "expected"), [("00009028003", set()), ("00009028004", {"N4"})])
def test_n4_ndc_that_no_drug_record_has(noted: str, expected: set[str], tmp_path: Path) -> None:
    billed = claim(tmp_path, line("J1010"))
    sent = claim(tmp_path, line("J1010", more="LIN**N4*00009028003~CTP****40*ME"), **REPLACES)
    drug = {"procedure_code": "J1010", "milligrams": 40, "ndc": noted}
    (note,) = evidence(billed, {**NOTE, "sites": [], "drugs": [drug]})
    named = correction("2400[1]/LIN03", None, "00009028003", note)
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(note,))
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[note])
    assert codes(found) == expected
    if expected:
        with pytest.raises(Forbidden, match="N4"):
            apply(known, [named])


def test_n1_modifier_25_needs_that_days_evaluation(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("99213"), line("20610"))
    sent = claim(tmp_path, line("99213:25"), line("20610"), **REPLACES)
    for change, expected in (({}, set()), ({"service_date": "2026-03-13"}, {"N1"}),
                             ({"separately_identifiable": False}, {"N1"})):  # fmt: skip
        (fact,) = evidence(billed, {**EVALUATION, **change})
        named = correction("2400[1]/SV101-3", None, "25", fact)
        found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
        assert codes(found) == expected


SEVERAL = ["SV1*HC:99213*100*UN*2***1", "DTP*472*RD8*20260314-20260315"]


@pytest.mark.parametrize(
    ("visit", "other", "expected"),
    [
        (line("99213"), line("20610"), set()),
        (line("99213"), line("99214"), {"N1"}),
        (line("99213"), line("99211"), {"N1"}),
        (line("99213"), line("99214", day="20260313"), set()),
        (SEVERAL, line("20610"), {"N1"}),
    ],
    ids=["an injection", "a visit", "a nurse's visit", "yesterday's visit", "several days"],
)
def test_n1_modifier_25_is_of_the_days_one_visit(visit, other, expected, tmp_path: Path) -> None:
    billed = claim(tmp_path, visit, other)
    with_25 = [visit[0].replace("99213", "99213:25"), *visit[1:]]
    (fact,) = evidence(billed, EVALUATION)
    named = correction("2400[1]/SV101-3", None, "25", fact)
    sent = claim(tmp_path, with_25, other, **REPLACES)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == expected
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    if expected:
        with pytest.raises(Forbidden, match="N1"):
            apply(known, [named])
    else:
        assert apply(known, [named])


def test_n1_a_separate_service_of_several_days(tmp_path: Path) -> None:
    billed = claim(tmp_path, ["SV1*HC:20610*100*UN*2***1", "DTP*472*RD8*20260314-20260315"])
    sent = claim(tmp_path, ["SV1*HC:20610:59*100*UN*2***1", "DTP*472*RD8*20260314-20260315"],
                 **REPLACES)  # fmt: skip
    (note,) = evidence(billed, {**NOTE, "sites": [{"procedure_code": "20610"}]})
    named = correction("2400[1]/SV101-3", None, "59", note)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[note])
    assert codes(found) == {"N1"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(note,))
    with pytest.raises(Forbidden, match="N1"):
        apply(known, [named])


def test_n2_modifier_on_a_pair_of_indicator_0(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("20553"), line("20552"))
    sent = claim(tmp_path, line("20553"), line("20552:59"), **REPLACES)
    (note,) = evidence(billed, NOTE)
    named = correction("2400[2]/SV101-3", None, "59", note)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[note],
                      indicator_0_pairs={("20553", "20552")})  # fmt: skip
    assert codes(found) == {"N2"}


@pytest.mark.parametrize("primary", ["62323", "62320", "64483", "64495", "64635", "27096", "64451",
                                     "64454", "64624", "64625", "63650"])  # fmt: skip
def test_n3_guidance_beside_what_includes_it(primary: str, tmp_path: Path) -> None:
    billed = claim(tmp_path, line(primary), line("77003"))
    sent = claim(tmp_path, line(primary), line("77003"), **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N3"}
    without = claim(tmp_path, line(primary), **REPLACES)
    taken_off = correction("2400[2]", "HC:77003", None, RULE_ALONE)
    assert forbidden(billed, without, payer=ACME, corrections=[taken_off]) == ()
    apart = claim(tmp_path, line(primary), line("77003", day="20260315"), **REPLACES)
    assert "N3" not in codes(forbidden(billed, apart, payer=ACME))


def test_n3_leaves_guidance_that_is_its_own_service(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64520"), line("77003"))
    sent = claim(tmp_path, line("64520"), line("77003"), **REPLACES)
    assert forbidden(billed, sent, payer=ACME) == ()


@pytest.mark.parametrize(
    "sent",
    [
        {"lines": [line("64483", day="20260315")]},
        {"lines": [line("64483", units="2")]},
        {"lines": [line("64483", place="24")]},
        {"lines": [line("64483")], "place": "24"},
        {"lines": [line("64483")], "provider": "NM1*82*1*ROE*RICHARD****XX*1999999984"},
        {"lines": [line("64484")]},
    ],
    ids=["date", "units", "line's place", "claim's place", "provider", "code"],
)
def test_n4_facts_of_the_service_from_nowhere(sent, tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    more = {k: v for k, v in sent.items() if k != "lines"}
    found = forbidden(billed, claim(tmp_path, *sent["lines"], **REPLACES, **more), payer=ACME)
    assert codes(found) == {"N4"}


def test_n4_units_upward_with_a_note(tmp_path: Path) -> None:
    billed, sent = (
        claim(tmp_path, line("J1010")),
        claim(tmp_path, line("J1010", units="40"), **REPLACES),
    )
    (note,) = evidence(billed, NOTE)
    named = correction("2400[1]/SV104", "1", "40", note)
    assert forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[note]) == ()
    assert codes(forbidden(billed, sent, payer=ACME, corrections=[named])) == {"N4"}


def test_n4_level_of_a_visit_even_with_a_note(tmp_path: Path) -> None:
    billed, sent = claim(tmp_path, line("99213")), claim(tmp_path, line("99214"), **REPLACES)
    (note,) = evidence(billed, NOTE)
    named = correction("2400[1]/SV101-2", "99213", "99214", note)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[note])
    assert codes(found) == {"N4"}


def test_n5_diagnosis_has_to_be_documented(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    sent = claim(tmp_path, line("64483", pointers="2"), diagnoses="ABK:M5416*ABF:M5417", **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N5"}
    (fact,) = evidence(billed, DIAGNOSIS)
    named = [correction("2300/HI[2]", None, "ABF:M5417", fact)]
    assert forbidden(billed, sent, payer=ACME, corrections=named, evidence=[fact]) == ()
    (other,) = evidence(billed, {**DIAGNOSIS, "codes": ["M47.816"]})
    named = [correction("2300/HI[2]", None, "ABF:M5417", other)]
    found = forbidden(billed, sent, payer=ACME, corrections=named, evidence=[other])
    assert codes(found) == {"N5"}


def test_n5_pointing_elsewhere_is_a_change_of_diagnosis(tmp_path: Path) -> None:
    two = "ABK:M5416*ABF:M5417"
    billed = claim(tmp_path, line("64483", pointers="1"), diagnoses=two)
    sent = claim(tmp_path, line("64483", pointers="2"), diagnoses=two, **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N5"}


def test_n5_the_order_of_pointers_is_a_change_of_diagnosis(tmp_path: Path) -> None:
    two = "ABK:M5416*ABF:M5417"
    billed = claim(tmp_path, line("64483", pointers="1:2"), diagnoses=two)
    sent = claim(tmp_path, line("64483", pointers="2:1"), diagnoses=two, **REPLACES)
    [found] = forbidden(billed, sent, payer=ACME)
    assert found.code == "N5" and "another order" in found.reason


@pytest.mark.parametrize(
    ("change", "days", "expected"),
    [
        ({}, "D8*20260314", set()),
        ({"service_date": "2026-03-13"}, "D8*20260314", {"N5"}),
        ({"procedure_code": "20610"}, "D8*20260314", {"N5"}),
        ({}, "RD8*20260314-20260315", {"N5"}),
    ],
)
def test_n5_pointing_needs_a_record_of_that_procedure_and_day(
    change, days: str, expected: set[str], tmp_path: Path
) -> None:
    two = "ABK:M5416*ABF:M5417"
    service = ["SV1*HC:64483*100*UN*1***{}", f"DTP*472*{days}"]
    billed, sent = (
        claim(tmp_path, [service[0].format(at), service[1]], diagnoses=two, **more)
        for at, more in (("1", {}), ("2", REPLACES))
    )
    (fact,) = evidence(billed, {**DIAGNOSIS, **change})
    named = correction("2400[1]/SV107-1", "1", "2", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == expected
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    if expected:
        with pytest.raises(Forbidden, match="N5"):
            apply(known, [named])
    else:
        assert apply(known, [named])


def test_n6_lines_are_not_split_nor_lost(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483", charge="200", units="2"))
    split = claim(tmp_path, line("64483"), line("64483"), **REPLACES)
    assert "N6" in codes(forbidden(billed, split, payer=ACME))
    two = claim(tmp_path, line("64483"), line("J1010"))
    assert "N6" in codes(forbidden(two, claim(tmp_path, line("64483"), **REPLACES), payer=ACME))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, set()),
        ({"units": None, "rendering_npi": None, "place_of_service": None}, set()),
        ({"number": "A2"}, {"N7"}),
        ({"status": "pended"}, {"N7"}),
        ({"procedure_codes": ["64484"]}, {"N7"}),
        ({"valid_from": "2026-03-14"}, set()),
        ({"valid_from": "2026-03-15"}, {"N7"}),
        ({"valid_to": "2026-03-14"}, set()),
        ({"valid_to": "2026-03-13"}, {"N7"}),
        ({"units": 2, "units_used": 1}, set()),
        ({"units": 2, "units_used": 2}, {"N7"}),
        ({"rendering_npi": "1999999984"}, {"N7"}),
        ({"place_of_service": "24"}, {"N7"}),
    ],
)
@pytest.mark.parametrize("at_line", [False, True])
def test_n7_number_is_on_file_and_covers(change, expected, at_line: bool, tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    if at_line:
        sent = claim(tmp_path, line("64483", more="REF*G1*A1"), **REPLACES)
    else:
        sent = claim(tmp_path, line("64483"), frequency="7", references="REF*G1*A1~REF*F8*P1")
    (fact,) = evidence(billed, {**AUTHORIZATION, **change})
    place = "2400[1]/REF*G1" if at_line else "2300/REF*G1"
    named = correction(place, None, "A1", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == expected
    assert codes(forbidden(billed, sent, payer=ACME, evidence=[fact])) == {"N7"}
    assert codes(forbidden(billed, sent, payer=ACME, corrections=[named])) == {"N7"}


def test_n7_same_number_at_claim_and_line(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483", more="REF*G1*A1"))
    sent = claim(tmp_path, line("64483", more="REF*G1*A1"), frequency="7",
                 references="REF*G1*A1~REF*F8*P1")  # fmt: skip
    (fact,) = evidence(billed, AUTHORIZATION)
    named = correction("2300/REF*G1", None, "A1", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == {"N7"}


def test_n7_number_that_was_billed_so_may_stay(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"), references="REF*G1*OLD")
    sent = claim(tmp_path, line("64483"), frequency="7", references="REF*G1*OLD~REF*F8*P1")
    assert forbidden(billed, sent, payer=ACME) == ()


def test_n8_two_regions_as_levels(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("62321"), line("62323"))
    assert codes(forbidden(billed, claim(tmp_path, line("62323"), line("62321"), **REPLACES),
                           payer=ACME)) >= {"N8"}  # fmt: skip
    days = [line("62321"), line("62323", day="20260328")]
    billed, sent = claim(tmp_path, *days), claim(tmp_path, *days, **REPLACES)
    assert forbidden(billed, sent, payer=ACME) == ()


def test_n9_second_open_submission(tmp_path: Path) -> None:
    billed, sent = claim(tmp_path, line("64483")), claim(tmp_path, line("64483"), **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME, open_submission=True)) == {"N9"}


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_n10_payers_that_take_no_replacement(frequency: str, tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    sent = claim(tmp_path, line("64483"), frequency=frequency, references="REF*F8*P1")
    unknown = PayerProfile(name="", ids=("1",), known=False)
    assert forbidden(billed, sent, payer=ACME) == ()
    assert codes(forbidden(billed, sent, payer=PART_B)) == {"N10"}
    assert codes(forbidden(billed, sent, payer=unknown)) == {"N10"}


@pytest.mark.parametrize(
    ("filing", "payer", "expected"),
    [
        ("MB", {}, {"N10"}),
        ("MB", {"kind": "medicare_advantage", "claim_filing": ("16",)}, {"N10"}),
        ("MB", {"claim_filing": ("MB",)}, set()),
        ("16", {"kind": "medicare_advantage"}, set()),
        ("CI", {}, set()),
    ],
)
def test_n10_a_claim_of_part_b_at_a_payer_of_another_kind(
    filing: str, payer, expected: set[str], tmp_path: Path
) -> None:
    billed = filed(claim(tmp_path, line("64483")), filing)
    sent = filed(claim(tmp_path, line("64483"), **REPLACES), filing)
    profile = dataclasses.replace(ACME, **payer)
    assert codes(forbidden(billed, sent, payer=profile)) == expected


def test_n10_control_number_goes_with_replacements_only(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    bare = claim(tmp_path, line("64483"), frequency="7")
    original = claim(tmp_path, line("64483"), references="REF*F8*P1")
    assert codes(forbidden(billed, bare, payer=ACME)) == {"N10"}
    assert codes(forbidden(billed, original, payer=PART_B)) == {"N10", "RESEND"}


def test_new_claim_of_unprocessable_lines_at_part_b(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"), line("J1010"))
    sent = claim(tmp_path, line("J1010", more="LIN**N4*00009028003~CTP****40*ME"))
    drug = {"procedure_code": "J1010", "milligrams": 40, "ndc": "00009028003"}
    (note,) = evidence(billed, {**NOTE, "drugs": [drug]})
    ndc = correction("2400[2]/LIN03", None, "00009028003", note)
    known = {"payer": PART_B, "corrections": [ndc], "evidence": [note]}
    assert forbidden(billed, sent, lines=[2], **known) == ()
    bare = {"N4", "RESEND"}
    assert codes(forbidden(billed, sent, payer=PART_B, lines=[2])) == bare
    assert codes(forbidden(billed, sent, lines=[2], **{**known, "evidence": []})) == bare
    again = claim(tmp_path, line("J1010"))
    assert codes(forbidden(billed, again, payer=PART_B, lines=[2])) == {"RESEND"}
    assert {"N6", "RESEND"} <= codes(forbidden(billed, sent, lines=None, **known))
    assert "RESEND" in codes(forbidden(billed, claim(tmp_path, line("64483"), line("J1010")),
                                       **known))  # fmt: skip
    assert "N6" in codes(forbidden(billed, sent, payer=PART_B))


def test_a_new_claim_is_without_what_made_a_returned_line_unprocessable(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("62323:50:LT", place="22"), line("99213:25"))
    (note,) = evidence(billed, NOTE | {"place_of_service": None})
    without = claim(tmp_path, line("62323:LT", place="22"))
    shifted = [correction("2400[1]/SV101-3", "50", "LT", RULE_ALONE),
               correction("2400[1]/SV101-4", "LT", None, RULE_ALONE)]  # fmt: skip
    known = {"payer": PART_B, "lines": [1]}
    assert not forbidden(billed, without, corrections=shifted, **known)
    # The bytes are as they were, whatever the correction says; or the fact was withdrawn.
    again = claim(tmp_path, line("62323:50:LT", place="22"))
    assert codes(forbidden(billed, again, corrections=shifted, **known)) == {"RESEND"}
    noted = [correction(c.place, c.old_value, c.new_value, note) for c in shifted]
    assert not forbidden(billed, without, corrections=noted, evidence=[note], **known)
    assert codes(forbidden(billed, without, corrections=noted, **known)) == {"RESEND"}
    # Of a line that was not returned.
    other = [correction("2400[2]/SV101-3", "25", None, RULE_ALONE)]
    assert codes(forbidden(billed, again, corrections=other, **known)) == {"RESEND"}


def test_differences_that_no_correction_names(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483:LT"), line("J1010", units="40"))
    for lines, total in (
        ([line("64483"), line("J1010", units="40")], None),
        ([line("64483:LT"), line("J1010", units="30")], None),
        ([line("64483:LT"), line("J1010", units="40")], "150"),
    ):
        sent = claim(tmp_path, *lines, total=total, **REPLACES)
        assert codes(forbidden(billed, sent, payer=ACME)) == {"UNNAMED"}
    sent = claim(tmp_path, line("64483:LT", charge="90"), line("J1010", units="40"), **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N6"}


def test_violations_show_no_patient_data(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    sent = claim(tmp_path, line("99214:25", units="3", day="20260401"), **REPLACES)
    shown = " ".join(v.reason for v in forbidden(billed, sent, payer=PART_B))
    assert not any(s in shown for s in ("PCN1", "DOE", "W123456789", "2026"))


def test_days_that_touch_are_one_day(tmp_path: Path) -> None:
    stay = ["SV1*HC:62323*100*UN*1***1", "DTP*472*RD8*20260313-20260314"]
    for day, expected in (("20260312", set()), ("20260313", {"N3"}), ("20260314", {"N3"}),
                          ("20260315", set())):  # fmt: skip
        lines = [stay, line("77003", day=day)]
        billed, sent = claim(tmp_path, *lines), claim(tmp_path, *lines, **REPLACES)
        assert codes(forbidden(billed, sent, payer=ACME)) == expected


def test_a_line_without_a_date_counts_as_of_the_day(tmp_path: Path) -> None:
    lines = [line("62321"), ["SV1*HC:62323*100*UN*1***1"]]
    billed, sent = claim(tmp_path, *lines), claim(tmp_path, *lines, **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N8"}


def test_n2_pairs_may_not_stand_together_even_unchanged(tmp_path: Path) -> None:
    lines = [line("20553"), line("20552")]
    billed, sent = claim(tmp_path, *lines), claim(tmp_path, *lines, **REPLACES)
    found = forbidden(billed, sent, payer=ACME, indicator_0_pairs={("20553", "20552")})
    assert codes(found) == {"N2"}


def test_n7_a_number_moved_to_the_claim_may_not_stay_on_a_line(tmp_path: Path) -> None:
    lines = [line("64483", more="REF*G1*A1")]
    both = {"frequency": "7", "references": "REF*G1*A1~REF*F8*P1"}
    billed = claim(tmp_path, *lines, references="REF*G1*A1")
    # As it was billed, so it may stay: it is not ours to mend unasked.
    assert forbidden(billed, claim(tmp_path, *lines, **both), payer=ACME) == ()


def test_who_and_where_with_a_note(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    (note, diagnosis) = evidence(billed, NOTE, DIAGNOSIS)
    sent = claim(tmp_path, line("64483", place="24"), **REPLACES)
    for fact, expected in ((note, set()), (diagnosis, {"N4"})):
        named = correction("2400[1]/SV105", None, "24", fact)
        found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
        assert codes(found) == expected


def test_member_id_with_the_payers_own_answer(tmp_path: Path) -> None:
    from cases.reading import claim_file, segments
    from edi.claim import Claim
    from edi.read_837p import read_837p

    billed = claim(tmp_path, line("64483"))
    own = segments("CLM*PCN1*100***11:B:7*Y*A*Y*Y~REF*F8*P1~HI*ABK:M5416~LX*1~"
                   "SV1*HC:64483*100*UN*1***1~DTP*472*D8*20260314~")  # fmt: skip
    path = tmp_path / "other.837"
    path.write_text(claim_file(own, member="W123456780"), encoding="latin-1")
    (sent,) = [c for c in read_837p(path) if isinstance(c, Claim)]
    assert codes(forbidden(billed, sent, payer=ACME)) == {"UNNAMED"}
    about = {"patient_control_number": "PCN1"}
    for attested_on, expected in (("2026-02-12", set()), ("2026-02-11", {"UNNAMED"})):
        (fact,) = evidence(billed, {"kind": "subscriber", "member_id": "W123456780",
                                    "attested_on": attested_on, **about})  # fmt: skip
        named = correction("2010BA/NM109", "W123456789", "W123456780", fact)
        found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
        assert codes(found) == expected


def test_n5_a_diagnosis_of_a_day_that_the_claim_has_not(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    sent = claim(tmp_path, line("64483"), diagnoses="ABK:M5416*ABF:M5417", **REPLACES)
    for day, expected in (("2026-03-14", set()), ("2025-03-14", {"N5"})):
        (fact,) = evidence(billed, {**DIAGNOSIS, "service_date": day})
        named = correction("2300/HI[2]", None, "ABF:M5417", fact)
        found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
        assert codes(found) == expected


SPLIT = "2400[2]"


def both_sides(folder: Path, *sent_lines: list[str], text: str = "2400[1]*HC:64483:LT*50*UN*1"):
    """What is found where a line with 50 goes out as these lines."""
    billed = claim(folder, line("64483:50"))
    named = [
        correction("2400[1]/SV101-3", "50", "RT", RULE_ALONE),
        correction("2400[1]/SV102", "100", "50", RULE_ALONE),
        correction(SPLIT, None, text, RULE_ALONE),
    ]
    sent = claim(folder, *sent_lines, **REPLACES)
    return codes(forbidden(billed, sent, payer=ACME, corrections=named))


def test_n6_a_line_is_added_for_the_other_side_alone(tmp_path: Path) -> None:
    right, left = line("64483:RT", "50"), line("64483:LT", "50")
    assert both_sides(tmp_path, right, left) == set()
    for other in (
        line("64483:RT", "50"),
        line("64483:LT", "51"),
        line("64483:LT", "50", units="2"),
        line("64483:LT", "50", day="20260315"),
        line("64483:LT", "50", place="24"),
        line("64484:LT", "50"),
    ):
        assert "N6" in both_sides(tmp_path, right, other)
    assert "N6" in both_sides(tmp_path, right, left, line("64483:LT", "50"))
    assert "N6" in both_sides(tmp_path, right, left, text="2400[1]")


def test_n6_no_line_is_added_to_one_without_50(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    named = [
        correction("2400[1]/SV101-3", None, "RT", RULE_ALONE),
        correction("2400[1]/SV102", "100", "50", RULE_ALONE),
        correction(SPLIT, None, "2400[1]*HC:64483:LT*50*UN*1", RULE_ALONE),
    ]
    sent = claim(tmp_path, line("64483:RT", "50"), line("64483:LT", "50"), **REPLACES)
    assert codes(forbidden(billed, sent, payer=ACME, corrections=named)) == {"N1", "N6"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20))
    with pytest.raises(Forbidden, match="N6"):
        apply(known, [named[2]])


def test_two_sides_become_one_line_with_50(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483:RT", "50"), line("64483:LT", "50"))
    named = [
        correction("2400[1]/SV101-3", "RT", "50", RULE_ALONE),
        correction("2400[1]/SV102", "50", "100", RULE_ALONE),
        correction("2400[2]", "HC:64483:LT", None, RULE_ALONE),
    ]
    whole = claim(tmp_path, line("64483:50"), **REPLACES)
    assert forbidden(billed, whole, payer=ACME, corrections=named) == ()
    dearer = claim(tmp_path, line("64483:50", "101"), **REPLACES)
    assert "N1" in codes(forbidden(billed, dearer, payer=ACME, corrections=named))
