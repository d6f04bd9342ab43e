"""Payments that reverse, correct and repeat in any interleaving: the net is right at each step."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from benchmarks.matching_quality import new_home
from simulator.payer import Payer
from simulator.plan import ClaimPlan, LineDenial, Plans
from simulator.practice import Claim, Line, Person, write_837p
from simulator.world_cast import CLINICIANS, PAYERS
from simulator.x12_text import under_another_envelope
from warehouse import steps

DAY = date(2026, 6, 1)
FUTURE = datetime(2030, 1, 1)
NUMBERS = ("MT0001", "MT0002", "MT0003")
REFUSED = LineDenial(
    procedure_code="64483", group_code="CO", reason_code="50", remark_codes=("N115",)
)


def claim(nth: int) -> Claim:
    return Claim(
        patient_control_number=NUMBERS[nth],
        destination=PAYERS[0].destinations[0],
        subscriber=Person(last_name="TESTCASE", first_name=f"P{nth}"),
        member_id=f"W{nth:08d}",
        lines=(Line(procedure_code="64483"), Line(procedure_code="99213")),
        service_date=date(2026, 2, 16),
        rendering=CLINICIANS[nth % 2],
    )


class MoneyOverTime(RuleBasedStateMachine):
    """A payer that thinks again, files that are dropped late or twice, and runs in between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="reclaim-money-"))
        self.home = new_home(self.folder / "home")
        self.payer = Payer(PAYERS[0].profile, Plans())
        self.day = date(2026, 3, 1)
        self.number = 0
        self.undropped: list[tuple[str, bytes, dict[str, int]]] = []
        self.dropped: list[tuple[str, bytes, dict[str, int]]] = []
        self.taken: set[str] = set()
        self.net = dict.fromkeys(NUMBERS, 0)
        self.waiting_net = dict.fromkeys(NUMBERS, 0)
        self.billed: set[str] = set()
        self.settled = True

    @initialize()
    def bill_and_pay(self) -> None:
        data = write_837p(
            [claim(nth) for nth in range(3)], control_number=1, written_at=datetime(2026, 3, 1, 7)
        )
        self.payer.receive(data)
        self.undropped.append(("claims.837", data, {}))
        self.pay()

    def pay(self) -> None:
        self.number += 1
        self.day += timedelta(days=1)
        answer = self.payer.pay(paid_on=self.day, control_number=100 + self.number)
        money: dict[str, int] = {}
        for decided in answer.decided.claims:
            number = decided.patient_control_number
            money[number] = money.get(number, 0) + decided.net_cents
        self.undropped.append((f"era{self.number}.835", answer.data, money))

    @rule(nth=st.integers(0, 2), refused=st.booleans(), percent=st.sampled_from([0, 10, 20, 30]))
    def correct(self, nth: int, refused: bool, percent: int) -> None:
        """The payer takes a decision back and makes another one."""
        plan = ClaimPlan(coinsurance_percent=percent, denials=(REFUSED,) if refused else ())
        self.payer.reprocess(NUMBERS[nth], plan)
        self.pay()

    @rule(nth=st.integers(0, 2))
    def correct_later(self, nth: int) -> None:
        """The reversal comes in one payment, the new decision in the next."""
        self.payer.reprocess(NUMBERS[nth], ClaimPlan(coinsurance_percent=10), "correction_later")
        self.pay()
        self.pay()

    @precondition(lambda self: self.undropped)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """Any of the files that are under way arrives."""
        which = data.draw(st.integers(0, len(self.undropped) - 1))
        name, content, money = self.undropped.pop(which)
        (self.home.folder("inbox") / name).write_bytes(content)
        self.dropped.append((name, content, money))
        self.settled = False

    @precondition(lambda self: self.dropped)
    @rule(data=st.data(), enveloped=st.booleans())
    def drop_again(self, data: st.DataObject, enveloped: bool) -> None:
        """The same bytes, or the same payment under another envelope: no money is added."""
        name, content, _ = data.draw(st.sampled_from(self.dropped))
        if enveloped and name.endswith(".835"):
            self.number += 1
            content = under_another_envelope(content, 500 + self.number, datetime(2026, 5, 1, 4))
        (self.home.folder("inbox") / f"again{len(self.dropped)}_{name}").write_bytes(content)
        self.settled = False

    @rule()
    def run(self) -> None:
        steps.receive(self.home, as_of=DAY, now=FUTURE)
        steps.match(self.home, as_of=DAY)
        self.settled = True

    @invariant()
    def net_is_right(self) -> None:
        if not self.settled:
            return
        expected = dict.fromkeys(NUMBERS, 0)
        for _, _, money in self.dropped:
            for number, cents in money.items():
                expected[number] += cents
        connection = sqlite3.connect(self.home.home / "warehouse.db")
        try:
            found = dict(connection.execute(
                "select reported_patient_control_number, sum(payment_cents) from claim_payment "
                "group by 1"
            ).fetchall())  # fmt: skip
            answered = dict(connection.execute(
                "select s.patient_control_number, sum(cp.payment_cents) from claim_payment as cp "
                "join submission as s using (submission_id) group by 1"
            ).fetchall())  # fmt: skip
            unpaired = connection.execute(
                "select count(*) from claim_payment as r where r.is_reversal "
                "and r.reverses_id is null and r.submission_id is not null"
            ).fetchone()[0]
            kept_twice = connection.execute(
                "select count(*) from (select reverses_id from claim_payment "
                "where reverses_id is not null group by 1 having count(*) > 1)"
            ).fetchone()[0]
        finally:
            connection.close()
        assert {n: found.get(n, 0) for n in NUMBERS} == expected
        assert kept_twice == 0
        if "claims.837" in {name for name, _, _ in self.dropped}:
            assert {n: answered.get(n, 0) for n in NUMBERS} == expected
        if not self.undropped:
            assert unpaired == 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


TestMoneyOverTime = MoneyOverTime.TestCase
TestMoneyOverTime.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
