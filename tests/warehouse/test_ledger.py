"""Money beside the claims (PLB): kept whatever its code, named where it names a claim, and a
balance that is carried forward closes where the same payer takes it back."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cases.reading import claim_file, payment_file, segments
from warehouse import steps
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.ledger import close_ledger
from warehouse.settings import Settings
from warehouse.verify import verify

DAY, NOW = date(2026, 7, 1), datetime(2030, 1, 1)
NPI, OTHER_NPI = "1234567893", "1999999984"
CLAIM = ("CLM*PCN1*500***11:B:1*Y*A*Y*Y~HI*ABK:M5416~"
         "LX*1~SV1*HC:64483*500*UN*1***1~DTP*472*D8*20260314~")  # fmt: skip
ZERO_PAID = ("CLP*PCN{0}*1*500*0**12*ICN{0}*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
             "SVC*HC:64483*500*0**1~DTM*472*20260314~CAS*CO*50*500~")  # fmt: skip
PAID = ("CLP*PCN{0}*1*500*{1}**12*ICN{0}*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
        "SVC*HC:64483*500*{1}**1~DTM*472*20260314~CAS*CO*45*{2}~")  # fmt: skip

ACME = '[[payer]]\nname = "Acme Health"\nids = ["87726", "ACME1"]\n'


def paid(
    day: int, claim: str, *entries: str, amount: int = 0, payer: str = "87726", npi: str = NPI
) -> str:
    """An 835 of a day of April. ``entries`` are PLB pairs: ``FB:REFERENCE*-50``."""
    plb = [f"PLB*{npi}*20261231*{entry}" for entry in entries]
    text = payment_file([*segments(claim), *plb])
    for old, new in (
        ("BPR*I*0*C*NON", f"BPR*I*{amount}*C*{'CHK' if amount else 'NON'}"),
        ("TRN*1*1*", f"TRN*1*T{payer}{day}*"), ("20260401", f"202604{day:02}"),
        ("000000001", f"0000{payer[-3:]}{day:02}"), ("*XV*87726", f"*XV*{payer}"),
    ):  # fmt: skip
        text = text.replace(old, new)
    return text


def kept(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    """The ledger, after every file in a run of its own; the marts hold what verify asks for."""
    settings: Settings = steps.initialise(folder)
    for nth, text in enumerate(texts):
        (settings.folder("inbox") / f"{nth}.edi").write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
    with sqlite3.connect(settings.home / "warehouse.db") as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            "select reason_code, reference, amount, category, patient_control_number as number, "
            "closed_by_trace_number as closed from mart_provider_adjustment "
            "order by trace_number, reference, amount"
        )
        return [dict(row) for row in rows]


def closings(rows: list[dict[str, Any]]) -> list[tuple[float, str | None]]:
    return [(row["amount"], row["closed"]) for row in rows]


def test_a_payer_s_number_that_claims_share_names_none_of_them(tmp_path: Path) -> None:
    """Some write 0 for it; a claim in parts, or decided anew, is one claim all the same."""
    one, other = (ZERO_PAID.format(n).replace(f"ICN{n}", "NUMBER0") for n in (1, 2))
    again = one.replace("CO*50", "CO*97")
    texts = [paid(10, one), paid(12, other), paid(14, ZERO_PAID.format(3), "WO:NUMBER0*80",
                                                  "FB:B1*-80")]  # fmt: skip
    for nth, order in enumerate(permutations(texts)):
        assert kept(tmp_path / str(nth), list(order))[-1]["number"] is None
    billed = claim_file(segments(CLAIM))
    for nth, order in enumerate(permutations([billed, texts[0], paid(12, again), texts[2]])):
        assert kept(tmp_path / f"anew {nth}", list(order))[-1]["number"] == "PCN1"


def test_of_two_balances_of_one_day_and_trace_the_same_closes_whatever_arrives_first(
    tmp_path: Path,
) -> None:
    one, other = (paid(10, ZERO_PAID.format(n), "FB:A*-100", "L6*100") for n in (1, 2))
    other = other.replace("000043110", "000043111").replace("00072610", "00072611")
    texts = [one, other, paid(14, PAID.format(3, 100, 400), "FB:A*100")]
    found = set()
    for nth, order in enumerate(permutations(texts)):
        home = tmp_path / str(nth)
        kept(home, list(order))
        with sqlite3.connect(home / "warehouse.db") as connection:
            found |= set(connection.execute(
                "select f.sha256 from provider_adjustment as p join remittance as r "
                "using (remittance_id) join file as f using (file_id) where p.closed_by_id > 0"
            ).fetchall())  # fmt: skip
    assert len(found) == 1


@pytest.mark.parametrize(
    ("amounts", "ends"),
    [
        ((-200, 80, -50, 170), {0: 3, 2: 3}),  # carried on while it is paid off
        ((-30, -50, 80), {0: 2, 1: 2}),  # two by one sum
        ((-30, -50, 79), {}),
        ((-30, -50, 81), {}),
        ((-30, 40, -50, 40), {}),  # more was taken than was carried
    ],
)
def test_balances_under_one_reference_close_where_they_come_to_nothing(
    tmp_path: Path, amounts: tuple[int, ...], ends: dict[int, int]
) -> None:
    texts = [
        paid(10 + n, PAID.format(n + 1, 200, 300), f"FB:B1*{cents}", amount=200 - cents)
        for n, cents in enumerate(amounts)
    ]
    kept(tmp_path, texts)
    with sqlite3.connect(tmp_path / "warehouse.db") as connection:
        found = connection.execute(
            "select mine.trace_number, other.trace_number from provider_adjustment as one "
            "join remittance as mine using (remittance_id) "
            "join provider_adjustment as two on two.provider_adjustment_id = one.closed_by_id "
            "join remittance as other on other.remittance_id = two.remittance_id"
        ).fetchall()
    assert dict(found) == {f"T87726{10 + a}": f"T87726{10 + b}" for a, b in ends.items()}


@pytest.mark.parametrize(("other", "closes"), [("111111111", True), ("222222222", False)])
def test_an_account_is_what_the_payer_calls_it(tmp_path: Path, other: str, closes: bool) -> None:
    """PLB01 may be a tax id: two of them are two accounts."""
    rows = kept(tmp_path, [
        paid(10, ZERO_PAID.format(1), "FB:B1*-80", "WO:X*80", npi="111111111"),
        paid(12, PAID.format(2, 100, 400), "FB:B1*80", amount=20, npi=other),
    ])  # fmt: skip
    assert [bool(r["closed"]) for r in rows if r["amount"] == -80] == [closes]


@pytest.mark.parametrize("first", [True, False])
def test_a_balance_may_be_taken_on_its_own_day(tmp_path: Path, first: bool) -> None:
    """Whichever of the two has the lower trace number."""
    opened = paid(10, ZERO_PAID.format(1), "FB:B1*-80", "WO:X*80")
    taken = paid(10, PAID.format(2, 100, 400), "FB:B1*80", amount=20)
    taken = taken.replace("TRN*1*T8772610*", f"TRN*1*{'A' if first else 'Z'}*")
    taken = taken.replace("00072610", "00072611")
    rows = kept(tmp_path, [opened, taken])
    assert [bool(r["closed"]) for r in rows if r["amount"] == -80] == [True]


def test_a_carried_balance_closes_where_it_is_taken_whatever_arrives_first(tmp_path: Path) -> None:
    """What the second payment cannot cover is carried on, and the third one takes it."""
    texts = [
        paid(10, ZERO_PAID.format(1), "WO:ICN0*80", "FB:B1*-80"),
        paid(12, PAID.format(2, 30, 470), "FB:B1*80", "FB:B2*-50"),
        paid(14, PAID.format(3, 60, 440), "FB:B2*50", amount=10),
    ]
    for nth, order in enumerate(permutations(texts)):
        rows = [r for r in kept(tmp_path / str(nth), list(order)) if r["reason_code"] == "FB"]
        assert closings(rows) == [
            (-80.0, "T8772612"), (80.0, None), (-50.0, "T8772614"), (50.0, None),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        paid(12, PAID.format(2, 100, 400), "FB:B1*80", amount=20, payer="00431"),
        paid(12, PAID.format(2, 100, 400), "FB:B1*80", amount=20, npi=OTHER_NPI),
        paid(12, PAID.format(2, 100, 400), "FB:B1*79", amount=21),
        paid(8, PAID.format(2, 100, 400), "FB:B1*80", amount=20),
        paid(12, PAID.format(2, 100, 400), "WO:B1*80", amount=20),
    ],
    ids=["another payer", "another provider", "another amount", "before it", "another code"],
)
def test_a_carried_balance_stays_open_where_something_else_is_taken(
    tmp_path: Path, other: str
) -> None:
    rows = kept(tmp_path, [paid(10, ZERO_PAID.format(1), "WO:ICN0*80", "FB:B1*-80"), other])
    assert {row["closed"] for row in rows} == {None}


def test_each_of_two_equal_balances_closes_once(tmp_path: Path) -> None:
    rows = kept(tmp_path, [
        paid(10, ZERO_PAID.format(1), "WO:ICN0*80", "FB:B1*-80"),
        paid(11, ZERO_PAID.format(2), "WO:ICN0*80", "FB:B2*-80"),
        paid(12, PAID.format(3, 100, 400), "FB:B2*80", amount=20),
    ])  # fmt: skip
    carried = [(r["reference"], r["closed"]) for r in rows if r["amount"] < 0]
    assert carried == [("B1", None), ("B2", "T8772612")]


CODES = {
    "WO": "overpayment_recovery", "L6": "interest", "CS": "adjustment", "72": "return",
    "AP": "settlement", "J1": "return", "50": "penalty", "51": "interest", "90": "incentive",
    "LE": "withholding", "CT": "capitation", "GO": "institutional", "ZZ": "other",
}  # fmt: skip


def test_every_code_is_kept_counted_and_classed_an_unknown_one_too(tmp_path: Path) -> None:
    entries = [f"{code}:REF-{code}*1.25" for code in CODES]
    left = 100 - 1.25 * len(CODES)
    text = paid(10, PAID.format(1, 100, 400), *entries).replace("BPR*I*0*C*NON", "BPR*I*{}*C*CHK")
    settings = steps.initialise(tmp_path)
    rows = kept(tmp_path, [text.format(f"{left:.2f}")])
    assert {r["reason_code"]: r["category"] for r in rows} == CODES
    assert {r["amount"] for r in rows} == {1.25}
    warehouse = Warehouse(settings.url)
    try:
        found = verify(warehouse, settings, as_of=DAY)
    finally:
        warehouse.close()
    assert found.holds
    [i4] = [r for r in found.results if r.code == "I4"]
    assert i4.checked and not i4.reported


@pytest.mark.parametrize(
    "reference, number",
    [
        ("ICN1", "PCN1"), ("PCN1", "PCN1"), ("PCN1ICN1", "PCN1"), ("PCN1-ICN1-T8772610", "PCN1"),
        ("ICN9", None), ("PCN", None), ("", None),
    ],
)  # fmt: skip
def test_an_entry_names_a_claim_by_the_payers_number_or_by_ours(
    tmp_path: Path, reference: str, number: str | None
) -> None:
    entry = f"WO:{reference}*40" if reference else "WO*40"
    texts = [claim_file(segments(CLAIM)),
             paid(10, PAID.format(1, 100, 400), amount=100),
             paid(12, PAID.format(2, 100, 400), entry, amount=60)]  # fmt: skip
    for nth, order in enumerate(permutations(texts)):
        [row] = kept(tmp_path / str(nth), list(order))
        assert row["number"] == number


@pytest.mark.parametrize("reference", ["ICN1", "PCN1", "PCN1ICN1"])
def test_another_payers_entry_names_no_claim_of_this_one(tmp_path: Path, reference: str) -> None:
    [row] = kept(tmp_path, [
        claim_file(segments(CLAIM)), paid(10, PAID.format(1, 100, 400), amount=100),
        paid(12, PAID.format(2, 100, 400), f"WO:{reference}*40", amount=60, payer="00431"),
    ])  # fmt: skip
    assert row["number"] is None


@pytest.mark.parametrize("reference", ["ICN1", "PCN1", "PCN1ICN1"])
def test_an_entry_names_a_claim_under_any_id_of_its_payer(tmp_path: Path, reference: str) -> None:
    steps.initialise(tmp_path)
    (tmp_path / "payers.toml").write_text(ACME)
    [row] = kept(tmp_path, [
        claim_file(segments(CLAIM)), paid(10, PAID.format(1, 100, 400), amount=100),
        paid(12, PAID.format(2, 100, 400), f"WO:{reference}*40", amount=60, payer="ACME1"),
    ])  # fmt: skip
    assert row["number"] == "PCN1"


@pytest.mark.usefixtures("small_claim")
@pytest.mark.parametrize(
    ("second", "named"),
    [
        ({"remittance_id": 3}, 2),
        ({"remittance_id": 2}, 1),  # paid earlier
        ({"remittance_id": 3, "is_reversal": True}, 1),
        ({"remittance_id": 4}, 2),  # of one day, by trace
        ({"remittance_id": 5}, 1),
        ({"remittance_id": 1}, 2),  # of one payment, the later place
        ({"remittance_id": 3, "payer_claim_control_number": "ICN2"}, 1),
        ({"remittance_id": 3, "payer_claim_control_number": None}, 1),
    ],
)
def test_of_adjudications_under_one_number_the_newest_that_is_no_reversal_is_named(
    warehouse: Warehouse, keep: Any, second: dict[str, Any], named: int
) -> None:
    days = {2: ("T", date(2026, 9, 1)), 3: ("T", date(2026, 10, 1)),
            4: ("TRACE2", date(2026, 9, 14)), 5: ("TRACE0", date(2026, 9, 14))}  # fmt: skip
    for n, (trace, day) in days.items():
        keep(t.remittance, remittance_id=n, trace_number=trace, payment_date=day)
    keep(t.claim_payment, **({"claim_payment_id": 2, "claim_position": 2} | second))
    for n, reference in ((1, "ICN1"), (2, None)):
        keep(t.provider_adjustment, remittance_id=3, segment_position=n, pair=1, reason_code="WO",
             provider_npi=NPI, amount_cents=100, reference=reference)  # fmt: skip
    for _ in range(2):  # named anew with the same end
        with warehouse.write() as connection:
            close_ledger(connection, ())
            found = connection.execute(
                select(t.provider_adjustment.c.claim_payment_id).order_by(
                    t.provider_adjustment.c.provider_adjustment_id
                )
            )
            assert list(found.scalars()) == [named, None]


def test_a_reference_of_both_numbers_names_the_claim_that_has_both(tmp_path: Path) -> None:
    """Of two visits under one number, whose payer's numbers begin alike."""
    visit = PAID.replace("ICN{0}", "{3}").format
    for nth, reference in enumerate(("PCN1ICN12", "PCN1-ICN12-T877269", "PCN1-ICN12-T8772612")):
        folder = tmp_path / str(nth)
        kept(folder, [
            paid(10 - 1, visit(1, 100, 400, "ICN12"), amount=100),
            paid(10, visit(1, 100, 400, "ICN1").replace("20260314", "20260328"), amount=100),
            paid(12, PAID.format(2, 100, 400), f"WO:{reference}*40", amount=60),
        ])  # fmt: skip
        with sqlite3.connect(folder / "warehouse.db") as connection:
            named = connection.execute(
                "select payer_claim_control_number from provider_adjustment "
                "join claim_payment using (claim_payment_id)"
            ).fetchall()
        assert named == [("ICN12",)]


