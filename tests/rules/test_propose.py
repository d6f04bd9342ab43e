"""The gates before a replacement, conflicts, and where a denial goes that no rule answers."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cases.claims import ACME, AUTHORIZATION, EVALUATION, claim, evidence, filed, line
from edi.envelope import ByteRange
from edi.party import PatientLoop
from edi.segment import Adjustment, PatientInformation
from rules.classify import classify, deny
from rules.decision import (
    AUTOMATIC,
    CORRECTED,
    NEEDS_EVIDENCE,
    PATHS,
    REFUSED,
    ROUTED,
    ClaimFacts,
    Correction,
    Decision,
    DeniedLine,
    LineAdjudication,
    Proposal,
)
from rules.payer import PayerProfile
from rules.propose import propose
from rules.registry import ALL_RULES
from rules.rule import Rule


def denied(code: str = "197", position: int | None = 1, **more) -> DeniedLine:
    group, remarks = more.pop("group_code", "CO"), more.pop("remark_codes", ())
    kind = more.pop("kind", None)
    meaning = classify(group, code, remarks, payer_kind=kind)
    base = DeniedLine(
        line_position=position, group_code=group, reason_code=code, remark_codes=remarks,
        adjustments=(Adjustment(group, code, Decimal(100), None),), category=meaning.category,
        path=meaning.path, denied_amount=Decimal(100), charge_amount=Decimal(100),
        payment_amount=Decimal(0), allowed_amount=Decimal(0), denied_on=date(2026, 4, 1),
        claim_status_code="1", payer_claim_control_number="PCCN1",
    )  # fmt: skip
    return dataclasses.replace(base, **more)


def facts(folder: Path, *lines: list[str], records=(AUTHORIZATION,), **more) -> ClaimFacts:
    billed = claim(folder, *(lines or (line("64483"),)))
    base = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20),
                      evidence=evidence(billed, *records))  # fmt: skip
    return dataclasses.replace(base, **more)


def one(line_: DeniedLine, known: ClaimFacts, **more) -> Decision:
    (decision,) = propose([line_], known, **more)
    return decision


def test_nothing_in_the_way(tmp_path: Path) -> None:
    found = one(denied(), facts(tmp_path))
    assert (found.decision, found.path, found.safety) == (CORRECTED, "replacement", AUTOMATIC)
    assert found.needs_person == () and found.rule_version == 3


def test_status_4_with_a_reason_that_knows_the_patient_waits_for_a_person(tmp_path: Path) -> None:
    """Older payers send claim status 4 for any denial; a new claim would be a duplicate."""
    found = one(denied(claim_status_code="4"), facts(tmp_path))
    assert (found.decision, found.path) == (CORRECTED, "replacement")
    assert any("status 4" in why for why in found.needs_person)


PART_B = {"kind": "medicare_part_b", "replacement_claims": False}
GATES = [
    ("unbalanced", {"is_balanced": False}, {}, {}, REFUSED, "review", False),
    ("not recognised", {"claim_status_code": "4", "category": "eligibility"}, {}, {}, ROUTED,
     "new_claim", True),
    ("unknown payer", {}, {"replacement_claims": None}, {}, REFUSED, "review", False),
    ("takes none", {}, {"replacement_claims": False}, {}, REFUSED, "review", True),
    ("no number", {"payer_claim_control_number": None}, {}, {}, REFUSED, "review", False),
    ("pending", {}, {}, {"open_submission": True}, REFUSED, "hold", False),
    ("closed", {}, {"corrected_claim_days": 18}, {}, REFUSED, "appeal", True),
    ("closed, appeals not known", {}, {"corrected_claim_days": 18, "appeal_days": None}, {},
     REFUSED, "appeal", True),
    ("both closed", {}, {"corrected_claim_days": 18, "appeal_days": 18}, {}, REFUSED,
     "write_off", True),
    ("appeal on its last day", {}, {"corrected_claim_days": 18, "appeal_days": 19}, {}, REFUSED,
     "appeal", True),
    ("closed from service", {}, {"corrected_claim_days": 36, "corrected_claim_from": "service"},
     {}, REFUSED, "appeal", True),
]  # fmt: skip


@pytest.mark.parametrize(("line_", "payer", "known", "decision", "path", "final"),
                         [g[1:] for g in GATES], ids=[g[0] for g in GATES])  # fmt: skip
def test_gates(line_, payer, known, decision, path, final, tmp_path: Path) -> None:
    profile = dataclasses.replace(ACME, **payer)
    found = one(denied(**line_), facts(tmp_path, payer=profile, **known))
    assert (found.decision, found.path) == (decision, path)
    assert found.corrections == () and found.rule_code == "carc197.prior-authorization"
    # What could not be sent anyhow does not ask for evidence; what may yet be sent does.
    found = one(denied(**line_), facts(tmp_path, payer=profile, records=(), **known))
    assert found.path == path
    assert found.decision == (decision if final else NEEDS_EVIDENCE)
    assert found.missing_evidence == (() if final else ("authorization",))


@pytest.mark.parametrize(
    ("filing", "payer", "path"),
    [
        ("MB", {}, "review"),
        ("MB", {"kind": "medicare_advantage"}, "review"),
        ("MB", {"claim_filing": ("16",)}, "review"),
        ("MB", {"claim_filing": ("16", "MB")}, "replacement"),
        ("16", {"kind": "medicare_advantage"}, "replacement"),
        ("MB", PART_B, "reopening"),
        ("MB", {"known": False, "replacement_claims": None}, "review"),
    ],
)
def test_a_claim_of_part_b_at_a_payer_of_another_kind(
    filing: str, payer, path: str, tmp_path: Path
) -> None:
    known = facts(tmp_path, payer=dataclasses.replace(ACME, **payer))
    known = dataclasses.replace(known, claim=filed(known.claim, filing))
    found = one(denied(), known)
    assert found.path == path and bool(found.corrections) == (path == "replacement")
    differ = path == "review" and known.payer.known
    assert ("disagree about the line of business" in found.explanation) == differ


@pytest.mark.parametrize(
    ("payer", "as_of", "decision"),
    [
        ({"corrected_claim_days": 19}, date(2026, 4, 20), CORRECTED),
        ({"corrected_claim_days": 19}, date(2026, 4, 21), REFUSED),
        ({"corrected_claim_days": 37, "corrected_claim_from": "service"}, date(2026, 4, 20),
         CORRECTED),
        ({"corrected_claim_days": 37, "corrected_claim_from": "service"}, date(2026, 4, 21),
         REFUSED),
    ],
)  # fmt: skip
def test_both_sides_of_the_window(payer, as_of: date, decision: str, tmp_path: Path) -> None:
    known = facts(tmp_path, payer=dataclasses.replace(ACME, **payer), as_of=as_of)
    assert one(denied(), known).decision == decision


@pytest.mark.parametrize(
    ("line_", "known", "word"),
    [
        ({}, {"payer": dataclasses.replace(ACME, corrected_claim_days=None)}, "not known"),
        ({}, {"paid_amount": Decimal("0.01")}, "paid something"),
        ({}, {"corrected_before": True}, "once already"),
        ({"adjustments": (Adjustment("CO", "197", Decimal(60), None),
                          Adjustment("CO", "50", Decimal(40), None))}, {}, "CARC 50"),
    ],
)  # fmt: skip
def test_who_may_let_it_go(line_, known, word: str, tmp_path: Path) -> None:
    found = one(denied(**line_), facts(tmp_path, **known))
    assert found.decision == CORRECTED and len(found.needs_person) == 1
    assert word in found.needs_person[0]


def test_settings_may_let_paid_claims_go(tmp_path: Path) -> None:
    known = facts(tmp_path, paid_amount=Decimal(90))
    assert one(denied(), known).needs_person
    assert one(denied(), known, paid_claims_need_person=False).needs_person == ()


def test_contractual_beside_the_denial_needs_nobody(tmp_path: Path) -> None:
    """Nor does another reason that takes no money."""
    for reason, amount in (("45", 40), ("50", 0)):
        other = Adjustment("CO", reason, Decimal(amount), None)
        both = (Adjustment("CO", "197", Decimal(60), None), other)
        assert one(denied(adjustments=both), facts(tmp_path)).needs_person == ()


def test_patient_who_paid_what_the_payer_says_he_owes(tmp_path: Path) -> None:
    known = facts(tmp_path)
    paid = claim(tmp_path, line("64483"), references="AMT*F5*20")
    known = dataclasses.replace(known, claim=paid)
    assert one(denied(), known).needs_person == ()
    assert "patient" in one(denied(group_code="PR"), known).needs_person[0]
    for told in ("AMT*F5*0", "AMT*MA*20"):
        unpaid = claim(tmp_path, line("64483"), references=told)
        unpaid_known = dataclasses.replace(known, claim=unpaid)
        assert one(denied(group_code="PR"), unpaid_known).needs_person == ()
    # A replacement bills the other lines again too.
    for cas, amount, asks in (
        ("PR-35", 20, True),
        ("PR-3", 20, False),
        ("PR-35", 0, False),
        ("CO-35", 20, False),
    ):
        other = Adjustment(*cas.split("-"), Decimal(amount), None)
        line_ = LineAdjudication(
            line_position=2, charge_amount=Decimal(20), payment_amount=Decimal(0),
            adjustments=(other,),
        )  # fmt: skip
        known = dataclasses.replace(known, adjudications=(line_,))
        assert bool(one(denied(), known).needs_person) == asks


def test_what_is_said_of_a_line_that_cannot_be_told_changes_none(tmp_path: Path) -> None:
    known = facts(tmp_path)
    found = one(denied(position=None, is_unplaced=True), known)
    assert (found.decision, found.path, found.rule_code) == (ROUTED, "review", None)
    assert found.corrections == () and "which line" in found.explanation
    # A denial of the claim as a whole is about no line in particular.
    assert one(denied(position=None), known).decision == CORRECTED
    # What the payer has not decided yet is waited for, whichever line it is.
    pended = denied("133", None, group_code="OA", is_unplaced=True)
    assert one(pended, known).path == pended.path == "hold"


@pytest.mark.parametrize(
    ("adjustments", "path", "words"),
    [
        ("", "review", "gave no reason code"),
        ("CO-45 100", "review", "nobody is said to owe it"),
        ("CO-59 60,PR-45 40", "review", "nothing was allowed, but no code says why"),
        ("CO-59 100,PR-3 0", "review", "nobody is said to owe it"),
        ("CO-P12 100", "review", "no code says why"),
        ("OA-B11 100", "hold", "Watch for that one's answer"),
        ("OA-133 100", "hold", "has not decided yet"),
        ("PR-149 100", "patient", "The patient owes it, says the payer"),
        ("PR-227 100", "patient", "have the patient give it"),
        ("OA-149 100", "review", "a person decides"),
    ],
)
def test_what_no_rule_answers_is_told_in_words_that_hold(
    adjustments: str, path: str, words: str, tmp_path: Path
) -> None:
    told = [part.split() for part in filter(None, adjustments.split(","))]
    cas = tuple(Adjustment(*code.split("-", 1), Decimal(amount), None) for code, amount in told)
    found = deny(cas, [], Decimal(100), Decimal(0), Decimal(0))
    assert found is not None
    line_ = denied(found.reason_code, group_code=found.group_code, adjustments=cas,
                   category=found.category, path=found.path)  # fmt: skip
    decision = one(line_, facts(tmp_path, records=()))
    assert (decision.path, decision.decision) == (path, ROUTED)
    assert words in decision.explanation


@pytest.mark.parametrize("payer", [ACME, PayerProfile(name="", ids=("OTHER1",), known=False)])
def test_what_another_payer_denied_changes_nothing_at_the_claims_own(payer, tmp_path: Path) -> None:
    """What would correct it is on file, and stays unused; what that payer still decides waits."""
    found = one(denied(other_payer=payer), facts(tmp_path))
    assert (found.decision, found.path, found.rule_code) == (ROUTED, "review", None)
    assert found.corrections == () and "from another payer" in found.explanation
    assert ("(Acme Health)" in found.explanation) == payer.known
    assert one(denied("133", other_payer=payer), facts(tmp_path)).path == "hold"


def test_one_replacement_for_all_lines(tmp_path: Path) -> None:
    known = facts(tmp_path, line("64483"), line("99213"), records=(AUTHORIZATION, EVALUATION))
    lines = [denied(), denied("97", 2), denied("50", 2)]
    first, second, third = propose(lines, known)
    assert [c.place for c in first.corrections] == ["2300/REF*G1"]
    assert [c.place for c in second.corrections] == ["2400[2]/SV101-3"]
    assert (third.decision, third.path, third.rule_code) == (ROUTED, "appeal", None)
    assert [d.line for d in (first, second, third)] == lines


def test_two_regions_block_the_claim(tmp_path: Path) -> None:
    known = facts(tmp_path, line("64483"), line("62321"), line("62323"))
    found = one(denied(), known)
    assert (found.decision, found.path) == (REFUSED, "review") and "62321" in found.explanation


REFERRAL = {"kind": "referral", "number": "A1", "procedure_codes": ["64483"], "units": 1,
            "valid_from": "2026-03-01", "valid_to": "2026-05-30",
            "referring_npi": "1999999984"}  # fmt: skip


@pytest.mark.parametrize(("wasted", "decision"), [(0, CORRECTED), (1, REFUSED)])
def test_no_replacement_says_once_more_that_nothing_was_thrown_away(
    wasted: int, decision: str, tmp_path: Path
) -> None:
    note = {"kind": "procedure_note", "service_date": "2026-03-14", "sites": [],
            "drugs": [{"procedure_code": "J1010", "milligrams": 40, "container": "single_dose",
                       "wasted_milligrams": wasted}]}  # fmt: skip
    known = facts(tmp_path, line("64483"), line("J1010:JZ", units="40"),
                  records=(AUTHORIZATION, note))  # fmt: skip
    found = one(denied(), known)
    assert found.decision == decision
    silent = facts(tmp_path, line("64483"), line("J1010", units="40"),
                   records=(AUTHORIZATION, note))  # fmt: skip
    assert one(denied(), silent).decision == CORRECTED
    assert ("says with JZ" in found.explanation) == (decision == REFUSED)


@pytest.mark.parametrize("code", ["197", "198", "288"])
def test_units_that_another_claim_takes_are_counted_by_a_person(code: str, tmp_path: Path) -> None:
    record = REFERRAL if code == "288" else AUTHORIZATION

    def asked(units: int | None, *numbers: str) -> list[str]:
        known = facts(tmp_path, records=({**record, "units": units},),
                      numbers_elsewhere=frozenset(numbers))  # fmt: skip
        found = one(denied(code), known)
        assert found.decision == CORRECTED and found.corrections[0].new_value == "A1"
        return [why for why in found.needs_person if "goes with another claim already" in why]

    [why] = asked(1, "a-1")
    assert "count what is left of its units" in why
    assert asked(1) == asked(1, "A2") == asked(None, "A1") == []


@pytest.mark.parametrize(
    ("about", "shared", "waits"),
    [
        ({"payer_id": "87726", "member_id": "W123456789"}, True, True),
        ({"payer_id": "87726", "member_id": "W123456789"}, False, False),
        ({}, True, False),
    ],
    ids=["of the family", "of one member", "of the claim"],
)
def test_a_chart_record_of_a_family_is_read_by_a_person(
    about, shared: bool, waits: bool, tmp_path: Path
) -> None:
    known = facts(tmp_path, line("99214"), line("64483"), records=(EVALUATION | about,),
                  member_is_shared=shared)  # fmt: skip
    found = one(denied("97"), known)
    assert found.decision == CORRECTED
    assert any("evaluation DOC-1 names the member id" in w for w in found.needs_person) == waits


def test_a_record_under_the_member_id_of_a_dependent_is_read_by_a_person(tmp_path: Path) -> None:
    """The claim says itself that its patient is not the only one under that id."""
    about = {"payer_id": "87726", "member_id": "W123456789"}
    known = facts(tmp_path, line("99214"), line("64483"), records=(EVALUATION | about,))
    child = PatientLoop(PatientInformation("19", None, None, None, None), (), (), ByteRange(0, 0))
    known = dataclasses.replace(known, claim=known.claim._replace(patient=child))
    found = one(denied("97"), known)
    assert found.decision == CORRECTED
    assert any("names the member id" in why for why in found.needs_person)


def test_a_record_of_a_number_that_several_claims_have_is_looked_at(tmp_path: Path) -> None:
    """Unless it names a day of service that this claim alone has."""
    by_number = {**AUTHORIZATION, "patient_control_number": "PCN1"}
    visit = (line("64483"), line("99213"))

    def asked(record: dict[str, object], *days: date) -> bool:
        known = facts(tmp_path, *visit, records=(record,),
                      same_number_days=tuple((day, day) for day in days))  # fmt: skip
        found = one(denied("97", 2) if record is EVALUATION else denied(), known)
        assert found.decision == CORRECTED
        return any("is about this one" in why for why in found.needs_person)

    day, other = date(2026, 3, 14), date(2025, 3, 14)
    assert asked(by_number, other) and asked(by_number, day) and not asked(by_number)
    assert not asked(AUTHORIZATION, other)
    assert asked(EVALUATION, day) and asked(EVALUATION, other, day)
    assert not asked(EVALUATION, other) and not asked(EVALUATION)


def test_no_new_claim_to_a_payer_that_nothing_is_known_of(tmp_path: Path) -> None:
    subscriber = {"kind": "subscriber", "patient_control_number": "PCN1",
                  "member_id": "W123456780"}  # fmt: skip
    for takes, expected in ((True, CORRECTED), (None, REFUSED)):
        payer = dataclasses.replace(ACME, replacement_claims=takes)
        found = one(denied("31", claim_status_code="4"),
                    facts(tmp_path, records=(subscriber,), payer=payer))  # fmt: skip
        assert found.decision == expected
    assert found.path == "review" and "payers.toml does not say" in found.explanation


def test_a_claim_written_after_the_payer_decided_is_looked_at(tmp_path: Path) -> None:
    """It may be history that was loaded, or a resend that the payer has not answered."""
    for day, asks in ((1, False), (2, True)):
        found = one(denied(), facts(tmp_path, submitted_on=date(2026, 4, day)))
        assert found.decision == CORRECTED
        assert any("written after the payer decided" in why for why in found.needs_person) == asks


def test_a_claim_that_no_line_would_be_left_on_waits_for_a_person(tmp_path: Path) -> None:
    """The rule takes one line off, what is unbillable is the other."""
    known = facts(tmp_path, line("64483"), line("77003"))

    def consider(line_: DeniedLine, found: ClaimFacts) -> Proposal:
        off = Correction(
            place="2400[1]",
            old_value="HC:64483",
            new_value=None,
            evidence=found.evidence,
            rule_code="test.off",
            rule_version=1,
            reason="x",
        )
        return Proposal(corrections=(off,), explanation="It was not done.")  # fmt: skip

    rule = Rule(code="test.off", version=1, answers=("197",), safety=AUTOMATIC, sources=("x",),
                consider=consider)  # fmt: skip
    [found] = propose([denied()], known, rules=(rule,))
    assert (found.decision, found.path, found.corrections) == (REFUSED, "review", ())
    assert "no line would be left" in found.explanation and len(found.worksheet) == 2


def test_a_claim_whose_every_line_is_unbillable_goes_nowhere(tmp_path: Path) -> None:
    """Edits of which each one takes the other one's line off."""
    known = facts(tmp_path, line("64483"), line("20610"),
                  indicator_0_pairs=frozenset({("64483", "20610"), ("20610", "64483")})
                  )  # fmt: skip
    found = one(denied(), known)
    assert (found.decision, found.path, found.corrections) == (REFUSED, "review", ())
    assert "no line would be left" in found.explanation


