"""Files that hang together, dropped in any order: the marts are the same (I10)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.matching_quality import DAY, FUTURE, new_home, rows
from simulator.orders import make_linked_set
from warehouse import steps
from warehouse.database import mart_names
from warehouse.settings import Settings

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
