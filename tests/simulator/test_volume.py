"""The files for benchmarks: valid, balanced, repeatable, and as their truth says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import volume
from simulator.balance_check import imbalances
from simulator.volume_unlinked import KINDS
from simulator.x12_text import cents, split


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(volume, "CLAIMS_PER_TRANSACTION", 150)
    volume.main(["--claims", "400", "--lines", "4", "--seed", "7", "--out", str(tmp_path)])
    return tmp_path


def test_both_files_are_valid_5010(
    folder: Path, guide_errors: Callable[[bytes], list[object]]
) -> None:
    assert guide_errors((folder / "claims.837").read_bytes()) == []
    assert guide_errors((folder / "remittance.835").read_bytes()) == []


def test_the_truth_is_what_the_files_say(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text("ascii"))
    asked = split((folder / "claims.837").read_bytes()).segments
    paid = split((folder / "remittance.835").read_bytes()).segments
    assert truth["claims"] == sum(e[0] == "CLM" for e in asked) == 400
    assert truth["lines"] == sum(e[0] == "SV1" for e in asked) == 1600
    assert truth["charge_cents"] == sum(cents(e[2]) for e in asked if e[0] == "CLM")
    assert truth["paid_cents"] == sum(cents(e[2]) for e in paid if e[0] == "BPR")
    assert truth["denied_lines"] == sum(e[0] == "LQ" for e in paid) == len(truth["denials"])
    assert len(truth["transactions"]) == sum(e[0] == "ST" for e in paid) == 3
    assert 0.03 < truth["denied_lines"] / truth["lines"] < 0.07
    assert 0.06 < truth["claims_without_6r"] / truth["claims"] < 0.14


def test_every_payment_balances(folder: Path) -> None:
    # The check reads one payment, so each transaction is put between its own envelope.
    text = (folder / "remittance.835").read_text("ascii")
    head, *payments = text.split("ST*835*")
    for payment in payments:
        assert imbalances(f"{head}ST*835*{payment}".encode("ascii")) == []


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    volume.main(["--claims", "400", "--lines", "4", "--seed", "7", "--out", str(again)])
    for name in ("claims.837", "remittance.835", "truth.json"):
        assert (folder / name).read_bytes() == (again / name).read_bytes()


def test_lines_that_are_not_linked_are_valid_and_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    guide_errors: Callable[[bytes], list[object]],
) -> None:
    monkeypatch.setattr(volume, "CLAIMS_PER_TRANSACTION", 50)
    arguments = ["--claims", "250", "--unlinked", "0.1", "--claims-per-file", "100"]
    volume.main([*arguments, "--out", str(tmp_path)])
    truth = json.loads((tmp_path / "truth.json").read_text("ascii"))
    assert {kind for _, _, kind in truth["unlinked"]} == set(KINDS)
    assert 0.06 < len(truth["unlinked"]) / truth["lines"] < 0.14
    names = sorted(path.name for path in tmp_path.glob("*_0*.83?"))
    assert names == [f"claims_0{n}.837" for n in (1, 2, 3)] + [
        f"remittance_0{n}.835" for n in (1, 2, 3)
    ]
    claims = [split((tmp_path / name).read_bytes()).segments for name in names[:3]]
    assert [sum(e[0] == "CLM" for e in segments) for segments in claims] == [100, 100, 50]
    assert guide_errors((tmp_path / "claims_03.837").read_bytes()) == []
    data = (tmp_path / "remittance_03.835").read_bytes()
    assert guide_errors(data) == [] and imbalances(data) == []
