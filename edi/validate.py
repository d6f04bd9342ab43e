"""The full check of a file: envelope, the 005010 guide, and the arithmetic.

A file is valid when nothing is found. What is found is said with its place and without any
patient's value: texts are shown for codes, amounts and the envelope only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from edi import read_835, read_837p
from edi.balance import (
    TransactionBalance,
    balance_claim,
    balance_claim_payment,
    balance_prior_payers,
)
from edi.chunk import chunks
from edi.claim import Claim, UnreadClaim
from edi.code_lists import CodeLists
from edi.deeper_check import check_convention, check_transaction
from edi.divide import SHARE_BYTES, Share, divide
from edi.element import Delimiters
from edi.envelope import FunctionalGroup, Interchange, Survey, TransactionSet
from edi.problem import EdiError, NotX12, Problem, describe
from edi.pyx12_adapter import CHECKED_AS, Check, CheckFailed, Finding
from edi.remittance import ClaimPayment, Remittance, UnreadClaimPayment
from edi.source import SourceRef
from edi.survey import survey, survey_file

_ISA_WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_ENVELOPE = ("ISA", "IEA", "GS", "GE", "ST", "SE")


def validate(path: Path, codes: CodeLists | None = None) -> tuple[Problem, ...]:
    """Every problem of a file: envelope, the guide, balance, then situation; none = valid.

    ``codes`` are the lists that reason, remark and procedure codes are looked up in.

    GS08 005010X222 and X222A2 are checked as X222A1, X221 as X221A1: the claims and payments
    are the same, and pyx12 has no other map. Nothing is raised for what a file holds.

    Raises: OSError.
    """
    try:
        found = survey(path)
    except NotX12 as error:
        return (error.problem,)
    with path.open("rb") as file:
        return _problems(file, found, codes)


def check_text(text: bytes | str) -> tuple[Problem, ...]:
    """The same for bytes (or text of one byte a character) that are in no file yet."""
    data = text.encode("latin-1", "replace") if isinstance(text, str) else text
    file = BytesIO(data)
    try:
        found = survey_file(file, "", len(data))
    except NotX12 as error:
        return (error.problem,)
    return _problems(file, found)


def divide_file(
    path: Path, share_bytes: int = SHARE_BYTES
) -> tuple[tuple[Problem, ...], list[Share]]:
    """What does not hold of a file's envelopes, and the shares that the rest can be checked in.

    Raises: OSError.
    """
    try:
        found = survey(path)
    except NotX12 as error:
        return (error.problem,), []
    with path.open("rb") as file:
        problems, shares = list(found.problems), []
        for interchange in found.interchanges:
            problems += _envelope(file, interchange)
            shares += divide(file, interchange, share_bytes)
    return tuple(problems), shares


def validate_share(path: Path, share: Share, codes: CodeLists | None = None) -> tuple[Problem, ...]:
    """Every problem of a share but those of its envelope.

    Raises: OSError.
    """
    with path.open("rb") as file:
        return tuple(_share(file, share, codes))


def _problems(file: BinaryIO, found: Survey, codes: CodeLists | None = None) -> tuple[Problem, ...]:
    problems = list(found.problems)
    for interchange in found.interchanges:
        problems += _envelope(file, interchange)
        problems += _share(file, Share(interchange, False), codes)
    return tuple(problems)


def _envelope(file: BinaryIO, interchange: Interchange) -> Iterator[Problem]:
    yield from interchange.problems
    if interchange.has_header:
        yield from _shape(file, interchange)
    for group in interchange.groups:
        yield from group.problems
        for transaction in group.transactions:
            yield from transaction.problems


def _share(file: BinaryIO, share: Share, codes: CodeLists | None) -> Iterator[Problem]:
    interchange = share.interchange
    if not interchange.has_header:
        return
    known = {p.code for p in _envelope(file, interchange)}
    # What the survey has said of the envelope, pyx12 says again in other words.
    for problem in _guide(file, share):
        if not (problem.code in known and problem.place in _ENVELOPE):
            yield problem
    for group in interchange.groups:
        for transaction in group.transactions:
            yield from check_convention(group, transaction)
            if not transaction.problems:
                yield from _balance(file, interchange, group, transaction)
                yield from check_transaction(file, transaction, interchange.delimiters, codes)


def _shape(file: BinaryIO, interchange: Interchange) -> Iterator[Problem]:
    """Harmless damage that a receiver may refuse all the same."""
    isa, terminator = interchange.isa, interchange.delimiters.segment
    wrong = next((i for i, w in enumerate(_ISA_WIDTHS) if len(isa[i]) != w), None)
    if wrong is not None:
        yield Problem("INVALID_ISA", interchange.source, f"ISA{wrong:02d}",
                      f"{len(isa[wrong])} characters", str(_ISA_WIDTHS[wrong]))  # fmt: skip
    file.seek(interchange.bytes.end - 1)
    if file.read(1).decode("latin-1") != terminator:
        yield Problem("SEGMENT_TERMINATOR_MISSING", interchange.source, "IEA",
                      "no terminator", "one after the last segment")  # fmt: skip


def _normalised(file: BinaryIO, share: Share) -> Iterator[str]:
    """Segments after the ISA without line ends, and with a guide's number that pyx12 knows."""
    separator, terminator = share.interchange.delimiters.element, share.interchange.delimiters[3]
    is_isa = not share.is_part
    for piece in share.pieces():
        texts: Iterable[str] = (piece,) if isinstance(piece, str) else (
            text for chunk in chunks(file, piece, terminator) for text in chunk.texts
        )  # fmt: skip
        for text in texts:
            if is_isa:
                is_isa = False
            elif text[:2] in ("GS", "ST") and text[2:3] == separator:
                yield _as_checked(text, separator)
            else:
                yield text


