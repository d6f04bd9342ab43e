"""Which claim and which submission of it an adjudication answers, by what its bytes show."""

from __future__ import annotations

from typing import Any

import pytest

from cases.told_claims import PAYERS, SERVED, answers, back, later, reversed_by, sent, told, which
from rules.payer import PayerProfile, parse_payers
from warehouse.claim_identity import is_other_payer, known_apart, same_number
from warehouse.claim_match import Answer, resolve
from warehouse.claim_record import ClaimLine, Submission, ToldService

RETURNED = [
    "DEMO-000123-2026-ABCD01", "DEMO-000123-2026-", "DEMO-000123-2026-ABC",
    "demo-000123-2026-abcd01", "DEMO0001232026ABCD01", "DEMO-000123-2026-ABCD01-1",
    "DEMO-000123-2026-ABCD01A", "DC7DEMO-000123-2026-ABCD01", "0",
]  # fmt: skip


@pytest.mark.parametrize("number", RETURNED)
def test_a_number_that_was_changed_on_the_way_needs_patient_date_and_charge(number: str) -> None:
    claim = sent(1)
    assert which([told(1, later(20), patient_control_number=number)], [claim]) == {1: 1}
    exact = number == claim.patient_control_number
    for other in ({"charge_cents": 44999}, {"member_id": None}, {"service_date": None},
                  {"member_id": None, "service_date": None}):  # fmt: skip
        payment = told(1, later(20), patient_control_number=number, **other)
        assert which([payment], [claim]) == {1: 1 if exact else None}, other
    # Practices use a number again: for the next visit, and for another patient.
    for other in ({"member_id": "W2"}, {"service_date": later(1)}):
        payment = told(1, later(20), patient_control_number=number, **other)
        assert which([payment], [claim]) == {1: None}, other


@pytest.mark.parametrize(
    ("member", "name", "is_theirs"),
    [
        ("W2", "DOE|JANE", True), ("W2", "DOE|JAN", True), ("W2", "DOE|JOHN", False),
        ("W2", "ROE|JANE", False), ("W2", None, False),
        (None, "DOE|JANE", True), (None, "ROE|JANE", True), (None, "DOE|BOB", False),
        (None, None, True), ("W1", "ROE|BOB", True),
    ],
)  # fmt: skip
def test_the_name_speaks_where_the_member_id_does_not(
    member: str | None, name: str | None, is_theirs: bool
) -> None:
    claim = sent(1, patient_name="DOE|JANE")
    payment = told(1, later(20), member_id=member, patient_name=name)
    assert which([payment], [claim]) == {1: 1 if is_theirs else None}


def test_a_date_of_another_visit_is_passed_over_where_the_payer_s_number_says_so() -> None:
    claim = sent(1)
    first = told(1, later(20), payer_claim_control_number="ICN7")
    odd = told(2, later(30), payer_claim_control_number="ICN7", service_date=later(7))
    assert which([odd], [claim]) == {2: None}
    assert which([first, odd], [claim]) == {1: 1, 2: 1}
    named = odd._replace(payer_claim_control_number="ICN9", original_number="ICN7")
    assert which([first, named], [claim]) == {1: 1, 2: 1}
    assert which([first, odd._replace(payer_ids=("OTHER",))], [claim]) == {1: 1, 2: None}


def test_which_of_two_visits_is_meant_is_not_guessed() -> None:
    next_week = {"claim_id": 2, "first_service_date": later(7), "last_service_date": later(7)}
    visits = [sent(1), sent(2, later(8), **next_week)]
    undated = told(1, later(20), service_date=None)
    assert which([undated], visits) == {1: None}
    # The whole charge of one of them, or the payer's number, says which.
    assert which([undated], [visits[0], visits[1]._replace(charge_cents=9000)]) == {1: 1}
    known = told(2, later(19), service_date=later(7), payer_claim_control_number="ICN1")
    assert which([undated, known], visits) == {1: 2, 2: 2}


def test_what_was_sent_after_the_payment_is_not_answered_by_it() -> None:
    assert which([told(1, later(20))], [sent(1, later(20))]) == {1: 1}
    # Unless all is the same, as in a file that was written anew, and nothing sent before is here.
    again = sent(2, later(21))
    assert which([told(1, later(20))], [again]) == {1: 2}
    assert which([told(1, later(20))], [again, sent(1)]) == {1: 1}
    by_other_id = {"member_id": None, "payer_ids": ("ACME1",)}
    for less in ({"member_id": None}, {"service_date": None}, {"charge_cents": 100},
                 {"patient_control_number": RETURNED[4]}, by_other_id):  # fmt: skip
        assert which([told(1, later(20), **less)], [again]) == {1: None}, less
    assert which([told(1, later(20))], [again._replace(member_id=None)]) == {1: None}
    # The patient may be told by name, or with a person's code behind the member id.
    named = sent(2, later(21), patient_name="DOE|JANE")
    for who in ({"member_id": None}, {"member_id": "OTHER"}):
        for name, found in (("DOE|JANE M", 2), ("DOE|JOAN", None)):
            payment = told(1, later(20), patient_name=name, **who)
            assert which([payment], [named]) == {1: found}, (who, name)
    coded = told(1, later(20), member_id="W123456789-01")
    assert which([coded], [sent(2, later(21), member_id="W123456789")]) == {1: 2}
    # The first payer's stands with the claim that went to the next one, if its own is not here.
    to_next = sent(2, later(21), payer_id="DMAC1")
    assert which([told(1, later(20))], [to_next]) == {1: 2}
    assert which([told(1, later(20), member_id=None)], [to_next]) == {1: 2}
    assert which([told(1, later(20))], [to_next, sent(1)]) == {1: 1}
    assert which([told(1, later(20))], [sent(1, later(21))._replace(submitted_on=None)]) == {1: 1}


