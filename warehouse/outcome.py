"""What became of denials and of what was sent: later adjudications close or repeat them.

A state follows from all adjudications of the claim that are here, in the order of their payments:
it is the same whichever file arrived first, and a file that comes late corrects it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text, update

from rules.payer import PayerProfile
from warehouse import billed_payer, touched
from warehouse import tables as t
from warehouse.database import sql_of

ANSWERED_BY_PAYER = {
    "decision": "routed", "path": "none", "rule_code": None, "rule_version": None,
    "missing_evidence": None, "needs_person": None, "safety": None, "deadline": None,
}  # fmt: skip
"""What is left of a denial that the payer itself has undone before we did anything: the same
whether it was decided in the meantime or not."""

NOTHING_MORE = "decided again, nothing more paid"
_BROUGHT = {"paid in a later adjudication": "paid", "denied again": "denied_again",
            NOTHING_MORE: "nothing_paid"}  # fmt: skip
"""``mart_correction.outcome`` of what was sent, by what became of its denial."""

BY_PAYER = ("reversed by the payer", "decided since", *_BROUGHT)
"""``mart_denial.resolution`` where the payer has said more since: nobody decides these."""
_BY_PAYER_ALONE = ("reversed", "recovered", "denied_again")

_STEPS = ("submission_pending", "submission_adjudicated", "submission_replaced")


class _Outcome(NamedTuple):
    """What became of one denial. ``resolved_on`` None: nothing yet.

    ``recovered_cents``: what its line is paid more than when it was denied, whoever saw to that.
    """

    status: str
    resolved_on: date | None = None
    resolution: str | None = None
    recovered_cents: int = 0
    explanation: str | None = None


def settle_outcomes(connection: Connection, payers: Sequence[PayerProfile]) -> None:
    """States of submissions, denials and sent claims of all claims that were touched."""
    billed_payer.know(connection, payers)
    for _ in touched.settling(connection):
        billed_payer.fill(connection)
        _settle_submissions(connection)
        for step in ("denial_copy", "denial_initial"):
            connection.execute(text(sql_of("outcome", step)))
        later = _first_of_each(connection.execute(text(sql_of("outcome", "later"))))
        rows = connection.execute(text(sql_of("outcome", "denial_state"))).all()
        found = [_outcome(row, later.get(row.denial_id)) for row in rows]
        for row, outcome in zip(rows, _counted_once(rows, found, later), strict=True):
            _settle_denial(connection, row, outcome)
        _settle_sent(connection)


def settle_submissions_of(
    connection: Connection, payers: Sequence[PayerProfile], claim_ids: Iterable[int]
) -> None:
    """Which submissions of these claims are answered, replaced or voided."""
    touched.begin(connection)
    touched.touch(connection, claim_ids)
    billed_payer.know(connection, payers)
    for _ in touched.settling(connection):
        billed_payer.fill(connection)
        _settle_submissions(connection)


def _settle_submissions(connection: Connection) -> None:
    for step in _STEPS:
        connection.execute(text(sql_of("outcome", step)))


def _first_of_each(rows: Iterable[Row[Any]]) -> dict[int, Row[Any]]:
    """The next adjudication that stands, of each denial; past one that neither paid nor denied."""
    found: dict[int, Row[Any]] = {}
    for row in rows:
        before = found.setdefault(row.denial_id, row)
        if before.later_denial_id is None and not _gained(before) and _gained(row):
            found[row.denial_id] = row
    return found


def _gained(later: Row[Any]) -> int:
    return max(0, int(later.later_cents) - int(later.before_cents))


def _outcome(row: Row[Any], later: Row[Any] | None) -> _Outcome:
    # What was pended was not denied, so nothing of what it brings is recovered.
    gained = 0 if later is None or row.denied_cents == 0 else _gained(later)
    if row.reversed_on is not None and not row.was_sent:
        # An appeal that was won comes back like this, so what it brought is told here too.
        return _Outcome("reversed", _date(row.reversed_on), "reversed by the payer", gained,
                        "The payer has taken this adjudication back.")  # fmt: skip
    if later is None:
        return _Outcome("emitted" if row.was_sent else "open")
    day = _date(later.payment_date)
    again = "The payer has adjudicated this line again since."
    if row.denied_cents == 0:  # pended, see denials
        return _Outcome("closed", day, "decided since", 0, again)
    if later.later_denial_id is not None:
        return _Outcome("denied_again", day, "denied again", gained, again)
    if not gained:
        # The patient may owe it now, or the contract: no denial any more, and nothing overturned.
        return _Outcome("closed", day, NOTHING_MORE, 0, again)
    return _Outcome("recovered", day, "paid in a later adjudication", gained, again)


def _counted_once(
    rows: Sequence[Row[Any]], found: Iterable[_Outcome], later: Mapping[int, Row[Any]]
) -> list[_Outcome]:
    """A line's increase, told of one of its denied parts; of a claim, what its lines leave.

    What came after two denials of a line is told of the one that stood, not of one taken back.
    """
    found = _told_of_what_stood(rows, found, later)
    lines: set[tuple[int, int]] = set()
    told: Counter[int] = Counter()
    once = list(found)
    # The claim's own level, at position 0, comes first of its payment and so is looked at last.
    for at in reversed(range(len(rows))):
        row, gained = rows[at], found[at].recovered_cents
        if row.service_position == 0:
            gained = max(0, gained - told[row.claim_payment_id])
        elif row.line_position is not None:
            line = (row.claim_payment_id, row.line_position)
            gained = 0 if line in lines else gained
            lines.add(line)
        told[row.claim_payment_id] += gained
        once[at] = found[at]._replace(recovered_cents=gained)
    return once


def _told_of_what_stood(
    rows: Sequence[Row[Any]], found: Iterable[_Outcome], later: Mapping[int, Row[Any]]
) -> list[_Outcome]:
    once = list(found)
    told: dict[tuple[int, int, int], int] = {}

    def in_order(at: int) -> tuple[Any, ...]:
        by = later[rows[at].denial_id]
        before = (str(by.before_date), by.before_trace, by.before_sha256, by.before_position)
        return once[at].status == "reversed", *before, at

    # By what the payer says of them, never by what arrived first.
    for at in sorted((n for n, one in enumerate(once) if one.recovered_cents), key=in_order):
        by = later[rows[at].denial_id]
        increase = (by.claim_id, by.chain_position, by.later_id)
        payment = told.setdefault(increase, rows[at].claim_payment_id)
        if once[at].status == "reversed" and payment != rows[at].claim_payment_id:
            once[at] = once[at]._replace(recovered_cents=0)
    return once


def _settle_denial(connection: Connection, row: Row[Any], found: _Outcome) -> None:
    """Writes what became of a denial, where that is not what stands there already."""
    is_resolved = found.resolution is not None
    stands = (row.status, _date(row.resolved_on), row.resolution, row.recovered_cents)
    if is_resolved:
        if stands == found[:4]:
            return
        values = {} if row.was_sent else ANSWERED_BY_PAYER | {"explanation": found.explanation}
    elif row.status not in _BY_PAYER_ALONE and row.resolution not in BY_PAYER:
        return
    elif row.was_sent:
        values = {}
    else:
        values = {"decision": None, "decided_on": None, "explanation": None, "path": row.own_path}
    d, c = t.denial, t.correction
    connection.execute(
        update(d)
        .where(d.c.denial_id == row.denial_id)
        .values(
            **values,
            status=found.status,
            resolved_on=found.resolved_on,
            resolution=found.resolution,
            recovered_cents=found.recovered_cents,
            closing_id=None,
        )
    )
    if row.was_sent:
        connection.execute(
            update(c)
            .where(c.c.denial_id == row.denial_id, c.c.status == "emitted")
            .values(outcome=_BROUGHT.get(found.resolution or ""))
        )
    if is_resolved:
        connection.execute(
            update(c)
            .where(c.c.denial_id == row.denial_id, c.c.status.in_(("proposed", "approved")))
            .values(status="superseded")
        )


def _date(value: Any) -> date | None:
    """A day, which SQLite gives as text where SQL computed it."""
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _settle_sent(connection: Connection) -> None:
    """Sent claims that the payer has answered are no longer open; what they brought is net.

    What was taken for an answer may be known as another claim's by now: then it waits again.
    """
    o = t.outbound_claim
    for row in connection.execute(text(sql_of("outcome", "sent_answered"))).all():
        if not row.is_answered:
            # Where we have replaced it since, nobody waits for its answer any more.
            if row.state == "adjudicated" and not row.is_another_open:
                connection.execute(
                    update(o)
                    .where(o.c.outbound_claim_id == row.outbound_claim_id)
                    .values(state=row.unanswered_state, is_open=True, recovered_cents=0)
                )
            continue
        recovered = row.net_cents - row.paid_before_cents
        if row.state == "adjudicated" and row.recovered_cents == recovered:
            continue
        connection.execute(
            update(o)
            .where(o.c.outbound_claim_id == row.outbound_claim_id)
            .values(state="adjudicated", is_open=False, recovered_cents=recovered)
        )
