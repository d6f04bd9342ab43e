"""``reclaim validate --acknowledge``: TA1 and 999 of our own, each a new file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edi.survey import survey
from edi.validate import validate
from simulator.acknowledgments import GroupAnswer, Post, write_999
from warehouse.cli import app
from warehouse.demo.prepare import prepare
from warehouse.own_answers import first_number, write_answers

NOW = datetime(2026, 10, 2, 9, 15)


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An 837P of the made-up month."""
    inbox = prepare(tmp_path_factory.mktemp("answers") / "home").folder("inbox")
    return next(p for p in sorted(inbox.iterdir()) if b"ST*837*" in p.read_bytes()[:400])


def test_every_answer_is_a_file_of_its_own(claims: Path, tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    first = write_answers(claims, validate(claims), folder, now=NOW)
    second = write_answers(claims, validate(claims), folder, now=NOW)
    assert [kind for _, kind, _ in first] == ["999"] * len(first)
    names = [name for name, _, _ in [*first, *second]]
    assert len(set(names)) == len(names) == len(list(folder.iterdir()))
    for name in names:
        [interchange] = survey(folder / name).interchanges
        assert interchange.control_number == name.partition(".")[0]
        assert validate(folder / name) == ()


def test_numbers_go_on_where_others_stand(tmp_path: Path) -> None:
    (tmp_path / "999999990.999").touch()
    (tmp_path / "notes.txt").touch()
    assert first_number(tmp_path, NOW) == 999_999_991
    assert 0 < first_number(tmp_path.parent, NOW) < 1_000_000_000


def test_the_command_answers_and_says_so(claims: Path, tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    bad = tmp_path / "bad.837"
    bad.write_bytes(claims.read_bytes().replace(b"CLM*", b"CLM**", 1))
    found = CliRunner().invoke(
        app, ["validate", "--json", "--acknowledge", str(folder), str(claims), str(bad)]
    )
    assert found.exit_code == 4
    good, wrong = json.loads(found.stdout)["files"]
    assert {a["code"] for a in good["acknowledgments"]} == {"A" if not good["problems"] else "E"}
    assert {a["code"] for a in wrong["acknowledgments"]} <= {"R", "P"}
    for answer in (*good["acknowledgments"], *wrong["acknowledgments"]):
        assert (folder / answer["file_name"]).is_file()
    said = CliRunner().invoke(app, ["validate", "--acknowledge", str(folder), str(claims)])
    assert "answered with 999" in said.stdout


def test_a_folder_is_wanted(claims: Path) -> None:
    found = CliRunner().invoke(app, ["validate", "--acknowledge", str(claims), str(claims)])
    assert found.exit_code == 2


def test_an_answer_is_no_claim_file(tmp_path: Path) -> None:
    # An answer that is dropped where claims are checked is checked as what it is.
    path = tmp_path / "answer.999"
    path.write_bytes(write_999(Post(), GroupAnswer("17")))
    assert validate(path) == ()
