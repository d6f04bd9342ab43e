"""What goes out goes out once: the ledger, its states, and runs that were killed in between."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from cases.practice import SETTINGS, Practice
from cases.reading import payment_file
from edi.element import Delimiters
from edi.problem import Problem
from edi.source import SourceRef
from warehouse import emit, outbound, outbox, steps
from warehouse.cli import app
from warehouse.database import Terminal
from warehouse.settings import Settings

MONTH = Path(__file__).parents[2] / "warehouse" / "demo" / "month"
DAY = date(2026, 10, 5)
NOW = datetime(2026, 10, 5, 9, 30)


def home(folder: Path, **settings: str) -> Settings:
    """The month received, matched and decided; nothing emitted. Settings replace keys."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (MONTH / "reclaim.toml").read_text()
    for key, value in settings.items():
        text = re.sub(rf"^{key} = .*\n", "", text, flags=re.M)
        text = text.replace("[emission]\n", f"[emission]\n{key} = {value}\n")
    (folder / "reclaim.toml").write_text(text)
    shutil.copy(MONTH / "payers.toml", folder / "payers.toml")
    made = steps.initialise(folder)
    for name in ("inbox", "evidence"):
        shutil.copytree(MONTH / name, made.folder(name), dirs_exist_ok=True)
    steps.receive(made, as_of=DAY, now=NOW)
    steps.match(made, as_of=DAY)
    steps.propose(made, as_of=DAY)
    return made


