"""What holds of every claim and whatever a payer reports of it, drawn from few values."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from warehouse.line_agreement import Billed, Reported
from warehouse.line_match import LineMatch, match_lines

DAY = date(2026, 3, 2)
NEXT = DAY + timedelta(days=1)

CODES, CHARGES, DAYS = (
    st.sampled_from("ABC"),
    st.sampled_from([0, 100, 200, 300]),
    st.sampled_from([DAY, NEXT, None]),
)
MODIFIERS = st.sampled_from([(), ("RT",), ("LT",), ("RT", "XS"), ("XS", "RT")])
NUMBERS = st.sampled_from([None, "1", "2", "01", "K1", "k2", "K-1"])
UNITS = st.sampled_from([1.0, 2.0, None])
ROWS = st.lists(st.tuples(NUMBERS, CODES, MODIFIERS, CHARGES, UNITS, DAYS), max_size=5)
BILLED = ROWS.map(lambda rows: [Billed(n, str(n), *r, r[-1]) for n, r in enumerate(rows, 1)])
REPORTED = ROWS.map(lambda rows: [Reported(n, *r) for n, r in enumerate(rows, 1)])


@given(REPORTED, BILLED)
def test_whatever_is_reported_no_line_is_answered_twice_nor_across_dates(
    reported: list[Reported], billed: list[Billed]
) -> None:
    found = match_lines(reported, billed)
    assert [m.service_position for m in found] == [r.service_position for r in reported]
    lines = {b.line_position: b for b in billed}
    by_line: dict[int, list[tuple[Reported, LineMatch]]] = {}
    for r, m in zip(reported, found, strict=True):
        assert (m.line_position is None) == (m.method in ("ambiguous", "unmatched"))
        if m.line_position is not None:
            b = lines[m.line_position]
            assert None in (r.service_date, b.service_date) or r.service_date == b.service_date
            by_line.setdefault(m.line_position, []).append((r, m))
    for position, parts in by_line.items():
        if len(parts) > 1:
            assert sum(r.charge_cents for r, _ in parts) == lines[position].charge_cents


@given(st.data(), REPORTED, BILLED)
def test_the_order_in_which_services_and_lines_are_told_makes_no_difference(
    data: st.DataObject, reported: list[Reported], billed: list[Billed]
) -> None:
    some, others = data.draw(st.permutations(reported)), data.draw(st.permutations(billed))
    assert sorted(match_lines(some, others)) == sorted(match_lines(reported, billed))


def ways(r: Reported, b: Billed) -> list[str]:
    """The ways by content in which a service agrees with a line, in their order."""
    if r.procedure_code != b.procedure_code:
        return []
    is_dated = None not in (r.service_date, b.service_date)
    is_charge, is_units = r.charge_cents == b.charge_cents, r.units in (None, b.units)
    fits = {
        "exact": is_dated and is_charge and is_units and r.modifiers == b.modifiers,
        "modifiers_reordered": is_dated and is_charge and is_units
        and sorted(r.modifiers) == sorted(b.modifiers),
        "code_date_charge": is_dated and is_charge,
        "code_date_units": is_dated and is_units and r.units is not None,
        "code_charge": is_charge,
    }  # fmt: skip
    return [way for way, is_so in fits.items() if is_so]


@given(REPORTED, BILLED)
def test_the_way_that_is_recorded_is_the_first_that_fits(
    reported: list[Reported], billed: list[Billed]
) -> None:
    lines = {b.line_position: b for b in billed}
    by_content = {"exact", "modifiers_reordered", "code_date_charge", "code_date_units",
                  "code_charge"}  # fmt: skip
    for r, m in zip(reported, match_lines(reported, billed), strict=True):
        if m.line_position is None:
            continue
        b = lines[m.line_position]
        if m.method in by_content:
            assert ways(r, b)[0] == m.method
        elif m.method in ("line_item_control_number", "line_number"):
            number = (r.line_item_control_number or "").upper().replace("-", "").lstrip("0")
            ours = (b.line_item_control_number or "").upper().replace("-", "").lstrip("0")
            assert number == (b.line_number if m.method == "line_number" else ours)
