"""Totals in = totals out: the files' bytes, the warehouse and what was decided, held together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, select

from warehouse import tables as t
from warehouse.archive import archived
from warehouse.database import Warehouse
from warehouse.demo.tally import Tally, tally
from warehouse.outcome import NOTHING_MORE
from warehouse.settings import Settings

OUTCOMES = (
    ("corrected_and_sent", "corrected and sent"),
    ("not_sent_yet", "corrected, not sent yet"),
    ("needs_evidence", "needs evidence"),
    ("refused", "refused: a change would be wrong"),
    ("routed", "routed: another answer than a corrected claim"),
    ("reversed_by_payer", "taken back by the payer itself"),
    ("undecided", "not decided yet"),
)
_SENT = ("emitted", "recovered", "denied_again")


class Sum(NamedTuple):
    """One amount and the parts that it has to be the sum of, in cents."""

    what: str
    cents: int
    parts: tuple[tuple[str, int], ...]

    @property
    def adds_up(self) -> bool:
        """Whether the parts come to the whole, to the cent."""
        return self.cents == sum(cents for _, cents in self.parts)


def totals(warehouse: Warehouse, settings: Settings) -> dict[str, Any]:
    """Per file and over all; ``adds_up`` where every total is the sum of its parts."""
    with warehouse.read() as connection:
        files = list(_files(connection, settings))
        sums = [
            _billed(connection),
            _answered(connection),
            _explained(connection),
            _transferred(connection),
            _denied(connection),
            _sent(connection, settings),
        ]
    return {
        "files": files,
        "sums": [
            {
                "what": s.what,
                "amount": _dollars(s.cents),
                "parts": [{"what": what, "amount": _dollars(cents)} for what, cents in s.parts],
                "adds_up": s.adds_up,
            }
            for s in sums
        ],
        "adds_up": all(f["adds_up"] for f in files) and all(s.adds_up for s in sums),
    }


def _dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _one(connection: Connection, statement: Any) -> int:
    """A sum in cents; 0 where there is nothing to add."""
    return int(connection.execute(statement).scalar() or 0)


def _files(connection: Connection, settings: Settings) -> Iterator[dict[str, Any]]:
    """Claims, lines and dollars of each loaded file: in its bytes, and in the warehouse."""
    loaded = connection.execute(
        select(t.file.c.file_id, t.file.c.kind, t.file.c.sha256)
        .where(t.file.c.status == "loaded", t.file.c.origin == "received")
        .where(t.file.c.kind.in_(("837P", "835")))
        .order_by(t.file.c.file_id)
    ).all()
    for row in loaded:
        said = tally(archived(settings, row.sha256))
        kept = (_claims_of if row.kind == "837P" else _payments_of)(connection, row.file_id)
        yield {
            "file_id": row.file_id,
            "kind": row.kind,
            "in_file": _shown(said),
            "in_warehouse": _shown(kept),
            "adds_up": said == kept,
        }


def _shown(found: Tally) -> dict[str, Any]:
    return {
        "claims": found.claim_count,
        "lines": found.service_line_count,
        "charge_amount": _dollars(found.charge_cents),
        "payment_amount": _dollars(found.payment_cents),
    }


def _claims_of(connection: Connection, file_id: int) -> Tally:
    s, line = t.submission, t.submitted_line
    claims, charges = connection.execute(
        select(func.count(), func.sum(s.c.charge_cents)).where(s.c.file_id == file_id)
    ).one()
    lines = _one(
        connection,
        select(func.count()).select_from(line.join(s)).where(s.c.file_id == file_id),
    )
    return Tally(claims, lines, int(charges or 0), 0)


def _payments_of(connection: Connection, file_id: int) -> Tally:
    cp, sp, r = t.claim_payment, t.service_payment, t.remittance
    claims, charges = connection.execute(
        select(func.count(), func.sum(cp.c.charge_cents)).where(cp.c.file_id == file_id)
    ).one()
    lines = _one(
        connection,
        select(func.count())
        .select_from(sp.join(cp))
        .where(cp.c.file_id == file_id, sp.c.service_position > 0),
    )
    paid = _one(connection, select(func.sum(r.c.payment_cents)).where(r.c.file_id == file_id))
    return Tally(claims, lines, int(charges or 0), paid)


def _billed(connection: Connection) -> Sum:
    """What the practice billed is answered by a payer, or is not."""
    s, cp = t.submission, t.claim_payment
    ours = s.c.origin == "read"
    is_answered = select(cp.c.submission_id).where(cp.c.submission_id == s.c.submission_id).exists()
    answered = _one(
        connection,
        select(func.sum(cp.c.charge_cents)).select_from(cp.join(s, _answers)).where(ours),
    )
    open_ = _one(connection, select(func.sum(s.c.charge_cents)).where(ours, ~is_answered))
    billed = _one(connection, select(func.sum(s.c.charge_cents)).where(ours))
    return Sum("billed by the practice", billed,
               (("answered by a payer", answered), ("no answer yet", open_)))  # fmt: skip


_answers = t.claim_payment.c.submission_id == t.submission.c.submission_id


def _answered(connection: Connection) -> Sum:
    """What payers decided is about claims that the practice billed, or about others."""
    cp = t.claim_payment
    ours = cp.c.submission_id.is_not(None)
    billed = _one(connection, select(func.sum(cp.c.charge_cents)).where(ours))
    others = _one(connection, select(func.sum(cp.c.charge_cents)).where(~ours))
    decided = _one(connection, select(func.sum(cp.c.charge_cents)))
    return Sum("decided by payers", decided,
               (("on claims of the practice", billed),
                ("on claims that it never billed", others)))  # fmt: skip


def _explained(connection: Connection) -> Sum:
    """Every dollar a payer answered is paid, or an adjustment says why it is not."""
    cp, a = t.claim_payment, t.adjustment
    charges = _one(connection, select(func.sum(cp.c.charge_cents)))
    paid = _one(connection, select(func.sum(cp.c.payment_cents)))
    kind = case(
        (a.c.is_denial, "denied, less what payers took back"),
        (a.c.group_code == "PR", "owed by the patient"),
        else_="contractual and other reductions",
    )
    parts = {
        row.kind: int(row.cents)
        for row in connection.execute(
            select(kind.label("kind"), func.sum(a.c.amount_cents).label("cents")).group_by(kind)
        )
    }
    unexplained = _unexplained(connection)
    shown = [("paid", paid), *sorted(parts.items())]
    if unexplained:
        shown.append(("not explained by the payer (marked)", unexplained))
    return Sum("decided by payers, and how", charges, tuple(shown))


def _unexplained(connection: Connection) -> int:
    """What claims that are marked as not balanced leave open."""
    cp, a = t.claim_payment, t.adjustment
    marked = cp.c.is_balanced.is_(False)
    gap = _one(connection, select(func.sum(cp.c.charge_cents - cp.c.payment_cents)).where(marked))
    explained = _one(
        connection, select(func.sum(a.c.amount_cents)).select_from(a.join(cp)).where(marked)
    )
    return gap - explained


def _transferred(connection: Connection) -> Sum:
    """What payers transferred (BPR02) is what they paid on claims, less PLB."""
    r, cp = t.remittance, t.claim_payment
    transferred = _one(connection, select(func.sum(r.c.payment_cents)))
    paid = _one(connection, select(func.sum(cp.c.payment_cents)))
    apart = _one(connection, select(func.sum(r.c.provider_adjustment_cents)))
    return Sum("transferred by payers", transferred,
               (("paid on claims", paid), ("apart from any claim (PLB)", -apart)))  # fmt: skip


def _denied(connection: Connection) -> Sum:
    """Every denied dollar has an outcome; the payers' adjustments say how many there are."""
    d, a, cp = t.denial, t.adjustment, t.claim_payment
    denied = _one(
        connection,
        select(func.sum(a.c.amount_cents))
        .select_from(a.join(cp))
        .where(a.c.is_denial, cp.c.is_reversal.is_(False)),
    )
    outcome = case(
        (d.c.status == "reversed", "reversed_by_payer"),
        (d.c.status.in_(_SENT), "corrected_and_sent"),
        ((d.c.decision == "corrected") & (d.c.resolution == NOTHING_MORE), "corrected_and_sent"),
        (d.c.decision == "corrected", "not_sent_yet"),
        (d.c.decision.is_(None), "undecided"),
        else_=d.c.decision,
    )
    found = {
        row.outcome: int(row.cents)
        for row in connection.execute(
            select(outcome.label("outcome"), func.sum(d.c.denied_cents).label("cents")).group_by(
                outcome
            )
        )
    }
    parts = tuple((words, found[name]) for name, words in OUTCOMES if name in found)
    return Sum("denied by payers", denied, parts)


def _sent(connection: Connection, settings: Settings) -> Sum:
    """The charges of the claims we sent are the charges in the bytes of the files."""
    oc, of = t.outbound_claim, t.outbound_file
    rows = connection.execute(
        select(of.c.file_name, of.c.folder, func.sum(oc.c.charge_cents).label("cents"))
        .join(oc, oc.c.outbound_file_id == of.c.outbound_file_id)
        .group_by(of.c.file_name, of.c.folder)
        .order_by(of.c.file_name)
    ).all()
    parts = []
    for row in rows:
        path = settings.folder(row.folder) / row.file_name
        parts.append((row.file_name, tally(path).charge_cents if path.is_file() else 0))
    return Sum("charges of the claims sent", sum(int(row.cents) for row in rows), tuple(parts))
