"""What a receiver answers to a file as such: TA1 and 999 as typed records.

A TA1 answers an interchange, a 999 (005010X231A1) a functional group and its transaction sets;
the 277CA, which answers single claims, is in :mod:`edi.claim_status`. None of them says anything
of payment: a claim that is turned back here was never adjudicated, so it has no denial and no
claim control number to replace.
Names are the guides' own element names; None (or "" for a required code) means "not sent".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NamedTuple

from edi.element import At
from edi.party import KeptSegment
from edi.record import Codes
from edi.source import SourceRef

ACKNOWLEDGED_CODES = frozenset("AE")
"""AK901, IK501 and TA104: accepted, and accepted with errors noted."""
REFUSED_CODES = frozenset("RMWX")
"""AK901, IK501: rejected, rejected for its message authentication (M), its assurance (W), its
encryption (X). P of an AK901 says that some of its transaction sets were."""


class InterchangeAcknowledgment(NamedTuple):
    """TA1: what became of one interchange (its ISA13, ISA09 and ISA10).

    ``code`` is A (accepted), E (accepted, with errors) or R (rejected). The date is kept as sent:
    YYMMDD by the standard, CCYYMMDD by some.
    """

    interchange_control_number: Annotated[str, At("TA101")]
    interchange_date: Annotated[str | None, At("TA102")]
    interchange_time: Annotated[str | None, At("TA103")]
    interchange_acknowledgment_code: Annotated[str, At("TA104")]
    interchange_note_code: Annotated[str | None, At("TA105")]


class GroupResponseHeader(NamedTuple):
    """AK1: which functional group is answered (its GS01, GS06, GS08)."""

    functional_identifier_code: Annotated[str, At("AK101")]
    group_control_number: Annotated[str, At("AK102")]
    version: Annotated[str | None, At("AK103")]


class SetResponseHeader(NamedTuple):
    """AK2: which transaction set is answered (its ST01, ST02, ST03)."""

    transaction_set_identifier_code: Annotated[str, At("AK201")]
    transaction_set_control_number: Annotated[str, At("AK202")]
    implementation_convention_reference: Annotated[str | None, At("AK203")]


class SegmentError(NamedTuple):
    """IK3: one segment that the receiver objects to, counted from ST = 1."""

    segment_id_code: Annotated[str, At("IK301")]
    segment_position: Annotated[str | None, At("IK302")]
    loop_identifier_code: Annotated[str | None, At("IK303")]
    error_code: Annotated[str | None, At("IK304")]


class ElementError(NamedTuple):
    """IK4: one element of the segment. ``copy_of_bad_data`` may be a patient's."""

    position_in_segment: Annotated[Codes | None, At("IK401")]
    data_element_reference_number: Annotated[str | None, At("IK402")]
    error_code: Annotated[str | None, At("IK403")]
    copy_of_bad_data: Annotated[str | None, At("IK404")]


class Context(NamedTuple):
    """CTX: what an IK3 or IK4 is about: ``("CLM01", number)`` or the situation that failed."""

    context_identification: Annotated[Codes | None, At("CTX01")]
    segment_id_code: Annotated[str | None, At("CTX02")]
    segment_position: Annotated[str | None, At("CTX03")]
    loop_identifier_code: Annotated[str | None, At("CTX04")]
    position_in_segment: Annotated[Codes | None, At("CTX05")]
    reference_in_segment: Annotated[Codes | None, At("CTX06")]


class SetResponseTrailer(NamedTuple):
    """IK5: what became of one transaction set, and up to five reasons."""

    transaction_set_acknowledgment_code: Annotated[str, At("IK501")]
    error_code_1: Annotated[str | None, At("IK502")]
    error_code_2: Annotated[str | None, At("IK503")]
    error_code_3: Annotated[str | None, At("IK504")]
    error_code_4: Annotated[str | None, At("IK505")]
    error_code_5: Annotated[str | None, At("IK506")]

    @property
    def error_codes(self) -> tuple[str, ...]:
        """The reasons that were sent, in order."""
        return tuple(c for c in self[1:] if c)


class GroupResponseTrailer(NamedTuple):
    """AK9: what became of the group, how many sets it had and how many were accepted."""

    functional_group_acknowledge_code: Annotated[str, At("AK901")]
    included_set_count: Annotated[Decimal | None, At("AK902")]
    received_set_count: Annotated[Decimal | None, At("AK903")]
    accepted_set_count: Annotated[Decimal | None, At("AK904")]
    error_code_1: Annotated[str | None, At("AK905")]
    error_code_2: Annotated[str | None, At("AK906")]
    error_code_3: Annotated[str | None, At("AK907")]
    error_code_4: Annotated[str | None, At("AK908")]
    error_code_5: Annotated[str | None, At("AK909")]

    @property
    def error_codes(self) -> tuple[str, ...]:
        """The reasons that were sent, in order."""
        return tuple(c for c in self[4:] if c)


class SetAcknowledgment(NamedTuple):
    """Loop 2000 of a 999: what became of one transaction set of a group.

    Attributes:
        trailer: None where no IK5 came: nothing is known then.
        errors: IK3, IK4 and CTX, in order.
    """

    group: GroupResponseHeader
    header: SetResponseHeader
    trailer: SetResponseTrailer | None
    errors: tuple[SegmentError | ElementError | Context, ...]
    kept: tuple[KeptSegment, ...]
    source: SourceRef

    @property
    def code(self) -> str | None:
        """IK501; None where there is none."""
        return self.trailer.transaction_set_acknowledgment_code if self.trailer else None

    @property
    def error_codes(self) -> tuple[str, ...]:
        """IK502 and following, then IK304 and IK403, each once: ``("IK502:5", "IK304:8")``."""
        found = [f"IK502:{c}" for c in (self.trailer.error_codes if self.trailer else ())]
        for error in self.errors:
            if type(error) is SegmentError and error.error_code:
                found.append(f"IK304:{error.error_code}")
            elif type(error) is ElementError and error.error_code:
                found.append(f"IK403:{error.error_code}")
        return tuple(dict.fromkeys(found))


class GroupAcknowledgment(NamedTuple):
    """A 999 as a whole: what became of one functional group.

    Attributes:
        trailer: None where no AK9 came: nothing is known then.
    """

    header: GroupResponseHeader
    trailer: GroupResponseTrailer | None
    kept: tuple[KeptSegment, ...]
    source: SourceRef

    @property
    def code(self) -> str | None:
        """AK901; None where there is none."""
        return self.trailer.functional_group_acknowledge_code if self.trailer else None

    @property
    def error_codes(self) -> tuple[str, ...]:
        """AK905 and following as ``AK905:1``."""
        return tuple(f"AK905:{c}" for c in (self.trailer.error_codes if self.trailer else ()))

    @property
    def rejected_set_count(self) -> int | None:
        """Sets of the group that were not accepted; None where the counts were not sent."""
        if self.trailer is None:
            return None
        included, accepted = self.trailer.included_set_count, self.trailer.accepted_set_count
        return None if included is None or accepted is None else int(included - accepted)
