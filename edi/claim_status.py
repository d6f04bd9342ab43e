"""What a receiver says of single claims before adjudication: the 277CA (005010X214) as records.

Levels of the hierarchy (source 20, receiver 21, provider 19) come as they are; every claim (PT)
knows the levels that it hangs from, because only they tell who speaks: the payer, or a
clearinghouse. Names are the guide's own; None (or "" for a required code) means "not sent".
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from edi.claim import date_or_none
from edi.element import At
from edi.party import KeptSegment, of_type, reference_in
from edi.payment_segment import ServicePaymentInformation, Trace
from edi.problem import Problem
from edi.record import Codes
from edi.segment import DateTimePeriod, Hierarchy, Name
from edi.source import SourceRef

ACCEPTED, FORWARDED, REJECTED = "accepted", "forwarded", "rejected"
"""What a 277CA says of a claim; None where it says none of the three."""

_REJECTIONS = frozenset(("A3", "A6", "A7", "A8"))
"""STC01-1, code source 507: returned as unprocessable, missing, invalid, contradictory."""
_ACCEPTANCES = frozenset(("A1", "A2", "A5"))
"""Receipt, acceptance into the adjudication system, split upon acceptance."""
_FORWARDED_TO = "16"
"""STC01-2, code source 508: the claim went on to another entity, whose word is still to come."""
_ENTITY_RECEIVED = "19"
_PAYER, _CLEARINGHOUSE = "PR", "AY"


class StatusInformation(NamedTuple):
    """STC: one status of a claim, a line or a batch.

    ``status`` is (category, status, entity): code sources 507 and 508, and the entity that the
    status is about. ``action_code`` is WQ (accepted) or U (rejected).
    """

    status: Annotated[Codes, At("STC01")]
    effective_date: Annotated[date | None, At("STC02")]
    action_code: Annotated[str | None, At("STC03")]
    total_claim_charge_amount: Annotated[Decimal | None, At("STC04")]
    second_status: Annotated[Codes | None, At("STC10")]
    third_status: Annotated[Codes | None, At("STC11")]
    free_form_message_text: Annotated[str | None, At("STC12")]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every status as ``category:status:entity``, without what was not sent.

        >>> StatusInformation(Codes(("A3", "21", "82")), None, "U", None, None, None, None).codes
        ('A3:21:82',)
        """
        sent = (self.status, self.second_status, self.third_status)
        return tuple(":".join(c for c in codes[:3] if c) for codes in sent if codes)


def verdict_of(statuses: tuple[StatusInformation, ...]) -> str | None:
    """What statuses say together: one rejection rejects, whatever stands beside it.

    An acceptance whose action code says "rejected", or that only passes the claim on, is none.
    """
    codes = [c.split(":") for s in statuses for c in s.codes]
    if any(c[0] in _REJECTIONS for c in codes):
        return REJECTED
    if any(s.action_code == "U" for s in statuses):
        return None
    if any(c[0] == "A0" or c[1:2] == [_FORWARDED_TO] for c in codes):
        return FORWARDED
    return ACCEPTED if any(c[0] in _ACCEPTANCES for c in codes) else None


class StatusLevel(NamedTuple):
    """A level above the claims: information source (HL 20), receiver (21) or provider (19).

    Attributes:
        parent: the level it hangs from; None at the top, or where HL02 names no level.
        name: NM1; None where it was not sent.
        segments: TRN, STC, DTP, QTY, AMT, REF as records, in order.
    """

    hierarchy: Hierarchy
    parent: StatusLevel | None
    name: Name | None
    segments: tuple[Any, ...]
    kept: tuple[KeptSegment, ...]
    source: SourceRef

    @property
    def level_code(self) -> str:
        """HL03: 20, 21 or 19."""
        return self.hierarchy.hierarchical_level_code

    @property
    def statuses(self) -> tuple[StatusInformation, ...]:
        """STC of the level: of the whole batch (21) or of one provider's claims (19)."""
        return of_type(self.segments, StatusInformation)

    @property
    def trace_number(self) -> str | None:
        """TRN02: at level 21 the batch, BHT03 of the 837 that is answered."""
        return _trace(self.segments)

    def above(self, level_code: str) -> StatusLevel | None:
        """This level or the nearest one above it of a kind."""
        level: StatusLevel | None = self
        while level is not None and level.level_code != level_code:
            level = level.parent
        return level


