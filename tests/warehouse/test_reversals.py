"""What a payer takes back, from the drop to the marts: whose sign counts, and what is a copy."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.reading import claim_file, payment_file, segments
from warehouse import steps
from warehouse.database import Warehouse
from warehouse.settings import Settings
from warehouse.verify import verify

DAY, NOW = date(2026, 7, 1), datetime(2030, 1, 1)
CLAIM = ("CLM*PCN1*450***11:B:{}*Y*A*Y*Y~{}HI*ABK:M5416~"
         "LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~")  # fmt: skip


def billed(day: int, frequency: str = "1", reference: str = "") -> str:
    text = claim_file(segments(CLAIM.format(frequency, reference)))
    return _dated(text, day)


def told(status: str, charge: str, paid: str, *cas: str, **more: str) -> str:
    """A CLP of one line. ``cas``: CAS segments of the line without their tag."""
    more = {"number": "PCN1", "icn": "ICN1", "frequency": "", "allowed": ""} | more
    text = (f"CLP*{more['number']}*{status}*{charge}*{paid}**12*{more['icn']}"
            f"*11*{more['frequency']}~NM1*QC*1*DOE*JANE****MI*W123456789~"
            f"SVC*HC:64483*{charge}*{paid}**1~DTM*472*20260314~")  # fmt: skip
    text += "".join(f"CAS*{segment}~" for segment in cas)
    return text + (f"AMT*B6*{more['allowed']}~" if more["allowed"] else "")


def paid(day: int, amount: str, claims: str, plb: str = "", trace: str = "") -> str:
    """An 835 of a day of April."""
    body = segments(claims) + ([f"PLB*1234567893*20261231*{plb}"] if plb else [])
    method = "NON" if amount == "0" else "CHK"
    text = payment_file(body).replace("BPR*I*0*C*NON", f"BPR*I*{amount}*C*{method}")
    text = text.replace("TRN*1*1*", f"TRN*1*{trace or f'T{day}'}*")
    return _dated(text.replace("20260401", f"202604{day:02}"), day)


NUMBERS = iter(range(100, 10_000))


def _dated(text: str, day: int) -> str:
    """Sent on a day of April, under a control number of its own."""
    for old in ("*20260315*", "*260315*"):
        text = text.replace(old, old.replace("0315", f"04{day:02}"))
    return text.replace("000000001", f"{next(NUMBERS):09}")


def run(folder: Path, *texts: str, payers: str = "") -> Settings:
    """Every file in a run of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    if payers:
        (folder / "payers.toml").write_text(payers)
    settings = steps.initialise(folder)
    for nth, text in enumerate(texts):
        (settings.folder("inbox") / f"{nth}.edi").write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
        steps.propose(settings, as_of=DAY)
    return settings


def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(settings.home / "warehouse.db") as connection:
        return connection.execute(sql).fetchall()


def reported(settings: Settings) -> list[str]:
    """What verify wants looked at, by the rows' names; every invariant holds."""
    warehouse = Warehouse(settings.url)
    try:
        found = verify(warehouse, settings, as_of=DAY)
    finally:
        warehouse.close()
    assert found.holds, found.as_dict()
    return [words.partition(":")[0] for result in found.results for words in result.reported]


PAID = told("1", "450", "100", "CO*45*350")
TAKEN = told("22", "-450", "-100", "CO*45*-350")
LACKING = told("22", "450", "100", "CO*45*350")
IN_CR = told("1", "450", "100", "CR*45*350")
OTHER = told("1", "450", "300", "CO*45*150", number="PCN2", icn="ICN2")
MONEY = ("select al.payment_amount, al.is_reversal from mart_adjudicated_line as al "
         "where al.reported_patient_control_number = 'PCN1' "
         "order by al.payment_date, al.claim_position")  # fmt: skip
NOT_AS_PAID = "remittance whose claim payments, as they are read, less PLB are not BPR02"


