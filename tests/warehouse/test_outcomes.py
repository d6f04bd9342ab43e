"""What becomes of a denial when the payer decides again, from the drop to the mart."""

from __future__ import annotations

import re
import sqlite3
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from cases.reading import claim_file, payment_file, segments
from warehouse import steps
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.outcome import settle_outcomes
from warehouse.settings import Settings
from warehouse.touched import begin, touch

DAY, NOW = date(2026, 7, 1), datetime(2030, 1, 1)
CLAIM = ("CLM*PCN1*500***11:B:1*Y*A*Y*Y~HI*ABK:M5416~"
         "LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~REF*6R*L1~"
         "LX*2~SV1*HC:99213*50*UN*1***1~DTP*472*D8*20260314~REF*6R*L2~")  # fmt: skip
KNOWN, WRONG = "W123456780", "W123456789"
VISIT = "SVC*HC:99213*50*30**1~DTM*472*20260314~CAS*CO*45*20~REF*6R*L2~"
NOT_A_MEMBER = ("CLP*PCN1*4*500*0**12*ICN1*11*1~{}"
                "SVC*HC:64483*450*0**1~DTM*472*20260314~CAS*CO*31*450~REF*6R*L1~"
                "SVC*HC:99213*50*0**1~DTM*472*20260314~CAS*CO*31*50~REF*6R*L2~")  # fmt: skip
PAID = ("CLP*PCN1*1*500*330**12*ICN2*11*1~{}"
        "SVC*HC:64483*450*300**1~DTM*472*20260314~CAS*CO*45*150~REF*6R*L1~" + VISIT)  # fmt: skip
MEMBER = "NM1*QC*1*DOE*JANE****MI*{}~"


def billed(day: int, member: str = WRONG, claim: str = CLAIM) -> str:
    return _dated(claim_file(segments(claim), member=member), day)


def paid(day: int, claim: str) -> str:
    amount = sum(float(s.split("*")[4]) for s in segments(claim) if s.startswith("CLP*"))
    text = payment_file(segments(claim)).replace("BPR*I*0*C*NON", f"BPR*I*{amount:.0f}*C*CHK")
    return _dated(text.replace("TRN*1*1*", f"TRN*1*T{day}*").replace("20260401", f"202604{day}"),
                  day)  # fmt: skip


def _dated(text: str, day: int) -> str:
    """Sent on a day of April, under a control number of its own."""
    for old in ("*20260315*", "*260315*"):
        text = text.replace(old, old.replace("0315", f"04{day}"))
    return text.replace("000000001", f"0000000{day}")


def run(folder: Path, files: list[tuple[str, str]]) -> Settings:
    """Every file in a run of its own."""
    settings = steps.initialise(folder)
    for name, text in files:
        (settings.folder("inbox") / name).write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
        steps.propose(settings, as_of=DAY)
    return settings


def rows(settings: Settings, text: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(text)]
    finally:
        connection.close()


DENIALS = ("select line_number, status, resolution, recovered_amount as amount "
           "from mart_denial order by 1")  # fmt: skip


@pytest.mark.parametrize("told", ["each its own", "none", "the one it knows"])
def test_a_claim_sent_anew_with_the_right_member_id_resolves_the_first_ones_denials(
    tmp_path: Path, told: str
) -> None:
    """By the practice, not by us; whatever arrives first, whichever member ids are returned."""
    first, second = {"each its own": (WRONG, KNOWN), "none": ("", ""),
                     "the one it knows": (KNOWN, KNOWN)}[told]  # fmt: skip
    names = [MEMBER.format(member) if member else "" for member in (first, second)]
    files = [
        ("a.837", billed(10)), ("b.835", paid(14, NOT_A_MEMBER.format(names[0]))),
        ("c.837", billed(16, KNOWN)), ("d.835", paid(25, PAID.format(names[1]))),
    ]  # fmt: skip
    for nth, order in enumerate(permutations(files)):
        if nth % 5:
            continue
        settings = run(tmp_path / str(nth), list(order))
        shown = [name for name, _ in order]
        assert [tuple(row.values()) for row in rows(settings, DENIALS)] == [
            ("1", "recovered", "paid in a later adjudication", 300.0),
            ("2", "recovered", "paid in a later adjudication", 30.0),
        ], shown
        answered = rows(settings, "select f.file_name from claim_payment as cp "
                                  "join submission as s using (submission_id) "
                                  "join file as f on f.file_id = s.file_id "
                                  "order by cp.payment_cents")  # fmt: skip
        assert [row["file_name"] for row in answered] == ["a.837", "c.837"], shown


