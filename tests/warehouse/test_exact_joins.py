"""The joins in SQL, held against the same rules said once more in Python, over random claims.

The claims are drawn from so few values that every condition decides some of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from warehouse import tables as t
from warehouse.claim_parts import find_parts
from warehouse.database import Warehouse, sql_of
from warehouse.slices import open_payments

DAY = date(2026, 3, 2)
DAYS = (None, DAY, DAY, DAY + timedelta(days=1))
CLAIMS = 1500
Rows = list[dict[str, Any]]
Key = tuple[int, int]


class Drawn(NamedTuple):
    """Rows by table, as they are put down."""

    submissions: Rows
    lines: Rows
    remittances: Rows
    payments: Rows
    services: Rows
    states: dict[int, str]
    """Of the claims of ours among the submissions, by submission."""


@pytest.fixture
def put(keep_all: Any) -> Callable[[Drawn], None]:
    """Rows of all tables; what a join does not look at is as in the small claim."""

    def put_down(drawn: Drawn) -> None:
        keep_all(t.file, [{"file_id": 1}, {"file_id": 2, "sha256": "e", "kind": "835"}])
        keep_all(t.x12_transaction, [{"transaction_id": n, "file_id": n} for n in (1, 2)])
        keep_all(t.claim, [{"claim_id": 1, "identity": "1"}])
        keep_all(t.outbound_file, [{"outbound_file_id": 1}])
        keep_all(t.remittance, drawn.remittances)
        keep_all(t.submission, drawn.submissions)
        keep_all(t.submitted_line, drawn.lines)
        keep_all(t.outbound_claim, [
            {"outbound_claim_id": n, "submission_id": n, "emitted_submission_id": n,
             "state": state, "is_open": False}
            for n, state in drawn.states.items()
        ])  # fmt: skip
        keep_all(t.claim_payment, drawn.payments)
        keep_all(t.service_payment, drawn.services)

    return put_down


def joined(warehouse: Warehouse, name: str, result: str) -> list[tuple[Any, ...]]:
    """What a statement of the matching has set, of all open payments."""
    with warehouse.write() as connection:
        for _ in open_payments(connection):
            find_parts(connection)
            connection.execute(text(sql_of("match", name)))
        return [tuple(row) for row in connection.execute(text(result))]


LINES = """
select claim_payment_id, service_position, line_position from service_payment
where line_position is not null and match_method = '{}'
"""


def draw_lines(seed: int) -> Drawn:
    """Claims of one to four lines and as many services, most of them of a line."""
    rng = random.Random(seed)
    drawn = Drawn([], [], [], [], [], {})
    for n in range(1, CLAIMS + 1):
        drawn.submissions.append({"submission_id": n, "claim_position": n})
        # Some are another part of the answer before, or stand beside it.
        of = n - 1 if n > 1 and rng.random() < 0.1 else n
        joined = of if rng.random() < 0.95 else None
        drawn.remittances.append({"remittance_id": n})
        drawn.payments.append({
            "claim_payment_id": n, "claim_position": n, "submission_id": joined,
            "match_state": rng.choice(("open", "open", "open", "new", "done")),
            "remittance_id": of, "charge_cents": rng.choice((1, -1)) * rng.choice((300, 45010)),
            "is_reversal": rng.random() < 0.1,
        })  # fmt: skip
        drawn.lines.extend(_line(rng, n, p) for p in range(1, rng.randint(1, 4) + 1))
        mine = [b for b in drawn.lines if b["submission_id"] == of]
        for p in range(rng.choice((0, 1, 1, 1)), rng.randint(1, 4) + 1):
            drawn.services.append(_service(rng, n, p, mine))
    return drawn


def _line(rng: random.Random, n: int, p: int) -> dict[str, Any]:
    day = rng.choice(DAYS)
    return {
        "submission_id": n,
        "line_position": p,
        "line_number": rng.choice((str(p), f"0{p}")),
        "line_item_control_number": rng.choice((f"K{p}", f"K{p}", str(rng.randint(1, 3)), None)),
        "procedure_code": rng.choice(("64483", "64484")),
        "modifiers": rng.choice(("", "RT", "RT,59")),
        "charge_cents": rng.choice((300, 450)),
        "units": rng.choice((1.0, 2.0)),
        "service_date": day,
        "service_date_end": rng.choice((None, day and day + timedelta(days=1))),
    }


def _service(rng: random.Random, n: int, p: int, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    of = rng.choice(lines)

    def like(name: str, *others: Any) -> Any:
        return of[name] if rng.random() < 0.85 else rng.choice(others)

    sign = rng.choice((1, 1, -1))
    original = rng.choice((None, None, 0.0, sign * 1.0, sign * 2.0))
    number = like("line_item_control_number", "K1", "1", "2", None)
    placed = rng.randint(1, 2) if rng.random() < 0.1 else None
    return {
        "claim_payment_id": n,
        "service_position": p,
        "line_item_control_number": rng.choice((number, number, f" {number}", None)),
        "procedure_code": like("procedure_code", "64483", "64484"),
        "modifiers": like("modifiers", "", "RT", "59,RT"),
        "charge_cents": sign * like("charge_cents", 150, 300, 450),
        "original_units": original,
        "units_paid": rng.choice((None, sign * of["units"], sign * of["units"], 0.0)),
        "service_date": like("service_date", None, DAY, DAY + timedelta(days=2)),
        "line_position": placed,
        "match_method": "split" if placed else "unmatched",
    }


class Claim(NamedTuple):
    """An open payment's services and the lines of the submission that it was joined to."""

    services: Rows
    lines: Rows


