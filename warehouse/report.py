"""Reports: which denials there are and which few causes make most of them, and what is unmatched.

Amounts are added up in cents. What the payer has not decided yet (pended) is counted apart.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import text

from rules.classify import label
from warehouse.database import Warehouse, sql_of
from warehouse.timeline_entry import day_of

BY = {
    "payer": "case when payment.is_other_payer then coalesce(remittance.payer_id, '') "
    "else coalesce(submission.payer_id, remittance.payer_id, '') end",
    "carc": "case when denial.reason_code = '' then '' "
    "else denial.group_code || '-' || denial.reason_code end",
    "procedure": "coalesce(service.procedure_code, '')",
    "rule": "coalesce(denial.rule_code, '')",
    "month": "coalesce(substr(cast(denial.denied_on as varchar(10)), 1, 7), '')",
}
"""What reports group by: the word of ``--by`` and what it is in SQL."""

_NOTHING = {"payer": "(unnamed)", "carc": "(no code)", "procedure": "(whole claim)",
            "rule": "(none)", "month": "(no date)"}  # fmt: skip


class DenialRow(NamedTuple):
    """One group of denials.

    Attributes:
        name: payer id, group and reason code, procedure code, rule code or month.
        denied_count: denied lines (or claims without lines), each time they were denied.
        initial_count: those that were the first of their line.
        pended_count: lines the payer has not decided yet.
        copy_count: refusals of what was sent twice, which nothing else here counts.
        submission_count: claims sent that were denied in a part or as a whole.
        initial_amount: what of the denied amount was denied for the first time; the rest is what
            was denied again.
        open_amount: what of the denied amount is still open.
        share, cumulative_share: of the denied amount; None where nothing is denied at all.
    """

    name: str
    label: str
    denied_count: int
    initial_count: int
    pended_count: int
    copy_count: int
    submission_count: int
    denied_amount: Decimal
    initial_amount: Decimal
    open_amount: Decimal
    recovered_amount: Decimal
    share: Decimal | None
    cumulative_share: Decimal | None


def denials_by(warehouse: Warehouse, by: str) -> list[DenialRow]:
    """Denials grouped by one of :data:`BY`, the largest amount first; by month in order of time.

    Raises: KeyError for another word; Transient; Terminal.
    """
    statement = sql_of("reports", "denials").format(by=BY[by])
    with warehouse.read() as connection:
        rows = connection.execute(text(statement)).all()
    whole = sum(int(row.denied_cents) for row in rows)
    if by == "month":
        rows = sorted(rows, key=lambda row: row.name)
    found, so_far = [], 0
    for row in rows:
        so_far += int(row.denied_cents)
        found.append(
            DenialRow(
                row.name or _NOTHING.get(by, ""),
                label(row.name.partition("-")[2]) if by == "carc" else "",
                int(row.denied_count), int(row.initial_count), int(row.pended_count),
                int(row.copy_count), int(row.submission_count), _dollars(row.denied_cents),
                _dollars(row.initial_cents), _dollars(row.open_cents),
                _dollars(row.recovered_cents), _share(row.denied_cents, whole),
                _share(so_far, whole),
            )
        )  # fmt: skip
    return found


def pareto(warehouse: Warehouse, by: str, *, upto: Decimal = Decimal("0.8")) -> list[DenialRow]:
    """The few causes that make up ``upto`` of the denied amount, the largest first."""
    found = sorted(denials_by(warehouse, by), key=lambda row: (-row.denied_amount, row.name))
    whole = sum((row.denied_amount for row in found), Decimal(0))
    vital: list[DenialRow] = []
    so_far = Decimal(0)
    for row in found:
        if row.denied_amount <= 0 or so_far >= whole * upto:
            break
        so_far += row.denied_amount
        vital.append(row._replace(cumulative_share=_share(so_far, whole)))
    return vital


class UnmatchedRow(NamedTuple):
    """One service (or claim without services) that a payer told and that a person has to place.

    Attributes:
        file_id, file_name, claim_position, service_position: where it stands.
        patient_control_number: of the claim it is joined to, else as the payer reports it.
        payment_amount: negative where it is taken back.
        why: its claim is not here, claims or lines do not tell which, or nothing stands.
    """

    file_id: int
    file_name: str
    claim_position: int
    service_position: int
    patient_control_number: str | None
    procedure_code: str | None
    charge_amount: Decimal
    payment_amount: Decimal
    payment_date: date | None
    payer: str | None
    why: str


def unmatched(warehouse: Warehouse) -> list[UnmatchedRow]:
    """What payers told that is joined to no line of ours, or of which nothing stands.

    Raises: Transient; Terminal.
    """
    with warehouse.read() as connection:
        rows = connection.execute(text(sql_of("reports", "unmatched"))).all()
    return [
        UnmatchedRow._make(
            (*row[:6], _dollars(row.charge_cents), _dollars(row.payment_cents),
             day_of(row.payment_date), row.payer, row.why)
        )
        for row in rows
    ]  # fmt: skip


def _dollars(cents: int) -> Decimal:
    """With two decimals, also where they are noughts."""
    return Decimal(int(cents)).scaleb(-2)


def _share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    return round(Decimal(part) / Decimal(whole), 4) if whole else None