def test_until_it_is_answered_the_first_one_waits_for_it(tmp_path: Path) -> None:
    settings = run(tmp_path / "home", [
        ("a.837", billed(10)), ("b.835", paid(14, NOT_A_MEMBER.format(""))),
        ("c.837", billed(16, KNOWN)),
    ])  # fmt: skip
    assert {row["status"] for row in rows(settings, DENIALS)} == {"open"}
    assert len(rows(settings, "select distinct claim_id from submission")) == 1


@pytest.mark.parametrize("change", ["charges", "reason", "paid", "day", "name", "birth", "codes"])
def test_another_patient_s_claim_of_the_same_number_stays_apart(
    tmp_path: Path, change: str
) -> None:
    """One thing that is otherwise than where a member id was put right is enough."""
    day, claim, told = 16, CLAIM, NOT_A_MEMBER
    if change == "charges":
        claim = CLAIM.replace("*500*", "*510*").replace("*50*UN", "*60*UN")
    elif change == "reason":
        told = NOT_A_MEMBER.replace("PCN1*4", "PCN1*1").replace("CO*31", "CO*50")
    elif change == "paid":
        told = NOT_A_MEMBER.replace("PCN1*4*500*0", "PCN1*1*500*30").partition("SVC*HC:99213")[0]
        told += VISIT
    elif change == "codes":
        claim = CLAIM.replace("HC:99213", "HC:99214")
    elif change == "day":
        day = 10
    other = billed(day, KNOWN, claim)
    for kind, old, new in (("name", "DOE*JANE", "DOE*JOAN"), ("birth", "*D8*1", "*D8*2")):
        if change == kind:
            assert old in other
            other = other.replace(old, new, 1)
    files = [("a.837", billed(10)), ("c.837", other)]
    for number, member in enumerate((WRONG, KNOWN)):
        files.append((f"{number}.835", paid(18 + number, told.format(MEMBER.format(member)))))
    settings = run(tmp_path / "home", files)
    assert len(rows(settings, "select distinct claim_id from submission")) == 2


def test_a_line_that_is_paid_in_parts_was_recovered_as_a_whole(tmp_path: Path) -> None:
    denied = ("CLP*PCN1*1*500*30**12*ICN1*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~"
              "CAS*CO*197*450~REF*6R*L1~" + VISIT)  # fmt: skip
    parts = (
        "CLP*PCN1*1*500*330**12*ICN2*11*1~"
        "SVC*HC:64483*150*100**1~DTM*472*20260314~CAS*CO*45*50~REF*6R*L1~"
        "SVC*HC:64483*300*200**1~DTM*472*20260314~CAS*CO*45*100~REF*6R*L1~"
    ) + VISIT
    settings = run(tmp_path / "home", [
        ("a.837", billed(10)), ("b.835", paid(14, denied)),
        ("c.835", paid(25, parts)),
    ])  # fmt: skip
    [row] = rows(settings, DENIALS)
    assert (row["status"], row["amount"]) == ("recovered", 300.0)


@pytest.mark.parametrize(
    ("reference", "named"),
    [("ICN2", "ICN2"), ("PCN1ICN2T25", "ICN2"), ("PCN1 ICN2 T25", "ICN2"), ("PCN1-ICN1", "ICN1"),
     ("PCN1", "ICN2"), ("PCN2", None), ("PCN1ICN3", None), ("LUMP", None)],
)  # fmt: skip
def test_a_plb_entry_names_its_claim_by_the_payer_s_number_ours_or_both(
    tmp_path: Path, reference: str, named: str | None
) -> None:
    """Whether the entry comes before the claims that it names or after them."""
    denied = paid(14, PAID.replace("ICN2", "ICN1").format(""))
    again = paid(25, PAID.format("")).replace("BPR*I*330", "BPR*I*230")
    again = re.sub(
        r"~\nSE\*(\d+)",
        lambda end: f"~\nPLB*1234567893*20261231*WO:{reference}*100~\nSE*{int(end[1]) + 1}",
        again,
    )
    files = [("a.837", billed(10)), ("b.835", denied), ("c.835", again)]
    for nth, order in enumerate((files, files[::-1])):
        settings = run(tmp_path / str(nth), order)
        [row] = rows(settings, "select cp.payer_claim_control_number as number from "
                               "provider_adjustment left join claim_payment as cp "
                               "using (claim_payment_id)")  # fmt: skip
        assert row["number"] == named


