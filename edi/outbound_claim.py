"""What is to be written: the envelope of an interchange, and a claim with its changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from edi.change import Change
from edi.claim_text import ClaimTexts
from edi.element import Delimiters
from edi.source import SourceRef


class OutboundEnvelope(NamedTuple):
    """What the interchange is wrapped in: the original's envelope with new numbers and times.

    Attributes:
        isa: the original's elements as :class:`edi.envelope.Interchange` has them.
        gs: the original's elements as :class:`edi.envelope.FunctionalGroup` has them.
        header: BHT and loops 1000A, 1000B of the original (:func:`edi.claim_text.cut_header`).
        interchange_control_number: ISA13, nine digits.
        group_control_number: GS06, up to nine digits.
        transaction_set_control_number: ST02, four to nine characters.
        originator_application_transaction_identifier: BHT03.
        created_at: for ISA09/10, GS04/05 and BHT04/05.
        line_end: what stands after each terminator in the original
            (:func:`edi.claim_text.line_end_of`).
    """

    isa: tuple[str, ...]
    gs: tuple[str, ...]
    delimiters: Delimiters
    header: tuple[str, ...]
    interchange_control_number: str
    group_control_number: str
    transaction_set_control_number: str
    originator_application_transaction_identifier: str
    created_at: datetime
    line_end: str = ""


class OutboundClaim(NamedTuple):
    """One claim to send again.

    Attributes:
        texts: its segments and those of its levels in the original
            (:func:`edi.claim_text.cut_claim`), with the envelope's delimiters.
        claim_frequency_code: CLM05-3; "7" replacement, "8" void, "1" a new claim.
        payer_claim_control_number: REF*F8, the newest CLP07 of the claim at that payer; must be
            given for 7 and 8, must be None for 1.
        changes: what the corrections name; none for a void.
        line_item_control_numbers: REF*6R for lines that have none, by position in the original.
        source: where the original stood, for messages.
    """

    texts: ClaimTexts
    claim_frequency_code: str
    payer_claim_control_number: str | None
    changes: tuple[Change, ...] = ()
    line_item_control_numbers: Mapping[int, str] = MappingProxyType({})
    source: SourceRef = SourceRef()
