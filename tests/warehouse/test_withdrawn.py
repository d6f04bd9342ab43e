"""What is written down and could not be delivered goes later only if it would still go today."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cases.practice import DAY, NOW, SETTINGS, Practice
from warehouse import decide, emit, going, last_look, steps
from warehouse.timeline import timeline

NEXT = date(2026, 4, 21)
FIRST, SECOND = "reclaim_900000000.837", "reclaim_900000001.837"


def stalled(practice: Practice) -> Practice:
    """A run whose outbox is away: what may go is written down, and stays."""
    practice.stall()
    assert practice.sql("select state from outbound_file") == [{"state": "approved"}]
    return practice


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    found = Practice(tmp_path)
    found.refused(1)
    return stalled(found)


@pytest.fixture
def three(tmp_path: Path) -> Practice:
    found = Practice(tmp_path)
    found.refused(1, 2, 3)
    return stalled(found)


def states(practice: Practice) -> dict[tuple[str, str], str]:
    rows = practice.sql("select * from mart_outbound order by file_name, patient_control_number")
    return {(r["file_name"], r["patient_control_number"]): r["state"] for r in rows}


def test_what_still_holds_goes_as_it_was_written_down(practice: Practice) -> None:
    (ledger,) = practice.sql("select content from outbound_file")
    assert practice.run(NEXT).emitted.refused == ()
    assert practice.sent() == {FIRST: ledger["content"].decode()}
    assert practice.verify(NEXT).holds


def not_sent(practice: Practice, day: date = NEXT) -> str:
    """The reason why the one claim of the file did not go, after a run; it is withdrawn."""
    result = practice.run(day)
    (refused,) = result.emitted.refused
    assert result.exit_status == 5
    assert practice.sent() == {}
    assert states(practice) == {(FIRST, "PCN1"): "voided"}
    found = practice.verify(day)
    assert found.holds, [r.violations for r in found.results]
    # Nothing is left that would go, or say so again.
    again = practice.run(day)
    assert (again.emitted.refused, again.emitted.emitted_files) == ((), 0)
    assert practice.sent() == {}
    assert practice.run(day).proposed.changed == 0
    return refused.reason


def test_a_denial_that_the_payer_took_back_is_not_asserted_again(practice: Practice) -> None:
    practice.hear(on="20260415", paid=400, number="PCCN9", takes_back="PCCN1")
    assert "decided the claim anew" in not_sent(practice)
    assert practice.denials()["PCN1"]["status"] == "reversed"
    assert practice.sql("select distinct status from correction") == [{"status": "superseded"}]
    # The payment is of what was sent, not of what never left.
    paid = practice.sql("select distinct submission_id from claim_payment")
    assert paid == [{"submission_id": 1}]


def test_nothing_goes_when_the_window_has_closed(practice: Practice) -> None:
    not_sent(practice, date(2027, 4, 20))
    assert "window for corrected claims closed" in practice.denials()["PCN1"]["explanation"]


def test_the_last_day_of_the_window_is_in_time(practice: Practice) -> None:
    practice.run(date(2026, 9, 28))
    assert list(practice.sent()) == [FIRST]


@pytest.mark.parametrize("payer", ["87726", "ACME1"])
def test_nothing_goes_beside_what_the_practice_sent_itself(practice: Practice, payer: str) -> None:
    practice.bill(on="20260418", frequency="7", more="REF*G1*A1~REF*F8*PCCN1~", payer=payer)
    not_sent(practice)
    assert practice.denials()["PCN1"]["path"] == "hold"


# The practice's own file may be dated before the day on which ours was written down, or after it.
@pytest.mark.parametrize("on", ["20260418", "20260421"])
def test_what_a_person_let_go_does_not_go_beside_what_the_practice_sent_itself(
    tmp_path: Path, on: str
) -> None:
    practice = Practice(tmp_path, SETTINGS.replace('["*"]', "[]"))
    practice.refused(1)
    practice.run()
    practice.approve()
    stalled(practice)
    practice.bill(on=on, frequency="7", more="REF*G1*A1~REF*F8*PCCN1~")
    (refused,) = practice.run(NEXT).emitted.refused
    assert "not proposed any more" in refused.reason
    assert practice.sent() == {}
    assert states(practice) == {(FIRST, "PCN1"): "voided"}
    assert practice.run(NEXT).emitted.refused == ()
    assert practice.denials()["PCN1"]["path"] == "hold"
    found = practice.sql("select status from submission where origin = 'read' order by 1")
    assert [row["status"] for row in found] == ["pending", "superseded"]
    assert practice.verify(NEXT).holds


@pytest.mark.parametrize("by_person", [True, False])
def test_what_nobody_let_go_is_held_and_not_withdrawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_person: bool
) -> None:
    """A rule that always needs a person, and one whose claim was let go by none."""
    practice = Practice(tmp_path, SETTINGS.replace('["*"]', "[]" if by_person else '["*"]'))
    practice.refused(1)
    practice.run()
    if by_person:
        practice.approve()
        stalled(practice)
    else:
        (practice.home / "outbox" / FIRST).unlink()
        practice.sql("update outbound_file set state = 'approved'")
        practice.sql("update outbound_claim set state = 'approved'")
    monkeypatch.setattr(last_look, "ALL_RULES", ())
    practice.hear(on="20260415", paid=400, number="PCCN9", takes_back="PCCN1")
    practice.run(NEXT)
    assert practice.sent() == {}
    assert states(practice)[FIRST, "PCN1"] == ("voided" if by_person else "approved")


def test_only_what_left_replaces_what_was_billed(practice: Practice) -> None:
    first = "select status from submission where submission_id = 1"
    assert practice.sql(first) == [{"status": "adjudicated"}]
    practice.run(NEXT)
    assert practice.sql(first) == [{"status": "superseded"}]


def test_a_refusal_under_a_new_number_is_replaced_by_that(practice: Practice) -> None:
    practice.hear(on="20260415", number="PCCN9", takes_back="PCCN1")
    practice.run(NEXT)
    practice.run(NEXT)
    practice.approve()
    practice.emit(NEXT)
    (text,) = practice.sent().values()
    assert "REF*F8*PCCN9" in text and FIRST not in practice.sent()
    assert practice.verify(NEXT).holds


def test_shadow_mode_sends_nothing_that_was_written_down_before(practice: Practice) -> None:
    practice.set(SETTINGS.replace("live", "shadow"))
    assert practice.run(NEXT).emitted.emitted_files == 1  # made anew, as a shadow
    assert practice.sent() == {}
    assert states(practice) == {(FIRST, "PCN1"): "voided", (SECOND, "PCN1"): "shadow"}
    practice.set()
    practice.run(NEXT)
    assert list(practice.sent()) == ["reclaim_900000002.837"]
    assert practice.verify(NEXT).holds


def test_nothing_goes_past_a_payment_that_no_match_has_looked_at(practice: Practice) -> None:
    practice.hear(2, on="20260415")
    steps.receive(practice.settings, as_of=NEXT, now=NOW)
    with steps.opened(practice.settings) as warehouse:
        result = emit.emit(warehouse, practice.settings, as_of=NEXT, now=NOW)
    assert [one.reason for one in result.refused] == [going.UNMATCHED]
    assert practice.sql("select state from outbound_file") == [{"state": "approved"}]
    assert practice.emit(NEXT).file_names == (FIRST,)


def test_the_others_of_its_file_go_on_the_same_day_under_a_number_of_their_own(
    three: Practice,
) -> None:
    three.hear(2, on="20260415", paid=400, number="PCCN9", takes_back="PCCN2")
    result = three.run(NEXT)
    assert [one.patient_control_number for one in result.emitted.refused] == ["PCN2"]
    assert result.emitted.emitted_claims == 2
    ((name, text),) = three.sent().items()
    assert name == SECOND and "*900000001*" in text
    assert [f"CLM*PCN{n}*" in text for n in (1, 2, 3)] == [True, False, True]
    assert states(three) == {
        (FIRST, "PCN1"): "voided", (FIRST, "PCN2"): "voided", (FIRST, "PCN3"): "voided",
        (SECOND, "PCN1"): "emitted", (SECOND, "PCN3"): "emitted",
    }  # fmt: skip
    found = three.verify(NEXT)
    assert found.holds, [r.violations for r in found.results]
    assert {n: d["status"] for n, d in three.denials().items()} == {
        "PCN1": "emitted", "PCN2": "reversed", "PCN3": "emitted",
    }  # fmt: skip
    again = three.run(NEXT)
    assert (again.emitted.emitted_files, again.emitted.refused) == (0, ())
    # An answer to what was sent is one to what left.
    three.hear(1, on="20260430", paid=400, number="PCCN8", frequency="7")
    three.run(date(2026, 5, 4))
    assert states(three)[SECOND, "PCN1"] == "adjudicated"
    assert three.denials()["PCN1"]["status"] == "recovered"


def test_why_is_told_in_the_timeline(three: Practice) -> None:
    three.hear(2, on="20260415", paid=400, number="PCCN9", takes_back="PCCN2")
    three.run(NEXT)
    with steps.opened(three.settings) as warehouse:
        told = {n: [e.detail for e in timeline(warehouse, f"PCN{n}") if e.what == "emission"]
                for n in (1, 2)}  # fmt: skip
    assert "withdrawn before it left: the payer has decided the claim anew" in told[2][0]
    assert "withdrawn before it left: another claim of its file" in told[1][0]
    assert "withdrawn" not in told[1][1]


def test_a_claim_that_cannot_be_decided_any_more_does_not_go(
    three: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = going.decide

    def failing(lines: Any, facts: Any, **more: Any) -> Any:
        if facts.claim.patient_control_number == "PCN2":
            raise ValueError("DOE JANE")
        return real(lines, facts, **more)

    monkeypatch.setattr(going, "decide", failing)
    monkeypatch.setattr(decide, "decide", failing)
    result = three.run(NEXT)
    assert [one.patient_control_number for one in result.emitted.refused] == ["PCN2"]
    assert "DOE" not in result.emitted.refused[0].reason
    assert list(three.sent()) == [SECOND]


@pytest.mark.parametrize("why", ["attester", "reviewer"])
def test_an_approval_that_does_not_count_any_more_lets_nothing_go(tmp_path: Path, why: str) -> None:
    practice = Practice(tmp_path)
    practice.bill()
    practice.hear()
    practice.know({"units": None})
    practice.run()
    practice.approve("biller.b")
    stalled(practice)
    if why == "attester":
        practice.sql("update approval set decided_by = 'CODER.A'")
    else:
        practice.set(SETTINGS + '[review]\nreviewers = ["biller.c"]\n')
    (refused,) = practice.emit(NEXT).refused
    assert ("attested" if why == "attester" else "not among the reviewers") in refused.reason
    assert practice.sent() == {}
    practice.run(NEXT)
    assert practice.denials()["PCN1"]["status"] == "awaiting_approval"
    practice.approve("biller.c")
    assert practice.emit(NEXT).file_names == (SECOND,)
    assert practice.verify(NEXT).holds


@pytest.mark.parametrize("first", [0, 4, 5])
def test_claims_that_share_an_authorization_do_not_withdraw_each_other(
    tmp_path: Path, first: int
) -> None:
    """One goes by itself, the other one by a person; together, or in a file each."""
    practice = Practice(tmp_path)
    for n in (4, 5):
        practice.bill(n)
        practice.hear(n)
        if n == first:
            claim = max((practice.home / "inbox").glob("*.837"))
            claim.write_text(claim.read_text().replace("SENDER ", "SENDR2 "))
    practice.know({"units": 5})
    steps.receive(practice.settings, as_of=DAY, now=NOW)
    steps.match(practice.settings, as_of=DAY)
    steps.propose(practice.settings, as_of=DAY)
    practice.approve()
    box = practice.home / "outbox"
    box.rmdir()
    box.write_text("the share is away")
    for _ in range(3):
        with pytest.raises(OSError, match="outbox"):
            practice.run()
    box.unlink()
    box.mkdir()
    result = practice.run(NEXT)
    assert (result.exit_status, result.emitted.refused) == (0, ())
    assert list(practice.sent()) == ([FIRST, SECOND] if first else [FIRST])
    assert set(states(practice).values()) == {"emitted"}
    assert practice.verify(NEXT).holds


def test_a_claim_that_was_held_and_sent_after_all_is_not_told_as_unsent(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, called = going.decide, []

    def failing_once(*given: Any, **more: Any) -> Any:
        called.append(1)
        if len(called) == 1:
            raise ValueError("once")
        return real(*given, **more)

    monkeypatch.setattr(going, "decide", failing_once)
    result = practice.run(NEXT)
    assert (result.exit_status, result.emitted.refused) == (0, ())
    assert states(practice) == {(FIRST, "PCN1"): "voided", (SECOND, "PCN1"): "emitted"}


def test_what_the_chart_says_otherwise_by_now_goes_as_it_says_now(practice: Practice) -> None:
    later = {"document_id": "AUTH-1", "number": "A9", "attested_on": "2026-04-20",
             "valid_from": "2026-03-11", "valid_to": "2026-03-11"}  # fmt: skip
    practice.know(later)
    # It is decided anew before it goes; until then neither the old number goes nor the new one.
    assert practice.run(NEXT).emitted.file_names == () and practice.sent() == {}
    assert practice.run(NEXT).emitted.file_names == (SECOND,)
    ((name, text),) = practice.sent().items()
    assert name == SECOND and "REF*G1*A9" in text
    assert states(practice) == {(FIRST, "PCN1"): "voided", (SECOND, "PCN1"): "emitted"}
    assert practice.verify(NEXT).holds


def test_a_path_changed_by_hand_is_not_believed(practice: Practice) -> None:
    """The ledger calls it a new claim, the file's bytes replace one: it is written anew."""
    practice.sql("update outbound_claim set claim_frequency_code = '1'")
    assert practice.emit(NEXT).file_names == (SECOND,)
    rows = practice.sql("select claim_frequency_code, voided_because from outbound_claim")
    assert [row["claim_frequency_code"] for row in rows] == ["1", "7"]
    assert "by another path" in rows[0]["voided_because"]


