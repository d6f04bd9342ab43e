"""Every invariant holds over a whole month, and each goes red when what it guards is broken."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from warehouse import steps, verify_sent
from warehouse.database import Terminal, Warehouse
from warehouse.settings import Settings
from warehouse.verify import MOST_SHOWN, PROMISES, Verification, checks, verify

DAY = date(2026, 10, 1)
Break = Callable[..., None]


def verified(home: Settings, as_of: date = DAY) -> Verification:
    with steps.opened(home) as opened:
        return verify(opened, home, as_of=as_of)


@pytest.fixture
def change(home: Settings) -> Break:
    """Changes rows behind the product's back; constraints are off."""

    def run(*statements: str) -> None:
        with closing(sqlite3.connect(home.home / "warehouse.db")) as connection:
            connection.execute("pragma ignore_check_constraints = on")
            for statement in statements:
                assert connection.execute(statement).rowcount != 0, statement
            connection.commit()

    return run


def one(home: Settings, sql: str) -> Any:
    with closing(sqlite3.connect(home.home / "warehouse.db")) as connection:
        return connection.execute(sql).fetchone()[0]


def test_every_invariant_has_its_promise_and_every_check_its_head() -> None:
    assert list(PROMISES) == ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I12"]
    assert {check.invariant for check in checks()} <= set(PROMISES)
    assert all(check.hurt and check.row for check in checks())


def test_an_empty_warehouse_has_nothing_to_check(warehouse: Warehouse, tmp_path: Path) -> None:
    found = verify(warehouse, Settings(home=tmp_path), as_of=DAY)
    assert [result.holds for result in found.results] == [None] * len(PROMISES)
    assert found.holds


def test_a_month_holds(home: Settings) -> None:
    found = verified(home)
    assert {r.code: (r.holds, r.violations) for r in found.results} == {
        code: (None if code == "I12" else True, []) for code in PROMISES
    }
    assert all(r.checked for r in found.results if r.code != "I12")
    # The month has one payment whose line does not add up: loaded, marked, and said.
    assert found.result("I4").reported_count == 1
    assert found.as_dict()["holds"] is True


FIRST_FILE = "update file set {} where file_id = (select min(file_id) from file where kind = '{}')"
FIRST_SENT = "(select min(outbound_file_id) from outbound_file)"
SENT_CLAIM = "(select min(outbound_claim_id) from outbound_claim)"
BROKEN = {
    "i1_one_state": [
        ("update file set status = 'gone' where kind = '835' and status = 'loaded'",),
        ("update file set status = 'quarantined' where kind = '835' and status = 'loaded'",),
        ("update file set sha256 = null where status = 'duplicate'",),
        ("update file set status = 'waiting' where status = 'duplicate'",),
        ("delete from quarantine_item where file_id is not null",),
    ],
    "i2_segments": [(FIRST_FILE.format("kept_count = kept_count - 1", "837P"),)],
    "i3_claims": [
        (FIRST_FILE.format("claim_count = claim_count + 1", "835"),),
        ("update file set quarantined_claim_count = 1 where status = 'quarantined'",),
    ],
    "i4_service_marks": [
        ("update service_payment set is_balanced = 1 where is_balanced = 0",),
        ("update adjustment set amount_cents = amount_cents + 1 where group_code = 'CO'",),
    ],
    "i4_claim_marks": [
        ("update claim_payment set is_balanced = 1 where is_balanced = 0",),
        ("update claim_payment set is_balanced = 0 where is_balanced = 1",),
    ],
    "i4_payment_marks": [
        ("update remittance set payment_cents = payment_cents + 1",),
        ("update provider_adjustment set amount_cents = amount_cents + 1",),
    ],
    "i4_emitted": [
        (
            "update claim_payment set is_balanced = 0 where claim_payment_id in (select"
            " claim_payment_id from denial where status = 'emitted')",
        ),
    ],
    "i6_net": [
        ("update service_payment set payment_cents = payment_cents + 1",),
        ("delete from service_payment",),
    ],
    "i6_taken_back": [
        (
            "update claim_payment set reverses_id = (select reverses_id from claim_payment where"
            " reverses_id is not null) where claim_payment_id = 1",
        ),
        ("update claim_payment set is_reversal = 0 where reverses_id is not null",),
        ("update claim_payment set submission_id = 1 where reverses_id is not null",),
        ("update claim_payment set payment_cents = 7 where reverses_id is not null",),
    ],
    "i7_one_to_one": [
        (
            "drop index uq_outbound_file_isa13",
            "update outbound_file set interchange_control_number = '900000000'",
        ),
    ],
    "i7_registered": [
        ("update file set sha256 = 'ab' where origin = 'emitted'",),
        ("update file set interchange_control_number = '1' where origin = 'emitted'",),
        ("update file set origin = 'shadow' where origin = 'emitted'",),
        ("update file set file_name = 'other' where origin = 'emitted'",),
    ],
    "i7_one_open": [
        (
            "drop index uq_outbound_claim_open",
            "update outbound_claim set claim_id = 1, payer_key = ''",
        ),
    ],
    "i7_open_state": [
        ("update outbound_claim set is_open = 0",),
        ("update outbound_claim set state = 'adjudicated'",),
        ("update outbound_file set folder = 'shadow'",),
    ],
    "i9_never_listed": [
        ("update outbound_file set emitted_at = null",),
        ("update outbound_file set state = 'acknowledged'",),
    ],
}