@pytest.mark.parametrize("paid_again, recovered", [(True, 300.0), (False, 0.0)])
def test_a_denial_that_the_payer_takes_back_tells_what_that_brought(
    tmp_path: Path, paid_again: bool, recovered: float
) -> None:
    """As when an appeal was won: reversed, and paid in the same breath; or taken back alone."""
    denied = ("CLP*PCN1*1*500*30**12*ICN1*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~"
              "CAS*CO*197*450~REF*6R*L1~" + VISIT)  # fmt: skip
    back = ("CLP*PCN1*22*-500*-30**12*ICN1*11*1~SVC*HC:64483*-450*0**-1~DTM*472*20260314~"
            "CAS*CO*197*-450~REF*6R*L1~SVC*HC:99213*-50*-30**-1~DTM*472*20260314~"
            "CAS*CO*45*-20~REF*6R*L2~")  # fmt: skip
    files = [("a.837", billed(10)), ("b.835", paid(14, denied)),
             ("c.835", paid(25, back + (PAID.format("") if paid_again else "")))]  # fmt: skip
    for nth, order in enumerate(permutations(files)):
        found = rows(run(tmp_path / str(nth), list(order)), DENIALS)
        assert [tuple(row.values()) for row in found] == [
            ("1", "reversed", "reversed by the payer", recovered)
        ], [name for name, _ in order]


@pytest.mark.parametrize(
    ("sent", "states"),
    [
        ("11", ["pending", "pending"]),
        ("17", ["superseded", "pending"]),
        ("18", ["voided", "pending"]),
        ("178", ["voided", "voided", "pending"]),
        ("187", ["voided", "pending", "pending"]),
    ],
    ids=["sent again", "replaced", "voided", "both", "a void stays one"],
)
def test_only_a_replacement_or_a_void_takes_the_place_of_what_was_sent(
    tmp_path: Path, sent: str, states: list[str]
) -> None:
    """By their frequencies, in the order of their days."""
    files = [
        (f"{n}.837", billed(10 + n, claim=CLAIM.replace("11:B:1", f"11:B:{frequency}")))
        for n, frequency in enumerate(sent)
    ]
    settings = run(tmp_path, files)
    found = rows(settings, "select status from mart_submission order by submitted_on")
    assert [row["status"] for row in found] == states


def test_of_two_replacements_of_a_day_the_later_one_counts_whichever_arrives_first(
    tmp_path: Path,
) -> None:
    seven = CLAIM.replace("11:B:1", "11:B:7").replace("~HI*", "~REF*F8*ICN1~HI*")
    early, late = (billed(16, claim=seven).replace("*1200*", f"*{at}*") for at in ("0900", "1700"))
    late = late.replace("000000016", "000000017")
    files = [("a.837", billed(10)), ("early.837", early), ("late.837", late)]
    for nth, order in enumerate((files, files[::-1])):
        settings = run(tmp_path / str(nth), order)
        found = rows(settings, "select file_name, status from mart_submission order by 1")
        assert [tuple(row.values()) for row in found] == [
            ("a.837", "superseded"), ("early.837", "superseded"), ("late.837", "pending"),
        ]  # fmt: skip


def test_two_payments_of_one_trace_and_day_come_in_one_order(tmp_path: Path) -> None:
    """Whichever arrived first: the sequence of decisions, and which denial was the first."""
    refused = "CLP*PCN1*1*500*{1}**12*{0}*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~"
    one, other = (
        refused.format(number, 30) + f"CAS*CO*{code}*450~REF*6R*L1~" + VISIT
        for number, code in (("ICN1", "197"), ("ICN2", "50"))
    )
    files = [("b.835", paid(14, one)), ("c.835", paid(14, other))]
    shown = []
    for nth, order in enumerate((files, files[::-1])):
        settings = run(tmp_path / str(nth), [("a.837", billed(10)), *order])
        shown.append((
            rows(settings, "select file_name, service_position, adjudication_sequence "
                           "from mart_adjudicated_line order by 1, 2"),
            rows(settings, "select reason_code, is_initial from mart_denial order by 1"),
        ))  # fmt: skip
    assert shown[0] == shown[1]
    assert {row["adjudication_sequence"] for row in shown[0][0]} == {1, 2}


REFUSED = ("CLP*PCN1*1*500*30**12*{0}*11*1~{2}SVC*HC:64483*450*0**1~DTM*472*20260314~"
           "CAS*CO*{1}*450~REF*6R*L1~" + VISIT)  # fmt: skip
