"""The never-list against whoever tries: a rule, evidence, a forged approval, a changed row.

One claim of one line in a home that lets every rule go by itself, so that only the guards stand
between it and the payer. Nothing of it is ever in the outbox.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.reading import ATTESTED, MEMBER, claim_file, payment_file, segments
from rules.decision import AUTOMATIC, ClaimFacts, Correction, DeniedLine, Proposal
from rules.evidence_reading import parse
from rules.propose import propose
from rules.rule import Rule
from warehouse import approvals, emit, review, steps
from warehouse.database import Warehouse
from warehouse.outbox import deliver
from warehouse.settings import Settings

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
CLAIM = """CLM*PCN1*450***11:B:1*Y*A*Y*Y~HI*ABK:M5416~
LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~"""
PAID = "CLP*PCN1*1*450*0**12*PCCN77*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~CAS*CO*{}*450~"
ABOUT_CLAIM = {"patient_control_number": "PCN1", **ATTESTED}
AUTHORIZATION = {
    "kind": "authorization", "document_id": "AUTH-1", **MEMBER, **ATTESTED, "number": "A1",
    "procedure_codes": ["64483"], "valid_from": "2026-03-01", "valid_to": "2026-05-30",
    "units": 1, "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
EVALUATION = {
    "kind": "evaluation", "document_id": "EM-1", **ABOUT_CLAIM, "service_date": "2026-03-14",
    "separately_identifiable": True, "summary": "its own plan",
}  # fmt: skip
SETTINGS = """[intake]
settle_seconds = 0
[emission]
mode = "live"
automatic = ["*"]
paid_claims = "automatic"
"""
PAYERS = """[[payer]]
name = "Acme Health"
ids = ["87726"]
kind = "{}"
replacement_claims = {}
corrected_claim_days = 180
appeal_days = 120
original_claim_days = 365
"""
Practice = Callable[..., Settings]


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    """A home with one claim, one answer to it and some evidence; nothing has run yet."""

    def make(
        *evidence: dict[str, Any],
        claim: str = CLAIM,
        code: str = "197",
        part_b: bool = False,
        paid: str = PAID,
        again: str = "",
    ) -> Settings:
        home = tmp_path / "home"
        home.mkdir()
        (home / "reclaim.toml").write_text(SETTINGS)
        kind = ("medicare_part_b", "false") if part_b else ("commercial", "true")
        (home / "payers.toml").write_text(PAYERS.format(*kind))
        settings = steps.initialise(home)
        filing = "MB" if part_b else "CI"
        inbox = settings.folder("inbox")
        (inbox / "a.837").write_text(claim_file(segments(claim), filing))
        (inbox / "b.835").write_text(payment_file(segments(paid.format(code))))
        if again:
            text = claim_file(segments(again), filing).replace("000000001", "000000002")
            (inbox / "c.837").write_text(text.replace("20260315*1200*CH", "20260410*1200*CH"))
        lines = "".join(json.dumps(e) + "\n" for e in evidence)
        (settings.folder("evidence") / "facts.jsonl").write_text(lines)
        return settings

    return make


def run(settings: Settings) -> Any:
    return steps.run(settings, as_of=DAY, now=datetime(2030, 1, 1))


def outbox(settings: Settings) -> list[str]:
    return sorted(p.name for p in settings.folder("outbox").iterdir())


def sql(settings: Settings, text: str, *values: Any) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    with connection:
        found = [dict(row) for row in connection.execute(text, values)]
    connection.close()
    return found


def denial(settings: Settings) -> dict[str, Any]:
    (row,) = sql(settings, "select d.*, not_sent from mart_denial as d join denial using "
                           "(denial_id)")  # fmt: skip
    return row


def wants(place: str, old: str | None, new: str | None, carried_by: str, path: str) -> Rule:
    """A rule gone wrong: it wants one change, whatever the denial, and calls it automatic."""

    def consider(line: DeniedLine, facts: ClaimFacts) -> Proposal:
        about = [e for e in facts.evidence if e.kind == carried_by]
        if not about:
            about = [parse({**AUTHORIZATION, "number": new, "document_id": "NONE"})]
        change = Correction(
            place=place, old_value=old, new_value=new, evidence=tuple(about),
            rule_code="test.wrong", rule_version=1, reason="x",
        )  # fmt: skip
        return Proposal(corrections=(change,), path=path, safety=AUTOMATIC, explanation="It wants.")

    return Rule("test.wrong", 1, (), AUTOMATIC, (), consider)


CHANGES = {
    "N4 date": ("2400[1]/DTP*472", "20260314", "20260401", "evaluation", "N4"),
    "N4 place": ("2300/CLM05-1", "11", "22", "evaluation", "N4"),
    "N4 units": ("2400[1]/SV104", "1", "2", "evaluation", "N4"),
    "N4 code": ("2400[1]/SV101-2", "64483", "62323", "evaluation", "N4"),
    "N5 diagnosis": ("2300/HI[1]", "ABK:M5416", "ABK:M5417", "evaluation", "N5"),
    "N7 invented": ("2300/REF*G1", None, "X999", "none", "N7"),
    "N7 another's": ("2300/REF*G1", None, "X999", "authorization", "N7"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_through_a_rule(what: str, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    place, old, new, carried_by, code = CHANGES[what]
    rules = (wants(place, old, new, carried_by, "replacement"),)
    monkeypatch.setitem(propose.__kwdefaults__, "rules", rules)
    settings = practice(EVALUATION, AUTHORIZATION)
    result = run(settings)
    assert result.exit_status == 5 and outbox(settings) == []
    assert denial(settings)["not_sent"].startswith(code)


@pytest.mark.parametrize(
    ("what", "path", "word"),
    [("N9", "hold", "still unanswered"), ("N10", "reopening", "takes no replacement"),
     ("N11", "replacement", "the patient has paid something")],
)  # fmt: skip
def test_through_a_rule_that_knows_no_gate(
    what: str, path: str, word: str, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (wants("2300/REF*G1", None, "A1", "authorization", "replacement"),)
    monkeypatch.setitem(propose.__kwdefaults__, "rules", rules)
    settings = scene(what, practice)
    run(settings)
    row = denial(settings)
    assert outbox(settings) == [] and row["path"] == path
    needs = sql(settings, "select needs_person from denial")[0]["needs_person"] or ""
    assert word in row["explanation"] + needs


def scene(what: str, practice: Practice) -> Settings:
    """A claim that its authorization would cure, if the never-list did not stand against it."""
    if what == "N9":
        return practice(AUTHORIZATION, again=CLAIM)
    if what == "N10":
        return practice(AUTHORIZATION, part_b=True)
    patient_paid = CLAIM.replace("HI*", "AMT*F5*20~HI*")
    return practice(AUTHORIZATION, claim=patient_paid, paid=PAID.replace("CAS*CO", "CAS*PR"))


DIAGNOSIS = {
    "kind": "diagnosis", "document_id": "OP-1", **ABOUT_CLAIM, "service_date": "2026-03-15",
    "procedure_code": "64483", "codes": ["M54.17"],
}  # fmt: skip
NOTE = {
    "kind": "procedure_note", "document_id": "OP-2", **ABOUT_CLAIM, "service_date": "2026-03-15",
    "sites": [{"procedure_code": "64483", "laterality": "left"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "code", "path", "word"),
    [
        ({**AUTHORIZATION, "valid_from": "2026-03-15"}, "197", "appeal", "dates"),
        ({**AUTHORIZATION, "valid_to": "2026-03-13"}, "197", "appeal", "dates"),
        ({**AUTHORIZATION, "procedure_codes": ["62323"]}, "197", "appeal", "codes"),
        ({**AUTHORIZATION, "units_used": 1}, "197", "appeal", "units"),
        ({**AUTHORIZATION, "rendering_npi": "1999999984"}, "197", "appeal", "provider"),
        ({**AUTHORIZATION, "place_of_service": "24"}, "197", "appeal", "place"),
        ({**AUTHORIZATION, "member_id": "W000000000"}, "197", "replacement", "No approved"),
        ({**AUTHORIZATION, "status": "pended"}, "197", "replacement", "No approved"),
        (DIAGNOSIS, "11", "replacement", "diagnosis record"),
        (NOTE, "4", "replacement", "procedure note of that day"),
    ],
)
def test_n4_n5_n7_through_evidence_that_does_not_carry_it(
    evidence: dict[str, Any], code: str, path: str, word: str, practice: Practice
) -> None:
    settings = practice(evidence, code=code)
    run(settings)
    row = denial(settings)
    assert outbox(settings) == [] and row["decision"] in ("refused", "needs_evidence")
    assert row["path"] == path and word in row["explanation"]


@pytest.mark.parametrize(
    ("what", "path", "word"),
    [("N9", "hold", "still unanswered"), ("N10", "reopening", "takes no replacement"),
     ("N11", "replacement", "not on the claim")],
)  # fmt: skip
def test_n9_n10_n11_through_evidence_that_would_carry_it(
    what: str, path: str, word: str, practice: Practice
) -> None:
    settings = scene(what, practice)
    run(settings)
    row = denial(settings)
    assert outbox(settings) == [] and row["path"] == path and word in row["explanation"]
    if what == "N11":
        assert row["status"] == "awaiting_approval"


TWO = """CLM*PCN1*900***11:B:1*Y*A*Y*Y~HI*ABK:M5416~
LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~
LX*2~SV1*HC:64493*450*UN*1***1~DTP*472*D8*20260314~"""
TWO_DENIED = (
    "CLP*PCN1*1*900*0**12*PCCN77*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~CAS*CO*{0}*450~"
    "SVC*HC:64493*450*0**1~DTM*472*20260314~CAS*CO*{0}*450~"
)


def test_n7_through_a_rule_that_gives_the_claim_what_covers_one_line(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (wants("2300/REF*G1", None, "A1", "authorization", "replacement"),)
    monkeypatch.setitem(propose.__kwdefaults__, "rules", rules)
    settings = practice(AUTHORIZATION, claim=TWO, paid=TWO_DENIED)
    run(settings)
    assert outbox(settings) == []
    for row in sql(settings, "select not_sent from denial"):
        assert row["not_sent"].startswith("N7")


def test_a_number_goes_with_the_one_line_that_it_covers(practice: Practice) -> None:
    settings = practice(AUTHORIZATION, claim=TWO, paid=TWO_DENIED)
    run(settings)
    [name] = outbox(settings)
    sent = (settings.folder("outbox") / name).read_text()
    assert sent.index("HC:64483") < sent.index("REF*G1*A1") < sent.index("HC:64493")


RENDERED = CLAIM.replace("M5416~", "M5416~NM1*82*1*SAMPLE*PAT{}~")
BY = {
    "kind": "procedure_note", "document_id": "OP-3", **ABOUT_CLAIM, "service_date": "2026-03-14",
    "sites": [{"procedure_code": "64483"}], "rendering_npi": "1999999984",
}  # fmt: skip
WANTS_NPI = PAID.format("16") + "LQ*HE*N290~"


@pytest.mark.parametrize("billed", [RENDERED, CLAIM + "NM1*82*1*SAMPLE*PAT{}~"])
@pytest.mark.parametrize("number", ["", "****XX*1999999985"])
def test_the_npi_that_the_note_names_is_filled_in(
    billed: str, number: str, practice: Practice
) -> None:
    settings = practice(BY, claim=billed.format(number), paid=WANTS_NPI)
    run(settings)
    row = denial(settings)
    assert row["status"] == "awaiting_approval" and outbox(settings) == []
    opened = Warehouse(settings.url)
    try:
        review.approve(opened, settings, str(row["denial_id"]), by="biller.b", as_of=DAY, now=NOW)
    finally:
        opened.close()
    emitted = steps.emit(settings, as_of=DAY, now=NOW)
    assert not emitted.refused, emitted.refused
    [name] = outbox(settings)
    sent = (settings.folder("outbox") / name).read_text()
    assert "NM1*82*1*SAMPLE*PAT****XX*1999999984" in sent


@pytest.mark.parametrize(
    ("evidence", "number", "decision"),
    [
        ({**BY, "rendering_npi": None}, "", "needs_evidence"),
        ({**BY, "service_date": "2026-03-13"}, "", "needs_evidence"),
        ({**BY, "sites": [{"procedure_code": "62323"}]}, "", "needs_evidence"),
        ({**BY, "patient_control_number": "PCN2"}, "", "needs_evidence"),
        (BY, "****XX*1234567893", "refused"),
    ],
)
def test_n4_provider_through_evidence_that_does_not_carry_it(
    evidence: dict[str, Any], number: str, decision: str, practice: Practice
) -> None:
    settings = practice(evidence, claim=RENDERED.format(number), paid=WANTS_NPI)
    run(settings)
    assert outbox(settings) == [] and denial(settings)["decision"] == decision


@pytest.mark.parametrize(
    ("old", "new"), [("1234567893", "1999999984"), ("1999999985", "1234567893")]
)
def test_n4_provider_through_a_rule(
    old: str, new: str, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (wants("2310B/NM109", old, new, "procedure_note", "replacement"),)
    monkeypatch.setitem(propose.__kwdefaults__, "rules", rules)
    settings = practice(BY, claim=RENDERED.format(f"****XX*{old}"))
    run(settings)
    assert outbox(settings) == [] and denial(settings)["not_sent"].startswith("N4")


def test_n4_provider_through_bytes_changed_in_the_ledger(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = practice(AUTHORIZATION | {"rendering_npi": "1999999984"},
                        claim=RENDERED.format("****XX*1999999984"))  # fmt: skip
    monkeypatch.setattr(emit, "deliver", lambda *_, **__: [])
    run(settings)
    monkeypatch.undo()
    (row,) = sql(settings, "select content from outbound_file")
    changed = row["content"].replace(b"XX*1999999984", b"XX*1234567893")
    assert changed != row["content"]
    sql(settings, "update outbound_file set content = ?", changed)
    opened = Warehouse(settings.url)
    try:
        assert deliver(opened, settings, as_of=DAY, now=NOW) == []
    finally:
        opened.close()
    assert outbox(settings) == []


def test_n10_through_a_profile_that_calls_part_b_commercial(practice: Practice) -> None:
    settings = practice(AUTHORIZATION)
    claims = settings.folder("inbox") / "a.837"
    claims.write_text(claims.read_text().replace("SBR*P*18*******CI", "SBR*P*18*******MB"))
    run(settings)
    row = denial(settings)
    assert outbox(settings) == [] and row["path"] == "review"
    assert "disagree about the line of business" in row["explanation"]


def test_what_the_evidence_does_carry_goes(practice: Practice) -> None:
    """The guards of this file stand in nobody's way: with the right record the claim goes."""
    settings = practice(AUTHORIZATION)
    assert run(settings).exit_status == 0
    assert len(outbox(settings)) == 1


