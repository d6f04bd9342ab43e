"""What a claim's states rest on, condition by condition: rows in, what SQL makes of them out.

One claim of two lines; of the first, 450.00 were denied on the 14th of September, and another
adjudication of the 1st of October pays them. Each test changes what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from cases.rows import change as change_row
from rules.payer import PayerProfile
from warehouse import billed_payer, touched
from warehouse import tables as t
from warehouse.database import Warehouse, sql_of
from warehouse.outcome import settle_outcomes

BEFORE, THEN, LATER = date(2026, 9, 1), date(2026, 9, 14), date(2026, 10, 1)
PAYERS = (
    PayerProfile(name="Acme Health", ids=("87726", "ACME1")),
    PayerProfile(name="Sample Mutual", ids=("S2",)),
)
Change = Callable[..., None]


@pytest.fixture
def change(warehouse: Warehouse, keep: Any) -> Change:
    """The claim, its denial and the later adjudication; the fixture itself changes a row."""
    for n, day in ((1, BEFORE), (2, THEN), (3, LATER)):
        keep(t.file, file_id=n, sha256=f"{n}" * 64, kind="837P" if n == 1 else "835")
        keep(t.x12_transaction, transaction_id=n, file_id=n)
        if n > 1:
            keep(t.remittance, remittance_id=n, file_id=n, transaction_id=n, payment_date=day,
                 trace_number=f"T{n}")  # fmt: skip
    keep(t.claim, claim_id=1, identity="1")
    keep(t.claim, claim_id=2, identity="2", patient_control_number="PCN2")
    keep(t.submission, submission_id=1)
    for n, cents in ((1, 45000), (2, 10)):
        keep(t.submitted_line, line_position=n, line_number=str(n), chain_position=n,
             charge_cents=cents)  # fmt: skip
    for n, paid in ((2, 10), (3, 45010)):
        keep(t.claim_payment, claim_payment_id=n, remittance_id=n, file_id=n, payment_cents=paid,
             payer_claim_control_number=f"ICN{n}")  # fmt: skip
        keep(t.service_payment, claim_payment_id=n, payment_cents=paid - 10)
        keep(t.service_payment, claim_payment_id=n, service_position=2, line_position=2,
             payment_cents=10)  # fmt: skip
    keep(t.denial, denial_id=1, claim_payment_id=2, decision=None, status="open")

    return partial(change_row, warehouse)


def settled(warehouse: Warehouse, name: str) -> list[Any]:
    """What one statement of the outcomes gives, or has changed, for the claim."""
    with warehouse.write() as connection:
        touched.begin(connection)
        touched.touch(connection, {1})
        billed_payer.know(connection, PAYERS)
        found: list[Any] = []
        for _ in touched.settling(connection):
            billed_payer.fill(connection)
            result = connection.execute(text(sql_of("outcome", name)))
            found += result.all() if result.returns_rows else []
    return found


def later(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    rows = settled(warehouse, "later")
    return [(r.denial_id, r.later_cents, r.before_cents, r.later_denial_id) for r in rows]


PAID = [(1, 45000, 0, None)]


def test_a_line_is_decided_by_what_comes_after(warehouse: Warehouse, change: Change) -> None:
    assert later(warehouse) == PAID


@pytest.mark.parametrize(
    "values",
    [
        {"is_reversal": True},
        {"claim_status_code": "25"},
        {"is_other_payer": True},
        {"submission_id": None},
    ],
)
def test_what_decides_nothing_is_no_later_word(
    warehouse: Warehouse, change: Change, values: dict[str, Any]
) -> None:
    change(t.claim_payment, 3, **values)
    assert later(warehouse) == []


def test_the_refusal_of_a_copy_waits_for_nothing(warehouse: Warehouse, change: Change) -> None:
    change(t.denial, 1, is_copy=True)
    assert later(warehouse) == []


@pytest.mark.parametrize(("payer_id", "expected"), [("87726", PAID), ("S2", []), (None, [])])
def test_another_payer_s_denial_is_answered_by_that_payer(
    warehouse: Warehouse, change: Change, payer_id: str | None, expected: list[Any]
) -> None:
    for n in (2, 3):
        change(t.claim_payment, n, is_other_payer=True)
    change(t.remittance, 3, payer_id=payer_id)
    assert later(warehouse) == expected


@pytest.mark.parametrize(("payer_id", "expected"), [("ACME1", PAID), ("S2", [])])
def test_a_submission_to_another_payer_is_no_more_of_this_one(
    warehouse: Warehouse, change: Change, keep: Any, payer_id: str, expected: list[Any]
) -> None:
    keep(t.submission, submission_id=2, claim_position=2, payer_id=payer_id)
    keep(t.submitted_line, submission_id=2, line_position=1, line_number="1", chain_position=1)
    change(t.claim_payment, 3, submission_id=2)
    assert later(warehouse) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"payment_date": BEFORE}, []),
        ({"payment_date": THEN, "trace_number": "T1"}, []),
        ({"payment_date": THEN, "trace_number": "T2"}, PAID),  # the file's digest comes after
        ({"payment_date": THEN, "trace_number": "T3"}, PAID),
    ],
)
def test_later_is_by_date_then_by_trace_then_by_file(
    warehouse: Warehouse, change: Change, values: dict[str, Any], expected: list[Any]
) -> None:
    change(t.remittance, 3, **values)
    assert later(warehouse) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"charge_cents": 10}, []),
        ({"charge_cents": 11}, PAID),  # more than the claim: not a part of one answer
        ({"charge_cents": 10, "corrects_id": 2}, PAID),
        ({"charge_cents": 10, "remittance_id": 3}, PAID),
    ],
)
def test_another_part_of_one_answer_is_no_later_word(
    warehouse: Warehouse, change: Change, other: dict[str, Any], expected: list[Any]
) -> None:
    change(t.claim_payment, 2, charge_cents=45000)
    values = {"remittance_id": 2, "file_id": 2, "claim_position": 2}
    if other.get("remittance_id") == 3:
        values = {}
    change(t.claim_payment, 3, **(values | other))
    assert later(warehouse) == expected


@pytest.mark.parametrize(
    ("charge", "on", "expected"),
    [
        (20000, LATER, [(1, 45010, 10, None)]),
        (20001, LATER, []),
        (20000, THEN, []),
        (45010, LATER, [(1, 45010, 10, None)]),
    ],
)
def test_a_claim_s_denial_is_answered_by_the_claim_not_by_its_other_part(
    warehouse: Warehouse, change: Change, charge: int, on: date, expected: list[Any]
) -> None:
    """Denied at claim level were 200.00 of 450.10, or all."""
    change(t.denial, 1, service_position=0, line_position=None)
    denied = 45010 if charge == 45010 else 20000
    change(t.claim_payment, 2, charge_cents=denied)
    change(t.claim_payment, 3, charge_cents=charge)
    change(t.remittance, 3, payment_date=on)
    assert later(warehouse) == expected


@pytest.mark.parametrize("line", [2, None])
def test_a_decision_on_other_lines_says_nothing_of_this_one(
    warehouse: Warehouse, change: Change, line: int | None
) -> None:
    with warehouse.write() as connection:
        connection.execute(
            text("update service_payment set line_position = :line where claim_payment_id = 3 "
                 "and service_position = 1"), {"line": line}
        )  # fmt: skip
    assert later(warehouse) == []


def test_what_the_payer_has_taken_back_does_not_stand(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    keep(t.claim_payment, claim_payment_id=4, remittance_id=3, file_id=3, claim_position=4,
         is_reversal=True, reverses_id=3, payment_cents=-45010)  # fmt: skip
    assert later(warehouse) == []


@pytest.mark.parametrize(
    ("values", "paid", "expected"),
    [
        ({}, 0, [(1, 0, 0, 2)]),
        ({}, 100, [(1, 100, 0, 2)]),
        ({"is_copy": True}, 0, []),
        ({"denied_cents": 0}, 0, []),
        ({"denied_cents": 0}, 100, [(1, 100, 0, None)]),  # pended in part: the rest was paid
        ({"line_position": 2}, 45000, PAID),
        ({"line_position": 2, "is_copy": True}, 45000, PAID),
    ],
)
def test_denied_again_is_told_with_its_denial(
    warehouse: Warehouse, change: Change, keep: Any, values: Any, paid: int, expected: list[Any]
) -> None:
    keep(t.denial, **({"denial_id": 2, "claim_payment_id": 3, "denied_on": LATER} | values))
    with warehouse.write() as connection:
        connection.execute(
            text("update service_payment set payment_cents = :paid "
                 "where claim_payment_id = 3 and service_position = 1"), {"paid": paid}
        )  # fmt: skip
    assert later(warehouse) == expected


def test_no_line_brings_more_than_its_claim(warehouse: Warehouse, change: Change) -> None:
    """What the claim's own level takes back, it takes from what its lines were paid."""
    for paid, found in ((0, 0), (-5, -5), (20000, 20000), (45000, 45000), (50000, 45000)):
        change(t.claim_payment, 3, payment_cents=paid)
        assert later(warehouse) == [(1, found, 0, None)]
    change(t.claim_payment, 2, payment_cents=-3)
    assert later(warehouse) == [(1, 45000, -3, None)]


