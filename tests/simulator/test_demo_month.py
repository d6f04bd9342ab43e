"""The committed demo month: the bytes its maker writes, valid 5010, balanced but for one claim."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import demo_month
from simulator.balance_check import imbalances
from simulator.demo_home import SCENARIOS
from simulator.x12_text import cents, split

UNREADABLE = {demo_month.NOTICE, demo_month.CUT_OFF[1]}
WELL_FORMED = sorted(
    path.name for path in (demo_month.MONTH / "inbox").iterdir() if path.name not in UNREADABLE
)
GuideErrors = Callable[[bytes], list[object]]


def bytes_under(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def drop(name: str) -> bytes:
    return (demo_month.MONTH / "inbox" / name).read_bytes()


def test_the_committed_bytes_are_what_the_maker_writes(tmp_path: Path) -> None:
    demo_month.write(tmp_path / "month", tmp_path / "truth.json")
    made, committed = bytes_under(tmp_path / "month"), bytes_under(demo_month.MONTH)
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []
    assert (tmp_path / "truth.json").read_bytes() == demo_month.TRUTH.read_bytes()


@pytest.mark.parametrize("name", WELL_FORMED)
def test_every_whole_file_is_valid_5010(name: str, guide_errors: GuideErrors) -> None:
    assert guide_errors(drop(name)) == []


def test_everything_balances_but_the_claim_that_should_not() -> None:
    found = {name: imbalances(drop(name)) for name in WELL_FORMED if b"*835*" in drop(name)}
    assert [name for name, problems in found.items() if problems] == ["ERA_87726_20260921.835"]
    assert len(found["ERA_87726_20260921.835"]) == 2


def test_the_truth_counts_what_the_files_hold() -> None:
    truth = json.loads(demo_month.TRUTH.read_text("ascii"))
    for payment in truth["payments"]:
        elements = split(drop(payment["file_name"])).segments
        lines = [r for r in truth["adjudicated_lines"] if r["file_name"] == payment["file_name"]]
        assert sum(e[0] == "CLP" for e in elements) == payment["claim_count"]
        assert sum(e[0] == "SVC" for e in elements) == len(lines)
        assert next(cents(e[2]) for e in elements if e[0] == "BPR") == payment["payment_cents"]
        assert sum(cents(e[3]) for e in elements if e[0] == "SVC") == sum(
            row["payment_cents"] for row in lines
        )


def test_each_scenario_is_played_and_told() -> None:
    played = {case.claim.scenario for case in demo_month.build().script.cases}
    assert played == set(SCENARIOS)


def test_the_file_cut_off_lacks_its_end_and_comes_whole_under_another_name() -> None:
    whole, cut = (drop(name) for name in demo_month.CUT_OFF)
    assert whole.startswith(cut)
    assert b"IEA" not in cut


def test_the_copy_is_a_copy() -> None:
    first, second = (drop(name) for name in demo_month.COPY_OF)
    assert first == second


def test_settings_and_payers_are_toml() -> None:
    settings = tomllib.loads((demo_month.MONTH / "reclaim.toml").read_text("utf-8"))
    payers = tomllib.loads((demo_month.MONTH / "payers.toml").read_text("utf-8"))["payer"]
    assert settings["emission"] == {"mode": "live", "automatic": ["carc197.*"]}
    assert [payer["replacement_claims"] for payer in payers] == [True, True, False]
    assert "corrected_claim_days" not in payers[1]


def test_one_provider_segment_a_payment_at_most() -> None:
    for name in WELL_FORMED:
        names = [elements[0] for elements in split(drop(name)).segments]
        assert names.count("PLB") <= names.count("ST")
