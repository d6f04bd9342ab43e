"""The step ``propose``: decides every open denial, and says what would change that.

Everything open is decided anew on each run – evidence may have come, a window may have closed –
and only what came out otherwise is written. What a person approved stays approved as long as it
is the very same set of corrections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial

from sqlalchemy import ColumnElement, Connection, case, exists, select, text, update

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.decide import OPEN, UNDECIDED, Decided, decide_apart, decide_claims
from warehouse.limited_numbers import sharing_a_number
from warehouse.load import batches, insert_many, update_many
from warehouse.processes import processes
from warehouse.settings import Settings

BATCH = 500
"""Claims that are decided at a time."""
AT_ONCE = 8000
"""Claims of one transaction where processes share them: some seconds, and nobody else writes."""
WORTH_A_POOL = 3000
"""Claims from which more processes are sooner done: each takes a second to begin."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Counts of this call: denials decided, and what came out otherwise than before.

    ``undecided`` are claims that could not be decided and are left to a person.
    """

    decided: int = 0
    changed: int = 0
    corrections: int = 0
    needs_evidence: int = 0
    awaiting_approval: int = 0
    undecided: int = 0

    def as_dict(self) -> dict[str, int]:
        """For ``--json``."""
        return asdict(self)


def propose(warehouse: Warehouse, settings: Settings, *, as_of: date) -> Proposed:
    """Decide all open denials, claim by claim.

    Raises: Transient; SettingsError.
    """
    totals: Counter[str] = Counter()
    with warehouse.read() as connection:
        d = t.denial
        keys = list(
            connection.execute(
                select(d.c.submission_id).where(
                    d.c.status.in_(OPEN), d.c.submission_id.is_not(None)
                )
            ).scalars()
        )
        for statement in (_WRITTEN_OFF_WITH_EVIDENCE, _COPIES_OF_WHAT_WAS_TAKEN_BACK):
            keys += connection.execute(text(statement)).scalars()
    _route_unmatched(warehouse, as_of)
    keys = sorted(set(keys))
    with processes(settings, worth_it=len(keys) >= WORTH_A_POOL) as pool:
        for some in batches(keys, BATCH if pool is None else AT_ONCE):
            with warehouse.write() as connection:
                for decided in _decided(pool, connection, settings, some, as_of):
                    _write(connection, decided)
                    totals.update(decided.counts)
    if totals["corrections"]:
        _decide_sharing(warehouse, settings, as_of)
    return Proposed(**totals)


def _decide_sharing(warehouse: Warehouse, settings: Settings, as_of: date) -> None:
    """Claims that were given one number together are decided again: the first one goes before."""
    with warehouse.write() as connection:
        for some in batches(sharing_a_number(connection), BATCH):
            _write(connection, decide_claims(connection, settings, some, as_of))


def _decided(
    pool: Executor | None,
    connection: Connection,
    settings: Settings,
    keys: list[int],
    as_of: date,
) -> Iterator[Decided]:
    """Some claims decided, in order, here or by processes.

    The caller's transaction keeps other writers out, so what the processes read does not change
    before it is written.
    """
    if pool is None:
        yield decide_claims(connection, settings, keys, as_of)
    else:
        decide = partial(decide_apart, settings=settings, as_of=as_of)
        yield from pool.map(decide, batches(keys, BATCH))


def _write(connection: Connection, decided: Decided) -> None:
    """Writes what came out otherwise than before."""
    if decided.denials:
        update_many(connection, t.denial, "denial_id", decided.denials)
    if decided.changed:
        update_many(connection, t.correction, "correction_id", decided.changed)
    if decided.new:
        insert_many(connection, t.correction, decided.new)


_WRITTEN_OFF_WITH_EVIDENCE = """
select d.submission_id
from denial as d join submission as s on s.submission_id = d.submission_id
where d.status = 'closed' and d.resolution = 'written off' and d.closing_id is null and exists (
    select 1 from evidence as e
    where (e.superseded_by is null or e.superseded_by = e.evidence_id) and e.subject in (
        'pcn:' || s.patient_control_number,
        'member:' || upper(coalesce(s.payer_id, '')) || ':' || s.member_id
    )
)
"""
"""A write-off is looked at again when the chart has something to say on that claim: a note that
came late carries as much as one that came in time."""


_COPIES_OF_WHAT_WAS_TAKEN_BACK = """
select d.submission_id
from denial as d join submission as s on s.submission_id = d.submission_id
where d.status = 'closed' and d.category = 'duplicate' and d.closing_id is null and exists (
    select 1 from submission as other
    join claim_payment as reversal on reversal.submission_id = other.submission_id
    where other.claim_id = s.claim_id and reversal.is_reversal
)
"""
"""The refusal of a second copy is settled by what was paid on the first; the payer may have taken
that back since."""


_NOBODYS = (
    "This remittance names a claim that none of our 837Ps has. It is looked at again when another "
    "837P arrives; if none does, find out whose it is."
)
_NOT_THAT_ONE = (
    "A claim of this number is here, but its day, its patient or the day it was sent does not "
    "agree with this remittance, so it may be another visit or another patient. It is looked at "
    "again when another 837P arrives; compare the two, and ask the payer where they should be one."
)


def _a_claim_has_the_number() -> ColumnElement[bool]:
    cp, s = t.claim_payment, t.submission
    return exists(
        select(cp.c.claim_payment_id)
        .join(s, s.c.patient_control_number == cp.c.reported_patient_control_number)
        .where(cp.c.claim_payment_id == t.denial.c.claim_payment_id, s.c.origin != "shadow")
        .correlate(t.denial)
    )


def _route_unmatched(warehouse: Warehouse, as_of: date) -> None:
    """Denials of claims that are not ours (yet): a person looks."""
    d = t.denial
    with warehouse.write() as connection:
        connection.execute(
            update(d)
            .where(
                d.c.submission_id.is_(None),
                d.c.decision.is_(None)
                | ((d.c.explanation == _NOBODYS) & _a_claim_has_the_number()),
            )
            .values(
                # What was decided while it was joined to a claim is no more.
                **UNDECIDED,
                deadline=None,
                decided_on=as_of,
                explanation=case((_a_claim_has_the_number(), _NOT_THAT_ONE), else_=_NOBODYS),
            )
        )