def test_beside_what_is_pended_the_line_s_other_denial_counts(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    keep(t.denial, denial_id=2, claim_payment_id=3, service_position=1)
    keep(t.denial, denial_id=3, claim_payment_id=3, service_position=3, denied_cents=0)
    assert later(warehouse) == [(1, 45000, 0, 2)]


def test_a_line_that_was_split_is_what_its_parts_come_to(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    for n, cents, paid in ((2, 100, 110), (3, 300, 45310)):
        keep(t.service_payment, claim_payment_id=n, service_position=3, payment_cents=cents)
        change(t.claim_payment, n, payment_cents=paid)
    assert later(warehouse) == [(1, 45300, 100, None)]


INITIAL = "select denial_id from denial where is_initial order by denial_id"


@pytest.mark.parametrize(
    ("table", "values", "initial"),
    [
        ("denial", {}, [1]),
        ("denial", {"line_position": 2}, [1, 2]),
        ("denial", {"line_position": None, "service_position": 0}, [1, 2]),
        ("claim_payment", {"is_other_payer": True}, [1, 2]),
        ("remittance", {"payment_date": BEFORE}, [2]),
        ("remittance", {"payment_date": THEN, "trace_number": "T1"}, [2]),
    ],
)
def test_the_first_denial_of_a_line_is_the_initial_one(
    warehouse: Warehouse,
    change: Change,
    keep: Any,
    table: str,
    values: dict[str, Any],
    initial: list[int],
) -> None:
    keep(t.denial, denial_id=2, claim_payment_id=3, is_initial=False)
    change(getattr(t, table), 2 if table == "denial" else 3, **values)
    settled(warehouse, "denial_initial")
    with warehouse.read() as connection:
        assert list(connection.execute(text(INITIAL)).scalars()) == initial


@pytest.mark.parametrize("apart", [{"is_copy": True}, {"denied_cents": 0}])
def test_a_copy_s_refusal_and_what_waits_are_no_initial_denial(
    warehouse: Warehouse, change: Change, keep: Any, apart: dict[str, Any]
) -> None:
    change(t.denial, 1, **apart)
    keep(t.denial, denial_id=2, claim_payment_id=3, is_initial=False)
    settled(warehouse, "denial_initial")
    with warehouse.read() as connection:
        assert list(connection.execute(text(INITIAL)).scalars()) == [2]


@pytest.mark.parametrize(("payer_id", "initial"), [("87726", [1]), ("S2", [1, 2])])
def test_each_other_payer_has_an_initial_denial_of_its_own(
    warehouse: Warehouse, change: Change, keep: Any, payer_id: str, initial: list[int]
) -> None:
    keep(t.denial, denial_id=2, claim_payment_id=3, is_initial=False)
    for n in (2, 3):
        change(t.claim_payment, n, is_other_payer=True)
    change(t.remittance, 3, payer_id=payer_id)
    settled(warehouse, "denial_initial")
    with warehouse.read() as connection:
        assert list(connection.execute(text(INITIAL)).scalars()) == initial


SENT = ["delivering", "unconfirmed", "emitted", "acknowledged", "accepted", "adjudicated"]


@pytest.mark.parametrize(
    ("decision", "state", "was_sent"),
    [
        *(("corrected", state, 1) for state in SENT),
        *(("corrected", state, 0) for state in ("shadow", "rejected", "approved", "voided")),
        ("refused", "emitted", 0),
        (None, "emitted", 0),
    ],
)
def test_a_denial_was_sent_where_its_correction_left(
    warehouse: Warehouse,
    change: Change,
    keep: Any,
    decision: str | None,
    state: str,
    was_sent: int,
) -> None:
    keep(t.outbound_file, outbound_file_id=1)
    keep(t.outbound_claim, outbound_claim_id=1, emitted_submission_id=None, state=state,
         is_open=False)  # fmt: skip
    change(t.denial, 1, decision=decision)
    (row,) = settled(warehouse, "denial_state")
    assert row.was_sent == was_sent


def test_a_denial_is_taken_back_on_the_day_of_the_last_reversal(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    assert settled(warehouse, "denial_state")[0].reversed_on is None
    change(t.claim_payment, 3, is_reversal=True, reverses_id=2)
    assert settled(warehouse, "denial_state")[0].reversed_on == LATER.isoformat()


STATUS = "select status from submission where submission_id = 1"


def status(warehouse: Warehouse, *names: str) -> str:
    for name in names:
        settled(warehouse, name)
    with warehouse.read() as connection:
        return str(connection.execute(text(STATUS)).scalar())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "adjudicated"),
        ({"is_reversal": True}, "pending"),
        ({"is_other_payer": True}, "pending"),
        ({"claim_status_code": "25"}, "pending"),
        ({"submission_id": None}, "pending"),
    ],
)
def test_a_submission_is_answered_by_its_own_payer_s_decision(
    warehouse: Warehouse, change: Change, values: dict[str, Any], expected: str
) -> None:
    change(t.claim_payment, 2, submission_id=None)
    change(t.claim_payment, 3, **values)
    assert status(warehouse, "submission_adjudicated") == expected