def forge(settings: Settings, place: str, old: str | None, new: str | None) -> None:
    """Approval and correction as a person's decision would have left them."""
    (row,) = sql(settings, "select denial_id, submission_id from denial")
    sql(settings, "insert into correction (denial_id, submission_id, line_position, rule_code, "
        "rule_version, place, old_value, new_value, evidence_ids, evidence_documents, reason, "
        "status, approved_by) values (?, ?, 1, 'carc197.prior-authorization', 2, ?, ?, ?, '1', "
        "'AUTH-1', 'x', 'approved', 'biller.b')",
        row["denial_id"], row["submission_id"], place, old, new)  # fmt: skip
    key = (place, old, new, "carc197.prior-authorization", 2, "1")
    digest = approvals.corrections_digest([key])
    sql(settings, "insert into approval (submission_id, decision, decided_by, recorded_user, "
        "corrections_digest, decided_on, decided_at) values (?, 'approved', 'biller.b', 'b', ?, "
        "'2026-04-20', '2026-04-20 09:00:00')", row["submission_id"], digest)  # fmt: skip
    sql(settings, "update denial set status = 'approved', decision = 'corrected', "
                  "path = 'replacement'")  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_n4_n5_n7_through_a_forged_approval(what: str, practice: Practice) -> None:
    settings = practice(EVALUATION)
    run(settings)
    forge(settings, *CHANGES[what][:3])
    emitted = steps.emit(settings, as_of=DAY, now=NOW)
    assert outbox(settings) == [] and emitted.emitted_claims == 0
    assert "not proposed any more" in emitted.refused[0].reason


