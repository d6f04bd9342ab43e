"""The levels above a claim, and the parties in them: billing provider, subscriber, patient.

Whatever segment no record models is a :class:`KeptSegment`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from edi.element import to_date
from edi.envelope import ByteRange
from edi.problem import BadElement
from edi.segment import (
    Adjustment,
    Amount,
    ClaimAdjustment,
    DateTimePeriod,
    Name,
    PatientInformation,
    ProviderInformation,
    Reference,
    Subscriber,
)


class KeptSegment(NamedTuple):
    """A segment that no record models, as it was sent. ``loop`` is where it stood."""

    loop: str
    position: int
    text: str


def of_type(segments: tuple[Any, ...], kind: type) -> tuple[Any, ...]:
    """The records of one kind among a loop's segments, in order."""
    return tuple(s for s in segments if type(s) is kind)


def reference_in(segments: tuple[Any, ...], qualifier: str) -> str | None:
    """REF02 of the first REF with this qualifier among a loop's segments; None if none."""
    for segment in segments:
        if type(segment) is Reference and segment.reference_identification_qualifier == qualifier:
            return segment.reference_identification
    return None


def amount_in(segments: tuple[Any, ...], qualifier: str) -> Decimal | None:
    """AMT02 of the first AMT with this qualifier among a loop's segments; None if none."""
    for segment in segments:
        if type(segment) is Amount and segment.amount_qualifier_code == qualifier:
            return segment.monetary_amount
    return None


def day_in(segments: tuple[Any, ...], qualifier: str) -> date | None:
    """First day of the first DTP with this qualifier; None if none, or where it is no date."""
    for segment in segments:
        if type(segment) is DateTimePeriod and segment.date_time_qualifier == qualifier:
            try:
                return days_of(segment)[0]
            except BadElement:
                return None
    return None


@lru_cache(maxsize=4096)
def days_of(period: DateTimePeriod) -> tuple[date, date]:
    """First and last day of a DTP (D8 one day, RD8 a range; a DT's time is dropped).

    Raises: BadElement where the text is no date.
    """
    text = period.date_time_period
    if period.date_time_period_format_qualifier == "RD8":
        first, _, last = text.partition("-")
        return to_date(first), to_date(last)
    day = to_date(text[:8])
    return day, day


class PartyLoop(NamedTuple):
    """One NM1 loop: the party's name and the segments that follow it (N3, N4, REF, PER …).

    ``loop`` by the guide's number where it can be told (``2010AA``, ``2310B``), else ``NM1``.
    """

    loop: str
    name: Name
    segments: tuple[Any, ...]

    @property
    def npi(self) -> str | None:
        """NM109 where NM108 is XX."""
        if self.name.identification_code_qualifier == "XX":
            return self.name.identification_code
        return None

    @property
    def taxonomy_code(self) -> str | None:
        """PRV03 of this loop."""
        return _taxonomy_code(self.segments)

    def reference(self, qualifier: str) -> str | None:
        """REF02 with this qualifier."""
        return reference_in(self.segments, qualifier)


class BillingLoop(NamedTuple):
    """Loop 2000A: billing provider (2010AA), pay-to address (AB) and plan (AC)."""

    segments: tuple[Any, ...]
    parties: tuple[PartyLoop, ...]
    bytes: ByteRange

    @property
    def provider(self) -> PartyLoop | None:
        """2010AA."""
        return party_in(self.parties, "85")

    @property
    def taxonomy_code(self) -> str | None:
        """PRV03 of 2000A."""
        return _taxonomy_code(self.segments)


class SubscriberLoop(NamedTuple):
    """Loop 2000B: the insured (2010BA) and the payer that the claim goes to (2010BB)."""

    information: Subscriber | None
    segments: tuple[Any, ...]
    parties: tuple[PartyLoop, ...]
    bytes: ByteRange

    @property
    def subscriber(self) -> PartyLoop | None:
        """2010BA."""
        return party_in(self.parties, "IL")

    @property
    def payer(self) -> PartyLoop | None:
        """2010BB."""
        return party_in(self.parties, "PR")

    @property
    def member_id(self) -> str | None:
        """NM109 of the subscriber."""
        party = self.subscriber
        return party.name.identification_code if party else None


class PatientLoop(NamedTuple):
    """Loop 2000C: the patient where it is not the subscriber."""

    information: PatientInformation | None
    segments: tuple[Any, ...]
    parties: tuple[PartyLoop, ...]
    bytes: ByteRange


def party_in(parties: tuple[PartyLoop, ...], entity: str) -> PartyLoop | None:
    """The first party with this NM101."""
    for party in parties:
        if party.name.entity_identifier_code == entity:
            return party
    return None


def adjustments_in(segments: tuple[Any, ...]) -> tuple[Adjustment, ...]:
    """Every CAS triple among a loop's segments, in order."""
    found = [s.adjustments for s in segments if type(s) is ClaimAdjustment]
    if len(found) < 2:
        return found[0] if found else ()
    return tuple(chain.from_iterable(found))


def _taxonomy_code(segments: tuple[Any, ...]) -> str | None:
    found = of_type(segments, ProviderInformation)
    return found[0].provider_taxonomy_code if found else None