def test_what_was_turned_back_is_not_answered(warehouse: Warehouse, change: Change) -> None:
    change(t.submission, 1, status="rejected")
    assert status(warehouse, "submission_pending", "submission_adjudicated") == "rejected"


def test_claims_that_nothing_touched_keep_their_states(
    warehouse: Warehouse, change: Change
) -> None:
    for state in ("adjudicated", "pending"):
        change(t.submission, 1, claim_id=2, status=state)
        assert status(warehouse, "submission_pending", "submission_adjudicated") == state


VOID = {"submission_id": 2, "claim_position": 2, "claim_frequency_code": "8",
        "payer_claim_control_number": "ICN2", "submitted_on": LATER}  # fmt: skip
BACK = {"claim_payment_id": 4, "remittance_id": 3, "file_id": 3, "claim_position": 4,
        "is_reversal": True, "reverses_id": 2, "payer_claim_control_number": "ICN2",
        "claim_status_code": "22"}  # fmt: skip


@pytest.mark.parametrize(
    ("void", "back", "expected"),
    [
        ({}, {}, "adjudicated"),
        ({}, {"payer_claim_control_number": "ICN9"}, "pending"),
        ({}, {"payer_claim_control_number": "ICN9", "claim_frequency_code": "8"}, "adjudicated"),
        ({}, {"claim_frequency_code": "1"}, "pending"),
        ({}, {"is_other_payer": True}, "pending"),
        ({}, {"is_reversal": False, "submission_id": 1}, "pending"),
        ({}, {"remittance_id": 2}, "pending"),  # paid before the void went out
        ({"submitted_on": date(2026, 10, 2)}, {}, "pending"),
        ({"payer_id": "S2"}, {}, "pending"),
        ({"claim_frequency_code": "7"}, {}, "pending"),
        ({"claim_id": 2}, {}, "pending"),
    ],
)
def test_a_void_is_answered_by_the_reversal_of_what_it_names(
    warehouse: Warehouse, change: Change, keep: Any, void: Any, back: Any, expected: str
) -> None:
    keep(t.submission, **(VOID | void))
    keep(t.claim_payment, **(BACK | back))
    settled(warehouse, "submission_adjudicated")
    with warehouse.read() as connection:
        of = text(STATUS.replace("= 1", "= 2"))
        assert connection.execute(of).scalar() == expected