def _as_checked(text: str, separator: str) -> str:
    elements = text.split(separator)
    at = 8 if elements[0] == "GS" else 3
    if len(elements) > at:
        elements[at] = CHECKED_AS.get(elements[at], elements[at])
    return separator.join(elements)


def _padded(interchange: Interchange) -> str:
    """The ISA at its fixed width, without the terminator; senders collapse its blanks."""
    isa, delimiters = interchange.isa, interchange.delimiters
    elements = [e if i == 16 else e.strip(" ") for i, e in enumerate(isa)]
    elements[13] = elements[13].rjust(9, "0") if elements[13].isdigit() else elements[13]
    padded = [e.ljust(w)[:w] for e, w in zip(elements, _ISA_WIDTHS, strict=True)]
    return delimiters.element.join(padded)


def _guide(file: BinaryIO, share: Share) -> Iterator[Problem]:
    """pyx12's findings as problems, and one more where it did not look at every segment."""
    interchange, before = share.interchange, share.transactions_before
    isa = _padded(interchange)
    given = 1

    def segments() -> Iterator[str]:
        nonlocal given
        for text in _normalised(file, share):
            given += 1
            yield text

    def source(transaction: int, segment: int) -> SourceRef:
        number = before + transaction if transaction else 0
        return interchange.source._replace(transaction=number, segment=segment)

    check = Check(isa, segments(), interchange.delimiters.segment)
    unsupported = False
    try:
        for finding in check:
            unsupported = unsupported or finding.code == "UNSUPPORTED_VERSION"
            yield _problem(finding, source(finding.transaction, finding.segment))
    except CheckFailed as failure:
        yield Problem("CHECK_FAILED", source(failure.transaction, failure.segment), "segment",
                      failure.kind, "a text that the check can walk")  # fmt: skip
        return
    if not unsupported and check.segment_count != given:
        yield Problem("CHECK_FAILED", source(0, 0), "segments", f"{check.segment_count} checked",
                      str(given))  # fmt: skip


def _problem(finding: Finding, source: SourceRef) -> Problem:
    found = ""
    if finding.value is not None:
        shown = finding.is_code or finding.place[:3].rstrip("0") in _ENVELOPE
        found = repr(finding.value) if shown and len(finding.value) <= 20 else describe(
            finding.value)  # fmt: skip
    return Problem(finding.code, source, finding.place, found)


def _balance(
    file: BinaryIO, interchange: Interchange, group: FunctionalGroup, transaction: TransactionSet
) -> Iterator[Problem]:
    """The arithmetic of an 837P or 835, and what of it cannot be read."""
    delimiters: Delimiters = interchange.delimiters
    try:
        if group.version in read_837p.GUIDES:
            yield from _claims(file, transaction, delimiters)
        elif group.version in read_835.GUIDES:
            yield from _payments(file, transaction, delimiters)
    except EdiError as error:
        yield error.problem


def _claims(
    file: BinaryIO, transaction: TransactionSet, delimiters: Delimiters
) -> Iterator[Problem]:
    claims = 0
    for event in read_837p.read_transaction(file, transaction, delimiters):
        if isinstance(event, Claim):
            claims += 1
            yield from balance_claim(event)
            yield from balance_prior_payers(event)
        elif isinstance(event, UnreadClaim):
            claims += 1
            yield event.problem
    if not claims:
        yield Problem("NO_CLAIMS", transaction.source, "2300", "0", "one claim at least")


def _payments(
    file: BinaryIO, transaction: TransactionSet, delimiters: Delimiters
) -> Iterator[Problem]:
    balance: TransactionBalance | None = None
    for event in read_835.read_transaction(file, transaction, delimiters):
        if isinstance(event, Remittance):
            balance = TransactionBalance(event)
        elif isinstance(event, ClaimPayment):
            yield from balance_claim_payment(event)
        elif isinstance(event, UnreadClaimPayment):
            yield event.problem
        if balance is not None:
            balance.add(event)
    if balance is not None:
        yield from balance.problems()