def test_of_two_stays_that_share_a_day_the_one_with_the_charge_is_meant() -> None:
    stay = sent(1, last_service_date=later(5))
    within = sent(2, claim_id=2, first_service_date=later(3), last_service_date=later(3))
    payment = told(1, later(20), service_date=later(3))
    for charge, found in ((30000, 1), (45000, 2)):
        # Where both have the charge, the one that began that day.
        assert which([payment], [stay, within._replace(charge_cents=charge)]) == {1: found}


@pytest.mark.parametrize(
    ("payment", "other"),
    [
        ({"payee_npi": None}, {"billing_npi": "1999999984"}),
        ({"member_id": None}, {"member_id": "W2"}),
        ({"member_id": None}, {"member_id": "W2", "patient_name": "ROE|BOB"}),
    ],
)
def test_whose_of_two_claims_under_one_number_is_not_guessed(
    payment: dict[str, Any], other: dict[str, Any]
) -> None:
    """Another provider's, or another patient's: what is paid does not say which."""
    both = [sent(1, patient_name="DOE|JANE"), sent(2, later(1), claim_id=2, **other)]
    assert which([told(1, later(20), **payment)], both) == {1: None}
    assert which([told(1, later(20), **payment)], both[:1]) == {1: 1}


def test_a_replacement_says_which_claim_the_payer_s_number_is_of() -> None:
    """The answer that it replaces never came; the next one has another visit's date."""
    claim = sent(1)
    seven = {"claim_frequency_code": "7", "payer_claim_control_number": "ICN7"}
    odd = told(1, later(30), payer_claim_control_number="ICN7", service_date=later(7))
    assert which([odd], [claim, sent(2, later(10))]) == {1: None}
    assert which([odd], [claim, sent(2, later(10), **seven)]) == {1: 1}
    assert which([odd], [claim, sent(2, later(10), **(seven | {"payer_id": None}))]) == {1: None}


@pytest.mark.parametrize(
    ("name", "is_theirs"), [("DOE|JANE", True), ("DOE|JAN", True), (None, True),
                            ("DOE|SAM", False), ("ROE|JANE", True)],
)  # fmt: skip
def test_a_changed_number_is_not_that_of_another_one_of_the_family(
    name: str | None, is_theirs: bool
) -> None:
    """A family has one member id, often one day and one charge."""
    claim = sent(1, patient_name="DOE|JANE")
    payment = told(1, later(20), patient_control_number="DEMO-000123-2026-", patient_name=name)
    assert which([payment], [claim]) == {1: 1 if is_theirs else None}
    exact = payment._replace(patient_control_number=claim.patient_control_number)
    assert which([exact], [claim]) == {1: 1}


@pytest.mark.parametrize(
    ("service", "is_theirs"),
    [
        (("L1", "64483", "64483", 45000), True),
        ((None, "64483", "99999", 45000), True),
        ((None, "99999", "64483", 45000), True),
        (("L1", "64484", "64484", 45000), True),
        (("L2", "64484", "64484", 45000), False),
        ((None, "64484", "64484", 45000), False),
    ],
)
def test_a_changed_number_is_not_that_of_a_claim_for_something_else(
    service: tuple[Any, ...], is_theirs: bool
) -> None:
    claim = sent(1, patient_control_number="1001",
                 lines=(ClaimLine("L1", "64483", 45000, SERVED, SERVED),))  # fmt: skip
    payment = told(1, later(20), patient_control_number="10012", services=(ToldService(*service),))
    assert which([payment], [claim]) == {1: 1 if is_theirs else None}
    assert which([payment._replace(patient_control_number="1001")], [claim]) == {1: 1}
    assert which([payment], [claim._replace(lines=())]) == {1: 1}
    assert which([payment._replace(services=())], [claim]) == {1: 1}


def test_a_number_of_few_characters_is_no_part_of_another() -> None:
    for ours, reported, found in (("1001", "91001", 1), ("101", "9101", None), ("101", "0101", 1)):
        payment = told(1, later(20), patient_control_number=reported)
        assert which([payment], [sent(1, patient_control_number=ours)]) == {1: found}


def test_a_day_between_two_of_a_claim_is_another_visit() -> None:
    series = sent(1, lines=tuple(ClaimLine(None, "64483", 22500, day, None)
                                 for day in (SERVED, later(14))))  # fmt: skip
    for days, found in ((0, 1), (7, None), (14, 1), (15, None)):
        assert which([told(1, later(30), service_date=later(days))], [series]) == {1: found}


@pytest.mark.parametrize(
    ("reported", "ours"), [("--", "DEMO1"), ("DEMO1", "--"), ("DEMO1", "000"), ("000", "--")]
)
def test_a_number_of_nothing_is_no_number_s_beginning(reported: str, ours: str) -> None:
    assert not same_number(reported, ours)


def test_zeros_in_front_count_where_a_number_is_cut() -> None:
    claim = sent(1, patient_control_number="00000000000012345678")
    for number, found in (("00000000000012345", 1), ("00000000000012", None), ("12345", None)):
        payment = told(1, later(20), patient_control_number=number)
        assert which([payment], [claim]) == {1: found}


def test_leading_zeros_may_be_missing() -> None:
    claim = sent(1, patient_control_number="0012345")
    assert which([told(1, later(20), patient_control_number="12345")], [claim]) == {1: 1}


