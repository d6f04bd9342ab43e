"""Codes kept outside of the guides: NPIs by their check digit, the others by lists.

CARC, RARC and procedure codes are others' property, so no list of them is here. Who has imported
one hands it over as :class:`CodeLists`; without it nothing is said of such codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, NamedTuple

from edi.claim import date_or_none
from edi.locate import Seen
from edi.npi import is_valid as is_valid_npi
from edi.problem import Problem, describe
from edi.source import SourceRef

_MOA_REMARKS = range(3, 8)
_MIA_REMARKS = (5, 20, 21, 22, 23)
_LONGEST_SHOWN = 6


class Validity(NamedTuple):
    """First and last day of a code; None = since ever, for ever."""

    first: date | None = None
    last: date | None = None


class CodeList(NamedTuple):
    """One imported list: every code with when it was valid."""

    codes: Mapping[str, tuple[Validity, ...]]

    def is_valid(self, code: str, on: date | None) -> bool:
        """Whether the list has the code on this day; None = on any day.

        >>> codes = CodeList({"A1": (Validity(last=date(2020, 1, 1)),)})
        >>> codes.is_valid("A1", date(2019, 5, 1)), codes.is_valid("A1", date(2021, 5, 1))
        (True, False)
        """
        return any(
            on is None or ((v.first or on) <= on <= (v.last or on))
            for v in self.codes.get(code, ())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLists:
    """The lists that were imported; None = not imported, and nothing is checked against it."""

    adjustment_reason_codes: CodeList | None = None
    remark_codes: CodeList | None = None
    procedure_codes: CodeList | None = None


class NpiCheck:
    """Every identifier that is said to be an NPI (NM108 or N103 XX): ten digits that check."""

    tags: ClassVar = frozenset(("NM1", "N1"))

    def __init__(self, source: SourceRef, problems: list[Problem]) -> None:
        self._source, self._problems = source, problems
        self._known: set[str] = set()

    def see(self, segment: Seen) -> None:
        """One NM1 or N1."""
        at = 9 if segment.elements[0] == "NM1" else 4
        number = segment.element(at)
        if segment.element(at - 1) != "XX" or not number or number in self._known:
            return
        if is_valid_npi(number):
            self._known.add(number)
            return
        found = describe(number)
        if len(number) == 10 and number.isascii() and number.isdigit():
            found = "ten digits that do not check"
        self._problems.append(
            Problem("INVALID_NPI", self._source.at_segment(segment.position), segment.place(at),
                    found, "ten digits, the last the check digit")
        )  # fmt: skip

    def end(self) -> None:
        """Nothing is left to be said."""


class _Billed(NamedTuple):
    code: str
    position: int
    place: str


class CodeCheck:
    """Reason, remark and procedure codes of a transaction set, against the imported lists.

    A procedure code is looked up on its line's first day, the others on the day of payment; where
    that is not known any day will do.
    """

    tags: ClassVar = frozenset(
        ("BPR", "CAS", "MOA", "MIA", "LQ", "SV1", "SVC", "DTP", "DTM", "LX", "CLM", "CLP", "SE")
    )

    def __init__(
        self, source: SourceRef, problems: list[Problem], component: str, lists: CodeLists
    ) -> None:
        self._source, self._problems = source, problems
        self._component, self._lists = component, lists
        self._paid: date | None = None
        self._billed: list[_Billed] = []
        self._day: date | None = None

    def see(self, segment: Seen) -> None:
        """One segment, in the file's order."""
        match segment.elements[0]:
            case "BPR":
                self._paid = date_or_none(segment.element(16))
            case "CAS":
                for at in range(2, len(segment.elements), 3):
                    self._look(self._lists.adjustment_reason_codes,
                               "INVALID_ADJUSTMENT_REASON_CODE", segment, at)  # fmt: skip
            case "MOA" | "MIA":
                for at in _MOA_REMARKS if segment.elements[0] == "MOA" else _MIA_REMARKS:
                    self._look(self._lists.remark_codes, "INVALID_REMARK_CODE", segment, at)
            case "LQ":
                if segment.element(1) == "HE":
                    self._look(self._lists.remark_codes, "INVALID_REMARK_CODE", segment, 2)
            case "DTP" | "DTM":
                if segment.element(1) in ("472", "150"):
                    self._day = self._day or date_or_none(
                        segment.element(3 if segment.elements[0] == "DTP" else 2)[:8]
                    )
            case _:
                self._settle()
                if segment.elements[0] in ("SV1", "SVC"):
                    self._bill(segment)

    def end(self) -> None:
        """The last line is at its end."""
        self._settle()

    def _bill(self, segment: Seen) -> None:
        for at in (1, 6) if segment.elements[0] == "SVC" else (1,):
            qualifier, _, rest = segment.element(at).partition(self._component)
            code = rest.partition(self._component)[0]
            if qualifier == "HC" and code:
                self._billed.append(_Billed(code, segment.position, f"{segment.place(at)}-2"))

    def _settle(self) -> None:
        codes = self._lists.procedure_codes
        for billed in self._billed:
            if codes is not None and not codes.is_valid(billed.code, self._day):
                self._problem("INVALID_PROCEDURE_CODE", billed, self._day)
        self._billed, self._day = [], None

    def _look(self, codes: CodeList | None, problem: str, segment: Seen, at: int) -> None:
        code = segment.element(at)
        if codes is not None and code and not codes.is_valid(code, self._paid):
            self._problem(problem, _Billed(code, segment.position, segment.place(at)), self._paid)

    def _problem(self, problem: str, one: _Billed, day: date | None) -> None:
        code = one.code
        is_code = len(code) <= _LONGEST_SHOWN and code.isascii() and code.isalnum()
        when = f"valid on {day.isoformat()}" if day else "valid on any day"
        self._problems.append(
            Problem(problem, self._source.at_segment(one.position), one.place,
                    repr(code) if is_code else describe(code), f"a code {when}")
        )  # fmt: skip