def test_every_check_that_can_be_violated_is_broken_here() -> None:
    assert set(BROKEN) == {check.name for check in checks() if check.severity == "error"}


@pytest.mark.parametrize(
    ("name", "statements"),
    [pytest.param(n, s, id=f"{n}-{i}") for n, all_ in BROKEN.items() for i, s in enumerate(all_)],
)
def test_a_check_goes_red(
    name: str, statements: tuple[str, ...], home: Settings, change: Break
) -> None:
    change(*(s.replace("drop index", "drop index if exists") for s in statements))
    [check] = [check for check in checks() if check.name == name]
    found = verified(home)
    result = found.result(check.invariant)
    assert result.holds is False and not found.holds
    assert any(words.startswith(f"{check.row}: ") for words in result.violations)
    # What contradicts what is told, and never left open.
    assert not [words for words in result.violations if words.endswith(("None", "null"))]
    assert len(result.violations) <= MOST_SHOWN


def test_a_reversal_without_a_pair_is_said_and_no_violation(home: Settings, change: Break) -> None:
    change("update claim_payment set reverses_id = null where reverses_id is not null")
    result = verified(home).result("I6")
    assert any("reversal that takes back no decision" in words for words in result.reported)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update submission set charge_cents = charge_cents + 1 where submission_id = 1",
         "CLM02 in the warehouse"),
        ("update submitted_line set charge_cents = charge_cents + 1 where submission_id = 1",
         "sum of SV102 in the warehouse"),
        ("delete from submitted_line where submission_id = 1", "SV1 segments: here 0"),
        ("update claim_payment set payment_cents = 1 where claim_payment_id = 1", "CLP04"),
        ("update claim_payment set charge_cents = 1 where claim_payment_id = 1", "CLP03"),
        ("update service_payment set payment_cents = payment_cents + 1 where claim_payment_id = 1",
         "sum of SVC03"),
        ("update service_payment set charge_cents = charge_cents + 1 where claim_payment_id = 1",
         "sum of SVC02"),
        ("update adjustment set amount_cents = amount_cents + 1", "sum of CAS"),
        ("update remittance set payment_cents = payment_cents + 1", "BPR02"),
        ("delete from provider_adjustment", "sum of PLB"),
        ("update file set charge_cents = charge_cents + 1", "charge in the warehouse"),
        ("update file set payment_cents = payment_cents + 1", "payment in the warehouse"),
        ("update submission set segment_position = segment_position + 1 where submission_id = 1",
         "no such claim in the file"),
        ("update file set sha256 = 'abcd' where status = 'loaded'", "not in the archive"),
    ],
)  # fmt: skip
def test_a_cent_that_is_not_the_files_is_found(
    statement: str, said: str, home: Settings, change: Break
) -> None:
    change(statement)
    result = verified(home).result("I5")
    assert result.holds is False
    assert any(said in words for words in result.violations), result.violations


def test_archived_bytes_that_changed_are_found(home: Settings) -> None:
    path = next(p for p in home.folder("archive").rglob("*") if p.is_file())
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    result = verified(home).result("I5")
    assert result.violations[0].endswith("the archive holds other bytes under its digest")


def test_a_segment_that_was_not_read_is_found(home: Settings, change: Break) -> None:
    change("update file set segment_count = segment_count - 1, mapped_count = mapped_count - 1"
           " where file_id = 1")  # fmt: skip
    [words] = verified(home).result("I2").violations
    assert words.startswith("file_id 1: segments in the file")