def test_a_short_beginning_says_too_little_and_another_long_one_that_it_is_another() -> None:
    claim = sent(1)
    for number, found in (
        ("DEMO-000123-2", None), ("DEMO-000123-20", 1), ("DEMO-000124-2026-ABC", None)
    ):  # fmt: skip
        payment = told(1, later(20), patient_control_number=number)
        assert which([payment], [claim]) == {1: found}


def test_another_provider_s_claim_of_that_number_is_not_ours() -> None:
    assert which([told(1, later(20), payee_npi="1999999984")], [sent(1)]) == {1: None}


def test_what_a_claim_does_not_say_speaks_against_nothing() -> None:
    """Nor does what the payment leaves out; what is known has to agree all the same."""
    undated = {"first_service_date": None, "last_service_date": None}
    for less in ({"billing_npi": None}, {"member_id": None}, {"last_service_date": None}, undated):
        assert which([told(1, later(20))], [sent(1, **less)]) == {1: 1}, less
        assert which([told(1, later(20), charge_cents=50000, member_id=None)],
                     [sent(1, **less)]) == {1: None}, less  # fmt: skip
    assert which([told(1, later(20), payment_date=None)], [sent(1)]) == {1: 1}
    nobody = sent(1, member_id=None, patient_name="DOE|JANE")
    for name, found in (("DOE|JANE", 1), ("ROE|BOB", None)):
        payment = told(1, later(20), member_id=None, patient_name=name)
        assert which([payment], [nobody]) == {1: found}


def test_a_claim_that_says_all_of_it_goes_before_one_that_leaves_some_out() -> None:
    undated = {"first_service_date": None, "last_service_date": None}
    for less in ({"member_id": None}, undated):
        for claims in (
            [sent(1, claim_id=2, **less), sent(2)],
            [sent(1), sent(2, claim_id=2, **less)],
        ):
            found = [s.submission_id for s in claims if s.claim_id == 1]
            assert which([told(1, later(20))], claims) == {1: found[0]}, less


@pytest.mark.parametrize(
    ("more", "is_theirs"),
    [
        ({"charge_cents": 30000}, True),
        ({"charge_cents": 30000, "member_id": None}, True),
        ({"charge_cents": 30000, "service_date": None}, True),
        ({"charge_cents": 30000, "member_id": None, "service_date": None}, False),
        ({"charge_cents": 50000, "member_id": None}, False),
        ({"charge_cents": 30000, "member_id": "W2", "patient_name": "DOE|JANE"}, False),
    ],
)
def test_a_part_of_a_charge_says_little_of_whose_it_is(
    more: dict[str, Any], is_theirs: bool
) -> None:
    """Under the very number: where patient or day, and whatever else is known, agrees."""
    claim = sent(1, patient_name="DOE|JANE")
    assert which([told(1, later(20), **more)], [claim]) == {1: 1 if is_theirs else None}


def test_several_clps_of_one_claim_are_parts_of_it() -> None:
    parts = [
        told(key, later(20), patient_control_number=RETURNED[6], charge_cents=cents)
        for key, cents in ((1, 15000), (2, 30000))
    ]
    assert which(parts, [sent(1)]) == {1: 1, 2: 1}
    assert which(parts[:1], [sent(1)]) == {1: None}
    parts[1] = parts[1]._replace(charge_cents=29999)
    assert which(parts, [sent(1)]) == {1: None, 2: None}


def test_each_payer_s_answer_goes_to_the_claim_it_got() -> None:
    """The claim to the next payer has the same CLM01; the ids may be unknown, CLP02 is not."""
    submissions = [sent(1), sent(2, later(20), payer_sequence="S", payer_id="SMPL2")]
    known = [told(1, later(20)), told(2, later(40), payer_ids=("SMPL2",), claim_status_code="2")]
    assert which(known, submissions) == {1: 1, 2: 2}
    unknown = [p._replace(payer_ids=("ELSE",)) for p in known]
    assert which(unknown, submissions) == {1: 1, 2: 2}
    neither = [p._replace(claim_status_code="4") for p in unknown]
    assert which(neither, submissions) == {1: None, 2: None}


def test_a_claim_that_went_to_two_payers_as_the_first_is_told_apart_by_their_ids() -> None:
    claims = [sent(1), sent(2, later(5), payer_id="DMAC1")]
    for payer, found in (("ACME1", 1), ("DMAC1", 2), ("ELSE", None)):
        assert which([told(1, later(20), payer_ids=(payer,))], claims) == {1: found}
    # Two ids of one payer, or one id under two lines of business, are no two payers.
    for again in ({"payer_id": "ACME1"}, {"claim_filing_indicator": "MB"}):
        assert which([told(1, later(20))], [sent(1), sent(2, later(5), **again)]) == {1: 1}
    by_line = parse_payers("""
[[payer]]
name = "Acme Health"
ids = ["87726"]
claim_filing = ["CI"]

[[payer]]
name = "Acme Advantage"
ids = ["87726"]
claim_filing = ["16"]
""")
    claims = [sent(1), sent(2, later(5), claim_filing_indicator="16")]
    (answer,) = resolve([told(1, later(20))], claims, by_line)
    assert answer.submission == claims[0]


def test_a_claim_that_was_sent_again_with_another_member_id_is_one() -> None:
    claims = [sent(1, patient_name="DOE|JANE"),
              sent(2, later(5), member_id="W2", patient_name="DOE|JANE")]  # fmt: skip
    unsaid = told(1, later(20), member_id=None)
    assert which([unsaid], claims) == {1: 1}
    for other in ({"charge_cents": 50000}, {"patient_name": "ROE|JANE"}, {"payer_sequence": "S"}):
        assert which([unsaid._replace(claim_status_code="4")],
                     [claims[0], claims[1]._replace(**other)]) == {1: None}, other  # fmt: skip