class LineStatus(NamedTuple):
    """Loop 2220D: what is said of one service line. ``position`` counts from 1."""

    position: int
    information: ServicePaymentInformation
    segments: tuple[Any, ...]
    source: SourceRef

    @property
    def statuses(self) -> tuple[StatusInformation, ...]:
        """STC of the line."""
        return of_type(self.segments, StatusInformation)

    @property
    def line_item_control_number(self) -> str | None:
        """REF*FJ, the REF*6R of the 837P (some send it as 6R)."""
        return reference_in(self.segments, "FJ") or reference_in(self.segments, "6R")


class ClaimStatus(NamedTuple):
    """Loop 2000D of a 277CA: what the receiver says of one claim.

    Attributes:
        level: what it hangs from (provider, receiver, source); None where HL02 names no level.
        name: the patient, NM1*QC.
        segments: TRN, STC, REF and DTP as records, in order.
    """

    hierarchy: Hierarchy
    level: StatusLevel | None
    name: Name | None
    segments: tuple[Any, ...]
    lines: tuple[LineStatus, ...]
    kept: tuple[KeptSegment, ...]
    source: SourceRef

    @property
    def patient_control_number(self) -> str | None:
        """TRN02, the CLM01 of the claim that is answered."""
        return _trace(self.segments)

    @property
    def statuses(self) -> tuple[StatusInformation, ...]:
        """STC of the claim; those of its lines stand with them."""
        return of_type(self.segments, StatusInformation)

    @property
    def verdict(self) -> str | None:
        """ACCEPTED, FORWARDED or REJECTED; None where it can't be told."""
        return verdict_of(self.statuses)

    @property
    def codes(self) -> tuple[str, ...]:
        """Statuses of the claim, then those of its lines, each once."""
        every = [*self.statuses, *(s for line in self.lines for s in line.statuses)]
        return tuple(dict.fromkeys(c for s in every for c in s.codes))

    @property
    def effective_date(self) -> date | None:
        """STC02 of the first status that has one."""
        return next((s.effective_date for s in self.statuses if s.effective_date), None)

    @property
    def total_claim_charge_amount(self) -> Decimal | None:
        """STC04."""
        amounts = (s.total_claim_charge_amount for s in self.statuses)
        return next((a for a in amounts if a is not None), None)

    @property
    def payer_claim_control_number(self) -> str | None:
        """REF*1K: the number the payer gave the claim on acceptance."""
        return reference_in(self.segments, "1K")

    @property
    def clearinghouse_trace_number(self) -> str | None:
        """REF*D9."""
        return reference_in(self.segments, "D9")

    @property
    def member_id(self) -> str | None:
        """NM109 of the patient."""
        return self.name.identification_code if self.name else None

    @property
    def service_date(self) -> date | None:
        """First day of DTP*472 of the claim, else the earliest of its lines."""
        days = _service_days(self.segments)
        if not days:
            days = [day for line in self.lines for day in _service_days(line.segments)]
        return min(days, default=None)

    @property
    def is_from_payer(self) -> bool:
        """Whether the payer itself says it: loop 2100A is NM1*PR.

        A clearinghouse (NM1*AY), and whatever can't be told, is not the payer. Nor is a payer's
        report that another entity received the claim.
        """
        source = self.level.above("20") if self.level else None
        if source is None or source.name is None:
            return False
        if source.name.entity_identifier_code != _PAYER:
            return False
        codes = (c.split(":") for s in self.statuses for c in s.codes)
        return not any(c[1:2] == [_ENTITY_RECEIVED] and c[2:3] not in ([], [_PAYER]) for c in codes)


class UnreadStatus(NamedTuple):
    """A claim's status that could not be read, with the reason; its neighbours stand."""

    problem: Problem
    source: SourceRef


def _trace(segments: tuple[Any, ...]) -> str | None:
    for trace in of_type(segments, Trace):
        return trace.check_or_eft_trace_number.strip() or None
    return None


def _service_days(segments: tuple[Any, ...]) -> list[date]:
    """DTP*472, D8 or the first day of an RD8; what is no date is none."""
    found = []
    for period in of_type(segments, DateTimePeriod):
        if period.date_time_qualifier == "472":
            day = date_or_none(period.date_time_period.partition("-")[0])
            found += [day] if day else []
    return found