def rows(settings: Settings, sql: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_live_sends_what_may_go_and_only_once(tmp_path: Path) -> None:
    settings = home(tmp_path)
    first = steps.emit(settings, as_of=DAY, now=NOW)
    assert (first.emitted_claims, first.emitted_files) == (4, 1)
    sent = files(settings.folder("outbox"))
    assert set(sent) == set(first.file_names)
    again = steps.emit(settings, as_of=DAY, now=NOW)
    assert (again.emitted_claims, again.emitted_files, again.refused) == (0, 0, ())
    assert files(settings.folder("outbox")) == sent
    ledger = rows(settings, "select * from outbound_file")
    assert [r["state"] for r in ledger] == ["emitted"]
    assert hashlib.sha256(sent[ledger[0]["file_name"]]).hexdigest() == ledger[0]["sha256"]
    assert rows(settings, "select count(*) as n from outbound_claim where is_open")[0]["n"] == 4


def test_shadow_writes_to_shadow_once_and_blocks_nothing(tmp_path: Path) -> None:
    settings = home(tmp_path, mode='"shadow"')
    first = steps.emit(settings, as_of=DAY, now=NOW)
    assert (first.emitted_claims, first.mode) == (4, "shadow")
    assert not files(settings.folder("outbox"))
    shadows = files(settings.folder("shadow"))
    assert steps.emit(settings, as_of=DAY, now=NOW).emitted_files == 0
    assert files(settings.folder("shadow")) == shadows
    assert {r["state"] for r in rows(settings, "select state from mart_outbound")} == {"shadow"}
    # Live afterwards: the shadow was no emission.
    toml = settings.home / "reclaim.toml"
    toml.write_text(toml.read_text().replace('mode = "shadow"', 'mode = "live"'))
    live = steps.emit(steps.initialise(settings.home), as_of=DAY, now=NOW)
    assert live.emitted_claims == 4
    numbers = rows(settings, "select interchange_control_number as n from outbound_file")
    assert len({r["n"] for r in numbers}) == 2


def test_a_file_shows_what_it_changes_in_shadow_as_in_earnest(tmp_path: Path) -> None:
    def shown() -> dict[str, Any]:
        sql = "select file_name from outbound_file order by outbound_file_id desc limit 1"
        name = rows(settings, sql)[0]["file_name"]
        told = CliRunner().invoke(
            app, ["outbox", "show", name, "--json", "--home", str(settings.home)]
        )
        claims = json.loads(told.stdout)["claims"]
        return {c["patient_control_number"]: [x["place"] for x in c["corrections"]] for c in claims}

    settings = home(tmp_path, mode='"shadow"')
    steps.emit(settings, as_of=DAY, now=NOW)
    in_shadow = shown()
    assert len(in_shadow) == 4 and all(in_shadow.values())
    toml = settings.home / "reclaim.toml"
    toml.write_text(toml.read_text().replace('mode = "shadow"', 'mode = "live"'))
    steps.emit(steps.initialise(settings.home), as_of=DAY, now=NOW)
    assert shown() == in_shadow


def test_a_claim_is_shown_with_its_own_changes_where_two_have_one_number(tmp_path: Path) -> None:
    """And a shadow file with those it was written with, or none."""
    practice = Practice(tmp_path, SETTINGS.replace('"live"', '"shadow"'))

    def visit(n: int, who: str, member: str) -> None:
        practice.bill(1, member=member)
        practice.hear(1, number=f"ICN{n}")
        for path in sorted((tmp_path / "inbox").iterdir())[-2:]:
            text = path.read_text().replace("W123456789", member).replace("DOE*JANE", who)
            path.write_text(text.replace("20260311", f"2026031{n}"))

    def record(n: int, member: str, number: str) -> dict[str, Any]:
        day = f"2026-03-1{n}"
        return {"document_id": f"AUTH-{n}", "member_id": member, "number": number,
                "valid_from": day, "valid_to": day}  # fmt: skip

    def shown(name: str) -> list[list[str]]:
        told = CliRunner().invoke(app, ["outbox", "show", name, "--json", "--home", str(tmp_path)])
        claims = json.loads(told.stdout)["claims"]
        return [[x["new_value"] for x in c["corrections"]] for c in claims]

    visit(1, "DEMO*ALPHA", "W123456789")
    visit(3, "SAMPLE*BRAVO", "W999999999")
    practice.know(record(1, "W123456789", "A1"), record(3, "W999999999", "B2"))
    practice.run()
    (first,) = [p.name for p in sorted((tmp_path / "shadow").iterdir())]
    assert sorted(shown(first)) == [["A1"], ["B2"]]
    practice.know({**record(1, "W123456789", "C3"), "attested_on": "2026-04-15"})
    practice.run()
    _, second = [p.name for p in sorted((tmp_path / "shadow").iterdir())]
    assert sorted(shown(first)) == [[], ["B2"]] and shown(second) == [["C3"]]


def test_why_a_correction_waits_for_a_person_is_always_told(tmp_path: Path) -> None:
    """Where nothing of the claim is open, it is the rule or the settings that ask for one."""
    told = rows(home(tmp_path, automatic="[]"), "select rule_code, needs_person as why from denial "
                "where status = 'awaiting_approval'")  # fmt: skip
    assert told and all(row["why"] for row in told)
    settings = {r["rule_code"] for r in told if "the settings do not let" in r["why"]}
    assert settings == {"carc197.prior-authorization"}
    practice = Practice(tmp_path / "own", SETTINGS)
    practice.refused(1)
    practice.run()
    assert practice.sql("select needs_person from denial") == [{"needs_person": None}]


def test_the_days_cap_holds_and_the_rest_goes_on_the_next_day(tmp_path: Path) -> None:
    settings = home(tmp_path, max_claims_per_day="3")
    first = steps.emit(settings, as_of=DAY, now=NOW)
    assert first.emitted_claims == 3
    assert ["cap" in one.reason for one in first.refused] == [True]
    assert steps.emit(settings, as_of=DAY, now=NOW).emitted_claims == 0
    next_day = NOW + timedelta(days=1)
    assert steps.emit(settings, as_of=date(2026, 10, 6), now=next_day).emitted_claims == 1


def test_another_as_of_on_one_day_gives_no_second_cap(tmp_path: Path) -> None:
    settings = home(tmp_path, max_claims_per_day="3")
    assert steps.emit(settings, as_of=DAY, now=NOW).emitted_claims == 3
    late = NOW.replace(hour=23, minute=59)
    for as_of in (date(2026, 10, 4), date(2026, 10, 6)):
        found = steps.emit(settings, as_of=as_of, now=late)
        assert (found.emitted_claims, len(found.refused)) == (0, 1)
    # Nor does another day for the same as-of.
    assert steps.emit(settings, as_of=DAY, now=NOW + timedelta(days=1)).emitted_claims == 0
    midnight = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    assert steps.emit(settings, as_of=date(2026, 10, 6), now=midnight).emitted_claims == 1


@pytest.mark.parametrize(
    ("at", "sent"), [("2026-10-05 00:00", 0), ("2026-10-04 23:59", 1), ("2026-10-06 00:00", 1)]
)
def test_a_day_begins_at_midnight(tmp_path: Path, at: str, sent: int) -> None:
    settings = home(tmp_path, max_claims_per_day="3")
    steps.emit(settings, as_of=date(2026, 9, 30), now=NOW)
    with closing(sqlite3.connect(settings.home / "warehouse.db")) as connection, connection:
        connection.execute("update outbound_file set approved_at = ?", (f"{at}:00.000000",))
    assert steps.emit(settings, as_of=DAY, now=NOW).emitted_claims == sent


def test_a_charge_above_the_days_cap_is_not_sent(tmp_path: Path) -> None:
    settings = home(tmp_path, max_charge_per_day="100.00")
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert result.emitted_claims == 0
    assert len(result.refused) == 4


def test_a_day_s_cap_may_be_reached_to_the_cent_and_binds_no_shadow(tmp_path: Path) -> None:
    whole = home(tmp_path / "whole")
    steps.emit(whole, as_of=DAY, now=NOW)
    (sent,) = rows(whole, "select sum(charge_cents) as cents from outbound_claim")
    for less, missing in ((0, 0), (1, 1)):
        cap = f"{(sent['cents'] - less) / 100:.2f}"
        settings = home(tmp_path / cap, max_charge_per_day=f'"{cap}"')
        assert len(steps.emit(settings, as_of=DAY, now=NOW).refused) == missing
    shadow = home(tmp_path / "shadow", mode='"shadow"', max_claims_per_day="1")
    assert steps.emit(shadow, as_of=DAY, now=NOW).emitted_claims == 4


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["before delivering", "before link", "after link"])
def test_a_killed_delivery_is_found_and_never_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    settings = home(tmp_path)
    link, mark = outbox._link, outbox._mark

    def killing_link(*arguments: Any) -> None:
        if moment == "after link":
            link(*arguments)
        raise Killed

    def killing_mark(connection: Any, row: Any, state: str, **times: Any) -> None:
        if state == "delivering":
            raise Killed
        mark(connection, row, state, **times)

    with monkeypatch.context() as patch:
        if moment == "before delivering":
            patch.setattr(outbox, "_mark", killing_mark)
        else:
            patch.setattr(outbox, "_link", killing_link)
        with pytest.raises(Killed):
            steps.emit(settings, as_of=DAY, now=NOW)
    steps.emit(settings, as_of=DAY, now=NOW)
    state = rows(settings, "select state from outbound_file")
    placed = [name for name in files(settings.folder("outbox")) if not name.startswith(".")]
    expected = {"before delivering": "emitted", "before link": "unconfirmed",
                "after link": "emitted"}[moment]  # fmt: skip
    assert [r["state"] for r in state] == [expected]
    assert len(placed) == (0 if moment == "before link" else 1)
    # However often it runs again, the claims are in one file only.
    steps.emit(settings, as_of=DAY, now=NOW)
    assert len(rows(settings, "select 1 from outbound_file")) == 1


