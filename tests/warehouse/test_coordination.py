"""A second payer that is told what the first one decided, from the drops to its payment."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from edi.balance import balance_prior_payers
from edi.read_835 import read_835
from edi.remittance import ClaimPayment
from edi.validate import check_text
from simulator.scenario import STATE
from simulator.scenarios import Month, make_month
from warehouse import review, steps
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.outbound import read_back
from warehouse.primary_remittances import _is_another, _services
from warehouse.settings import Settings
from warehouse.timeline import timeline
from warehouse.verify import verify

DAY, NOW = date(2026, 4, 1), datetime(2030, 1, 1)
KNOWN, UNKNOWN = "SC1001", "SC1002"
RULE = "coordination.primary-remittance"
SETTINGS = '[intake]\nsettle_seconds = 0\n[emission]\nmode = "live"\nautomatic = ["*"]\n'


@pytest.fixture
def month() -> Month:
    """Two claims that a second payer denied with CARC 22; of one the first payer's 835 is here."""
    return make_month("22-other-payer-first")


def home_of(folder: Path, month: Month, *without: str, **instead: bytes) -> Settings:
    home = folder / "home"
    home.mkdir()
    (home / "reclaim.toml").write_text(SETTINGS)
    (home / "payers.toml").write_bytes(month.files["payers.toml"])
    settings = steps.initialise(home)
    for name, data in month.files.items():
        if name.startswith("inbox/") and name not in without:
            stem = Path(name).stem + "_" + Path(name).suffix[1:]
            (home / name).write_bytes(instead.get(stem, data))
    steps.run(settings, as_of=DAY, now=NOW)
    return settings


def rows(settings: Settings, statement: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(statement)]
    finally:
        connection.close()


def decided(settings: Settings, number: str) -> dict[str, Any]:
    (row,) = rows(
        settings,
        "select * from mart_denial where reason_code = '22' "
        f"and patient_control_number = '{number}'",
    )
    return row


def approve(settings: Settings, denial_id: int) -> None:
    warehouse = Warehouse(settings.url)
    try:
        review.approve(warehouse, settings, str(denial_id), by="biller.b", as_of=DAY, now=NOW)
    finally:
        warehouse.close()


def sent(settings: Settings) -> bytes:
    (path,) = settings.folder("outbox").iterdir()
    return path.read_bytes()


def holds(settings: Settings) -> None:
    warehouse = Warehouse(settings.url)
    try:
        found = verify(warehouse, settings, as_of=DAY)
        assert found.holds, [(r.code, r.violations) for r in found.results if r.violations]
    finally:
        warehouse.close()


def test_the_second_payer_is_told_and_pays(tmp_path: Path, month: Month) -> None:
    settings = home_of(tmp_path, month)
    row = decided(settings, KNOWN)
    assert (row["decision"], row["path"], row["rule_code"], row["status"]) == (
        "corrected", "replacement", RULE, "awaiting_approval",
    )  # fmt: skip
    other = decided(settings, UNKNOWN)
    assert (other["decision"], other["path"], other["missing_evidence"]) == (
        "needs_evidence", "bill_other_payer", "primary_remittance",
    )  # fmt: skip
    assert not list(settings.folder("outbox").iterdir())
    approve(settings, row["denial_id"])
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert (result.emitted_claims, result.refused) == (1, ())
    data = sent(settings)
    assert check_text(data) == ()
    _tells_the_first_payer_s_own_words(data, tmp_path, month)
    payer = month.payers[STATE.identifier]
    answer = payer.answer([data], paid_on=date(2026, 4, 9), control_number=9001)
    paid = answer.decided.claims[-1]  # before it the payer takes its denial back
    assert paid.paid > 0 and paid.status_code == "2"
    (settings.folder("inbox") / "second.835").write_bytes(answer.data)
    steps.run(settings, as_of=date(2026, 4, 10), now=NOW)
    row = decided(settings, KNOWN)
    assert (row["status"], round(row["recovered_amount"] * 100)) == ("recovered", paid.paid)
    holds(settings)
    assert not rows(settings, "select * from claim_payment where submission_id is null")
    before = rows(settings, "select * from mart_correction order by correction_id")
    steps.run(settings, as_of=date(2026, 4, 10), now=NOW)
    assert rows(settings, "select * from mart_correction order by correction_id") == before


