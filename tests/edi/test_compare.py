"""What differs between two texts of a claim, and what of it the contract lets pass."""

from __future__ import annotations

import pytest

from edi.claim_text import ClaimTexts
from edi.compare import Difference, always_allowed, differences
from edi.element import Delimiters

BILLING = ("HL*1**20*1", "PRV*BI*PXC*208VP0014X", "NM1*85*2*DEMO PAIN PRACTICE*****XX*1999999984")
SUBSCRIBER = ("HL*2*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*TESTCASE*PAT****MI*W123456789")
OWN = """CLM*PCN1001*450***11:B:1*Y*A*Y*Y
REF*G1*A1
HI*ABK:M5416*ABF:M4726
SBR*S*18*******CI
CAS*CO*45*10
NM1*PR*2*OTHER*****PI*OTH1
REF*F8*OTHERICN
LX*1
SV1*HC:62323*300*UN*1***1:2
DTP*472*D8*20260314
REF*6R*K1
LX*2
SV1*HC:J1010:JZ*100*UN*40***1
DTP*472*D8*20260314
LIN**N4*00009028003
CTP****1*ML
LX*3
SV1*HC:20610:LT*50*UN*1***1
DTP*472*D8*20260314"""


def texts(own: str = OWN) -> ClaimTexts:
    return ClaimTexts(BILLING, SUBSCRIBER, None, tuple(own.split("\n")))


def changed(*pairs: tuple[str, str], removed: tuple[int, ...] = ()) -> list[Difference]:
    own = OWN
    for old, new in pairs:
        assert old in own
        own = own.replace(old, new)
    return list(differences(texts(), texts(own), Delimiters(), removed_lines=removed))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("11:B:1", "11:B:7", ("2300/CLM05-3", "1", "7")),
        ("REF*G1*A1", "REF*G1*A2", ("2300/REF*G1", "A1", "A2")),
        ("REF*G1*A1\n", "", ("2300/REF*G1", "A1", None)),
        ("REF*G1*A1", "REF*G1*A1\nREF*F8*ICN1", ("2300/REF*F8", None, "ICN1")),
        ("REF*F8*OTHERICN", "REF*F8*OTHER", ("2330B[1]/REF*F8", "OTHERICN", "OTHER")),
        ("CAS*CO*45*10", "CAS*CO*45*11", ("2320[1]/CAS03", "10", "11")),
        ("ABF:M4726", "ABF:M5417", ("2300/HI[2]", "ABF:M4726", "ABF:M5417")),
        ("*ABF:M4726", "", ("2300/HI[2]", "ABF:M4726", None)),
        ("HC:62323", "HC:62323:59", ("2400[1]/SV101-3", None, "59")),
        ("HC:20610:LT", "HC:20610:RT", ("2400[3]/SV101-3", "LT", "RT")),
        ("UN*40*", "UN*4*", ("2400[2]/SV104", "40", "4")),
        ("***1:2", "***1", ("2400[1]/SV107-2", "2", None)),
        ("REF*6R*K1", "REF*6R*K2", ("2400[1]/REF*6R", "K1", "K2")),
        ("N4*00009028003", "N4*00009307303", ("2400[2]/LIN03", "00009028003", "00009307303")),
        ("****1*ML", "****2*ML", ("2400[2]/CTP04", "1", "2")),
        ("LX*3", "LX*4", ("2400[3]/LX01", "3", "4")),
        ("PCN1001", "PCN1002", ("2300/CLM01", "PCN1001", "PCN1002")),
    ],
)
def test_a_difference_is_named_by_its_place(
    old: str, new: str, expected: tuple[str, str | None, str | None]
) -> None:
    assert changed((old, new)) == [Difference(*expected)]


def test_a_qualifier_that_changes_is_another_segment() -> None:
    assert changed(("REF*G1*A1", "REF*9F*A1")) == [
        Difference("2300/REF*G1", "A1", None),
        Difference("2300/REF*9F", None, "A1"),
    ]


def test_another_order_is_a_difference() -> None:
    (found,) = changed(("REF*G1*A1\nHI*ABK:M5416*ABF:M4726", "HI*ABK:M5416*ABF:M4726\nREF*G1*A1"))
    assert found.place == "2300/order"


def test_levels_are_compared_too() -> None:
    other = texts()._replace(
        billing=("HL*4**20*1", *BILLING[1:]),
        subscriber=(SUBSCRIBER[0], SUBSCRIBER[1], SUBSCRIBER[2] + "0"),
    )
    assert [d.place for d in differences(texts(), other, Delimiters())] == [
        "2000A/HL01",
        "2010BA/NM109",
    ]
    assert differences(texts(), texts()._replace(patient=("HL*3*2*23*0",)), Delimiters())


LINE_2 = OWN[OWN.index("LX*2") : OWN.index("LX*3")]


@pytest.mark.parametrize("removed", [(), (2,)])
def test_a_line_that_is_gone_is_found_by_what_the_others_are(removed: tuple[int, ...]) -> None:
    assert changed((LINE_2, ""), ("LX*3", "LX*2"), removed=removed) == [
        Difference("2400[2]", "HC:J1010:JZ", None),
        Difference("2400[3]/LX01", "3", "2"),
    ]


def test_line_item_control_numbers_decide_which_line_is_gone() -> None:
    twins = OWN[: OWN.index("LX*2")] + "LX*2\nSV1*HC:62323*300*UN*1***1:2\nREF*6R*K2"
    first_gone = OWN[: OWN.index("LX*1")] + "LX*1\nSV1*HC:62323*300*UN*1***1:2\nREF*6R*K2"
    found = differences(texts(twins), texts(first_gone), Delimiters())
    assert [d.place for d in found] == ["2400[1]", "2400[2]/LX01"]


def test_a_line_that_was_added_takes_the_next_free_number() -> None:
    found = differences(texts(), texts(OWN + "\nLX*4\nSV1*HC:20610:RT*50*UN*1***1"), Delimiters())
    assert found == (Difference("2400[4]", None, "HC:20610:RT"),)


def test_what_the_contract_always_allows() -> None:
    allowed = [
        Difference("2000B/HL01", "2", "3"),
        Difference("2300/CLM05-3", "1", "7"),
        Difference("2300/REF*F8", None, "ICN1"),
        Difference("2400[3]/REF*6R", None, "K3"),
    ]
    assert all(always_allowed(d) for d in allowed)
    renumbered = Difference("2400[3]/LX01", "3", "2")
    assert always_allowed(renumbered, lines_removed=True) and not always_allowed(renumbered)
    for other in (
        Difference("2400[1]/REF*6R", "K1", "K2"),
        Difference("2330B[1]/REF*F8", "A", "B"),
        Difference("2300/CLM01", "A", "B"),
        Difference("2400[1]/SV101-3", None, "59"),
    ):
        assert not always_allowed(other)
