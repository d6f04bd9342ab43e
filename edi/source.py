"""Where in which file a fact was read."""

from __future__ import annotations

from typing import NamedTuple


class SourceRef(NamedTuple):
    """The place of one segment in a file that was received.

    Attributes:
        file_digest: SHA-256 of the file, in hex; "" for text that is no file.
        interchange: nth ISA of the file, from 1; 0 where the file as a whole is meant.
        transaction: nth ST of the file, from 1; 0 outside of any transaction.
        segment: position in the transaction set, ST = 1 (as 999 IK3-02 counts); outside of
            a transaction the position in the interchange, ISA = 1; 0 where none is meant.
    """

    file_digest: str = ""
    interchange: int = 0
    transaction: int = 0
    segment: int = 0

    def at_segment(self, segment: int) -> SourceRef:
        """The same transaction, another segment."""
        return self._replace(segment=segment)

    def __str__(self) -> str:
        """Short form for messages.

        >>> str(SourceRef("9f2c41ab77", 1, 1, 12))
        '9f2c41ab/1.1#12'
        """
        return f"{self.file_digest[:8] or '-'}/{self.interchange}.{self.transaction}#{self.segment}"
