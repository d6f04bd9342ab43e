"""The services that neither a control number nor an exact join could place, to their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from warehouse import tables as t
from warehouse.claim_parts import Part, rounds
from warehouse.line_agreement import Billed, Reported
from warehouse.line_match import match_lines
from warehouse.load import batches

_OPEN_CLAIMS = """
select distinct cp.claim_payment_id, cp.submission_id
from open_payment
cross join claim_payment as cp
cross join service_payment as sp
where cp.claim_payment_id = open_payment.claim_payment_id
  and sp.claim_payment_id = cp.claim_payment_id and cp.submission_id is not null
  and sp.service_position > 0 and sp.line_position is null
  and cp.claim_payment_id not in (select claim_payment_id from part_payment)
order by cp.claim_payment_id
"""

_IN_PARTS = """
select part_payment.first_id, cp.claim_payment_id, cp.submission_id,
    abs(cp.charge_cents) as part_cents, s.charge_cents
from part_payment
join claim_payment as cp on cp.claim_payment_id = part_payment.claim_payment_id
join submission as s on s.submission_id = cp.submission_id
where part_payment.first_id in (select claim_payment_id from open_payment)
order by part_payment.first_id, cp.claim_position
"""
"""An answer in the slice that has its first part."""


class _Answer(NamedTuple):
    """What is looked at together: a CLP, or all parts of an answer with the cents of each."""

    submission_id: int
    part_cents: dict[int, int]
    charge_cents: int = 0


Services = dict[int, list[tuple[Reported, int | None]]]


def match_open_lines(connection: Connection) -> None:
    """Joins what is left of the claim payments in ``open_payment``."""
    for answers in batches(list(_answers(connection)), 500):
        services = _services(connection, [key for a in answers for key in a.part_cents])
        billed = _billed(connection, [a.submission_id for a in answers])
        found = [
            row
            for answer in answers
            for keys in _together(answer, services)
            for row in _matched(keys, services, billed.get(answer.submission_id, []))
        ]
        if found:
            connection.execute(_SET_LINE, found)


def _answers(connection: Connection) -> Iterator[_Answer]:
    for key, submission_id in connection.execute(text(_OPEN_CLAIMS)):
        yield _Answer(submission_id, {key: 0})
    rows = connection.execute(text(_IN_PARTS)).all()
    for _, some in groupby(rows, key=lambda row: row.first_id):
        parts = list(some)
        cents = {row.claim_payment_id: row.part_cents for row in parts}
        yield _Answer(parts[0].submission_id, cents, parts[0].charge_cents)


def _together(answer: _Answer, services: Services) -> list[list[int]]:
    """The CLPs that are looked at together."""
    parts = [
        Part(key, cents, [r for r, _ in services.get(key, [])])
        for key, cents in answer.part_cents.items()
    ]
    return [[part.claim_payment_id for part in some]
            for some in rounds(parts, answer.charge_cents)]  # fmt: skip


def _matched(
    keys: Sequence[int], services: Services, billed: Sequence[Billed]
) -> Iterator[dict[str, Any]]:
    """A line for each service that has none; all are numbered through."""
    told = [(key, r, line) for key in keys for r, line in services.get(key, [])]
    numbered = [(r._replace(service_position=n), line) for n, (_, r, line) in enumerate(told)]
    left = [r for r, line in numbered if line is None]
    placed = [(r, line) for r, line in numbered if line is not None]
    for m in match_lines(left, billed, placed):
        key, r, _ = told[m.service_position]
        yield {
            "key": key, "position": r.service_position, "line": m.line_position,
            "method": m.method,
        }  # fmt: skip


_SET_LINE = (
    update(t.service_payment)
    .where(
        t.service_payment.c.claim_payment_id == bindparam("key"),
        t.service_payment.c.service_position == bindparam("position"),
    )
    .values(line_position=bindparam("line"), match_method=bindparam("method"))
)


def _services(connection: Connection, keys: Sequence[int]) -> Services:
    """The services of claim payments, and the line that each has already."""
    sp = t.service_payment
    found: Services = {}
    wanted = select(
        sp.c.claim_payment_id, sp.c.line_position, sp.c.service_position,
        sp.c.line_item_control_number, sp.c.procedure_code, sp.c.modifiers,
        sp.c.charge_cents, sp.c.original_units, sp.c.units_paid, sp.c.service_date,
    ).order_by(sp.c.claim_payment_id, sp.c.service_position)  # fmt: skip
    rows = (
        row
        for some in batches(keys, 500)
        for row in connection.execute(
            wanted.where(sp.c.claim_payment_id.in_(some), sp.c.service_position > 0)
        )
    )
    for key, line, position, number, code, modifiers, cents, original, paid, day in rows:
        units = original or paid
        reported = Reported(
            position, number, code or "", _list(modifiers), abs(cents),
            None if units is None else abs(units), day,
        )  # fmt: skip
        found.setdefault(key, []).append((reported, line))
    return found


def _billed(connection: Connection, keys: Sequence[int]) -> dict[int, list[Billed]]:
    """The lines of submissions."""
    sl = t.submitted_line
    found: dict[int, list[Billed]] = {}
    rows = connection.execute(
        select(
            sl.c.submission_id, sl.c.line_position, sl.c.line_number,
            sl.c.line_item_control_number, sl.c.procedure_code, sl.c.modifiers,
            sl.c.charge_cents, sl.c.units, sl.c.service_date, sl.c.service_date_end,
        ).where(sl.c.submission_id.in_(set(keys)))
    ).all()  # fmt: skip
    for key, position, number, control, code, modifiers, cents, units, first, last in rows:
        found.setdefault(key, []).append(
            Billed(position, number, control, code, _list(modifiers), cents, units, first, last)
        )
    return found


def _list(codes: str) -> tuple[str, ...]:
    return tuple(codes.split(",")) if codes else ()