@pytest.mark.parametrize(
    ("amount", "claims", "plb", "found"),
    [
        ("100", IN_CR, "", (100.0, 0)),
        ("200", IN_CR + OTHER, "", (-100.0, 1)),
        ("400", IN_CR + OTHER, "", (100.0, 0)),
        ("100", LACKING, "", (100.0, 0)),
        ("200", LACKING + OTHER, "", (-100.0, 1)),
        ("400", LACKING + OTHER, "", (100.0, 0)),
        ("200", TAKEN + OTHER, "", (-100.0, 1)),
    ],
)
def test_the_payment_tells_whether_an_amount_without_its_minus_is_taken_back(
    tmp_path: Path, amount: str, claims: str, plb: str, found: tuple[float, int]
) -> None:
    settings = run(tmp_path, billed(1), paid(10, amount, claims, plb))
    assert query(settings, MONEY) == [found]
    assert query(settings, "select count(*) from problem where code = 'REVERSAL_WITHOUT_MINUS'") \
        == [(0,)]  # fmt: skip
    assert NOT_AS_PAID not in reported(settings)


@pytest.mark.parametrize(
    ("amount", "claims", "plb"),
    [
        # A PLB makes up for what was added: it was taken back.
        ("200", LACKING + OTHER, "CS:ICN1*200"),
        # It does not balance in any way.
        ("7", LACKING, ""),
        # Nothing was paid, so that BPR02 is the same in both ways.
        ("0", told("1", "450", "0", "CR*197*450"), ""),
    ],
)
def test_where_the_payment_does_not_tell_the_reading_is_marked(
    tmp_path: Path, amount: str, claims: str, plb: str
) -> None:
    settings = run(tmp_path, billed(1), paid(10, amount, claims, plb))
    assert [is_reversal for _, is_reversal in query(settings, MONEY)] == [1]
    assert query(settings, "select place from problem where code = 'REVERSAL_WITHOUT_MINUS'") == [
        ("2100/CLP04",)
    ]
    assert (NOT_AS_PAID in reported(settings)) == bool(plb)


def test_what_status_22_takes_back_unpaid_needs_no_minus(tmp_path: Path) -> None:
    settings = run(tmp_path, billed(1), paid(10, "0", told("22", "450", "0", "CO*197*450")))
    assert [is_reversal for _, is_reversal in query(settings, MONEY)] == [1]
    assert query(settings, "select * from problem where code = 'REVERSAL_WITHOUT_MINUS'") == []


def test_a_reversal_of_a_reversal_pays_again(tmp_path: Path) -> None:
    texts = [billed(1), paid(10, "100", PAID), paid(12, "0", TAKEN, "FB:A*-100"),
             paid(14, "100", LACKING)]  # fmt: skip
    settings = run(tmp_path, *texts)
    assert query(settings, MONEY) == [(100.0, 0), (-100.0, 1), (100.0, 0)]
    assert query(settings, "select status from mart_submission") == [("adjudicated",)]
    assert query(settings, "select is_reversed from mart_adjudicated_line order by payment_date") \
        == [(1,), (0,), (0,)]  # fmt: skip


def test_what_applies_a_balance_makes_up_for_no_reversal(tmp_path: Path) -> None:
    """What was taken back is paid again, and pays off what was carried forward then."""
    texts = [billed(1), paid(10, "100", PAID), paid(12, "0", TAKEN, "FB:A*-100"),
             paid(14, "0", LACKING, "FB:A*100")]  # fmt: skip
    settings = run(tmp_path, *texts)
    assert query(settings, MONEY) == [(100.0, 0), (-100.0, 1), (100.0, 0)]
    assert NOT_AS_PAID not in reported(settings)


def test_a_reversal_that_has_its_minus_at_the_payment_alone_is_read_as_sent(tmp_path: Path) -> None:
    taken = told("22", "450", "-100", "CO*45*550")
    settings = run(tmp_path, billed(1), paid(10, "100", PAID), paid(12, "0", taken, "FB:A*-100"))
    assert query(settings, MONEY) == [(100.0, 0), (-100.0, 1)]
    assert query(settings, "select is_reversed from mart_adjudicated_line order by payment_date") \
        == [(1,), (0,)]  # fmt: skip
    assert reported(settings) == []


@pytest.mark.parametrize("claims", [TAKEN, LACKING])
def test_a_debit_is_money_that_was_taken(tmp_path: Path, claims: str) -> None:
    """BPR03 says so, and BPR02 has no minus."""
    debit = paid(12, "100", claims).replace("BPR*I*100*C*", "BPR*I*100*D*")
    settings = run(tmp_path, billed(1), paid(10, "100", PAID), debit)
    assert query(settings, MONEY) == [(100.0, 0), (-100.0, 1)]
    for mart in ("mart_remittance", "mart_file where kind = '835'"):
        assert query(settings, f"select sum(payment_amount) from {mart}") == [(0,)]
    assert query(settings, "select * from problem") == []
    assert reported(settings) == []


