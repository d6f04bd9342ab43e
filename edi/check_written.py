"""Reads an interchange that was just written, and holds it against what was asked for.

The last gate before bytes leave: it knows the originals, the changes and CONTRACT 5, and uses
the readers and :mod:`edi.compare`, nothing of the writer's own editing.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from edi.balance import balance_claim, balance_prior_payers
from edi.change import parse_place
from edi.claim import Claim, UnreadClaim
from edi.claim_text import cut_claim, cut_header
from edi.compare import Difference, always_allowed, differences
from edi.edit_claim import Edited
from edi.element import Delimiters
from edi.envelope import FunctionalGroup, Interchange, TransactionSet
from edi.loop import elements_of
from edi.outbound_claim import OutboundClaim, OutboundEnvelope
from edi.problem import EdiError, Problem
from edi.read_837p import read_transaction
from edi.source import SourceRef
from edi.surveyor import Surveyor

_NEW_IN_ISA = (9, 10, 11, 12, 13)
_NEW_IN_GS = (4, 5, 6, 8)
_NEW_IN_BHT = (2, 3, 4, 5)


def check_written(
    written: bytes,
    envelope: OutboundEnvelope,
    claims: Sequence[OutboundClaim],
    edited: Sequence[Edited],
) -> None:
    """Nothing, if the bytes are what was asked for.

    Raises: EdiError WRITTEN_DIFFERS at the first place that is not; CLAIM_OUT_OF_BALANCE where
    changes would unbalance a claim.
    """
    file = BytesIO(written)
    interchange = Surveyor(file, 0, SourceRef("", 1)).walk()
    group = _envelope_holds(interchange, envelope, len(written))
    transaction = group.transactions[0]
    delimiters = interchange.delimiters
    header = cut_header(file, transaction.bytes, delimiters)
    _header_holds(header, envelope)
    _hierarchy_holds(file, transaction, delimiters)
    events = list(read_transaction(file, transaction, delimiters))
    read = [e for e in events if isinstance(e, Claim | UnreadClaim)]
    if len(read) != len(claims):
        raise _differs(SourceRef(), "2300", f"{len(read)} claims", str(len(claims)))
    for event, claim, edit in zip(read, claims, edited, strict=True):
        if isinstance(event, UnreadClaim):
            raise EdiError(event.problem._replace(code="WRITTEN_DIFFERS", source=claim.source))
        _claim_holds(file, event, claim, edit, envelope)


def _differs(source: SourceRef, place: str, found: str, expected: str) -> EdiError:
    return EdiError(Problem("WRITTEN_DIFFERS", source, place, found, expected))


def _envelope_holds(
    interchange: Interchange, envelope: OutboundEnvelope, size: int
) -> FunctionalGroup:
    problems = list(interchange.problems)
    for group in interchange.groups:
        problems += group.problems
        for transaction in group.transactions:
            problems += transaction.problems
    if problems:
        raise EdiError(problems[0]._replace(code="WRITTEN_DIFFERS"))
    if len(interchange.groups) != 1 or len(interchange.groups[0].transactions) != 1:
        raise _differs(SourceRef(), "GS", "another number of groups or sets", "one of each")
    end = interchange.bytes.end + len(envelope.line_end)
    if end != size:
        raise _differs(SourceRef(), "IEA", f"{size - end} bytes after it", "the end")
    group = interchange.groups[0]
    for name, new, old, sent in (
        ("ISA", _NEW_IN_ISA, envelope.isa, interchange.isa),
        ("GS", _NEW_IN_GS, envelope.gs, group.elements),
    ):
        for i, text in enumerate(sent):
            if i not in new and text.strip(" ") != old[i].strip(" "):
                raise _differs(SourceRef(), f"{name}{i:02d}", "another text", "the original's")
    return group


def _header_holds(header: tuple[str, ...], envelope: OutboundEnvelope) -> None:
    separator = envelope.delimiters.element
    if len(header) != len(envelope.header):
        raise _differs(SourceRef(), "BHT", f"{len(header)} segments", str(len(envelope.header)))
    for new, old in zip(header, envelope.header, strict=True):
        pair = [t.split(separator) for t in (new, old)]
        if pair[0][0] == "BHT":
            pair[1] += [""] * (7 - len(pair[1]))
            pair = [[e for i, e in enumerate(p) if i not in _NEW_IN_BHT] for p in pair]
        if pair[0] != pair[1]:
            raise _differs(SourceRef(), pair[1][0], "another text", "the original's")


def _hierarchy_holds(file: BytesIO, transaction: TransactionSet, delimiters: Delimiters) -> None:
    """HLs count from 1, each under the last one of the level above, and say who has children."""
    levels = [e for e, _, _ in elements_of(file, transaction.bytes, delimiters) if e[0] == "HL"]
    above = {"20": "", "22": "20", "23": "22"}
    last = {"": ""}
    for number, level in enumerate(levels, start=1):
        code = level[3] if len(level) == 5 else ""
        following = levels[number][3:4] if number < len(levels) else [""]
        child = "1" if above.get(following[0], "-") == code else "0"
        if code not in above or level != [
            "HL", str(number), last.get(above[code], "-"), code, child
        ]:  # fmt: skip
            raise _differs(SourceRef(), "HL", "another number, parent or child code", str(number))
        last = {k: n for k, n in last.items() if k < code} | {code: str(number)}


def _claim_holds(
    file: BytesIO, read: Claim, claim: OutboundClaim, edit: Edited, envelope: OutboundEnvelope
) -> None:
    emitted = cut_claim(file, read.bytes, envelope.delimiters)
    found = differences(claim.texts, emitted, envelope.delimiters, removed_lines=edit.removed,
                        added_lines=edit.added)  # fmt: skip
    asked = {Difference(*applied) for applied in edit.applied}
    numbers = {
        f"2400[{position}]/REF*6R": number
        for position, number in claim.line_item_control_numbers.items()
        if position not in edit.removed
    }
    for difference in found:
        if difference in asked:
            asked.discard(difference)
        elif difference.place in numbers and difference.old is None:
            if numbers.pop(difference.place) != difference.new:
                raise _differs(claim.source, difference.place, "another number", "the one asked")
        elif difference.place.endswith("REF*6R") or not always_allowed(
            difference, lines_removed=bool(edit.removed)
        ):
            raise _differs(claim.source, difference.place, "a difference", "none")
    if asked or numbers:
        place = min([d.place for d in asked] + list(numbers))
        raise _differs(claim.source, place, "no difference", "the change")
    if read.claim_frequency_code != claim.claim_frequency_code:
        raise _differs(claim.source, "2300/CLM05-3", "another code", claim.claim_frequency_code)
    if read.payer_claim_control_number != claim.payer_claim_control_number:
        raise _differs(claim.source, "2300/REF*F8", "another number", "the one asked for")
    _balance_holds(read, claim, edit)


def _balance_holds(read: Claim, claim: OutboundClaim, edit: Edited) -> None:
    """Changes of money keep CLM02 = ΣSV102; an original that never balanced goes as it was.

    What an earlier payer decided adds up where it is added, or where a charge changes under it.
    """
    for problem in balance_prior_payers(read):
        if any(parse_place(a.place).is_loop or a.place.endswith("/SV102") for a in edit.applied):
            raise EdiError(problem._replace(source=claim.source))
    money = {"2300/CLM02"} | {a.place for a in edit.applied if a.place.endswith("/SV102")}
    if not (edit.removed or edit.added or any(a.place in money for a in edit.applied)):
        return
    for problem in balance_claim(read):
        raise EdiError(problem._replace(source=claim.source))
