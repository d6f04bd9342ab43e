"""From which day to which an imported code set answers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.references import AddOn, Coverage, PairEdit, References, UnitLimit

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
QUARTER = References(
    coverage=(Coverage("mue", FIRST, LAST),),
    pairs=(PairEdit("62323", "64483", "1", FIRST, LAST),),
    unit_limits=(UnitLimit("64483", 1, "2", FIRST, LAST),),
    add_ons=(AddOn("64484", "64483", "1", FIRST, LAST),),
)


@pytest.mark.parametrize(
    ("day", "answers"),
    [(FIRST - timedelta(1), False), (FIRST, True), (LAST, True), (LAST + timedelta(1), False)],
    ids=["the day before", "the first day", "the last day", "the day after"],
)
def test_a_code_set_answers_for_its_own_days(day: date, answers: bool) -> None:
    assert QUARTER.covers("mue", day) == answers
    assert (QUARTER.pair("62323", "64483", day) is not None) == answers
    assert (QUARTER.unit_limit("64483", day) is not None) == answers
    assert bool(QUARTER.primaries("64484", day)) == answers


def test_a_code_set_answers_for_what_it_lists_alone() -> None:
    assert not QUARTER.covers("ptp", FIRST)
    assert QUARTER.pair("64483", "62323", FIRST) is None
    assert QUARTER.unit_limit("62323", FIRST) is None
    assert QUARTER.primaries("64483", FIRST) == ()


def test_of_several_answers_the_strictest_holds() -> None:
    """Two files may overlap: the edit that no modifier passes, and the lower limit."""
    strict = References(
        pairs=(*QUARTER.pairs, PairEdit("62323", "64483", "0", FIRST, LAST)),
        unit_limits=(UnitLimit("64483", 2, "2", FIRST, LAST), *QUARTER.unit_limits),
    )
    pair, limit = strict.pair("62323", "64483", FIRST), strict.unit_limit("64483", FIRST)
    assert pair is not None and pair.modifier_indicator == "0"
    assert limit is not None and limit.units == 1