def test_unbillable_line_goes_with_the_replacement_and_needs_a_person(tmp_path: Path) -> None:
    known = facts(tmp_path, line("64483"), line("77003"))
    first, second = propose([denied(), denied("97", 2)], known)
    assert [c.place for c in first.corrections] == ["2300/REF*G1", "2400[2]", "2300/CLM02"]
    assert len(first.needs_person) == 1 and "takes a line off" in first.needs_person[0]
    assert (second.decision, second.path) == (REFUSED, "write_off")


def test_a_correction_on_a_line_that_is_taken_off_is_refused(tmp_path: Path) -> None:
    known = facts(tmp_path, line("20610"), line("99213"), records=(EVALUATION,),
                  indicator_0_pairs=frozenset({("20610", "99213")}))  # fmt: skip
    assert one(denied("97", 2), known).path == "write_off"


def wants(code: str, value: str) -> Rule:
    """A rule that wants one value in 2400[1]/SV101-3, whatever the denial."""

    def consider(line_: DeniedLine, known: ClaimFacts) -> Proposal:
        change = Correction(
            place="2400[1]/SV101-3", old_value=None, new_value=value, evidence=known.evidence,
            rule_code=code, rule_version=1, reason="x",
        )  # fmt: skip
        return Proposal(corrections=(change,), explanation="x")

    return Rule(code, 1, (), "approval", (), consider)


