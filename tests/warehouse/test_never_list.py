"""N1, N2, N3, N6 and N8 of the never-list, tried through a rule, through evidence, and by hand.

Each attempt goes through the whole pipeline of a home in live mode that lets every rule go by
itself. What must hold: nothing of it reaches the outbox, and a reason is told.
"""

from __future__ import annotations

import functools
import hashlib
import json
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete, insert, select, update

from cases.reading import ATTESTED, claim_file, payment_file, segments
from edi.problem import Problem
from edi.source import SourceRef
from rules.amend import published
from rules.decision import ClaimFacts, Correction, DeniedLine, Proposal
from rules.evidence import ProcedureNote
from rules.library.bundling_code_pair import RULE
from rules.propose import propose as decide
from rules.rule import Rule
from warehouse import decide as deciding
from warehouse import emit, going, outbound, outbox, steps
from warehouse import tables as t
from warehouse.approvals import corrections_digest
from warehouse.archive import archived, put_down
from warehouse.reference import import_files
from warehouse.review import ReviewError, approve
from warehouse.settings import Settings

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
Q1 = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 3, 31)}
HEAD = "Column 1\tColumn 2\tEffective Date\tDeletion Date *=no data\tModifier\n"
ALWAYS = "[emission]\nmode = 'live'\nautomatic = ['*']\npaid_claims = 'automatic'\n"
PAYERS = """[[payer]]
name = "Acme Health"
ids = ["87726"]
replacement_claims = true
corrected_claim_days = 180
appeal_days = 120
"""


class Attempt(NamedTuple):
    """Something forbidden: the lines as billed and denied, and the changes it would take.

    ``site``: what a note says that makes it tempting. ``places``: (place, old, new).
    """

    lines: tuple[str, str]
    reason: str
    places: tuple[tuple[str, str | None, str | None], ...]
    pairs: tuple[str, ...] = ()
    units: str = "1"


ATTEMPTS = {
    "N1": Attempt(("62323", "64483:LT"), "236", (("2400[2]/SV101-4", None, "59"),),
                  ("62323 64483 1",)),
    "N2": Attempt(("20553", "20552"), "231", (("2400[2]/SV101-3", None, "59"),),
                  ("20553 20552 0",)),
    "N3": Attempt(("62323", "77003"), "97", (("2400[2]/SV101-3", None, "59"),),
                  ("62323 77003 1",)),
    "N6": Attempt(("62323", "64493"), "151",
                  (("2400[2]/SV104", "2", "1"), ("2400[2]/SV102", "600", "300"),
                   ("2400[3]", None, "2400[2]*HC:64493*300*UN*1")), units="2"),
    "N8": Attempt(("62321", "64479"), "236", (("2400[2]/SV101-2", "64479", "62323"),),
                  ("62321 64479 1",)),
}  # fmt: skip


def note(attempt: Attempt, **second: Any) -> dict[str, Any]:
    """A note that has both services; ``second`` says more of the denied one."""
    one, other = (x.split(":")[0] for x in attempt.lines)
    both = {"region": "lumbar", "images_saved": True}
    return {
        "kind": "procedure_note",
        "document_id": "OP-1",
        **ATTESTED,
        "patient_control_number": "PCN1",
        "service_date": "2026-03-14",
        "sites": [
            {"procedure_code": one, "imaging": "fluoroscopy", **both},
            {"procedure_code": other, **both, **second},
        ],
    }