def test_a_killed_delivery_whose_file_the_partner_took_is_known_by_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = home(tmp_path)
    link = outbox._link

    def take_away(part: Path, target: Path, row: Any) -> None:
        link(part, target, row)
        target.rename(tmp_path / "partner")  # moved, not deleted: the link count stays
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_link", take_away)
        with pytest.raises(Killed):
            steps.emit(settings, as_of=DAY, now=NOW)
    steps.emit(settings, as_of=DAY, now=NOW)
    assert [r["state"] for r in rows(settings, "select state from outbound_file")] == ["emitted"]
    assert not files(settings.folder("outbox"))


def test_what_changed_since_it_was_approved_does_not_go(tmp_path: Path) -> None:
    """The evidence is withdrawn between the decision and the emission."""
    settings = home(tmp_path)
    connection = sqlite3.connect(settings.home / "warehouse.db")
    with connection:
        connection.execute(
            "update evidence set superseded_by = evidence_id where kind = 'authorization'"
        )
    connection.close()
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert result.emitted_claims == 0
    assert len(result.refused) == 4
    assert not files(settings.folder("outbox"))


def test_nothing_goes_past_a_payment_that_no_match_has_looked_at(tmp_path: Path) -> None:
    """It may have decided any of the claims anew; the step looks at it first."""
    settings = home(tmp_path)
    connection = sqlite3.connect(settings.home / "warehouse.db")
    with connection:
        connection.execute(
            "update claim_payment set match_state = 'new' where claim_payment_id = 1"
        )
    connection.close()
    with steps.opened(settings) as warehouse:
        overtaken = emit.emit(warehouse, settings, as_of=DAY, now=NOW)
    assert overtaken.emitted_claims == 0
    assert {one.reason for one in overtaken.refused} == {emit.UNMATCHED}
    assert len(overtaken.refused) == 4 and not files(settings.folder("outbox"))
    assert steps.emit(settings, as_of=DAY, now=NOW).emitted_claims == 4