def test_what_a_rule_wants_on_a_line_that_is_taken_off_is_written_off(tmp_path: Path) -> None:
    """Whatever the rule: a modifier on a line that the claim may not carry corrects nothing."""
    for pairs, decision, path in (
        ({("20553", "20552")}, REFUSED, "write_off"),
        (set(), CORRECTED, "replacement"),
    ):
        known = facts(tmp_path, line("20552"), line("20553"), indicator_0_pairs=frozenset(pairs))
        [found] = propose([denied("50")], known, rules=(wants("one", "LT"),))
        assert (found.decision, found.path) == (decision, path)
        assert bool(found.corrections) == (decision == CORRECTED)
        assert ("may not be billed beside another" in found.explanation) == bool(pairs)


def only(rule: Rule, reason_code: str) -> Rule:
    """The rule, for one reason code alone."""
    return rule._replace(
        consider=lambda x, f: rule.consider(x, f) if x.reason_code == reason_code else None
    )


def test_conflicts_go_by_the_order_of_rules(tmp_path: Path) -> None:
    rules = (only(wants("one", "LT"), "50"), only(wants("two", "RT"), "97"))
    first, second = propose([denied("97"), denied("50")], facts(tmp_path), rules=rules)
    assert (first.decision, first.path) == (REFUSED, "review")
    assert second.decision == CORRECTED