def home(folder: Path, attempt: Attempt, *evidence: dict[str, Any]) -> Settings:
    """A claim of two lines, the second one denied, matched; nothing decided yet."""
    folder.mkdir()
    (folder / "reclaim.toml").write_text(ALWAYS + "[intake]\nsettle_seconds = 0\n")
    (folder / "payers.toml").write_text(PAYERS)
    settings = steps.initialise(folder)
    one, other = attempt.lines
    claim = (f"CLM*PCN1*1200***11:B:1*Y*A*Y*Y~HI*ABK:M5416~"
             f"LX*1~SV1*HC:{one}*600*UN*1***1~DTP*472*D8*20260314~"
             f"LX*2~SV1*HC:{other}*600*UN*{attempt.units}***1~DTP*472*D8*20260314~")  # fmt: skip
    payment = (
        "CLP*PCN1*1*1200*0*480*12*PCCN1*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
        f"SVC*HC:{one}*600*0**1~DTM*472*20260314~CAS*PR*1*480~CAS*CO*45*120~"
        f"SVC*HC:{other}*600*0**{attempt.units}~DTM*472*20260314~CAS*CO*{attempt.reason}*600~"
    )
    (folder / "inbox" / "claim.837").write_text(claim_file(segments(claim)))
    (folder / "inbox" / "remittance.835").write_text(payment_file(segments(payment)))
    lines = "".join(json.dumps(record) + "\n" for record in evidence)
    (folder / "evidence" / "chart.jsonl").write_text(lines)
    bring(settings, *(attempt.pairs or ("X0001 X0002 1",)))
    limits = folder / "mue.csv"
    limits.write_text("HCPCS Code,MUE Value,MUE Adjudication Indicator\n64493,1,2 So\n")
    with steps.opened(settings) as warehouse:
        import_files(warehouse, "mue", [limits], **Q1, now=NOW)
    steps.receive(settings, as_of=DAY)
    steps.match(settings, as_of=DAY)
    return settings


def bring(settings: Settings, *pairs: str) -> None:
    """A file of code pairs for the quarter."""
    rows = (pair.split() for pair in pairs)
    path = settings.home / "ptp.txt"
    path.write_text(HEAD + "".join(f"{a}\t{b}\t20200101\t*\t{m}\n" for a, b, m in rows))
    with steps.opened(settings) as warehouse:
        import_files(warehouse, "ptp", [path], **Q1, now=NOW)


def column(settings: Settings, what: Any) -> list[Any]:
    with steps.opened(settings) as warehouse, warehouse.read() as connection:
        return list(connection.execute(select(what)).scalars())


def write(settings: Settings, statement: Any) -> None:
    with steps.opened(settings) as warehouse, warehouse.write() as connection:
        connection.execute(statement)


def nothing_went(settings: Settings) -> bool:
    return not [p for p in settings.folder("outbox").iterdir() if not p.name.startswith(".")]


def reason_of(settings: Settings) -> str:
    """What a run says of the claim: of what it did not send, else of the denial."""
    sent = steps.emit(settings, as_of=DAY, now=NOW)
    assert sent.emitted_files == 0
    words = [one.reason for one in sent.refused]
    return " ".join([*words, *(x or "" for x in column(settings, t.denial.c.explanation))])


def corrections(attempt: Attempt, evidence: tuple[Any, ...]) -> tuple[Correction, ...]:
    return tuple(
        Correction(place=place, old_value=old, new_value=new, evidence=evidence,
                   rule_code="evil.rule", rule_version=1, reason="it would be paid")
        for place, old, new in attempt.places
    )  # fmt: skip


def bad_rule(attempt: Attempt, with_note: bool) -> Rule:
    """A rule that does what is forbidden, on the strength of a note or of itself alone."""

    def consider(line: DeniedLine, facts: ClaimFacts) -> Proposal:
        on_file = facts.on_file(ProcedureNote)
        evidence = on_file if with_note else (published("evil.rule", DAY),)
        return Proposal(corrections=corrections(attempt, evidence), safety="automatic",
                        explanation="It would be paid.")  # fmt: skip

    return Rule("evil.rule", 1, (attempt.reason,), "automatic", ("nowhere",), consider)


EXPECTED = {
    # By the rule alone, and with a note. N2 and N3: the line itself may not be billed again. N6:
    # a line is added only as the other side of one that is billed with 50. N8: the claim as it
    # would be is looked at before the change is.
    "N1": ("N1", "N1"),
    "N2": ("may not be billed beside", "may not be billed beside"),
    "N3": ("may not be billed beside", "may not be billed beside"),
    "N6": ("N6", "N6"),
    "N8": ("two regions, not two levels", "two regions, not two levels"),
}


@pytest.mark.parametrize("with_note", [False, True], ids=["by the rule alone", "with a note"])
@pytest.mark.parametrize("code", ATTEMPTS)
def test_through_a_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, with_note: bool
) -> None:
    attempt = ATTEMPTS[code]
    if code == "N1":
        # A note is what 59 takes; here it is one of another day.
        told: tuple[dict[str, Any], ...] = (note(attempt) | {"service_date": "2026-03-13"},)
    else:
        told = (note(attempt, session=2),)
    settings = home(tmp_path / "home", attempt, *told)
    evil = functools.partial(decide, rules=(bad_rule(attempt, with_note),))
    monkeypatch.setattr(deciding, "decide", evil)
    monkeypatch.setattr(going, "decide", evil)
    steps.propose(settings, as_of=DAY)
    said = reason_of(settings)
    assert EXPECTED[code][with_note] in said, said
    assert nothing_went(settings)


