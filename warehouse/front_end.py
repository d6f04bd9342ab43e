"""What answers before adjudication change: states of submissions and of what was sent.

States follow from all the answers that are here, newest first, so their order of arrival does not
matter. Of a claim the payer's 277CA wins over a clearinghouse's, that over the batch's, and any
277CA over the 999 and TA1 of the file; an adjudication wins over all of them, since what was
turned back is never adjudicated. A claim that was turned back has no denial: it waits for a new
claim (path new_claim, frequency 1), and what was corrected in it is open again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from rules.classify import PREDETERMINED
from warehouse import tables as t
from warehouse.link_answers import Touched, link_answers
from warehouse.load import batches

_SCOPES = {"set": 2, "group": 1, "interchange": 0}
"""A 999 tells more than a TA1, and of a set more than of its group."""
_PRECEDENCE = (("claim", "payer"), ("claim", None), ("provider", None), ("batch", None))
"""Whose word counts: level and who reports; the first of these that says anything."""


def take_answers(connection: Connection, touched: Touched) -> set[int]:
    """Links new answers; says which submissions they turn back, or turn back no longer.

    That rests on the answers alone, so it may decide which submission a payer adjudicated.
    """
    link_answers(connection, touched)
    turned = _settle_transactions(connection, touched.transactions)
    s = t.submission
    for some in batches(turned, 500):
        touched.submissions |= set(
            connection.execute(select(s.c.submission_id).where(s.c.transaction_id.in_(some)))
            .scalars()
            .all()
        )
    changed: list[dict[str, Any]] = []
    for some in batches(sorted(touched.submissions), 500):
        answers = _statuses(connection, some)
        for row in _answered(connection, some):
            is_turned_back = _codes_and_turned_back(row, answers.get(row.submission_id, ()))[1]
            if is_turned_back != row.is_turned_back:
                changed.append({"key": row.submission_id, "new_is_turned_back": is_turned_back})
    if changed:
        connection.execute(_TURN_BACK, changed)
    return {row["key"] for row in changed}


def settle_answers(connection: Connection, touched: Touched) -> set[int]:
    """Brings every state that rests on answers up to date, after :func:`take_answers`.

    Gives the claims of which a submission was turned back, or is so no longer: what replaces and
    answers them is to be settled anew (:mod:`warehouse.outcome`).
    """
    touched.submissions |= _matched_otherwise(connection)
    changed: set[int] = set()
    for some in batches(sorted(touched.submissions), 500):
        changed |= _settle_submissions(connection, some)
    return changed


def _settle_transactions(connection: Connection, keys: Iterable[int]) -> list[int]:
    """What TA1 and 999 made of transaction sets; those that were or are turned back."""
    a, link, x = t.acknowledgment, t.acknowledged_transaction, t.x12_transaction
    turned = []
    for some in batches(sorted(keys), 500):
        answers: dict[int, list[Any]] = {}
        for row in connection.execute(
            select(link.c.transaction_id, a.c.scope, a.c.outcome, a.c.code, a.c.error_codes,
                   a.c.answered_at)
            .join(a, a.c.acknowledgment_id == link.c.acknowledgment_id)
            .where(link.c.transaction_id.in_(some), a.c.outcome.is_not(None))
        ):  # fmt: skip
            answers.setdefault(row.transaction_id, []).append(row)
        before = connection.execute(select(x).where(x.c.transaction_id.in_(some))).all()
        changes = []
        for row in before:
            values = _transaction_values(answers.get(row.transaction_id, ()))
            if any(getattr(row, name) != value for name, value in values.items()):
                changes.append(values | {"key": row.transaction_id})
                if "rejected" in (values["acknowledged_as"], row.acknowledged_as):
                    turned.append(row.transaction_id)
        if changes:
            connection.execute(_UPDATE_TRANSACTION, _prefixed(changes))
    return turned


def _prefixed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {(name if name == "key" else f"new_{name}"): value for name, value in row.items()}
        for row in rows
    ]


def _update(table: Any, names: Sequence[str]) -> Any:
    [key] = table.primary_key.columns
    return (
        update(table)
        .where(key == bindparam("key"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


_UPDATE_TRANSACTION = _update(
    t.x12_transaction, ("acknowledged_as", "acknowledgment_codes", "acknowledged_at")
)
_UPDATE_SUBMISSION = _update(t.submission, ("status", "status_codes", "accepted_on"))
_TURN_BACK = _update(t.submission, ("is_turned_back",))


def _transaction_values(answers: Sequence[Any]) -> dict[str, Any]:
    """The answer that tells most, the newest of those; where two are as new, the refusal."""
    if not answers:
        return {"acknowledged_as": None, "acknowledgment_codes": None, "acknowledged_at": None}
    found = max(
        answers, key=lambda a: (_SCOPES[a.scope], a.answered_at, a.outcome == "rejected", a.code)
    )
    kind = "TA1" if found.scope == "interchange" else "999"
    codes = ",".join(filter(None, (f"{kind}:{found.code}", found.error_codes)))
    return {
        "acknowledged_as": found.outcome,
        "acknowledgment_codes": codes,
        "acknowledged_at": found.answered_at,
    }


_MATCHED_OTHERWISE = """
select submission_id from submission
where (status = 'rejected' or is_turned_back) and (status = 'rejected') = exists (
    select 1 from claim_payment as cp
    where cp.submission_id = submission.submission_id and not cp.is_reversal
    and not cp.is_other_payer and cp.claim_status_code <> '25'
)
"""


def _matched_otherwise(connection: Connection) -> set[int]:
    """Turned back, though it was adjudicated; or taken for adjudicated, though it was another."""
    return set(connection.execute(text(_MATCHED_OTHERWISE)).scalars())


def _settle_submissions(connection: Connection, keys: Sequence[int]) -> set[int]:
    """Status, codes and day of acceptance of some submissions; claims whose status changed."""
    answers = _statuses(connection, keys)
    changes = []
    claims: set[int] = set()
    for row in _answered(connection, keys):
        values = _submission_values(row, answers.get(row.submission_id, ()))
        if any(getattr(row, name) != value for name, value in values.items()):
            changes.append(values | {"key": row.submission_id})
            if values["status"] != row.status:
                claims.add(row.claim_id)
    if changes:
        connection.execute(_UPDATE_SUBMISSION, _prefixed(changes))
    return claims


def _answered(connection: Connection, keys: Sequence[int]) -> Sequence[Row[Any]]:
    """Submissions with what was said of their transaction set, and whether they have an answer."""
    s, x, cp = t.submission, t.x12_transaction, t.claim_payment
    return connection.execute(
        select(
            s.c.submission_id, s.c.claim_id, s.c.status, s.c.status_codes, s.c.accepted_on,
            s.c.is_turned_back, x.c.acknowledged_as, x.c.acknowledgment_codes,
            select(cp.c.claim_payment_id)
            .where(cp.c.submission_id == s.c.submission_id, cp.c.is_reversal.is_(False),
                   cp.c.is_other_payer.is_(False), cp.c.claim_status_code != PREDETERMINED)
            .exists().label("is_adjudicated"),
        )
        .join(x, x.c.transaction_id == s.c.transaction_id)
        .where(s.c.submission_id.in_(keys))
    ).all()  # fmt: skip


def _statuses(connection: Connection, keys: Sequence[int]) -> dict[int, list[Any]]:
    c, link = t.claim_status, t.answered_submission
    found: dict[int, list[Any]] = {}
    for row in connection.execute(
        select(link.c.submission_id, c.c.level, c.c.reported_by, c.c.verdict, c.c.codes,
               c.c.status_on, c.c.answered_at)
        .join(c, c.c.claim_status_id == link.c.claim_status_id)
        .where(link.c.submission_id.in_(keys), c.c.verdict.is_not(None))
    ):  # fmt: skip
        found.setdefault(row.submission_id, []).append(row)
    return found


def deciding_status(statuses: Sequence[Any]) -> Any | None:
    """The 277CA status that counts for a submission; None where there is none.

    The newest of whoever's word counts most; where two are as new, the rejection.
    """
    for level, reporter in _PRECEDENCE:
        found = [s for s in statuses if s.level == level and reporter in (None, s.reported_by)]
        if found:
            return max(found, key=lambda s: (s.status_on or s.answered_at.date(), s.answered_at,
                                             s.verdict == "rejected", s.codes))  # fmt: skip
    return None


def _codes_and_turned_back(row: Row[Any], statuses: Sequence[Any]) -> tuple[str | None, bool]:
    """What the answers come to: their codes, and whether they turn a submission back."""
    decided = deciding_status(statuses)
    if decided is not None:
        return decided.codes, decided.verdict == "rejected"
    rejected = row.acknowledged_as == "rejected"
    return row.acknowledgment_codes if rejected else None, rejected


def _submission_values(row: Row[Any], statuses: Sequence[Any]) -> dict[str, Any]:
    codes, rejected = _codes_and_turned_back(row, statuses)
    status = row.status
    if rejected and not row.is_adjudicated:
        status = "rejected"
    elif status == "rejected":
        status = "pending"
    accepted = [
        s.status_on or s.answered_at.date()
        for s in statuses
        if s.level == "claim" and s.reported_by == "payer" and s.verdict == "accepted"
    ]
    return {
        "status": status,
        "status_codes": codes,
        "accepted_on": None if rejected else min(accepted, default=None),
    }


def earliest(*times: datetime | None) -> datetime | None:
    """The first of several times; None where none is known."""
    return min((time for time in times if time is not None), default=None)
