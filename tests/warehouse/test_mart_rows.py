"""What the marts say of amounts, states and claims told elsewhere, condition by condition."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text, update

from cases.rows import change
from warehouse import tables as t
from warehouse.database import Warehouse

pytestmark = pytest.mark.usefixtures("small_claim")

FIRST_SERVICE = "select * from mart_adjudicated_line where service_position = 1"


def rows(warehouse: Warehouse, statement: str) -> list[Any]:
    with warehouse.read() as connection:
        return list(connection.execute(text(statement)).all())


@pytest.mark.parametrize(
    ("group", "carc", "category", "is_denial", "expected"),
    [
        ("CO", "197", "prior_authorization", True, (450, 0, 0, 0)),
        ("PR", "1", "patient_responsibility", False, (0, 450, 0, 0)),
        ("PR", "96", "non_covered", True, (450, 0, 0, 0)),
        ("CO", "45", "contractual", False, (0, 0, 450, 0)),
        ("CO", "45", "contractual", True, (450, 0, 0, 0)),  # silent: nothing else was said
        ("PI", "45", "contractual", False, (0, 0, 450, 0)),
        ("OA", "45", "contractual", False, (0, 0, 0, 450)),
        ("CO", "P12", "other", False, (0, 0, 450, 0)),
        ("CO", "B4", "timely_filing", False, (0, 0, 450, 0)),
        ("CO", "257", "other", False, (0, 0, 0, 450)),
        ("CO", "197", "prior_authorization", False, (0, 0, 0, 450)),  # predetermined
        ("CR", "P12", "other", False, (0, 0, 0, 450)),
        ("CO", "133", "pended", False, (0, 0, 0, 450)),
        ("OA", "23", "coordination", False, (0, 0, 0, 450)),
        ("CR", "1", "patient_responsibility", False, (0, 450, 0, 0)),
        ("CR", "1", "patient_responsibility", True, (450, 0, 0, 0)),
        ("CR", "45", "contractual", False, (0, 0, 450, 0)),
        ("CR", "94", "contractual", False, (0, 0, 0, 450)),
        ("CO", "94", "contractual", False, (0, 0, 450, 0)),
        ("OA", "1", "patient_responsibility", False, (0, 0, 0, 450)),
    ],
)
def test_what_was_not_paid_is_divided_by_who_bears_it(
    warehouse: Warehouse,
    keep: Any,
    group: str,
    carc: str,
    category: str,
    is_denial: bool,
    expected: tuple[int, ...],
) -> None:
    """Denied, the patient's, written off, and the rest."""
    with warehouse.write() as connection:
        connection.execute(
            update(t.adjustment).values(
                group_code=group, reason_code=carc, category=category, is_denial=is_denial
            )
        )
    # What another line, and the claim itself, bear is not this line's.
    for position in (0, 2):
        keep(t.adjustment, service_position=position, amount_cents=7)
    [row] = rows(warehouse, FIRST_SERVICE)
    found = (row.denied_amount, row.patient_share_amount, row.contractual_amount,
             row.other_adjustment_amount)  # fmt: skip
    assert found == expected


def test_a_payment_of_no_day_counts_last(warehouse: Warehouse, keep: Any) -> None:
    keep(t.remittance, remittance_id=2, trace_number="T2", payment_date=None)
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, remittance_id=2)
    keep(t.service_payment, claim_payment_id=2)
    found = rows(warehouse, "select trace_number, adjudication_sequence from mart_adjudicated_line "
                            "where service_position = 1 order by 2")  # fmt: skip
    assert [tuple(row) for row in found] == [("TRACE1", 1), ("T2", 2)]


@pytest.mark.parametrize(
    ("table", "column", "shown"),
    [
        ("claim_payment", "is_reversal", "is_reversal"),
        ("claim_payment", "is_other_payer", "is_other_payer"),
        ("claim_payment", "is_balanced", "is_balanced"),
        ("service_payment", "is_balanced", "is_balanced"),
    ],
)
@pytest.mark.parametrize("value", [True, False])
def test_yes_is_1_and_no_is_0(
    warehouse: Warehouse, table: str, column: str, shown: str, value: bool
) -> None:
    change(warehouse, getattr(t, table), 1, **{column: value})
    [row] = rows(warehouse, FIRST_SERVICE)
    assert getattr(row, shown) == int(value)


def test_what_is_taken_back_is_marked(warehouse: Warehouse, keep: Any) -> None:
    assert rows(warehouse, FIRST_SERVICE)[0].is_reversed == 0
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, reverses_id=1, is_reversal=True)
    assert [row.is_reversed for row in rows(warehouse, FIRST_SERVICE)] == [1]