def test_an_allowed_amount_left_positive_is_taken_back_with_the_rest(tmp_path: Path) -> None:
    settings = run(
        tmp_path, billed(1),
        paid(10, "100", told("1", "450", "100", "CO*45*350", allowed="100")),
        paid(12, "0", told("22", "-450", "-100", "CO*45*-350", allowed="100"), "FB:A*-100"),
    )  # fmt: skip
    allowed = "select allowed_amount from mart_adjudicated_line order by payment_date"
    assert query(settings, allowed) == [(100.0,), (-100.0,)]


def test_a_negative_charge_is_no_decision_whatever_its_status(tmp_path: Path) -> None:
    texts = [billed(1), paid(10, "0", told("1", "450", "0", "CO*197*450")),
             paid(12, "0", told("1", "-450", "0", "CO*197*-450"))]  # fmt: skip
    settings = run(tmp_path, *texts)
    assert query(settings, "select status from mart_denial") == [("reversed",)]


COPIES = "select status, reason_code from mart_file where kind = '835' order by file_id"


CUT = told("1", "450", "100", "CO*45*300", "CO*253*50")


def line(code: str, reason: str, *remarks: str, charge: str = "450") -> str:
    """A service line that is denied."""
    text = f"SVC*HC:{code}*{charge}*0**1~DTM*472*20260314~CAS*CO*{reason}*{charge}~"
    return text + "".join(f"LQ*HE*{remark}~" for remark in remarks)


def unpaid(
    *lines: str, moa: str = "", charge: str = "900", reference: str = "", frequency: str = ""
) -> str:
    """A CLP that pays nothing, under no number that tells it from another."""
    moa = f"MOA***{moa}~" if moa else ""
    return (f"CLP*PCN1*1*{charge}*0**12*0*11*{frequency}".rstrip("*")
            + f"~NM1*QC*1*DOE*JANE****MI*W123456789~{moa}{reference}" + "".join(lines))  # fmt: skip


@pytest.mark.parametrize(
    "again",
    [
        told("1", "450.00", "100.00", "CO*45*300.00", "CO*253*50.0") + OTHER,
        OTHER + CUT,
        told("1", "450", "100", "CO*253*50**45*300") + OTHER,
    ],
    ids=["cents written", "claims in another order", "adjustments in another order"],
)
def test_a_payment_is_known_again_however_it_is_written(tmp_path: Path, again: str) -> None:
    settings = run(tmp_path, billed(1), paid(10, "400", CUT + OTHER), paid(10, "400", again))
    assert query(settings, COPIES) == [("loaded", None), ("duplicate", "SAME_PAYMENT")]
    assert query(settings, "select sum(payment_amount) from mart_remittance") == [(400.0,)]


COUNTED_TWICE = "payment that may be one that came before"
TWO_PAYERS = """
[[payer]]
name = "Acme Health"
ids = ["87726", "ACME1"]

[[payer]]
name = "Sample Mutual"
ids = ["SMPL2"]
"""


@pytest.mark.parametrize(
    ("named", "trn03", "is_copy"),
    [
        ("XV*ACME1", "1999999999", True),  # a clearinghouse's id for it
        ("XV*acme1", "1888888888", True),  # known as one payer's, whatever the tax id
        ("XV*CLEARING", "1999999999", True),
        ("FI*99-9999999", "1888888888", True),
        ("", "1999999999", True),
        ("XV*CLEARING", "1888888888", False),
        ("XV*SMPL2", "1999999999", False),  # another payer of payers.toml
    ],
)
def test_a_payment_is_known_again_under_any_id_of_its_payer(
    tmp_path: Path, named: str, trn03: str, is_copy: bool
) -> None:
    first = paid(10, "400", CUT + OTHER)
    again = paid(10, "400", CUT + OTHER).replace("*1999999999~", f"*{trn03}~")
    assert "N1*PR*PAYER*XV*87726~" in again
    again = again.replace("*XV*87726~", f"*{named}~" if named else "~")
    for nth, texts in enumerate(((first, again), (again, first))):
        settings = run(tmp_path / "home" / str(nth), billed(1), *texts, payers=TWO_PAYERS)
        second = ("duplicate", "SAME_PAYMENT") if is_copy else ("loaded", None)
        assert query(settings, COPIES) == [("loaded", None), second]
        # What was counted twice all the same is said.
        assert (COUNTED_TWICE in reported(settings)) is not is_copy


