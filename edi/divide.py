"""A big interchange as shares of whole transaction sets, to be checked side by side.

Cutting is sound between sets only: within one, segments are counted, levels numbered and claim
numbers held against each other. It is done where nothing is lost by it: the envelope is whole, no
segment stands between the sets, and no control number of a set or group is used twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from edi.chunk import chunks
from edi.envelope import ByteRange, FunctionalGroup, Interchange, TransactionSet

SHARE_BYTES = 4_000_000
"""A share takes sets until it has this much; some seconds of work."""


class Share(NamedTuple):
    """An interchange, or some of its transaction sets in the envelope of all.

    Attributes:
        interchange: with only the groups and sets of the share.
        is_part: whether it is one of several.
    """

    interchange: Interchange
    is_part: bool

    @property
    def transactions_before(self) -> int:
        """Transaction sets of the file that stand before the share."""
        sets = [s for g in self.interchange.groups for s in g.transactions]
        return sets[0].source.transaction - 1 if sets else 0

    def pieces(self) -> Iterator[str | ByteRange]:
        """What follows the ISA: texts, and ranges of the file whose segments stand for themselves.

        The trailers of a part count what is in it.
        """
        whole = self.interchange.bytes
        if not self.is_part:
            yield whole
            return
        separator = self.interchange.delimiters.element
        for group in self.interchange.groups:
            yield separator.join(group.elements)
            yield ByteRange(group.transactions[0].bytes.start, group.transactions[-1].bytes.end)
            yield separator.join(("GE", str(len(group.transactions)), group.elements[6]))
        number = self.interchange.isa[13]
        yield separator.join(("IEA", str(len(self.interchange.groups)), number))


def divide(file: BinaryIO, interchange: Interchange, size: int = SHARE_BYTES) -> list[Share]:
    """Shares of about ``size`` bytes; one, the whole interchange, where it can't be cut."""
    whole = [Share(interchange, False)]
    if interchange.bytes.end - interchange.bytes.start <= size or not _is_sound(interchange):
        return whole
    if not _nothing_between(file, interchange):
        return whole
    parts = [
        group._replace(transactions=tuple(sets))
        for group in interchange.groups
        for sets in _batches(group, size)
    ]
    if len(parts) == 1:
        return whole
    return [Share(interchange._replace(groups=(part,)), True) for part in parts]


def _is_sound(interchange: Interchange) -> bool:
    groups = interchange.groups
    numbers = {g.elements[6] for g in groups if len(g.elements) > 6}
    if interchange.problems or len(numbers) != len(groups):
        return False
    return all(
        g.transactions
        and not g.problems
        and len({s.control_number for s in g.transactions}) == len(g.transactions)
        and not any(s.problems for s in g.transactions)
        for g in groups
    )


def _nothing_between(file: BinaryIO, interchange: Interchange) -> bool:
    """Whether ISA, GS, GE and IEA are all there is beside the transaction sets."""
    at, envelope = interchange.bytes.start, 0
    for group in interchange.groups:
        for one in group.transactions:
            envelope += _segments(file, at, one.bytes.start, interchange)
            at = one.bytes.end
    envelope += _segments(file, at, interchange.bytes.end, interchange)
    return envelope == 2 + 2 * len(interchange.groups)


def _segments(file: BinaryIO, start: int, end: int, interchange: Interchange) -> int:
    found = chunks(file, ByteRange(start, end), interchange.delimiters.segment)
    return sum(len(chunk.texts) for chunk in found) if end > start else 0


def _batches(group: FunctionalGroup, size: int) -> Iterator[list[TransactionSet]]:
    batch: list[TransactionSet] = []
    taken = 0
    for one in group.transactions:
        length = one.bytes.end - one.bytes.start
        if batch and taken + length > size:
            yield batch
            batch, taken = [], 0
        batch.append(one)
        taken += length
    if batch:
        yield batch