def share(warehouse: Warehouse) -> None:
    """Line 1's 450.00 are the patient's."""
    with warehouse.write() as connection:
        connection.execute(
            update(t.adjustment).values(
                group_code="PR", reason_code="1", category="patient_responsibility", is_denial=False
            )
        )


@pytest.mark.parametrize(
    ("payment", "service", "owed_by"),
    [
        ({}, {}, "patient"),
        *(({"claim_status_code": code}, {}, "next_payer") for code in ("19", "20", "21", "23")),
        ({"claim_status_code": "2"}, {}, "patient"),
        ({"claim_status_code": "25"}, {}, None),  # it is only said what would be owed
        *(({"remark_codes": code}, {}, "next_payer") for code in ("N781", "N782", "N783")),
        *(({}, {"remark_codes": f"N386,{code}"}, "next_payer")
          for code in ("N781", "N782", "N783")),
        ({"remark_codes": "MA01,N7811"}, {"remark_codes": "N386"}, "patient"),
    ],
)  # fmt: skip
def test_a_share_is_owed_by_the_patient_or_the_payer_that_it_was_passed_to(
    warehouse: Warehouse, payment: dict[str, Any], service: dict[str, Any], owed_by: str | None
) -> None:
    assert [row.patient_share_owed_by for row in rows(warehouse, FIRST_SERVICE)] == [None]
    share(warehouse)
    if payment:
        change(warehouse, t.claim_payment, 1, **payment)
    if service:
        change(warehouse, t.service_payment, 1, **service)
    [row] = rows(warehouse, FIRST_SERVICE)
    assert row.patient_share_owed_by == owed_by


@pytest.mark.parametrize(
    ("payment", "service", "owed_by"),
    [
        ({}, {}, "patient"),
        ({"claim_status_code": "19"}, {}, "next_payer"),
        ({"remark_codes": "N781"}, {}, "next_payer"),
        ({}, {"remark_codes": "N782"}, "next_payer"),
    ],
)
def test_a_share_is_taken_back_from_whom_it_was_told_to_be_owed_by(
    warehouse: Warehouse,
    keep: Any,
    payment: dict[str, Any],
    service: dict[str, Any],
    owed_by: str,
) -> None:
    """The reversal itself says neither that the claim was passed on nor that nobody is billed."""
    change(warehouse, t.claim_payment, 1, **payment)
    change(warehouse, t.service_payment, 1, **service)
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, claim_status_code="22",
         is_reversal=True, reverses_id=1, remark_codes="")  # fmt: skip
    keep(t.service_payment, claim_payment_id=2, remark_codes="")
    keep(t.adjustment, claim_payment_id=2, amount_cents=-45000)
    share(warehouse)
    told = "select patient_share_amount, patient_share_owed_by from mart_adjudicated_line"
    found = rows(warehouse, f"{told} where service_position = 1 order by 1")
    assert found == [(-450, owed_by), (450, owed_by)]


@pytest.mark.parametrize(
    ("own", "later", "is_passed_on"),
    [
        ({}, {}, True),
        ({}, {"payer_sequence": "T"}, True),
        ({"payer_sequence": "S"}, {"payer_sequence": "T"}, True),
        ({"payer_sequence": "S"}, {}, False),
        ({"payer_sequence": "T"}, {"payer_sequence": "T"}, False),
        ({}, {"payer_sequence": "P"}, False),
        ({}, {"patient_control_number": "PCN2"}, False),
        ({}, {"billing_npi": "1999999984"}, False),
        ({}, {"first_service_date": date(2026, 8, 29)}, False),
        ({}, {"charge_cents": 45011}, False),
        ({}, {"origin": "shadow"}, False),
        ({}, {"status": "rejected"}, False),
        ({}, {"status": "voided"}, False),
        ({}, {"claim_frequency_code": "8"}, False),
        ({}, {"claim_frequency_code": "7"}, True),
        ({}, {"patient_name": "DEMO^ANN^B"}, True),
        ({"patient_name": "DEMO^ANN^B"}, {}, True),
        ({}, {"patient_name": "DEMO^BOB"}, False),
        ({}, {"patient_name": None}, True),
        ({"patient_name": None}, {}, True),
        ({}, {"patient_name": None, "service_line_count": 3}, False),
        ({}, {"service_line_count": 3}, True),  # the name says it
    ],
)
def test_a_share_is_the_next_payer_s_where_the_same_claim_went_to_it(
    warehouse: Warehouse,
    keep: Any,
    own: dict[str, Any],
    later: dict[str, Any],
    is_passed_on: bool,
) -> None:
    share(warehouse)
    who = {"patient_name": "DEMO^ANN", "first_service_date": date(2026, 8, 28)}
    change(warehouse, t.submission, 1, **(who | own))
    keep(t.submission, **({"submission_id": 3, "claim_position": 3, "payer_sequence": "S"}
                          | who | later))  # fmt: skip
    [row] = rows(warehouse, FIRST_SERVICE)
    assert row.patient_share_owed_by == ("next_payer" if is_passed_on else "patient")


