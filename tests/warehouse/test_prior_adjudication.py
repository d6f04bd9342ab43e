"""What a secondary claim tells of the primary's decision: kept, added up, held against the 835."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from simulator.payer import Payer
from simulator.practice import Claim, Line, Person, PriorPayment, write_837p
from simulator.world_cast import CLINICIANS, PAYERS, payers_toml
from simulator.world_follow_ups import to_the_next_payer
from warehouse import steps
from warehouse.database import Warehouse
from warehouse.query import run_query
from warehouse.settings import Settings
from warehouse.timeline import timeline
from warehouse.verify import Verification, verify

DAY = date(2026, 5, 1)
NOW = datetime(2030, 1, 1)
SENT, PAID, AGAIN = date(2026, 3, 5), date(2026, 3, 19), date(2026, 3, 24)
FIRST = Claim(
    patient_control_number="COB1001",
    destination=PAYERS[0].destinations[0],
    subscriber=Person(last_name="TESTCASE", first_name="PAT"),
    member_id="W123456789",
    lines=(Line(procedure_code="64483", modifiers=("RT",)), Line(procedure_code="99213")),
    service_date=date(2026, 3, 2),
    rendering=CLINICIANS[0],
)


class Drop:
    """The primary's claim and 835, and the secondary claim that follows."""

    def __init__(self) -> None:
        self.payer = Payer(PAYERS[0].profile)
        self.first = self.bill(FIRST, 1, SENT)
        self.payer.receive(self.first)
        answer = self.payer.pay(paid_on=PAID, control_number=2)
        self.remittance = answer.data
        self.second = to_the_next_payer(FIRST, answer.decided.claims[0], PAID)
        assert isinstance(self.second.prior, PriorPayment)
        self.prior: PriorPayment = self.second.prior

    @staticmethod
    def bill(claim: Claim, number: int, day: date) -> bytes:
        return write_837p([claim], control_number=number, written_at=datetime.combine(day, time(7)))

    def secondary(self, old: bytes = b"", new: bytes = b"") -> bytes:
        data = self.bill(self.second, 3, AGAIN)
        assert old in data
        return data.replace(old, new, 1)


def received(home: Path, *files: bytes) -> Settings:
    steps.initialise(home)
    (home / "payers.toml").write_text(payers_toml())
    settings = steps.initialise(home)
    for number, data in enumerate(files):
        (settings.folder("inbox") / f"{number}.x12").write_bytes(data)
    steps.receive(settings, as_of=DAY, now=NOW)
    steps.match(settings, as_of=DAY)
    return settings


def mart(settings: Settings) -> list[dict[str, Any]]:
    warehouse = Warehouse(settings.url)
    try:
        statement = "select * from mart_prior_adjudication order by coalesce(line_number, '')"
        names, found = run_query(warehouse, statement)
        return [dict(zip(names, row, strict=True)) for row in found]
    finally:
        warehouse.close()


def verified(settings: Settings) -> Verification:
    warehouse = Warehouse(settings.url)
    try:
        return verify(warehouse, settings, as_of=DAY)
    finally:
        warehouse.close()


def test_a_secondary_claim_is_kept_beside_the_primary_s_835(tmp_path: Path) -> None:
    drop = Drop()
    settings = received(tmp_path / "home", drop.first, drop.remittance, drop.secondary())
    claim, *lines = mart(settings)
    paid = sum(line.paid_cents for line in drop.prior.lines)
    assert (claim["line_number"], claim["payer_id"], claim["payer_sequence"]) == (
        None,
        "87726",
        "P",
    )
    assert round(claim["paid_amount"] * 100) == paid
    for row, line in zip(lines, drop.prior.lines, strict=True):
        share = sum(cents for group, _, cents in line.adjustments if group == "PR")
        assert round(row["paid_amount"] * 100) == line.paid_cents
        assert round(row["patient_responsibility_amount"] * 100) == share > 0
        told = ",".join(f"{g}-{r} {c / 100:.2f}" for g, r, c in line.adjustments)
        assert row["adjustments"] == told
        assert (row["adjudicated_on"], row["allowed_amount"]) == (PAID.isoformat(), None)
        assert row["remittance_payment_amount"] == row["paid_amount"]
        assert (
            row["remittance_patient_responsibility_amount"] == row["patient_responsibility_amount"]
        )
    assert [(r["is_balanced"], r["is_different"]) for r in (claim, *lines)] == [(1, 0)] * 3
    result = verified(settings)
    assert result.holds
    assert not result.result("I4").reported