@pytest.mark.parametrize(
    "reference",
    [
        "2026ICN001", "2026icn-001", "2026ICN-001 ", "PCN1A", "pcn-1a", "PCN-1A2026ICN-001",
        "PCN1A2026ICN001T877269", "2026ICN-001T8772612", "2026ICN001/PCN1A",
        "2026ICN001W123456789", "002026ICN-001W123456789",
    ],
)  # fmt: skip
def test_a_reference_names_a_claim_however_its_numbers_are_put_together(
    tmp_path: Path, reference: str
) -> None:
    """Dashes and case change on the way; Medicare puts the member id behind its number."""
    own = CLAIM.replace("PCN1", "PCN-1A")
    decided = (
        PAID.format(1, 100, 400)
        .replace("CLP*PCN1*", "CLP*PCN-1A*")
        .replace("*ICN1*", "*2026ICN-001*")
    )
    other = PAID.format(2, 100, 400).replace("*ICN2*", "*2026ICN-002*")
    [row] = kept(tmp_path, [
        claim_file(segments(own)), paid(9, decided, amount=100), paid(10, other, amount=100),
        paid(12, PAID.format(3, 100, 400), f"WO:{reference}*40", amount=60),
    ])  # fmt: skip
    assert row["number"] == "PCN-1A"