def test_what_was_turned_back_was_not_adjudicated() -> None:
    turned = [sent(1, is_turned_back=True), sent(2, later(5))]
    assert which([told(1, later(20))], turned) == {1: 2}
    # Unless nothing else had been sent by then.
    assert which([told(1, later(4))], turned) == {1: 1}


def test_answers_go_to_resends_in_the_order_they_were_sent() -> None:
    resent = [sent(1), sent(2, later(14))]
    decided, refused = told(1, later(20)), told(2, later(20), is_refused=True, payment_cents=0)
    assert which([decided, refused], resent) == {1: 1, 2: 2}


def test_a_replacement_is_answered_where_the_number_it_names_is_taken_back() -> None:
    old, new = told(1, later(20)), told(2, later(27), payer_claim_control_number="ICN2")
    replacements = [
        sent(key, later(30), claim_frequency_code="7", payer_claim_control_number=number)
        for key, number in ((2, "ICN1"), (3, "ICN2"))
    ]
    undone = back(3, later(21), old)
    third = told(5, later(50), claim_frequency_code="7", payment_cents=20000)
    unknown = told(6, later(50), claim_frequency_code="7", payment_cents=0, is_refused=True)
    payments = [old, undone, new, back(4, later(50), new), third, unknown]
    found = which(payments, [sent(1), *replacements])
    assert found == {1: 1, 3: 1, 2: 1, 4: 1, 5: 3, 6: 2}


def test_medicare_pays_nothing_within_its_payment_floor() -> None:
    resent = [sent(1, payer_id="DMAC1"), sent(2, later(30), payer_id="DMAC1")]
    first = told(1, later(20), payer_ids=("DMAC1",), payment_cents=0)
    for days, found in ((43, 1), (44, 2)):
        for payer in ("DMAC1", "ELSE"):  # which may be an id of it that is not known
            paid = told(2, later(days), payer_ids=(payer,))
            assert which([first, paid], resent)[2] == found
    # It denies when it likes; and what has no day is within no floor.
    denied = told(2, later(43), payer_ids=("DMAC1",), payment_cents=0)
    assert which([first, denied], resent)[2] == 2
    paid = told(2, later(43), payer_ids=("DMAC1",))
    undated = [resent[0], resent[1]._replace(submitted_on=None)]
    assert which([first, paid], undated)[2] == 2
    assert which([first, paid._replace(payment_date=None)], resent)[2] == 2
    commercial = [s._replace(payer_id="87726") for s in resent]
    assert which([told(1, later(20)), told(2, later(31))], commercial)[2] == 2


def test_claims_that_share_a_number_do_not_count_for_each_other() -> None:
    """A refusal of another patient's resend says nothing of this one's."""
    mine = [sent(1), sent(2)]
    theirs = [sent(3, member_id="W9"), sent(4, member_id="W9")]
    decided = told(1, later(20))
    undone, anew = back(2, later(20), decided), told(3, later(20))
    refused = told(4, later(20), is_refused=True, payment_cents=0)
    hers = [
        told(5, later(20), member_id="W9"),
        told(6, later(20), member_id="W9", is_refused=True, payment_cents=0),
    ]
    found = which([decided, undone, anew, refused, *hers], [*mine, *theirs])
    assert found == {1: 1, 2: 1, 3: 1, 4: 2, 5: 3, 6: 4}
    # Where none of this one's is refused, what is decided anew is the resend's answer.
    found = which([decided, undone, anew, *hers], [*mine, *theirs])
    assert found == {1: 1, 2: 1, 3: 2, 5: 3, 6: 4}


def test_a_reversal_is_paired_with_what_it_takes_back_and_what_stands_in_for_it() -> None:
    decided = told(1, later(20))
    for days in (20, 27):
        undone = back(2, later(days), decided)
        anew = told(3, later(days), payment_cents=12000)
        found = answers([decided, undone, anew], [sent(1)])
        assert found[2].reverses_id == 1 and found[3].corrects_id == 1
        assert {a.submission.submission_id for a in found.values() if a.submission} == {1}


def test_a_crossover_answers_the_first_payer_s_claim_and_is_no_answer_of_its_payer() -> None:
    crossed = told(2, later(30), payer_ids=("SUPP1",), claim_status_code="2", payment_cents=500)
    found = answers([told(1, later(20)), crossed], [sent(1)])
    assert found[2].submission is not None and found[2].is_other_payer
    assert not found[1].is_other_payer


def test_a_replacement_s_answer_names_what_it_replaces() -> None:
    claims = [sent(1), sent(2, later(13), claim_frequency_code="7",
                            payer_claim_control_number="ICN1")]  # fmt: skip
    answer = told(2, later(30), original_number="icn-1")
    assert which([answer], claims) == {2: 2}
    other = sent(3, later(14), claim_frequency_code="7", payer_claim_control_number="ICN8")
    for number, found in (("ICN1", 2), ("ICN8", 3)):
        assert which([answer._replace(original_number=number)], [*claims, other]) == {2: found}
    # Without: it has another number than the one that the replacement's predecessor got.
    assert which([answer._replace(original_number=None)], claims) == {2: 2}
    assert which([told(1, later(30))], claims) == {1: 1}


def test_the_number_that_a_later_replacement_names_is_its_predecessor_s() -> None:
    claims = [
        sent(1),
        sent(2, later(13), claim_frequency_code="7", payer_claim_control_number="ICN1"),
        sent(3, later(28), claim_frequency_code="7", payer_claim_control_number="ICN2"),
    ]
    first, second, third = told(1, later(10)), told(2, later(25)), told(3, later(39))
    assert which([first, third], claims) == {1: 1, 3: 3}
    assert which([third], claims) == {3: 3}
    assert which([first, second, third], claims) == {1: 1, 2: 2, 3: 3}
    # A payer that keeps its number answers in the order that was sent.
    kept = [p._replace(payer_claim_control_number="ICN1") for p in (first, second)]
    assert which(kept, claims[:2]) == {1: 1, 2: 2}


