"""Every refusal that a rule may correct, from the drop to the payer's answer to what was sent."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulator.adjudication import DecidedClaim
from simulator.scenarios import AGAIN, Month, make_month
from simulator.submitted import SubmittedClaim, read_837p
from warehouse import steps
from warehouse.demo.approve import approve_all
from warehouse.reference import import_files
from warehouse.settings import Settings
from warehouse.verify import verify

REFERENCE = Path(__file__).parents[2] / "warehouse" / "demo" / "reference"
CODE_SETS = {"ptp": "pairs_made_up.txt", "mue": "units_made_up.csv", "aoc": "add_ons_made_up.txt"}
DAY, ANSWERED = date(2026, 4, 2), date(2026, 4, 23)
NOW = datetime(2026, 4, 2, 9)
MONTH = make_month()
ROWS: dict[str, dict[str, Any]] = {
    row["patient_control_number"]: row for row in json.loads(MONTH.files["expected.json"])
}


class Told(NamedTuple):
    """What the home says and holds at the end, by patient control number where it can be."""

    alone: Counter[str]
    """What went before anybody approved anything."""
    denials: dict[str, dict[str, Any]]
    """The first denial of each claim, decided."""
    sent: dict[str, list[SubmittedClaim]]
    answers: dict[str, DecidedClaim]
    outbound: dict[str, list[dict[str, Any]]]
    corrections: dict[str, list[dict[str, Any]]]
    outcomes: dict[str, list[dict[str, Any]]]
    settings: Settings


def bring_code_sets(settings: Settings) -> None:
    """The demo's made-up tables, and the pairs that a scenario asks for."""
    asked = {asked for row in ROWS.values() for asked in row["reference"]}
    with steps.opened(settings) as warehouse:
        for kind, name in CODE_SETS.items():
            text = (REFERENCE / name).read_text()
            for column_1, column_2, indicator in (r.split()[1:] for r in asked if kind == "ptp"):
                if f"{column_1}\t{column_2}\t" not in text:
                    text += f"{column_1}\t{column_2}\t \t20250701\t*\t{indicator}\tMade up\n"
            path = settings.home / name
            path.write_text(text)
            import_files(warehouse, kind, [path], valid_from=date(2026, 1, 1),
                         valid_to=date(2026, 3, 31), now=NOW)  # fmt: skip


