"""What the payer has not decided yet (CARC 133, 257): nothing is sent meanwhile, all is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cases.practice import DAY, SETTINGS, Practice
from edi.segment import Adjustment
from rules.payer import PayerProfile
from warehouse import emit, review, steps
from warehouse import tables as t
from warehouse.denied_lines import is_pended
from warehouse.frequency_habit import repeating_payers

NEXT, LAST = date(2026, 4, 21), date(2026, 5, 20)
PAYERS = (PayerProfile(name="A", ids=("87726", "acme1")), PayerProfile(name="B", ids=("S2",)))
PAID_TOO = SETTINGS + 'paid_claims = "automatic"\n'


def pend(practice: Practice, *, on: str, paid: int = 0, carc: str = "133", **more: Any) -> None:
    """An 835 that pays a part and has not decided the rest."""
    practice.hear(on=on, paid=paid, **more)
    path = max((practice.home / "inbox").glob("*.835"))
    text = path.read_text()
    old = f"CAS*CO*45*{600 - paid}~" if paid else "CAS*CO*197*600~"
    head, _, tail = text.rpartition(old)  # a reversal before it keeps its own
    path.write_text(f"{head}CAS*OA*{carc}*{600 - paid}~{tail}")


@pytest.fixture
def denied(tmp_path: Path) -> Practice:
    """A claim denied for want of an authorization, which is not on file."""
    found = Practice(tmp_path, PAID_TOO)
    found.bill()
    found.hear()
    found.run()
    return found


def know(practice: Practice) -> None:
    practice.know({"valid_from": "2026-03-11", "valid_to": "2026-03-11"})


@pytest.mark.parametrize("paid", [0, 200])
@pytest.mark.parametrize("carc", ["133", "257"])
def test_nothing_is_sent_while_the_payer_decides(denied: Practice, paid: int, carc: str) -> None:
    pend(denied, on="20260410", paid=paid, carc=carc)
    know(denied)
    denied.run()
    assert denied.sent() == {}
    assert {d["path"] for d in denied.sql("select path from denial where status = 'open'")} == {
        "hold"
    }
    with steps.opened(denied.settings) as warehouse:
        assert review.waiting(warehouse, as_of=DAY) == []
        every = review.waiting(warehouse, as_of=DAY, everything=True)
    assert [i.to_do for i in every] == ["wait"] * (1 if paid else 2)
    # It has decided: the denial of before stands, and is answered.
    denied.hear(on="20260418")
    denied.run(NEXT)
    assert len(denied.sent()) == 1
    assert denied.verify(NEXT).holds


def test_what_is_paid_after_all_needs_no_correction(denied: Practice) -> None:
    pend(denied, on="20260410")
    know(denied)
    denied.run()
    denied.hear(on="20260418", paid=400)
    denied.run(NEXT)
    assert denied.sent() == {}
    found = denied.sql("select denied_cents, status, recovered_cents from denial order by 1")
    assert found == [
        {"denied_cents": 0, "status": "closed", "recovered_cents": 0},
        {"denied_cents": 60000, "status": "recovered", "recovered_cents": 40000},
    ]


def test_what_is_written_down_does_not_go_when_it_is_pended_meanwhile(tmp_path: Path) -> None:
    practice = Practice(tmp_path)
    practice.refused(1)
    practice.stall()
    pend(practice, on="20260415")
    practice.run(NEXT)
    assert practice.sent() == {}
    assert practice.sql("select state from outbound_claim") == [{"state": "voided"}]


def test_a_replacement_that_is_paid_in_part_has_brought_that_part(tmp_path: Path) -> None:
    practice = Practice(tmp_path, PAID_TOO)
    practice.refused(1)
    practice.run()
    pend(practice, on="20260505", paid=200, number="PCCN2", frequency="7")
    practice.run(LAST)
    (sent,) = practice.sql("select state, recovered_cents from outbound_claim")
    assert sent == {"state": "adjudicated", "recovered_cents": 20000}
    (first, rest) = practice.sql(
        "select status, path, recovered_cents from denial order by denial_id"
    )
    assert (first["status"], first["recovered_cents"]) == ("recovered", 20000)
    assert (rest["status"], rest["path"], rest["recovered_cents"]) == ("open", "hold", 0)
    assert practice.verify(LAST).holds


def test_what_was_never_denied_is_not_recovered(tmp_path: Path) -> None:
    """Pended in part, then taken back and paid."""
    practice = Practice(tmp_path)
    practice.bill()
    pend(practice, on="20260401", paid=200)
    practice.run()
    practice.hear(on="20260415", paid=550, number="PCCN2", takes_back="PCCN1")
    path = max((practice.home / "inbox").glob("*.835"))
    text = path.read_text().replace("*22*-600*0*", "*22*-600*-200*")
    text = text.replace("64483*-600*0*", "64483*-600*-200*")
    text = text.replace("CAS*CO*197*-600~", "CAS*OA*133*-400~").replace("*I*550*", "*I*350*")
    path.write_text(text)
    practice.run(NEXT)
    (row,) = practice.sql("select status, denied_cents, recovered_cents from denial")
    assert row == {"status": "reversed", "denied_cents": 0, "recovered_cents": 0}
    assert practice.verify(NEXT).holds


def test_corrections_that_the_payer_has_answered_before_are_not_sent_again_in_silence(
    tmp_path: Path,
) -> None:
    """It refuses the replacement, then takes back the first refusal and refuses that claim anew."""
    practice = Practice(tmp_path)
    practice.refused(1)
    practice.run()
    assert len(practice.sent()) == 1
    practice.hear(on="20260505", number="PCCN2", frequency="7")
    practice.run(date(2026, 5, 6))
    practice.hear(on="20260510", number="PCCN3", takes_back="PCCN1")
    practice.run(LAST)
    practice.approve()
    found = practice.emit(LAST)
    assert [one.reason for one in found.refused] == [emit.ANSWERED]
    assert len(practice.sent()) == 1


@pytest.mark.parametrize("first", ["answer", "habit"])
def test_what_we_sent_waits_again_where_its_answer_was_the_original_s(
    tmp_path: Path, first: str
) -> None:
    """Taken back beside a decision with CLP09 = 1, by a payer that repeats a claim's frequency."""
    practice = Practice(tmp_path)
    practice.refused(1)
    practice.run()
    files = {"answer": {"on": "20260510", "number": "PCCN3", "takes_back": "PCCN1"},
             "habit": {"n": 9, "on": "20260512", "frequency": "7"}}  # fmt: skip
    for name in (first, *({*files} - {first})):
        practice.hear(**files[name])  # type: ignore[arg-type]
        practice.run(LAST)
    assert practice.sql("select state, is_open from outbound_claim") == [
        {"state": "emitted", "is_open": 1}
    ]
    found = practice.sql("select status from mart_submission order by submission_id")
    assert [row["status"] for row in found][1] == "pending"
    assert practice.verify(LAST).holds


