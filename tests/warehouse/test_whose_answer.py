"""Which claim and line an adjudication is joined to, from the drop to the mart."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cases.answers import (
    DENIALS,
    JOINED,
    ONE,
    SERVICE,
    billed,
    in_any_order,
    joined,
    rows,
    run,
    told,
)
from warehouse.line_agreement import Billed, Reported
from warehouse.line_match import match_lines


def test_a_service_that_is_on_no_line_of_ours_changes_none(tmp_path: Path) -> None:
    """Nor does one of two lines that nothing tells apart."""
    two = ONE + ONE.replace("LX*1", "LX*2")
    share = "SVC*HC:64483*450*0**1~{dtm}CAS*PR*1*450~"
    cases = [
        (billed(1), told(2, more="DTM*232*20260302~", day="20260309")),
        (billed(1, lines=two, charge="900"),
         told(2, charge="900", services=share + SERVICE.replace("{cut}", "450"))),
    ]  # fmt: skip
    for nth, files in enumerate(cases):
        settings = run(tmp_path / str(nth), files)
        assert rows(settings, DENIALS) == [("197", None, "review", "routed", "open", 0)]


def test_of_two_claims_of_a_day_the_later_one_is_open_whichever_arrives_first(
    tmp_path: Path,
) -> None:
    files = [billed(1), billed(2), told(3)]
    found = in_any_order(tmp_path, files, lambda s: rows(s, "select path from mart_denial"))
    assert found == [("hold",)]


TAKEN_BACK = ("CLP*PCN1*22*-450*0**12*ICN1*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
              "SVC*HC:64483*-450*0**-1~DTM*472*20260302~CAS*CO*197*-450~")  # fmt: skip


@pytest.mark.parametrize(("other", "answered"), [("1", "3.837"), ("7", "1.837"), ("8", "1.837")])
def test_a_payer_s_habit_tells_what_its_original_s_frequency_means(
    tmp_path: Path, other: str, answered: str
) -> None:
    """What it takes back beside a decision with CLP09 = 1 is what an open replacement names."""
    files = [
        billed(1),
        told(2, frequency="1"),
        billed(3, "20260405", frequency="7", names="ICN1"),
        told(4, "20260420", services=SERVICE + TAKEN_BACK, icn="ICN2", paid="300", frequency="1"),
        told(5, "20260501", pcn="PCN9", icn="ICN9", frequency=other),
    ]
    found = in_any_order(tmp_path, files, lambda s: sorted(rows(s, JOINED)), orders=6)
    assert {row[1] for row in found if row[0] == "4.835" and row[3] == "exact"} == {
        "1.837",  # what is taken back
        answered,
    }
    assert [row[1] for row in found if row[0] == "5.835"] == [None]


VISIT = "20260309"


def test_another_visit_s_answer_is_not_this_one_s(tmp_path: Path) -> None:
    """A practice that uses a number again: same patient, same charge, another date."""
    dated, undated = (
        told(2, services="CAS*CO*197*450~", more="DTM*232*20260309~"),
        told(2, day=""),
    )
    assert joined(tmp_path / "other", billed(1), dated) == {"2.835": None}
    assert joined(tmp_path / "undated", billed(1), undated) == {"2.835": "1.837"}
    both = in_any_order(
        tmp_path, [billed(1), billed(3, day=VISIT), undated], lambda s: rows(s, JOINED)
    )
    assert both == [("2.835", None, None, "unmatched")]
    late = billed(1, on="20260403", day="20260402"), told(2, on="20260225", day="")
    assert joined(tmp_path / "before", *late) == {"2.835": None}


@pytest.mark.parametrize(
    ("pcn", "words"), [("PCN1", "A claim of this number is here"), ("PCN2", "none of our 837Ps")]
)
def test_what_is_joined_to_no_claim_says_whether_its_number_is_here(
    tmp_path: Path, pcn: str, words: str
) -> None:
    files = [billed(1), told(2, pcn=pcn, day=VISIT)]
    said = "select path, explanation from mart_denial"
    [(path, why)] = in_any_order(tmp_path, files, lambda s: rows(s, said))
    assert path == "review" and words in why


def test_a_claim_that_was_written_anew_is_joined(tmp_path: Path) -> None:
    """History that a practice loads: its claims are of today, its payments of last month."""
    history = [billed(1, on="20260520"), told(2, member="")]
    settings = run(tmp_path, history)
    assert rows(settings, JOINED) == [("2.835", "1.837", "1", "exact")]


@pytest.mark.parametrize("member", ["", "W2"])
def test_another_patient_s_answer_is_not_this_one_s(tmp_path: Path, member: str) -> None:
    ann, bob = billed(1, name="DOE*JANE"), billed(3, name="OTHER*BOB", member="W2")
    answer = told(2, name="OTHER*BOB", member=member)
    assert joined(tmp_path / "alone", ann, answer) == {"2.835": None}
    found = in_any_order(tmp_path, [ann, bob, answer], lambda s: rows(s, JOINED))
    assert found == [("2.835", "3.837", "1", "exact")]
    # Spelt a little otherwise it is the same patient, in whichever way it is joined.
    same = told(2, name="DOE-SMITH*JANE*M**JR", member="W9")
    assert joined(tmp_path / "same", ann, same) == {"2.835": "1.837"}


LINES = "select line_number, match_method, service_date from mart_adjudicated_line order by 1"


def test_a_line_number_that_the_payer_returns_is_not_taken_for_our_own(tmp_path: Path) -> None:
    """The practice numbered its second line 1, and the payer returns LX."""
    lines = ONE + ONE.replace("LX*1", "LX*2").replace("64483*450", "64484*300") + "REF*6R*1~"
    services = (SERVICE.replace("{cut}", "450") + "REF*6R*1~"
                "SVC*HC:64484*300*300**1~{dtm}REF*6R*2~")  # fmt: skip
    claim = billed(1, lines=lines, charge="750")
    answer = told(2, charge="750", services=services.replace("*300*300*", "*300*0*")
                  .replace("{dtm}REF*6R*2", "{dtm}CAS*CO*50*300~REF*6R*2"))  # fmt: skip
    found = rows(run(tmp_path, [claim, answer]), LINES)
    assert [row[:2] for row in found] == [("1", "line_number"), ("2", "line_number")]


def test_a_day_within_the_claim_s_dates_contradicts_no_line(tmp_path: Path) -> None:
    lines = (ONE + "REF*6R*A1~" + ONE.replace("LX*1", "LX*2").replace("{day}", VISIT)
             .replace("450", "90") + "REF*6R*A2~")  # fmt: skip
    services = "".join(
        f"SVC*HC:64483*{cents}*0**1~CAS*CO*197*{cents}~REF*6R*{number}~"
        for number, cents in (("A1", 450), ("A2", 90))
    )
    range_ = "DTM*232*20260302~DTM*233*20260309~"
    settings = run(
        tmp_path,
        [
            billed(1, lines=lines, charge="540"),
            told(2, charge="540", services=services, more=range_),
        ],
    )
    assert rows(settings, LINES) == [
        ("1", "line_item_control_number", "2026-03-02"),
        ("2", "line_item_control_number", "2026-03-09"),
    ]


def line(position: int, charge: int = 450, number: str | None = None) -> Billed:
    day = date(2026, 3, 2)
    return Billed(position, str(position), number, "64483", (), charge, 1, day, day)


def service(position: int, number: str | None, charge: int = 450, code: str = "64483") -> Reported:
    return Reported(position, number, code, (), charge, 1, date(2026, 3, 2))


def test_numbers_are_read_as_payers_write_them() -> None:
    twins = [line(1), line(2)]
    found = match_lines([service(1, "02"), service(2, "01")], twins)
    assert [(m.line_position, m.method) for m in found] == [(2, "line_number"), (1, "line_number")]
    twins = [line(1, number="K7q-01"), line(2, number="K7q-02")]
    found = match_lines([service(1, "k7Q-02"), service(2, "K7Q-01")], twins)
    assert [m.line_position for m in found] == [2, 1]


def test_what_was_unbundled_under_another_code_belongs_to_the_line_that_has_the_charge() -> None:
    services = [service(1, None), service(2, None, 0, "77003")]
    found = match_lines(services, [line(1)])
    assert [(m.line_position, m.method) for m in found] == [(1, "exact"), (1, "split")]
    # Of two such lines nobody can tell which it was.
    found = match_lines([*services, service(3, None, 90)], [line(1), line(2, 90)])
    assert [m.line_position for m in found] == [1, None, 2]


def test_a_late_claim_of_another_number_undoes_a_join_by_patient(tmp_path: Path) -> None:
    """The payer returned no number, and one claim of that patient, day and charge was here."""
    files = [billed(1), billed(3, pcn="PCN2"), told(2, pcn="0")]
    of_rule = "select rule_code, rule_version, missing_evidence, deadline from denial"
    found = in_any_order(
        tmp_path / "0", files, lambda s: (rows(s, JOINED), rows(s, DENIALS), rows(s, of_rule))
    )
    assert found == (
        [("2.835", None, None, "unmatched")], [("197", None, "review", "routed", "open", 0)],
        [(None,) * 4],
    )  # fmt: skip
    # What is of no claim is a first denial, even where a code says that it repeats another.
    again = [*files[:2], told(2, pcn="0", code="18")]
    found = in_any_order(
        tmp_path / "2", again, lambda s: rows(s, "select is_initial from mart_denial"), 3
    )
    assert found == [(1,)]
    # Of another day it leaves the join as it is.
    other = [files[0], billed(3, pcn="PCN2", day=VISIT), files[2]]
    found = in_any_order(tmp_path / "1", other, lambda s: rows(s, JOINED), 3)
    assert found == [("2.835", "1.837", "1", "exact")]


def test_what_a_late_replacement_takes_over_is_joined_to_its_own_lines(tmp_path: Path) -> None:
    """It tells the same lines in another order."""
    one, two = ONE, ONE.replace("64483*450", "64484*300")
    lines = (one + two.replace("LX*1", "LX*2"), two + one.replace("LX*1", "LX*2"))
    first, again = (
        billed(number, on, lines=some, charge="750", frequency=frequency, names=names)
        for number, on, some, frequency, names in (
            (1, "20260315", lines[0], "1", ""), (3, "20260320", lines[1], "7", "ICN0"),
        )
    )  # fmt: skip
    services = (SERVICE.replace("{cut}", "450")
                + "SVC*HC:64484*300*0**1~{dtm}CAS*CO*50*300~")  # fmt: skip
    answer = told(2, charge="750", services=services, frequency="7")
    for nth, order in enumerate(([first, answer, again], [first, again, answer])):
        settings = run(tmp_path / str(nth), order)
        assert rows(settings, JOINED) == [
            ("2.835", "3.837", "2", "exact"), ("2.835", "3.837", "1", "exact"),
        ]  # fmt: skip
        assert [row[:2] for row in rows(settings, DENIALS)] == [("197", "2"), ("50", "1")]


def test_what_a_late_claim_takes_over_no_longer_pays_the_other_s_denial(tmp_path: Path) -> None:
    """The number of the second claim looks like the first one's with a payer's suffix."""
    files = [
        billed(1), billed(3, "20260316", pcn="PCN1-1"), told(2, icn="ICN1"),
        told(4, "20260402", pcn="PCN1-1", icn="ICN2", paid="100"),
    ]  # fmt: skip
    found = in_any_order(tmp_path, files, lambda s: (rows(s, JOINED), rows(s, DENIALS)), 8)
    assert found == (
        [("2.835", "1.837", "1", "exact"), ("4.835", "3.837", "1", "exact")],
        [("197", "1", "replacement", "needs_evidence", "open", 0)],
    )