def test_what_is_answered_without_a_line_has_the_claim_s_first_day(warehouse: Warehouse) -> None:
    change(warehouse, t.submission, 1, first_service_date=date(2026, 8, 28))
    change(warehouse, t.claim_payment, 1, service_date=None)
    with warehouse.write() as connection:
        connection.execute(t.denial.update().values(service_position=0, line_position=None))
        connection.execute(t.adjustment.delete())
        connection.execute(t.service_payment.delete().where(
            t.service_payment.c.service_position > 1))  # fmt: skip
        connection.execute(t.service_payment.update().values(
            service_position=0, service_date=None, line_position=None))  # fmt: skip
    days = ("select service_date from mart_denial union all "
            "select service_date from mart_adjudicated_line")  # fmt: skip
    assert {str(row.service_date) for row in rows(warehouse, days)} == {"2026-08-28"}


def test_a_denial_of_no_claim_of_ours_has_the_payee(warehouse: Warehouse) -> None:
    change(warehouse, t.remittance, 1, payee_npi="1999999984")
    with warehouse.write() as connection:
        connection.execute(t.denial.update().values(submission_id=None, line_position=None))
    assert rows(warehouse, "select billing_npi from mart_denial") == [("1999999984",)]


def test_a_denial_by_another_payer_shows_that_payer(warehouse: Warehouse) -> None:
    who = "select payer_id, payer_name from mart_denial"
    change(warehouse, t.remittance, 1, payer_id="OTHER1", payer_name="OTHER PAYER")
    assert rows(warehouse, who) == [("87726", "ACME HEALTH")]
    change(warehouse, t.claim_payment, 1, is_other_payer=True)
    assert rows(warehouse, who) == [("OTHER1", "OTHER PAYER")]
    change(warehouse, t.claim_payment, 1, is_other_payer=False)
    change(warehouse, t.submission, 1, payer_id=None, payer_name=None)
    assert rows(warehouse, who) == [("OTHER1", "OTHER PAYER")]


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("column", ["is_initial", "is_preventable"])
def test_a_denial_s_yes_is_1(warehouse: Warehouse, column: str, value: bool) -> None:
    change(warehouse, t.denial, 1, **{column: value})
    assert rows(warehouse, f"select {column} from mart_denial") == [(int(value),)]


@pytest.mark.parametrize("value", [True, False])
def test_a_payment_that_does_not_balance_is_marked(warehouse: Warehouse, value: bool) -> None:
    change(warehouse, t.remittance, 1, is_balanced=value)
    assert rows(warehouse, "select is_balanced from mart_remittance") == [(int(value),)]


KINDS = {
    "overpayment_recovery": "WO WU", "forwarding_balance": "FB", "interest": "L6 51",
    "penalty": "L3 50", "withholding": "E3 IR LE SL", "incentive": "90 BN IP LS",
    "capitation": "CT CR", "settlement": "AM AP IS PI PL", "return": "72 B2 B3 J1 RA",
    "adjustment": "CS", "institutional": "AH C5 CV CW DM FC GO HM OA RE", "other": "TL ZZ",
}  # fmt: skip


def test_a_provider_adjustment_is_of_a_kind(warehouse: Warehouse, keep: Any) -> None:
    expected = {code: kind for kind, codes in KINDS.items() for code in codes.split()}
    for n, code in enumerate(expected, 1):
        keep(t.provider_adjustment, remittance_id=1, segment_position=n, pair=1, reason_code=code,
             provider_npi="1234567893", amount_cents=100)  # fmt: skip
    found = rows(warehouse, "select reason_code, category, amount from mart_provider_adjustment")
    assert {code: kind for code, kind, _ in found} == expected
    assert {amount for *_, amount in found} == {1}


# Secondary claim 3 tells that payer 87726 paid 100.00 on line 1 and left 20.00 to the patient.
TOLD = "select is_different, remittance_payment_amount from mart_prior_adjudication"


@pytest.fixture
def told(small_claim: None, warehouse: Warehouse, keep: Any) -> None:
    keep(t.submission, submission_id=3, claim_position=3, payer_sequence="S", payer_id="S2",
         first_service_date=date(2026, 8, 28))  # fmt: skip
    for n in (1, 2):
        change(warehouse, t.submission, n, first_service_date=date(2026, 8, 28))
    keep(t.submitted_line, submission_id=3, line_position=1, line_number="1")
    keep(t.prior_adjudication, submission_id=3, line_position=1, part=1, payer_id="87726",
         paid_cents=10000, is_balanced=True)  # fmt: skip
    keep(t.prior_adjustment, submission_id=3, line_position=1, part=1, adjustment_position=1,
         group_code="PR", reason_code="1", amount_cents=2000)  # fmt: skip
    change(warehouse, t.service_payment, 1, payment_cents=10000)
    with warehouse.write() as connection:
        connection.execute(
            update(t.adjustment).values(group_code="PR", reason_code="1", amount_cents=2000)
        )


