"""The step ``match``: every adjudication to the submission and the lines that it answers.

Exact joins are SQL over sets; only what is left comes to Python. What finds no partner stays
open and is looked at again when another 837P has arrived.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, text, update

from warehouse import tables as t
from warehouse import touched
from warehouse.claim_groups import settle_groups
from warehouse.claim_parts import find_parts, open_what_joins
from warehouse.database import Warehouse, sql_of
from warehouse.denials import derive_denials
from warehouse.front_end import settle_answers, take_answers
from warehouse.ledger import close_ledger
from warehouse.link_answers import reopen_answers
from warehouse.open_lines import match_open_lines
from warehouse.other_payers import mark_other_payers
from warehouse.outcome import settle_outcomes
from warehouse.sent_anew import settle_sent_anew
from warehouse.sent_states import settle_sent
from warehouse.settings import Settings
from warehouse.slices import open_payments, ranges


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
            # What is turned back is the same, and so is what is adjudicated: only codes and days
            # of acceptance can change here, no state of a submission and so none of a denial.
            settle_answers(connection, answers)
            settle_sent(connection)
            if connection.execute(text(_WITHOUT_CLAIMS)).first():
                close_ledger(connection, settings.payers)
            return Matched()
        touched.begin(connection)
        for _ in open_payments(connection):
            _run(connection, "claim_exact")
            mark_other_payers(connection, settings.payers)
        touched.touch_new(connection)
        touched.touch_matched(connection)
        settle_groups(connection, settings.payers, turned)
        open_what_joins(connection)
        touched.touch_matched(connection)
        looked_at = _count_services(connection)
        claims = lines = 0
        for _ in open_payments(connection):
            find_parts(connection)
            _run(connection, "line_control_number")
            _run(connection, "line_number")
            _run(connection, "line_exact")
            match_open_lines(connection)
            done = _finish(connection)
            claims, lines = claims + done[0], lines + done[1]
        s = t.submission
        for these in ranges(connection, s.c.submission_id, s.c.is_new):
            connection.execute(update(s).where(s.c.is_new, these).values(is_new=False))
        touched.touch(connection, settle_answers(connection, answers))
        denials = derive_denials(connection, settings)
        settle_sent_anew(connection, settings)
        close_ledger(connection, settings.payers)
        settle_outcomes(connection, settings.payers)
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


_WITHOUT_CLAIMS = "select 1 from remittance where claim_count = 0"
"""Payments of which nothing waits to be matched, though their PLBs may close a balance."""


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


_CLAIM_LEVEL = """
update service_payment set match_method = 'claim_level'
where service_position = 0 and claim_payment_id in (
    select cp.claim_payment_id from open_payment cross join claim_payment as cp
    where cp.claim_payment_id = open_payment.claim_payment_id and cp.submission_id is not null
)
"""
_LINES = """
select count(*) from open_payment
cross join claim_payment as cp
cross join service_payment as sp
where cp.claim_payment_id = open_payment.claim_payment_id
  and sp.claim_payment_id = cp.claim_payment_id and cp.submission_id is not null
  and (sp.line_position is not null or sp.service_position = 0)
"""
_DONE = """
update claim_payment set match_state = 'done', is_derived = false
where claim_payment_id in (select claim_payment_id from open_payment)
  and submission_id is not null
"""
_OPEN = """
update claim_payment set match_state = 'open'
where claim_payment_id in (select claim_payment_id from open_payment) and match_state = 'new'
"""


def _finish(connection: Connection) -> tuple[int, int]:
    """Marks what is joined as done, what is not as open; claims and lines that are joined."""
    connection.execute(text(_CLAIM_LEVEL))
    lines = connection.execute(text(_LINES)).scalar_one()
    claims = connection.execute(text(_DONE)).rowcount
    connection.execute(text(_OPEN))
    return claims, int(lines)
