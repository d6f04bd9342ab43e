"""Places: what the contract writes, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.change import BadPlace, parse_place

WRITTEN_IN_THE_CONTRACT = (
    "2300/REF*G1",
    "2300/REF*9F",
    "2300/CLM05-1",
    "2300/CLM02",
    "2300/HI[3]",
    "2300/NTE*ADD",
    "2400[2]/SV101-2",
    "2400[2]/SV101-3",
    "2400[2]/SV104",
    "2400[2]/SV105",
    "2400[12]/SV107-1",
    "2400[2]/REF*G1",
    "2400[3]",
    "2400[2]/LIN03",
    "2400[2]/CTP05-1",
    "2010BA/NM109",
    "2000A/PRV03",
    "2310B/PRV03",
    "2420A[2]/NM109",
    "2330B[1]/REF*F8",
    "2320[1]",
    "2330A[1]",
    "2430[12]",
)


@pytest.mark.parametrize("text", WRITTEN_IN_THE_CONTRACT)
def test_a_place_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_place(text)) == text


def test_a_place_says_segment_element_and_component() -> None:
    place = parse_place("2400[12]/SV101-3")
    assert (place.loop, place.line, place.name, place.element, place.component) == (
        "2400", 12, "SV101", 1, 3,
    )  # fmt: skip
    assert parse_place("2400[3]").is_line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2400/SV101-3",
        "2300[1]/CLM02",
        "2400[0]/SV102",
        "2300/HI",
        "2300/HI01",
        "2300",
        "2320",
        "2330C[1]",
        "2420A[1]",
        "2300/CLM",
        "2999/REF*G1",
        "2300/NM1*82",
        "2300/REF*G1 ",
        "2400[２]/SV102",
        "2300/CLM05-1/2",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadPlace):
        parse_place(text)


@given(st.text(max_size=20) | st.from_regex(r"2[34]\d0(\[\d\])?/[A-Z0-9*\[\]-]{0,8}"))
def test_any_text_is_a_place_or_refused_without_being_shown(text: str) -> None:
    try:
        assert parse_place(str(parse_place(text))) == parse_place(text)
    except BadPlace as error:
        assert error.problem.code == "BAD_PLACE"
