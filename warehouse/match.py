"""The step ``match``: every adjudication to the submission and the lines that it answers.

Exact joins are SQL over sets; only what is left comes to Python. What finds no partner stays
open and is looked at again when another 837P has arrived.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from warehouse import tables as t
from warehouse import touched
from warehouse.claim_groups import settle_groups
from warehouse.database import Warehouse, sql_of
from warehouse.denials import derive_denials
from warehouse.front_end import settle_answers, take_answers
from warehouse.ledger import close_ledger
from warehouse.line_match import Billed, Reported, match_lines
from warehouse.link_answers import reopen_answers
from warehouse.load import batches
from warehouse.outcome import settle_outcomes
from warehouse.sent_anew import settle_sent_anew
from warehouse.sent_states import settle_sent
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

    Raises: Transient; SettingsError.
    """
    with warehouse.write() as connection:
        answers = reopen_answers(connection)
        turned = take_answers(connection, answers)
        if not turned and not _anything_new(connection):
            changed = settle_answers(connection, answers)
            settle_sent(connection)
            if changed:
                touched.begin(connection)
                touched.touch(connection, changed)
                settle_outcomes(connection)
            return Matched()
        touched.begin(connection)
        _run(connection, "claim_exact")
        touched.touch_new(connection)
        touched.touch_matched(connection)
        settle_groups(connection, settings.payers, turned)
        touched.touch_matched(connection)
        looked_at = _count_services(connection)
        _run(connection, "line_control_number")
        _run(connection, "line_exact")
        _match_lines(connection)
        claims, lines = _finish(connection)
        touched.touch(connection, settle_answers(connection, answers))
        denials = derive_denials(connection, settings)
        settle_sent_anew(connection)
        close_ledger(connection)
        settle_outcomes(connection)
        settle_sent(connection)
    return Matched(claims, looked_at, lines, denials)


_ANYTHING_NEW = """
select 1
where exists (
    select 1 from claim_payment where match_state <> 'done' and match_state = 'new'
)
   or exists (select 1 from submission where is_new)
   or exists (select 1 from claim_payment where match_state <> 'done' and submission_id is not null)
"""


def _anything_new(connection: Connection) -> bool:
    """Whether something came since the last call; what stays open waits for something new."""
    return connection.execute(text(_ANYTHING_NEW)).first() is not None


def _run(connection: Connection, name: str) -> None:
    connection.execute(text(sql_of("match", name)))


def _count_services(connection: Connection) -> int:
    return int(
        connection.execute(
            text(
                "select count(*) from service_payment as sp join claim_payment as cp "
                "on cp.claim_payment_id = sp.claim_payment_id where cp.match_state = 'new'"
            )
        ).scalar_one()
    )


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


def _reported(s: Row[Any]) -> Reported:
    units = s.original_units or s.units_paid
    return Reported(
        s.service_position, s.line_item_control_number, s.procedure_code or "",
        tuple(s.modifiers.split(",")) if s.modifiers else (), abs(s.charge_cents),
        None if units is None else abs(units), s.service_date,
    )  # fmt: skip


def _lines_of(key: int, services: list[Row[Any]], lines: list[Row[Any]]) -> list[dict[str, Any]]:
    billed = [
        Billed(
            line.line_position, line.line_number, line.line_item_control_number,
            line.procedure_code, tuple(line.modifiers.split(",")) if line.modifiers else (),
            line.charge_cents, line.units, line.service_date, line.service_date_end,
        )
        for line in lines
    ]  # fmt: skip
    reported = [_reported(s) for s in services if s.line_position is None]
    placed = [(_reported(s), s.line_position) for s in services if s.line_position is not None]
    return [
        {"key": key, "position": m.service_position, "line": m.line_position, "method": m.method}
        for m in match_lines(reported, billed, placed)
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
    connection.execute(update(t.submission).where(t.submission.c.is_new).values(is_new=False))
    return done, int(lines)
