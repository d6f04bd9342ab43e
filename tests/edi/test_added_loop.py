"""What an earlier payer decided, added to a claim loop by loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edi.change import BadPlace, Change, ChangeRefused
from edi.claim_text import ClaimTexts
from edi.compare import Difference, differences
from edi.edit_claim import edit_claim
from edi.element import Delimiters
from edi.problem import EdiError, UnwritableValue
from edi.source import SourceRef
from edi.validate import check_text
from edi.write_837p import write_837p
from simulator.practice import Line
from simulator.x12_text import Delimiters as Written

OWN = """CLM*PCN1001*450***11:B:1*Y*A*Y*Y
REF*EA*MRN1
HI*ABK:M5416
NM1*82*1*EXAMPLE*DANA****XX*1234567893
LX*1
SV1*HC:62323*300*UN*1***1
DTP*472*D8*20260314
NM1*82*1*EXAMPLE*KIM****XX*1234567893
LQ*UT*1.02
LX*2
SV1*HC:20610:LT*150*UN*1***1
DTP*472*D8*20260314"""
HEAD = ("HL*1**20*1",), ("HL*2*1*22*0", "SBR*P*18*******MC", "NM1*IL*1*TESTCASE*PAT****MI*W1")
OTHER = "SBR*P*18*******CI~AMT*D*120~OI***Y***Y"
INSURED = "NM1*IL*1*TESTCASE*PAT****MI*W9"
PAYER = "NM1*PR*2*ACME HEALTH*****PI*87726~REF*F8*ICN1"
FIRST = "SVD*87726*100*HC:62323**1~CAS*CO*45*150~CAS*PR*1*50~DTP*573*D8*20260401"
SECOND = "SVD*87726*20*HC:20610:LT**1~CAS*CO*45*130~DTP*573*D8*20260401"
ALL = {"2320[1]": OTHER, "2330A[1]": INSURED, "2330B[1]": PAYER, "2430[1]": FIRST,
       "2430[2]": SECOND}  # fmt: skip
CHANGES = [Change(place, None, text) for place, text in ALL.items()]


def texts(own: str = OWN) -> ClaimTexts:
    return ClaimTexts(*HEAD, None, tuple(own.split("\n")))


def edited(*changes: Change, own: str = OWN) -> tuple[str, ...]:
    return edit_claim(texts(own), changes, Delimiters(), SourceRef()).texts.own


@pytest.mark.parametrize("order", [CHANGES, CHANGES[::-1]])
def test_loops_stand_where_the_guide_has_them_in_whatever_order_they_come(
    order: list[Change],
) -> None:
    own = edited(*order)
    before = OWN.split("\n")
    assert list(own) == [
        *before[:4], *OTHER.split("~"), INSURED, *PAYER.split("~"),
        *before[4:8], *FIRST.split("~"), before[8],
        *before[9:], *SECOND.split("~"),
    ]  # fmt: skip


def test_a_second_payer_follows_the_first() -> None:
    own = edited(*CHANGES, Change("2430[1]", None, FIRST))
    again = edited(
        Change("2320[2]", None, "SBR*S*18*******CI~OI***Y***Y"),
        Change("2330A[2]", None, INSURED),
        own="\n".join(own),
    )
    assert again[10:12] == ("SBR*S*18*******CI", "OI***Y***Y")
    assert again[12] == INSURED and again[9] == "REF*F8*ICN1" and again[13] == "LX*1"


def test_each_loop_is_one_difference_and_anything_else_in_it_too() -> None:
    own = edited(*CHANGES)
    found = differences(texts(), ClaimTexts(*HEAD, None, own), Delimiters())
    assert set(found) == {Difference(place, None, text) for place, text in ALL.items()}
    cent = tuple(s.replace("CAS*CO*45*150", "CAS*CO*45*150.01") for s in own)
    found = differences(texts(), ClaimTexts(*HEAD, None, cent), Delimiters())
    assert Difference("2430[1]", None, FIRST) not in found
    # Once it stands there, every element of it is a place of its own.
    found = differences(ClaimTexts(*HEAD, None, own), ClaimTexts(*HEAD, None, cent), Delimiters())
    assert found == (Difference("2430[1]/CAS03", "150", "150.01"),)


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        ("2320[1]", "SBR", None),
        ("2320[2]", None, OTHER),
        ("2330A[1]", None, INSURED),
        ("2430[3]", None, SECOND),
    ],
)
def test_what_has_no_place_is_refused(place: str, old: str | None, new: str | None) -> None:
    with pytest.raises(ChangeRefused):
        edited(Change(place, old, new))


def test_a_loop_that_stands_there_is_never_added_again() -> None:
    own = "\n".join(edited(*CHANGES))
    for change in CHANGES:
        with pytest.raises(ChangeRefused):
            edited(change, own=own)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("2320[1]", "AMT*D*120"),
        ("2320[1]", "OI***Y***Y~SBR*P*18*******CI"),
        ("2320[1]", f"{OTHER}~{OTHER}"),
        ("2320[1]", f"{OTHER}~LX*1"),
        ("2430[1]", "CAS*CO*45*10"),
        ("2430[1]", f"{FIRST}~SV1*HC:64483*1*UN*1"),
        ("2430[1]", ""),
    ],
)
def test_other_segments_are_no_such_loop(place: str, text: str) -> None:
    with pytest.raises(BadPlace):
        edited(Change(place, None, text))


@pytest.mark.parametrize("bad", ["A:B", "A^B", "A\nB", " A", "Ä"])
def test_a_value_that_would_break_out_of_its_element_is_refused(bad: str) -> None:
    with pytest.raises(UnwritableValue):
        edited(Change("2320[1]", None, OTHER), Change("2330A[1]", None, f"NM1*IL*1*{bad}"))


WRITTEN = [Written(), Written(element="|", component=">", segment="'")]


@pytest.mark.parametrize("delimiters", WRITTEN, ids=["usual", "others"])
def test_the_guide_accepts_them_in_a_whole_file(
    batches_of: Callable[..., Iterator[Any]], file_of: Callable[..., bytes],
    claim_of: Callable[..., Any], delimiters: Written,
) -> None:  # fmt: skip
    lines = (Line(procedure_code="62323", charge_cents=30000),
             Line(procedure_code="20610", modifiers=("LT",), charge_cents=15000))  # fmt: skip
    claim = claim_of("PCN1", *lines)
    changes = [*CHANGES, Change("2000B/SBR01", "P", "S")]
    data = file_of(claim, delimiters=delimiters)
    ((envelope, (outbound,), _),) = batches_of(data, lambda _: changes)
    written = write_837p(envelope, [outbound])
    assert check_text(written) == ()
    text = written.decode()
    sep, part = delimiters.element, delimiters.component
    assert f"SVD{sep}87726{sep}20{sep}HC{part}20610{part}LT{sep}{sep}1" in text
    off = [c._replace(new=(c.new or "").replace("*130", "*129")) for c in changes]
    with pytest.raises(EdiError, match="PRIOR_ADJUDICATION_OUT_OF_BALANCE"):
        write_837p(envelope, [outbound._replace(changes=tuple(off))])
    off = [c._replace(new=(c.new or "").replace("D*120", "D*121")) for c in changes]
    with pytest.raises(EdiError, match="PRIOR_ADJUDICATION_OUT_OF_BALANCE"):
        write_837p(envelope, [outbound._replace(changes=tuple(off))])
