"""Evidence records read from JSON Lines or CSV, and written back.

Unknown kinds and keys are errors: a misspelt key would be a fact that silently does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from rules.evidence import KINDS, Drug, EvidenceRecord, ProcedureNote, Site, Subject
from rules.evidence_field import (
    BadEvidence,
    Reading,
    check_keys,
    keys_of,
    text,
    values_of,
)

_ID = text(80)
_PERIODS = (("valid_from", "valid_to"), ("from_date", "to_date"),
            ("effective_from", "effective_to"))  # fmt: skip


def _subject_keys(record: type[EvidenceRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(k for keys in record.about for k in keys))


def _allowed_of(record: Any) -> dict[str, None]:
    return dict.fromkeys(["kind", *keys_of(record), *_subject_keys(record)])


# Worked out once for each kind. (A type is hashable, which mypy does not see.)
_allowed: Callable[[Any], dict[str, None]] = cache(_allowed_of)


def _subject(record: type[EvidenceRecord], found: Mapping[str, object]) -> Subject:
    keys = _subject_keys(record)
    given = {k: _ID.read(found[k], k) for k in keys if found.get(k) is not None}
    if given.keys() not in [set(k) for k in record.about]:
        wanted = ", or ".join(" and ".join(k) for k in record.about)
        raise BadEvidence("EVIDENCE_NO_SUBJECT", "", wanted)
    return Subject(**given)


def _record(kind: object) -> type[EvidenceRecord]:
    record = KINDS.get(kind) if isinstance(kind, str) else None
    if record is None:
        raise BadEvidence("EVIDENCE_UNKNOWN_KIND", "kind", "one of " + ", ".join(KINDS))
    return record


def parse(found: object) -> EvidenceRecord:
    """The record of one decoded JSON object.

    Raises: BadEvidence (and nothing else) for whatever is not a record of a known kind.
    """
    if not isinstance(found, dict):
        raise BadEvidence("EVIDENCE_NOT_AN_OBJECT", "", "a JSON object")
    record = _record(found.get("kind"))
    check_keys(found, _allowed(record), "")
    values = values_of(record, found)
    for first, last in _PERIODS:
        if first in values and last in values and values[first] > values[last]:
            raise BadEvidence("EVIDENCE_BAD_VALUE", "", "a period that ends after it begins")
    return record(subject=_subject(record, found), **values)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadEvidence("EVIDENCE_DUPLICATE_KEY", "", "every key once")
    return found


def parse_line(line: str) -> EvidenceRecord:
    """The record of one line of a ``.jsonl`` file.

    Raises: BadEvidence
    """
    try:
        found = json.loads(line, object_pairs_hook=_once, parse_float=Decimal)
    except BadEvidence:
        raise
    except (ValueError, RecursionError, ArithmeticError):
        raise BadEvidence("EVIDENCE_NOT_JSON", "", "one JSON object on a line") from None
    return parse(found)


def parse_csv_row(kind: str, row: Mapping[str | None, object]) -> EvidenceRecord:
    """The record of one row of ``<kind>.csv``; the header's names are the keys.

    A row of a ``procedure_note.csv`` is one site: its columns are those of the note and of the
    site, and ``drug_procedure_code`` with the other drug columns. :func:`merge_notes` joins them.

    Raises: BadEvidence
    """
    record = _record(kind)
    if isinstance(said := row.get("kind"), str) and said.strip() == kind:
        # The file's name says it already.
        row = {name: cell for name, cell in row.items() if name != "kind"}
    readings = {k: reading for k, (_, reading, _) in keys_of(record).items()}
    readings |= dict.fromkeys(_subject_keys(record), _ID)
    if record is not ProcedureNote:
        return parse({"kind": kind, **_cells(row, readings)})
    site = {k: r for k, (_, r, _) in keys_of(Site).items()}
    drug = {k: r for k, (_, r, _) in keys_of(Drug).items()}
    drug["drug_procedure_code"] = drug.pop("procedure_code")
    own = {k: r for k, r in readings.items() if k not in ("sites", "drugs")}
    found = _cells(row, own | site | drug)
    note: dict[str, object] = {k: v for k, v in found.items() if k in own}
    the_site = {k: v for k, v in found.items() if k in site}
    the_drug = {k: v for k, v in found.items() if k in drug}
    note["sites"] = [the_site] if the_site else []
    if "drug_procedure_code" in the_drug:
        the_drug["procedure_code"] = the_drug.pop("drug_procedure_code")
    note["drugs"] = [the_drug] if the_drug else []
    return parse({"kind": kind, **note})


def _cells(row: Mapping[str | None, object], readings: Mapping[str, Reading]) -> dict[str, object]:
    """The filled cells of a row as JSON would have carried them."""
    check_keys((k or "" for k in row), readings, "column")
    cells = {}
    for name, cell in row.items():
        if name is None or not isinstance(cell, str | None):
            raise BadEvidence("EVIDENCE_BAD_VALUE", "row", "as many cells as columns")
        if cell is not None and cell.strip():
            cells[name] = readings[name].from_text(cell.strip())
    return cells


def merge_notes(records: Iterable[EvidenceRecord]) -> tuple[EvidenceRecord, ...]:
    """The rows of a ``procedure_note.csv`` joined to one note a document, subject and day.

    Rows of another day of attestation are another note, which supersedes the first. What the rows
    say of the note itself comes from the first one; where they name different people who rendered,
    the note names none, and one that is withdrawn withdraws it whole. A drug is one record for each
    row that has it: whether equal ones are two vials or one written twice, no reader can tell.
    """
    merged: dict[tuple[Any, ...], EvidenceRecord] = {}
    for record in records:
        place = (record.document_id, record.subject, record.attested_on,
                 getattr(record, "service_date", None))  # fmt: skip
        first = merged.get(place)
        if isinstance(record, ProcedureNote) and isinstance(first, ProcedureNote):
            agree = record.rendering_npi in (None, first.rendering_npi)
            merged[place] = replace(
                first,
                sites=first.sites + record.sites,
                drugs=first.drugs + record.drugs,
                rendering_npi=first.rendering_npi if agree else None,
                withdrawn=first.withdrawn or record.withdrawn,
            )
        else:
            merged[place] = record
    return tuple(merged.values())


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Site | Drug):
        return _object(value)
    return value


def _object(record: Any) -> dict[str, object]:
    return {name: _plain(getattr(record, a)) for name, (a, _, _) in keys_of(type(record)).items()}


def to_json(record: EvidenceRecord) -> dict[str, object]:
    """The record as :func:`parse` takes it, every key written out."""
    subject = {k: v for k, v in record.subject._asdict().items() if v is not None}
    return {"kind": record.kind, **subject, **_object(record)}
