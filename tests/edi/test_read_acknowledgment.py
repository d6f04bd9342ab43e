"""TA1, 999 and 277CA: what they say, of what, and what is kept of what can't be read."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from edi.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment, SetAcknowledgment
from edi.claim import SegmentTally
from edi.claim_status import ClaimStatus, StatusLevel, UnreadStatus
from edi.problem import Problem
from edi.read_acknowledgment import read_interchange_acknowledgments, read_transaction
from edi.survey import survey, survey_file
from edi.validate import check_text
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

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
POST = Post()
SENT = datetime(2026, 9, 16, 10, 1)


def events(data: bytes) -> list[Any]:
    """Everything that is read from an interchange, TA1 first."""
    file = BytesIO(data)
    found = survey_file(file, "", len(data))
    read: list[Any] = []
    for interchange in found.interchanges:
        read += read_interchange_acknowledgments(file, interchange)
    for interchange, _, transaction in found.transactions():
        assert not transaction.problems
        read += read_transaction(file, transaction, interchange.delimiters)
    return read


def of(kind: type, read: list[Any]) -> list[Any]:
    return [event for event in read if type(event) is kind]


def claims_277(*claims: ClaimAnswer, **batch: Any) -> list[ClaimStatus]:
    return of(ClaimStatus, events(write_277ca(POST, Batch(claims=claims, **batch))))


def claim(codes: tuple[str, ...] = ("A2:20",), **more: Any) -> ClaimAnswer:
    return ClaimAnswer("PCN1", 45010, date(2026, 8, 28), codes, **more)


def test_a_ta1_names_the_interchange_that_it_answers() -> None:
    answers = (InterchangeAnswer("900000001", SENT),
               InterchangeAnswer("900000002", SENT, "R", "006"))  # fmt: skip
    read = events(write_ta1(POST, *answers))
    (first_place, first), (second_place, second) = [e for e in read if isinstance(e, tuple)][:2]
    assert type(first) is InterchangeAcknowledgment
    assert first == ("900000001", "260916", "1001", "A", "000")
    assert second.interchange_acknowledgment_code == "R"
    assert second.interchange_note_code == "006"
    assert (first_place.segment, second_place.segment) == (2, 3)
    assert read[-1] == SegmentTally(2, 2, 0)


def test_a_ta1_may_stand_in_front_of_a_999() -> None:
    data = write_999(POST, GroupAnswer("17"), ta1=InterchangeAnswer("900000001", SENT))
    read = events(data)
    assert read[0][1].interchange_control_number == "900000001"
    assert of(GroupAcknowledgment, read)[0].header.group_control_number == "17"


def test_a_999_answers_each_set_and_then_its_group() -> None:
    wrong = SetAnswer("0002", "R", "5", (("NM1", 8, "2010", "8", "1"),
                                         ("REF", 9, "2010", "3", "")))  # fmt: skip
    [first, second, group] = [
        e for e in events(write_999(POST, GroupAnswer("17", (SetAnswer(), wrong))))
        if isinstance(e, SetAcknowledgment | GroupAcknowledgment)
    ]  # fmt: skip
    assert (first.code, first.error_codes) == ("A", ())
    assert first.header.transaction_set_control_number == "0001"
    assert second.group.group_control_number == "17"
    assert second.error_codes == ("IK502:5", "IK304:8", "IK403:1", "IK304:3")
    assert (group.code, group.rejected_set_count) == ("P", 1)
    assert group.header == ("HC", "17", "005010X222A1")


def test_what_is_written_here_is_what_the_guide_asks_for() -> None:
    # The test data would prove nothing if no receiver took it for a 999 or 277CA.
    wrong = SetAnswer("0002", "R", "5", (("NM1", 8, "2010", "8", "1"),))
    assert check_text(write_999(POST, GroupAnswer("17", (SetAnswer(), wrong)))) == ()
    batch = Batch(claims=(claim(),))
    problems = {(p.code, p.place) for p in check_text(write_277ca(POST, batch))}
    # QTY and AMT of the upper levels are left out; nobody reads them.
    assert {code for code, _ in problems} <= {"REQUIRED_SEGMENT_MISSING"}, problems


@pytest.mark.parametrize(
    ("codes", "action", "verdict"),
    [
        (("A2:20",), "WQ", "accepted"),
        (("A1:20",), "WQ", "accepted"),
        (("A5:20",), "WQ", "accepted"),
        (("A0:16:PR",), "WQ", "forwarded"),
        (("A1:16:PR",), "WQ", "forwarded"),
        (("A3:21:82",), "U", "rejected"),
        (("A6:21:82",), "U", "rejected"),
        (("A7:562:85",), "U", "rejected"),
        (("A8:496:85",), "U", "rejected"),
        (("A2:20", "A7:562"), "WQ", "rejected"),
        (("A2:20",), "U", None),
        (("A4:35",), "WQ", None),
    ],
)
def test_one_rejection_rejects_and_a_contradiction_says_nothing(
    codes: tuple[str, ...], action: str, verdict: str | None
) -> None:
    [answer] = claims_277(claim(codes, action=action))
    assert (answer.verdict, answer.codes) == (verdict, codes)


@pytest.mark.parametrize(
    ("source", "code", "from_payer"),
    [
        ("PR", "A2:20", True),
        ("PR", "A1:19:PR", True),
        ("PR", "A1:19:AY", False),  # the payer tells what the clearinghouse said
        ("AY", "A2:20", False),
        ("AY", "A1:19:PR", False),  # the clearinghouse tells what the payer said
        ("41", "A2:20", False),
    ],
)
def test_only_the_payer_itself_is_the_payer(source: str, code: str, from_payer: bool) -> None:
    [answer] = claims_277(claim((code,)), source=source)
    assert answer.is_from_payer is from_payer


def test_whose_word_it_is_can_not_be_told_without_the_levels() -> None:
    data = write_277ca(POST, Batch(source="PR", claims=(claim(),)))
    [answer] = of(ClaimStatus, events(data.replace(b"HL*4*3*PT", b"HL*4*9*PT")))
    assert answer.level is None and not answer.is_from_payer and answer.verdict == "accepted"


def test_a_claim_is_known_by_number_patient_charge_and_day() -> None:
    line = LineAnswer("62323", 45000, ("A7:507",), "L1")
    [answer] = claims_277(
        claim(("A7:507", "A8:1"), action="U", payer_number="ICN9", lines=(line,)), source="PR"
    )
    assert answer.patient_control_number == "PCN1"
    assert answer.total_claim_charge_amount == Decimal("450.1")
    assert answer.service_date == date(2026, 8, 28)
    assert answer.effective_date == date(2026, 9, 17)
    assert answer.member_id == "W123456789"
    assert answer.payer_claim_control_number == "ICN9"
    assert answer.clearinghouse_trace_number is None
    assert answer.lines[0].line_item_control_number == "L1"
    assert answer.lines[0].information.procedure.procedure_code == "62323"
    assert answer.codes == ("A7:507", "A8:1")
    level = answer.level
    assert level is not None and level.level_code == "19"
    receiver = level.above("21")
    assert receiver is not None and receiver.trace_number == "0001"
    assert answer.source.transaction == 1 and answer.source.segment > 0


def test_levels_above_the_claims_have_statuses_of_their_own() -> None:
    read = events(write_277ca(POST, Batch(codes=("A3:24:41",), action="U")))
    levels = of(StatusLevel, read)
    assert [level.level_code for level in levels] == ["20", "21"]
    assert levels[1].statuses[0].codes == ("A3:24:41",)
    assert levels[1].parent is not None and levels[1].parent.name.entity_identifier_code == "AY"


def test_a_status_that_can_not_be_read_spoils_its_claim_alone() -> None:
    data = write_277ca(POST, Batch(claims=(claim(), claim(), claim())))
    at = data.index(b"STC", data.index(b"HL*5*"))
    end = data.index(b"~", at)
    data = data[:at] + b"STC*A2:20*20269999*WQ*450.1" + data[end:]
    read = events(data)
    assert len(of(ClaimStatus, read)) == 2
    [unread] = of(UnreadStatus, read)
    assert (unread.problem.code, unread.problem.place) == ("INVALID_ELEMENT", "2000D/STC02")
    tally = read[-1]
    assert tally.kept == 1 and tally.read == tally.mapped + tally.kept


def test_what_is_not_modelled_or_not_readable_is_kept_with_its_place() -> None:
    data = write_277ca(POST, Batch(claims=(claim(),)))
    data = data.replace(b"DTP*472", b"XYZ*1~\nQTY*QA*many~\nDTP*472")
    data = data.replace(b"SE*20*", b"SE*22*")
    read = events(data)
    [answer] = of(ClaimStatus, read)
    assert [(k.loop, k.position, k.text) for k in answer.kept] == [
        ("2000D", 19, "XYZ*1"), ("2000D", 20, "QTY*QA*many"),
    ]  # fmt: skip
    assert [(p.place, p.found) for p in of(Problem, read)] == [
        ("2000D/QTY02", "4 characters (letters)")
    ]
    assert answer.verdict == "accepted"


def test_an_answer_to_nothing_is_a_problem() -> None:
    data = write_999(POST, GroupAnswer("17")).replace(b"AK1*HC*17*005010X222A1~\n", b"")
    read = events(data.replace(b"SE*6*", b"SE*5*"))
    assert of(GroupAcknowledgment, read) == of(SetAcknowledgment, read) == []
    assert {(p.code, p.place) for p in of(Problem, read)} >= {("REQUIRED_SEGMENT_MISSING", "AK1")}
    assert read[-1].kept == 3


def test_other_delimiters_are_the_interchanges_own() -> None:
    post = Post(elements="|", components="^", end="!")
    data = write_277ca(post, Batch(source="PR", claims=(claim(("A7:562:85",), action="U"),)))
    [answer] = of(ClaimStatus, events(data))
    assert answer.codes == ("A7:562:85",)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not here")
def test_the_public_samples_are_read() -> None:
    found: dict[str, list[Any]] = {}
    for folder in ("TA1", "999", "277CA"):
        for path in sorted((SAMPLES / folder).iterdir()):
            surveyed = survey(path)
            with path.open("rb") as file:
                read: list[Any] = []
                for interchange in surveyed.interchanges:
                    read += read_interchange_acknowledgments(file, interchange)
                for interchange, _, transaction in surveyed.transactions():
                    read += read_transaction(file, transaction, interchange.delimiters)
            assert not of(Problem, read) and not of(UnreadStatus, read), path.name
            assert all(t.kept == 0 for t in of(SegmentTally, read)), path.name
            found[path.name.partition("__")[2]] = read
    edilens = of(ClaimStatus, found["277CA.test.0001.edi"])
    assert [c.verdict for c in edilens] == ["forwarded", "rejected", "rejected"]
    assert edilens[1].lines[0].line_item_control_number == "11"
    assert [c.is_from_payer for c in edilens] == [False] * 3
    [accepted] = of(ClaimStatus, found["x12_277CA_accepted.txt"])
    assert accepted.is_from_payer and accepted.verdict == "accepted"
    sets = of(SetAcknowledgment, found["simple999.edi"])
    assert [s.code for s in sets] == ["A", "R", "R"]
    assert sum(isinstance(e, tuple) and type(e) is not SegmentTally
               for e in found["TechnicalAcknowledgment_Sample1.txt"]) == 2  # fmt: skip
