"""A line that is split in two: the added one is a copy but for its service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.reading import claim_file
from edi.change import BadPlace, Change, ChangeRefused, parse_split
from edi.claim_text import ClaimTexts
from edi.compare import Difference, always_allowed, differences
from edi.edit_claim import edit_claim
from edi.element import Delimiters, from_decimal
from edi.problem import EdiError
from edi.source import SourceRef
from edi.validate import check_text
from edi.write_837p import write_837p

BatchesOf = Callable[..., Iterator[Any]]
HEAD = ("HL*1**20*1", "NM1*85*2*PRACTICE*****XX*1234567893")
SUBSCRIBER = ("HL*2*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*DOE*JANE****MI*W123456789")


def texts(own: str) -> ClaimTexts:
    return ClaimTexts(HEAD, SUBSCRIBER, None, tuple(own.split("~")))


OWN = (
    "CLM*PCN1*500.01***11:B:1*Y*A*Y*Y~HI*ABK:M5416~LX*1~SV1*HC:64483:50:KX*450.01*UN*1***1~"
    "DTP*472*D8*20260314~REF*6R*K1~NM1*82*1*DOC*A****XX*1234567893~LX*2~SV1*HC:J1010*50*UN*40***1~"
    "DTP*472*D8*20260314~LIN**N4*00009028003~CTP****40*ME"
)
FIRST = [
    Change("2400[1]/SV101-3", "50", "RT"),
    Change("2400[1]/SV102", "450.01", "225.01"),
]
ADDED = Change("2400[3]", None, "2400[1]*HC:64483:LT:KX*225*UN*1")


def test_the_added_line_is_a_copy_but_for_its_service_and_control_number() -> None:
    done = edit_claim(texts(OWN), [*FIRST, ADDED], Delimiters(), SourceRef())
    own = done.texts.own
    assert own[3] == "SV1*HC:64483:RT:KX*225.01*UN*1***1" and own[5] == "REF*6R*K1"
    assert own[-4:] == (
        "LX*3", "SV1*HC:64483:LT:KX*225*UN*1***1", "DTP*472*D8*20260314",
        "NM1*82*1*DOC*A****XX*1234567893",
    )  # fmt: skip
    found = differences(texts(OWN), done.texts, Delimiters(), added_lines=done.added)
    assert set(found) == {Difference(*c) for c in [*FIRST, ADDED]}


def test_what_else_differs_on_an_added_line_is_said() -> None:
    done = edit_claim(texts(OWN), [*FIRST, ADDED], Delimiters(), SourceRef())
    own = list(done.texts.own)
    own[-2] = "DTP*472*D8*20260315"
    own.insert(-1, "REF*G1*A1")
    found = differences(texts(OWN), done.texts._replace(own=tuple(own)), Delimiters(),
                        added_lines=done.added)  # fmt: skip
    assert {d.place for d in found} - {c.place for c in [*FIRST, ADDED]} == {
        "2400[3]/DTP*472", "2400[3]/REF*G1"}  # fmt: skip


def test_a_line_is_added_beside_one_that_is_taken_off() -> None:
    off = Change("2400[2]", "HC:J1010", None)
    done = edit_claim(texts(OWN), [*FIRST, ADDED, off], Delimiters(), SourceRef())
    assert [s for s in done.texts.own if s.startswith("LX")] == ["LX*1", "LX*2"]
    found = differences(texts(OWN), done.texts, Delimiters(), removed_lines=done.removed,
                        added_lines=done.added)  # fmt: skip
    assert set(found) == {Difference(*c) for c in [*FIRST, ADDED, off]}


DRUG = [
    Change("2400[2]/SV102", "50", "37.5"),
    Change("2400[2]/SV104", "40", "30"),
    Change("2400[2]/CTP04", "40", "30"),
    Change("2400[3]", None, "2400[2]*HC:J1010:JW*12.5*UN*10*10"),
]


def test_a_drug_is_split_with_its_quantity() -> None:
    done = edit_claim(texts(OWN), DRUG, Delimiters(), SourceRef())
    assert done.texts.own[-10:] == (
        "LX*2", "SV1*HC:J1010*37.5*UN*30***1", "DTP*472*D8*20260314", "LIN**N4*00009028003",
        "CTP****30*ME",
        "LX*3", "SV1*HC:J1010:JW*12.5*UN*10***1", "DTP*472*D8*20260314", "LIN**N4*00009028003",
        "CTP****10*ME",
    )  # fmt: skip
    found = differences(texts(OWN), done.texts, Delimiters(), added_lines=done.added)
    assert set(found) == {Difference(*c) for c in DRUG}
    own = list(done.texts.own)
    own[-2:] = ["LIN**N4*00009028004", "CTP****11*ME"]
    found = differences(texts(OWN), done.texts._replace(own=tuple(own)), Delimiters(),
                        added_lines=done.added)  # fmt: skip
    assert {d.place for d in found} - {c.place for c in DRUG} == {"2400[3]/LIN03"}
    assert Difference("2400[3]", None, "2400[2]*HC:J1010:JW*12.5*UN*10*11") in found


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("NO_SUCH_LINE", Change("2400[4]", None, ADDED.new)),
        ("NO_SUCH_LINE", Change("2400[3]", None, "2400[9]*HC:64483:LT*225*UN*1")),
        ("ORIGINAL_DIFFERS", Change("2400[1]", None, ADDED.new)),
        ("LINE_CANNOT_BE_SPLIT", Change("2400[3]", None, "2400[2]*HC:J1010*25*UN*20")),
        ("LINE_CANNOT_BE_SPLIT", Change("2400[3]", None, "2400[1]*HC:64483*225*UN*1*1")),
        ("NO_SUCH_LINE", Change("2400[3]/SV104", None, "1")),
    ],
)
def test_what_cannot_be_added_is_refused(code: str, change: Change) -> None:
    with pytest.raises(ChangeRefused) as refused:
        edit_claim(texts(OWN), [change], Delimiters(), SourceRef())
    assert refused.value.problem.code == code


@pytest.mark.parametrize("text", ["", "HC:64483", "2400[1]*HC:64483*1*UN", "2400[1]/SV102*A*1*UN*1",
                                  "2300*HC:1*1*UN*1", "2400[1]**1*UN*1"])  # fmt: skip
def test_a_text_that_names_no_line(text: str) -> None:
    with pytest.raises(BadPlace):
        parse_split(text)
    with pytest.raises(EdiError):
        edit_claim(texts(OWN), [Change("2400[3]", None, text)], Delimiters(), SourceRef())


CENTS = st.integers(2, 99_999_99)
LINES = st.lists(
    st.tuples(
        CENTS,
        st.sampled_from([("50",), ("50", "KX"), ("KX", "50"), ("GC", "KX", "50")]),
        st.booleans(),
        st.sampled_from(["1", "1:2"]),
    ),
    min_size=1,
    max_size=4,
)


CALM = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=40, deadline=None, suppress_health_check=CALM)
@given(lines=LINES, data=st.data())
def test_a_replacement_with_a_split_differs_only_where_it_may(
    batches_of: BatchesOf, lines: list[Any], data: st.DataObject
) -> None:
    """Charges add up to the cent, every line has a number, the guide accepts the file."""
    total = sum((Decimal(cents) / 100 for cents, *_ in lines), Decimal(0))
    own = [f"CLM*PCN1*{from_decimal(total)}***11:B:1*Y*A*Y*Y", "HI*ABK:M5416*ABF:M545"]
    for number, (cents, modifiers, has_number, pointers) in enumerate(lines, 1):
        service, charge = ":".join(("HC", "64483", *modifiers)), from_decimal(Decimal(cents) / 100)
        own += [f"LX*{number}", f"SV1*{service}*{charge}*UN*1***{pointers}", "DTP*472*D8*20260314"]
        own += [f"REF*6R*K{number}"] if has_number else []
    at = data.draw(st.integers(1, len(lines)))
    cents, modifiers, *_ = lines[at - 1]
    first, second = Decimal(cents - cents // 2) / 100, Decimal(cents // 2) / 100
    slot = modifiers.index("50")
    other = ":".join("LT" if m == "50" else m for m in modifiers)
    added = len(lines) + 1
    changes = (
        Change(f"2400[{at}]/SV101-{3 + slot}", "50", "RT"),
        Change(f"2400[{at}]/SV102", str(Decimal(cents) / 100), from_decimal(first)),
        Change(f"2400[{added}]", None, f"2400[{at}]*HC:64483:{other}*{from_decimal(second)}*UN*1"),
    )
    ((envelope, claims, _),) = batches_of(claim_file(own).encode("latin-1"), lambda _: changes)
    numbers = {**claims[0].line_item_control_numbers, added: "SPLIT"}
    claims = [claims[0]._replace(line_item_control_numbers=numbers)]
    written = write_837p(envelope, claims)
    assert check_text(written) == ()
    ((_, again, (read,)),) = batches_of(written)
    assert len(read.service_lines) == added
    assert sum(x.line_item_charge_amount for x in read.service_lines) == total
    assert read.service_lines[-1].line_item_control_number == "SPLIT"
    found = differences(claims[0].texts, again[0].texts, envelope.delimiters,
                        added_lines={added: at})  # fmt: skip
    asked = {c.place for c in changes}
    assert {d.place for d in found if not always_allowed(d)} == asked
