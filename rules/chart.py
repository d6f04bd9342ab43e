"""What the procedure notes on file say of one service line: its sites and its drugs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple, TypeVar

from edi.claim import Claim, ServiceLine
from rules.decision import ClaimFacts
from rules.evidence import Drug, ProcedureNote, Site
from rules.parameters import load

_Part = TypeVar("_Part", bound=Hashable)


class Treated(NamedTuple):
    """A site and the note that has it."""

    note: ProcedureNote
    site: Site


class Given(NamedTuple):
    """A drug that was given and the note that has it."""

    note: ProcedureNote
    drug: Drug


def notes_of(line: ServiceLine, facts: ClaimFacts) -> tuple[ProcedureNote, ...]:
    """The notes of the line's day; none where the line has no date, or several days."""
    days = line.service_dates
    if days is None or days[0] != days[1]:
        return ()
    return tuple(n for n in facts.on_file(ProcedureNote) if n.service_date == days[0])


def beside(line: ServiceLine, claim: Claim) -> tuple[ServiceLine, ...]:
    """The other lines of the claim that are of the line's day.

    One without a date may be of any day, so it counts among them.
    """
    days = line.service_dates
    return tuple(
        x
        for x in claim.service_lines
        if x.position != line.position
        and (
            days is None
            or (others := x.service_dates) is None
            or (others[0] <= days[1] and days[0] <= others[1])
        )
    )


def speaks_for(note: ProcedureNote, line: ServiceLine, claim: Claim) -> bool:
    """Whether a note says of this very line where it was done.

    One with sites or drugs: of the lines of its day whose code one of them has. One with neither:
    of the only line of that day; of two it is not known which one is meant.
    """
    day = note.service_date
    if line.service_dates != (day, day):
        return False
    if note.sites or note.drugs:
        told = {s.procedure_code for s in note.sites} | {d.procedure_code for d in note.drugs}
        return line.procedure_code in told
    others = [x.service_dates for x in claim.service_lines if x is not line]
    return all(days is not None and not days[0] <= day <= days[1] for days in others)


def sites_of(
    line: ServiceLine, facts: ClaimFacts, codes: Collection[str]
) -> tuple[Treated, ...]:  # fmt: skip
    """The sites treated that day by one of these procedures, each record once."""
    found = _records(notes_of(line, facts), lambda note: note.sites)
    return tuple(Treated(n, site) for n, site in found if site.procedure_code in codes)


def drugs_of(line: ServiceLine, facts: ClaimFacts, codes: Collection[str]) -> tuple[Given, ...]:
    """The drugs of these codes given that day, each record once: two equal vials are two."""
    found = _records(notes_of(line, facts), lambda note: note.drugs)
    return tuple(Given(n, drug) for n, drug in found if drug.procedure_code in codes)


def _records(
    notes: Iterable[ProcedureNote], parts: Callable[[ProcedureNote], tuple[_Part, ...]]
) -> Iterator[tuple[ProcedureNote, _Part]]:
    """What the notes list, each entry of a document once.

    A document may be on file for the claim and for its member as well: what both have is one
    entry, what one of them has twice is two.
    """
    known: set[tuple[str, _Part, int]] = set()
    for note in notes:
        nth: Counter[_Part] = Counter()
        for part in parts(note):
            nth[part] += 1
            entry = (note.document_id, part, nth[part])
            if entry not in known:
                known.add(entry)
                yield note, part


def milligrams_per_unit(procedure_code: str) -> Decimal | None:
    """What one billed unit of a drug is; None where we do not know."""
    known = load("drugs")["milligrams_per_unit"].get(procedure_code)
    return Decimal(known) if known is not None else None


def national_drug_codes(line: ServiceLine) -> frozenset[str]:
    """The NDCs sent with the line, digits alone."""
    sent = (loop.identification.national_drug_code for loop in line.drugs)
    return frozenset("".join(c for c in ndc if c.isdigit()) for ndc in sent if ndc)


def is_another_product(line: ServiceLine, drug: Drug) -> bool:
    """Whether the record has another NDC than was sent with the line; False where one has none."""
    sent = national_drug_codes(line)
    return bool(drug.ndc and sent and sent != {drug.ndc})