def test_conflicts_within_one_rule_go_to_review(tmp_path: Path) -> None:
    def consider(line_: DeniedLine, known: ClaimFacts) -> Proposal:
        outcome = wants("one", "LT" if line_.reason_code == "50" else "RT").consider(line_, known)
        assert isinstance(outcome, Proposal)
        return outcome

    rules = (Rule("one", 1, (), "approval", (), consider),)
    for found in propose([denied("97"), denied("50")], facts(tmp_path), rules=rules):
        assert (found.decision, found.path) == (REFUSED, "review")


def asks(place: str, old: str | None, new: str | None, reason_code: str) -> Rule:
    """A rule that wants one change, for one reason code."""

    def consider(line_: DeniedLine, known: ClaimFacts) -> Proposal | None:
        change = Correction(
            place=place, old_value=old, new_value=new, evidence=known.evidence,
            rule_code=reason_code, rule_version=1, reason="x",
        )  # fmt: skip
        mine = line_.reason_code == reason_code
        return Proposal(corrections=(change,), explanation="x") if mine else None

    return Rule(reason_code, 1, (), "approval", (), consider)


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        (("2400[1]", "HC:64483", None), ("2400[1]/SV101-3", None, "LT"), True),
        (("2400[1]/SV101-3", None, "LT"), ("2400[1]", "HC:64483", None), True),
        (("2400[1]", "HC:64483", None), ("2400[2]/SV101-3", None, "LT"), False),
        (("2400[1]/SV101-3", None, "LT"), ("2400[1]/SV101-4", None, "LT"), False),
        (("2300/REF*G1", None, "A1"), ("2300/REF*9F", None, "A1"), False),
    ],
)
def test_what_conflicts(first, second, conflict: bool, tmp_path: Path) -> None:
    rules = (asks(*first, "50"), asks(*second, "97"))
    known = facts(tmp_path, line("64483"), line("20610"))
    one_, other = propose([denied("50"), denied("97")], known, rules=rules)
    assert one_.decision == CORRECTED
    assert other.decision == (REFUSED if conflict else CORRECTED)