def test_a_reference_that_begins_like_a_claim_s_number_names_none(tmp_path: Path) -> None:
    """Nor does another payer's; whatever stands beside it. Dashes are the payer's own."""
    unnumbered = PAID.format(3, 100, 400).replace("*ICN3*", "**")
    entries = ("PCN-1", "PCN1", "PCN12", "PCN1ICN9", "PCN1ICN12", "PCN3", "PCN34")
    kept(tmp_path, [
        paid(10, PAID.format(1, 100, 400), amount=100),
        paid(11, unnumbered, amount=100),
        paid(12, PAID.format(2, 100, 400), *(f"WO:{e}*10" for e in entries), amount=30),
        paid(13, PAID.format(4, 100, 400), "WO:PCN1*10", amount=90, payer="00431"),
    ])  # fmt: skip
    with sqlite3.connect(tmp_path / "warehouse.db") as connection:
        named = connection.execute(
            "select reference, trace_number, reported_patient_control_number "
            "from provider_adjustment as entry join remittance using (remittance_id) "
            "join claim_payment using (claim_payment_id) order by 1, 2"
        ).fetchall()
    assert named == [
        ("PCN-1", "T8772612", "PCN1"), ("PCN1", "T8772612", "PCN1"), ("PCN3", "T8772612", "PCN3"),
    ]  # fmt: skip


