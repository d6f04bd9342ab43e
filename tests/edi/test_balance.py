"""The arithmetic, to the cent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from edi.balance import (
    TransactionBalance,
    balance_claim,
    balance_claim_payment,
    balance_prior_payers,
)
from edi.claim import Claim
from edi.problem import Problem
from edi.read_835 import read_transaction
from edi.read_837p import read_transaction as read_claims
from edi.remittance import ClaimPayment, Remittance
from edi.survey import survey_file
from simulator.practice import Line, PriorLine, PriorPayment

HEAD = """BPR*I*{paid}*C*CHK************20260401
TRN*1*T1*1999999999
N1*PR*ACME HEALTH
N1*PE*DEMO PAIN PRACTICE*XX*1999999984
LX*1"""
CLAIM = """CLP*PCN1*1*150*70*20*12*ICN1
SVC*HC:62323*100*70
CAS*CO*45*10
CAS*PR*2*20
SVC*HC:77003*50
CAS*CO*97*50"""


def problems(body: str, paid: str = "70") -> list[Problem]:
    segments = f"ST*835*0001\n{HEAD.format(paid=paid)}\n{body}".split("\n")
    segments.append(f"SE*{len(segments) + 1}*0001")
    isa = (
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*DEMO           "
        "*260401*0900*^*00501*000000001*0*P*:"
    )
    data = "~".join(
        [
            isa,
            "GS*HP*A*B*20260401*0900*1*X*005010X221A1",
            *segments,
            "GE*1*1",
            "IEA*1*000000001",
            "",
        ]
    ).encode()
    file = BytesIO(data)
    ((interchange, _, transaction),) = survey_file(file, "", len(data)).transactions()
    found: list[Problem] = []
    balance: TransactionBalance | None = None
    for event in read_transaction(file, transaction, interchange.delimiters):
        if isinstance(event, Remittance):
            balance = TransactionBalance(event)
        elif isinstance(event, ClaimPayment):
            found += balance_claim_payment(event)
        assert balance is not None
        balance.add(event)
    assert balance is not None
    return found + list(balance.problems())


def codes(found: list[Problem]) -> list[tuple[str, str]]:
    return [(p.code, p.place) for p in found]


def test_a_balanced_remittance_has_no_problem() -> None:
    assert problems(CLAIM) == []


def test_a_line_whose_payment_is_not_sent_paid_nothing() -> None:
    assert problems(CLAIM.replace("SVC*HC:77003*50", "SVC*HC:77003*50*0")) == []


def test_one_cent_is_enough() -> None:
    found = problems(CLAIM.replace("CAS*CO*45*10", "CAS*CO*45*9.99"))
    assert codes(found) == [
        ("CLAIM_PAYMENT_OUT_OF_BALANCE", "2100/CLP04"),
        ("SERVICE_PAYMENT_OUT_OF_BALANCE", "2110/SVC03"),
    ]
    assert (found[1].found, found[1].expected) == ("70.00", "70.01, charge less adjustments")


def test_lines_add_up_to_the_claim_s_charge() -> None:
    found = problems(
        CLAIM.replace("SVC*HC:77003*50\nCAS*CO*97*50", "SVC*HC:77003*40\nCAS*CO*97*40")
    )
    assert codes(found) == [
        ("CLAIM_PAYMENT_OUT_OF_BALANCE", "2100/CLP04"),
        ("CLAIM_PAYMENT_OUT_OF_BALANCE", "2100/CLP03"),
    ]


def test_a_claim_without_lines_balances_on_its_own() -> None:
    assert problems("CLP*PCN1*1*150*70*20*12*ICN1\nCAS*CO*45*60\nCAS*PR*2*20") == []


def test_claim_level_adjustments_lower_the_claim_below_its_lines() -> None:
    body = "CLP*PCN1*1*100*65**12*ICN1\nCAS*PR*1*5\nSVC*HC:62323*100*70\nCAS*CO*45*30"
    assert problems(body, "65") == []


def test_a_reversal_balances_with_every_sign_turned() -> None:
    reversal = "CLP*PCN1*22*-100*-70**12*ICN1\nSVC*HC:62323*-100*-70\nCAS*CO*45*-30"
    assert problems(f"{reversal}\n{CLAIM}", "0") == []


def test_provider_adjustments_lower_the_payment() -> None:
    body = f"{CLAIM}\nPLB*1999999984*20261231*WO:ICN0*25*L6:ICN1*-5"
    assert problems(body, "50") == []
    assert codes(problems(body, "70")) == [("REMITTANCE_OUT_OF_BALANCE", "BPR02")]


def test_a_claim_payment_that_cannot_be_read_leaves_the_total_in_doubt() -> None:
    unread = CLAIM.replace("CAS*CO*45*10", "CAS*CO*45*ten")
    assert problems(unread) == []  # its CLP04 is known, and adds up
    unknown = CLAIM.replace("*150*70*20", "*150*seventy*20")
    assert problems(unknown, "1") == []


@pytest.mark.parametrize(("total", "found"), [(b"*1550*", []), (b"*1549.99*", ["2300/CLM02"])])
def test_a_claim_is_what_its_lines_charge(
    file_of: Callable[..., bytes], claim_of: Callable[..., Any], total: bytes, found: list[str]
) -> None:
    lines = (
        Line(procedure_code="62323", charge_cents=150000),
        Line(procedure_code="20610", charge_cents=5000),
    )
    data = file_of(claim_of("PCN1", *lines)).replace(b"*1550*", total)
    file = BytesIO(data)
    ((interchange, _, transaction),) = survey_file(file, "", len(data)).transactions()
    (claim,) = (
        e for e in read_claims(file, transaction, interchange.delimiters) if isinstance(e, Claim)
    )
    assert [p.place for p in balance_claim(claim)] == found


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        (b"", b"", []),
        (b"CAS*CO*45*300", b"CAS*CO*45*299.99", ["2430/SVD02"]),
        (b"SVD*87726*700*", b"SVD*87726*701*", ["2430/SVD02", "2320/AMT*D"]),
        (b"AMT*D*740", b"AMT*D*739.99", ["2320/AMT*D"]),
        # A cent of the claim's own level lowers what was paid; without AMT*D nothing was decided.
        (b"AMT*D*740~\nOI***Y***Y", b"CAS*CO*45*.01~\nAMT*D*739.99", []),
        (b"AMT*D*740", b"AMT*EAF*10", []),
        # Another payer than the one whose loop it is: that one decided on the claim as a whole.
        (b"PI*87726~\nLX*1", b"PI*OTHER~\nLX*1", ["2320/AMT*D"]),
    ],
)
def test_what_earlier_payers_decided_makes_up_the_charges(
    file_of: Callable[..., bytes], claim_of: Callable[..., Any], claims_in: Callable[..., Any],
    old: bytes, new: bytes, places: list[str],
) -> None:  # fmt: skip
    lines = (Line(procedure_code="62323", charge_cents=100000),
             Line(procedure_code="20610", charge_cents=5000))  # fmt: skip
    claim = claim_of("PCN1", *lines)
    decided = (PriorLine(70000, (("CO", "45", 30000),)), PriorLine(4000, (("PR", "2", 1000),)))
    prior = PriorPayment(destination=claim.destination, member_id="W9",
                         paid_on=claim.service_date, lines=decided)  # fmt: skip
    data = file_of(dataclasses.replace(claim, prior=prior))
    assert old in data
    (read,) = claims_in(data.replace(old, new, 1))
    assert [p.place for p in balance_prior_payers(read)] == places