def test_without_the_835_nothing_is_held_against_it(tmp_path: Path) -> None:
    drop = Drop()
    settings = received(tmp_path / "home", drop.first, drop.secondary())
    assert {row["is_different"] for row in mart(settings)} == {None}
    # The very same numbers at another payer are no answer of the primary.
    other = dataclasses.replace(drop.prior, destination=PAYERS[1].destinations[0])
    drop.second = dataclasses.replace(drop.second, prior=other)
    settings = received(tmp_path / "other", drop.first, drop.remittance, drop.secondary())
    assert {row["is_different"] for row in mart(settings)} == {None}


@pytest.mark.parametrize("cents", [1, -1])
def test_a_share_told_otherwise_is_marked_told_and_not_refused(tmp_path: Path, cents: int) -> None:
    drop = Drop()
    line = drop.prior.lines[0]
    group, reason, share = line.adjustments[-1]
    assert group == "PR"
    # It balances all the same: what the patient owes more was paid less.
    told = dataclasses.replace(
        line,
        paid_cents=line.paid_cents - cents,
        adjustments=(*line.adjustments[:-1], (group, reason, share + cents)),
    )
    prior = dataclasses.replace(drop.prior, lines=(told, *drop.prior.lines[1:]))
    drop.second = dataclasses.replace(drop.second, prior=prior)
    settings = received(tmp_path / "home", drop.first, drop.remittance, drop.secondary())
    assert [row["is_different"] for row in mart(settings)] == [1, 1, 0]
    assert {row["is_balanced"] for row in mart(settings)} == {1}
    result = verified(settings)
    assert result.holds
    reported = [r for r in result.result("I4").reported if "told otherwise" in r]
    assert len(reported) == 2
    warehouse = Warehouse(settings.url)
    (entry,) = [e for e in timeline(warehouse, "COB1001") if e.what == "prior"]
    warehouse.close()
    assert "its 835 says otherwise" in entry.detail and "W1234" not in entry.detail
    assert entry.amount_cents == sum(line.paid_cents for line in prior.lines)


def test_what_does_not_add_up_loads_and_is_marked(tmp_path: Path) -> None:
    drop = Drop()
    line = drop.prior.lines[0]
    group, reason, share = line.adjustments[-1]
    worse = dataclasses.replace(
        line, adjustments=(*line.adjustments[:-1], (group, reason, share + 1))
    )
    prior = dataclasses.replace(drop.prior, lines=(worse, *drop.prior.lines[1:]))
    drop.second = dataclasses.replace(drop.second, prior=prior)
    settings = received(tmp_path / "home", drop.first, drop.secondary())
    assert [row["is_balanced"] for row in mart(settings)] == [1, 0, 1]
    warehouse = Warehouse(settings.url)
    with warehouse.read() as connection:
        found = connection.exec_driver_sql("select code, place from problem").all()
    warehouse.close()
    assert found == [("PRIOR_ADJUDICATION_OUT_OF_BALANCE", "2430/SVD02")]
    result = verified(settings)
    assert result.holds
    assert any("do not add up" in r for r in result.result("I4").reported)


def test_the_cents_told_are_the_file_s(tmp_path: Path) -> None:
    drop = Drop()
    settings = received(tmp_path / "home", drop.first, drop.secondary())
    for statement in (
        "update prior_adjudication set paid_cents = paid_cents + 1 where line_position = 0",
        "update prior_adjudication set paid_cents = paid_cents + 1 where line_position = 2",
        "update prior_adjustment set amount_cents = amount_cents - 1 where line_position = 1",
    ):
        assert verified(settings).result("I5").holds
        warehouse = Warehouse(settings.url)
        with warehouse.write() as connection:
            connection.exec_driver_sql(statement)
        assert verified(settings).result("I5").violation_count >= 1
        undone = statement.replace("+ 1", "- 1") if "+ 1" in statement else statement.replace(
            "- 1", "+ 1")  # fmt: skip
        with warehouse.write() as connection:
            connection.exec_driver_sql(undone)
        warehouse.close()


def test_an_amount_that_is_no_money_sets_the_claim_apart(tmp_path: Path) -> None:
    drop = Drop()
    amount = f"AMT*D*{sum(line.paid_cents for line in drop.prior.lines) / 100:g}".encode()
    settings = received(tmp_path / "home", drop.first, drop.secondary(amount, b"AMT*D*12.345"))
    assert mart(settings) == []
    assert verified(settings).holds
