"""The archived files once more, with nothing of the readers: their cents against the warehouse's.

Segments are split and amounts added up, claim by claim; what the warehouse has of the same claim
must come to the same. What could not be read and was set apart is not in the warehouse and is
passed over (that no claim is lost is held by counting).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from sqlalchemy import Connection, Row, select, text

from edi.element import Delimiters, to_cents, to_decimal
from edi.envelope import Segments, clean, digest_of
from edi.payment_segment import DEBIT
from edi.problem import BadElement
from warehouse import tables as t
from warehouse.archive import archived
from warehouse.settings import Settings


class ClaimCents(NamedTuple):
    """One CLM or CLP in cents; in an 837P what earlier payers paid and adjusted."""

    segment: int
    charge: int
    payment: int
    line_count: int
    line_charge: int
    line_payment: int
    adjusted: int


@dataclass
class Reread:
    """What one file came to. ``violations`` are amounts that differ, ``lost`` segments."""

    violations: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def reread(connection: Connection, settings: Settings) -> Iterator[Reread]:
    """Every loaded 837P and 835 whose transactions are here, one after the other.

    Raises: OSError other than a file that is not there.
    """
    f, x = t.file, t.x12_transaction
    files = connection.execute(
        select(f)
        .where(
            f.c.status == "loaded",
            f.c.kind.in_(("837P", "835")),
            select(x.c.transaction_id).where(x.c.file_id == f.c.file_id).exists(),
        )
        .order_by(f.c.file_id)
    ).all()
    for row in files:
        yield _reread_file(connection, settings, row)


def _reread_file(connection: Connection, settings: Settings, row: Row[tuple[object]]) -> Reread:
    found = Reread()
    where = f"file_id {row.file_id}"
    path = archived(settings, row.sha256)
    if not path.exists():
        found.violations.append(f"{where}: its bytes are not in the archive")
        return found
    if digest_of(path)[0] != row.sha256:
        found.violations.append(f"{where}: the archive holds other bytes under its digest")
        return found
    x = t.x12_transaction
    transactions = connection.execute(
        select(x).where(x.c.file_id == row.file_id).order_by(x.c.transaction)
    ).all()
    claims = segments = charge = paid = 0
    with path.open("rb") as file:
        for transaction in transactions:
            scan = _Scan(file, transaction)
            found.violations += _compare(connection, scan, transaction, where)
            claims += scan.claim_count
            segments += scan.segment_count
            charge += scan.charge
            paid += scan.paid
    if segments != row.segment_count:
        found.lost.append(f"{where}: segments in the file {segments}, read {row.segment_count}")
    # Sets that were refused or received before count in the file, and were not scanned.
    if claims == row.claim_count and not row.quarantined_claim_count:
        for name, ours, files in (
            ("charge", row.charge_cents, charge),
            ("payment", row.payment_cents, paid if row.kind == "835" else 0),
        ):
            if ours != files:
                found.violations.append(f"{where}: {_differ(name, ours, files)}")
    return found


def _differ(name: str, ours: int, files: int) -> str:
    return f"{name} in the warehouse {ours / 100:.2f}, in the file {files / 100:.2f}"


def _cents(elements: list[str], at: int) -> int:
    """Cents of an element; nothing sent is 0.

    Raises: BadElement.
    """
    sent = elements[at].strip() if at < len(elements) else ""
    return to_cents(to_decimal(sent)) if sent else 0


class _Scan:
    """One transaction set, walked segment by segment."""

    def __init__(self, file: BinaryIO, transaction: Row[tuple[object]]) -> None:
        self._file, self._transaction = file, transaction
        self._delimiters = Delimiters(*transaction.delimiters)
        self.segment_count = self.claim_count = 0
        self.charge = self.paid = self.withheld = 0
        self._open: list[int] | None = None
        self._is_readable = True
        self._is_prior = False

    def claims(self) -> Iterator[ClaimCents]:
        """Claims whose amounts can be read, in order; the totals are whole when it is through."""
        span = Segments(self._file, self._transaction.byte_start, self._transaction.byte_end,
                        self._delimiters.segment)  # fmt: skip
        for _, texts in span:
            for raw in texts:
                if not (segment := clean(raw)):
                    continue
                self.segment_count += 1
                elements = segment.split(self._delimiters.element)
                if elements[0] in ("CLM", "CLP", "LX", "PLB", "SE") and self._ends(elements[0]):
                    yield from self._close()
                self._add(elements)

    def _ends(self, tag: str) -> bool:
        """LX is a line of an 837P claim, and in an 835 the head of the next claims."""
        return tag != "LX" or self._transaction.kind == "835"

    def _close(self) -> Iterator[ClaimCents]:
        if self._open is not None and self._is_readable:
            self.charge += self._open[1]
            yield ClaimCents(*self._open)
        self._open = None

    def _add(self, elements: list[str]) -> None:
        try:
            self._amounts(elements)
        except BadElement:
            self._is_readable = False

    def _amounts(self, elements: list[str]) -> None:
        tag = elements[0]
        if tag in ("CLM", "CLP"):
            self.claim_count += 1
            self._open, self._is_readable = [self.segment_count, 0, 0, 0, 0, 0, 0], True
            self._is_prior = False
            self._open[1] = _cents(elements, 2 if tag == "CLM" else 3)
            self._open[2] = _cents(elements, 4) if tag == "CLP" else 0
        elif tag == "BPR":
            self.paid = _cents(elements, 2)
            if elements[3:4] == [DEBIT]:
                self.paid = -abs(self.paid)
        elif tag == "PLB":
            self.withheld += sum(_cents(elements, i) for i in range(4, len(elements), 2))
        elif tag == "SBR" and self._open is not None:
            self._is_prior = True
        elif self._open is not None:
            self._line(tag, elements)

    def _line(self, tag: str, elements: list[str]) -> None:
        assert self._open is not None
        if tag in ("SV1", "SVC"):
            self._open[3] += 1
            self._open[4] += _cents(elements, 2)
            self._open[5] += _cents(elements, 3) if tag == "SVC" else 0
        elif tag == "CAS" and (self._transaction.kind == "835" or self._is_prior):
            self._open[6] += sum(_cents(elements, i) for i in range(3, len(elements), 3))
        elif tag == "SVD" and self._is_prior:
            self._open[5] += _cents(elements, 2)
        elif tag == "AMT" and elements[1:2] == ["D"] and self._is_prior:
            self._open[2] += _cents(elements, 2)


_SUBMISSIONS = """
select
    submission.segment_position,
    submission.charge_cents,
    (select coalesce(sum(paid_cents), 0) from prior_adjudication as prior
     where prior.submission_id = submission.submission_id and prior.line_position = 0),
    (select count(*) from submitted_line as line
     where line.submission_id = submission.submission_id),
    (select coalesce(sum(charge_cents), 0) from submitted_line as line
     where line.submission_id = submission.submission_id),
    (select coalesce(sum(paid_cents), 0) from prior_adjudication as prior
     where prior.submission_id = submission.submission_id and prior.line_position > 0),
    (select coalesce(sum(amount_cents), 0) from prior_adjustment as prior
     where prior.submission_id = submission.submission_id)