TEMPTING = {
    "N1": ({"region": "lumbar", "levels": ["L5-S1"], "laterality": "left"}, "write it off"),
    "N2": ({"session": 2, "muscles": ["gluteus medius"]}, "indicator 0"),
    "N3": ({"session": 2, "imaging": "fluoroscopy"}, "do not add a modifier"),
    "N6": ({"session": 2, "laterality": "bilateral"}, "lines are not split|no modifier, second"),
    "N8": ({"levels": ["C5-C6", "L4-L5"]}, "write it off"),
}
"""What a note may say of the denied service that carries nothing all the same, and the answer."""


@pytest.mark.parametrize("code", ATTEMPTS)
def test_through_evidence(tmp_path: Path, code: str) -> None:
    attempt, (site, words) = ATTEMPTS[code], TEMPTING[code]
    settings = home(tmp_path / "home", attempt, note(attempt, **site))
    steps.propose(settings, as_of=DAY)
    said = reason_of(settings)
    assert any(word in said for word in words.split("|")), said
    assert column(settings, t.correction.c.place) == []
    assert nothing_went(settings)
    with steps.opened(settings) as warehouse, pytest.raises(ReviewError):
        denial = column(settings, t.denial.c.denial_id)[0]
        approve(warehouse, settings, str(denial), by="biller.b", as_of=DAY, now=NOW)


@pytest.mark.parametrize("with_rows", [False, True], ids=["approval row", "and correction rows"])
@pytest.mark.parametrize("code", ATTEMPTS)
def test_through_rows_made_by_hand(tmp_path: Path, code: str, with_rows: bool) -> None:
    attempt = ATTEMPTS[code]
    settings = home(tmp_path / "home", attempt, note(attempt))
    steps.propose(settings, as_of=DAY)
    evidence = str(column(settings, t.evidence.c.evidence_id)[0])
    keys = [(*place, "evil.rule", 1, evidence) for place in attempt.places]
    (denial,) = column(settings, t.denial.c.denial_id)
    write(settings, insert(t.approval).values(
        submission_id=1, decision="approved", decided_by="biller.b", recorded_user="b",
        corrections_digest=corrections_digest(keys), decided_on=DAY, decided_at=NOW))  # fmt: skip
    write(settings, update(t.denial).values(decision="corrected", status="approved",
                                            path="replacement", rule_code="evil.rule"))  # fmt: skip
    for place, old, new in attempt.places if with_rows else ():
        write(settings, insert(t.correction).values(
            denial_id=denial, submission_id=1, line_position=2, rule_code="evil.rule",
            rule_version=1, place=place, old_value=old, new_value=new, evidence_ids=evidence,
            evidence_documents="OP-1", reason="it would be paid", status="approved",
            approved_by="biller.b"))  # fmt: skip
    assert "not proposed any more" in reason_of(settings)
    assert nothing_went(settings)
    # Nor does the next run take it up, nor a person who approves what is shown.
    steps.run(settings, as_of=DAY, now=NOW)
    assert nothing_went(settings)


RIGHT = Attempt(("62323", "64483:LT"), "236", (), ("62323 64483 1",))
TAMPERED = {
    "N1": (b"64483:LT:XE*", b"64483:LT:59*"),
    "N3": (b"HC:64483:LT:XE*", b"HC:77003:LT:XE*"),
    "N6": (b"LX*2~", b"LX*2~\nSV1*HC:64483:LT*0*UN*1***1~\nDTP*472*D8*20260314~\nLX*3~"),
    "N8": (b"HC:62323*600", b"HC:62321*600"),
}