SEVEN = {"claim_frequency_code": "7", "payer_claim_control_number": "ICN1"}
"""A replacement of what the payer answered under ICN1."""


@pytest.mark.parametrize(
    ("others", "more", "found"),
    [
        # It replaces what ICN1 answered, so ICN9 answers the replacement, be it the first of two.
        ([sent(2, **SEVEN)], {}, 2),
        ([sent(2, **SEVEN), sent(3, **SEVEN)], {}, 2),
        # Not where the decision has no number, or is a refusal, which gets one of its own.
        ([sent(2, **SEVEN)], {"payer_claim_control_number": None}, 1),
        ([sent(2), sent(3, **SEVEN)], {"is_refused": True}, 2),
        # One that was turned back is replaced by none, but names its predecessor's number.
        ([sent(2, is_turned_back=True), sent(3, **SEVEN)], {}, 3),
        ([sent(2, is_turned_back=True, **SEVEN), sent(3, later(5))], {}, 3),
        # An original with a number replaces nothing.
        ([sent(2, **(SEVEN | {"claim_frequency_code": "1"}))], {}, 1),
    ],
)
def test_a_number_that_is_replaced_is_not_the_replacement_s(
    others: list[Submission], more: dict[str, Any], found: int
) -> None:
    decided = told(9, later(20), payment_cents=0, **more)
    assert which([decided], [sent(1), *others]) == {9: found}


def test_a_number_that_is_known_from_an_answer_is_no_other_one_s() -> None:
    """The replacement of the first claim was sent when a resend of it was on its way."""
    claims = [sent(1), sent(2, later(5)), sent(3, later(15), **SEVEN)]
    assert which([told(1, later(9)), told(2, later(20))], claims) == {1: 1, 2: 2}


def test_a_replacement_of_what_was_turned_back_is_answered_all_the_same() -> None:
    claims = [sent(1, is_turned_back=True), sent(2, later(5), **SEVEN)]
    assert which([told(1, later(20))], claims) == {1: 2}


def test_what_is_decided_anew_under_a_new_number_says_that_it_is_by_its_frequency() -> None:
    claims = [sent(1), sent(2, later(13), **SEVEN)]
    first = told(1, later(10))
    undone = back(2, later(25), first)
    refused = told(4, later(50), is_refused=True, payment_cents=0)
    for frequency, found in (("1", 1), (None, 2)):
        anew = told(3, later(40), claim_frequency_code=frequency)
        assert which([first, undone, anew, refused], claims)[3] == found
    # That another number was taken back makes it no decision on this one.
    other = undone._replace(payer_claim_control_number="ICN8")
    anew = told(3, later(40), claim_frequency_code="1")
    assert which([first, other, anew, refused], claims)[3] == 2
    # What is taken back later made nothing before it anew.
    early = told(3, later(20), claim_frequency_code="1")
    gone = back(2, later(25), told(5, later(10), charge_cents=100))
    for undone in ([], [gone._replace(payer_claim_control_number="ICN1")]):
        assert which([early, *undone], claims)[3] == 2


def test_a_replacement_s_answer_that_calls_itself_an_original_is_told_by_its_number() -> None:
    claims = [sent(1), sent(2, later(13), claim_frequency_code="7",
                            payer_claim_control_number="ICN1")]  # fmt: skip
    first = told(1, later(10), claim_frequency_code="1")
    again = told(2, later(30), claim_frequency_code="1")
    assert which([first, again], claims) == {1: 1, 2: 2}


@pytest.mark.parametrize("number", ["ICN1", "ICN2"])
def test_a_payer_that_writes_an_original_on_every_answer_replaces_what_it_takes_back(
    number: str,
) -> None:
    """It takes back the number that a replacement names, and has had that replacement by then."""
    seven = {"claim_frequency_code": "7", "payer_claim_control_number": "ICN1"}
    one = {"claim_frequency_code": "1"}
    first = told(1, later(10), **one)
    undone = back(9, later(30), first)
    again = told(2, later(30), payer_claim_control_number=number, **one)
    taken = [first, undone, again]
    original = {1: 1, 9: 1, 2: 1}
    for day, found in ((30, 2), (31, 1)):
        # What was decided before the replacement was sent, the payer decided of its own accord.
        claims = [sent(1), sent(2, later(day), **seven)]
        assert which(taken, claims) == original | {2: found}
    claims = [sent(1), sent(2, later(13), **seven)]
    # A void asks for no decision.
    void = sent(2, later(13), **(seven | {"claim_frequency_code": "8"}))
    assert which(taken, [sent(1), void]) == original
    # Nor does what the whole of the old charge is decided on answer one of a smaller charge.
    smaller = sent(2, later(13), **(seven | {"charge_cents": 30000}))
    assert which(taken, [sent(1), smaller]) == original
    # Another number is taken back, or this one on another day.
    other = undone._replace(payer_claim_control_number="ICN8")
    assert which([first, other, first._replace(claim_payment_id=2, order=again.order,
                 payment_date=again.payment_date)], claims)[2] == 1  # fmt: skip
    # One that tells a replacement's frequency, or refuses the replacement later, means it.
    for at in range(3):
        repeating = [p._replace(repeats_frequency=nth == at) for nth, p in enumerate(taken)]
        assert which(repeating, claims) == original
    refused = told(3, later(50), payment_cents=0, is_refused=True, **one)
    assert which([*taken, refused], claims)[2] == 1
    # Medicare Part B replaces nothing: it has opened its decision again.
    at_medicare = [s._replace(payer_id="DMAC1") for s in claims]
    asked = [p._replace(payer_ids=("DMAC1",)) for p in taken]
    assert which(asked, at_medicare) == original