def answer_of(payment: dict[str, Any]) -> tuple[Any, ...] | None:
    """What a payment is a part of; None where it has the whole charge of a claim."""
    if abs(payment["charge_cents"]) >= 45010 or payment["submission_id"] is None:
        return None
    return payment["submission_id"], payment["remittance_id"], payment["is_reversal"]


def claims_of(drawn: Drawn) -> Iterable[Claim]:
    parts = Counter(map(answer_of, drawn.payments))
    for payment in drawn.payments:
        n, of, answer = payment["claim_payment_id"], payment["submission_id"], answer_of(payment)
        if payment["match_state"] != "done" and of and (answer is None or parts[answer] == 1):
            yield Claim(
                [s for s in drawn.services if s["claim_payment_id"] == n],
                [b for b in drawn.lines if b["submission_id"] == of],
            )


def same_day(service: dict[str, Any], line: dict[str, Any]) -> bool:
    day, first = service["service_date"], line["service_date"]
    return None in (day, first) or first <= day <= (line["service_date_end"] or first)


def is_free(service: dict[str, Any]) -> bool:
    return service["service_position"] > 0 and service["line_position"] is None


def shares_its_number(service: dict[str, Any], services: Rows) -> bool:
    number = service["line_item_control_number"]
    return number is not None and any(
        other is not service and other["line_item_control_number"] == number for other in services
    )


def meant_by_number(service: dict[str, Any], line: dict[str, Any], lines: Rows) -> bool:
    """Whether its number means this line, or is another line's LX that was returned for it."""
    number = service["line_item_control_number"]
    if number is None or number != line["line_item_control_number"] or not same_day(service, line):
        return False
    has = [
        service["procedure_code"] == line["procedure_code"],
        abs(service["charge_cents"]) == line["charge_cents"],
    ]
    said = [b for b in lines if has_code_and_charge(service, b) and same_day(service, b)]
    with_lx = [b for b in said if b["line_number"].lstrip("0") == number.strip().lstrip("0")]
    return all(has) or not (with_lx if any(has) else said)


@pytest.mark.parametrize("seed", range(3))
def test_a_service_takes_the_line_whose_number_it_alone_repeats(
    warehouse: Warehouse, put: Callable[[Drawn], None], seed: int
) -> None:
    drawn = draw_lines(seed)
    put(drawn)
    expected: dict[Key, int] = {}
    for services, lines in claims_of(drawn):
        for service in filter(is_free, services):
            meant = [b for b in lines if meant_by_number(service, b, lines)]
            if len(meant) == 1 and not shares_its_number(service, services):
                key = service["claim_payment_id"], service["service_position"]
                expected[key] = meant[0]["line_position"]
    method = "line_item_control_number"
    found = joined(warehouse, "line_control_number", LINES.format(method))
    assert {(n, p): line for n, p, line in found} == expected
    assert len(expected) > 300


def bare(number: str | None) -> str:
    return (number or "").strip().replace("-", "").lstrip("0")