def rows(settings: Settings, sql: str) -> dict[str, list[dict[str, Any]]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        for row in connection.execute(sql):
            found.setdefault(row["patient_control_number"], []).append(dict(row))
    finally:
        connection.close()
    return found


def sent(settings: Settings) -> dict[str, list[SubmittedClaim]]:
    found: dict[str, list[SubmittedClaim]] = {}
    for path in sorted(settings.folder("outbox").glob("*.837")):
        for claim in read_837p(path.read_bytes()):
            found.setdefault(claim.patient_control_number, []).append(claim)
    return found


def answer(settings: Settings, month: Month) -> dict[str, DecidedClaim]:
    """The payers read what really went out, and their 835s are dropped."""
    found: dict[str, DecidedClaim] = {}
    for nth, payer in enumerate(month.payers.values()):
        for path in settings.folder("outbox").glob("*.837"):
            payer.receive(path.read_bytes())
        if not payer.has_work(lambda claim: True):
            continue
        told = payer.pay(paid_on=AGAIN, control_number=800 + nth)
        (settings.folder("inbox") / f"again_{nth}.835").write_bytes(told.data)
        found |= {claim.patient_control_number: claim for claim in told.decided.claims}
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    home = tmp_path_factory.mktemp("scenarios")
    for name, data in MONTH.files.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(data)
    (home / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\nautomatic = ['*']\n"
    )
    settings = steps.initialise(home)
    bring_code_sets(settings)
    steps.run(settings, as_of=DAY, now=NOW)
    alone = Counter(number for number, claims in sent(settings).items() for _ in claims)
    with steps.opened(settings) as warehouse:
        approve_all(warehouse, settings, as_of=DAY)
    assert not steps.emit(settings, as_of=DAY, now=NOW).refused
    denials = rows(settings, "select * from mart_denial")
    went = sent(settings)
    answers = answer(settings, make_month())
    steps.run(settings, as_of=ANSWERED, now=NOW)
    return Told(
        alone=alone,
        denials={number: found[0] for number, found in denials.items()},
        sent=went,
        answers=answers,
        outbound=rows(settings, "select * from mart_outbound"),
        corrections=rows(settings, "select * from mart_correction"),
        outcomes=rows(settings, "select * from mart_denial order by denied_on, denial_id"),
        settings=settings,
    )


def is_to_go(row: dict[str, Any], denial: dict[str, Any]) -> bool:
    """Whether a claim is to be sent; where the expectation is open, a decision has to be right."""
    if row["decision"] is None and row["variant"] == "complete":
        return bool(denial["decision"] == "corrected")
    return bool(row["decision"] == "corrected")


def named(number: str) -> str:
    return f"{ROWS[number]['scenario']}/{ROWS[number]['variant']}"


EVERY = pytest.mark.parametrize("number", ROWS, ids=named)


@EVERY
def test_each_refusal_is_decided_as_expected(told: Told, number: str) -> None:
    expected, denial = ROWS[number], told.denials[number]
    for name in ("decision", "path", "reason_code"):
        assert expected[name] in (None, denial[name]), (name, denial["explanation"])
    if denial["decision"] == "needs_evidence" or expected["decision"] == "needs_evidence":
        assert denial["missing_evidence"] == expected["missing_evidence"]
    else:
        assert denial["missing_evidence"] is None


@EVERY
def test_what_is_complete_goes_once_and_is_paid_and_nothing_else_goes(
    told: Told, number: str
) -> None:
    expected, denial = ROWS[number], told.denials[number]
    if not is_to_go(expected, denial):
        assert number not in told.sent
        assert number not in told.outbound and number not in told.corrections
        return
    [claim], [outbound] = told.sent[number], told.outbound[number]
    replaces = denial["path"] == "replacement"
    assert claim.frequency_code == ("7" if replaces else "1")
    first = MONTH.told[number].payer_claim_control_number
    assert claim.payer_claim_control_number == (first if replaces else "")
    assert not any(line.denied_cents for line in told.answers[number].lines)
    assert outbound["state"] == "adjudicated" and outbound["recovered_amount"] > 0
    assert [d["status"] for d in told.outcomes[number]] == ["recovered"]
    assert {c["outcome"] for c in told.corrections[number]} == {"paid"}


@EVERY
def test_the_changes_are_those_expected(told: Told, number: str) -> None:
    expected = ROWS[number]
    made = {c["place"]: c["new_value"] for c in told.corrections.get(number, [])}
    for places, values in expected["changes"].items():
        found = [made[place] for place in places.split("|") if place in made]
        assert len(found) == 1, (places, made)
        if values is None:
            assert found == [None]
        elif places.startswith("2010BA/"):
            assert values.endswith(found[0]) and len(found[0]) == 4
        else:
            assert found[0] in values.split("|")


@EVERY
def test_only_what_may_goes_without_a_person(told: Told, number: str) -> None:
    release = ROWS[number]["release"]
    assert release is None or told.alone[number] == (1 if release == "automatic" else 0)
    assert told.alone[number] <= 1


def test_only_claims_of_the_month_went_and_every_invariant_holds(told: Told) -> None:
    assert told.sent.keys() == told.outbound.keys() <= ROWS.keys()
    assert {n for n, row in ROWS.items() if row["decision"] == "corrected"} <= told.sent.keys()
    with steps.opened(told.settings) as warehouse:
        found = verify(warehouse, told.settings, as_of=ANSWERED)
    assert found.holds, found


def test_a_further_run_sends_nothing(told: Told) -> None:
    before = sorted(p.name for p in told.settings.folder("outbox").iterdir())
    again = steps.run(told.settings, as_of=ANSWERED, now=NOW)
    assert again.emitted.emitted_claims == 0 and again.proposed.corrections == 0
    assert sorted(p.name for p in told.settings.folder("outbox").iterdir()) == before
