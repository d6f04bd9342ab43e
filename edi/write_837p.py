"""Writes replacement, void and new claims as a complete 005010X222A1 interchange.

What goes out is the original's own segments with the changes applied: enveloped, numbered and
dated anew, everything else byte for byte as it was sent. The result is read again with the
readers and compared with the originals before it is given back: a file that differs in any
place but those that CONTRACT 5 and the changes name is never returned.
"""

from __future__ import annotations

from collections.abc import Sequence

from edi.check_written import check_written
from edi.claim_text import ClaimTexts
from edi.edit_claim import ClaimEditor, Edited
from edi.element import Delimiters
from edi.outbound_claim import OutboundClaim, OutboundEnvelope
from edi.problem import EdiError, Problem, UnwritableValue, describe
from edi.source import SourceRef

GUIDE = "005010X222A1"
_ISA_WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)


def write_837p(envelope: OutboundEnvelope, claims: Sequence[OutboundClaim]) -> bytes:
    """The bytes of one interchange with one transaction set of these claims, in this order.

    Claims that follow one another and have the same billing, subscriber or patient level share it.

    Raises:
        BadPlace, ChangeRefused: a change does not fit the original.
        UnwritableValue: a value cannot stand in an element.
        EdiError: the envelope or the frequency does not fit, or WRITTEN_DIFFERS.
    """
    if not claims:
        raise _error("REQUIRED_SEGMENT_MISSING", SourceRef(), "2300", "no claim", "one at least")
    delimiters = envelope.delimiters._replace(repetition=repetition_of(envelope.delimiters))
    edited = [_edited(claim, delimiters) for claim in claims]
    written = _render(envelope, [e.texts for e in edited])
    check_written(written, envelope, claims, edited)
    return written


def _error(code: str, source: SourceRef, place: str, found: str, expected: str) -> EdiError:
    return EdiError(Problem(code, source, place, found, expected))


def _edited(claim: OutboundClaim, delimiters: Delimiters) -> Edited:
    code, number = claim.claim_frequency_code, claim.payer_claim_control_number
    if code not in ("1", "7", "8"):
        raise _error("INVALID_CODE_VALUE", claim.source, "2300/CLM05-3", describe(code), "1, 7, 8")
    if (code == "1") != (number is None):
        raise _error(
            "PAYER_CLAIM_CONTROL_NUMBER_MISSING" if number is None
            else "PAYER_CLAIM_CONTROL_NUMBER_FORBIDDEN",
            claim.source, "2300/REF*F8", "none" if number is None else "one",
            "one with frequency 7 and 8, none with 1",
        )  # fmt: skip
    if code == "8" and claim.changes:
        raise _error("CHANGES_CONFLICT", claim.source, "2300", "changes", "a void as it was sent")
    editor = ClaimEditor(claim.texts, delimiters, claim.source)
    editor.apply(claim.changes)
    editor.set_frequency(code, number)
    editor.add_line_item_control_numbers(claim.line_item_control_numbers)
    return editor.done()


class _Level:
    """An HL level to be written, with what hangs below it."""

    def __init__(self, code: str, parent: _Level | None, texts: tuple[str, ...]) -> None:
        self.code, self.parent, self.texts = code, parent, texts
        self.number = 0
        self.has_children = False
        self.claims: list[tuple[str, ...]] = []
        if parent is not None:
            parent.has_children = True


def _levels(claims: Sequence[ClaimTexts]) -> list[_Level]:
    """The hierarchy in the order it is written; claims share levels with their predecessor."""
    levels: list[_Level] = []
    billing = subscriber = patient = None
    for texts in claims:
        if billing is None or billing.texts != texts.billing[1:]:
            billing, subscriber = _Level("20", None, texts.billing[1:]), None
            levels.append(billing)
        if (
            subscriber is None
            or subscriber.texts != texts.subscriber[1:]
            # A subscriber's own claims come before those of its dependents.
            or (texts.patient is None and subscriber.has_children)
        ):
            subscriber, patient = _Level("22", billing, texts.subscriber[1:]), None
            levels.append(subscriber)
        if texts.patient is None:
            subscriber.claims.append(texts.own)
            continue
        if patient is None or patient.texts != texts.patient[1:]:
            patient = _Level("23", subscriber, texts.patient[1:])
            levels.append(patient)
        patient.claims.append(texts.own)
    for number, level in enumerate(levels, start=1):
        level.number = number
    return levels