def _tells_the_first_payer_s_own_words(data: bytes, folder: Path, month: Month) -> None:
    path = folder / "primary.835"
    path.write_bytes(month.files["inbox/primary.835"])
    (payment,) = [e for e in read_835(path) if isinstance(e, ClaimPayment)]
    (claim,) = read_back(data)
    (prior,) = claim.other_payers
    assert claim.subscriber.information is not None
    assert claim.subscriber.information.payer_responsibility_sequence_code == "S"
    assert (prior.amount("D"), prior.payer_id) == (
        payment.information.claim_payment_amount, "87726",
    )  # fmt: skip
    assert prior.payer and prior.payer.reference("F8") == payment.payer_claim_control_number
    for line, service in zip(claim.service_lines, payment.service_payments, strict=True):
        (told,) = line.adjudications
        assert told.adjustments == service.adjustments
        paid = service.line_item_provider_payment_amount
        assert told.adjudication.service_line_paid_amount == paid
        assert told.adjudicated_on == date(2026, 3, 4)
    assert balance_prior_payers(claim) == ()


def test_the_answer_that_comes_late_is_found_by_the_next_run(tmp_path: Path, month: Month) -> None:
    settings = home_of(tmp_path, month, "inbox/primary.835")
    row = decided(settings, KNOWN)
    assert (row["decision"], row["path"]) == ("needs_evidence", "bill_other_payer")
    (settings.folder("inbox") / "late.835").write_bytes(month.files["inbox/primary.835"])
    steps.run(settings, as_of=DAY, now=NOW)
    assert decided(settings, KNOWN)["decision"] == "corrected"


def test_without_the_claim_to_the_first_payer_nobody_knows_who_is_insured_there(
    tmp_path: Path, month: Month
) -> None:
    settings = home_of(tmp_path, month, "inbox/primary.837")
    row = decided(settings, KNOWN)
    assert (row["decision"], row["missing_evidence"]) == ("needs_evidence", "primary_claim")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"CLP*SC1001*1*", b"CLP*SC1001*19*", "hold"),
        (b"CLP*SC1001*1*", b"CLP*SC1001*4*", "review"),
        (b"CAS*CO*45*", b"CAS*CO*109*", "review"),
    ],
)
def test_what_is_no_final_answer_of_the_first_payer_goes_nowhere(
    tmp_path: Path, month: Month, old: bytes, new: bytes, path: str
) -> None:
    data = month.files["inbox/primary.835"]
    assert old in data
    settings = home_of(tmp_path, month, primary_835=data.replace(old, new))
    row = decided(settings, KNOWN)
    assert (row["decision"], row["path"], row["rule_code"]) == ("refused", path, RULE)


def test_a_resend_refused_by_the_first_payer_is_no_second_answer(
    tmp_path: Path, month: Month
) -> None:
    data = month.files["inbox/primary.835"]
    start, end = data.index(b"CLP*"), data.index(b"\nSE*")
    refused = (
        b"CLP*SC1001*1*920*0**12*AC9*11*1~NM1*QC*1*TESTCASE*S1001****MI*W50001001~"
        b"SVC*HC:64483:RT*920*0**0~DTM*472*20260302~CAS*OA*18*920~"
    )
    again = data[:start] + refused + data[end:]
    again = re.sub(rb"BPR\*I\*[^*]*\*C\*[A-Z]*", b"BPR*I*0*C*NON", again)
    again = re.sub(rb"TRN\*1\*[^*]*", b"TRN*1*AGAIN", again)
    count = again[again.index(b"ST*835") : again.index(b"\nSE*")].count(b"~") + 1
    again = re.sub(rb"\nSE\*\d+", f"\nSE*{count}".encode(), again)
    again = again.replace(b"000000401", b"000000402").replace(b"*20260304~", b"*20260311~")
    settings = home_of(tmp_path, month)
    (settings.folder("inbox") / "again.835").write_bytes(again)
    result = steps.run(settings, as_of=DAY, now=NOW)
    assert result.received.files["loaded"] == 1
    mart = "select * from mart_adjustment where reason_code = '18'"
    assert len(rows(settings, mart)) == 1
    assert decided(settings, KNOWN)["decision"] == "corrected"