@pytest.mark.usefixtures("small_claim")
@pytest.mark.parametrize(("frequency", "ids"), [("7", {"87726", "ACME1", "X9"}), ("1", set())])
def test_a_habit_is_the_payer_s_under_all_its_ids(
    warehouse: Any, keep: Any, frequency: str, ids: set[str]
) -> None:
    keep(t.remittance, remittance_id=2, payer_ids="ACME1,X9")
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, remittance_id=2,
         claim_frequency_code=frequency)  # fmt: skip
    with warehouse.read() as connection:
        assert repeating_payers(connection, PAYERS)[0] == ids


@pytest.mark.parametrize("first", ["refusal", "reversal"])
def test_a_copy_s_refusal_is_looked_at_again_when_what_was_paid_is_taken_back(
    tmp_path: Path, first: str
) -> None:
    practice = Practice(tmp_path)
    practice.bill()
    practice.hear(paid=400)
    practice.bill(on="20260405")
    practice.run()

    def refusal() -> None:
        practice.hear(on="20260412", carc="18", number="PCCN2")

    def reversal() -> None:
        practice.hear(on="20260415", carc="50", number="PCCN3", takes_back="PCCN1")
        path = max((practice.home / "inbox").glob("*.835"))
        text = path.read_text().replace("*22*-600*0*", "*22*-600*-400*")
        text = text.replace("64483*-600*0*", "64483*-600*-400*")
        path.write_text(text.replace("CAS*CO*197*-600~", "CAS*CO*45*-200~"))

    for tell in (refusal, reversal) if first == "refusal" else (reversal, refusal):
        tell()
        practice.run(NEXT)
        if tell is refusal and first == "refusal":
            assert practice.denials()["PCN1"]["resolution"] == "nothing to do"
    (row,) = practice.sql("select status, path from denial where reason_code = '18'")
    assert row == {"status": "open", "path": "review"}


def test_what_two_denials_of_a_line_brought_is_told_once(tmp_path: Path) -> None:
    """Our replacement is denied again; then the payer takes that back and pays."""
    practice = Practice(tmp_path)
    practice.refused(1)
    practice.run()
    practice.hear(on="20260505", number="PCCN2", frequency="7")
    practice.run(date(2026, 5, 6))
    practice.hear(on="20260512", paid=400, number="PCCN3", takes_back="PCCN2", frequency="7")
    path = max((practice.home / "inbox").glob("*.835"))
    path.write_text(path.read_text().replace("*12*PCCN2*11*1~", "*12*PCCN2*11*7~"))
    practice.run(LAST)
    found = practice.sql("select status, recovered_cents from denial order by denial_id")
    assert found == [
        {"status": "recovered", "recovered_cents": 40000},
        {"status": "reversed", "recovered_cents": 0},
    ]
    (sent,) = practice.sql("select state, recovered_cents from outbound_claim")
    assert sent == {"state": "adjudicated", "recovered_cents": 40000}


def test_the_last_word_that_stands_on_each_line_tells_whether_the_payer_decides() -> None:
    claim = SimpleNamespace(submission_id=1)

    def said(key: int, **more: Any) -> Any:
        values = {"claim_payment_id": key, "submission_id": 1, "is_reversal": False,
                  "is_reversed": False}  # fmt: skip
        return SimpleNamespace(**(values | more))

    def service(position: int) -> Any:
        return SimpleNamespace(
            service_position=position, line_position=position or None, payment_cents=0
        )

    waits = [Adjustment("OA", "133", Decimal(100), None)]
    services: Any = {1: [service(1), service(2)], 2: [service(1)], 3: [service(0)]}
    pended: Any = {(1, 1): waits}
    for payments, found in (
        ([said(1)], True),
        ([said(1), said(2)], False),  # line 1 is decided
        ([said(2), said(1)], True),
        ([said(1), said(3)], False),  # the claim as a whole is
        ([said(1, is_reversed=True)], False),
        ([said(1, is_reversal=True)], False),
        ([said(1, submission_id=2)], False),
    ):
        assert is_pended(claim, payments, services, pended) is found  # type: ignore[arg-type]
    assert is_pended(claim, [said(3)], services, {(3, 0): waits})  # type: ignore[arg-type]
    assert is_pended(claim, [said(2)], services, {(2, 0): waits})  # type: ignore[arg-type]