from submission
where submission.file_id = :file_id and submission.transaction_id = :transaction_id
order by submission.segment_position
"""
_CLAIM_PAYMENTS = """
select
    payment.segment_position,
    case when payment.lacks_minus then -1 else 1 end * payment.charge_cents,
    case when payment.lacks_minus then -1 else 1 end * payment.payment_cents,
    (select count(*) from service_payment as service
     where service.claim_payment_id = payment.claim_payment_id and service.service_position > 0),
    case when payment.lacks_minus then -1 else 1 end *
    (select coalesce(sum(charge_cents), 0) from service_payment as service
     where service.claim_payment_id = payment.claim_payment_id and service.service_position > 0),
    case when payment.lacks_minus then -1 else 1 end *
    (select coalesce(sum(payment_cents), 0) from service_payment as service
     where service.claim_payment_id = payment.claim_payment_id and service.service_position > 0),
    case when payment.lacks_minus then -1 else 1 end *
    (select coalesce(sum(amount_cents), 0) from adjustment
     where adjustment.claim_payment_id = payment.claim_payment_id)
from claim_payment as payment
join remittance on remittance.remittance_id = payment.remittance_id
where payment.file_id = :file_id and remittance.transaction_id = :transaction_id
order by payment.segment_position
"""
_NAMES = {
    "837P": ("CLM02", "sum of AMT*D", "SV1 segments", "sum of SV102", "sum of SVD02", "sum of CAS"),
    "835": ("CLP03", "CLP04", "SVC segments", "sum of SVC02", "sum of SVC03", "sum of CAS"),
}


def _compare(
    connection: Connection, scan: _Scan, transaction: Row[tuple[object]], where: str
) -> Iterator[str]:
    """Claim by claim in the order of the file; then what the set as a whole says."""
    kind = transaction.kind
    keys = {"file_id": transaction.file_id, "transaction_id": transaction.transaction_id}
    statement = text(_SUBMISSIONS if kind == "837P" else _CLAIM_PAYMENTS)
    where = f"{where}, ST {transaction.transaction}"
    rows = iter(connection.execute(statement, keys))
    row = next(rows, None)
    for claim in scan.claims():
        while row is not None and row[0] < claim.segment:
            yield f"{where}, segment {row[0]}: no such claim in the file"
            row = next(rows, None)
        if row is None or row[0] != claim.segment:
            continue  # set apart
        for name, ours, files in zip(_NAMES[kind], row[1:], claim[1:], strict=True):
            if int(ours) != files:
                said = f"{name}: here {ours}, there {files}" if "segments" in name else _differ(
                    name, int(ours), files)  # fmt: skip
                yield f"{where}, segment {claim.segment}: {said}"
        row = next(rows, None)
    while row is not None:
        yield f"{where}, segment {row[0]}: no such claim in the file"
        row = next(rows, None)
    if kind == "835":
        yield from _compare_payment(connection, scan, keys, where)


def _compare_payment(
    connection: Connection, scan: _Scan, keys: dict[str, int], where: str
) -> Iterator[str]:
    r, p = t.remittance, t.provider_adjustment
    remittance = connection.execute(
        select(r).where(
            r.c.file_id == keys["file_id"], r.c.transaction_id == keys["transaction_id"]
        )
    ).first()
    if remittance is None:
        yield f"{where}: its payment is not here"
        return
    withheld = sum(
        connection.execute(
            select(p.c.amount_cents).where(p.c.remittance_id == remittance.remittance_id)
        ).scalars()
    )
    for name, ours, files in (
        ("BPR02", remittance.payment_cents, scan.paid),
        ("sum of PLB", withheld, scan.withheld),
    ):
        if ours != files:
            yield f"{where}: {_differ(name, ours, files)}"
