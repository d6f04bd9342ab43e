"""A simulator that knows nothing of ours, with every quirk: what is joined, and what is denied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.matching_quality import (
    DAY,
    Quality,
    claim_quality,
    denial_quality,
    line_quality,
    new_home,
    originals,
    rows,
    take_in,
)
from simulator.world import World, make_world
from simulator.x12_text import cents, split
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


CONTRACTUAL = {"45", "253", "59", "104"}
"""Reasons in this world for what is written off."""


def _shares(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Of each SVC: nth CLP, nth SVC, what the patient owes and what is written off, in cents.

    A write-off of everything that nobody explains is none, but that the truth of denials tells.
    """
    claim = line = share = contractual = 0
    for elements in [*split(data).segments, ["CLP"]]:
        if elements[0] in ("CLP", "SVC"):
            if line:
                yield claim, line, share, contractual
            share = contractual = 0
            claim, line = (claim + 1, 0) if elements[0] == "CLP" else (claim, line + 1)
        elif elements[0] == "CAS" and line:
            group, *triples = elements[1:]
            for code, amount in zip(triples[::3], triples[1::3], strict=False):
                if code in ("1", "2", "3"):
                    share += cents(amount)
                elif code in CONTRACTUAL and group in ("CO", "CR"):
                    contractual += cents(amount)


def test_what_was_not_paid_is_divided_as_the_payer_did(made: Made) -> None:
    settings, world = made
    same = originals(world)
    found = {
        (same.get(r["file_name"], r["file_name"]), r["claim_position"], r["service_position"]): r
        for r in rows(settings, "select * from mart_adjudicated_line")
    }
    claims = {(r["file_name"], r["claim_position"]): r for r in world.truth["remittance_claims"]}
    passed_on = {
        (s["billing_npi"], s["patient_control_number"], s["first_service_date"])
        for s in world.truth["submissions"]
        if s["payer_sequence"] == "S"
    }
    sent = {(s["file_name"], s["claim_position"]): s for s in world.truth["submissions"]}
    silent = {
        (d["file_name"], d["claim_position"], d["service_position"])
        for d in world.truth["denials"]
        if d["kind"] == "silent"
    }
    owed = Counter[str]()
    for name in {name for name, _ in claims}:
        for claim, line, share, contractual in _shares(world.files[name]):
            row, truth = found[name, claim, line], claims[name, claim]
            if (*(truth["reverses"] or (name, claim)), line) in silent:
                assert abs(row["denied_amount"]) == abs(contractual / 100)
                contractual = 0
            amounts = row["patient_share_amount"], row["contractual_amount"]
            assert [abs(round(a * 100)) for a in amounts] == [abs(share), abs(contractual)], row
            if not share or truth["match"] != "certain":
                assert share or row["patient_share_owed_by"] is None
                continue
            s = sent[tuple(truth["answers"])]
            key = s["billing_npi"], s["patient_control_number"], s["first_service_date"]
            # What is taken back is owed by whom it was decided to be.
            decided = claims[tuple(truth["reverses"])] if truth["reverses"] else truth
            next_ = (
                decided["status_code"] in ("19", "20", "21")
                or (s["payer_sequence"] == "P" and key in passed_on)
                or "qualified_beneficiary" in decided["quirks"]
            )
            assert row["patient_share_owed_by"] == ("next_payer" if next_ else "patient"), row
            owed[row["patient_share_owed_by"]] += 1
    assert min(owed["patient"], owed["next_payer"]) > 50
    denied = {
        (d["file_name"], d["claim_position"], d["service_position"]): d["denied_cents"]
        for d in world.truth["denials"]
        if d["kind"] in ("full", "partial", "claim", "silent")
    }
    for key, row in found.items():
        if not row["is_reversal"] and row["match_method"] != "unmatched":
            assert round(row["denied_amount"] * 100) == denied.get(key, 0), row


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
