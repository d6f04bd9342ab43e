"""Whether two names that files tell may be one person's."""

from __future__ import annotations

import pytest

from edi.segment import Name
from warehouse.patient_name import agree, differ, name_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SAMPLE|CHRISTOPHER", "SAMPLE|CHR"),  # cut
        ("DEMOSAMPLETESTCASE|ANN", "DEMO|ANN"),
        ("DEMO SAMPLE|ANN", "DEMOSAMPLE|ANN"),  # apart
        ("SAMPLE TESTCASE|ANN", "TESTCASE|ANN"),  # a word more
        ("SAMPLE|XIOMARA ANN", "SAMPLE|ANN"),
        ("SAMPLE|JON", "SAMPLE|JOHN"),  # nearly spelt so
        ("SAMPLE|WILLIAM A", "SAMPLE|BILL"),  # a nickname
        ("SAMPLE|ANN", "ANN|SAMPLE"),  # the first name before the last
    ],
)
def test_names_that_may_be_one_person_s(one: str, other: str) -> None:
    assert agree(one, other) and agree(other, one)
    assert not differ(one, other) and not differ(other, one)


@pytest.mark.parametrize(
    ("one", "other", "is_other_person"),
    [
        ("SAMPLE|ANN", "SAMPLE|DAN", True),
        ("SAMPLE|JOHN", "SAMPLE|JOAN", True),
        ("SAMPLE|OLIVER B", "SAMPLE|XAVIER B", True),  # an initial says nothing
        ("SAMPLE|WILLIAM", "SAMPLE|ROB", True),
        ("SAMPLE|ANN", "TESTCASE|DAN", True),
        ("SAMPLE|ANN", "TESTCASE|ANN", False),  # a last name changes
        ("SAMPLE|ANN", "ANN|TESTCASE", True),
        ("SAMPLE|ANN", None, False),
        (None, None, False),
    ],
)
def test_names_that_are_not_known_to_be_one_person_s(
    one: str | None, other: str | None, is_other_person: bool
) -> None:
    assert not agree(one, other) and not agree(other, one)
    assert differ(one, other) is differ(other, one) is is_other_person


@pytest.mark.parametrize(
    ("last", "first", "middle", "expected"),
    [
        ("Sample", "Ann", None, "SAMPLE|ANN"),
        ("Sample Jr.", "Ann", "B", "SAMPLE|ANN B"),
        ("Jr. II", "Ann", None, "JR II|ANN"),  # all of it is what else would be left out
        ("Demo-Sample III", "", "Ann", "DEMO SAMPLE|ANN"),
        ("Sämple", "Ann", None, "S MPLE|ANN"),
        ("Sample", None, None, None),
        (None, "Ann", None, None),
        ("123", "Ann", None, None),
    ],
)
def test_a_name_is_kept_only_whole(
    last: str | None, first: str | None, middle: str | None, expected: str | None
) -> None:
    assert name_of(Name("QC", "1", last, first, middle, *[None] * 5)) == expected
