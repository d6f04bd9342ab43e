"""Rows about a file itself: its counts, its transaction sets, what does not hold in it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert

from edi.envelope import FunctionalGroup, Interchange, TransactionSet
from edi.problem import Problem
from edi.source import SourceRef
from warehouse import tables as t
from warehouse.database import allocate
from warehouse.envelope_rows import number_of, sent_at
from warehouse.intake import Part

MOST_PROBLEMS = 1000
"""Problems stored for a file: the first ones tell what is wrong with it."""


def claims_before(part: Part) -> dict[SourceRef, int]:
    """Claims of the file that stand before each of its transaction sets, loaded or not."""
    found, count = {}, 0
    for transaction in part.transactions:
        found[transaction.source] = count
        count += transaction.claim_count
    return found


def counts_of(kind: str, sets: Sequence[TransactionSet]) -> dict[str, int]:
    """Claims, lines and dollars that stand in a file, whatever became of them."""
    has_lines = kind in ("837P", "835", "other")  # a 277CA's SVC is the echo of a line
    return {
        "claim_count": sum(s.claim_count for s in sets),
        "service_line_count": sum(s.line_count for s in sets) if has_lines else 0,
        "charge_cents": int(sum(s.charge_amount for s in sets) * 100),
        "payment_cents": int(sum(s.payment_amount for s in sets) * 100) if kind == "835" else 0,
    }


def add_problems(connection: Connection, file_id: int, step: str, problems: list[Problem]) -> None:
    """Stores what does not hold in a file."""
    rows = [
        {
            "file_id": file_id,
            "step": step,
            "code": p.code,
            "level": p.level,
            "interchange": p.source.interchange,
            "transaction": p.source.transaction,
            "segment": p.source.segment,
            "place": p.place,
            "found": p.found,
            "expected": p.expected,
        }
        for p in problems[:MOST_PROBLEMS]
    ]
    if rows:
        connection.execute(insert(t.problem), rows)


def interchange_key(interchange: Interchange) -> str:
    """Sender, ISA13, GS06, date and time: what two interchanges must not share."""
    isa = interchange.isa
    group = interchange.groups[0].elements if interchange.groups else ()
    return "|".join(
        x.strip() for x in (isa[5], isa[6], isa[13], group[6] if len(group) > 6 else "", isa[9],
                            isa[10])
    )  # fmt: skip


def add_transaction(
    connection: Connection,
    file_id: int,
    kind: str,
    interchange: Interchange,
    group: FunctionalGroup,
    transaction: TransactionSet,
) -> int:
    """Where a transaction set stands and what it is enveloped in; its key."""
    transaction_id = allocate(connection, "x12_transaction", 1)
    separator = interchange.delimiters.element
    connection.execute(
        insert(t.x12_transaction).values(
            transaction_id=transaction_id,
            file_id=file_id,
            interchange=transaction.source.interchange,
            transaction=transaction.source.transaction,
            kind=kind,
            version=transaction.version,
            isa=separator.join(interchange.isa),
            gs=separator.join(group.elements),
            delimiters="".join(interchange.delimiters),
            byte_start=transaction.bytes.start,
            byte_end=transaction.bytes.end,
            interchange_control_number=number_of(interchange.control_number),
            group_control_number=number_of("".join(group.elements[6:7])),
            set_control_number=number_of(transaction.control_number),
            sent_at=sent_at(interchange.isa, group.elements),
        )
    )
    return transaction_id
