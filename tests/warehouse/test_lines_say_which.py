"""What the lines of an adjudication say: which submission it answers, which decision it is of."""

from __future__ import annotations

from typing import Any

import pytest

from cases.told_claims import SERVED, answers, back, later, reversed_by, sent, told, which
from warehouse.claim_record import ClaimLine, ToldService

SEVEN = {"claim_frequency_code": "7", "payer_claim_control_number": "ICN1"}


def line(code: str, control: str | None = None, cents: int = 45000) -> ClaimLine:
    return ClaimLine(control, code, cents, SERVED, SERVED)


def service(code: str, control: str | None = None, cents: int = 45000) -> ToldService:
    return ToldService(control, code, code, cents)


def test_a_line_number_that_only_one_submission_has_says_that_it_is_answered() -> None:
    """Whenever it comes: the payer returns REF*6R as it was sent."""
    first = sent(1, lines=(line("99213", "R1A"),))
    second = sent(2, later(5), lines=(line("99213", "R2A"),))
    payments = [told(1, later(20), services=(service("99213", "R2A"),)),
                told(2, later(21), services=(service("99213", "R1A"),))]  # fmt: skip
    assert which(payments, [first, second]) == {1: 2, 2: 1}
    # What is in both, or in none, says nothing.
    same = [first, second._replace(lines=first.lines)]
    assert which(payments, same) == {1: 1, 2: 2}


def test_a_line_s_place_that_a_payer_returns_for_its_number_says_nothing() -> None:
    """LX01 is in both; one that nobody sent is in none."""
    claims = [sent(1, lines=(line("99213"),)), sent(2, later(5), lines=(line("99213", "1"),))]
    for number in ("1", "01", "C1"):
        payment = told(1, later(20), services=(service("99213", number),))
        assert which([payment], claims) == {1: 1}


def test_a_modifier_that_only_one_submission_has_says_that_it_is_answered() -> None:
    """One that is not told may have been left out."""
    bare, with_25 = line("99213"), line("99213")._replace(modifiers=frozenset(("25",)))
    claims = [sent(1, lines=(bare,)), sent(2, later(5), lines=(with_25,))]
    told_25 = service("99213")._replace(modifiers=frozenset(("25",)))
    assert which([told(1, later(20), services=(told_25,))], claims) == {1: 2}
    assert which([told(1, later(20), services=(service("99213"),))], claims) == {1: 1}
    both = [sent(1, lines=(with_25,)), sent(2, later(5), lines=(bare, with_25))]
    pair = told(1, later(20), services=(service("99213"), told_25))
    assert which([pair], both) == {1: 2}


@pytest.mark.parametrize(("cents", "found"), [(45000, {1: 2, 2: 1}), (44999, {1: 1, 2: 2})])
def test_services_that_only_one_submission_billed_say_that_it_is_answered(
    cents: int, found: dict[int, int]
) -> None:
    """By code and charge: two claims of one day under one number."""
    visit, injection = sent(1, lines=(line("99213"),)), sent(2, lines=(line("20553"),))
    payments = [told(1, later(20), services=(service("20553", cents=cents),)),
                told(2, later(21), services=(service("99213", cents=cents),))]  # fmt: skip
    assert which(payments, [visit, injection]) == found


def test_a_service_told_twice_is_not_of_a_submission_that_billed_it_once() -> None:
    once = sent(1, lines=(line("20553", cents=22500), line("99213", cents=22500)))
    twice = sent(2, later(5), lines=(line("20553", cents=22500), line("20553", cents=22500)))
    payment = told(1, later(20), services=(service("20553", cents=22500),) * 2)
    assert which([payment], [once, twice]) == {1: 2}


@pytest.mark.parametrize(("answer", "found"), [("ABC12345601", 1), ("ABC1234", 2), ("XYZ999", 2)])
def test_a_number_that_grows_behind_the_one_that_is_replaced_is_of_the_first_claim(
    answer: str, found: int
) -> None:
    """Some payers count their answers behind a number that a portal shows without it."""
    named = SEVEN | {"payer_claim_control_number": "ABC123456"}
    claims = [sent(1), sent(2, later(3), **named)]
    payment = told(1, later(20), payer_claim_control_number=answer, claim_frequency_code="1")
    assert which([payment], claims) == {1: found}


