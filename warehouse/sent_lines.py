"""The lines of a claim that is sent: their control numbers, and which line they were before."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from edi.change import Change, parse_place
from edi.claim import Claim
from warehouse import tables as t


def added_lines(changes: tuple[Change, ...]) -> list[int]:
    """Numbers of the lines that the changes add."""
    places = (parse_place(c.place) for c in changes if c.new is not None)
    return sorted(place.line for place in places if place.is_line)


def control_numbers(claim: Claim, changes: tuple[Change, ...], interchange: str) -> dict[int, str]:
    """REF*6R for lines that have none: the answer then tells which line it is about."""
    bare = [x.position for x in claim.service_lines if not x.line_item_control_number]
    return {n: f"R{interchange}L{n:02d}" for n in (*bare, *added_lines(changes))}


def carry_positions(
    connection: Connection, original: int, emitted: int, changes: tuple[Change, ...]
) -> None:
    """Which line of the claim's first submission each emitted line is.

    Removed ones shift the others; one that is added is a new line of the chain.
    """
    line = t.submitted_line
    removed = {c.place for c in changes if c.new is None and c.place.startswith("2400[")
               and "/" not in c.place}  # fmt: skip
    before = connection.execute(
        select(line.c.line_position, line.c.chain_position)
        .where(line.c.submission_id == original)
        .order_by(line.c.line_position)
    ).all()
    if not removed and all(row.line_position == row.chain_position for row in before):
        return
    chain = [r.chain_position for r in before if f"2400[{r.line_position}]" not in removed]
    last = max((row.chain_position for row in before), default=0)
    chain += [last + n for n in range(1, len(added_lines(changes)) + 1)]
    for position, chain_position in enumerate(chain, 1):
        connection.execute(
            update(line)
            .where(line.c.submission_id == emitted, line.c.line_position == position)
            .values(chain_position=chain_position)
        )