def test_an_entry_names_no_claim_of_what_is_another_payer_by_now(tmp_path: Path) -> None:
    """payers.toml was put right: the other id is not this payer's."""
    steps.initialise(tmp_path)
    (tmp_path / "payers.toml").write_text(ACME)
    kept(tmp_path, [
        claim_file(segments(CLAIM)), paid(10, PAID.format(1, 100, 400), amount=100),
        paid(12, PAID.format(2, 100, 400), "WO:ICN1*40", amount=60, payer="ACME1"),
    ])  # fmt: skip
    (tmp_path / "payers.toml").write_text(ACME.replace(', "ACME1"', ""))
    [row] = kept(tmp_path, [paid(14, PAID.format(3, 100, 400), amount=100)])
    assert row["number"] is None


@pytest.mark.parametrize("filing", ["", 'claim_filing = ["CI"]\n'])
def test_a_balance_closes_under_any_id_of_its_payer(tmp_path: Path, filing: str) -> None:
    """payers.toml names both ids, for one line of business or all; a third is another payer's."""
    for nth, (other, found) in enumerate((("ACME1", "TACME112"), ("ELSE9", None))):
        folder = tmp_path / str(nth)
        steps.initialise(folder)
        (folder / "payers.toml").write_text(ACME + filing)
        texts = [
            paid(10, ZERO_PAID.format(1), "WO:ICN0*80", "FB:B1*-80"),
            paid(12, PAID.format(2, 80, 420), "FB:B1*80", payer=other),
        ]
        rows = [r for r in kept(folder, texts) if r["reason_code"] == "FB"]
        assert closings(rows) == [(-80.0, found), (80.0, None)]


