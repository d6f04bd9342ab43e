"""Files that hang together, dropped in any order: the marts are the same (I10)."""

from __future__ import annotations

import random
from datetime import date, datetime, time
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from benchmarks.matching_quality import DAY, FUTURE, new_home, rows
from simulator.acknowledgments import (
    Batch,
    ClaimAnswer,
    GroupAnswer,
    Post,
    SetAnswer,
    write_277ca,
    write_999,
)
from simulator.orders import make_claim, make_linked_set
from simulator.payer import Payer
from simulator.plan import Plans
from simulator.practice import Practice, write_837p
from simulator.world_cast import PAYERS
from warehouse import steps
from warehouse.database import mart_names
from warehouse.settings import Settings, load_settings

PRACTICE = Practice()
COPIES = ("first.835", "first_again.835")
ARRIVAL = ("file_id", "submission_id", "denial_id", "correction_id", "received_at", "decided_on",
           "emitted_at")  # fmt: skip
"""Ids and times, which the order of arrival may decide."""


def marts(settings: Settings) -> dict[str, list[str]]:
    """Every mart without what arrival decides; either copy of a payment may have won."""
    found = {}
    for name in mart_names():
        some = rows(settings, f"select * from {name}")
        if name == "mart_file":
            some = [row for row in some if row["file_name"] not in COPIES]
        for row in some:
            for column in ARRIVAL:
                row.pop(column, None)
            if row.get("file_name") in COPIES:
                row["file_name"] = "either copy"
        if name == "mart_correction":
            some = [row for row in some if row["status"] != "superseded"]
        found[name] = sorted(str(row) for row in some)
    return found


def arrive(home: Path, drops: list[list[tuple[str, bytes]]]) -> dict[str, list[str]]:
    settings = new_home(home)
    for drop in drops:
        for name, data in drop:
            (settings.folder("inbox") / name).write_bytes(data)
        steps.receive(settings, as_of=DAY, now=FUTURE)
        steps.match(settings, as_of=DAY)
        steps.propose(settings, as_of=DAY)
    return marts(settings)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Any]:
    folder = tmp_path_factory.mktemp("straight")
    return {seed: arrive(folder / str(seed), [make_linked_set(seed)]) for seed in range(3)}


@pytest.mark.parametrize(
    "order", [pytest.param(n, marks=[pytest.mark.soak] if n >= 20 else []) for n in range(200)]
)
def test_any_order_of_arrival_gives_the_same_marts(
    tmp_path: Path, straight: dict[int, Any], order: int
) -> None:
    rng = random.Random(order)
    seed = order % 3
    files = make_linked_set(seed)
    rng.shuffle(files)
    drops: list[list[tuple[str, bytes]]] = []
    while files:
        size = rng.randint(1, 4)
        drops.append(files[:size])
        files = files[size:]
    found = arrive(tmp_path / "home", drops)
    for name, expected in straight[seed].items():
        assert found[name] == expected, (name, [[f[0] for f in drop] for drop in drops])


def _turned_back(answer: str) -> list[tuple[str, bytes]]:
    """A claim sent, turned back by a 999 or a 277CA, sent again as it was, and paid."""
    claim = make_claim(77, 2)
    payer = Payer(PAYERS[0].profile, Plans())
    files = []
    for number, day in ((1, date(2026, 3, 2)), (2, date(2026, 3, 5))):
        data = write_837p([claim], control_number=number, written_at=datetime.combine(day, time(7)))
        files.append((f"claims{number}.837", data))
    payer.receive(files[1][1])
    post = Post(sender=PRACTICE.receiver_id, receiver=PRACTICE.submitter_id,
                at=datetime(2026, 3, 4, 6))  # fmt: skip
    if answer == "999":
        refused = SetAnswer("0001", "R", "5", errors=(("CLM", 20, "2300", "8", "7"),))
        files.append(("answer.999", write_999(post, GroupAnswer("1", (refused,)))))
    else:
        one = ClaimAnswer(
            claim.patient_control_number, sum(line.charge for line in claim.lines),
            claim.service_date, ("A3:21",), "U", on=date(2026, 3, 4), member_id=claim.member_id,
        )  # fmt: skip
        batch = Batch(reference="B000000001", npi=PRACTICE.npi, claims=(one,))
        files.append(("answer.277", write_277ca(post, batch)))
    paid = payer.pay(paid_on=date(2026, 3, 20), control_number=9)
    return [*files, ("paid.835", paid.data)]


@pytest.mark.parametrize("answer", ["999", "277CA"])
def test_what_was_turned_back_is_not_what_was_paid_whenever_that_is_told(
    tmp_path: Path, answer: str
) -> None:
    files = _turned_back(answer)
    for nth, order in enumerate(permutations(files)):
        if nth % 3:
            continue
        found = arrive(tmp_path / str(nth), [[file] for file in order])
        states = [row for row in found["mart_submission"] if "'rejected'" in row]
        assert len(states) == 1 and "claims1.837" in states[0], [name for name, _ in order]
        answered = rows(
            load_settings(tmp_path / str(nth)),
            "select f.file_name from claim_payment as cp join submission as s "
            "using (submission_id) join file as f on f.file_id = s.file_id",
        )
        assert [row["file_name"] for row in answered] == ["claims2.837"]
