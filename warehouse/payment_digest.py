"""Digests that tell two claim payments or two payments to be the same, however they are written.

Amounts count in cents, and order does not: a clearinghouse writes 450 as 450.00 and sorts claims
anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from warehouse.load import cents_or_zero

_HALF = 8
"""Bytes of each half of an adjustments digest: it is only compared within one claim."""


def adjustments_digest(
    claim: Mapping[str, Any],
    services: Iterable[Mapping[str, Any]],
    adjustments: Iterable[Mapping[str, Any]],
) -> str:
    """What a claim payment decided: charges, payments and adjustments of the claim and each line.

    A reversal has the digest of what it takes back, as it repeats all of that negated. The first
    half counts the group codes, the second does not: where a reversal has them all in group CR (a
    4010 habit), only the second is kept. Compare by :func:`is_negation`.
    """
    factor = -1 if claim["is_reversal"] else 1
    taken: dict[int, list[tuple[str, str, int]]] = {}
    for a in adjustments:
        entry = (a["group_code"], a["reason_code"], factor * a["amount_cents"])
        taken.setdefault(a["service_position"], []).append(entry)
    levels = [(claim, taken.get(0, []))]
    levels += [(s, taken.get(s["service_position"], [])) for s in services if s["service_position"]]
    with_groups, without = [], []
    for level, entries in levels:
        head = (factor * level["charge_cents"], factor * level["payment_cents"])
        with_groups.append((*head, sorted(entries)))
        without.append((*head, sorted(entry[1:] for entry in entries)))
    bare = _short([without[0], *sorted(without[1:])])
    groups = {entry[0] for entries in taken.values() for entry in entries}
    return bare if groups == {"CR"} else _short([with_groups[0], *sorted(with_groups[1:])]) + bare


def _short(content: object) -> str:
    return hashlib.blake2b(repr(content).encode(), digest_size=_HALF).hexdigest()


def is_negation(reversal: str, decision: str) -> bool:
    """Whether a reversal repeats all that a decision was, negated; by their digests."""
    return bool(reversal) and decision.endswith(reversal)


class ContentDigest:
    """The content of one payment, its claims in any order: each is added as it is read."""

    def __init__(self) -> None:
        self._sum = 0
        self._count = 0

    def add(self, *content: object) -> None:
        """One claim payment, or one PLB."""
        digest = hashlib.sha256(repr(content).encode()).digest()
        self._sum += int.from_bytes(digest)
        self._count += 1

    def add_claim(
        self,
        claim: Mapping[str, Any],
        services: Iterable[Mapping[str, Any]],
        adjustments: Iterable[Mapping[str, Any]],
        patient_share: Decimal | None,
    ) -> None:
        """A claim payment by its rows.

        Whose it is and what each line was denied for count: a payer that writes one trace number
        under all that pays nothing may decide anew the same day, and no amount need differ.
        """
        taken: dict[int, list[tuple[str, str, int]]] = {}
        for a in adjustments:
            entry = (a["group_code"], a["reason_code"], a["amount_cents"])
            taken.setdefault(a["service_position"], []).append(entry)
        lines = sorted(
            (str(s["procedure_code"]), s["modifiers"], s["charge_cents"], s["payment_cents"],
             str(s["units_paid"]), str(s["service_date"]), _remarks(s),
             sorted(taken.get(s["service_position"], ())) if s["service_position"] else [])
            for s in services
        )  # fmt: skip
        self.add(
            *(claim[name] or "" for name in _TELLING), claim["charge_cents"],
            claim["payment_cents"], cents_or_zero(patient_share or Decimal(0)),
            _remarks(claim), sorted(taken.get(0, ())), lines,
        )  # fmt: skip

    @property
    def is_empty(self) -> bool:
        """Nothing was added."""
        return not self._count

    def hexdigest(self) -> str:
        """The digest of all that was added."""
        return hashlib.sha256(f"{self._count}|{self._sum}".encode()).hexdigest()


_TELLING: Sequence[str] = (
    "reported_patient_control_number", "claim_status_code", "claim_filing_indicator",
    "claim_frequency_code", "payer_claim_control_number", "original_reference_number",
    "member_id", "patient_name",
)  # fmt: skip


def _remarks(level: Mapping[str, Any]) -> list[str]:
    """Remark codes of a claim or line, in any order."""
    return sorted(str(level["remark_codes"]).split(","))