def _render(envelope: OutboundEnvelope, claims: Sequence[ClaimTexts]) -> bytes:
    join = envelope.delimiters.element.join
    number = _digits(envelope.transaction_set_control_number, "ST02", 4, 9)
    texts = [join(("ST", "837", number, GUIDE)), *_header(envelope)]
    for level in _levels(claims):
        parent = str(level.parent.number) if level.parent else ""
        child = "1" if level.has_children else "0"
        texts.append(join(("HL", str(level.number), parent, level.code, child)))
        texts += level.texts
        for own in level.claims:
            texts += own
    texts.append(join(("SE", str(len(texts) + 1), number)))
    group = _group(envelope)
    isa = _isa(envelope)
    texts = [
        join(isa),
        join(group),
        *texts,
        join(("GE", "1", group[6])),
        join(("IEA", "1", isa[13])),
    ]
    end = envelope.delimiters.segment + envelope.line_end
    return (end.join(texts) + end).encode("latin-1")


def _digits(text: str, place: str, shortest: int, longest: int) -> str:
    if not (text.isascii() and text.isdigit() and shortest <= len(text) <= longest):
        raise _error("INVALID_CONTROL_NUMBER", SourceRef(), place, describe(text),
                     f"{shortest} to {longest} digits")  # fmt: skip
    return text


def repetition_of(delimiters: Delimiters) -> str:
    """ISA11 of what is written: a letter, as 4010 interchanges have there, separates nothing."""
    return "^" if delimiters.repetition.isalnum() else delimiters.repetition


def _isa(envelope: OutboundEnvelope) -> list[str]:
    """ISA, each element padded to its fixed width: 106 characters with the terminator."""
    if len(envelope.isa) != len(_ISA_WIDTHS):
        raise _error("INVALID_ISA", SourceRef(), "ISA", str(len(envelope.isa) - 1), "16 elements")
    isa = [e.strip(" ") if i != 16 else e for i, e in enumerate(envelope.isa)]
    isa[9] = envelope.created_at.strftime("%y%m%d")
    isa[10] = envelope.created_at.strftime("%H%M")
    isa[11] = repetition_of(envelope.delimiters)
    isa[12] = GUIDE[:5]
    isa[13] = _digits(envelope.interchange_control_number, "ISA13", 9, 9)
    isa[16] = envelope.delimiters.component
    for i, (element, width) in enumerate(zip(isa, _ISA_WIDTHS, strict=True)):
        if len(element) > width:
            raise _error("INVALID_ISA", SourceRef(), f"ISA{i:02d}", describe(element),
                         f"{width} characters")  # fmt: skip
    return [e.ljust(w) for e, w in zip(isa, _ISA_WIDTHS, strict=True)]


def _group(envelope: OutboundEnvelope) -> list[str]:
    if len(envelope.gs) < 9:
        raise _error("INVALID_GS", SourceRef(), "GS", str(len(envelope.gs) - 1), "8 elements")
    gs = list(envelope.gs[:9])
    gs[4] = envelope.created_at.strftime("%Y%m%d")
    gs[5] = envelope.created_at.strftime("%H%M")
    gs[6] = _digits(envelope.group_control_number, "GS06", 1, 9)
    gs[8] = GUIDE
    return gs


def _header(envelope: OutboundEnvelope) -> list[str]:
    """BHT with new number and times, then the submitter and receiver as they were."""
    separator = envelope.delimiters.element
    found = []
    for text in envelope.header:
        elements = text.split(separator)
        if elements[0] == "BHT":
            elements += [""] * (7 - len(elements))
            elements[2] = "00"
            number = envelope.originator_application_transaction_identifier
            if not (0 < len(number) <= 50 and number.isascii() and number.isalnum()):
                raise UnwritableValue(
                    Problem("INVALID_CONTROL_NUMBER", SourceRef(), "BHT03", describe(number),
                            "1 to 50 letters and digits")
                )  # fmt: skip
            elements[3] = number
            elements[4] = envelope.created_at.strftime("%Y%m%d")
            elements[5] = envelope.created_at.strftime("%H%M")
            text = separator.join(elements)
        found.append(text)
    if not any(t.startswith("BHT" + separator) for t in found):
        raise _error("REQUIRED_SEGMENT_MISSING", SourceRef(), "BHT", "no BHT", "one")
    return found