def test_a_balance_closes_where_the_last_part_of_it_is_taken(tmp_path: Path) -> None:
    carried = paid(10, ZERO_PAID.format(1), "WO:ICN0*100", "FB:B1*-100")
    for nth, (parts, found) in enumerate((
        ((60, 40), "T8772614"), ((60, 30), None), ((60, 50), None), ((100, 40), "T8772612"),
    )):  # fmt: skip
        texts = [carried] + [
            paid(12 + 2 * at, PAID.format(2 + at, cents, 500 - cents), f"FB:B1*{cents}")
            for at, cents in enumerate(parts)
        ]
        for order in (texts, texts[::-1]):
            folder = tmp_path / f"{nth}{order is texts}"
            rows = [r for r in kept(folder, order) if r["reason_code"] == "FB"]
            assert closings(rows)[0] == (-100.0, found)


def test_parts_under_the_reference_of_two_balances_close_neither(tmp_path: Path) -> None:
    texts = [
        paid(10, ZERO_PAID.format(1), "WO:ICN0*100", "FB:B1*-100"),
        paid(12, ZERO_PAID.format(2), "WO:ICN0*100", "FB:B1*-100"),
        paid(14, PAID.format(3, 60, 440), "FB:B1*60"),
        paid(16, PAID.format(4, 40, 460), "FB:B1*40"),
    ]
    rows = [r for r in kept(tmp_path, texts) if r["reason_code"] == "FB"]
    assert [closed for _, closed in closings(rows)] == [None] * 4


