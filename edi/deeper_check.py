"""The checks that pyx12 does not have, over one transaction set or one claim (SNIP 4 and 5).

Each check is told of the segments it names in ``tags``, in the file's order, with the loop they
stand in, and adds what it finds to one list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

from edi import read_835, read_837p
from edi.chunk import chunks
from edi.claim_text import ClaimTexts
from edi.code_lists import CodeCheck, CodeLists, NpiCheck
from edi.element import Delimiters
from edi.envelope import FunctionalGroup, TransactionSet
from edi.hierarchy import HierarchyCheck
from edi.locate import Seen, locate_835, locate_837p
from edi.problem import Problem
from edi.service_dates import ClaimDateCheck, PaymentDateCheck
from edi.situation import ClaimCheck
from edi.source import SourceRef


class SegmentCheck(Protocol):
    """One question asked of a transaction set."""

    @property
    def tags(self) -> frozenset[str]:
        """The segments it wants to see."""

    def see(self, segment: Seen) -> None:
        """One of them."""

    def end(self) -> None:
        """There are no more."""


def check_convention(group: FunctionalGroup, transaction: TransactionSet) -> Iterator[Problem]:
    """ST03, where it was sent, repeats GS08."""
    if transaction.version != group.version:
        found, expected = repr(transaction.version[:12]), f"GS08, {group.version[:12]!r}"
        source = transaction.source.at_segment(1)
        yield Problem("IMPLEMENTATION_CONVENTION_MISMATCH", source, "ST03", found, expected)


def check_transaction(
    file: BinaryIO,
    transaction: TransactionSet,
    delimiters: Delimiters,
    codes: CodeLists | None = None,
) -> tuple[Problem, ...]:
    """What pyx12 does not look for in an 837P or 835; nothing for any other transaction set.

    Codes are looked up where their list was imported.
    """
    problems: list[Problem] = []
    source = transaction.source
    if transaction.version in read_837p.GUIDES:
        checks, locate = _for_837p(source, problems, delimiters, codes), locate_837p
    elif transaction.version in read_835.GUIDES:
        checks, locate = _for_835(source, problems, delimiters, codes), locate_835
    else:
        return ()
    texts = (
        text
        for chunk in chunks(file, transaction.bytes, delimiters.segment)
        for text in chunk.texts
    )
    _run(checks, lambda wanted: locate(texts, delimiters.element, wanted))
    return tuple(sorted(problems, key=lambda p: p.source.segment))


def check_claim(texts: ClaimTexts, delimiters: Delimiters) -> tuple[Problem, ...]:
    """The same of one claim cut out of its file, with the levels above it.

    Segments are counted from the claim's billing level; hierarchy and code lists are left out.
    """
    problems: list[Problem] = []
    source = SourceRef()
    checks: list[SegmentCheck] = [
        ClaimCheck(source, problems, delimiters.component),
        ClaimDateCheck(source, problems),
        NpiCheck(source, problems),
    ]
    all_texts = (*texts.billing, *texts.subscriber, *(texts.patient or ()), *texts.own)
    _run(checks, lambda wanted: locate_837p(all_texts, delimiters.element, wanted))
    return tuple(problems)


def brought_in(
    before: ClaimTexts, after: ClaimTexts, delimiters: Delimiters
) -> tuple[Problem, ...]:
    """What does not hold of a claim as it is sent again, and did hold of its original.

    An original that its payer accepted with a flaw may go with that flaw again.
    """
    had = Counter((p.code, p.place) for p in check_claim(before, delimiters))
    new = []
    for problem in check_claim(after, delimiters):
        had[problem.code, problem.place] -= 1
        if had[problem.code, problem.place] < 0:
            new.append(problem)
    return tuple(new)


def _for_837p(
    source: SourceRef, problems: list[Problem], delimiters: Delimiters, codes: CodeLists | None
) -> list[SegmentCheck]:
    checks: list[SegmentCheck] = [
        HierarchyCheck(source, problems),
        ClaimCheck(source, problems, delimiters.component),
        ClaimDateCheck(source, problems),
        NpiCheck(source, problems),
    ]
    if codes is not None:
        checks.append(CodeCheck(source, problems, delimiters.component, codes))
    return checks


def _for_835(
    source: SourceRef, problems: list[Problem], delimiters: Delimiters, codes: CodeLists | None
) -> list[SegmentCheck]:
    checks: list[SegmentCheck] = [PaymentDateCheck(source, problems), NpiCheck(source, problems)]
    if codes is not None:
        checks.append(CodeCheck(source, problems, delimiters.component, codes))
    return checks


def _run(checks: list[SegmentCheck], locate: Callable[[frozenset[str]], Iterable[Seen]]) -> None:
    told: dict[str, list[SegmentCheck]] = {}
    for check in checks:
        for tag in check.tags:
            told.setdefault(tag, []).append(check)
    for segment in locate(frozenset(told)):
        for check in told[segment.elements[0]]:
            check.see(segment)
    for check in checks:
        check.end()