def test_a_reversal_that_makes_room_for_a_decision_answers_no_void(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    keep(t.submission, **VOID)
    keep(t.claim_payment, **BACK)
    change(t.claim_payment, 3, corrects_id=2)
    settled(warehouse, "submission_adjudicated")
    with warehouse.read() as connection:
        of = text(STATUS.replace("= 1", "= 2"))
        assert connection.execute(of).scalar() == "pending"


REPLACEMENT = {"submission_id": 2, "claim_position": 2, "claim_frequency_code": "7",
               "submitted_on": LATER}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "superseded"),
        ({"claim_frequency_code": "8"}, "voided"),
        ({"claim_frequency_code": "1"}, "pending"),
        ({"origin": "shadow"}, "pending"),
        ({"status": "rejected"}, "pending"),
        ({"payer_id": "S2"}, "pending"),
        ({"payer_id": "ACME1"}, "superseded"),
        ({"claim_id": 2}, "pending"),
        ({"submitted_on": date(2026, 8, 31)}, "pending"),
        ({"submitted_on": BEFORE}, "superseded"),  # of one day, the frequency tells
    ],
)
def test_a_submission_is_replaced_by_a_later_one_to_its_payer(
    warehouse: Warehouse, change: Change, keep: Any, values: Any, expected: str
) -> None:
    keep(t.submission, **(REPLACEMENT | values))
    assert status(warehouse, "submission_replaced") == expected
    # Made anew each time, with the same end.
    assert status(warehouse, "submission_pending", "submission_replaced") == expected