def test_what_is_reversed_after_it_was_approved_does_not_go(tmp_path: Path) -> None:
    """Received, not matched, and emitted: the payer has paid in the meantime."""
    settings = home(tmp_path)
    (claim, *_) = rows(settings, (
        "select p.*, s.billing_npi from claim_payment as p join denial as d "
        "using (claim_payment_id) join submission as s on s.submission_id = d.submission_id "
        "where d.status = 'approved' order by 1"
    ))  # fmt: skip
    day = claim["service_date"].replace("-", "")
    number, charge = claim["reported_patient_control_number"], claim["charge_cents"] // 100
    text = payment_file([
        f"CLP*{number}*22*-{charge}*0**12*{claim['payer_claim_control_number']}*11*1",
        f"NM1*QC*1*DEMO*ANNA****MI*{claim['member_id']}",
        f"CAS*CO*197*-{charge}", f"DTM*232*{day}",
        f"CLP*{number}*1*{charge}*{charge}**12*LATER1*11*1",
        f"NM1*QC*1*DEMO*ANNA****MI*{claim['member_id']}", f"DTM*232*{day}",
    ]).replace("BPR*I*0*C*NON", f"BPR*I*{charge}*C*CHK")  # fmt: skip
    text = text.replace("1234567893", claim["billing_npi"])
    path = tmp_path / "late.835"
    path.write_text(text.replace("20260401", "20261004"))
    steps.receive(settings, as_of=DAY, now=NOW, paths=[path])
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert result.emitted_claims == 3
    assert number not in {row["patient_control_number"] for row in rows(
        settings, "select patient_control_number from mart_outbound")}  # fmt: skip


def test_a_claim_with_an_open_submission_is_held(tmp_path: Path) -> None:
    """The practice itself has sent a replacement that is not answered yet."""
    settings = home(tmp_path)
    connection = sqlite3.connect(settings.home / "warehouse.db")
    with connection:
        connection.row_factory = sqlite3.Row
        row = dict(
            connection.execute(
                "select s.* from submission as s join denial as d using (submission_id) "
                "where d.status = 'approved' limit 1"
            ).fetchone()
        )
        row |= {"submission_id": 999_999, "claim_position": 9_999, "claim_frequency_code": "7",
                "submitted_on": "2026-10-01", "status": "pending"}  # fmt: skip
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"insert into submission ({', '.join(row)}) values ({marks})", list(row.values())
        )
    connection.close()
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert result.emitted_claims == 3
    assert len(result.refused) == 1


def test_the_ledger_takes_no_second_open_emission_of_a_claim(tmp_path: Path) -> None:
    settings = home(tmp_path)
    steps.emit(settings, as_of=DAY, now=NOW)
    connection = sqlite3.connect(settings.home / "warehouse.db")
    with pytest.raises(sqlite3.IntegrityError), connection:
        connection.execute(
            "insert into outbound_claim (outbound_file_id, submission_id, claim_id, payer_key, "
            "claim_frequency_code, charge_cents, paid_before_cents, corrections_digest, state, "
            "is_open) select outbound_file_id, submission_id, claim_id, payer_key, '7', 1, 0, 'x', "
            "'approved', 1 from outbound_claim limit 1"
        )
    connection.close()