def undelivered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A right correction that is written down, by a run that was killed before delivery."""
    settings = home(folder, RIGHT, note(RIGHT, session=2))
    steps.propose(settings, as_of=DAY)
    (denial,) = column(settings, t.denial.c.denial_id)
    with steps.opened(settings) as warehouse:
        approve(warehouse, settings, str(denial), by="biller.b", as_of=DAY, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(emit, "deliver", lambda *_, **__: [])
        steps.emit(settings, as_of=DAY, now=NOW)
    assert column(settings, t.outbound_file.c.state) == ["approved"]
    return settings


def test_what_nobody_touched_is_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    settings = undelivered(tmp_path / "home", monkeypatch)
    assert steps.emit(settings, as_of=DAY, now=NOW).emitted_files == 1
    assert not nothing_went(settings)


def test_what_nobody_approved_is_held_however_right_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of the outbox that was made by hand: good bytes, and no approval behind them."""
    settings = undelivered(tmp_path / "home", monkeypatch)
    write(settings, delete(t.approval))
    for _ in range(2):
        assert "nobody has approved" in reason_of(settings)
        assert nothing_went(settings)
        steps.run(settings, as_of=DAY, now=NOW)
    assert nothing_went(settings)
    assert column(settings, t.outbound_file.c.state) == ["approved"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("write_837p", "the never-list forbids it"),
        ("brought_in", "bring in what the guide refuses"),
    ],
)
def test_the_finished_bytes_are_judged_before_they_are_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    """By code that knows nothing of the rules: here it is the writer that goes wrong."""
    settings = home(tmp_path / "home", RIGHT, note(RIGHT, session=2))
    steps.propose(settings, as_of=DAY)
    (denial,) = column(settings, t.denial.c.denial_id)
    with steps.opened(settings) as warehouse:
        approve(warehouse, settings, str(denial), by="biller.b", as_of=DAY, now=NOW)
    real = outbound.write_837p
    instead = {
        "write_837p": lambda *given: real(*given).replace(b"HC:62323*600", b"HC:62321*600"),
        "brought_in": lambda *_, **__: [Problem("MADE_UP", SourceRef(), "2400", "a", "b")],
    }
    monkeypatch.setattr(outbound, name, instead[name])
    assert words in reason_of(settings)
    assert nothing_went(settings) and column(settings, t.outbound_file.c.state) == []


@pytest.mark.parametrize("with_digests", [False, True], ids=["bytes", "bytes and their digests"])
@pytest.mark.parametrize("code", TAMPERED)
def test_through_a_changed_row_of_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, with_digests: bool
) -> None:
    settings = undelivered(tmp_path / "home", monkeypatch)
    (content,) = column(settings, t.outbound_file.c.content)
    was, now = TAMPERED[code]
    changed = content.replace(was, now)
    if code == "N8":
        changed = changed.replace(b"HC:64483:LT:XE*", b"HC:62323:LT:XE*")
    assert changed != content
    values: dict[str, Any] = {"content": changed}
    if with_digests:
        digest = hashlib.sha256(changed).hexdigest()
        values["sha256"] = digest
        write(settings, update(t.file).where(t.file.c.origin == "emitted").values(sha256=digest))
        put_down(BytesIO(changed), archived(settings, digest))
    write(settings, update(t.outbound_file).values(**values))
    said = reason_of(settings)
    assert (code if with_digests else "not those that were decided") in said, said
    assert nothing_went(settings)


@pytest.mark.parametrize("code", ["N1", "N2"])
def test_through_a_changed_correction_of_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    settings = undelivered(tmp_path / "home", monkeypatch)
    if code == "N2":
        # The edits of the quarter came anew, and no modifier passes the pair any more.
        bring(settings, "62323 64483 0")
        assert "N2" in reason_of(settings)
    else:
        write(settings, update(t.correction).values(evidence_ids=""))
        assert "not those that were let go" in reason_of(settings)
        write(settings, update(t.outbound_claim).values(corrections_digest=corrections_digest(
            [("2400[2]/SV101-4", None, "XE", RULE.code, RULE.version, "")])))  # fmt: skip
        assert "N1" in reason_of(settings)
    assert nothing_went(settings)


def test_evidence_that_was_withdrawn_carries_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = undelivered(tmp_path / "home", monkeypatch)
    (key,) = column(settings, t.evidence.c.evidence_id)
    write(settings, update(t.evidence).values(superseded_by=key))
    assert "N1" in reason_of(settings)
    assert nothing_went(settings)


def test_the_last_look_is_the_outboxs_own() -> None:
    assert outbox.look.__module__ == "warehouse.last_look"