def test_of_two_replacements_that_an_original_s_frequency_answers_the_second_is_refused() -> None:
    seven = {"claim_frequency_code": "7", "payer_claim_control_number": "ICN1"}
    claims = [sent(1), *(sent(key, later(13), **seven) for key in (2, 3))]
    one = {"claim_frequency_code": "1"}
    first = told(1, later(10), **one)
    decided = told(4, later(30), **one)
    refused = told(5, later(30), payment_cents=0, is_refused=True, **one)
    found = which([first, back(9, later(30), first), decided, refused], claims)
    assert found == {1: 1, 9: 1, 4: 2, 5: 3}


@pytest.mark.parametrize("paid", [0, 10000])
def test_a_decision_made_anew_is_not_taken_for_the_older_one_that_a_reversal_is_of(
    paid: int,
) -> None:
    """What is taken back was decided before the first file that is here."""
    old = told(9, later(10), payment_cents=paid)
    for first, second in ((1, 2), (2, 1)):
        undone = back(first, later(20), old)
        for digest in ("CAS2", old.adjustments_digest):
            anew = told(second, later(20), payment_cents=paid, adjustments_digest=digest)
            found = answers([undone, anew], [sent(1)])
            # The same adjustments in front of it are what the payment itself takes back.
            is_own = second < first and digest == old.adjustments_digest
            assert found[first].reverses_id == (second if is_own else None)
            assert found[second].corrects_id is None


def test_a_reversal_in_front_of_a_later_decision_takes_back_the_very_same_only() -> None:
    decided = told(2, later(30))
    for digest, found in (("CAS2", 2), ("CAS1", None)):
        undone = back(1, later(20), decided)._replace(adjustments_digest=digest)
        assert reversed_by([undone, decided], [sent(1)]) == {1: found}


def test_a_reversal_takes_back_the_decision_whose_adjustments_it_negates() -> None:
    """The payer keeps one number for a claim and its replacement, and denies both."""
    claims = [sent(1), sent(2, later(15), claim_frequency_code="7")]
    first = told(1, later(10), payment_cents=0, payer_claim_control_number="ICN1")
    second = told(2, later(25), payment_cents=0, payer_claim_control_number="ICN1",
                  claim_frequency_code="7")  # fmt: skip
    for of in (first, second):
        assert reversed_by([first, second, back(3, later(30), of)], claims) == {
            3: of.claim_payment_id
        }
    # Where its adjustments are those of neither: by the frequency that it tells, else the newest.
    neither = back(3, later(30), first)._replace(adjustments_digest="CAS9")
    assert reversed_by([first, second, neither], claims) == {3: 2}
    for frequency, found in (("1", 1), ("7", 2)):
        by_frequency = neither._replace(claim_frequency_code=frequency)
        assert reversed_by([first, second, by_frequency], claims) == {3: found}


def test_the_first_of_two_reversals_in_front_of_a_decision_takes_it_back() -> None:
    decided = told(3, later(30))
    undone = [back(key, later(day), decided) for key, day in ((1, 20), (2, 22))]
    assert reversed_by([decided, *undone], [sent(1)]) == {1: 3, 2: None}


def test_a_reversal_may_name_its_payer_by_another_of_its_ids() -> None:
    decided = told(1, later(20))
    for ids, found in ((("ACME1",), 1), (("87726 ",), 1), (("ELSE",), None)):
        undone = back(2, later(30), decided)._replace(payer_ids=ids)
        assert reversed_by([decided, undone], [sent(1)]) == {2: found}
    # One that payers.toml does not know has to name itself alike.
    unknown = decided._replace(payer_ids=("ELSE", "ELSE2"))
    for ids, found in ((("else2",), 1), (("OTHER",), None)):
        undone = back(2, later(30), decided)._replace(payer_ids=ids)
        assert reversed_by([unknown, undone], [sent(1)]) == {2: found}


def test_the_same_decision_made_anew_does_not_stand_in_for_what_it_repeats() -> None:
    """One payment denies, takes back and denies again; or it tells of the new denial first."""
    before = told(1, later(20), payer_claim_control_number="ICN")
    same = {"adjustments_digest": "CAS1", "payer_claim_control_number": "ICN"}
    first = told(2, later(30), **same)
    undone, third = back(3, later(30), before), told(4, later(30), **same)
    assert reversed_by([before, first, undone], [sent(1)]) == {3: 1}
    assert reversed_by([before, first, undone, third], [sent(1)]) == {3: 2}
    # What follows it on another charge, or in another payment, is not what stands in for it.
    for other in (told(4, later(30), charge_cents=30000), told(4, later(40), **same)):
        assert reversed_by([before, first, undone, other], [sent(1)]) == {3: 1}


def test_a_payer_that_payers_toml_knows_as_another_one_is_another_whatever_it_says() -> None:
    """One that is not known there, and says that it comes first, may be the billed one's own id."""
    other = PayerProfile(name="Sample Mutual", ids=("SMPL2",))
    mine = PayerProfile(name="Acme", ids=(sent(1).payer_id or "",))
    payment = told(2, later(30), payer_ids=("SMPL2",), claim_status_code="1")
    assert is_other_payer(payment, sent(1), (mine, other))
    assert not is_other_payer(payment, sent(1), (mine,))
    assert not is_other_payer(payment._replace(payer_ids=mine.ids), sent(1), (mine, other))