@pytest.mark.parametrize(
    ("frequency", "own", "expected"),
    [("8", "pending", "pending"), ("7", "pending", "superseded"), ("1", "shadow", "shadow"),
     ("1", "rejected", "rejected"), ("1", "adjudicated", "superseded")],
)  # fmt: skip
def test_what_took_a_claim_back_is_not_replaced_itself(
    warehouse: Warehouse, change: Change, keep: Any, frequency: str, own: str, expected: str
) -> None:
    keep(t.submission, **REPLACEMENT)
    if own == "shadow":
        change(t.submission, 1, origin="shadow")
        assert status(warehouse, "submission_replaced") == "pending"
        return
    change(t.submission, 1, claim_frequency_code=frequency, status=own)
    assert status(warehouse, "submission_replaced") == expected


@pytest.mark.parametrize(
    ("state", "expected"), [("approved", "pending"), ("emitted", "superseded")]
)
def test_what_has_not_left_replaces_nothing_yet(
    warehouse: Warehouse, change: Change, keep: Any, state: str, expected: str
) -> None:
    keep(t.submission, origin="emitted", **REPLACEMENT)
    keep(t.outbound_file, outbound_file_id=1)
    keep(t.outbound_claim, outbound_claim_id=1, state=state)
    assert status(warehouse, "submission_replaced") == expected


