"""The step ``emit``: approved corrections as complete 837P files, each claim exactly once.

Before anything is written down the claim is decided anew: a correction goes only if the very set
that was approved is still what the rules propose today. Nothing goes while a payment lies there
that no match has looked at: it may have decided any claim anew. The finished bytes are read again
and held against the never-list by code that knows nothing of the rules, and checked by pyx12.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Connection, and_, func, or_, select, update

from edi.change import Change
from edi.claim import Claim
from edi.problem import EdiError
from rules.apply import apply
from rules.forbidden import Forbidden
from warehouse import tables as t
from warehouse.approvals import corrections_digest, key_of
from warehouse.archived_claim import submissions_with_files
from warehouse.database import Warehouse
from warehouse.facts import ClaimFile, FactsReader
from warehouse.going import UNMATCHED, Refusal, going, is_anything_unmatched
from warehouse.last_look import Held
from warehouse.load import batches
from warehouse.outbound import Ready, Rendered, record, render
from warehouse.outbox import deliver
from warehouse.settings import Settings
from warehouse.undecided import fault, is_the_claims_own

BATCH = 200
OTHERWISE = "it would be corrected otherwise today than was decided; the next run decides it anew"
ANSWERED = (
    "the payer has answered these very corrections before; reject them (reclaim review reject), "
    "and appeal"
)
UNDECIDED = "the claim cannot be decided any more ({}); see: reclaim review list"


@dataclass(frozen=True, slots=True)
class NotSent:
    """A claim whose approved correction could not be sent, and why, in words."""

    submission_id: int
    patient_control_number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Emitted:
    """What this call sent (or, in shadow mode, would have sent)."""

    emitted_claims: int = 0
    emitted_files: int = 0
    file_names: tuple[str, ...] = ()
    refused: tuple[NotSent, ...] = ()
    mode: str = "shadow"


def emit(warehouse: Warehouse, settings: Settings, *, as_of: date, now: datetime) -> Emitted:
    """Write and deliver what is approved and may go today. Safe to repeat at any time.

    Raises: Transient; OSError; SettingsError.
    """
    held: list[Held] = []
    # What a killed run left comes first.
    names = deliver(warehouse, settings, as_of=as_of, now=now, held=held)
    claims, decided = 0, []
    with warehouse.write() as connection:
        ready, refused = _ready(connection, settings, as_of)
        ready, over = _within_caps(connection, settings, ready, as_of, now)
        refused += over
        for rendered in render(connection, settings, ready, as_of=as_of, now=now):
            if isinstance(rendered, Rendered):
                claims += len(rendered.claims)
                decided.append(record(connection, settings, rendered, as_of=as_of, now=now))
            else:
                one, reason = rendered
                refused.append(_not_sent(one.claim_file, reason))
        _note_refused(connection, refused)
    names += deliver(warehouse, settings, as_of=as_of, now=now, held=held, decided=decided)
    told = {one.submission_id: one for one in refused} | {
        h.submission_id: NotSent(*h) for h in held
    }
    for submission_id in _sent_with(warehouse, names):
        told.pop(submission_id, None)  # held in an older file, decided anew and sent
    refused = list(told.values())
    return Emitted(claims, len(names), tuple(names), tuple(refused), settings.emission.mode)


def _sent_with(warehouse: Warehouse, names: list[str]) -> list[int]:
    o, f = t.outbound_claim, t.outbound_file
    with warehouse.read() as connection:
        return list(
            connection.execute(
                select(o.c.submission_id)
                .join(f, f.c.outbound_file_id == o.c.outbound_file_id)
                .where(f.c.file_name.in_(names), f.c.state == "emitted")
            ).scalars()
        )


def _not_sent(claim_file: ClaimFile, reason: str) -> NotSent:
    s = claim_file.submission
    return NotSent(s.submission_id, s.patient_control_number, reason)


def _ready(
    connection: Connection, settings: Settings, as_of: date
) -> tuple[list[Ready], list[NotSent]]:
    """Claims whose corrections are approved and still stand, and those that don't, with why."""
    d = t.denial
    keys = list(
        connection.execute(
            select(d.c.submission_id)
            .where(d.c.status == "approved")
            .distinct()
            .order_by(d.c.submission_id)
        ).scalars()
    )
    unmatched = is_anything_unmatched(connection)
    found: list[Ready] = []
    refused: list[NotSent] = []
    for some in batches(keys, BATCH):
        reader = FactsReader(connection, settings, as_of=as_of)
        unread: dict[int, str] = {}
        try:
            for claim_file in reader.read(some, unread):
                try:
                    if unmatched:
                        raise Refusal(UNMATCHED)
                    one = _prepare(connection, settings, claim_file)
                except (Refusal, Forbidden, EdiError) as error:
                    refused.append(_not_sent(claim_file, str(error)))
                    continue
                except Exception as error:
                    if not is_the_claims_own(error, settings):
                        raise
                    refused.append(_not_sent(claim_file, UNDECIDED.format(fault(error))))
                    continue
                if one is not None:
                    found.append(one)
        finally:
            reader.close()
        refused += [
            NotSent(s.submission_id, s.patient_control_number,
                    UNDECIDED.format(unread[s.submission_id]))
            for s in submissions_with_files(connection, unread)
        ]  # fmt: skip
    return found, refused