def test_no_file_of_evidence_can_say_it(tmp_path: Path, month: Month) -> None:
    settings = home_of(tmp_path, month, "inbox/primary.835")
    record = {"kind": "primary_remittance", "document_id": "835 X CLP 1", "attested_by": "coder.a",
              "attested_on": "2026-03-20", "patient_control_number": KNOWN}  # fmt: skip
    (settings.folder("evidence") / "made_up.jsonl").write_text(json.dumps(record) + "\n")
    result = steps.run(settings, as_of=DAY, now=NOW)
    assert result.received.evidence["quarantined"] == 1
    assert decided(settings, KNOWN)["decision"] == "needs_evidence"


def test_what_tells_who_is_insured_is_not_shown(tmp_path: Path, month: Month) -> None:
    settings = home_of(tmp_path, month)
    denial_id = str(decided(settings, KNOWN)["denial_id"])
    found = rows(settings, "select place, new_value, evidence from mart_correction")
    by_place = {row["place"]: row["new_value"] for row in found}
    assert by_place["2330A[1]"] is None and by_place["2000B/SBR01"] == "S"
    assert by_place["2430[1]"].startswith("SVD*87726*")
    assert len({row["evidence"] for row in found}) == 1
    warehouse = Warehouse(settings.url)
    shown = str(review.show(warehouse, settings, denial_id, as_of=DAY)) + str(found)
    shown += str(timeline(warehouse, KNOWN))
    warehouse.close()
    claim = next(s.claim for s in month.scenarios if s.claim.patient_control_number == KNOWN)
    for secret in (claim.member_id, claim.subscriber.first_name, claim.subscriber.address.street):
        assert secret not in shown


@pytest.mark.parametrize(
    "statement",
    [
        "update correction set new_value = replace(new_value, '*45*', '*45*1') "
        "where place = '2430[1]'",
        "update adjustment set amount_cents = amount_cents + 1 where group_code = 'PR'",
        "update claim_payment set claim_status_code = '19' where claim_status_code = '1' "
        "and payment_cents > 0",
        "update claim_payment set is_balanced = false",
    ],
)
def test_an_approved_telling_goes_only_as_the_835_still_has_it(
    tmp_path: Path, month: Month, statement: str
) -> None:
    settings = home_of(tmp_path, month)
    approve(settings, decided(settings, KNOWN)["denial_id"])
    warehouse = Warehouse(settings.url)
    with warehouse.write() as connection:
        connection.execute(text(statement))
    warehouse.close()
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert len(result.refused) == 1
    assert not list(settings.folder("outbox").iterdir())


@pytest.mark.parametrize(
    ("one", "other", "is_another"),
    [("zz1", "ZZ1", False), (None, "", False), ("ZZ1", "ZZ2", True), ("ZZ1", None, True)],
)
def test_a_claim_sent_again_to_a_payer_that_nobody_named_went_to_no_other(
    tmp_path: Path, one: str | None, other: str | None, is_another: bool
) -> None:
    settings = steps.initialise(tmp_path)
    sent = [SimpleNamespace(payer_id=i, claim_filing_indicator="CI") for i in (one, other)]
    assert _is_another(settings, *sent) is is_another  # type: ignore[arg-type]


@pytest.mark.usefixtures("small_claim")
def test_the_claim_s_own_level_is_no_line_of_what_the_first_payer_decided(
    warehouse: Warehouse, keep: Any
) -> None:
    keep(t.service_payment, service_position=0, line_position=None)
    with warehouse.read() as connection:
        found = _services(connection, [1])
    assert [row.service_position for row in found[1]] == [1, 2]