@pytest.mark.parametrize(("reference", "kept_twice"), [("C1", False), ("C2", True)])
def test_two_payments_without_claims_are_told_apart_by_their_entries(
    tmp_path: Path, reference: str, kept_twice: bool
) -> None:
    """The same trace, day and amount in another envelope."""
    first = paid(12, "", "CT:C1*-500", amount=500)
    again = paid(12, "", f"CT:{reference}*-500", amount=500).replace("000072612", "000099999")
    assert first[:106] != again[:106]
    rows = kept(tmp_path, [first, again])
    assert [r["reference"] for r in rows] == (["C1", "C2"] if kept_twice else ["C1"])


def test_a_payment_without_claims_is_kept_and_closes_what_it_takes(tmp_path: Path) -> None:
    """A capitation, and a balance that is taken from nothing but another one."""
    texts = [
        paid(10, ZERO_PAID.format(1), "WO:ICN0*80", "FB:B1*-80"),
        paid(12, "", "CT:C1*-500", amount=500),
        paid(14, "", "FB:B1*80", "FB:B2*-80"),
    ]
    rows = kept(tmp_path, texts)
    assert [(r["reason_code"], r["amount"], r["closed"]) for r in rows] == [
        ("FB", -80.0, "T8772614"), ("WO", 80.0, None), ("CT", -500.0, None), ("FB", 80.0, None),
        ("FB", -80.0, None),
    ]  # fmt: skip
    with sqlite3.connect(tmp_path / "warehouse.db") as connection:
        told = connection.execute(
            "select trace_number, payment_amount, claim_count, provider_adjustment_amount, "
            "is_balanced from mart_remittance order by 1"
        ).fetchall()
    assert told == [
        ("T8772610", 0.0, 1, 0.0, 1), ("T8772612", 500.0, 0, -500.0, 1),
        ("T8772614", 0.0, 0, 0.0, 1),
    ]  # fmt: skip
    settings = steps.initialise(tmp_path)
    warehouse = Warehouse(settings.url)
    try:
        found = verify(warehouse, settings, as_of=DAY)
    finally:
        warehouse.close()
    assert found.holds, found.as_dict()