TAKEN_BACK = ("CLP*PCN1*22*-500*-30**12*ICN1*11*1~SVC*HC:64483*-450*0**-1~DTM*472*20260314~"
              "CAS*CO*197*-450~REF*6R*L1~SVC*HC:99213*-50*-30**-1~DTM*472*20260314~"
              "CAS*CO*45*-20~REF*6R*L2~")  # fmt: skip


def test_a_denial_that_stands_again_has_the_path_of_its_codes(tmp_path: Path) -> None:
    """A reversal takes back the denial that is here, until the one that it meant arrives."""
    files = [
        ("a.837", billed(10)), ("b.835", paid(14, REFUSED.format("ICN1", "197", ""))),
        ("c.835", paid(16, REFUSED.format("ICN1", "50", ""))), ("d.835", paid(25, TAKEN_BACK)),
    ]  # fmt: skip
    for nth, order in enumerate(((0, 1, 2, 3), (0, 2, 3, 1))):
        settings = run(tmp_path / str(nth), [files[at] for at in order])
        found = rows(settings, "select reason_code, status, path, recovered_amount "
                               "from mart_denial order by denied_on")  # fmt: skip
        assert [tuple(row.values()) for row in found] == [
            ("197", "reversed", "none", 0), ("50", "open", "appeal", 0),
        ]  # fmt: skip


@pytest.mark.parametrize("is_reversed", [True, False])
def test_a_service_that_was_billed_once_and_called_a_duplicate_was_denied(
    tmp_path: Path, is_reversed: bool
) -> None:
    """Initial, and what it brings is recovered; nobody is told of a copy that was never sent."""
    back = TAKEN_BACK.replace("CO*197", "OA*18")
    files = [("b.835", paid(14, REFUSED.format("ICN1", "18", "").replace("CO*18", "OA*18")))]
    files += [("c.835", paid(20, back))] if is_reversed else []
    files += [("d.835", paid(25, PAID.format("")))]
    for nth, order in enumerate((files, files[::-1])):
        settings = run(tmp_path / str(nth), [("a.837", billed(10)), *order])
        [found] = rows(settings, "select status, is_initial, recovered_amount from mart_denial")
        status = "reversed" if is_reversed else "recovered"
        assert tuple(found.values()) == (status, 1, 300)


def test_a_denial_that_was_joined_anew_brought_nothing(tmp_path: Path) -> None:
    """What a payment of another claim of the number had brought it is taken back with the join."""
    files = [
        ("a.837", billed(10, "W2")), ("b.837", billed(11, KNOWN)),
        ("c.835", paid(16, REFUSED.format("ICN1", "50", MEMBER.format(KNOWN)))),
        ("d.835", paid(25, PAID.format(MEMBER.format("W2")))),
    ]  # fmt: skip
    for nth, order in enumerate(((0, 1, 2, 3), (0, 2, 3, 1))):
        settings = run(tmp_path / str(nth), [files[at] for at in order])
        found = rows(settings, "select status, recovered_amount from mart_denial")
        assert [tuple(row.values()) for row in found] == [("open", 0)]


TWO_PARTS = ("CLP*PCN1*1*450*0**12*ICN1*11*1~CAS*CO*197*450~DTM*232*20260314~"
             "CLP*PCN1*1*50*{0}**12*ICN2*11*1~{1}DTM*232*20260314~")  # fmt: skip


@pytest.mark.parametrize("apart", [False, True])
def test_a_part_of_the_same_answer_recovers_nothing(tmp_path: Path, apart: bool) -> None:
    """A claim answered in two CLPs without lines: what one pays is not what the other denied."""
    both = TWO_PARTS.format(30, "CAS*CO*45*20~")
    parts = both.split("CLP*")[1:]
    drops = [paid(14, f"CLP*{parts[0]}"), paid(25, f"CLP*{parts[1]}")] if apart else [
        paid(14, both)]  # fmt: skip
    files = [("a.837", billed(10)), *((f"{n}.835", text) for n, text in enumerate(drops))]
    [row] = rows(run(tmp_path / "home", files), DENIALS)
    assert (row["status"], row["amount"]) == ("open", 0)