def test_agreement_is_no_conflict(tmp_path: Path) -> None:
    rules = (wants("one", "LT"),)
    found = propose([denied("97"), denied("50")], facts(tmp_path), rules=rules)
    assert [d.decision for d in found] == [CORRECTED, CORRECTED]
    assert found[0].corrections == found[1].corrections


@pytest.mark.parametrize(
    ("line_", "payer", "path", "word"),
    [
        (denied("50"), {}, "appeal", "appeal"),
        (denied("16", remark_codes=("N286",)), {}, "replacement", "no rule here"),
        (denied("16", remark_codes=("MA130",), kind="medicare_part_b"), PART_B, "new_claim",
         "MA130"),
        (denied("6", kind="medicare_part_b"), PART_B, "reopening", "reopening"),
        (denied("239"), {}, "new_claim", "new claim"),
        (denied("16", claim_status_code="4"), {}, "new_claim", "claim status 4"),
        (denied("50", claim_status_code="4"), {}, "appeal", "appeal"),
        (denied("35", group_code="PR"), {}, "patient", "patient owes"),
        (denied("35", group_code="PR", remark_codes=("N781",)), {}, "bill_other_payer",
         "do not bill the patient"),
        (denied("22", path="hold", claim_status_code="19"), {}, "hold", "passed the claim on"),
        (denied("133", claim_status_code="19", denied_amount=Decimal(0)), {}, "hold",
         "has not decided yet"),
        (denied("50", claim_status_code="19"), {}, "appeal", "appeal"),
        (denied("ZZ9"), {}, "review", "not known here"),
        (denied("45", path="review"), {}, "review", "nothing was allowed"),
        (denied("133"), {}, "hold", "Wait"),
        (denied("252"), {}, "documentation", "records"),
        (denied("109"), {}, "bill_other_payer", "Another payer"),
        (denied("53"), {}, "write_off", "write it off"),
    ],
)  # fmt: skip
def test_routes_in_words(line_: DeniedLine, payer, path: str, word: str, tmp_path: Path) -> None:
    known = facts(tmp_path, line("20610"), payer=dataclasses.replace(ACME, **payer))
    found = one(line_, known)
    assert (found.decision, found.path, found.rule_code) == (ROUTED, path, None)
    assert word in found.explanation and found.corrections == ()


def test_every_path_has_words(tmp_path: Path) -> None:
    known = facts(tmp_path, line("20610"))
    for path in PATHS:
        assert one(denied("50", path=path), known).explanation


def test_unknown_payer_profile_emits_nothing(tmp_path: Path) -> None:
    unknown = PayerProfile(name="", ids=("87726",), known=False)
    found = one(denied(), facts(tmp_path, payer=unknown))
    assert (found.decision, found.path, found.corrections) == (REFUSED, "review", ())


def test_rules_answer_only_what_they_say(tmp_path: Path) -> None:
    known = facts(tmp_path, line("64483"), line("99213"), line("77003"))
    for rule in ALL_RULES:
        for code in ("45", "50", "16", "1", "ZZ9"):
            assert all(rule.consider(denied(code, n), known) is None for n in (1, 2, 3, None))
