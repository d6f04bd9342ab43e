"""The simulated payer against its own promises: it balances, remembers, and heals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from simulator.adjudication import Adjusted, DecidedClaim
from simulator.balance_check import imbalances
from simulator.payer import Payer, PayerProfile
from simulator.plan import ClaimDenial, ClaimPlan, Cure, LineDenial, Plans, Quirks
from simulator.practice import Claim, Clinician, Destination, Line, Person, write_837p
from simulator.remittance_text import PayerName
from simulator.x12_text import npi, split

ACME = Destination(name="ACME HEALTH", identifier="87726", claim_filing="CI")
PROFILE = PayerProfile(
    name=PayerName(name="ACME HEALTH", identifier="87726", tax_id="999999999", claim_filing="12")
)
DANA = Clinician(last_name="EXAMPLE", first_name="DANA", npi=npi("123456789"))
WRITTEN, PAID, PAID_AGAIN = datetime(2026, 9, 1, 8), date(2026, 9, 14), date(2026, 9, 28)


def claim(number: str = "T1001", *codes: str) -> Claim:
    """A claim for the codes, or for a visit and an injection."""
    lines = [
        Line(procedure_code=code, line_item_control_number=f"{number}L{nth}")
        for nth, code in enumerate(codes or ("99213", "64483"), start=1)
    ]
    return Claim(
        patient_control_number=number,
        destination=ACME,
        subscriber=Person(last_name="TESTCASE", first_name="ALFA"),
        member_id="W000000001",
        lines=tuple(lines),
        service_date=date(2026, 8, 24),
        rendering=DANA,
    )


def send(*claims: Claim) -> bytes:
    """One file with the claims."""
    return write_837p(claims, control_number=1, written_at=WRITTEN)


def denied(code: str, reason: str, cure: Cure | None = None) -> ClaimPlan:
    """A plan that denies one code."""
    denial = LineDenial(procedure_code=code, group_code="CO", reason_code=reason, cure=cure)
    return ClaimPlan(denials=(denial,))


def payer(quirks: Quirks | None = None, **plans: ClaimPlan) -> Payer:
    """A payer with plans by patient control number."""
    return Payer(PROFILE, Plans(by_claim=plans), quirks or Quirks())


def test_a_clean_claim_is_divided_into_contract_patient_and_payment() -> None:
    answer = payer().answer([send(claim())], paid_on=PAID, control_number=9)
    [decided] = answer.decided.claims
    assert imbalances(answer.data) == []
    assert not answer.denials
    assert [a.reason_code for line in decided.lines for a in line.adjustments] == ["45", "2"] * 2
    assert answer.decided.paid == decided.paid > 0


def test_a_replacement_with_the_authorization_is_paid_and_the_denial_reversed() -> None:
    cure = Cure(authorization="A99887766")
    acme = payer(T1001=denied("64483", "197", cure))
    first = acme.answer([send(claim())], paid_on=PAID, control_number=9)
    [decided] = first.decided.claims
    assert [row.denied_cents for row in first.denials] == [92000]
    replacement = replace(
        claim(),
        frequency_code="7",
        payer_claim_control_number=decided.payer_claim_control_number,
        prior_authorization="A99887766",
    )
    second = acme.answer([send(replacement)], paid_on=PAID_AGAIN, control_number=10)
    reversal, corrected = second.decided.claims
    assert imbalances(second.data) == []
    assert reversal.is_reversal and reversal.paid == -decided.paid
    assert corrected.paid > decided.paid and not second.denials


def test_a_replacement_without_the_cure_is_denied_again() -> None:
    acme = payer(T1001=denied("99213", "97", Cure(modifier="25")))
    first = acme.answer([send(claim())], paid_on=PAID, control_number=9)
    number = first.decided.claims[0].payer_claim_control_number
    again = replace(claim(), frequency_code="7", payer_claim_control_number=number)
    second = acme.answer([send(again)], paid_on=PAID_AGAIN, control_number=10)
    assert [(row.procedure_code, row.reason_code) for row in second.denials] == [("99213", "97")]
    visit, *others = again.lines
    with_25 = replace(
        again,
        lines=(replace(visit, modifiers=("25",)), *others),
        payer_claim_control_number=second.decided.claims[-1].payer_claim_control_number,
    )
    third = acme.answer([send(with_25)], paid_on=PAID_AGAIN, control_number=11)
    assert not third.denials


@pytest.mark.parametrize("number", ["", "SOMETHING"])
def test_a_replacement_of_nothing_is_refused(number: str) -> None:
    acme = payer()
    acme.answer([send(claim())], paid_on=PAID, control_number=9)
    wrong = replace(claim(), frequency_code="7", payer_claim_control_number=number)
    answer = acme.answer([send(wrong)], paid_on=PAID_AGAIN, control_number=10)
    assert {row.reason_code for row in answer.denials} == {"16"}


def test_the_same_claim_sent_again_is_a_duplicate() -> None:
    acme = payer()
    acme.answer([send(claim())], paid_on=PAID, control_number=9)
    answer = acme.answer([send(claim())], paid_on=PAID_AGAIN, control_number=10)
    assert [row.reason_code for row in answer.denials] == ["18", "18"]
    assert imbalances(answer.data) == [] and answer.decided.paid == 0


def test_a_payer_without_replacements_takes_one_for_a_duplicate() -> None:
    medicare = Payer(replace(PROFILE, accepts_replacements=False))
    first = medicare.answer([send(claim())], paid_on=PAID, control_number=9)
    number = first.decided.claims[0].payer_claim_control_number
    again = replace(claim(), frequency_code="7", payer_claim_control_number=number)
    answer = medicare.answer([send(again)], paid_on=PAID_AGAIN, control_number=10)
    assert {row.reason_code for row in answer.denials} == {"18"}


def test_an_unprocessable_claim_may_come_again_as_a_new_one() -> None:
    plan = replace(denied("64483", "16"), unprocessable=True, remark_codes=("MA130",))
    acme = payer(T1001=plan)
    first = acme.answer([send(claim("T1001", "64483"))], paid_on=PAID, control_number=9)
    assert [row.reason_code for row in first.denials] == ["16"]
    second = acme.answer([send(claim("T1001", "64483"))], paid_on=PAID_AGAIN, control_number=10)
    assert not second.denials and second.decided.paid > 0


def test_a_void_takes_the_payment_back_and_carries_what_is_owed_forward() -> None:
    acme = payer()
    first = acme.answer([send(claim())], paid_on=PAID, control_number=9)
    number = first.decided.claims[0].payer_claim_control_number
    void = replace(claim(), frequency_code="8", payer_claim_control_number=number)
    second = acme.answer([send(void)], paid_on=PAID_AGAIN, control_number=10)
    assert second.decided.paid == 0 and imbalances(second.data) == []
    assert [(a.reason_code, a.cents) for a in second.decided.provider_adjustments] == [
        ("FB", -first.decided.paid)
    ]
    more = [claim(f"T20{nth:02d}", "64483") for nth in range(3)]
    third = acme.answer([send(*more)], paid_on=date(2026, 10, 5), control_number=11)
    assert imbalances(third.data) == []
    assert third.decided.paid == sum(c.paid for c in third.decided.claims) - first.decided.paid


def test_a_recovery_and_interest_stand_in_one_provider_segment() -> None:
    acme = payer(T1002=ClaimPlan(interest_cents=123))
    acme.answer([send(claim())], paid_on=PAID, control_number=9)
    acme.recover("T1001", 5000)
    answer = acme.answer([send(claim("T1002"))], paid_on=PAID_AGAIN, control_number=10)
    segments = split(answer.data).segments
    assert next(s[3::2] for s in segments if s[0] == "PLB")[0].startswith("WO:")
    assert next(s for s in segments if s[0] == "PLB")[4::2] == ["50", "-1.23"]
    assert imbalances(answer.data) == []


def test_a_claim_denied_as_a_whole_has_no_lines() -> None:
    acme = payer(T1001=ClaimPlan(claim_denial=ClaimDenial(group_code="CO", reason_code="27")))
    answer = acme.answer([send(claim())], paid_on=PAID, control_number=9)
    assert [(row.line_number, row.denied_cents) for row in answer.denials] == [(None, 107000)]
    assert b"SVC*" not in answer.data and imbalances(answer.data) == []


def test_an_imbalance_is_made_only_where_it_is_planned() -> None:
    acme = payer(T1001=replace(denied("64483", "197"), unbalanced_cents=1000))
    answer = acme.answer([send(claim("T1001", "64483"))], paid_on=PAID, control_number=9)
    assert imbalances(answer.data) == ["SVC 1/1: 1000", "CLP 1: 1000"]


def test_quirks_strike_at_about_their_rate_and_everything_still_balances() -> None:
    quirks = Quirks(
        missing_6r=0.3,
        modifiers_dropped=0.5,
        claim_level_denial=0.5,
        reversal_and_correction=0.2,
        status_4=0.5,
        recovery=1.0,
        interest=0.2,
    )
    numbers = [f"Q{nth:04d}" for nth in range(200)]
    refused = {number: denied("64483", "50") for number in numbers[::2]}
    claims = [claim(number, "64483") for number in numbers]
    claims = [
        replace(c, lines=(replace(c.lines[0], modifiers=("RT",)), *c.lines[1:])) for c in claims
    ]
    acme = payer(quirks, **refused)
    answer = acme.answer([send(*claims)], paid_on=PAID, control_number=9)
    assert imbalances(answer.data) == []
    decided = [c for c in answer.decided.claims if not c.is_reversal]
    assert 20 < sum(c.status_code == "4" for c in decided) < 100
    assert 20 < sum(not c.lines for c in decided) < 100
    assert 20 < len(answer.decided.claims) - len(decided) < 60
    shown = [line for c in decided for line in c.lines]
    assert 0.2 < sum(not line.line_item_control_number for line in shown) / len(shown) < 0.4
    again = payer(quirks, **refused).answer([send(*claims)], paid_on=PAID, control_number=9)
    assert again.data == answer.data


def test_a_stranger_is_shown_as_it_was_given() -> None:
    acme = payer()
    stranger = DecidedClaim(
        patient_control_number="NOTOURS1",
        payer_claim_control_number="X1",
        status_code="1",
        charge=1000,
        paid=0,
        member_id="W999",
        patient_name=("SPECIMEN", "OMEGA"),
        rendering_npi="",
        place_of_service="11",
        frequency_code="1",
        adjustments=(Adjusted("CO", "197", 1000),),
        service_date="20260824",
    )
    acme.add_stranger(stranger)
    answer = acme.answer([send(claim())], paid_on=PAID, control_number=9)
    assert [row.patient_control_number for row in answer.denials] == ["NOTOURS1"]
    assert imbalances(answer.data) == []
