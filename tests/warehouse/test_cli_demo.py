"""The demo month through the commands: what is shown, what adds up, and whom nothing names."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulator import demo_month
from simulator.x12_text import split
from warehouse.cli import app

AS_OF = ("--as-of", "2026-10-05")
TRUTH = json.loads(demo_month.TRUTH.read_text("ascii"))
WIDTH = 100

runner = CliRunner()


def ask(*arguments: object) -> Any:
    return runner.invoke(app, [str(argument) for argument in arguments])


def told(*arguments: object, status: int = 0) -> dict[str, Any]:
    """What a command answers with --json; amounts exact."""
    found = ask(*arguments, "--json")
    assert found.exit_code == status, found.output
    return json.loads(found.stdout, parse_float=Decimal)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """`reclaim demo` from beginning to end: its home, and what it printed."""
    home = tmp_path_factory.mktemp("everything") / "home"
    found = ask("demo", "--home", home)
    assert found.exit_code == 0, found.output
    return home, found.output


@pytest.fixture(scope="module")
def first_pass(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The month after one run: what needs a person still waits."""
    home = tmp_path_factory.mktemp("first_pass") / "home"
    assert ask("demo", "--prepare", "--home", home).exit_code == 0
    return home, told("run", "--home", home, *AS_OF, status=4)


