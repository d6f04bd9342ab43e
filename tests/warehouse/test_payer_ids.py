"""A payer goes by several ids of its profile: what went to one of them went to it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from cases.practice import DAY, PAYERS, Practice
from warehouse import review, steps

LATER = date(2026, 5, 4)
RESENT = {"1": "", "7": "REF*F8*PCCN1~"}


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    found = Practice(tmp_path)
    found.refused(1)
    return found


@pytest.mark.parametrize("frequency", RESENT)
def test_what_is_open_at_another_id_of_the_payer_holds_the_claim(
    practice: Practice, frequency: str
) -> None:
    practice.bill(on="20260410", frequency=frequency, more=RESENT[frequency], payer="ACME1")
    practice.run()
    assert practice.denials()["PCN1"]["path"] == "hold"
    assert practice.sent() == {}


@pytest.mark.parametrize("frequency", RESENT)
def test_what_is_open_at_another_payer_holds_nothing(practice: Practice, frequency: str) -> None:
    practice.bill(on="20260410", frequency=frequency, more=RESENT[frequency], payer="OTHER")
    practice.run()
    practice.approve()
    practice.emit()
    assert len(practice.sent()) == 1


@pytest.mark.parametrize("payer", ["87726", "ACME1"])
def test_a_payment_under_another_id_settles_the_denial(practice: Practice, payer: str) -> None:
    practice.bill(on="20260410", frequency="7", more=RESENT["7"], payer="ACME1")
    practice.hear(on="20260417", paid=400, number="PCCN9", payer=payer, frequency="7")
    practice.run()
    assert practice.denials()["PCN1"]["status"] == "recovered"
    states = practice.sql("select status from submission order by submission_id")
    assert [row["status"] for row in states] == ["superseded", "adjudicated"]
    practice.approve()
    practice.emit()
    assert practice.sent() == {}


def test_the_newest_number_is_the_payers_whatever_id_it_answered_under(practice: Practice) -> None:
    practice.bill(on="20260405", frequency="7", more=RESENT["7"], payer="ACME1")
    practice.hear(on="20260412", number="PCCN2", payer="ACME1", frequency="7")
    practice.run()
    practice.approve()
    practice.emit()
    (text,) = practice.sent().values()
    assert "REF*F8*PCCN2" in text
    (initial,) = practice.sql("select count(*) as n from denial where is_initial")
    assert initial["n"] == 1


def test_a_refusal_taken_back_under_another_id_is_taken_back(practice: Practice) -> None:
    practice.hear(on="20260415", paid=400, number="PCCN9", takes_back="PCCN1", payer="ACME1")
    practice.run()
    assert practice.denials()["PCN1"]["status"] == "reversed"


@pytest.mark.parametrize(
    ("billed", "business", "heard", "path"),
    [
        ("87726", "12", "87726", "reopening"),
        ("87726", "", "87726", "reopening"),  # CLP06 tells
        ("87726", "CI", "87726", "review"),  # another line of business of the same id
        ("CHID1", "12", "87726", "reopening"),  # a clearinghouse's id
        ("CHID1", "12", "X9", "review"),
    ],
)
def test_a_claim_s_payer_is_known_by_its_answer_where_the_claim_does_not_tell(
    tmp_path: Path, billed: str, business: str, heard: str, path: str
) -> None:
    payers = PAYERS.replace("claims = true", "claims = false").replace(
        'ids = ["87726", "ACME1"]',
        'ids = ["87726"]\nclaim_filing = ["12"]\nkind = "medicare_part_b"',
    )
    practice = Practice(tmp_path, payers=payers)
    practice.bill(payer=billed)
    (sent,) = (tmp_path / "inbox").glob("*.837")
    own = f"SBR*P*18*******{business}~" if business else "SBR*P*18~"
    sent.write_text(sent.read_text().replace("SBR*P*18*******CI~", own))
    practice.hear(carc="4", payer=heard)
    practice.run()
    assert practice.denials()["PCN1"]["path"] == path


def test_the_ledger_has_one_open_claim_a_payer(practice: Practice) -> None:
    practice.run()
    assert practice.sql("select payer_key from outbound_claim") == [{"payer_key": "87726"}]
    practice.set(payers='[[payer]]\nname = "A"\nids = ["ACME1", "87726"]\n')
    practice.run()
    assert len(practice.sent()) == 1


@pytest.mark.parametrize(("payer", "waits"), [("ACME1", 0), ("OTHER", 1)])
def test_a_rejected_claim_that_went_again_to_the_payer_waits_for_nobody(
    tmp_path: Path, payer: str, waits: int
) -> None:
    practice = Practice(tmp_path)
    practice.bill(1)
    practice.run()
    practice.sql("update submission set status = 'rejected', is_turned_back = 1")
    practice.bill(1, on="20260410", payer=payer)
    practice.run()
    with steps.opened(practice.settings) as warehouse:
        found = review.waiting(warehouse, as_of=DAY, settings=practice.settings)
    assert len(found) == waits
    # The practice's last day for a new claim is counted from the service.
    assert [i.deadline for i in found] == [date(2026, 3, 11) + timedelta(days=365)] * waits


@pytest.mark.parametrize(("payer", "claims"), [("ACME1", 1), ("OTHER", 2)])
def test_a_claim_sent_anew_under_the_right_member_id_is_the_same_by_any_id_of_the_payer(
    tmp_path: Path, payer: str, claims: int
) -> None:
    practice = Practice(tmp_path)
    practice.bill(1, member="W999999999")
    practice.run()
    practice.sql("update submission set status = 'rejected', is_turned_back = 1")
    practice.bill(1, on="20260410", payer=payer)
    practice.run(LATER)
    found = practice.sql("select count(distinct claim_id) as n from submission")
    assert found == [{"n": claims}]


@pytest.mark.parametrize("other", ["nobody else", "in the same run", "in an earlier run"])
def test_lines_of_business_are_told_apart_whoever_else_is_billed(
    tmp_path: Path, other: str
) -> None:
    """One id and two profiles: what one of them paid settles no denial of the other."""
    practice = Practice(tmp_path, payers=(
        '[[payer]]\nname = "A"\nids = ["87726", "ACME1"]\nclaim_filing = ["CI"]\n'
        '[[payer]]\nname = "B"\nids = ["87726"]\nclaim_filing = ["16"]\n'
    ))  # fmt: skip

    def bill(n: int, filing: str, payer: str = "87726", on: str = "20260315") -> None:
        practice.bill(n, payer=payer, on=on)
        newest = max((tmp_path / "inbox").glob("*.837"))
        newest.write_text(newest.read_text().replace("*******CI~", f"*******{filing}~"))

    if other == "in an earlier run":
        bill(2, "CI", payer="ACME1")
        practice.run()
    bill(1, "16")
    practice.hear(1, number="N1")
    practice.run()
    bill(1, "CI", on="20260405")
    practice.run()
    if other == "in the same run":
        bill(2, "CI", payer="ACME1")
    practice.hear(1, paid=300, number="N2", on="20260415")
    practice.run()
    denial = practice.denials()["PCN1"]
    assert (denial["status"], denial["recovered_amount"]) == ("open", 0)
