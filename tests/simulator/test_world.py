"""A world against its own promises: it balances, repeats, and its truth is what the files say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from simulator import world
from simulator.balance_check import imbalances
from simulator.quirks import Quirks
from simulator.submitted import read_837p
from simulator.x12_text import cents, split

World = world.World


@pytest.fixture(scope="module")
def made() -> World:
    return world.make_world(7, 1200, Quirks.every(0.06))


def remittances(made: World) -> dict[str, bytes]:
    return {name: data for name, data in made.files.items() if name.endswith(".835")}


def test_every_payment_balances(made: World) -> None:
    found = {name: imbalances(data) for name, data in remittances(made).items()}
    assert {name: text for name, text in found.items() if text} == {}


def test_the_same_seed_gives_the_same_world(made: World, tmp_path: Path) -> None:
    again = world.make_world(7, 1200, Quirks.every(0.06))
    assert again.files == made.files
    assert again.truth == made.truth
    again.write(tmp_path)
    assert json.loads((tmp_path / "truth.json").read_text("ascii")) == made.truth


def test_every_quirk_strikes(made: World) -> None:
    seen = Counter(
        quirk
        for table in ("remittance_claims", "adjudicated_lines")
        for row in made.truth[table]
        for quirk in row["quirks"]
    )
    beside_claims = {"recovery", "provider_adjustments", "payment_again", "stranger"}
    missing = {f.name for f in fields(Quirks)} - set(seen) - beside_claims
    assert missing == set()
    codes = {row["reason_code"] for row in made.truth["provider_adjustments"]}
    assert {"WO", "L6", "CS"} < codes and len(codes) > 15
    assert {row["match"] for row in made.truth["adjudicated_lines"]} >= {
        *("certain", "inferable", "ambiguous", "claim_level", "unmatched")
    }
    assert {row["kind"] for row in made.truth["denials"]} == {
        *("full", "partial", "claim", "pended", "silent")
    }


def test_there_is_a_row_for_every_claim_and_line(made: World) -> None:
    expected = []
    copies = {row["file_name"] for row in made.truth["files"] if row["duplicate_of"]}
    assert copies
    for name, data in remittances(made).items():
        if name in copies:
            continue
        claim = line = 0
        for elements in [*split(data).segments, ["CLP"]]:
            if elements[0] == "CLP":
                expected += [(name, claim, 0)] if claim and not line else []
                claim, line = claim + 1, 0
            elif elements[0] == "SVC":
                line += 1
                expected.append((name, claim, line))
    rows = made.truth["adjudicated_lines"]
    keys = [(r["file_name"], r["claim_position"], r["service_position"]) for r in rows]
    # The last CLP of a file without lines is counted before the next file begins.
    assert sorted(keys) == sorted(expected)


def test_money_is_what_the_files_say(made: World) -> None:
    by_file = {row["file_name"]: row for row in made.truth["files"]}
    for name, data in made.files.items():
        segments = split(data).segments
        row = by_file[name]
        names = [elements[0] for elements in segments]
        assert row["claim_count"] == names.count("CLM") + names.count("CLP")
        assert row["service_line_count"] == names.count("SV1") + names.count("SVC")
        paid = sum(cents(e[2]) for e in segments if e[0] == "BPR")
        assert row["payment_cents"] == paid
    net = sum(row["net_cents"] for row in made.truth["net"])
    assert net == sum(row["net_cents"] for row in made.truth["remittance_claims"])


def test_what_an_svc_answers_is_there(made: World) -> None:
    claims: dict[tuple[str, int], Any] = {
        claim.source: claim
        for name, data in made.files.items()
        if name.endswith(".837")
        for claim in read_837p(data, name)
    }
    position_of = {
        (row["file_name"], row["claim_position"]): row for row in made.truth["submissions"]
    }
    assert set(claims) == set(position_of)
    for row in made.truth["adjudicated_lines"]:
        if row["line_number"] is not None:
            numbers = {line.number for line in claims[tuple(row["answers"])].lines}
            assert row["line_number"] in numbers
        if row["match"] == "ambiguous":
            assert len(row["candidates"]) > 1


def test_reversals_name_an_adjudication_and_nets_are_never_below_nothing(made: World) -> None:
    claims = made.truth["remittance_claims"]
    by_place = {(row["file_name"], row["claim_position"]): row for row in claims}
    for row in claims:
        if row["is_reversal"]:
            assert row["answers"] == by_place[tuple(row["reverses"])]["answers"]
            taken_back = by_place[tuple(row["reverses"])]
            assert row["net_cents"] == -taken_back["net_cents"]
    assert min(row["net_cents"] for row in made.truth["net"]) >= 0


def test_claim_files_are_valid_5010(
    made: World, guide_errors: Callable[[bytes], list[object]]
) -> None:
    for name in [n for n in made.files if n.endswith(".837") and "_1_" in n][:3]:
        assert guide_errors(made.files[name]) == [], name


def test_remittances_are_valid_5010_but_for_what_is_wrong_on_purpose(
    made: World, guide_errors: Callable[[bytes], list[object]]
) -> None:
    quirks = Quirks.every(0.05)
    # The check knows no group CR, no second PLB, and none of the remarks of later years.
    without = dict.fromkeys(
        ("reversal_group_cr", "provider_adjustments", "recovery", "qualified_beneficiary"), 0.0
    )
    rates = {f.name: getattr(quirks, f.name) for f in fields(Quirks)} | without
    small = remittances(world.make_world(3, 250, Quirks(**rates)))
    # The check takes its time over every file it opens, so it sees those that hold most.
    largest = sorted(small, key=lambda name: len(small[name]))[-10:]
    for name in largest:
        data = small[name]
        assert guide_errors(data) == [], name