def test_the_payer_that_was_billed_is_no_other_one_though_it_says_that_it_comes_later() -> None:
    """By its very id, be it unknown to payers.toml, or by another id that payers.toml has of it."""
    late = told(1, later(20), claim_status_code="2")
    for billed, ids, is_other in (
        ("ELSE", ("else ",), False), ("ELSE", ("SUPP1",), True),
        ("87726", ("ACME1",), False), (None, ("SUPP1",), True),
    ):  # fmt: skip
        payment = late._replace(payer_ids=ids)
        assert is_other_payer(payment, sent(1, payer_id=billed), PAYERS) is is_other
    # A claim that went to it as the second payer may have gone to it under another id.
    assert not is_other_payer(late, sent(1, payer_id="ELSE", payer_sequence="S"), PAYERS)


def test_payers_are_known_apart_only_where_payers_toml_has_both() -> None:
    for billed, answering, apart in (
        ("87726", ("DMAC1",), True), ("ELSE", ("DMAC1",), False), ("87726", ("ELSE",), False),
        ("87726", ("ACME1",), False), (None, ("DMAC1",), False),
        # One that names the billed payer's own id beside another's.
        ("87726", ("DMAC1", "87726"), False),
    ):  # fmt: skip
        assert known_apart(billed, "CI", answering, PAYERS) is apart


def test_a_crossover_leaves_the_claim_waiting_for_its_own_payer_s_answer() -> None:
    crossed = told(1, later(15), payer_ids=("SUPP1",), claim_status_code="2", payment_cents=500)
    assert which([crossed, told(2, later(20))], [sent(1), sent(2, later(10))]) == {1: 1, 2: 1}


def test_a_reversal_of_what_never_came_is_of_what_was_answered_last_or_sent_first() -> None:
    unknown = back(9, later(30), told(8, later(5), charge_cents=44000))
    claims = [sent(1), sent(2, later(10))]
    assert answers([unknown], claims)[9] == Answer(9, claims[0])
    assert which([unknown], [claims[0]._replace(is_turned_back=True), claims[1]]) == {9: 2}
    assert which([unknown], [claims[0]._replace(is_turned_back=True)]) == {9: 1}
    assert which([told(1, later(9)), unknown], claims) == {1: 1, 9: 1}
    assert which([told(1, later(9)), told(2, later(19)), unknown], claims) == {1: 1, 2: 2, 9: 2}


def test_what_is_decided_anew_later_answers_what_was_taken_back_and_not_the_newest() -> None:
    claims = [sent(1), sent(2, later(10))]
    first, second = told(1, later(9)), told(2, later(19))
    anew = told(4, later(40))
    assert which([first, second, anew], claims)[4] == 2
    for of, found in ((first, 1), (second, 2)):
        assert which([first, second, back(3, later(30), of), anew], claims)[4] == found
    # What took back a part says nothing of what is decided on another charge.
    parts = [told(1, later(9), charge_cents=15000), told(5, later(9), charge_cents=30000)]
    undone = back(3, later(30), parts[0])
    assert which([*parts, second, undone, anew._replace(charge_cents=30000)], claims)[4] == 2


def test_what_was_refused_is_not_what_is_decided_anew() -> None:
    claims = [sent(1), sent(2, later(10))]
    nothing = {"is_refused": True, "payment_cents": 0}
    first, second = told(1, later(19)), told(2, later(20))
    refused, again = told(3, later(25), **nothing), told(4, later(30), **nothing)
    assert which([first, refused, told(5, later(40))], claims) == {1: 1, 3: 2, 5: 1}
    # The resend that is refused once more, or was decided on its merits before it was.
    assert which([first, refused, again], claims) == {1: 1, 3: 2, 4: 2}
    assert which([first, second, refused], claims) == {1: 1, 2: 2, 3: 2}


@pytest.mark.parametrize("keys", [(2, 3), (3, 2)])
def test_where_the_resend_is_refused_later_what_follows_a_reversal_is_the_first_one_anew(
    keys: tuple[int, int],
) -> None:
    """Beside the reversal, in front of it or behind, or in a later payment."""
    claims = [sent(1), sent(2, later(10))]
    first = told(1, later(9))
    refused = told(9, later(40), is_refused=True, payment_cents=0)
    undone, anew = back(keys[0], later(20), first), told(keys[1], later(20), payment_cents=12000)
    assert which([first, undone, anew, refused], claims) == {1: 1, 2: 1, 3: 1, 9: 2}
    after = told(keys[1], later(30), payment_cents=12000)
    assert which([first, undone, after, refused], claims) == {1: 1, 2: 1, 3: 1, 9: 2}


def test_parts_answer_the_submission_that_they_add_up_to() -> None:
    parts = [told(key, later(20), charge_cents=c) for key, c in ((1, 15000), (2, 30000))]
    assert which(parts, [sent(1), sent(2, later(10))]) == {1: 1, 2: 1}


def test_neither_a_refusal_nor_a_predetermination_stands_in_for_what_was_taken_back() -> None:
    first = told(1, later(10))
    undone = back(2, later(20), first)
    for more in ({"is_refused": True}, {"claim_status_code": "25"}):
        other = told(3, later(20), payment_cents=0, **more)
        assert answers([first, undone, other], [sent(1)])[3].corrects_id is None
        anew = told(4, later(30))
        assert answers([first, undone, other, anew], [sent(1)])[4].corrects_id == 1


