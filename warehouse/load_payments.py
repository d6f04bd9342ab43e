"""The payment of one 835 transaction set into rows; adjudications are only ever added."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Connection, insert

from edi import read_835
from edi.balance import TransactionBalance, balance_claim_payment, doubt_sign
from edi.claim_text import cut
from edi.element import Delimiters, to_cents
from edi.envelope import ByteRange, TransactionSet
from edi.payment_segment import ProviderLevelAdjustment
from edi.problem import BadElement, Problem
from edi.remittance import ClaimPayment, Remittance, UnreadClaimPayment
from edi.segment import Adjustment
from rules.classify import (
    FORWARDED,
    PREDETERMINED,
    SECONDARY,
    classify,
    derived_allowed_amount,
    is_silent,
    is_undecided,
)
from warehouse import tables as t
from warehouse.database import allocate
from warehouse.load import BATCH, Loaded, Rows, batches, cents_or_zero, set_apart, units_of
from warehouse.payment_digest import ContentDigest, adjustments_digest
from warehouse.payment_rows import (
    claim_level_row,
    claim_row,
    money_of_payment,
    provider_row,
    service_row,
)


def load_payments(
    connection: Connection,
    file: BinaryIO,
    transaction: TransactionSet,
    delimiters: Delimiters,
    *,
    file_id: int,
    transaction_id: int,
    first_position: int,
) -> Loaded:
    """The payment of one 835 transaction set with its claim payments and PLBs.

    Raises: edi.read_835.UnreadableRemittance, where its money cannot be known.
    """
    loaded = Loaded()
    content = ContentDigest()
    rows = Rows(connection, t.claim_payment, t.service_payment, t.adjustment)
    batch: list[tuple[ClaimPayment, bool | None]] = []
    lacking: list[ClaimPayment] = []
    unread: list[ByteRange] = []
    remittance: Remittance | None = None
    remittance_id = allocate(connection, "remittance", 1)
    keys = (remittance_id, file_id, first_position)
    balance: TransactionBalance | None = None
    provider_rows: list[dict[str, Any]] = []
    for event in read_835.read_transaction(file, transaction, delimiters):
        if balance is not None:
            balance.add(event)
        if isinstance(event, ClaimPayment):
            try:
                _check_payment_cents(event)
            except BadElement as error:
                unread.append(event.bytes)
                set_apart(loaded, Problem("INVALID_AMOUNT", event.source, "2100", error.found,
                                        error.expected), event.bytes)  # fmt: skip
                loaded.service_line_count += len(event.service_payments)
                continue
            if event.lacks_minus:
                lacking.append(event)
                continue
            batch.append((event, None))
            if len(batch) == BATCH:
                _add_payments(rows, connection, batch, keys, loaded, content)
                batch = []
        elif isinstance(event, UnreadClaimPayment):
            unread.append(event.bytes)
            set_apart(loaded, event.problem, event.bytes)
            loaded.service_line_count += event.service_count
            loaded.charge_cents += cents_or_zero(event.total_claim_charge_amount or Decimal(0))
        elif isinstance(event, Remittance):
            remittance, balance = event, TransactionBalance(event)
            _add_remittance(connection, event, remittance_id, file_id, transaction_id)
        elif isinstance(event, ProviderLevelAdjustment):
            provider_rows.append(provider_row(event, remittance_id))
        else:
            loaded.tally(event)
    assert remittance is not None and balance is not None  # the reader gives it or raises
    # Whether they take back or add, only the payment as a whole tells.
    batch += [(payment, balance.adds_as_sent(payment)) for payment in lacking]
    for some in batches(batch, BATCH):
        _add_payments(rows, connection, some, keys, loaded, content)
    for bytes_ in unread:
        # What cannot be read is the same where its segments are: two payments of nothing under one
        # trace number may each have a claim like that.
        segments = cut(file, bytes_, delimiters)
        content.add("unread", [text.split(delimiters.element) for text in segments])
    if provider_rows:
        connection.execute(insert(t.provider_adjustment), provider_rows)
    if content.is_empty:
        # Without claims the PLBs are all there is to tell two payments apart.
        for row in provider_rows:
            content.add(row["reason_code"], row["reference"] or "", row["amount_cents"])
    problems = balance.problems()
    loaded.problems += problems
    loaded.payment_cents = to_cents(remittance.payment_amount)
    loaded.claims_digest, loaded.remittance_id = content.hexdigest(), remittance_id
    connection.execute(
        t.remittance.update()
        .where(t.remittance.c.remittance_id == remittance_id)
        .values(
            claim_count=loaded.claim_count,
            provider_adjustment_cents=to_cents(balance.provider_adjustment_amount),
            is_balanced=not problems,
            claims_digest=loaded.claims_digest,
        )
    )
    return loaded


def _check_payment_cents(payment: ClaimPayment) -> None:
    to_cents(payment.information.total_claim_charge_amount)
    to_cents(payment.information.claim_payment_amount)
    for adjustment in payment.adjustments:
        to_cents(adjustment.amount)
    for service in payment.service_payments:
        to_cents(service.line_item_charge_amount)
        to_cents(service.line_item_provider_payment_amount)
        for adjustment in service.adjustments:
            to_cents(adjustment.amount)


def _add_remittance(
    connection: Connection, event: Remittance, remittance_id: int, file_id: int, transaction_id: int
) -> None:
    ids = event.payer_ids
    connection.execute(
        insert(t.remittance).values(
            remittance_id=remittance_id,
            file_id=file_id,
            transaction_id=transaction_id,
            trace_number=event.trace_number.strip(),
            payment_method=event.financial.payment_method_code,
            payment_date=event.payment_date,
            payment_cents=money_of_payment(event.payment_amount, "BPR02", event.source),
            payer_id=ids[0] if ids else None,
            payer_ids=",".join(ids),
            payer_name=event.payer.party.name if event.payer else None,
            payee_npi=event.payee_npi,
            claim_count=0,
            provider_adjustment_cents=0,
            is_balanced=False,
            claims_digest="",
        )
    )


def _add_payments(
    rows: Rows,
    connection: Connection,
    batch: list[tuple[ClaimPayment, bool | None]],
    keys: tuple[int, int, int],
    loaded: Loaded,
    content: ContentDigest,
) -> None:
    """Rows of some CLPs, each with whether one that lacks its minus counts as it was sent."""
    remittance_id, file_id, first_position = keys
    first_id = allocate(connection, "claim_payment", len(batch))
    for claim_payment_id, (payment, adds_as_sent) in enumerate(batch, first_id):
        row = {
            "claim_payment_id": claim_payment_id,
            "remittance_id": remittance_id,
            "file_id": file_id,
            "claim_position": first_position + payment.position,
        }
        if payment.lacks_minus and adds_as_sent is None:
            loaded.problems += doubt_sign(payment)
        _add_payment(rows, payment, row, loaded, content, adds_as_sent is True)
        loaded.claim_count += 1
        loaded.service_line_count += len(payment.service_payments)
        loaded.charge_cents += to_cents(payment.information.total_claim_charge_amount)
    rows.flush()


class _Decision(NamedTuple):
    """What was decided on a charge, in cents with their sign, and how its claim was processed.

    ``sign`` is -1 where the adjustments come without the minus that they lack.
    """

    charge_cents: int
    payment_cents: int
    allowed_cents: int
    claim_status_code: str
    sign: int

    @property
    def is_final(self) -> bool:
        """A predetermination decides nothing."""
        return self.claim_status_code != PREDETERMINED

    def is_silent_on(self, adjustments: tuple[Adjustment, ...]) -> bool:
        """All of a charge is taken and no code with an amount says why: then all is denied."""
        status = self.claim_status_code
        return (
            self.charge_cents != 0
            and is_silent(adjustments, self.payment_cents, self.allowed_cents)
            and status not in SECONDARY
            and status not in FORWARDED
            and not any(is_undecided(a.reason_code) for a in adjustments)
        )


@lru_cache(maxsize=16384)
def _class_of(
    group_code: str, reason_code: str, remark_codes: tuple[str, ...], nothing_allowed: bool
) -> tuple[str, bool]:
    found = classify(
        group_code,
        reason_code,
        remark_codes,
        allowed_amount=Decimal(0) if nothing_allowed else Decimal(1),
    )
    return found.category, found.is_denial


def _add_payment(
    rows: Rows,
    payment: ClaimPayment,
    keys: dict[str, Any],
    loaded: Loaded,
    content: ContentDigest,
    adds_as_sent: bool,
) -> None:
    """Rows of one CLP: itself, its services (one of position 0 where it has none), its CAS."""
    information, key = payment.information, keys["claim_payment_id"]
    lacks_minus = payment.lacks_minus and not adds_as_sent
    sign = -1 if lacks_minus else 1
    # A reversal of a reversal is the decision put back; a correction in group CR is a decision.
    is_reversal = payment.is_reversal and not adds_as_sent
    first_service = len(rows[t.service_payment])
    first_adjustment = len(rows[t.adjustment])
    remarks, services = payment.remark_codes, payment.service_payments
    problems = balance_claim_payment(payment)
    unbalanced = {p.source.segment for p in problems}
    loaded.problems += problems
    status = information.claim_status_code
    charge = sign * to_cents(information.total_claim_charge_amount)
    paid = sign * to_cents(information.claim_payment_amount)
    # Of the whole claim too: its own level may take back all that its lines leave.
    may_be_denied = charge > 0 >= paid
    for service in services:
        adjustments = service.adjustments
        balanced = service.source.segment not in unbalanced
        row = service_row(service, adjustments, payment, key, balanced, sign, is_reversal)
        rows[t.service_payment].append(row)
        may_be_denied |= row["charge_cents"] > 0 >= row["payment_cents"]
        money = row["charge_cents"], row["payment_cents"], row["allowed_cents"]
        may_be_denied |= _add_adjustments(
            rows, key, service.position, adjustments, service.remark_codes + remarks,
            _Decision(*money, status, sign),
        )  # fmt: skip
    if not services:
        row = claim_level_row(payment, key, charge, paid, not problems, sign)
        rows[t.service_payment].append(row)
    if payment.adjustments:
        # What the whole claim was allowed, with the shares of its lines.
        shares = payment.adjustments + tuple(a for s in services for a in s.adjustments)
        allowed = to_cents(derived_allowed_amount(information.claim_payment_amount, shares))
        may_be_denied |= _add_adjustments(
            rows, key, 0, payment.adjustments, remarks,
            _Decision(charge, paid, sign * allowed, status, sign),
        )  # fmt: skip
    interest = sign * cents_or_zero(payment.interest_amount or Decimal(0))
    told = claim_row(payment, keys, charge, paid, problems) | {
        # As AMT*B6, left positive where all else is negated.
        "interest_cents": -abs(interest) if is_reversal else interest,
        "is_reversal": is_reversal,
        "lacks_minus": lacks_minus,
        "may_be_denied": may_be_denied and status != PREDETERMINED,
    }
    own = rows[t.service_payment][first_service:]
    taken = rows[t.adjustment][first_adjustment:]
    told["adjustments_digest"] = adjustments_digest(told, own, taken)
    rows[t.claim_payment].append(told)
    content.add_claim(told, own, taken, information.patient_responsibility_amount)


def _add_adjustments(
    rows: Rows,
    key: int,
    service_position: int,
    adjustments: tuple[Adjustment, ...],
    remark_codes: tuple[str, ...],
    decided: _Decision,
) -> bool:
    """Rows of one level's CAS; True where one denies or waits."""
    nothing_allowed = decided.allowed_cents == 0 and decided.payment_cents == 0
    classes = [
        _class_of(a.group_code, a.reason_code, remark_codes, nothing_allowed) for a in adjustments
    ]
    told = list(zip(adjustments, classes, strict=True))
    refused = sum(a.amount for a, (_, is_denial) in told if is_denial)
    is_all_denied = nothing_allowed and not refused and decided.is_silent_on(adjustments)
    may_be_denied = False
    for position, (a, (category, is_denial)) in enumerate(told, 1):
        may_be_denied |= is_denial or is_undecided(a.reason_code)
        rows[t.adjustment].append(
            {
                "claim_payment_id": key,
                "service_position": service_position,
                "adjustment_position": position,
                "group_code": a.group_code,
                "reason_code": a.reason_code,
                "amount_cents": decided.sign * to_cents(a.amount),
                "quantity": units_of(a.quantity),
                "category": category,
                "is_denial": (is_denial or is_all_denied) and decided.is_final,
            }
        )
    return may_be_denied