def test_a_replacement_and_then_a_void_leave_it_voided(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    keep(t.submission, **REPLACEMENT)
    keep(t.submission, submission_id=3, claim_position=3, claim_frequency_code="8",
         submitted_on=LATER)  # fmt: skip
    assert status(warehouse, "submission_replaced") == "voided"


@pytest.mark.parametrize(
    ("sent", "answer", "net"),
    [
        ({}, {}, 45020),
        ({}, {"is_reversal": True}, None),
        ({}, {"is_other_payer": True}, None),
        ({}, {"claim_status_code": "25"}, None),
        ({}, {"match_state": "open"}, None),
        ({}, {"submission_id": 1}, None),
        ({"is_open": False}, {}, None),
        ({"is_open": False, "state": "adjudicated"}, {}, 45020),
        ({"claim_id": 2}, {}, None),
    ],
)
def test_what_we_sent_is_answered_with_the_claim_s_net(
    warehouse: Warehouse, change: Change, keep: Any, sent: Any, answer: Any, net: int | None
) -> None:
    keep(t.submission, origin="emitted", **REPLACEMENT)
    keep(t.outbound_file, outbound_file_id=1)
    keep(t.outbound_claim, **({"outbound_claim_id": 1} | sent))
    change(t.claim_payment, 3, **({"submission_id": 2} | answer))
    rows = [row for row in settled(warehouse, "sent_answered") if row.is_answered]
    assert [row.net_cents for row in rows] == ([] if net is None else [net])


@pytest.mark.parametrize("values", [{"is_other_payer": True}, {"claim_status_code": "25"}])
def test_a_claim_s_net_is_of_its_payer_s_decisions(
    warehouse: Warehouse, change: Change, keep: Any, values: dict[str, Any]
) -> None:
    keep(t.submission, origin="emitted", **REPLACEMENT)
    keep(t.outbound_file, outbound_file_id=1)
    keep(t.outbound_claim, outbound_claim_id=1)
    change(t.claim_payment, 3, submission_id=2)
    change(t.claim_payment, 2, **values)
    assert settled(warehouse, "sent_answered")[0].net_cents == 45010


@pytest.mark.parametrize(
    ("frequency", "state", "rows"),
    [("8", "adjudicated", 1), ("8", "pending", 0), ("7", "adjudicated", 0)],
)
def test_a_void_that_we_sent_is_answered_by_its_status(
    warehouse: Warehouse, change: Change, keep: Any, frequency: str, state: str, rows: int
) -> None:
    values = REPLACEMENT | {"claim_frequency_code": frequency, "status": state}
    keep(t.submission, origin="emitted", **values)
    keep(t.outbound_file, outbound_file_id=1)
    keep(t.outbound_claim, outbound_claim_id=1)
    assert [row.is_answered for row in settled(warehouse, "sent_answered")] == [rows]


@pytest.mark.parametrize(
    ("file_state", "other", "state", "is_open"),
    [
        ("emitted", {}, "emitted", True),
        ("acknowledged", {}, "emitted", True),
        ("unconfirmed", {}, "unconfirmed", True),
        ("emitted", {"is_open": False}, "emitted", True),
        ("emitted", {"is_open": True}, "adjudicated", False),  # replaced by it since
        ("emitted", {"is_open": True, "payer_key": "S2"}, "emitted", True),
        ("emitted", {"is_open": True, "claim_id": 2}, "emitted", True),
    ],
)
def test_what_had_an_answer_that_is_another_claim_s_by_now_waits_again(
    warehouse: Warehouse,
    change: Change,
    keep: Any,
    file_state: str,
    other: dict[str, Any],
    state: str,
    is_open: bool,
) -> None:
    keep(t.submission, origin="emitted", **REPLACEMENT)
    keep(t.outbound_file, outbound_file_id=1, state=file_state)
    keep(t.outbound_claim, outbound_claim_id=1, state="adjudicated", is_open=False,
         recovered_cents=500)  # fmt: skip
    if other:
        keep(t.outbound_claim, **({"outbound_claim_id": 2, "emitted_submission_id": None} | other))
    with warehouse.write() as connection:
        touched.begin(connection)
        touched.touch(connection, {1})
        settle_outcomes(connection, PAYERS)
        row = connection.execute(
            text("select state, is_open, recovered_cents from outbound_claim "
                 "where outbound_claim_id = 1")
        ).one()  # fmt: skip
    assert (row.state, bool(row.is_open)) == (state, is_open)
    assert row.recovered_cents == (0 if is_open else 500)


def test_two_parts_of_a_line_that_were_taken_back_together_tell_its_increase_once(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    keep(t.service_payment, claim_payment_id=2, service_position=3, payment_cents=0)
    keep(t.denial, denial_id=2, claim_payment_id=2, service_position=3, decision=None)
    keep(t.remittance, remittance_id=4, payment_date=date(2026, 9, 20), trace_number="T4")
    keep(t.claim_payment, claim_payment_id=4, remittance_id=4, claim_position=4,
         is_reversal=True, reverses_id=2)  # fmt: skip
    with warehouse.write() as connection:
        touched.begin(connection)
        touched.touch(connection, {1})
        settle_outcomes(connection, PAYERS)
        found = connection.execute(
            text("select status, recovered_cents from denial order by denial_id")
        ).all()
    assert {status for status, _ in found} == {"reversed"}
    assert sorted(cents for _, cents in found) == [0, 45000]


def test_of_denials_that_were_all_taken_back_the_first_by_its_payment_tells_the_increase(
    warehouse: Warehouse, change: Change, keep: Any
) -> None:
    """Whichever of the two arrived first: the one with the higher id was paid on earlier."""
    keep(t.remittance, remittance_id=4, payment_date=date(2026, 9, 10), trace_number="T4")
    keep(t.remittance, remittance_id=5, payment_date=date(2026, 9, 20), trace_number="T5")
    keep(t.claim_payment, claim_payment_id=4, remittance_id=4, claim_position=4, payment_cents=10)
    keep(t.service_payment, claim_payment_id=4)
    keep(t.denial, denial_id=2, claim_payment_id=4, decision=None)
    for key, back in ((5, 2), (6, 4)):
        keep(t.claim_payment, claim_payment_id=key, remittance_id=5, claim_position=key,
             is_reversal=True, reverses_id=back)  # fmt: skip
    with warehouse.write() as connection:
        touched.begin(connection)
        touched.touch(connection, {1})
        settle_outcomes(connection, PAYERS)
        found = connection.execute(
            text("select status, recovered_cents from denial order by denial_id")
        ).all()
    assert [tuple(row) for row in found] == [("reversed", 0), ("reversed", 45000)]


COPY = "select denial_id from denial where is_copy order by denial_id"
NOT_YET = {"submission_id": 2, "claim_position": 2}
AGAIN = {"denial_id": 2, "claim_payment_id": 3}


@pytest.mark.parametrize(
    ("table", "values", "copies"),
    [
        ("submission", NOT_YET, [1]),
        ("submission", NOT_YET | {"payer_id": "ACME1"}, [1]),
        ("submission", NOT_YET | {"payer_id": "S2"}, []),
        ("submission", NOT_YET | {"submitted_on": THEN}, [1]),
        ("submission", NOT_YET | {"submitted_on": LATER}, []),
        ("submission", NOT_YET | {"submitted_on": None}, [1]),
        ("submission", NOT_YET | {"claim_frequency_code": "8"}, []),
        ("submission", NOT_YET | {"origin": "shadow"}, []),
        ("submission", NOT_YET | {"status": "rejected"}, []),
        ("submission", NOT_YET | {"claim_id": 2}, []),
        ("denial", AGAIN, [1]),
        ("denial", AGAIN | {"category": "duplicate"}, [2]),
        ("denial", AGAIN | {"denied_cents": 0}, []),
        ("denial", AGAIN | {"line_position": 2}, []),
        ("denial", AGAIN | {"line_position": None, "service_position": 0}, []),
    ],
)
def test_a_duplicate_is_a_copy_s_where_the_payer_has_the_service_beside_it(
    warehouse: Warehouse,
    change: Change,
    keep: Any,
    table: str,
    values: dict[str, Any],
    copies: list[int],
) -> None:
    """Sent again by then, answered before, or denied by another answer; else it is a denial."""
    change(t.denial, 1, category="duplicate")
    keep(getattr(t, table), **values)
    settled(warehouse, "denial_copy")
    with warehouse.read() as connection:
        assert list(connection.execute(text(COPY)).scalars()) == copies


@pytest.mark.parametrize(
    ("values", "copies"),
    [
        ({}, [1]),
        ({"is_reversal": True}, []),
        ({"is_other_payer": True}, []),
        ({"claim_status_code": "25"}, []),
        ({"submission_id": None}, []),
    ],
)
def test_what_was_answered_before_is_no_first_answer(
    warehouse: Warehouse, change: Change, values: dict[str, Any], copies: list[int]
) -> None:
    change(t.denial, 1, category="duplicate")
    settled(warehouse, "denial_copy")
    with warehouse.read() as connection:
        assert list(connection.execute(text(COPY)).scalars()) == []
    change(t.remittance, 3, payment_date=BEFORE)
    change(t.claim_payment, 3, **values)
    settled(warehouse, "denial_copy")
    with warehouse.read() as connection:
        assert list(connection.execute(text(COPY)).scalars()) == copies


def test_another_payer_s_duplicate_is_of_what_we_did_not_send(
    warehouse: Warehouse, change: Change
) -> None:
    change(t.denial, 1, category="duplicate")
    change(t.claim_payment, 2, is_other_payer=True)
    settled(warehouse, "denial_copy")
    with warehouse.read() as connection:
        assert list(connection.execute(text(COPY)).scalars()) == [1]