def test_a_payment_again_beside_a_new_one_is_said(tmp_path: Path) -> None:
    """A copy of a set in a file that is new otherwise: not counted, and not in silence."""
    first, second = paid(10, "100", PAID), paid(12, "300", OTHER)
    begin, end = second.index("ST*835"), second.index("GE*")
    again = first[first.index("ST*835") : first.index("GE*")].replace("*0001", "*0002")
    both = second[:end] + again + second[end:].replace("GE*1*", "GE*2*")
    assert 0 < begin < end
    settings = run(tmp_path, billed(1), first, both)
    assert query(settings, COPIES) == [("loaded", None), ("loaded", None)]
    assert query(settings, "select sum(payment_amount) from mart_remittance") == [(400.0,)]
    assert query(settings, "select code, found from problem") == [
        ("SAME_PAYMENT", "a payment that was received before")
    ]


def test_a_fiscal_period_that_is_no_date_keeps_no_payment_back(tmp_path: Path) -> None:
    text = paid(10, "90", PAID, "WO:A*10").replace("*20261231*", "*20261399*")
    settings = run(tmp_path, billed(1), text)
    assert query(settings, COPIES) == [("loaded", None)]
    assert query(settings, "select amount, fiscal_period_date from mart_provider_adjustment") == [
        (10.0, None)
    ]


def test_interest_left_positive_is_taken_back_with_the_rest(tmp_path: Path) -> None:
    interest = "AMT*I*5~"
    claims = [text.replace("SVC*", interest + "SVC*") for text in (PAID, TAKEN)]
    settings = run(tmp_path, billed(1), paid(10, "105", claims[0], "L6*-5"),
                   paid(12, "0", claims[1], "FB:A*-105**L6*5".replace("**", "*")))  # fmt: skip
    assert query(settings, "select sum(interest_cents) from claim_payment") == [(0,)]


def test_a_claim_that_cannot_be_read_tells_two_payments_of_nothing_apart(tmp_path: Path) -> None:
    """Under one trace number of one day; the very same is a copy however it is written."""
    bad = told("1", "450", "0", "CO*197*450").replace("*20260314", "*20261399")
    other = bad.replace("PCN1", "PCN2")
    for nth, (again, status) in enumerate(((other, "loaded"), (bad, "duplicate"))):
        texts = (paid(10, "0", bad, trace="0"), paid(10, "0", again, trace="0"))
        settings = run(tmp_path / str(nth), *texts)
        found = [row[0] for row in query(settings, COPIES)]
        assert found == ["loaded", status]
        kept = query(settings, "select count(*) from quarantine_item")
        assert kept == [(2 if status == "loaded" else 1,)]


@pytest.mark.parametrize(("amount", "told_twice"), [("100", True), ("0", False)])
def test_a_payment_with_other_adjustments_is_loaded_and_marked(
    tmp_path: Path, amount: str, told_twice: bool
) -> None:
    """The trace number of what pays nothing may be the same all day; its claims are not."""
    first, second = (
        told("1", "450", amount, f"{cas}*{450 - int(amount)}") for cas in ("CO*252", "CO*197")
    )
    texts = [billed(1), paid(10, amount, first, trace="T"), paid(10, amount, second, trace="T")]
    settings = run(tmp_path, *texts)
    assert query(settings, COPIES) == [("loaded", None), ("loaded", None)]
    marks = "select count(*) from problem where code = 'PAYMENT_WITH_OTHER_CONTENT'"
    assert query(settings, marks) == [(1,)]
    assert (COUNTED_TWICE in reported(settings)) == told_twice


TWO_LINES = unpaid(line("64483", "197", "M76", "N290"), line("64493", "50"), moa="MA01*MA130")