@pytest.fixture
def waiting(first_pass: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A home of one's own in which corrections wait."""
    return Path(shutil.copytree(first_pass[0], tmp_path / "home"))


@pytest.fixture
def done(everything: tuple[Path, str], tmp_path: Path) -> Path:
    """A home of one's own after the whole demo."""
    return Path(shutil.copytree(everything[0], tmp_path / "home"))


def change(home: Path, sql: str) -> None:
    with closing(sqlite3.connect(home / "warehouse.db")) as connection, connection:
        assert connection.execute(sql).rowcount == 1


class TestShow:
    def test_it_adds_up(self, everything: tuple[Path, str]) -> None:
        _, printed = everything
        assert "Everything adds up" in printed and "DOES NOT ADD UP" not in printed

    def test_it_fits_the_page(self, everything: tuple[Path, str]) -> None:
        home, printed = everything
        lines = [line for line in printed.splitlines() if str(home) not in line]
        assert [line for line in lines if len(line) > WIDTH] == []
        assert "…" not in printed  # no column is cut

    def test_files_are_those_of_the_month(self, everything: tuple[Path, str]) -> None:
        found = told("demo", "--show", "--home", everything[0])
        wanted = Counter(f["kind"] for f in TRUTH["files"] if f["status"] == "loaded")
        assert Counter(f["kind"] for f in found["files"] if f["status"] == "loaded") == wanted
        assert [f["status"] for f in found["files"]].count("duplicate") == 1
        assert found["evidence"] == TRUTH["evidence"]

    def test_denials_are_those_of_the_month(self, everything: tuple[Path, str]) -> None:
        found = told("demo", "--show", "--home", everything[0])
        wanted: Counter[str] = Counter()
        for denial in TRUTH["denials"]:
            wanted[denial["category"]] += denial["denied_cents"]
        shown: Counter[str] = Counter()
        for row in found["denials"]:
            shown[row["category"]] += int(row["denied_amount"] * 100)
        assert shown == wanted
        assert sum(row["denials"] for row in found["denials"]) == len(TRUTH["denials"])

    def test_corrected_claims_are_those_of_the_month(self, everything: tuple[Path, str]) -> None:
        found = told("demo", "--show", "--home", everything[0])
        wanted = {
            (denial["patient_control_number"], place, value)
            for denial in TRUTH["denials"]
            for place, value in (denial["corrections"] or {}).items()
        }
        shown = {
            (c["patient_control_number"], c["place"], c["new_value"])
            for c in found["corrections"]
            if c["outbound_file_name"]
        }
        # CLM02 follows from a line that is taken off; the truth names what causes it only.
        assert {change for change in shown if change[1] != "2300/CLM02"} == {
            change for change in wanted if change[1] != "2300/CLM02"
        }

    def test_files_sent_are_valid_and_where_it_says(self, everything: tuple[Path, str]) -> None:
        home, _ = everything
        found = told("demo", "--show", "--home", home)
        paths = [Path(f["path"]) for f in found["outbox"]]
        assert sorted(paths) == sorted((home / "outbox").iterdir())
        assert [f["problems"] for f in found["outbox"]] == [[]] * len(paths)
        assert ask("validate", *paths).exit_code == 0

    def test_totals_are_those_of_the_month(self, everything: tuple[Path, str]) -> None:
        totals = told("demo", "--show", "--home", everything[0])["totals"]
        sums = {s["what"]: s for s in totals["sums"]}
        paid = {p["what"]: p["amount"] for p in sums["decided by payers, and how"]["parts"]}
        assert paid["paid"] * 100 == sum(p["claims_paid_cents"] for p in TRUTH["payments"])
        billed = sum(c["charge_cents"] for c in TRUTH["claims"])
        again = sum(c["charge_cents"] for c in TRUTH["claims"] if c["sent_again_in"])
        assert sums["billed by the practice"]["amount"] * 100 == billed + again
        denied = sum(d["denied_cents"] for d in TRUTH["denials"])
        assert sums["denied by payers"]["amount"] * 100 == denied
        transferred = {p["what"]: p["amount"] for p in sums["transferred by payers"]["parts"]}
        assert transferred["paid on claims"] == paid["paid"]
        assert sums["transferred by payers"]["amount"] == sum(
            f["in_file"]["payment_amount"] for f in totals["files"] if f["kind"] == "835"
        )

    def test_each_denial_is_told_once(self, everything: tuple[Path, str]) -> None:
        """Corrected, not corrected and why, or taken back: none of them is left out."""
        found = told("demo", "--show", "--home", everything[0])
        decided = Counter(
            {row["decision"]: 0 for row in found["denials"]}
            | {"not corrected": len(found["not_corrected"])}
        )
        for row in found["denials"]:
            decided[row["decision"]] += row["denials"]
        others = decided.total() - decided["not corrected"]
        own = decided["corrected"] + decided["reversed by the payer"]
        assert decided["not corrected"] == others - own
        assert all(row["explanation"] for row in found["not_corrected"])

    def test_every_invariant_holds(self, everything: tuple[Path, str]) -> None:
        found = told("verify", "--home", everything[0], *AS_OF)
        assert found["holds"] is True
        assert "Every invariant holds" in ask("verify", "--home", everything[0], *AS_OF).stdout

    @pytest.mark.parametrize(
        "damage",
        [
            "update submission set charge_cents = charge_cents + 1 where submission_id = 1",
            "update remittance set payment_cents = payment_cents - 1 where remittance_id = 1",
            "update denial set denied_cents = denied_cents + 1 where denial_id = 1",
            "update outbound_claim set charge_cents = charge_cents + 1 where outbound_claim_id = 1",
        ],
    )
    def test_a_cent_that_is_lost_is_said_loudly(self, done: Path, damage: str) -> None:
        change(done, damage)
        found = ask("demo", "--show", "--home", done)
        assert found.exit_code == 3 and "DOES NOT ADD UP" in found.stdout
        assert "Everything adds up" not in found.stdout
        assert told("demo", "--show", "--home", done, status=3)["totals"]["adds_up"] is False

    def test_a_file_that_was_changed_is_said_loudly(self, done: Path) -> None:
        sent = sorted((done / "outbox").iterdir())[0]
        sent.chmod(0o600)
        sent.write_bytes(sent.read_bytes().replace(b"SE*", b"SE*9", 1))
        found = ask("demo", "--show", "--home", done)
        assert found.exit_code == 3 and "FINDING" in found.stdout
        assert ask("verify", "--home", done, *AS_OF).exit_code == 3

    def test_a_terminal_without_arrows_is_no_failure(self, everything: tuple[Path, str]) -> None:
        script = Path(sys.executable).parent / "reclaim"
        found = subprocess.run(
            [script, "demo", "--show", "--home", everything[0]],
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert found.returncode == 0 and b"nothing ? A99887700" in found.stdout


class TestParts:
    """`make demo` drives these around the DAGs."""

    def test_nothing_waits_in_the_inbox_of_a_prepared_home(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        found = told("demo", "--prepare", "--home", home)
        assert found == {"home": str(home), "inbox": 15, "evidence": 4}
        month = demo_month.MONTH
        for folder in ("inbox", "evidence"):
            assert {p.name: p.read_bytes() for p in (home / folder).iterdir()} == {
                p.name: p.read_bytes() for p in (month / folder).iterdir()
            }
        for name in ("reclaim.toml", "payers.toml"):
            assert (home / name).read_bytes() == (month / name).read_bytes()

    def test_a_demo_is_made_anew(self, done: Path) -> None:
        assert ask("demo", "--prepare", "--home", done).exit_code == 0
        assert list((done / "outbox").iterdir()) == []

    def test_a_home_that_no_demo_made_is_left_alone(self, tmp_path: Path) -> None:
        home = tmp_path / "practice"
        assert ask("init", "--home", home).exit_code == 0
        (home / "inbox" / "mine.837").write_text("mine")
        for arguments in ((), ("--prepare",), ("--approve",), ("--show",)):
            found = ask("demo", *arguments, "--home", home)
            assert found.exit_code == 2 and "demo" in found.stderr
        assert (home / "inbox" / "mine.837").read_text() == "mine"

    def test_a_file_in_the_way_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "home").write_text("mine")
        assert ask("demo", "--home", tmp_path / "home").exit_code == 2
        assert (tmp_path / "home").read_text() == "mine"

    def test_the_warehouse_of_the_shell_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RECLAIM_WAREHOUSE", f"sqlite:///{tmp_path / 'other.db'}")
        monkeypatch.setenv("RECLAIM_HOME", str(tmp_path / "other"))
        found = ask("demo", "--prepare", "--home", tmp_path / "home")
        assert found.exit_code == 0 and "RECLAIM_WAREHOUSE" in found.stderr
        assert sorted(p.name for p in tmp_path.iterdir()) == ["home"]
        assert (tmp_path / "home" / "warehouse.db").exists()

    def test_without_a_home_it_works_in_a_new_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        monkeypatch.setenv("RECLAIM_HOME", str(tmp_path / "practice"))
        home = Path(told("demo", "--prepare")["home"])
        assert home.parent == tmp_path and home.name.startswith("reclaim-demo-")
        assert not (tmp_path / "practice").exists()

    def test_approve_approves_as_the_biller_and_says_what(self, waiting: Path) -> None:
        found = told("demo", "--approve", "--home", waiting)["reviewed"]
        assert {e["approved_by"] for e in found} == {"biller.b"}
        wanted = {
            d["patient_control_number"] for d in TRUTH["denials"] if d["release"] == "approval"
        }
        assert {e["patient_control_number"] for e in found} == wanted
        assert all(e["needs_person"] for e in found)
        assert told("demo", "--approve", "--home", waiting)["reviewed"] == []

    def test_approve_says_what_it_may_not_approve(self, waiting: Path) -> None:
        change(
            waiting,
            "update evidence set attested_by = 'Biller.B' where document_id = 'EM-101'",
        )
        found = {e["patient_control_number"]: e
                 for e in told("demo", "--approve", "--home", waiting)["reviewed"]}  # fmt: skip
        refused = [number for number, entry in found.items() if entry["refused"]]
        assert refused == ["DP1023"] and "attested" in found["DP1023"]["refused"]


class TestRun:
    def test_the_first_pass_counts_the_month(self, first_pass: tuple[Path, dict[str, Any]]) -> None:
        _, counts = first_pass
        loaded = [f for f in TRUTH["files"] if f["status"] == "loaded"]
        assert counts["files"]["loaded"] == len(loaded)
        assert counts["claims"] == sum(f["claim_count"] for f in loaded if f["kind"] == "837P")
        assert counts["denials"] == len(TRUTH["denials"])
        assert counts["evidence"] == TRUTH["evidence"]
        automatic = {
            d["patient_control_number"] for d in TRUTH["denials"] if d["release"] == "automatic"
        }
        assert counts["emitted_claims"] == len(automatic)

    def test_a_second_pass_does_nothing_and_ends_well(self, waiting: Path) -> None:
        counts = told("run", "--home", waiting, *AS_OF)
        assert counts["files"] == {"loaded": 0, "duplicate": 0, "quarantined": 0, "waiting": 0}
        assert counts["emitted_claims"] == counts["denials"] == 0

    def test_the_steps_one_by_one_come_to_the_same(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert ask("demo", "--prepare", "--home", home).exit_code == 0
        assert told("receive", "--home", home, status=4)["files"]["loaded"] == 12
        assert told("match", "--home", home, *AS_OF)["denials"] == len(TRUTH["denials"])
        assert told("propose", "--home", home, *AS_OF)["awaiting_approval"] > 0
        assert told("emit", "--home", home, *AS_OF)["emitted_claims"] == 4
        assert told("check", "--home", home)["files"] > 0

    def test_what_cannot_be_sent_has_a_status_of_its_own(self, waiting: Path) -> None:
        assert ask("demo", "--approve", "--home", waiting).exit_code == 0
        settings = (waiting / "reclaim.toml").read_text(encoding="utf-8")
        settings = settings.replace("[emission]", "[emission]\nmax_claims_per_day = 5")
        (waiting / "reclaim.toml").write_text(settings, encoding="utf-8")
        found = ask("emit", "--home", waiting, *AS_OF)
        assert found.exit_code == 5 and "not sent: claim DP10" in found.stdout

    def test_named_files_are_read_at_once(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert ask("init", "--home", home).exit_code == 0
        drop = demo_month.MONTH / "inbox" / "claims_20260922.837"
        assert told("receive", drop, "--home", home)["claims"] == 7
        assert told("receive", drop, "--home", home)["files"]["duplicate"] == 1


class TestReview:
    def first(self, home: Path) -> dict[str, Any]:
        queue = told("review", "list", "--home", home, *AS_OF)["review"]
        return next(item for item in queue if item["status"] == "awaiting_approval")

    def test_all_tells_also_what_lacks_evidence_and_what_no_claim_answers(
        self, waiting: Path
    ) -> None:
        sql = (
            "select denial_id from mart_denial where status in ('open', 'awaiting_approval') "
            "and path <> 'none'"
        )
        open_ones = json.loads(ask("query", "--home", waiting, sql, "--format", "json").stdout)
        every = told("review", "list", "--all", "--home", waiting, *AS_OF)["review"]
        short = told("review", "list", "--home", waiting, *AS_OF)["review"]
        denials = [i for i in every if i["status"] != "rejected"]
        assert {i["review_id"] for i in denials} == {str(d["denial_id"]) for d in open_ones}
        assert {"needs_evidence", "routed", "refused"} <= {i["decision"] for i in denials}
        assert [i for i in every if i["review_id"] in {s["review_id"] for s in short}] == short
        said = ask("review", "list", "--home", waiting, *AS_OF).stdout
        assert f"{len(every) - len(short)} open denials besides" in said
        shown = ask("review", "list", "--all", "--home", waiting, *AS_OF).stdout
        assert all(word in shown for word in ("approve", "look", "evidence", "appeal"))

    def test_a_line_that_is_taken_away_is_shown_as_that(self, waiting: Path) -> None:
        queue = told("review", "list", "--home", waiting, *AS_OF)["review"]
        item = next(i for i in queue if i["patient_control_number"] == "DP1018")
        shown = ask("review", "show", item["review_id"], "--home", waiting, *AS_OF).stdout
        assert "→ taken away" in shown and "None" not in shown

    def test_a_correction_is_shown_with_what_carries_it(self, waiting: Path) -> None:
        item = self.first(waiting)
        shown = ask("review", "show", item["review_id"], "--home", waiting, *AS_OF).stdout
        detail = told("review", "show", item["review_id"], "--home", waiting, *AS_OF)
        assert detail["item"] == item
        for correction in detail["corrections"]:
            assert correction["place"] in shown and correction["evidence"]
        assert "SV1*" in shown and "why a person" in shown

    def test_approving_is_one_decision(self, waiting: Path) -> None:
        item = self.first(waiting)
        who = ("--by", "biller.b", "--home", waiting, *AS_OF)
        approved = told("review", "approve", item["review_id"], *who)
        assert approved["decision"] == "approved" and approved["corrections"] > 0
        assert ask("review", "approve", item["review_id"], *who).exit_code == 2
        assert told("run", "--home", waiting, *AS_OF)["emitted_claims"] == 1
        sent = told("outbox", "list", "--home", waiting)["outbox"]
        claims = [
            claim
            for file in sent
            for claim in told("outbox", "show", file["file_name"], "--home", waiting)["claims"]
        ]
        assert item["patient_control_number"] in {c["patient_control_number"] for c in claims}
        assert all(c["corrections"] for c in claims)

    def test_who_may_not_approve_is_told_why(self, waiting: Path) -> None:
        item = self.first(waiting)
        found = ask("review", "approve", item["review_id"], "--by", "someone", "--home", waiting)
        assert found.exit_code == 2 and "reviewers" in found.stderr

    def test_rejecting_needs_a_reason_and_sends_nothing(self, waiting: Path) -> None:
        item = self.first(waiting)
        who = ("review", "reject", item["review_id"], "--by", "biller.b", "--home", waiting)
        assert ask(*who).exit_code == 2
        assert ask(*who, "--reason", " ").exit_code == 2
        assert ask(*who, "--reason", "not what the note says", *AS_OF).exit_code == 0
        assert told("run", "--home", waiting, *AS_OF)["emitted_claims"] == 0
        [after] = [
            i for i in told("review", "list", "--home", waiting, *AS_OF)["review"]
            if i["review_id"] == item["review_id"]
        ]  # fmt: skip
        assert after["needs_person"] is None
        assert after["explanation"].endswith("not what the note says")


class TestQuarantine:
    def items(self, home: Path) -> dict[str, dict[str, Any]]:
        return {i["code"]: i for i in told("quarantine", "list", "--home", home)["quarantine"]}

    def test_it_says_why_and_what_now(self, waiting: Path) -> None:
        for code, item in self.items(waiting).items():
            found = ask("quarantine", "show", item["quarantine_id"], "--home", waiting)
            assert found.exit_code == 0 and code in found.stdout and "discard" in found.stdout

    def test_content_that_is_not_whole_is_not_accepted(self, waiting: Path) -> None:
        number = self.items(waiting)["INTERCHANGE_TRUNCATED"]["quarantine_id"]
        found = ask("quarantine", "accept", number, "--home", waiting)
        assert found.exit_code == 2 and "can't be accepted" in found.stderr

    def test_what_is_discarded_is_gone_from_the_list(self, waiting: Path) -> None:
        number = self.items(waiting)["NOT_X12"]["quarantine_id"]
        gone = ("quarantine", "discard", number, "--reason", "a notice", "--home", waiting)
        assert ask(*gone).exit_code == 0
        assert "NOT_X12" not in self.items(waiting)
        assert ask(*gone).exit_code == 2

    def test_a_wrong_count_can_be_accepted(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert ask("init", "--home", home).exit_code == 0
        drop = tmp_path / "wrong.837"
        data = (demo_month.MONTH / "inbox" / "claims_20260922.837").read_bytes()
        drop.write_bytes(re.sub(rb"IEA\*1\*", b"IEA*2*", data))
        assert told("receive", drop, "--home", home, status=4)["claims"] == 0
        [item] = told("quarantine", "list", "--home", home)["quarantine"]
        number = item["quarantine_id"]
        assert "accept" in ask("quarantine", "show", number, "--home", home).stdout
        assert told("quarantine", "accept", number, "--home", home)["claim_count"] == 7

    def test_lines_of_evidence_are_told_apart_by_where_they_stand(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert ask("init", "--home", home).exit_code == 0
        (home / "evidence" / "x.jsonl").write_text('{"kind": "foo"}\n{"kind": "bar"}\n')
        told("run", "--home", home, status=4)
        shown = ask("quarantine", "list", "--home", home).stdout
        assert "(x.jsonl line 1 kind)" in shown and "(x.jsonl line 2 kind)" in shown


class TestAsk:
    SQL = (
        "select kind, count(*) as files, sum(charge_amount) as charge_amount from mart_file"
        " where status = 'loaded' group by kind order by kind"
    )

    def test_a_query_as_table_csv_and_json(self, everything: tuple[Path, str]) -> None:
        home, _ = everything
        rows = told("query", self.SQL, "--home", home)["rows"]
        assert [r["kind"] for r in rows] == ["835", "837P"]
        listed = ask("query", self.SQL, "--format", "json", "--home", home).stdout
        assert json.loads(listed, parse_float=Decimal) == rows
        billed = str(rows[1]["charge_amount"])
        assert re.fullmatch(r"\d+\.\d\d", billed)
        lines = ask("query", self.SQL, "--format", "csv", "--home", home).stdout.splitlines()
        assert lines[0] == "kind,files,charge_amount" and lines[2] == f"837P,4,{billed}"
        assert billed in ask("query", self.SQL, "--home", home).stdout

    def test_a_row_of_a_table_is_one_line(self, everything: tuple[Path, str]) -> None:
        found = ask("query", "select * from mart_denial", "--home", everything[0]).stdout
        assert found.splitlines()[-1] == f"({len(TRUTH['denials'])} rows)"
        assert len(found.splitlines()) == len(TRUTH["denials"]) + 3

    def test_a_timeline_goes_from_the_drop_to_what_was_sent(
        self, everything: tuple[Path, str]
    ) -> None:
        found = told("timeline", "DP1001", "--home", everything[0])["entries"]
        assert found[0]["what"] == "submission"
        assert {"adjudication", "denial", "decision", "correction", "emission"} <= {
            e["what"] for e in found
        }
        assert "DEMOPAIN" not in json.dumps([str(e) for e in found])


def people() -> set[str]:
    """Names, member ids and birth dates of every patient and subscriber of the month."""
    found: set[str] = set()
    for path in (demo_month.MONTH / "inbox").iterdir():
        data = path.read_bytes()
        if not data.startswith(b"ISA") or b"IEA*" not in data:
            continue
        for e in split(data).segments:
            if e[0] == "NM1" and e[1] in ("IL", "QC", "74"):
                found |= {e[3], *e[4:5], *e[9:10]}
            elif e[0] == "DMG":
                found.add(e[2])
    return {name for name in found if name}


PEOPLE = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(people()))) + r")\b")


def everything_said(home: Path, form: tuple[str, ...]) -> Iterator[str]:
    """What every command that shows something prints of a home."""
    where = ("--home", home, *AS_OF, *form)
    for name in (
        "review list",
        "review list --all",
        "quarantine list",
        "outbox list",
        "verify",
        "demo --show",
    ):
        yield ask(*name.split(), *where).output
    for number in sorted({d["patient_control_number"] for d in TRUTH["denials"]})[::4]:
        yield ask("timeline", number, *where).output
    for item in told("review", "list", "--home", home, *AS_OF)["review"]:
        yield ask("review", "show", item["review_id"], *where).output
    for item in told("quarantine", "list", "--home", home)["quarantine"]:
        yield ask("quarantine", "show", item["quarantine_id"], *where).output
    for file in told("outbox", "list", "--home", home)["outbox"]:
        yield ask("outbox", "show", file["file_name"], *where).output


def test_nothing_that_is_printed_names_a_patient(
    everything: tuple[Path, str], first_pass: tuple[Path, dict[str, Any]]
) -> None:
    """Nor a file from outside, whose name may name one."""
    assert PEOPLE.search("NM1*IL*1*SAMPLE*BRAVO****MI*W000000001")
    drops = sorted((demo_month.MONTH / "inbox").iterdir())
    said = [everything[1], json.dumps(first_pass[1])]
    said += [ask("validate", *drops, *form).output for form in ((), ("--json",))]
    said += everything_said(everything[0], ())
    said += everything_said(first_pass[0], ("--json",))
    # Two payers share a name with the month's patients.
    text = re.sub("SAMPLE MUTUAL|DEMO MEDICARE", "", "\n".join(said))
    assert "DP1001" in text and "ACME HEALTH" in text
    assert set(PEOPLE.findall(text)) == set()
    assert [path.name for path in drops if path.name in text] == []


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    found = ask("demo", "--home", tmp_path / "home", "--json")
    assert found.exit_code == 0 and found.stderr == ""
    said = json.loads(found.stdout)
    assert {"files", "denials", "corrections", "outbox", "totals", "reviewed"} <= set(said)