@pytest.mark.parametrize("what", ["N9", "N10", "N11"])
def test_n9_n10_n11_through_a_forged_approval(what: str, practice: Practice) -> None:
    settings = scene(what, practice)
    run(settings)
    forge(settings, "2300/REF*G1", None, "A2")
    emitted = steps.emit(settings, as_of=DAY, now=NOW)
    assert outbox(settings) == [] and emitted.emitted_claims == 0
    reason = emitted.refused[0].reason
    assert "not proposed any more" in reason or "changed since they were approved" in reason


@pytest.mark.parametrize("value", ["A2", "X999"])
def test_through_a_correction_changed_before_its_approval(value: str, practice: Practice) -> None:
    """What a person is shown and approves is not what the rules propose: nothing goes."""
    settings = practice({**AUTHORIZATION, "units": None})
    run(settings)
    row = denial(settings)
    assert row["status"] == "awaiting_approval"
    sql(settings, "update correction set new_value = ?", value)
    opened = Warehouse(settings.url)
    try:
        review.approve(opened, settings, str(row["denial_id"]), by="biller.b", as_of=DAY, now=NOW)
    finally:
        opened.close()
    emitted = steps.emit(settings, as_of=DAY, now=NOW)
    assert outbox(settings) == []
    assert "changed since they were approved" in emitted.refused[0].reason


@pytest.mark.parametrize(
    ("what", "was", "now"),
    [
        ("N4", b"DTP*472*D8*20260314", b"DTP*472*D8*20260315"),
        ("N4", b"SV1*HC:64483*450*UN*1", b"SV1*HC:64483*450*UN*2"),
        ("N5", b"HI*ABK:M5416", b"HI*ABK:M5417"),
        ("N7", b"REF*G1*A1", b"REF*G1*A2"),
        ("N10", b"REF*F8*PCCN77", b"REF*F8*PCCN78"),
    ],
)
def test_through_bytes_changed_in_the_ledger(
    what: str, was: bytes, now: bytes, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = practice(AUTHORIZATION)
    monkeypatch.setattr(emit, "deliver", lambda *_, **__: [])
    run(settings)
    monkeypatch.undo()
    (row,) = sql(settings, "select content from outbound_file")
    assert was in row["content"]
    sql(settings, "update outbound_file set content = ?", row["content"].replace(was, now))
    opened = Warehouse(settings.url)
    try:
        assert deliver(opened, settings, as_of=DAY, now=NOW) == []
    finally:
        opened.close()
    assert outbox(settings) == []