@pytest.mark.parametrize(
    ("again", "is_copy"),
    [
        (unpaid(line("64493", "50", charge="450.00"), line("64483", "197", "N290", "M76"),
                moa="MA130*MA01", charge="900.0"), True),
        (TWO_LINES.replace("N290", "N382"), False),
        (TWO_LINES.replace("MA130", "MA07"), False),
        (unpaid(line("64483", "50", "M76", "N290"), line("64493", "197"), moa="MA01*MA130"), False),
        (TWO_LINES.replace("W123456789", "W2"), False),
        (TWO_LINES.replace("DOE*JANE", "ROE*RICHARD"), False),
        (TWO_LINES.replace("*0*11~", "*0*11*7~"), False),
        (TWO_LINES.replace("MA130~", "MA130~REF*F8*ICN1~"), False),
    ],
    ids=["lines and remark codes in another order", "another remark code of a line",
         "another remark code of the claim", "reasons of two lines exchanged", "another member",
         "another patient", "a replacement's answer", "another claim that it answers"],
)  # fmt: skip
def test_what_pays_nothing_is_a_copy_only_where_it_says_the_same_of_the_same_patient(
    tmp_path: Path, again: str, is_copy: bool
) -> None:
    """No amount tells two denials apart, nor does a trace number that is the same all day."""
    settings = run(tmp_path, paid(10, "0", TWO_LINES, trace="T"), paid(10, "0", again, trace="T"))
    second = ("duplicate", "SAME_PAYMENT") if is_copy else ("loaded", None)
    assert query(settings, COPIES) == [("loaded", None), second]


def test_other_claims_under_a_constant_trace_number_are_no_copy(tmp_path: Path) -> None:
    texts = [
        paid(10, "0", told("1", "450", "0", "CO*197*450", number=number, icn=f"I{number}"),
             trace="0")
        for number in ("PCN1", "PCN2")
    ]  # fmt: skip
    settings = run(tmp_path, *texts)
    assert query(settings, COPIES) == [("loaded", None), ("loaded", None)]
    assert query(settings, "select * from problem") == []


VOID = billed(15, "8", "REF*F8*ICN1~")
BACK = told("22", "-450", "-100", "CO*45*-350", frequency="8")
ELSE = told("1", "450", "90", "CO*45*360", icn="ICN2", frequency="1")


@pytest.mark.parametrize(
    ("day", "claims", "plb", "found"),
    [
        (20, BACK, "FB:A*-100", "adjudicated"),
        (20, TAKEN, "FB:A*-100", "adjudicated"),
        (12, BACK, "FB:A*-100", "pending"),
        (20, TAKEN + ELSE, "FB:A*-10", "pending"),
        (20, TAKEN.replace("ICN1*11", "ICN3*11"), "FB:A*-100", "pending"),
        (20, told("22", "-450", "-100", "CO*45*-350", frequency="1"), "FB:A*-100", "pending"),
    ],
    ids=["it says so", "its number", "before it", "decided anew", "another number", "the first"],
)  # fmt: skip
def test_a_void_is_answered_by_the_reversal_that_follows_it(
    tmp_path: Path, day: int, claims: str, plb: str, found: str
) -> None:
    texts = [billed(1), paid(10, "100", PAID), VOID, paid(day, "0", claims, plb)]
    for nth, order in enumerate((texts, texts[::-1])):
        settings = run(tmp_path / str(nth), *order)
        assert query(
            settings,
            "select claim_frequency_code, status from mart_submission order by submitted_on",
        ) == [("1", "voided"), ("8", found)]


def test_verify_lists_a_reversal_that_takes_back_no_decision_of_its_claim(tmp_path: Path) -> None:
    """In part, or of what came before the warehouse; there is nothing to compare it with else."""
    words = "reversal that takes back no decision of its claim, though there are some"
    part = told("22", "-450", "-80", "CO*45*-370")
    for nth, (claims, found) in enumerate(((part, True), (TAKEN, False))):
        amount = "80" if claims is part else "100"
        texts = [billed(1), paid(10, "100", PAID), paid(12, "0", claims, f"FB:A*-{amount}")]
        assert (words in reported(run(tmp_path / str(nth), *texts))) == found
    assert words not in reported(
        run(tmp_path / "alone", billed(1), paid(12, "0", TAKEN, "FB:A*-100"))
    )
