"""Today's rules over the past, read-only; and the record of a rule."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cases.practice import DAY as PRACTICE_DAY
from cases.practice import NOW, Practice
from rules.decision import Refusal
from rules.propose import propose
from rules.rule import Rule
from warehouse import review, steps
from warehouse.backtest import backtest, record_of
from warehouse.cli import app
from warehouse.database import Warehouse
from warehouse.settings import Settings

SINCE, DAY = date(2026, 9, 1), date(2026, 10, 5)


def digest(home: Settings) -> str:
    return hashlib.sha256((home.home / "warehouse.db").read_bytes()).hexdigest()


def found(home: Settings, since: date = SINCE):
    opened = Warehouse(home.url)
    try:
        return backtest(opened, home, since=since, as_of=DAY)
    finally:
        opened.close()


def test_the_rules_of_today_decide_as_they_did(home: Settings) -> None:
    before = digest(home)
    result = found(home)
    assert result.denials > 40
    assert not result.otherwise
    # The payer itself took two denials back: there is nothing to compare with.
    assert result.settled == 2
    # Nor is there with the one on a claim that the practice never billed; it is told.
    assert result.of_no_claim == 1
    assert digest(home) == before


def test_another_rule_shows_where_it_would_differ(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def consider(line, facts):
        return Refusal("no more", "write_off") if line.reason_code == "197" else None

    rule = Rule("test.other", 1, ("197",), "approval", (), consider)
    monkeypatch.setitem(propose.__kwdefaults__, "rules", (rule,))
    result = found(home)
    moved = [o for o in result.otherwise if o.reason == "CO-197"]
    assert len(moved) > 10 and all(o.rule_now == "test.other" for o in moved)
    assert ("corrected replacement", "refused write_off") in {m[:2] for m in result.moves()}


def test_since_is_a_limit(home: Settings) -> None:
    first, rest = found(home), found(home, date(2026, 9, 21))
    assert 0 < rest.denials < first.denials
    late = found(home, date(2027, 1, 1))
    assert (late.denials, late.of_no_claim) == (0, 0)


def test_the_command(home: Settings) -> None:
    ask = ["rules", "backtest", "--since", "2026-09-01", "--home", str(home.home)]
    told = CliRunner().invoke(app, [*ask, "--json"])
    data = json.loads(told.output)
    assert told.exit_code == 0 and (
        data["denials"] == data["same"] + data["settled"] + len(data["otherwise"])
    )
    assert "decided as they were" in CliRunner().invoke(app, ask).output


def test_a_rule_shows_its_record(home: Settings) -> None:
    opened = Warehouse(home.url)
    try:
        record = record_of(opened, "carc197.prior-authorization")
        assert record["claims_sent"] > 0 and record["denials_decided"] > 10
        assert record["claims_proposed"] >= record["claims_sent"] >= record["claims_paid"]
        assert not any(record_of(opened, "no.such-rule").values())
    finally:
        opened.close()
    ask = ["rules", "explain", "carc197.prior-authorization", "--home", str(home.home)]
    told = CliRunner().invoke(app, [*ask, "--json"])
    assert json.loads(told.output)["record"] == record
    assert "claims sent" in CliRunner().invoke(app, ask).output


def test_what_a_person_rejected_is_no_difference(tmp_path: Path) -> None:
    practice = Practice(tmp_path)
    practice.bill()
    practice.hear()
    practice.know({"units": None})
    practice.run()
    with steps.opened(practice.settings) as warehouse:
        review.reject(
            warehouse, practice.settings, "1",
            by="biller.b", reason="the note says otherwise", as_of=PRACTICE_DAY, now=NOW,
        )  # fmt: skip
        found_again = backtest(
            warehouse, practice.settings, since=date(2026, 1, 1), as_of=PRACTICE_DAY
        )
    assert (found_again.denials, found_again.settled, found_again.otherwise) == (1, 1, ())
