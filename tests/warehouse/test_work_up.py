"""What `reclaim review show` tells a person of a denial that no claim of ours answers."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from warehouse.cli import app
from warehouse.settings import Settings

DAY = ("--as-of", "2026-10-05")


def shown(home: Settings, denial_id: int, *more: str) -> str:
    found = CliRunner().invoke(
        app, ["review", "show", str(denial_id), "--home", str(home.home), *DAY, *more]
    )
    assert found.exit_code == 0, found.output
    return found.output


def denial_of(home: Settings, condition: str) -> int:
    found = CliRunner().invoke(
        app,
        ["query", f"select denial_id from mart_denial where {condition} order by 1",
         "--format", "json", "--home", str(home.home)],
    )  # fmt: skip
    return int(json.loads(found.output)[0]["denial_id"])


@pytest.mark.parametrize(
    ("condition", "title", "word"),
    [
        ("path = 'reopening' and reason_code = '97'", "Medicare clerical error reopening", "PTAN"),
        ("path = 'documentation'", "Records to be sent", "PWK"),
        ("path = 'appeal' and reason_code = '50' and payer_id = 'DMAC1'",
         "Medicare redetermination", "CMS-20027"),
        ("path = 'bill_other_payer'", "Another payer", "835"),
        ("decision = 'needs_evidence' and reason_code = '31'", "New claim", "subscriber"),
    ],
)  # fmt: skip
def test_a_person_has_in_hand_what_is_needed(
    home: Settings, condition: str, title: str, word: str
) -> None:
    denial_id = denial_of(home, condition)
    told = json.loads(shown(home, denial_id, "--json"))["work_up"]
    assert told["title"] == title and any(word in n for n in told["needed"])
    assert title in shown(home, denial_id)


def test_the_worksheet_of_a_reopening_has_old_and_new(home: Settings) -> None:
    denial_id = denial_of(home, "path = 'reopening' and reason_code = '97'")
    (asked,) = json.loads(shown(home, denial_id, "--json"))["work_up"]["worksheet"]
    assert (asked["place"], asked["old_value"], asked["new_value"]) == (
        "2400[1]/SV101-3", None, "25")  # fmt: skip


def test_what_goes_as_a_claim_has_no_work_up(home: Settings) -> None:
    denial_id = denial_of(home, "decision = 'corrected' and status = 'emitted'")
    assert json.loads(shown(home, denial_id, "--json"))["work_up"] is None