NOTHING_PAID = {"charge_cents": 22500, "payment_cents": 0}
PARTS = [
    told(1, later(20), **NOTHING_PAID, services=(service("64483", "L1", 22500),)),
    told(2, later(20), **NOTHING_PAID, services=(service("64484", "L2", 22500),)),
]
WHOLE = sent(1, lines=(line("64483", "L1", 22500), line("64484", "L2", 22500)))


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("at", [0, 1])
def test_a_reversal_takes_back_the_part_whose_line_it_tells(at: int, numbered: bool) -> None:
    """Parts of one amount, a line each; the payer has a new number for what it takes back."""
    parts = PARTS if numbered else [
        p._replace(services=(p.services[0]._replace(line_item_control_number=None),)) for p in PARTS
    ]  # fmt: skip
    reversal = back(3, later(30), parts[at])._replace(payer_claim_control_number="NEW")
    assert reversed_by([*parts, reversal], [WHOLE]) == {3: at + 1}
    anew = told(4, later(30), charge_cents=22500, payment_cents=20000, remittance_id=99,
                services=parts[at].services)  # fmt: skip
    other = told(5, later(30), charge_cents=22500, payment_cents=20000, remittance_id=99,
                 services=parts[1 - at].services)  # fmt: skip
    found = answers([*parts, reversal, anew, other], [WHOLE])
    assert (found[4].corrects_id, found[5].corrects_id) == (at + 1, None)


def test_a_reversal_of_other_services_takes_nothing_back() -> None:
    reversal = back(3, later(30), PARTS[0])._replace(services=(service("99213", "L3", 22500),))
    assert reversed_by([*PARTS, reversal], [WHOLE])[3] is None
    # What tells no services may be of any.
    assert reversed_by([*PARTS, reversal._replace(services=())], [WHOLE])[3] == 1


def test_of_parts_that_share_a_service_the_one_that_tells_the_same_is_taken_back() -> None:
    shared, one, other = (service(code, None, 10000) for code in ("99213", "64483", "64484"))
    parts = [told(n, later(20), charge_cents=20000, payment_cents=0, services=(shared, own))
             for n, own in ((1, one), (2, other))]  # fmt: skip
    claim = sent(1, lines=tuple(line(c, None, 10000) for c in ("99213", "64483", "64484", "99213")))
    for at in (0, 1):
        reversal = back(3, later(30), parts[at])._replace(
            payer_claim_control_number="NEW", adjustments_digest="OTHER"
        )
        assert reversed_by([*parts, reversal], [claim]) == {3: at + 1}


def test_what_is_negated_to_the_last_adjustment_says_more_than_a_number() -> None:
    """Some payers put the claim's first number there, whichever decision they take back."""
    paid = [told(n, later(20 + n), adjustments_digest=f"CAS{n}") for n in (1, 2)]
    reversal = back(3, later(30), paid[1])._replace(original_number="ICN1")
    assert reversed_by([*paid, reversal], [sent(1)]) == {3: 2}
    written_otherwise = reversal._replace(
        adjustments_digest="", original_number=None, payer_claim_control_number="icn-1"
    )
    assert reversed_by([*paid, written_otherwise], [sent(1)]) == {3: 1}


def test_a_part_beside_what_is_taken_back_corrects_nothing() -> None:
    """Nor does the second of two payments made by mistake; a decision of before may."""
    claim = sent(1)
    first = told(1, later(20), payment_cents=20000, adjustments_digest="CAS")
    twice = told(2, later(25), payment_cents=20000, adjustments_digest="CAS",
                 payer_claim_control_number="ICN2")  # fmt: skip
    reversal = back(3, later(30), first)._replace(original_number="ICN1")
    found = answers([first, twice, reversal], [claim])
    assert (found[3].reverses_id, found[2].corrects_id) == (1, None)
    otherwise = twice._replace(payment_cents=30000, adjustments_digest="OTHER")
    assert answers([first, otherwise, reversal], [claim])[2].corrects_id == 1
    beside = otherwise._replace(remittance_id=first.remittance_id, payment_date=first.payment_date,
                                order=(later(20), False, "T", "", 2))  # fmt: skip
    assert answers([first, beside, reversal], [claim])[2].corrects_id is None


@pytest.mark.parametrize(("number", "found"), [("ICN1", 1), ("icn-2", 2), (None, 2), ("ICN9", 2)])
def test_a_reversal_takes_back_what_it_names(number: str | None, found: int) -> None:
    """REF*F8 of 2100, where a claim was paid twice and the reversal has a number of its own."""
    paid = [told(n, later(20 + n), adjustments_digest="CAS") for n in (1, 2)]
    reversal = back(3, later(30), paid[0])._replace(
        payer_claim_control_number="ICN3", original_number=number
    )
    assert reversed_by([*paid, reversal], [sent(1)])[3] == found


@pytest.mark.parametrize(("status", "is_other"), [("2", True), ("1", False)])
def test_what_is_taken_back_is_of_the_payer_that_decided_it(status: str, is_other: bool) -> None:
    """A reversal has no CLP02 that says who comes later."""
    values: dict[str, Any] = {"payer_ids": ("GAP1",), "claim_status_code": status}
    paid = told(1, later(20), **values)
    found = answers([paid, back(2, later(30), paid)], [sent(1)])
    assert [found[n].is_other_payer for n in (1, 2)] == [is_other, is_other]
