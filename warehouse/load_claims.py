"""Claims of one 837P transaction set into rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from sqlalchemy import Connection, select, update

from edi import read_837p
from edi.balance import balance_claim
from edi.claim import Claim, TransactionHeader, UnreadClaim, pointed_to
from edi.element import Delimiters, to_cents
from edi.envelope import TransactionSet
from edi.problem import BadElement, Problem
from warehouse import tables as t
from warehouse.database import allocate
from warehouse.limited_numbers import numbers_of
from warehouse.load import BATCH, Loaded, Rows, batches, cents_or_zero, set_apart, units_of
from warehouse.load_prior import add_prior, check_prior_cents
from warehouse.patient_name import name_of


def claim_identity(claim: Claim) -> tuple[str, str, str, Any]:
    """Billing NPI, patient control number, member id, first service date (CONTRACT §5)."""
    return (
        claim.billing_npi or "",
        claim.patient_control_number.strip(),
        (claim.subscriber.member_id or "").strip(),
        claim.first_service_date,
    )


def load_claims(
    connection: Connection,
    file: BinaryIO,
    transaction: TransactionSet,
    delimiters: Delimiters,
    *,
    file_id: int,
    transaction_id: int,
    first_position: int,
    origin: str,
) -> Loaded:
    """The claims of one 837P transaction set.

    ``first_position`` is the number of claims of the file that came before.
    """
    loaded = Loaded()
    header: TransactionHeader | None = None
    batch: list[tuple[int, Claim]] = []
    rows = Rows(connection, t.claim, t.submission, t.submitted_line, t.carried_number,
                t.prior_adjudication, t.prior_adjustment)  # fmt: skip
    position = first_position
    for event in read_837p.read_transaction(file, transaction, delimiters):
        if isinstance(event, Claim):
            position += 1
            try:
                _check_cents(event)
            except BadElement as error:
                set_apart(loaded, Problem("INVALID_AMOUNT", event.source, "2300/CLM02", error.found,
                                        error.expected), event.bytes.own)  # fmt: skip
                loaded.service_line_count += len(event.service_lines)
                continue
            batch.append((position, event))
            if len(batch) == BATCH:
                _add_claims(rows, connection, batch, header, file_id, transaction_id, origin,
                            loaded)  # fmt: skip
                batch = []
        elif isinstance(event, UnreadClaim):
            position += 1
            loaded.service_line_count += event.line_count
            set_apart(loaded, event.problem, event.bytes)
            if event.total_claim_charge_amount is not None:
                loaded.charge_cents += cents_or_zero(event.total_claim_charge_amount)
        elif isinstance(event, TransactionHeader):
            header = event
            _name_batch(connection, transaction_id, header)
        else:
            loaded.tally(event)
    if batch:
        _add_claims(rows, connection, batch, header, file_id, transaction_id, origin, loaded)
    return loaded


def _name_batch(connection: Connection, transaction_id: int, header: TransactionHeader) -> None:
    """BHT03, which a 277CA repeats as the batch that it answers."""
    x = t.x12_transaction
    connection.execute(
        update(x)
        .where(x.c.transaction_id == transaction_id)
        .values(batch_reference=header.originator_application_transaction_identifier.strip())
    )


def _check_cents(claim: Claim) -> None:
    to_cents(claim.total_claim_charge_amount)
    for line in claim.service_lines:
        to_cents(line.line_item_charge_amount)
    if claim.other_payers:
        check_prior_cents(claim)


def _add_claims(
    rows: Rows,
    connection: Connection,
    batch: list[tuple[int, Claim]],
    header: TransactionHeader | None,
    file_id: int,
    transaction_id: int,
    origin: str,
    loaded: Loaded,
) -> None:
    names = [_identity_text(claim) for _, claim in batch]
    claim_ids = _claim_ids(
        rows, connection, {name: claim for name, (_, claim) in zip(names, batch, strict=True)}
    )
    submission_id = allocate(connection, "submission", len(batch))
    for name, (position, claim) in zip(names, batch, strict=True):
        charge = to_cents(claim.total_claim_charge_amount)
        problems = balance_claim(claim)
        loaded.problems += problems
        row = _submission_row(claim, header)
        row["submission_id"] = submission_id
        row["claim_id"] = claim_ids[name]
        row["file_id"], row["transaction_id"] = file_id, transaction_id
        row["claim_position"], row["origin"] = position, origin
        row["charge_cents"], row["is_balanced"] = charge, not problems
        rows[t.submission].append(row)
        rows[t.submitted_line].extend(_line_rows(claim, submission_id))
        rows[t.carried_number].extend(
            {"submission_id": submission_id, "number": number} for number in numbers_of(claim)
        )
        if claim.other_payers:
            loaded.problems += add_prior(rows, claim, submission_id)
        loaded.claim_count += 1
        loaded.service_line_count += len(claim.service_lines)
        loaded.charge_cents += charge
        submission_id += 1
    rows.flush()


def _identity_text(claim: Claim) -> str:
    return "|".join(str(part or "") for part in claim_identity(claim))


def _claim_ids(rows: Rows, connection: Connection, wanted: dict[str, Claim]) -> dict[str, int]:
    """Claim ids by identity, new ones added to the rows."""
    found: dict[str, int] = {}
    for names in batches(wanted, 500):
        for row in connection.execute(
            select(t.claim.c.identity, t.claim.c.claim_id).where(t.claim.c.identity.in_(names))
        ):
            found[row.identity] = row.claim_id
    missing = [name for name in wanted if name not in found]
    if missing:
        claim_id = allocate(connection, "claim", len(missing))
        for name in missing:
            npi, number, member, first = claim_identity(wanted[name])
            rows[t.claim].append(
                {
                    "claim_id": claim_id,
                    "billing_npi": npi,
                    "patient_control_number": number,
                    "member_id": member,
                    "first_service_date": first,
                    "identity": name,
                }
            )
            found[name] = claim_id
            claim_id += 1
    return found


def _submission_row(claim: Claim, header: TransactionHeader | None) -> dict[str, Any]:
    subscriber = claim.subscriber
    payer = subscriber.payer
    patient = claim.bytes.patient
    information = subscriber.information
    return {
        "segment_position": claim.source.segment,
        "patient_control_number": claim.patient_control_number.strip(),
        "member_id": subscriber.member_id,
        "patient_name": name_of(person.name) if (person := claim.patient_party) else None,
        "payer_sequence": information.payer_responsibility_sequence_code if information else None,
        "claim_filing_indicator": information.claim_filing_indicator_code if information else None,
        "submitted_on": header.created_on if header else None,
        "payer_id": payer.name.identification_code if payer else None,
        "payer_name": payer.name.last_or_organization_name if payer else None,
        "claim_frequency_code": claim.claim_frequency_code,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "service_line_count": len(claim.service_lines),
        "first_service_date": claim.first_service_date,
        "billing_npi": claim.billing_npi,
        "rendering_npi": claim.rendering_npi,
        "billing_start": claim.bytes.billing.start,
        "billing_end": claim.bytes.billing.end,
        "subscriber_start": claim.bytes.subscriber.start,
        "subscriber_end": claim.bytes.subscriber.end,
        "patient_start": patient.start if patient else None,
        "patient_end": patient.end if patient else None,
        "own_start": claim.bytes.own.start,
        "own_end": claim.bytes.own.end,
    }


def _line_rows(claim: Claim, submission_id: int) -> Iterator[dict[str, Any]]:
    known = claim.diagnosis_codes
    for line in claim.service_lines:
        days = line.service_dates
        pointers = line.service.diagnosis_code_pointers or ()
        yield {
            "submission_id": submission_id,
            "line_position": line.position,
            "line_number": line.line_number.strip(),
            "line_item_control_number": line.line_item_control_number,
            "procedure_code": line.procedure_code.strip(),
            "modifiers": ",".join(line.modifiers),
            "charge_cents": to_cents(line.line_item_charge_amount),
            "units": units_of(line.service.service_unit_count),
            "service_date": days[0] if days else None,
            "service_date_end": days[1] if days else None,
            "place_of_service": claim.place_of_service_of(line),
            "diagnosis_codes": ",".join(pointed_to(pointers, known)),
            "chain_position": line.position,
        }