@pytest.fixture
def resend(home: Settings, change: Break) -> Callable[[bytes, bytes], None]:
    """The last file that was sent with some bytes of it changed, in ledger, archive and folder."""

    def run(old: bytes, new: bytes) -> None:
        key = one(home, "select max(outbound_file_id) from outbound_file")
        content: bytes = one(
            home, f"select content from outbound_file where outbound_file_id={key}"
        )
        assert old in content
        content = content.replace(old, new)
        digest = hashlib.sha256(content).hexdigest()
        name = one(home, f"select file_name from outbound_file where outbound_file_id = {key}")
        change(
            f"update outbound_file set content = x'{content.hex()}', sha256 = '{digest}'"
            f" where outbound_file_id = {key}",
            f"update file set sha256 = '{digest}' where file_name = '{name}'",
        )
        (home.folder("outbox") / name).write_bytes(content)

    return run


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"*UN*1***1~", b"*UN*2***1~", "2400[1]/SV104 differs, and no correction"),
        (b"*11:B:7*", b"*11:B:1*", "CLM05-3 is not the ledger's"),
        (b"REF*F8*", b"REF*F8*9", "REF*F8 is not the ledger's"),
        (b"REF*G1*", b"REF*G1*9", "2300/REF*G1 differs, and no correction"),
        (b"REF*G1*", b"REF*G4*", "the correction of 2300/REF*G1 is not in it"),
        (b"CLM*DP", b"CLM*DQ", "CLM01 is not the original's"),
        (b"005010X222A1", b"005010X222A2", "GS08 is not 005010X222A1"),
        (b"HL*1**20*1", b"HL*1**21*1", "at "),
        (b"IEA*1*", b"IEA*2*", "at IEA01"),
        (b"CLM*", b"CLX*", "UNRECOGNIZED_SEGMENT_ID at 2010BB/CLX"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_meet_the_contract_is_found(
    old: bytes, new: bytes, said: str, home: Settings, resend: Callable[[bytes, bytes], None]
) -> None:
    resend(old, new)
    result = verified(home).result("I8")
    assert result.holds is False
    assert any(said in words for words in result.violations), result.violations


def test_a_number_that_the_payer_never_gave_is_found(home: Settings, change: Break) -> None:
    change("update claim_payment set payer_claim_control_number = 'X'")
    assert any("no number that the payer gave" in words
               for words in verified(home).result("I8").violations)  # fmt: skip


def test_an_original_number_with_an_original_claim_is_found(home: Settings, change: Break) -> None:
    change("update outbound_claim set claim_frequency_code = '1'")
    assert any(words.endswith("frequency 1 with REF*F8")
               for words in verified(home).result("I8").violations)  # fmt: skip


def test_a_partner_may_pick_a_file_up_but_not_change_it(home: Settings) -> None:
    first, second, *_ = sorted(home.folder("outbox").iterdir())
    first.unlink()
    assert verified(home).result("I7").holds
    second.write_bytes(second.read_bytes() + b"\n")
    [words] = verified(home).result("I7").violations
    assert words == f"outbox/{second.name}: other bytes than the ledger's"


def test_a_file_in_the_outbox_that_we_never_made_is_found(home: Settings) -> None:
    sent = next(home.folder("outbox").iterdir())
    (home.folder("outbox") / "DOE_JANE.837").write_bytes(sent.read_bytes())
    (home.folder("outbox") / "notes.txt").write_text("not X12")
    (home.folder("shadow") / sent.name).write_bytes(sent.read_bytes())
    assert verified(home).result("I7").violations == [
        f"shadow/{sent.name}: belongs into outbox/",
        f"outbox/: an interchange of {sent.stat().st_size} bytes that we never made",
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update outbound_file set content = x'00'", "no single interchange"),
        ("update outbound_file set sha256 = 'a' || outbound_file_id", "the ledger's digest"),
        ("update outbound_file set interchange_control_number = '8' || outbound_file_id",
         "in the ledger 8"),
        ("update outbound_file set file_name = 'a' || outbound_file_id",
         "the name does not carry"),
    ],
)  # fmt: skip
def test_name_number_digest_and_bytes_are_one(
    statement: str, said: str, home: Settings, change: Break
) -> None:
    change(statement)
    assert any(said in words for words in verified(home).result("I7").violations)


def test_what_was_never_answered_is_listed(home: Settings, change: Break) -> None:
    count = one(home, "select count(*) from outbound_file")
    assert not verified(home, DAY).result("I9").reported
    late = verified(home, date(2026, 10, 2)).result("I9")
    assert late.holds and late.reported_count == count
    change("update outbound_file set state = 'unconfirmed'")
    assert verified(home, DAY).result("I9").reported_count == count
    change("update outbound_file set state = 'acknowledged', acknowledged_at = emitted_at")
    assert not verified(home, date(2026, 10, 2)).result("I9").reported


def test_violations_name_no_patient(home: Settings, change: Break, month: Path) -> None:
    change(
        "update correction set place = '2010BA/NM109', new_value = 'W123456789'",
        "update submission set charge_cents = charge_cents + 1",
        "update claim_payment set payment_cents = payment_cents + 1",
    )
    found = verified(home)
    words = " ".join(w for r in found.results for w in r.violations + r.reported)
    member_ids = one(home, "select group_concat(distinct member_id) from submission").split(",")
    numbers = one(
        home, "select group_concat(distinct patient_control_number) from submission"
    ).split(",")
    assert not [shown for shown in (*member_ids, *numbers, "W123456789") if shown in words]


def test_a_check_without_its_head_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "sql" / "checks"
    folder.mkdir(parents=True)
    (folder / "i1_nothing.sql").write_text("select 1")
    monkeypatch.setattr("warehouse.verify.resources.files", lambda _: tmp_path)
    with pytest.raises(Terminal, match=r"i1_nothing\.sql does not begin"):
        checks()


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list(verify_sent.unknown_files(Settings(home=tmp_path), ())) == []
