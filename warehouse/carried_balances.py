"""Where a balance that was carried forward (PLB FB, negative) went.

It is applied by an entry of the same payer to the same provider in another payment: of the same
amount the other way round, or by what empties the account under its reference, in parts or with
other balances at once. What may have been applied in several ways stays open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text, update

from warehouse import tables as t
from warehouse.database import sql_of

_CLOSE = (
    update(t.provider_adjustment)
    .where(t.provider_adjustment.c.provider_adjustment_id == bindparam("key"))
    .values(closed_by_id=bindparam("by"))
)


def close_balances(connection: Connection, keys: Mapping[str, str]) -> None:
    """Writes down what is applied by now. ``keys``: a payer's by each set of ids it goes by.

    An account is a payer, under whichever of its ids, and a provider as PLB01 calls it.
    """
    accounts: dict[tuple[str, str | None], list[Row[Any]]] = {}
    for row in connection.execute(text(sql_of("ledger", "carried_forward"))):
        accounts.setdefault((keys[row.payer_ids], row.provider), []).append(row)
    changes = []
    for entries in accounts.values():
        ends = _ends(entries)
        for row in entries:
            by = ends.get(row.provider_adjustment_id)
            if row.amount_cents < 0 and by != row.closed_by_id:
                changes.append({"key": row.provider_adjustment_id, "by": by})
    if changes:
        connection.execute(_CLOSE, changes)


def _ends(entries: Sequence[Row[Any]]) -> dict[int, int]:
    """The entry that closes each balance of one account; entries come in order of payment.

    Of equal balances each closes once: first those that are taken under their own reference, then
    those whose trace number the entry names, so that an older one does not take another's end.
    """
    account = _Account(entries)
    account.pair(lambda row: row.reference, _on_its_day)
    account.pair(lambda row: row.trace_number if row.amount_cents < 0 else row.reference,
                 _on_its_day)  # fmt: skip
    account.close_what_is_empty()
    account.pair(lambda row: "", _after)
    return account.ends


def _on_its_day(taken: Row[Any], row: Row[Any]) -> bool:
    """In another payment, and not of an earlier day; trace numbers of a day tell no order."""
    return taken.remittance_id != row.remittance_id and _day(taken) >= _day(row)


def _after(taken: Row[Any], row: Row[Any]) -> bool:
    """In a later payment, for what only the amount tells."""
    return (_day(taken), taken.trace_number) > (_day(row), row.trace_number)


def _day(row: Row[Any]) -> str:
    return str(row.payment_date or "")


class _Account:
    """The FB entries of a payer and a provider while their ends are found."""

    def __init__(self, entries: Sequence[Row[Any]]) -> None:
        self._entries = entries
        self._taken: set[int] = set()
        self.ends: dict[int, int] = {}

    def pair(
        self,
        said: Callable[[Row[Any]], str | None],
        follows: Callable[[Row[Any], Row[Any]], bool],
    ) -> None:
        """Each open balance with the first entry of its amount that says the same as it."""
        left: dict[tuple[str, int], list[Row[Any]]] = defaultdict(list)
        for row in self._entries:
            what = said(row) if row.provider_adjustment_id not in self._taken else None
            if row.amount_cents > 0 and what is not None:
                left[what, row.amount_cents].append(row)
        for row in self._entries:
            if row.amount_cents > 0 or row.provider_adjustment_id in self.ends:
                continue
            candidates = left.get((said(row) or "", -row.amount_cents), [])
            if found := next((taken for taken in candidates if follows(taken, row)), None):
                candidates.remove(found)
                self._end(row, found)

    def close_what_is_empty(self) -> None:
        """Balances under a reference at the entry with which nothing is left under it."""
        by_reference: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self._entries:
            if row.reference is not None:
                by_reference[row.reference].append(row)
        for entries in by_reference.values():
            applying = {row.remittance_id for row in entries if row.amount_cents > 0}
            # What a payment takes was there before; of a day, what only carries forward was first.
            entries.sort(key=lambda row: (_day(row), row.remittance_id in applying))
            rest = 0
            since: list[Row[Any]] = []
            for row in _taking_first(entries):
                if row.amount_cents > 0 and not since:
                    continue  # of a balance that came before all that is here
                rest += row.amount_cents
                since.append(row)
                if rest > 0:
                    break  # more than stood open: nothing tells of what
                if rest == 0:
                    for one in since:
                        self._end(one, row)
                    since = []

    def _end(self, row: Row[Any], taken: Row[Any]) -> None:
        if row.amount_cents < 0:
            self.ends.setdefault(row.provider_adjustment_id, taken.provider_adjustment_id)
        self._taken.add(taken.provider_adjustment_id)


def _taking_first(entries: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Entries in their order, but within a payment those that take before those that carry."""
    nth = {row.remittance_id: n for n, row in reversed(list(enumerate(entries)))}
    return sorted(entries, key=lambda row: (nth[row.remittance_id], row.amount_cents < 0))