def test_a_claim_struck_out_of_the_ledger_by_hand_holds_its_file(three: Practice) -> None:
    three.sql("pragma foreign_keys = off")
    three.sql("update correction set outbound_claim_id = null where outbound_claim_id = 2")
    three.sql("delete from outbound_claim where outbound_claim_id = 2")
    refused = three.emit(NEXT).refused
    assert {one.reason for one in refused} == {"the finished file cannot be read again"}
    assert three.sent() == {}


def test_what_the_chart_says_otherwise_since_it_was_decided_waits_for_the_next_run(
    tmp_path: Path,
) -> None:
    practice = Practice(tmp_path)
    practice.refused(1)
    steps.receive(practice.settings, as_of=DAY, now=NOW)
    steps.match(practice.settings, as_of=DAY)
    steps.propose(practice.settings, as_of=DAY)
    practice.know({"document_id": "AUTH-1", "number": "A9", "attested_on": "2026-04-20"})
    steps.receive(practice.settings, as_of=DAY, now=NOW)
    assert [one.reason for one in practice.emit().refused] == [emit.OTHERWISE]
    assert practice.sql("select 1 from outbound_file") == []
    practice.run()
    ((name, text),) = practice.sent().items()
    assert name == FIRST and "REF*G1*A9" in text
    (kept,) = practice.sql("select new_value from correction where status = 'emitted'")
    assert kept == {"new_value": "A9"}
    assert practice.verify().holds
