"""What a reviewer is shown of a correction: the record that carries it, and the line as it goes.

Only here are a record's own facts shown, the excerpt of a note too: who approves has to read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from edi.change import COMPOSITES, parse_place
from edi.element import Delimiters
from rules.evidence import KINDS, Drug, EvidenceRecord, Site
from rules.evidence_field import keys_of

_SAID_ALREADY = frozenset(("document_id", "attested_by", "attested_on", "withdrawn"))
_PERSONS = frozenset(("member_id",))


def in_words(record: EvidenceRecord) -> str:
    """A record as one line: which, who says so since when, and each fact that it has.

    Identifiers of people by their last four characters.
    """
    said = (
        f"{record.kind.replace('_', ' ')} {record.document_id}, attested by {record.attested_by} "
        f"on {record.attested_on}"
    )
    facts = _facts(record) if record.kind in KINDS else ""
    return f"{said}: {facts}" if facts else said


def _facts(record: Any) -> str:
    told = []
    for attribute, _, _ in keys_of(type(record)).values():
        value = getattr(record, attribute)
        if attribute in _SAID_ALREADY or value is None or value == ():
            continue
        shown = f"…{value[-4:]}" if attribute in _PERSONS else _shown(value)
        told.append(f"{attribute.replace('_', ' ')} {shown}")
    return ", ".join(told)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Site | Drug):
        return f"({_facts(value)})"
    if isinstance(value, tuple):
        return " ".join(map(_shown, value))
    return str(value)


def line_with(
    original: str, delimiters: Delimiters, position: int, changes: Iterable[tuple[str, str | None]]
) -> tuple[str, list[str]]:
    """An SV1 with the changes of its own elements, and the places of the changes that are not.

    ``changes`` are places with what comes to stand there.
    """
    elements, others = original.split(delimiters.element), []
    for place, new in changes:
        at = parse_place(place)
        if (at.loop, at.nth, at.segment) != ("2400", position, "SV1"):
            others.append(place)
            continue
        elements += [""] * (at.element + 1 - len(elements))
        if at.component:
            parts = elements[at.element].split(delimiters.component)
            parts += [""] * (at.component - len(parts))
            parts[at.component - 1] = new or ""
            elements[at.element] = delimiters.component.join(parts).rstrip(delimiters.component)
        else:
            text = new or ""
            is_composite = f"{at.segment}{at.element:02}" in COMPOSITES
            elements[at.element] = text.replace(":", delimiters.component) if is_composite else text
    return delimiters.element.join(elements), others