@pytest.mark.parametrize("code", ["SEGMENT_COUNT_MISMATCH", "MADE_UP", "CLAIM_OUT_OF_BALANCE"])
def test_a_claim_that_a_check_of_the_file_refuses_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    settings = home(tmp_path)
    refused = Problem(code, SourceRef(), "2300", "this", "that")
    monkeypatch.setattr(outbound, "check_text", lambda content: [refused] * (b"DP1002" in content))
    found = steps.emit(settings, as_of=DAY, now=NOW)
    assert [one.patient_control_number for one in found.refused] == ["DP1002"]
    assert "5010 guide" in found.refused[0].reason and found.emitted_claims == 3
    (sent,) = files(tmp_path / "outbox").values()
    assert sent.count(b"CLM*") == 3 and b"DP1002" not in sent


def test_a_file_that_does_not_read_back_as_it_was_meant_does_not_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, real = home(tmp_path), outbound.read_back
    monkeypatch.setattr(outbound, "read_back", lambda content: real(content)[1:])
    found = steps.emit(settings, as_of=DAY, now=NOW)
    assert {one.reason for one in found.refused} == {
        "the finished file does not hold the claims that were put into it"
    }
    assert files(tmp_path / "outbox") == {}


def test_the_last_control_number_is_used_and_none_after_it(tmp_path: Path) -> None:
    settings = home(tmp_path, first_interchange_control_number="999999999",
                    max_claims_per_day="3")  # fmt: skip
    assert steps.emit(settings, as_of=DAY, now=NOW).file_names == ("reclaim_999999999.837",)
    with pytest.raises(Terminal, match="used up"):
        steps.emit(settings, as_of=date(2026, 10, 6), now=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("segment", "behind", "found"),
    [("~", "\r\nGS", "\r\n"), ("~", "\nGS", "\n"), ("~", "GS*", ""), ("\r", "\nGS", ""),
     ("\n", "\n\n", "")],
)  # fmt: skip
def test_a_file_ends_its_lines_as_the_original(segment: str, behind: str, found: str) -> None:
    row: Any = SimpleNamespace(byte_end=1)
    file = BytesIO(f"~{behind}".encode())
    assert outbound._line_end(file, row, Delimiters(segment=segment)) == found


def test_nothing_is_written_over_a_file_of_the_same_name(tmp_path: Path) -> None:
    settings = home(tmp_path)
    target = settings.folder("outbox") / "reclaim_900000000.837"
    target.write_bytes(b"somebody else's")
    with pytest.raises(FileExistsError):
        steps.emit(settings, as_of=DAY, now=NOW)
    assert target.read_bytes() == b"somebody else's"


def test_control_numbers_are_never_used_twice(tmp_path: Path) -> None:
    settings = home(tmp_path, max_claims_per_day="1")
    for day in range(5, 9):
        steps.emit(settings, as_of=date(2026, 10, day), now=NOW.replace(day=day))
    numbers = rows(settings, "select interchange_control_number as n from outbound_file order by 1")
    assert [r["n"] for r in numbers] == [f"90000000{n}" for n in range(4)]


def test_a_write_off_is_looked_at_again_when_the_chart_has_something_to_say(
    tmp_path: Path,
) -> None:
    """An evaluation said "not separate"; the coder's later record for the same note says it was."""
    settings = home(tmp_path)
    before = rows(settings, "select * from mart_denial where patient_control_number = 'DP1026'")
    assert [(r["path"], r["status"]) for r in before] == [("write_off", "closed")]
    line = next(
        text
        for path in settings.folder("evidence").glob("*.jsonl")
        for text in path.read_text().splitlines()
        if "DP1026" in text
    )
    late = settings.folder("evidence") / "evaluation-late.jsonl"
    late.write_text(
        line.replace('"separately_identifiable":false', '"separately_identifiable":true').replace(
            '"separately_identifiable": false', '"separately_identifiable": true'
        )
        + "\n"
    )
    steps.receive(settings, as_of=DAY, now=NOW)
    steps.propose(settings, as_of=DAY)
    after = rows(settings, "select * from mart_denial where patient_control_number = 'DP1026'")
    assert [(r["decision"], r["status"]) for r in after] == [("corrected", "awaiting_approval")]