@pytest.mark.usefixtures("told")
class TestWhatAClaimTellsOfAnEarlierPayer:
    def test_it_stands_beside_that_payer_s_own(self, warehouse: Warehouse) -> None:
        assert rows(warehouse, TOLD) == [(0, 100)]

    def test_an_amount_that_is_another_is_marked(self, warehouse: Warehouse) -> None:
        change(warehouse, t.prior_adjudication, 3, paid_cents=10001)
        assert rows(warehouse, TOLD) == [(1, 100)]

    def test_what_it_tells_of_the_contract_is_no_share(
        self, warehouse: Warehouse, keep: Any
    ) -> None:
        keep(t.prior_adjustment, submission_id=3, line_position=1, part=1, adjustment_position=2,
             group_code="CO", reason_code="45", amount_cents=33000)  # fmt: skip
        assert rows(warehouse, TOLD) == [(0, 100)]

    def test_its_own_answer_is_not_the_earlier_one_though_both_plans_have_one_payer(
        self, warehouse: Warehouse, keep: Any
    ) -> None:
        change(warehouse, t.submission, 3, payer_id="87726")
        keep(t.claim_payment, claim_payment_id=2, claim_position=2, submission_id=3)
        keep(t.service_payment, claim_payment_id=2, payment_cents=1500)
        assert rows(warehouse, TOLD) == [(0, 100)]

    @pytest.mark.parametrize(("group", "different"), [("PR", 1), ("CO", 0)])
    def test_a_share_that_is_another_is_marked(
        self, warehouse: Warehouse, keep: Any, group: str, different: int
    ) -> None:
        keep(t.adjustment, adjustment_position=2, group_code=group, amount_cents=1)
        assert rows(warehouse, TOLD) == [(different, 100)]

    @pytest.mark.parametrize(
        "first",
        [
            {"patient_control_number": "PCN2"},
            {"billing_npi": "1999999984"},
            {"first_service_date": date(2026, 8, 29)},
            {"charge_cents": 45011},
            {"payer_id": "OTHER"},
            {"origin": "shadow"},
        ],
    )
    def test_another_claim_is_not_held_against_it(
        self, warehouse: Warehouse, first: dict[str, Any]
    ) -> None:
        change(warehouse, t.submission, 1, **first)
        assert rows(warehouse, TOLD) == [(None, None)]

    @pytest.mark.parametrize(
        "payment",
        [{"is_other_payer": True}, {"claim_status_code": "25"}, {"submission_id": 3}],
    )
    def test_what_is_not_that_payer_s_decision_is_not_held_against_it(
        self, warehouse: Warehouse, payment: dict[str, Any]
    ) -> None:
        change(warehouse, t.claim_payment, 1, **payment)
        assert rows(warehouse, TOLD) == [(None, None)]

    def test_reversals_are_taken_off(self, warehouse: Warehouse, keep: Any) -> None:
        keep(t.claim_payment, claim_payment_id=2, claim_position=2, is_reversal=True)
        keep(t.service_payment, claim_payment_id=2, payment_cents=-4000)
        assert rows(warehouse, TOLD) == [(1, 60)]

    def test_a_line_told_in_parts_has_a_row_a_part_and_one_sum(
        self, warehouse: Warehouse, keep: Any
    ) -> None:
        change(warehouse, t.prior_adjudication, 3, paid_cents=9000)
        keep(t.prior_adjudication, submission_id=3, line_position=1, part=2, payer_id="87726",
             paid_cents=1000, is_balanced=True)  # fmt: skip
        shares = "select part, patient_responsibility_amount, is_different"
        found = rows(warehouse, f"{shares} from mart_prior_adjudication order by part")
        assert [tuple(row) for row in found] == [(1, 20, 0), (2, 0, 0)]

    def test_the_claim_s_own_level_is_held_against_the_claim_payment(
        self, warehouse: Warehouse, keep: Any
    ) -> None:
        keep(t.prior_adjudication, submission_id=3, line_position=0, part=1, payer_id="87726",
             paid_cents=10, is_balanced=True)  # fmt: skip
        # A service of the claim's own level, and one of no line, are not this level.
        keep(t.service_payment, service_position=0, line_position=0, payment_cents=555)
        keep(t.service_payment, service_position=3, line_position=None, payment_cents=777)
        found = rows(warehouse, f"{TOLD} order by line_number")
        assert [tuple(row) for row in found] == [(0, 0.1), (0, 100)]
