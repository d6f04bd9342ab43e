"""Acknowledgments through the pipeline: linked to what they answer, and what changes with that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from simulator.acknowledgments import (
    Batch,
    ClaimAnswer,
    GroupAnswer,
    InterchangeAnswer,
    LineAnswer,
    Post,
    SetAnswer,
    write_277ca,
    write_999,
    write_ta1,
)
from warehouse import review, steps
from warehouse.archive import archived
from warehouse.demo.approve import approve_all
from warehouse.home import initialise
from warehouse.settings import Settings, load_settings
from warehouse.timeline import timeline
from warehouse.verify import verify

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
DAY = date(2026, 10, 2)
NOW = datetime(2026, 10, 2, 9)
POST = Post(at=datetime(2026, 10, 2, 6, 30))


@dataclass(frozen=True)
class Sent:
    """The last file of the month that went out, and its first claim."""

    file_name: str
    isa13: str
    sent_at: datetime
    number: str
    cents: int
    served_on: date
    member_id: str
    submission_id: int
    emitted_submission_id: int

    def claim(self, *codes: str, action: str = "WQ", **more: Any) -> ClaimAnswer:
        return ClaimAnswer(self.number, self.cents, self.served_on, codes or ("A2:20",), action,
                           member_id=self.member_id, **more)  # fmt: skip

    @property
    def batch(self) -> Batch:
        return Batch(reference=f"R{self.isa13}")


def rows(settings: Settings, sql: str) -> list[Any]:
    with steps.opened(settings) as warehouse, warehouse.read() as connection:
        return list(connection.execute(text(sql)).all())


def value(settings: Settings, sql: str) -> Any:
    [[found]] = rows(settings, sql)
    return found


@pytest.fixture
def sent(home: Settings) -> Sent:
    [row] = rows(
        home,
        """
        select f.file_name, f.interchange_control_number, x.isa, s.patient_control_number,
               s.charge_cents, s.first_service_date, s.member_id, oc.submission_id,
               oc.emitted_submission_id
        from outbound_claim as oc
        join outbound_file as f on f.outbound_file_id = oc.outbound_file_id
        join submission as s on s.submission_id = oc.emitted_submission_id
        join x12_transaction as x on x.transaction_id = s.transaction_id
        order by oc.outbound_claim_id desc limit 1
        """,
    )
    isa = row.isa.split(row.isa[3])
    return Sent(
        row.file_name, row.interchange_control_number,
        datetime.strptime(isa[9] + isa[10], "%y%m%d%H%M"), row.patient_control_number,
        row.charge_cents, date.fromisoformat(row.first_service_date), row.member_id,
        row.submission_id, row.emitted_submission_id,
    )  # fmt: skip


Answer = Callable[..., None]


@pytest.fixture
def answer(home: Settings) -> Answer:
    """Drops acknowledgments one after the other, each in a run of its own."""
    number = iter(range(1, 1000))

    def drop(*files: bytes) -> None:
        for data in files:
            (home.folder("inbox") / f"drop{next(number)}.txt").write_bytes(data)
            totals = steps.receive(home, as_of=DAY, now=NOW)
            assert totals.files["loaded"] == 1, totals.files
            steps.match(home, as_of=DAY)

    return drop


def outbound(settings: Settings, sent: Sent) -> tuple[Any, ...]:
    found = rows(
        settings,
        "select state, acknowledged_at from mart_outbound where file_name = "
        f"'{sent.file_name}' and patient_control_number = '{sent.number}'",
    )
    return found[0].state, str(found[0].acknowledged_at or "")[:16]


def submission(settings: Settings, key: int) -> tuple[Any, ...]:
    [row] = rows(
        settings,
        "select status, status_codes, accepted_on from mart_submission "
        f"where submission_id = {key}",
    )
    return tuple(row)


def group(sent: Sent, code: str = "A", reason: str = "", **more: Any) -> bytes:
    answer = SetAnswer("0001", code, reason, **more)
    return write_999(POST, GroupAnswer(str(int(sent.isa13)), (answer,)))


def test_a_999_acknowledges_what_we_sent(home: Settings, sent: Sent, answer: Answer) -> None:
    assert outbound(home, sent) == ("emitted", "")
    answer(group(sent))
    assert outbound(home, sent) == ("acknowledged", "2026-10-02 06:30")
    assert outbound_of(home, sent.emitted_submission_id) == "acknowledged"
    assert submission(home, sent.emitted_submission_id) == ("pending", None, None)
    assert value(home, "select count(*) from mart_outbound where state = 'acknowledged'") == value(
        home, f"select count(*) from mart_outbound where file_name = '{sent.file_name}'"
    )


def test_a_999_with_errors_noted_acknowledges_all_the_same(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    answer(group(sent, "E", errors=(("NM1", 8, "2010", "8", "1"),)))
    assert outbound(home, sent)[0] == "acknowledged"


def test_what_could_not_be_confirmed_is_acknowledged(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    with steps.opened(home) as warehouse, warehouse.write() as connection:
        connection.execute(text("update outbound_file set state='unconfirmed', emitted_at=null"))
        connection.execute(text("update outbound_claim set state='unconfirmed'"))
    ta1 = InterchangeAnswer(sent.isa13, sent.sent_at)
    answer(write_ta1(POST, ta1))
    # It got there, so it was sent; whether it can be read a 999 will say.
    assert outbound(home, sent) == ("emitted", "")
    answer(group(sent))
    assert outbound(home, sent)[0] == "acknowledged"
    assert verify_holds(home)


def verify_holds(settings: Settings) -> bool:
    with steps.opened(settings) as warehouse:
        found = verify(warehouse, settings, as_of=DAY)
    assert found.holds, [r.violations for r in found.results if r.violations]
    return found.holds


def test_only_the_payers_own_acceptance_is_the_payers(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    clearinghouse = replace(sent.batch, claims=(sent.claim("A1:19:PR"),))
    answer(group(sent), write_277ca(POST, clearinghouse))
    assert outbound(home, sent)[0] == "acknowledged"
    assert submission(home, sent.emitted_submission_id) == ("pending", "A1:19:PR", None)
    payer = replace(sent.batch, source="PR", reference="THEIRS", claims=(sent.claim("A2:20"),))
    answer(write_277ca(POST, payer))
    assert outbound(home, sent)[0] == "accepted"
    assert submission(home, sent.emitted_submission_id) == ("pending", "A2:20", "2026-10-02")
    assert verify_holds(home)


@pytest.mark.parametrize("code", ["A3:21:82", "A6:21:82", "A7:562:85", "A8:496:85"])
def test_a_claim_that_is_turned_back_waits_for_a_new_claim(
    code: str, home: Settings, sent: Sent, answer: Answer
) -> None:
    denials = rows(home, "select * from mart_denial")
    emitted = [d for d in denials if d.submission_id == sent.submission_id]
    assert {d.status for d in emitted} >= {"emitted"}
    line = LineAnswer("62323", 100, ("A7:507",))
    claim = sent.claim(code, action="U", lines=(line,))
    answer(group(sent), write_277ca(POST, replace(sent.batch, claims=(claim,))))
    assert outbound(home, sent)[0] == "rejected"
    status, codes, accepted = submission(home, sent.emitted_submission_id)
    assert (status, codes, accepted) == ("rejected", f"{code},A7:507", None)
    assert len(rows(home, "select * from mart_denial")) == len(denials)
    assert value(home, "select is_open from outbound_claim order by outbound_claim_id desc "
                       "limit 1") in (0, False)  # fmt: skip
    assert submission(home, sent.submission_id)[0] == "adjudicated"
    again = rows(home, f"select * from mart_denial where submission_id = {sent.submission_id}")
    assert not [d for d in again if d.status == "emitted"]
    assert [d for d in again if d.status == "open"]
    assert verify_holds(home)
    [item] = [i for i in queue(home) if i.review_id == f"s{sent.emitted_submission_id}"]
    assert (item.path, item.status) == ("new_claim", "rejected")
    assert code in (item.explanation or "")


def queue(settings: Settings) -> list[review.ReviewItem]:
    with steps.opened(settings) as warehouse:
        return review.waiting(warehouse, as_of=DAY)


def test_what_was_turned_back_goes_again_only_when_a_person_says_so(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    answer(group(sent, "R", "5"))
    count = value(home, "select count(*) from outbound_claim")
    for _ in range(2):
        steps.propose(home, as_of=DAY)
        assert steps.emit(home, as_of=DAY, now=NOW).emitted_claims == 0
    waits = rows(
        home,
        f"select * from denial where submission_id = {sent.submission_id} "
        "and status = 'awaiting_approval'",
    )
    assert waits and all("sent before and turned back" in d.needs_person for d in waits)
    with steps.opened(home) as warehouse:
        approve_all(warehouse, home, as_of=DAY)
    emitted = steps.emit(home, as_of=DAY, now=NOW)
    assert emitted.emitted_claims and not emitted.refused
    assert value(home, "select count(*) from outbound_claim") == count + emitted.emitted_claims
    steps.match(home, as_of=DAY)
    # A new one is on its way, so the one that was turned back waits for nobody any more.
    assert f"s{sent.emitted_submission_id}" not in {i.review_id for i in queue(home)}
    assert verify_holds(home)
    # A late word of the first one must not make two of them open.
    answer(write_277ca(replace(POST, at=datetime(2026, 10, 3, 6)),
                       replace(sent.batch, claims=(sent.claim("A2:20"),))))  # fmt: skip
    assert outbound_of(home, sent.emitted_submission_id) == "rejected"
    assert verify_holds(home)


def outbound_of(settings: Settings, key: int) -> str:
    return str(value(settings, "select state from outbound_claim where emitted_submission_id = "
                               f"{key}"))  # fmt: skip


def test_a_rejection_that_is_taken_back_opens_the_claim_again(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    before = rows(home, "select denial_id, status from mart_denial order by 1")
    answer(write_277ca(POST, replace(sent.batch, claims=(sent.claim("A7:562", action="U"),))))
    steps.propose(home, as_of=DAY)
    later = replace(POST, at=datetime(2026, 10, 3, 6))
    answer(write_277ca(later, replace(sent.batch, claims=(sent.claim("A2:20"),))))
    assert outbound(home, sent)[0] == "acknowledged"
    assert rows(home, "select denial_id, status from mart_denial order by 1") == before
    assert submission(home, sent.submission_id)[0] == "superseded"
    assert verify_holds(home)


def test_a_ta1_that_refuses_the_interchange_turns_its_claims_back(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    other_day = sent.sent_at.replace(day=1 + sent.sent_at.day % 27)
    answer(write_ta1(POST, InterchangeAnswer(sent.isa13, other_day, "R", "006")))
    assert outbound(home, sent)[0] == "emitted"  # another interchange of that number
    answer(write_ta1(POST, InterchangeAnswer(sent.isa13, sent.sent_at, "R", "006")))
    assert outbound(home, sent)[0] == "rejected"
    assert submission(home, sent.emitted_submission_id)[:2] == ("rejected", "TA1:R,TA105:006")
    assert value(
        home, f"select state from outbound_file where file_name = '{sent.file_name}'"
    ) == "rejected"  # fmt: skip


def test_a_number_alone_links_nothing(home: Settings, answer: Answer, sent: Sent) -> None:
    [read] = rows(
        home,
        "select x.* from x12_transaction as x join submission as s "
        "on s.transaction_id = x.transaction_id where s.origin = 'read' limit 1",
    )
    reject = GroupAnswer(read.group_control_number,
                         (SetAnswer(read.set_control_number, "R", "5"),))  # fmt: skip
    stranger = write_999(replace(POST, sender="SOMEBODY", receiver="ELSE"), reject)
    foreign = replace(reject, kind="HP", version="005010X221A1")
    wrong = replace(sent.claim("A7:562", action="U"), cents=1, member_id="X", served_on=DAY)
    answer(stranger, write_999(POST, foreign),
           write_277ca(POST, replace(sent.batch, claims=(wrong,))))  # fmt: skip
    assert value(home, "select count(*) from mart_submission where status = 'rejected'") == 0
    isa = read.isa.split(read.isa[3])
    answer(write_999(replace(POST, sender=isa[8].strip(), receiver=isa[6].strip(), number=9),
                     reject))  # fmt: skip
    found = rows(
        home,
        "select s.status, s.status_codes, exists (select 1 from claim_payment as cp "
        "where cp.submission_id = s.submission_id) as is_answered from submission as s "
        f"where transaction_id = {read.transaction_id}",
    )
    assert {r.status_codes for r in found} == {"999:R,IK502:5"}
    # What the payer has adjudicated was not turned back, whatever a late 999 says.
    assert all((r.status == "rejected") is not bool(r.is_answered) for r in found)
    assert any(r.is_answered for r in found)


def test_which_comes_first_does_not_matter(
    home: Settings, sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECLAIM_WAREHOUSE", raising=False)
    answers = [
        group(sent),
        write_277ca(POST, replace(sent.batch, claims=(sent.claim("A1:19:PR"),))),
        write_277ca(replace(POST, at=datetime(2026, 10, 3, 6), number=8),
                    replace(sent.batch, source="PR",
                            claims=(sent.claim("A7:562:85", action="U"),))),
    ]  # fmt: skip
    digest = value(
        home,
        "select f.sha256 from file as f join submission as s on s.file_id = f.file_id "
        f"where s.submission_id = {sent.submission_id}",
    )
    claims = archived(home, digest).read_bytes()
    emitted = rows(home, "select content from outbound_file order by 1")
    seen = []
    for name, order in (("a", [claims, *answers]), ("b", [*reversed(answers), claims])):
        settings = load_settings(_new_home(tmp_path / name))
        for n, dropped in enumerate([*order, *(content for [content] in emitted)]):
            (settings.folder("inbox") / f"{n}.txt").write_bytes(dropped)
            steps.receive(settings, as_of=DAY, now=NOW)
            steps.match(settings, as_of=DAY)
        seen.append(
            rows(settings, "select patient_control_number, claim_frequency_code, status, "
                           "status_codes, accepted_on from mart_submission order by 1, 2, 3, 4")
        )  # fmt: skip
    assert seen[0] == seen[1]
    assert [r for r in seen[0] if r.status == "rejected"]


def _new_home(path: Path) -> Path:
    initialise(path)
    toml = path / "reclaim.toml"
    toml.write_text(toml.read_text().replace("settle_seconds = 60", "settle_seconds = 0"))
    return path


def test_a_second_run_changes_nothing(home: Settings, sent: Sent, answer: Answer) -> None:
    claim = sent.claim("A7:562", action="U")
    answer(group(sent), write_277ca(POST, replace(sent.batch, claims=(claim,))))
    steps.propose(home, as_of=DAY)
    marts = ("mart_submission", "mart_outbound", "mart_denial", "mart_correction", "mart_file")
    before = [rows(home, f"select * from {mart} order by 1, 2, 3, 4") for mart in marts]
    for _ in range(2):
        steps.match(home, as_of=DAY)
        steps.propose(home, as_of=DAY)
    assert [rows(home, f"select * from {mart} order by 1, 2, 3, 4") for mart in marts] == before


def test_a_batch_that_is_turned_back_whole_takes_its_claims_along(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    answer(write_277ca(POST, replace(sent.batch, codes=("A3:24:41",), action="U")))
    found = rows(home, "select s.status, s.status_codes from submission as s join x12_transaction "
                       "as x on x.transaction_id = s.transaction_id where x.batch_reference = "
                       f"'R{sent.isa13}'")  # fmt: skip
    assert set(found) == {("rejected", "A3:24:41")}


def test_a_person_puts_a_rejected_submission_away(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    answer(group(sent, "R", "5"))
    key = f"s{sent.emitted_submission_id}"
    with steps.opened(home) as warehouse:
        detail = review.show(warehouse, home, key, as_of=DAY)
        assert detail.item.patient_control_number == sent.number
        assert "999:R" in (detail.item.explanation or "")
        with pytest.raises(review.ReviewError, match="no correction"):
            review.approve(warehouse, home, key, by="biller.b", as_of=DAY, now=NOW)
        done = review.reject(
            warehouse, home, key, by="biller.b", reason="was sent on paper", as_of=DAY, now=NOW
        )
        assert (done.decision, done.corrections) == ("rejected", 0)
        assert key not in {i.review_id for i in review.waiting(warehouse, as_of=DAY)}
        with pytest.raises(review.ReviewError, match="no rejected submission"):
            review.show(warehouse, home, "s999999", as_of=DAY)


def test_the_timeline_tells_who_said_what(home: Settings, sent: Sent, answer: Answer) -> None:
    answer(group(sent), write_277ca(POST, replace(sent.batch, claims=(sent.claim("A1:19:PR"),))))
    payer = replace(sent.batch, source="PR", reference="T")
    answer(write_277ca(POST, replace(payer, claims=(sent.claim(payer_number="ICN77"),))))
    with steps.opened(home) as warehouse:
        found = [e for e in timeline(warehouse, sent.number) if e.on and e.on.year == 2026
                 and e.what in ("acknowledgment", "accepted")]  # fmt: skip
    details = [(e.what, e.detail) for e in found]
    assert ("acknowledgment", f"999 of interchange {sent.isa13}, A") in details
    assert any(w == "acknowledgment" and "clearinghouse" in d and "A1:19:PR" in d
               for w, d in details)  # fmt: skip
    assert any(w == "accepted" and "by the payer" in d and "ICN77" in d for w, d in details)
    assert all(e.file_id and e.place.startswith("ST 1, segment ") for e in found)


def test_unanswered_files_are_listed_until_they_are_answered(
    home: Settings, sent: Sent, answer: Answer
) -> None:
    def listed() -> int:
        with steps.opened(home) as warehouse:
            found = verify(warehouse, home, as_of=date(2026, 10, 20))
        return found.result("I9").reported_count

    before = listed()
    answer(group(sent))
    assert listed() == before - 1
    answer(b"".join([write_999(replace(POST, sender="SOMEBODY", receiver="ELSE"),
                               GroupAnswer("123456"))]))  # fmt: skip
    assert listed() == before


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not here")
def test_the_public_samples_end_in_the_right_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECLAIM_WAREHOUSE", raising=False)
    settings = load_settings(_new_home(tmp_path / "home"))
    for kind in ("999", "TA1", "277CA"):
        for path in (SAMPLES / kind).iterdir():
            (settings.folder("inbox") / path.name).write_bytes(path.read_bytes())
    steps.receive(settings, as_of=DAY, now=NOW)
    steps.match(settings, as_of=DAY)
    found = {r.file_name.partition("__")[2]: (r.kind, r.status, r.reason_code)
             for r in rows(settings, "select * from mart_file")}  # fmt: skip
    assert found == {
        "277CA.test.0001.edi": ("277CA", "loaded", None),
        "x12_277CA_accepted.txt": ("277CA", "loaded", None),
        "EXAMPLECLINI.20260830164650.CLP.277":
            ("277CA", "quarantined", "SEGMENT_COUNT_MISMATCH"),
        "FromBogeyone.txt": ("277CA", "quarantined", "INTERCHANGE_TRUNCATED"),
        "x12_999_accepted.txt": ("999", "quarantined", "INTERCHANGE_CONTROL_NUMBER_MISMATCH"),
        "x12_999_rejected.txt": ("999", "loaded", None),
        "EXAMPLECLINI.20260830164650.999": ("999", "quarantined", "SEGMENT_COUNT_MISMATCH"),
        "834_ls_le_ls_5010.999.txt": ("999", "loaded", None),
        "834_lui_id_5010.999.txt": ("999", "loaded", None),
        "simple999.edi": ("999", "loaded", None),
        "TechnicalAcknowledgment_Sample1.txt": ("TA1", "loaded", None),
        "x12_interchange_ack.txt": ("TA1", "quarantined", "GROUP_COUNT_MISMATCH"),
    }  # fmt: skip
    assert value(settings, "select count(*) from claim_status") == 4
    assert value(settings, "select count(*) from acknowledgment where scope = 'set'") == 9
    with steps.opened(settings) as warehouse:
        assert verify(warehouse, settings, as_of=DAY).holds