def test_what_stands_in_for_a_decision_has_its_charge_and_its_payer_and_stands_in_for_one() -> None:
    first, second = told(1, later(10)), told(2, later(20))
    undone = [back(3, later(30), first), back(4, later(30), second)]
    anew = told(5, later(30))
    claims = [sent(1), sent(2, later(5))]
    assert answers([first, second, *undone, anew], claims)[5].corrects_id == 1
    part = anew._replace(charge_cents=30000)
    assert answers([first, undone[0], part], claims)[5].corrects_id is None
    crossed = told(2, later(12), payer_ids=("SUPP1",), claim_status_code="2")
    gone = back(4, later(20), crossed)
    assert answers([first, crossed, gone, anew], [sent(1)])[5].corrects_id is None
    again = crossed._replace(claim_payment_id=6, payment_date=later(30), order=anew.order)
    assert answers([first, crossed, gone, again], [sent(1)])[6].corrects_id == 2


def test_a_refusal_that_was_taken_back_refuses_nothing_more() -> None:
    claims = [sent(key, later(5 * key)) for key in (1, 2, 3)]
    first, refused = told(1, later(19)), told(2, later(19), is_refused=True, payment_cents=0)
    undone = [back(3, later(25), refused), back(4, later(30), first)]
    assert which([first, refused, *undone, told(5, later(30))], claims)[5] == 3


def test_a_reversal_without_a_number_says_nothing_of_a_claim_that_names_none() -> None:
    first = told(1, later(10), payer_claim_control_number=None)
    undone = back(2, later(30), first)
    anew = told(3, later(30), payer_claim_control_number=None)
    claims = [sent(1), sent(2, later(13), **SEVEN)]
    assert which([first, undone, anew], claims) == {1: 1, 2: 1, 3: 2}


def test_a_reversal_takes_back_only_what_has_its_amounts_and_was_sent_before_it() -> None:
    first = told(1, later(10))
    for more in ({"payment_cents": -5000}, {"charge_cents": -44000}):
        undone = back(2, later(20), first)._replace(**more)
        assert reversed_by([first, undone], [sent(1)]) == {2: None}
    seven = sent(2, later(15), claim_frequency_code="7")
    late = told(3, later(30), claim_frequency_code="7")
    for day, found in ((14, None), (15, 3)):
        undone = back(2, later(day), late)
        assert reversed_by([undone, late], [sent(1), seven]) == {2: found}


def test_a_decision_on_more_than_was_charged_is_of_what_waits_for_one() -> None:
    """What was refused has an answer; where all have one it is the newest's."""
    claims = [sent(1), sent(2, later(5), charge_cents=30000)]
    refused = told(1, later(20), is_refused=True, payment_cents=0)
    other = told(2, later(21), is_refused=True, payment_cents=0, charge_cents=30000)
    more = told(3, later(30), charge_cents=50000)
    assert which([refused, more], claims) == {1: 1, 3: 2}
    assert which([refused, more, told(4, later(40), charge_cents=50000)], claims)[4] == 2
    assert which([refused, other, more], claims) == {1: 1, 2: 2, 3: 2}


def test_claims_without_a_charge_are_answered_one_by_one_and_reversed_by_nothing_else() -> None:
    claims = [sent(key, later(5 * key), charge_cents=0) for key in (1, 2)]
    nothing = {"charge_cents": 0, "payment_cents": 0}
    found = answers([told(1, later(20), **nothing), told(2, later(30), **nothing)], claims)
    assert found == {key: Answer(key, claims[key - 1]) for key in (1, 2)}


def test_a_predetermination_leaves_a_submission_waiting_for_its_answer() -> None:
    would = told(1, later(15), claim_status_code="25")
    found = answers([would, told(2, later(20))], [sent(1), sent(2, later(10))])
    assert found[1].submission is not None and found[1].submission.submission_id == 1
    assert found[2].submission is not None and found[2].submission.submission_id == 1


def test_of_replacements_sent_at_once_the_first_one_is_decided_and_the_rest_refused() -> None:
    """Each part of the old answer was replaced, and the payer takes one replacement for all."""
    seven = {"claim_frequency_code": "7"}
    claims = [
        sent(1),
        *(sent(key, later(13), payer_claim_control_number=number, **seven)
          for key, number in ((2, "GONE"), (3, "ICN1"), (4, "ICN1"))),
    ]  # fmt: skip
    first = told(1, later(10), payment_cents=0)
    refused = [told(key, later(30), payment_cents=0, is_refused=True, **seven) for key in (5, 9)]
    undone = back(6, later(30), first)
    decided = told(7, later(30), **seven)
    found = which([first, *refused, undone, decided], claims)
    assert found[7] == 3 and found[6] == 1
    assert 3 not in (found[5], found[9])


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("DOE|WILLIAM", "DOE|BILL", True),
        ("DOE|MARGARET A", "DOE|PEGGY", True),
        ("DOE|ROBERT", "DOE|ROBIN", False),
        ("DOE|ANN", "DOE|DAN", False),
    ],
)
def test_a_card_may_have_another_name_of_one_person(one: str, other: str, found: bool) -> None:
    payment = told(1, later(20), member_id=None, patient_name=other)
    assert which([payment], [sent(1, patient_name=one)]) == {1: 1 if found else None}


def test_a_person_s_code_behind_the_member_id_is_not_another_member() -> None:
    claim = sent(1, member_id="W123456789", patient_name="DOE|JANE")
    for member, name, found in (
        ("W12345678901", "ROE|JANE", 1),
        ("W12345678901", "DOE|BOB", None),
        ("W123", "ROE|JANE", None),
        ("W98765432101", "ROE|JANE", None),
    ):
        assert which([told(1, later(20), member_id=member, patient_name=name)], [claim]) == {
            1: found
        }
