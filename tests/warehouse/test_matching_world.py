"""A simulator that knows nothing of ours, with every quirk: what is joined, and what is denied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.matching_quality import (
    DAY,
    Quality,
    claim_quality,
    denial_quality,
    line_quality,
    new_home,
    rows,
    take_in,
)
from simulator.world import World, make_world
from warehouse import steps
from warehouse.database import Warehouse
from warehouse.settings import Settings
from warehouse.verify import verify

Made = tuple[Settings, World]
SIZES = [
    pytest.param((2000, 7), id="2000"),
    pytest.param((20_000, 11), id="20000", marks=pytest.mark.soak),
]


@pytest.fixture(scope="module", params=SIZES)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    claims, seed = request.param
    world = make_world(seed, claims)
    settings = new_home(tmp_path_factory.mktemp("world"))
    take_in(settings, world.files)
    yield settings, world


def hold(quality: Quality) -> None:
    assert not quality.wrong["all"], quality.examples
    assert not quality.guessed["all"], quality.examples
    assert quality.known_rate >= 0.995, quality.examples
    assert quality.right["all"] > 500


def test_every_adjudication_answers_the_submission_that_it_was_made_for(made: Made) -> None:
    hold(claim_quality(*made))


def test_no_service_is_joined_to_a_wrong_line(made: Made) -> None:
    hold(line_quality(*made))


def test_no_denial_is_missed_and_none_invented(made: Made) -> None:
    quality = denial_quality(*made)
    hold(quality)
    assert not quality.missed["all"], quality.examples


def test_what_a_claim_brought_is_what_the_payer_meant(made: Made) -> None:
    settings, world = made
    found: dict[tuple[str, ...], int] = {}
    for row in rows(
        settings,
        "select s.billing_npi, s.patient_control_number, s.member_id, s.first_service_date, "
        "s.payer_id, cp.payment_cents from claim_payment as cp join submission as s "
        "on s.submission_id = cp.submission_id",
    ):
        day = (row["first_service_date"] or "").replace("-", "")
        key = (row["billing_npi"], row["patient_control_number"], row["member_id"], day,
               row["payer_id"])  # fmt: skip
        found[key] = found.get(key, 0) + row["payment_cents"]
    open_claims = {
        (t["file_name"], t["claim_position"])
        for t in world.truth["remittance_claims"]
        if t["match"] != "certain"
    }
    differing = 0
    for row in world.truth["net"]:
        key = tuple(row[name] for name in ("billing_npi", "patient_control_number", "member_id",
                                           "first_service_date", "payer_id"))  # fmt: skip
        differing += found.get(key, 0) != row["net_cents"]
    # Only money of claims whose number says too little may stand apart.
    assert differing <= len(open_claims)


def test_every_balance_that_was_carried_forward_is_closed(made: Made) -> None:
    settings, _ = made
    entries = rows(settings, "select * from provider_adjustment where reason_code = 'FB'")
    closing = {e["closed_by_id"] for e in entries if e["closed_by_id"]}
    for entry in entries:
        if entry["amount_cents"] > 0:
            assert entry["provider_adjustment_id"] in closing


def test_the_invariants_hold(made: Made) -> None:
    settings, _ = made
    warehouse = Warehouse(settings.url)
    try:
        found = verify(warehouse, settings, as_of=DAY)
    finally:
        warehouse.close()
    assert found.holds, [r.violations[:3] for r in found.results if r.violations]


def test_a_second_match_and_the_same_files_again_change_nothing(made: Made) -> None:
    settings, world = made
    sql = ("select claim_payment_id, submission_id, reverses_id, corrects_id, match_state "
           "from claim_payment order by 1")  # fmt: skip
    before = rows(settings, sql), rows(settings, "select * from denial order by denial_id")
    assert not steps.match(settings, as_of=DAY).claims_matched
    take_in(settings, dict(list(world.files.items())[:10]))
    assert steps.match(settings, as_of=DAY).denials == 0
    after = rows(settings, sql), rows(settings, "select * from denial order by denial_id")
    assert before == after
