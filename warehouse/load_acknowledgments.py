"""TA1, 999 and 277CA into rows; which 837P they answer is found out by the step match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection

from edi.acknowledgment import (
    ACKNOWLEDGED_CODES,
    REFUSED_CODES,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SetAcknowledgment,
)
from edi.claim import SegmentTally
from edi.claim_status import REJECTED, ClaimStatus, StatusLevel, UnreadStatus, verdict_of
from edi.element import to_cents
from edi.envelope import FunctionalGroup, Interchange, TransactionSet
from edi.problem import BadElement, Problem
from edi.read_acknowledgment import read_interchange_acknowledgments, read_transaction
from edi.source import SourceRef
from warehouse import tables as t
from warehouse.database import allocate
from warehouse.envelope_rows import number_of, partner_ids, sent_at
from warehouse.load import BATCH, Loaded, Rows

_LEVELS = {"21": "batch", "19": "provider"}
_NAME_LENGTH = 60


def load_interchange_acknowledgments(
    connection: Connection, file: BinaryIO, interchange: Interchange, *, file_id: int, now: datetime
) -> Loaded:
    """Every TA1 that stands in an interchange; most have none."""
    loaded = Loaded()
    groups = interchange.groups
    isa, gs = interchange.isa, groups[0].elements if groups else ()
    rows = Rows(connection, t.acknowledgment)
    found = []
    for event in read_interchange_acknowledgments(file, interchange):
        if isinstance(event, Problem):
            loaded.problems.append(event)
        elif isinstance(event, SegmentTally):
            if not groups:
                loaded.tally(event)
        else:
            found.append(event)
    if found:
        key = allocate(connection, "acknowledgment", len(found))
        for number, (source, answer) in enumerate(found):
            rows[t.acknowledgment].append(
                _interchange_row(answer, source)
                | _place(source, file_id, isa, gs, now)
                | {"acknowledgment_id": key + number}
            )
        rows.flush()
    return loaded


def _place(
    source: SourceRef, file_id: int, isa: Sequence[str], gs: Sequence[str], now: datetime
) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "set_position": source.transaction,
        "segment_position": source.segment,
        "partner_ids": partner_ids(isa, gs),
        "answered_at": sent_at(isa, gs) or now,
        "is_new": True,
    }


def _interchange_row(answer: InterchangeAcknowledgment, source: SourceRef) -> dict[str, Any]:
    code = answer.interchange_acknowledgment_code
    note = answer.interchange_note_code
    # Some write the century; ISA09, which is echoed, has none.
    day = (answer.interchange_date or "").strip()[-6:]
    return {
        "scope": "interchange",
        "control_number": number_of(answer.interchange_control_number),
        "set_control_number": None,
        "functional_identifier_code": None,
        "interchange_time": day + (answer.interchange_time or "").strip()[:4],
        "code": code or None,
        "error_codes": f"TA105:{note}" if note and note.strip("0") else "",
        "outcome": _outcome(code, "received"),
    }


def _outcome(code: str | None, taken: str) -> str | None:
    if code and code in ACKNOWLEDGED_CODES:
        return taken
    return "rejected" if code and code in REFUSED_CODES else None


def load_answers(
    connection: Connection,
    file: BinaryIO,
    interchange: Interchange,
    group: FunctionalGroup,
    transaction: TransactionSet,
    *,
    file_id: int,
    now: datetime,
) -> Loaded:
    """One 999 or 277CA transaction set."""
    place = (file_id, interchange.isa, group.elements, now)
    load = _Statuses if transaction.identifier_code == "277" else _Sets
    return load(connection, place).load(file, transaction, interchange)


class _Sets:
    """One 999 on its way into the rows."""

    def __init__(self, connection: Connection, place: tuple[Any, ...]) -> None:
        self._connection, self._where = connection, place
        self._rows = Rows(connection, t.acknowledgment)
        self._loaded = Loaded()
        self._refused_sets = 0

    def _place(self, source: SourceRef) -> dict[str, Any]:
        file_id, isa, gs, now = self._where
        return _place(source, file_id, isa, gs, now)

    def load(self, file: BinaryIO, transaction: TransactionSet, interchange: Interchange) -> Loaded:
        """Every answer of the set."""
        for event in read_transaction(file, transaction, interchange.delimiters):
            if isinstance(event, Problem):
                self._loaded.problems.append(event)
            elif isinstance(event, SegmentTally):
                self._loaded.tally(event)
            else:
                self._add(event)
        self._flush()
        return self._loaded

    def _add(self, event: Any) -> None:
        rows = self._rows[t.acknowledgment]
        rows.append(self._row(event) | self._place(event.source))
        if len(rows) == BATCH:
            self._flush()

    def _flush(self) -> None:
        rows = self._rows[t.acknowledgment]
        if rows:
            key = allocate(self._connection, "acknowledgment", len(rows))
            for number, row in enumerate(rows):
                row["acknowledgment_id"] = key + number
            self._rows.flush()

    def _row(self, answer: SetAcknowledgment | GroupAcknowledgment) -> dict[str, Any]:
        outcome = _outcome(answer.code, "acknowledged")
        number = None
        if isinstance(answer, SetAcknowledgment):
            header, number = answer.group, number_of(answer.header.transaction_set_control_number)
            self._refused_sets += outcome == "rejected"
        else:
            header = answer.header
            if answer.code == "P" and answer.rejected_set_count == self._refused_sets:
                # Every set that was turned back is named, so those that are not were taken.
                outcome = "acknowledged"
        return {
            "scope": "group" if number is None else "set",
            "control_number": number_of(header.group_control_number),
            "set_control_number": number,
            "functional_identifier_code": header.functional_identifier_code,
            "interchange_time": None,
            "code": answer.code,
            "error_codes": ",".join(answer.error_codes),
            "outcome": outcome,
        }


class _Statuses:
    """One 277CA on its way into the rows."""

    def __init__(self, connection: Connection, place: tuple[Any, ...]) -> None:
        self._connection, self._where = connection, place
        self._loaded = Loaded()
        self._found: list[ClaimStatus | StatusLevel] = []

    def load(self, file: BinaryIO, transaction: TransactionSet, interchange: Interchange) -> Loaded:
        """Every claim of the set, and every batch or provider that it turns back whole."""
        for event in read_transaction(file, transaction, interchange.delimiters):
            if isinstance(event, SegmentTally):
                self._loaded.tally(event)
            elif isinstance(event, Problem):
                self._loaded.problems.append(event)
            elif isinstance(event, UnreadStatus):
                self._loaded.problems.append(event.problem)
            elif isinstance(event, ClaimStatus | StatusLevel) and _is_kept(event):
                self._found.append(event)
                if len(self._found) == BATCH:
                    self._flush()
        self._flush()
        return self._loaded

    def _flush(self) -> None:
        found, self._found = self._found, []
        if not found:
            return
        rows = Rows(self._connection, t.claim_status, t.line_status)
        key = allocate(self._connection, "claim_status", len(found))
        file_id, isa, gs, now = self._where
        for number, status in enumerate(found, key):
            place = _place(status.source, file_id, isa, gs, now)
            rows[t.claim_status].append(_status_row(status) | place | {"claim_status_id": number})
            if isinstance(status, ClaimStatus):
                rows[t.line_status].extend(_line_rows(status, number))
        rows.flush()


def _is_kept(status: ClaimStatus | StatusLevel) -> bool:
    """Every claim, and a batch or provider whose claims are turned back together."""
    if isinstance(status, ClaimStatus):
        return True
    return status.level_code in _LEVELS and verdict_of(status.statuses) == REJECTED


def _status_row(status: ClaimStatus | StatusLevel) -> dict[str, Any]:
    """What is said of a claim, or of all claims of a batch or provider."""
    if isinstance(status, ClaimStatus):
        level, verdict, codes = status.level, status.verdict, status.codes
        row = {
            "level": "claim",
            "reported_patient_control_number": status.patient_control_number,
            "member_id": status.member_id,
            "service_date": status.service_date,
            "charge_cents": _cents(status),
            "payer_claim_control_number": status.payer_claim_control_number,
            "clearinghouse_trace_number": status.clearinghouse_trace_number,
            "status_on": status.effective_date,
        }
        from_payer = status.is_from_payer
    else:
        level, verdict = status, verdict_of(status.statuses)
        codes = tuple(dict.fromkeys(c for s in status.statuses for c in s.codes))
        row = dict.fromkeys(
            ("reported_patient_control_number", "member_id", "service_date", "charge_cents",
             "payer_claim_control_number", "clearinghouse_trace_number", "status_on")
        )  # fmt: skip
        row["level"] = _LEVELS[status.level_code]
        from_payer = False
    source = level.above("20") if level else None
    receiver = level.above("21") if level else None
    provider = level.above("19") if level else None
    name = source.name if source else None
    billing = provider.name if provider else None
    is_npi = billing is not None and billing.identification_code_qualifier == "XX"
    return row | {
        "reported_by": _reporter(name, from_payer),
        "source_name": (name.last_or_organization_name or "")[:_NAME_LENGTH] if name else None,
        "source_id": name.identification_code if name else None,
        "batch_reference": receiver.trace_number if receiver else None,
        "billing_npi": billing.identification_code if billing and is_npi else None,
        "verdict": verdict,
        "codes": ",".join(codes),
    }


def _reporter(name: Any, from_payer: bool) -> str:
    if from_payer:
        return "payer"
    return "clearinghouse" if name and name.entity_identifier_code == "AY" else "unknown"


def _cents(status: ClaimStatus) -> int | None:
    amount = status.total_claim_charge_amount
    try:
        return None if amount is None else to_cents(amount)
    except BadElement:
        return None


def _line_rows(status: ClaimStatus, key: int) -> Iterator[dict[str, Any]]:
    for line in status.lines:
        try:
            cents = to_cents(line.information.line_item_charge_amount)
        except BadElement:
            cents = None
        yield {
            "claim_status_id": key,
            "line_position": line.position,
            "line_item_control_number": line.line_item_control_number,
            "procedure_code": line.information.procedure.procedure_code,
            "charge_cents": cents,
            "codes": ",".join(dict.fromkeys(c for s in line.statuses for c in s.codes)),
        }
