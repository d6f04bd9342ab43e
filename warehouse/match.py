"""The step ``match``: every adjudication to the submission and the lines that it answers.

Exact joins are SQL over sets; only what is left comes to Python. What finds no partner stays
open and is looked at again when another 837P has arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from importlib import resources
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from warehouse import tables as t
from warehouse.claim_match import Candidate, Payment, choose, normal_number
from warehouse.database import Warehouse
from warehouse.denials import derive_denials
from warehouse.line_match import Billed, Reported, match_lines
from warehouse.load import batches
from warehouse.outcome import settle_outcomes
from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Matched:
    """Counts of this call. ``lines_adjudicated`` are the services that were looked at."""

    claims_matched: int = 0
    lines_adjudicated: int = 0
    lines_matched: int = 0
    denials: int = 0

    def as_dict(self) -> dict[str, int]:
        """For ``--json``."""
        return asdict(self)


def match(warehouse: Warehouse, settings: Settings, *, as_of: date) -> Matched:
    """Join what is new or still open; derive denials; see what became of what was sent.

    Raises: Transient.
    """
    with warehouse.write() as connection:
        _reopen(connection)
        _run(connection, "claim_exact")
        _match_claims(connection, settings)
        looked_at = _count_services(connection)
        _run(connection, "line_control_number")
        _run(connection, "line_exact")
        _match_lines(connection)
        claims, lines = _finish(connection)
        denials = derive_denials(connection, settings, as_of=as_of)
        settle_outcomes(connection, as_of=as_of)
    return Matched(claims, looked_at, lines, denials)


def _run(connection: Connection, name: str) -> None:
    folder = resources.files("warehouse") / "sql" / "match"
    connection.execute(text((folder / f"{name}.sql").read_text(encoding="utf-8")))


_RESUBMITTED = """
select cp.claim_payment_id
from submission as s
join claim_payment as cp on cp.reported_patient_control_number = s.patient_control_number
where s.is_new and s.origin <> 'shadow' and cp.match_state = 'done'
"""


def _reopen(connection: Connection) -> None:
    """Looks again at adjudications whose number a submission has that arrived after them.

    Which of several submissions an adjudication answers does not depend on what came first.
    """
    cp, sp, s = t.claim_payment, t.service_payment, t.submission
    keys = list(connection.execute(text(_RESUBMITTED)).scalars())
    for some in batches(keys, 500):
        connection.execute(
            update(cp)
            .where(cp.c.claim_payment_id.in_(some))
            .values(match_state="open", submission_id=None)
        )
        connection.execute(
            update(sp)
            .where(sp.c.claim_payment_id.in_(some))
            .values(line_position=None, match_method="unmatched")
        )
    connection.execute(update(s).where(s.c.is_new).values(is_new=False))


def _count_services(connection: Connection) -> int:
    return int(
        connection.execute(
            text(
                "select count(*) from service_payment as sp join claim_payment as cp "
                "on cp.claim_payment_id = sp.claim_payment_id where cp.match_state = 'new'"
            )
        ).scalar_one()
    )


def _match_claims(connection: Connection, settings: Settings) -> None:
    """Claims whose number is not exact, or names several submissions."""
    cp, r = t.claim_payment, t.remittance
    open_rows = connection.execute(
        select(
            cp.c.claim_payment_id, cp.c.reported_patient_control_number,
            cp.c.payer_claim_control_number, cp.c.member_id, cp.c.service_date, cp.c.charge_cents,
            cp.c.is_reversal, cp.c.claim_filing_indicator, r.c.payee_npi, r.c.payer_ids,
            r.c.payment_date,
        )
        .join(r, r.c.remittance_id == cp.c.remittance_id)
        .where(cp.c.match_state != "done", cp.c.submission_id.is_(None))
        .order_by(r.c.payment_date, r.c.trace_number, cp.c.claim_position, cp.c.claim_payment_id)
    ).all()  # fmt: skip
    duplicates = _duplicate_denials(connection)
    for row in open_rows:
        payment = Payment(
            row.claim_payment_id,
            row.reported_patient_control_number,
            row.payer_claim_control_number,
            row.member_id,
            row.service_date,
            abs(row.charge_cents),
            row.payee_npi,
            tuple(row.payer_ids.split(",")),
            row.payment_date,
            row.claim_payment_id in duplicates,
        )
        chosen = choose(payment, list(_candidates(connection, payment)), settings.payers)
        if chosen is not None:
            connection.execute(
                update(cp)
                .where(cp.c.claim_payment_id == row.claim_payment_id)
                .values(submission_id=chosen)
            )


def _duplicate_denials(connection: Connection) -> set[int]:
    """Open claim payments that say "duplicate": they answer the resend, not the original."""
    return set(
        connection.execute(
            text(
                "select distinct a.claim_payment_id from adjustment as a join claim_payment as cp "
                "on cp.claim_payment_id = a.claim_payment_id "
                "where cp.match_state <> 'done' and cp.submission_id is null "
                "and a.category = 'duplicate'"
            )
        ).scalars()
    )


def _candidates(connection: Connection, payment: Payment) -> Iterator[Candidate]:
    """Submissions of the same number, or – where there is none – of the same member."""
    s = t.submission
    columns = (
        s.c.submission_id, s.c.patient_control_number, s.c.member_id, s.c.first_service_date,
        s.c.charge_cents, s.c.billing_npi, s.c.payer_id, s.c.submitted_on,
        s.c.claim_filing_indicator,
    )  # fmt: skip
    base = select(*columns).where(s.c.origin != "shadow")
    rows = connection.execute(
        base.where(s.c.patient_control_number == payment.patient_control_number)
    ).all()
    exact = bool(rows)
    if not rows and payment.member_id:
        rows = [
            row
            for row in connection.execute(
                base.where(
                    s.c.member_id == payment.member_id, s.c.charge_cents == payment.charge_cents
                )
            ).all()
            if normal_number(row.patient_control_number)
        ]
    answered = _answered(connection, [row.submission_id for row in rows])
    for row in rows:
        numbers = answered.get(row.submission_id, set())
        yield Candidate(
            row.submission_id, row.patient_control_number, row.member_id, row.first_service_date,
            row.charge_cents, row.billing_npi, row.payer_id, row.claim_filing_indicator,
            row.submitted_on, exact, row.submission_id in answered,
            bool(payment.payer_claim_control_number in numbers
                 and payment.payer_claim_control_number),
        )  # fmt: skip


def _answered(connection: Connection, submissions: list[int]) -> dict[int, set[str | None]]:
    """Submissions that have an adjudication already, with the payer's numbers of those."""
    cp = t.claim_payment
    found: dict[int, set[str | None]] = {}
    for some in batches(submissions, 500):
        for row in connection.execute(
            select(cp.c.submission_id, cp.c.payer_claim_control_number).where(
                cp.c.submission_id.in_(some)
            )
        ):
            found.setdefault(row.submission_id, set()).add(row.payer_claim_control_number)
    return found


