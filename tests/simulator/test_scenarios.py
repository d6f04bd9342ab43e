"""The scenarios: the payer pays the right answer, refuses a wrong one, and the files hold up."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from simulator.adjudication import DecidedClaim
from simulator.balance_check import imbalances
from simulator.scenario import Scenario
from simulator.scenarios import make_month

MONTH = make_month()
ANSWERED = [s for s in MONTH.scenarios if s.complete and (s.draft.right or s.draft.primary_known)]


def named(scenario: Scenario) -> str:
    return f"{scenario.draft.name}/{scenario.variant}"


def is_refused(decided: DecidedClaim) -> bool:
    return any(line.denied_cents for line in decided.lines)


def test_the_month_is_the_same_every_time() -> None:
    assert make_month().files == MONTH.files


@pytest.mark.parametrize("name", [n for n in MONTH.files if n.startswith("inbox/")])
def test_each_file_is_valid_and_balances(
    name: str, guide_errors: Callable[[bytes], list[object]]
) -> None:
    data = MONTH.files[name]
    assert guide_errors(data) == []
    assert not name.endswith(".835") or imbalances(data) == []


@pytest.mark.parametrize("scenario", MONTH.scenarios, ids=named)
def test_each_claim_is_refused_as_it_says(scenario: Scenario) -> None:
    told = MONTH.told[scenario.claim.patient_control_number]
    reasons = {a.reason_code for line in told.lines for a in line.adjustments if a.is_denial}
    assert reasons == (set() if scenario.draft.resent else {scenario.draft.reason})


@pytest.mark.parametrize("scenario", ANSWERED, ids=named)
def test_the_right_answer_is_paid_and_a_wrong_one_is_not(scenario: Scenario) -> None:
    month = make_month()
    refused = month.answer(scenario, scenario.draft.wrong)
    assert is_refused(refused) and refused.status_code != "22"
    paid = make_month().answer(scenario)
    assert not is_refused(paid) and paid.paid > 0 and not paid.is_reversal


def test_every_kind_of_evidence_is_missing_once_and_the_rows_say_so() -> None:
    rows = json.loads(MONTH.files["expected.json"])
    assert len(rows) == len(MONTH.scenarios)
    for row in rows:
        if row["variant"] != "complete":
            told = row["decision"] in (None, "needs_evidence", "routed")
            missing = row["variant"].removeprefix("without-")
            assert row["missing_evidence"] == (missing if told else None)
            assert row["decision"] == "corrected" or row["changes"] == {}
    evidence = b"".join(d for n, d in MONTH.files.items() if n.startswith("evidence/"))
    records = [json.loads(line) for line in evidence.splitlines()]
    assert len(records) == sum(len(s.records) for s in MONTH.scenarios)
    assert len({(r["kind"], r["document_id"]) for r in records}) == len(records)