def _prepare(connection: Connection, settings: Settings, claim_file: ClaimFile) -> Ready | None:
    """One claim as it would go out; None where it was made in shadow already.

    Raises: Refusal, Forbidden, EdiError.
    """
    found = going(connection, settings, claim_file)
    shadow = settings.emission.mode == "shadow"
    submission_id = claim_file.submission.submission_id
    if _made_already(connection, submission_id, found.digest, shadow):
        if shadow:
            return None
        raise Refusal(ANSWERED)
    if found.digest != _decided(connection, submission_id):
        raise Refusal(OTHERWISE)  # the ledger would name corrections that are not in the file
    changes = apply(claim_file.facts, found.corrections, path=found.path)
    return Ready(
        claim_file,
        found.corrections,
        changes,
        found.claim_frequency_code,
        found.payer_claim_control_number,
        found.digest,
        _charge_after(claim_file.facts.claim, changes),
        found.by_person,
    )


def _decided(connection: Connection, submission_id: int) -> str:
    """The digest of the corrections of a claim that ``propose`` has written down as approved."""
    c = t.correction
    rows = connection.execute(
        select(c).where(c.c.submission_id == submission_id, c.c.status == "approved")
    ).all()
    return corrections_digest([key_of(row) for row in rows])


def _made_already(connection: Connection, submission_id: int, digest: str, shadow: bool) -> bool:
    o, f = t.outbound_claim, t.outbound_file
    return (
        connection.execute(
            select(o.c.outbound_claim_id)
            .join(f, f.c.outbound_file_id == o.c.outbound_file_id)
            .where(
                o.c.submission_id == submission_id,
                o.c.corrections_digest == digest,
                o.c.state.not_in(("rejected", "voided")),
                f.c.folder == ("shadow" if shadow else "outbox"),
            )
        ).first()
        is not None
    )


def _charge_after(claim: Claim, changes: tuple[Change, ...]) -> Decimal:
    """CLM02 as it will be: named by a change, or as it was."""
    for change in changes:
        if change.place == "2300/CLM02" and change.new is not None:
            return Decimal(change.new)
    return claim.total_claim_charge_amount


def _within_caps(
    connection: Connection, settings: Settings, ready: list[Ready], as_of: date, now: datetime
) -> tuple[list[Ready], list[NotSent]]:
    """What the day's caps still let go; a person's approval goes before automatic ones.

    What was made for this day counts, and what was made on this day for another one: whoever runs
    for many days at once sends no more than on one. Shadow mode has no caps: nothing goes out.
    """
    if settings.emission.mode == "shadow":
        return ready, []
    o, f = t.outbound_claim, t.outbound_file
    midnight = datetime.combine(now, time())
    today = and_(f.c.approved_at >= midnight, f.c.approved_at < midnight + timedelta(days=1))
    sent = connection.execute(
        select(func.count(), func.coalesce(func.sum(o.c.charge_cents), 0))
        .join(f, f.c.outbound_file_id == o.c.outbound_file_id)
        .where(or_(f.c.made_on == as_of, today), f.c.folder == "outbox")
    ).one()
    claims, cents = int(sent[0]), int(sent[1])
    most = int(settings.emission.max_charge_per_day * 100)
    within: list[Ready] = []
    over: list[NotSent] = []
    for one in sorted(ready, key=lambda r: not r.by_person):
        charge = int(one.charge_amount * 100)
        if claims + 1 > settings.emission.max_claims_per_day or cents + charge > most:
            over.append(
                _not_sent(one.claim_file, "the day's cap of reclaim.toml is reached; it goes on "
                                          "the next day, or when the cap is raised")
            )  # fmt: skip
            continue
        claims, cents = claims + 1, cents + charge
        within.append(one)
    order = {id(r): n for n, r in enumerate(ready)}
    return sorted(within, key=lambda r: order[id(r)]), over


def _note_refused(connection: Connection, refused: list[NotSent]) -> None:
    d = t.denial
    reasons = {one.submission_id: one.reason for one in refused}
    connection.execute(
        update(d)
        .where(
            d.c.not_sent.is_not(None),
            or_(d.c.status != "approved", d.c.submission_id.not_in(list(reasons))),
        )
        .values(not_sent=None)
    )
    for submission_id, reason in reasons.items():
        connection.execute(
            update(d)
            .where(d.c.submission_id == submission_id, d.c.status == "approved")
            .values(not_sent=reason)
        )