def units_of(service: dict[str, Any]) -> float | None:
    units = service["original_units"] or service["units_paid"]
    return None if units is None else abs(units)


def has_code_and_charge(service: dict[str, Any], line: dict[str, Any]) -> bool:
    return (line["procedure_code"], line["charge_cents"]) == (
        service["procedure_code"], abs(service["charge_cents"]),
    )  # fmt: skip


def agrees_in_more(service: dict[str, Any], other: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether another line with its code and charge agrees in all that a line does, and in more."""
    if not (has_code_and_charge(service, other) and same_day(service, other)):
        return False
    mine, theirs = (
        {name for name, value in (("units", units_of(service)), ("modifiers", service["modifiers"]))
         if value is not None and value == b[name]}
        for b in (line, other)
    )  # fmt: skip
    return not has_code_and_charge(service, line) or theirs > mine


def meant_by_lx(service: dict[str, Any], line: dict[str, Any], lines: Rows) -> bool:
    number = bare(service["line_item_control_number"])
    if not number or number != line["line_number"].lstrip("0") or not same_day(service, line):
        return False
    others = [b for b in lines if b is not line]
    is_its_code = service["procedure_code"] == line["procedure_code"]
    return (
        (is_its_code or abs(service["charge_cents"]) == line["charge_cents"])
        and not any(agrees_in_more(service, b, line) for b in others)
        and not any(
            bare(b["line_item_control_number"]) == number
            and (has_code_and_charge(service, b) or not has_code_and_charge(service, line))
            for b in others
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_service_takes_the_line_whose_lx_was_returned_for_it(
    warehouse: Warehouse, put: Callable[[Drawn], None], seed: int
) -> None:
    drawn = draw_lines(seed)
    put(drawn)
    expected: dict[Key, int] = {}
    for services, lines in claims_of(drawn):
        taken = {s["line_position"] for s in services}
        numbers = Counter(bare(s["line_item_control_number"]) for s in services)
        for service in filter(is_free, services):
            meant = [b["line_position"] for b in lines if meant_by_lx(service, b, lines)]
            is_alone = numbers[bare(service["line_item_control_number"])] == 1
            if len(meant) == 1 and is_alone and meant[0] not in taken:
                expected[service["claim_payment_id"], service["service_position"]] = meant[0]
    found = joined(warehouse, "line_number", LINES.format("line_number"))
    assert {(n, p): line for n, p, line in found} == expected
    assert len(expected) > 40


def is_exact(service: dict[str, Any], line: dict[str, Any]) -> bool:
    units = units_of(service)
    return (
        service["procedure_code"] == line["procedure_code"]
        and service["modifiers"] == line["modifiers"]
        and abs(service["charge_cents"]) == line["charge_cents"]
        and service["service_date"] is not None
        and service["service_date"] == line["service_date"]
        and (units is None or units == line["units"])
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_service_takes_the_line_that_is_exactly_its_own(
    warehouse: Warehouse, put: Callable[[Drawn], None], seed: int
) -> None:
    drawn = draw_lines(seed)
    put(drawn)
    expected: dict[Key, int] = {}
    for services, lines in claims_of(drawn):
        taken = {s["line_position"] for s in services}
        single: dict[Key, int] = {}
        for service in filter(is_free, services):
            fits = [b["line_position"] for b in lines
                    if is_exact(service, b) and b["line_position"] not in taken]  # fmt: skip
            if len(fits) == 1 and not shares_its_number(service, services):
                single[service["claim_payment_id"], service["service_position"]] = fits[0]
        wanted = Counter(single.values())
        expected |= {key: line for key, line in single.items() if wanted[line] == 1}
    found = joined(warehouse, "line_exact", LINES.format("exact"))
    assert {(n, p): line for n, p, line in found} == expected
    assert len(expected) > 200


def draw_claims(seed: int) -> Drawn:
    """One or two submissions of a number, and a payment that most often answers the first."""
    rng = random.Random(seed)
    drawn = Drawn([], [], [], [], [], {})
    for n in range(1, CLAIMS + 1):
        for half in range(rng.choice((1, 1, 1, 2))):
            key = 2 * n + half
            drawn.submissions.append(_submission(rng, key, f"PCN{n}"))
            if rng.random() < 0.4:
                drawn.states[key] = rng.choice(("approved", "emitted"))
        of = next(s for s in drawn.submissions if s["submission_id"] == 2 * n)

        def like(name: str, *others: Any, of: dict[str, Any] = of) -> Any:
            return of[name] if rng.random() < 0.8 else rng.choice(others)

        drawn.payments.append({
            "claim_payment_id": n,
            "claim_position": n,
            "submission_id": None,
            "match_state": rng.choice(("open", "open", "new")),
            "reported_patient_control_number": f"PCN{n}",
            "claim_status_code": rng.choice(("1", "2", "3", "4", "19", "20", "21", "22")),
            "member_id": like("member_id", "W123456789", "W2", None),
            "patient_name": like("patient_name", "DOE^JANE", None),
            "charge_cents": rng.choice((1, 1, -1)) * like("charge_cents", 300, 450),
            "service_date": like("first_service_date", *DAYS),
            "remittance_id": n,
        })  # fmt: skip
        drawn.remittances.append({
            "remittance_id": n,
            "payee_npi": like("billing_npi", "1999999984", None),
            "payment_date": rng.choice((None, DAY, DAY, DAY + timedelta(days=1))),
            "payer_ids": rng.choice(("87726", "ACME1,87726", "187726", "")),
        })  # fmt: skip
    return drawn


def _submission(rng: random.Random, key: int, number: str) -> dict[str, Any]:
    return {
        "submission_id": key,
        "claim_position": key,
        "patient_control_number": number,
        "origin": rng.choice(("read", "read", "read", "emitted", "shadow")),
        "payer_sequence": rng.choice(("P", "P", "S")),
        "payer_id": rng.choice(("87726", "87726", "87726", None)),
        "billing_npi": rng.choice(("1234567893",) * 4 + (None,)),
        "submitted_on": rng.choice((None, DAY, DAY, DAY + timedelta(days=1))),
        "member_id": rng.choice(("W123456789", "W123456789", None)),
        "patient_name": rng.choice(("DOE^JANE", "OTHER^BOB", None)),
        "first_service_date": rng.choice(DAYS),
        "charge_cents": rng.choice((300, 450)),
    }


def differ(one: Any, other: Any) -> bool:
    return None not in (one, other) and one != other


def same(one: Any, other: Any) -> bool:
    return one is not None and one == other


def answers(payment: dict[str, Any], remittance: dict[str, Any], s: dict[str, Any]) -> bool:
    """Whether number and content say it, and nothing speaks against it."""
    on = remittance["payment_date"]
    day = payment["service_date"], s["first_service_date"]
    is_after = None not in (on, s["submitted_on"]) and s["submitted_on"] > on
    if differ(remittance["payee_npi"], s["billing_npi"]) or is_after or differ(*day):
        return False
    member = same(payment["member_id"], s["member_id"])
    if not (member or same(payment["patient_name"], s["patient_name"])):
        return False
    if member + same(*day) + (abs(payment["charge_cents"]) == s["charge_cents"]) < 2:
        return False
    # As secondary, of a payer that was not billed: it may be the other payer's own answer.
    is_billed = s["payer_id"] in remittance["payer_ids"].split(",")
    may_be_other = payment["claim_status_code"] in ("2", "3", "20", "21")
    return not (may_be_other and s["payer_sequence"] == "P" and not is_billed)


@pytest.mark.parametrize("seed", range(3))
def test_a_payment_takes_the_only_submission_of_its_number_where_they_agree(
    warehouse: Warehouse, put: Callable[[Drawn], None], seed: int
) -> None:
    drawn = draw_claims(seed)
    put(drawn)
    expected: dict[int, int] = {}
    for payment, remittance in zip(drawn.payments, drawn.remittances, strict=True):
        known = [
            s
            for s in drawn.submissions
            if s["patient_control_number"] == payment["reported_patient_control_number"]
            and s["origin"] != "shadow"
            and drawn.states.get(s["submission_id"])
            != "approved"  # it never left, so nobody has answered it
        ]
        if len(known) == 1 and answers(payment, remittance, known[0]):
            expected[payment["claim_payment_id"]] = known[0]["submission_id"]
    found = joined(
        warehouse,
        "claim_exact",
        "select claim_payment_id, submission_id from claim_payment where submission_id is not null",
    )
    assert dict(found) == expected
    assert len(expected) > 150