def test_a_part_that_is_decided_again_is_recovered(tmp_path: Path) -> None:
    """The other side: the part's own charge again, and the whole claim in the same payment."""
    part = TWO_PARTS.format(30, "CAS*CO*45*20~")
    again = "CLP*PCN1*1*450*300**12*ICN1*11*1~CAS*CO*45*150~DTM*232*20260314~"
    whole = ("CLP*PCN1*1*500*0**12*ICN1*11*1~CAS*CO*197*500~DTM*232*20260314~"
             "CLP*PCN1*1*500*300**12*ICN2*11*1~CAS*CO*45*200~DTM*232*20260314~")  # fmt: skip
    for nth, drops in enumerate(([paid(14, part), paid(25, again)], [paid(14, whole)])):
        files = [("a.837", billed(10)), *((f"{n}.835", text) for n, text in enumerate(drops))]
        [row] = rows(run(tmp_path / str(nth), files), DENIALS)
        assert (row["status"], row["amount"]) == ("recovered", 300)


@pytest.mark.parametrize("parts_denied", [1, 2])
def test_a_line_that_was_denied_in_a_part_counts_what_the_whole_of_it_was_paid(
    tmp_path: Path, parts_denied: int
) -> None:
    """100 before and 150 after is 50; of two denied parts the increase is told once."""
    before = 100 if parts_denied == 1 else 0
    first = "CAS*CO*45*200" if before else "CAS*CO*197*300"
    split = (
        f"CLP*PCN1*1*500*{before + 30}**12*ICN1*11*1~"
        f"SVC*HC:64483*300*{before}**1~DTM*472*20260314~{first}~REF*6R*L1~"
        "SVC*HC:64483*150*0**1~DTM*472*20260314~CAS*CO*197*150~REF*6R*L1~"
    ) + VISIT
    whole = ("CLP*PCN1*1*500*180**12*ICN2*11*1~SVC*HC:64483*450*150**1~DTM*472*20260314~"
             "CAS*CO*45*300~REF*6R*L1~" + VISIT)  # fmt: skip
    settings = run(tmp_path / "home", [
        ("a.837", billed(10)), ("b.835", paid(14, split)), ("c.835", paid(25, whole)),
    ])  # fmt: skip
    found = rows(settings, DENIALS)
    assert [row["status"] for row in found] == ["recovered"] * parts_denied
    assert sum(row["amount"] for row in found) == 150 - before


def test_what_is_decided_again_and_not_paid_more_is_closed_and_not_recovered(
    tmp_path: Path,
) -> None:
    """All of it to the deductible: no denial, and nothing overturned; paid later, it is."""
    visit = VISIT.replace("50*30", "50*0").replace("CO*45*20", "CO*50*50")
    owed = ("CLP*PCN1*1*500*0*300*12*ICN2*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~"
            "CAS*CO*45*150~CAS*PR*1*300~REF*6R*L1~" + visit)  # fmt: skip
    other = REFUSED.format("ICN1", "197", "").replace("500*30*", "500*0*").replace(VISIT, visit)
    files = [("a.837", billed(10)), ("b.835", paid(14, other)),
             ("c.835", paid(25, owed)), ("d.835", paid(28, PAID.format("")))]  # fmt: skip
    closed = ("1", "closed", "decided again, nothing more paid", 0)
    settings = run(tmp_path / "closed", [files[0], files[1], files[2]])
    assert tuple(rows(settings, DENIALS)[0].values()) == closed
    steps.propose(settings, as_of=DAY)
    assert tuple(rows(settings, DENIALS)[0].values()) == closed, "nobody decides it any more"
    settings = run(tmp_path / "paid", files)
    assert tuple(rows(settings, DENIALS)[0].values())[1:] == (
        "recovered", "paid in a later adjudication", 300,
    )  # fmt: skip


@pytest.mark.usefixtures("small_claim")
@pytest.mark.parametrize(
    ("cents", "status", "outcome"), [(39000, "recovered", "paid"), (0, "closed", "nothing_paid")]
)
def test_a_correction_that_was_sent_tells_what_it_brought(
    warehouse: Warehouse, keep: Any, cents: int, status: str, outcome: str
) -> None:
    keep(t.remittance, remittance_id=2, trace_number="TRACE2", payment_date=date(2026, 10, 20))
    keep(t.claim_payment, claim_payment_id=2, remittance_id=2, submission_id=2, claim_position=2)
    keep(t.service_payment, claim_payment_id=2, service_position=1, line_position=1,
         charge_cents=45000, payment_cents=cents)  # fmt: skip
    with warehouse.write() as connection:
        begin(connection)
        touch(connection, [1])
        settle_outcomes(connection, ())
    with warehouse.read() as connection:
        found = connection.exec_driver_sql(
            "select d.status, c.outcome from mart_denial as d join mart_correction as c "
            "on c.denial_id = d.denial_id"
        ).one()
    assert tuple(found) == (status, outcome)
