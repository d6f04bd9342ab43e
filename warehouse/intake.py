"""What a file is and which of its parts may be loaded; nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from edi import read_835, read_837p
from edi.envelope import ByteRange, FunctionalGroup, Interchange, Survey, TransactionSet, clean
from edi.problem import Problem

ACKNOWLEDGMENTS = {
    ("999", "005010X231"): "999",
    ("999", "005010X231A1"): "999",
    ("277", "005010X214"): "277CA",
}


class Refused(NamedTuple):
    """A part that is not loaded: what it covers, why, where it stands, how many claims."""

    scope: str
    problem: Problem
    bytes: ByteRange
    claim_count: int


class Part(NamedTuple):
    """Interchanges of one kind in a file: one row of ``mart_file``.

    Attributes:
        kind: 837P, 835, 999, 277CA, TA1 or other.
        sets: the transaction sets that may be loaded, with what they stand in.
        refused: what may not, with reasons.
    """

    kind: str
    interchanges: tuple[Interchange, ...]
    sets: tuple[tuple[Interchange, FunctionalGroup, TransactionSet], ...]
    refused: tuple[Refused, ...]

    @property
    def transactions(self) -> tuple[TransactionSet, ...]:
        """Every set of the part, loaded or not."""
        return tuple(s for i in self.interchanges for g in i.groups for s in g.transactions)


def kind_of_set(transaction: TransactionSet) -> str:
    """The kind of a transaction set that we read, else "other"."""
    code, version = transaction.identifier_code, transaction.version
    if code == "837" and version in read_837p.GUIDES:
        # Senders put the professional guide's number on institutional claims: the lines tell.
        institutional = transaction.other_line_count and not transaction.line_count
        return "other" if institutional else "837P"
    if code == "835" and version in read_835.GUIDES:
        return "835"
    return ACKNOWLEDGMENTS.get((code, version), "other")


def kind_of(path: Path, interchange: Interchange) -> str:
    """The kind that an interchange is counted as: that of its first set that we read."""
    kinds = [kind_of_set(s) for g in interchange.groups for s in g.transactions]
    known = [kind for kind in kinds if kind != "other"]
    if known:
        return known[0]
    if not kinds and _holds_ta1(path, interchange):
        return "TA1"
    return "other"


def _holds_ta1(path: Path, interchange: Interchange) -> bool:
    with path.open("rb") as file:
        file.seek(interchange.bytes.start)
        text = file.read(min(2000, interchange.bytes.end - interchange.bytes.start))
    segments = text.decode("latin-1").split(interchange.delimiters.segment)[1:]
    return any(clean(s).startswith("TA1" + interchange.delimiters.element) for s in segments)


def plan(path: Path, survey: Survey) -> tuple[Part, ...]:
    """Parts of a file: one where all interchanges are of a kind, else one per interchange."""
    kinds = [kind_of(path, i) for i in survey.interchanges]
    if len(set(kinds)) <= 1:
        groups = [(kinds[0], survey.interchanges)] if kinds else []
    else:
        groups = [(kind, (i,)) for kind, i in zip(kinds, survey.interchanges, strict=True)]
    return tuple(_part(kind, interchanges) for kind, interchanges in groups)


def _part(kind: str, interchanges: tuple[Interchange, ...]) -> Part:
    sets: list[tuple[Interchange, FunctionalGroup, TransactionSet]] = []
    refused: list[Refused] = []
    for i in interchanges:
        if i.problems:
            claims = sum(s.claim_count for g in i.groups for s in g.transactions)
            refused.append(Refused("interchange", i.problems[0], i.bytes, claims))
            continue
        if not i.groups and kind == "other":
            refused.append(
                Refused("interchange", Problem("NO_TRANSACTION_SET", i.source, "ST", "no ST",
                                               "an 837P, 835, 999 or 277CA"), i.bytes, 0)
            )  # fmt: skip
        for g in i.groups:
            if g.problems:
                claims = sum(s.claim_count for s in g.transactions)
                refused.append(Refused("interchange", g.problems[0], g.bytes, claims))
                continue
            for s in g.transactions:
                problem = _set_problem(s, kind)
                if problem:
                    refused.append(Refused("transaction", problem, s.bytes, s.claim_count))
                else:
                    sets.append((i, g, s))
    return Part(kind, interchanges, tuple(sets), tuple(refused))


def _set_problem(transaction: TransactionSet, kind: str) -> Problem | None:
    """Why a set may not be loaded; None where it may."""
    found = kind_of_set(transaction)
    if found == "other" or found != kind:
        return _foreign(transaction)
    if transaction.problems:
        return transaction.problems[0]
    # An 835 without claims is whole: PLBs alone may pay or take (loop 2000 is situational).
    if found == "837P" and not transaction.claim_count:
        return Problem("NO_CLAIMS", transaction.source, "CLM", "0", "at least one")
    return None


def _foreign(transaction: TransactionSet) -> Problem:
    code, version = transaction.identifier_code, transaction.version
    if code in ("837", "835") and version[:6] == "005010" and transaction.other_line_count:
        return Problem("UNSUPPORTED_TRANSACTION_SET", transaction.source, "2400",
                       "SV2 or SV3 lines", "an 837P with SV1 lines")  # fmt: skip
    if code in ("837", "835", "999", "277"):
        return Problem("UNSUPPORTED_GUIDE", transaction.source, "GS08", version or "nothing",
                       "005010X222A1 (837P), 005010X221A1 (835), 999 or 277CA of 5010")  # fmt: skip
    return Problem("UNSUPPORTED_TRANSACTION_SET", transaction.source, "ST01", code or "nothing",
                   "837, 835, 999 or 277CA")  # fmt: skip


def acknowledging(
    part: Part, sets: Sequence[tuple[Interchange, FunctionalGroup, TransactionSet]]
) -> tuple[Interchange, ...]:
    """Interchanges of a part whose TA1s may be read: whole ones, none of which was re-used.

    A TA1 stands alone, or in front of the functional groups. ``sets`` are those that are loaded.
    """
    if part.kind == "TA1":
        return tuple(i for i in part.interchanges if not i.problems)
    return tuple({i.source: i for i, _, _ in sets}.values())
