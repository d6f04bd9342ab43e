"""One change at a time: what it makes of a claim, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from edi.change import Change, ChangeRefused
from edi.claim_text import ClaimTexts
from edi.edit_claim import edit_claim
from edi.element import Delimiters
from edi.problem import EdiError, UnwritableValue
from edi.source import SourceRef
from edi.write_837p import write_837p

OWN = """CLM*PCN1001*450***11:B:1*Y*A*Y*Y
DTP*431*D8*20260301
REF*EA*MRN1
HI*ABK:M5416*ABF:M4726
NM1*DN*1*EXAMPLE*LEE****XX*1234567893
NM1*82*1*EXAMPLE*DANA****XX*1234567893
LX*1
SV1*HC:62323*300*UN*1***1:2
DTP*472*D8*20260314
LX*2
SV1*HC:J1010:JZ*100*UN*40***1
DTP*472*D8*20260314
REF*6R*K2
LIN**N4*00009028003
CTP****1*ML
LX*3
SV1*HC:77003:26*50*UN*1***1
DTP*472*D8*20260314
NM1*82*1*EXAMPLE*KIM****XX*1234567893"""
BILLING = "HL*1**20*1\nNM1*85*2*DEMO PAIN PRACTICE*****XX*1999999984"
SUBSCRIBER = "HL*2*1*22*0\nSBR*P*18*******CI\nNM1*IL*1*TESTCASE*PAT****MI*W123456789"


def texts(own: str = OWN) -> ClaimTexts:
    return ClaimTexts(
        tuple(BILLING.split("\n")), tuple(SUBSCRIBER.split("\n")), None, tuple(own.split("\n"))
    )


def edited(*changes: Change, own: str = OWN) -> ClaimTexts:
    return edit_claim(texts(own), changes, Delimiters(), SourceRef()).texts


def lines_changed(*changes: Change, own: str = OWN) -> Mapping[str, set[str]]:
    before, after = set(own.split("\n")), set(edited(*changes, own=own).own)
    return MappingProxyType({"gone": before - after, "new": after - before})


def test_an_authorization_goes_after_the_last_ref_of_the_claim() -> None:
    own = edited(Change("2300/REF*G1", None, "A99887766")).own
    assert own[2:5] == ("REF*EA*MRN1", "REF*G1*A99887766", "HI*ABK:M5416*ABF:M4726")


def test_without_any_ref_it_goes_before_the_note_and_the_diagnoses() -> None:
    own = OWN.replace("REF*EA*MRN1", "PWK*OZ*EL***AC*A1\nNTE*ADD*A NOTE")
    assert edited(Change("2300/REF*G1", None, "A1"), own=own).own[2:5] == (
        "PWK*OZ*EL***AC*A1",
        "REF*G1*A1",
        "NTE*ADD*A NOTE",
    )


def test_a_line_s_authorization_stands_in_that_line() -> None:
    own = edited(Change("2400[1]/REF*G1", None, "A1"), Change("2400[2]/REF*G1", None, "A2")).own
    assert own[8:10] == ("DTP*472*D8*20260314", "REF*G1*A1")
    assert own[13:16] == ("REF*6R*K2", "REF*G1*A2", "LIN**N4*00009028003")


@pytest.mark.parametrize(
    ("changes", "gone", "new"),
    [
        (
            [Change("2400[1]/SV101-3", None, "RT")],
            "SV1*HC:62323*300*UN*1***1:2",
            "SV1*HC:62323:RT*300*UN*1***1:2",
        ),
        (
            [Change("2400[3]/SV101-4", None, "59")],
            "SV1*HC:77003:26*50*UN*1***1",
            "SV1*HC:77003:26:59*50*UN*1***1",
        ),
        (
            [Change("2400[3]/SV101-3", "26", None)],
            "SV1*HC:77003:26*50*UN*1***1",
            "SV1*HC:77003*50*UN*1***1",
        ),
        (
            [Change("2400[2]/SV101-2", "J1010", "J1030"), Change("2400[2]/SV104", "40", "4.50")],
            "SV1*HC:J1010:JZ*100*UN*40***1",
            "SV1*HC:J1030:JZ*100*UN*4.5***1",
        ),
        (
            [Change("2400[1]/SV105", None, "24")],
            "SV1*HC:62323*300*UN*1***1:2",
            "SV1*HC:62323*300*UN*1*24**1:2",
        ),
        (
            [Change("2400[1]/SV107-1", "1", "2"), Change("2400[1]/SV107-2", "2", None)],
            "SV1*HC:62323*300*UN*1***1:2",
            "SV1*HC:62323*300*UN*1***2",
        ),
        (
            [Change("2300/HI[2]", "ABF:M4726", "ABF:M5417")],
            "HI*ABK:M5416*ABF:M4726",
            "HI*ABK:M5416*ABF:M5417",
        ),
        (
            [Change("2300/HI[4]", None, "ABF:G8929"), Change("2300/HI[3]", None, "ABF:M5417")],
            "HI*ABK:M5416*ABF:M4726",
            "HI*ABK:M5416*ABF:M4726*ABF:M5417*ABF:G8929",
        ),
        (
            [Change("2300/CLM05-1", "11", "24")],
            "CLM*PCN1001*450***11:B:1*Y*A*Y*Y",
            "CLM*PCN1001*450***24:B:1*Y*A*Y*Y",
        ),
        ([Change("2400[2]/LIN03", "00009028003", "00009307303")], "LIN**N4*00009028003",
         "LIN**N4*00009307303"),
        ([Change("2400[2]/CTP04", "1.00", "2")], "CTP****1*ML", "CTP****2*ML"),
        ([Change("2300/DTP*431", "20260301", "20260302")], "DTP*431*D8*20260301",
         "DTP*431*D8*20260302"),
        ([Change("2300/REF*EA", "MRN1", "MRN2")], "REF*EA*MRN1", "REF*EA*MRN2"),
        ([Change("2300/CLM02", "450.00", "449.95")], "CLM*PCN1001*450***11:B:1*Y*A*Y*Y",
         "CLM*PCN1001*449.95***11:B:1*Y*A*Y*Y"),
    ],
)  # fmt: skip
def test_a_change_alters_its_segment_and_no_other(
    changes: list[Change], gone: str, new: str
) -> None:
    assert lines_changed(*changes) == {"gone": {gone}, "new": {new}}


def test_segments_that_a_change_brings_stand_where_the_guide_has_them() -> None:
    own = edited(
        Change("2400[1]/CTP05-1", None, "ML"),
        Change("2400[1]/CTP04", None, "10"),
        Change("2400[1]/LIN03", None, "00009028003"),
        Change("2310B/PRV03", None, "208VP0014X"),
        Change("2420A[3]/PRV03", None, "208VP0000X"),
        Change("2300/NTE*ADD", None, "CORRECTED CLAIM"),
    ).own
    assert own[10:13] == ("DTP*472*D8*20260314", "LIN**N4*00009028003", "CTP****10*ML")
    assert own[3] == "NTE*ADD*CORRECTED CLAIM"
    assert own[6:8] == ("NM1*82*1*EXAMPLE*DANA****XX*1234567893", "PRV*PE*PXC*208VP0014X")
    assert own[-1] == "PRV*PE*PXC*208VP0000X"


def test_levels_above_the_claim_can_be_corrected() -> None:
    found = edited(
        Change("2010BA/NM109", "W123456789", "W123456780"),
        Change("2000A/PRV03", None, "208VP0014X"),
    )
    assert found.subscriber[-1] == "NM1*IL*1*TESTCASE*PAT****MI*W123456780"
    assert found.billing[1] == "PRV*BI*PXC*208VP0014X"


def test_a_line_taken_off_takes_its_loops_and_the_others_are_numbered_anew() -> None:
    own = edited(Change("2400[2]", "HC:J1010:JZ", None)).own
    assert [s for s in own if s[:2] in ("LX", "SV", "LI", "CT")] == [
        "LX*1",
        "SV1*HC:62323*300*UN*1***1:2",
        "LX*2",
        "SV1*HC:77003:26*50*UN*1***1",
    ]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("ORIGINAL_DIFFERS", [Change("2300/REF*G1", "A1", "A2")]),
        ("ORIGINAL_DIFFERS", [Change("2300/REF*EA", None, "MRN2")]),
        ("ORIGINAL_DIFFERS", [Change("2400[3]/SV101-3", None, "59")]),
        ("ORIGINAL_DIFFERS", [Change("2400[3]", "HC:77003", None)]),
        ("ORIGINAL_DIFFERS", [Change("2300/CLM02", "451", "452")]),
        ("ORIGINAL_DIFFERS", [Change("2300/HI[2]", "ABF:M5416", "ABF:M5417")]),
        ("GAP_LEFT", [Change("2400[1]/SV101-4", None, "59")]),
        ("GAP_LEFT", [Change("2400[1]/SV107-1", "1", None)]),
        ("GAP_LEFT", [Change("2300/HI[1]", "ABK:M5416", None)]),
        ("NOTHING_TO_ADD_TO", [Change("2300/HI[4]", None, "ABF:M5417")]),
        ("NOTHING_TO_ADD_TO", [Change("2310C/NM109", None, "1234567893")]),
        ("NOTHING_TO_ADD_TO", [Change("2420A[1]/PRV03", None, "208VP0014X")]),
        ("NOTHING_TO_ADD_TO", [Change("2010BB/REF*2U", None, "1")]),
        ("INVALID_CODE_VALUE", [Change("2300/HI[3]", None, "BG:AA")]),
        ("INVALID_DATE", [Change("2300/DTP*431", "20260301", "20260301-20260302")]),
        ("NO_SUCH_LINE", [Change("2400[4]/SV104", "1", "2")]),
        ("NO_SUCH_LINE", [Change("2400[5]", None, "2400[1]*HC:20610:LT*5*UN*1")]),
        ("NO_SUCH_LINE", [Change("2400[4]", None, "2400[9]*HC:20610:LT*5*UN*1")]),
        ("ORIGINAL_DIFFERS", [Change("2400[1]", None, "2400[1]*HC:20610:LT*5*UN*1")]),
        ("PLACE_NOT_OPEN", [Change("2300/CLM01", "PCN1001", "PCN1001A")]),
        ("PLACE_NOT_OPEN", [Change("2300/CLM05-3", "1", "7")]),
        ("PLACE_NOT_OPEN", [Change("2300/REF*F8", None, "ICN1")]),
        ("PLACE_NOT_OPEN", [Change("2400[2]/REF*6R", "K2", "K3")]),
        ("PLACE_NOT_OPEN", [Change("2400[2]/LX01", "2", "3")]),
        ("PLACE_NOT_OPEN", [Change("2400[2]/SV101", "HC:J1010:JZ", "HC:J1030")]),
        ("PLACE_NOT_OPEN", [Change("2400[3]", "HC:77003:26", "HC:77003")]),
        ("PLACE_NOT_OPEN", [Change("2300/REF02", "MRN1", "MRN2")]),
        ("PLACE_NOT_OPEN", [Change("2000B/HL01", "2", "3")]),
        ("CHANGES_NOTHING", [Change("2300/CLM05-1", "11", "11")]),
        (
            "CHANGES_CONFLICT",
            [Change("2300/REF*G1", None, "A1"), Change("2300/REF*G1", None, "A2")],
        ),
        (
            "CHANGES_CONFLICT",
            [Change("2400[3]", "HC:77003:26", None), Change("2400[3]/SV104", "1", "2")],
        ),
        (
            "REQUIRED_SEGMENT_MISSING",
            [
                Change("2400[1]", "HC:62323", None),
                Change("2400[2]", "HC:J1010:JZ", None),
                Change("2400[3]", "HC:77003:26", None),
            ],
        ),
    ],
)
def test_a_change_that_does_not_fit_is_refused(code: str, changes: list[Change]) -> None:
    with pytest.raises(ChangeRefused) as refused:
        edited(*changes)
    assert refused.value.problem.code == code
    assert "MRN" not in str(refused.value)


def test_a_line_is_not_taken_off_where_another_payer_bundled_lines() -> None:
    own = OWN.replace("REF*6R*K2", "REF*6R*K2\nSVD*ACME*0*HC:J1010**1*1")
    with pytest.raises(ChangeRefused) as refused:
        edited(Change("2400[3]", "HC:77003:26", None), own=own)
    assert refused.value.problem.code == "LINES_ARE_BUNDLED"


@pytest.mark.parametrize(
    "bad", ["A~B", "A*B", "A:B", "A^B", "A\nB", "A\rB", "", " A", "Ä", "A\x00"]
)
@pytest.mark.parametrize("place", ["2300/REF*G1", "2400[1]/SV101-3", "2400[1]/SV105"])
def test_a_value_that_would_break_out_of_its_element_is_refused(place: str, bad: str) -> None:
    with pytest.raises(UnwritableValue) as refused:
        edited(Change(place, None, bad))
    assert refused.value.problem.place == place


@pytest.mark.parametrize("bad", ["ABF:M54*16", "ABF:~", "ABF:", "ABF:M5416^BF:M1"])
def test_nor_in_a_diagnosis(bad: str) -> None:
    with pytest.raises(UnwritableValue):
        edited(Change("2300/HI[3]", None, bad))


@pytest.mark.parametrize("bad", ["ICN~1", "ICN*1", "ICN:1", "ICN\n1", "ICN 1 "])
def test_nor_as_control_number(bad: str, batches_of: Callable, file_of: Callable) -> None:  # type: ignore[type-arg]
    envelope, (claim, *_), _ = next(batches_of(file_of()))
    for outbound in (
        claim._replace(payer_claim_control_number=bad),
        claim._replace(line_item_control_numbers={1: bad}),
    ):
        with pytest.raises(UnwritableValue):
            write_837p(envelope, [outbound])


def test_texts_cut_with_other_delimiters_are_no_claim() -> None:
    with pytest.raises(EdiError):
        edit_claim(texts(), (), Delimiters("|", ">", "^", "~"), SourceRef())


def test_the_same_correction_twice_is_one() -> None:
    change = Change("2300/REF*G1", None, "A1")
    assert edited(change, change) == edited(change)


def test_the_file_s_own_component_delimiter_is_used() -> None:
    own = OWN.replace(":", ">")
    found = edit_claim(
        texts(own),
        [Change("2300/HI[3]", None, "ABF:M5417"), Change("2400[3]", "HC:77003:26", None)],
        Delimiters(component=">"),
        SourceRef(),
    )
    assert found.texts.own[3] == "HI*ABK>M5416*ABF>M4726*ABF>M5417"
    assert [a.new for a in found.applied] == [None, "ABF:M5417"]