_OPEN_CLAIMS = """
select distinct cp.claim_payment_id, cp.submission_id
from claim_payment as cp
join service_payment as sp on sp.claim_payment_id = cp.claim_payment_id
where cp.match_state <> 'done' and cp.submission_id is not null
  and sp.service_position > 0 and sp.line_position is null
order by cp.claim_payment_id
"""


def _match_lines(connection: Connection) -> None:
    """The services that neither a control number nor the exact join could place."""
    rows = connection.execute(text(_OPEN_CLAIMS)).all()
    for some in batches(rows, 500):
        reported = _by_key(connection, t.service_payment, "claim_payment_id",
                           [row.claim_payment_id for row in some])  # fmt: skip
        billed = _by_key(connection, t.submitted_line, "submission_id",
                         [row.submission_id for row in some])  # fmt: skip
        found = []
        for row in some:
            services = [s for s in reported[row.claim_payment_id] if s.service_position > 0]
            found += _lines_of(row.claim_payment_id, services, billed.get(row.submission_id, []))
        if found:
            connection.execute(_SET_LINE, found)


_SET_LINE = (
    update(t.service_payment)
    .where(
        t.service_payment.c.claim_payment_id == bindparam("key"),
        t.service_payment.c.service_position == bindparam("position"),
    )
    .values(line_position=bindparam("line"), match_method=bindparam("method"))
)


def _by_key(
    connection: Connection, table: Any, key: str, values: Iterable[int]
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    statement = select(table).where(table.c[key].in_(set(values)))
    for row in connection.execute(statement):
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _lines_of(key: int, services: list[Row[Any]], lines: list[Row[Any]]) -> list[dict[str, Any]]:
    taken = {s.line_position for s in services if s.line_position is not None}
    open_services = [s for s in services if s.line_position is None]
    reported = [
        Reported(
            s.service_position, s.line_item_control_number, s.procedure_code or "",
            tuple(s.modifiers.split(",")) if s.modifiers else (), abs(s.charge_cents),
            abs(u) if (u := s.original_units or s.units_paid) is not None else None,
            s.service_date,
        )
        for s in open_services
    ]  # fmt: skip
    billed = [
        Billed(
            line.line_position, line.line_number, line.line_item_control_number,
            line.procedure_code, tuple(line.modifiers.split(",")) if line.modifiers else (),
            line.charge_cents, line.units, line.service_date, line.service_date_end,
        )
        for line in lines
        if line.line_position not in taken
    ]  # fmt: skip
    return [
        {"key": key, "position": m.service_position, "line": m.line_position, "method": m.method}
        for m in match_lines(reported, billed)
    ]


def _finish(connection: Connection) -> tuple[int, int]:
    """Marks what is joined as done, what is not as open; claims and lines joined by this call."""
    connection.execute(
        text(
            "update service_payment set match_method = 'claim_level' where service_position = 0 "
            "and claim_payment_id in (select claim_payment_id from claim_payment "
            "where match_state <> 'done' and submission_id is not null)"
        )
    )
    lines = connection.execute(
        text(
            "select count(*) from service_payment as sp join claim_payment as cp "
            "on cp.claim_payment_id = sp.claim_payment_id "
            "where cp.match_state <> 'done' and cp.submission_id is not null "
            "and (sp.line_position is not null or sp.service_position = 0)"
        )
    ).scalar_one()
    cp = t.claim_payment
    done = connection.execute(
        update(cp)
        .where(cp.c.match_state != "done", cp.c.submission_id.is_not(None))
        .values(match_state="done", is_derived=False)
    ).rowcount
    connection.execute(update(cp).where(cp.c.match_state == "new").values(match_state="open"))
    return done, int(lines)
