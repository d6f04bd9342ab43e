"""Cents of claims by nothing but split: what the warehouse has is compared with this.

Shares no code with the readers. What cannot be read as an amount is None.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

_BLANK = " \t\r\n\x00\x1a"


class Cents(NamedTuple):
    """One CLM or CLP: its charge and payment, and those of its lines."""

    charge: int | None
    payment: int | None
    lines: int
    line_charge: int | None
    line_payment: int | None
    adjusted: int | None


def cents(elements: list[str], at: int) -> int | None:
    """Cents of an element, 0 where nothing was sent."""
    sent = elements[at] if at < len(elements) else ""
    try:
        return int(Decimal(sent or "0") * 100)
    except (ArithmeticError, ValueError):
        return None


def _sum(found: list[int | None]) -> int | None:
    return None if None in found else sum(f for f in found if f is not None)


def claims_of(data: bytes, delimiters: str) -> dict[int, Cents]:
    """Claims of one transaction set by the position of their CLM or CLP, ST = 1."""
    groups: dict[int, list[list[str]]] = {}
    position, open_, closing = 0, None, ("HL", "SE")
    for raw in data.decode("latin-1").split(delimiters[3]):
        segment = raw.strip(_BLANK).replace("\r", "").replace("\n", "")
        if not segment:
            continue
        position += 1
        elements = (segment[:3].upper() + segment[3:]).split(delimiters[0])
        tag = elements[0]
        if elements[:2] == ["ST", "835"]:
            closing = ("LX", "PLB", "SE")
        if tag in ("CLM", "CLP"):
            open_ = groups.setdefault(position, [])
        elif tag in closing:
            open_ = None
        if open_ is not None:
            open_.append(elements)
    return {at: _cents_of(found) for at, found in groups.items()}


def _cents_of(segments: list[list[str]]) -> Cents:
    head = segments[0]
    is_claim = head[0] == "CLM"
    lines = [e for e in segments if e[0] == ("SV1" if is_claim else "SVC")]
    adjusted = [cents(e, i) for e in segments if e[0] == "CAS" for i in range(3, len(e), 3)]
    return Cents(
        cents(head, 2 if is_claim else 3),
        0 if is_claim else cents(head, 4),
        len(lines),
        _sum([cents(e, 2) for e in lines]),
        0 if is_claim else _sum([cents(e, 3) for e in lines]),
        0 if is_claim else _sum(adjusted),
    )


_LOADED = """
select x.file_id, f.sha256, x.byte_start, x.byte_end, x.delimiters, x.kind, x.transaction_id
from x12_transaction as x join file as f on f.file_id = x.file_id
where x.file_id > :after and x.kind in ('837P', '835')
"""
_APART = """
select count(*) from quarantine_item where file_id = :file_id and scope = 'claim'
    and byte_start >= :byte_start and byte_start < :byte_end
"""
_CLAIMS = """
select s.segment_position as at, s.charge_cents as charge, 0 as payment, count(n.line_position)
    as lines, coalesce(sum(n.charge_cents), 0) as line_charge, 0 as line_payment, 0 as adjusted
from submission as s left join submitted_line as n on n.submission_id = s.submission_id
where s.transaction_id = :transaction_id group by s.submission_id
"""
_PAYMENTS = """
select c.segment_position as at, sign * c.charge_cents as charge, sign * c.payment_cents as payment,
    (select count(*) from service_payment as s
     where s.claim_payment_id = c.claim_payment_id and s.service_position > 0) as lines,
    (select coalesce(sum(sign * s.charge_cents), 0) from service_payment as s
     where s.claim_payment_id = c.claim_payment_id and s.service_position > 0) as line_charge,
    (select coalesce(sum(sign * s.payment_cents), 0) from service_payment as s
     where s.claim_payment_id = c.claim_payment_id and s.service_position > 0) as line_payment,
    (select coalesce(sum(sign * a.amount_cents), 0) from adjustment as a
     where a.claim_payment_id = c.claim_payment_id) as adjusted
from (select *, case when lacks_minus then -1 else 1 end as sign from claim_payment) as c
join remittance as r on r.remittance_id = c.remittance_id
where r.transaction_id = :transaction_id
"""


_RANGES = """
select f.sha256, x.byte_start, x.byte_end from x12_transaction as x
join file as f on f.file_id = x.file_id where f.sha256 = :sha
union all
select f.sha256, q.byte_start, q.byte_end from quarantine_item as q
join file as f on f.file_id = q.file_id where f.sha256 = :sha and q.byte_start is not null
"""
_WHOLE = """
select f.sha256, min(x.delimiters) as delimiters from file as f
join x12_transaction as x on x.file_id = f.file_id
where f.file_id > :after
group by f.sha256 having count(distinct x.delimiters) = 1 and f.sha256 not in
    (select sha256 from file where duplicate_claim_count > 0 and sha256 is not null)
"""


def lost(connection: Connection, archive: Path, after: int) -> list[str]:
    """CLMs and CLPs of loaded files that are in no set that was loaded and in nothing set apart.

    Not of files in which a payment was known already: nothing says where that stands. Nor what
    damage has put into an acknowledgment: there it is a segment that nobody knows, and is kept.
    """
    found = []
    for sha, delimiters in connection.execute(text(_WHOLE), {"after": after}):
        data = (archive / sha[:2] / sha).read_bytes().decode("latin-1")
        ranges = [tuple(r)[1:] for r in connection.execute(text(_RANGES), {"sha": sha})]
        pattern = f"{re.escape(delimiters[3])}[{_BLANK}]*(CL[MP]){re.escape(delimiters[0])}"
        for match in re.finditer(pattern, data, re.IGNORECASE):
            at = match.start(1)
            if any(begin <= at < end for begin, end in ranges):
                continue
            sets = re.findall(
                f"{re.escape(delimiters[3])}[{_BLANK}]*ST{re.escape(delimiters[0])}(\\w+)",
                data[:at],
            )
            if not sets or sets[-1] not in ("277", "999"):
                found.append(f"{sha[:8]}: {match[1]} at byte {at}")
    return found


def differences(connection: Connection, archive: Path, after: int) -> list[str]:
    """Claims of files with ids above ``after`` whose cents are not those of the archived bytes."""
    found = []
    for row in connection.execute(text(_LOADED), {"after": after}):
        data = (archive / row.sha256[:2] / row.sha256).read_bytes()[row.byte_start : row.byte_end]
        ours = claims_of(data, row.delimiters)
        statement = text(_CLAIMS if row.kind == "837P" else _PAYMENTS)
        apart = connection.execute(text(_APART), row._asdict()).scalar_one()
        loaded = connection.execute(statement, {"transaction_id": row.transaction_id}).all()
        if len(ours) != len(loaded) + apart:
            found.append(
                f"file {row.file_id}: {len(ours)} there, {len(loaded)} here, {apart} apart"
            )
        for claim in loaded:
            there: Any = ours.get(claim.at)
            if there is None or tuple(claim)[1:] != tuple(there):
                found.append(f"file {row.file_id}, segment {claim.at}: {tuple(claim)} {there}")
    return found
