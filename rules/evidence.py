"""Facts from the chart as typed records: what a correction must stand on.

A record says what it is (``kind``), which document carries it, who attested it and when, and
whom it is about (:class:`Subject`). Read from JSON Lines or CSV by :func:`parse_line`,
:func:`parse` and :func:`parse_csv_row`; written back by :func:`to_json`. Unknown kinds and keys
are errors: a misspelt key would be a fact that silently does not count.
"""
# ruff: noqa: RUF009 - key() declares a field, as dataclasses.field() does.

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from rules.evidence_field import (
    DAY,
    YES_NO,
    BadEvidence,
    Reading,
    amount,
    check_keys,
    choice,
    key,
    list_of,
    text,
    whole,
)

__all__ = ["BadEvidence", "EvidenceRecord", "Subject", "parse", "parse_csv_row", "parse_line"]

_ID = text(80)
_CODE = text(5, r"[A-Za-z0-9]{5}", "a procedure code of 5 characters")
_REGION = choice("cervical", "thoracic", "lumbar", "sacral")
_LATERALITY = choice("left", "right", "bilateral", "midline")
_WORDS = text(200)


class Subject(NamedTuple):
    """What a record is about: one claim, or a member of a payer. The other part is None."""

    patient_control_number: str | None = None
    payer_id: str | None = None
    member_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """What every record has. ``subject`` with the same kind and document supersedes."""

    kind: ClassVar[str] = ""
    document_id: str = key(_ID)
    attested_by: str = key(_ID)
    attested_on: date = key(DAY)
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization(EvidenceRecord):
    """A number the payer issued before the service. None in units, provider, place: left open.

    ``units_used`` counts what earlier services took of ``units``.
    """

    kind: ClassVar[str] = "authorization"
    number: str = key(text(50, r"[!-~]+( [!-~]+)*", "1 to 50 characters that REF02 can carry"))
    procedure_codes: tuple[str, ...] = key(list_of(_CODE, 1))
    valid_from: date = key(DAY)
    valid_to: date = key(DAY)
    units: Decimal | None = key(amount(), None)
    rendering_npi: str | None = key(text(10, r"\d{10}", "an NPI of 10 digits"), None)
    place_of_service: str | None = key(text(2, r"\d{2}", "a place of service of 2 digits"), None)
    issued_on: date | None = key(DAY, None)
    status: str = key(choice("approved", "pended", "denied"), "approved")
    units_used: Decimal | None = key(amount(), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place that was treated, as the procedure note has it. None: the note does not say."""

    procedure_code: str = key(_CODE)
    region: str | None = key(_REGION, None)
    structure: str | None = key(_WORDS, None)
    levels: tuple[str, ...] = key(list_of(text(20)), ())
    laterality: str | None = key(_LATERALITY, None)
    session: int = key(whole(1), 1)
    imaging: str | None = key(choice("none", "fluoroscopy", "ct", "ultrasound"), None)
    images_saved: bool | None = key(YES_NO, None)
    contrast_confirmed: bool | None = key(YES_NO, None)
    muscles: tuple[str, ...] = key(list_of(_WORDS), ())
    needle_temperature_celsius: Decimal | None = key(amount(0, 150), None)
    needle_seconds: Decimal | None = key(amount(), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A drug that was given, in milligrams."""

    procedure_code: str = key(_CODE)
    milligrams: Decimal = key(amount())
    ndc: str | None = key(text(11, r"\d{11}", "an NDC of 11 digits"), None)
    wasted_milligrams: Decimal | None = key(amount(), None)
    container: str | None = key(choice("single_dose", "multi_dose"), None)


def _nested(record: type[Any]) -> Reading:
    def read(value: object, place: str) -> Any:
        if not isinstance(value, dict):
            raise BadEvidence("EVIDENCE_WRONG_TYPE", place, "an object")
        check_keys([str(k) for k in value], list(_keys(record)), place)
        return record(**_values(record, value, f"{place}."))

    return Reading(read, lambda cell: cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureNote(EvidenceRecord):
    """What was done on a day, site by site, and which drugs."""

    kind: ClassVar[str] = "procedure_note"
    service_date: date = key(DAY)
    sites: tuple[Site, ...] = key(list_of(_nested(Site)))
    drugs: tuple[Drug, ...] = key(list_of(_nested(Drug)), ())
    consent: bool | None = key(YES_NO, None)
    pain_before: Decimal | None = key(amount(0, 10), None)
    pain_after: Decimal | None = key(amount(0, 10), None)
    relief_percent: Decimal | None = key(amount(0, 100), None)
    anesthesia: str | None = key(_WORDS, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(EvidenceRecord):
    """Whether the visit was significant and separate from the procedure of the same day."""

    kind: ClassVar[str] = "evaluation"
    service_date: date = key(DAY)
    separately_identifiable: bool = key(YES_NO)
    summary: str = key(text(2000))
    excerpt: str | None = key(text(8000), None)
    page: int | None = key(whole(1), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis(EvidenceRecord):
    """Diagnoses that the chart documents for a procedure."""

    kind: ClassVar[str] = "diagnosis"
    service_date: date = key(DAY)
    procedure_code: str = key(_CODE)
    codes: tuple[str, ...] = key(list_of(text(8, r"[A-Z0-9.]{3,8}", "an ICD-10-CM code"), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticBlock(EvidenceRecord):
    """A test injection and how much it relieved."""

    kind: ClassVar[str] = "diagnostic_block"
    service_date: date = key(DAY)
    region: str | None = key(_REGION, None)
    structure: str | None = key(_WORDS, None)
    levels: tuple[str, ...] = key(list_of(text(20)), ())
    laterality: str | None = key(_LATERALITY, None)
    relief_percent: Decimal = key(amount(0, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConservativeCare(EvidenceRecord):
    """What was tried before, from when to when."""

    kind: ClassVar[str] = "conservative_care"
    care: str = key(_WORDS)
    from_date: date = key(DAY, name="from")
    to_date: date = key(DAY, name="to")
    outcome: str = key(_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PsychologicalEvaluation(EvidenceRecord):
    """Clearance for an implant."""

    kind: ClassVar[str] = "psychological_evaluation"
    service_date: date = key(DAY)
    cleared: bool = key(YES_NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberId(EvidenceRecord):
    """The member id that the payer's eligibility answer shows for this claim's patient."""

    kind: ClassVar[str] = "subscriber"
    member_id: str = key(text(80, r"[!-~]+( [!-~]+)*", "1 to 80 characters that NM109 can carry"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelyFilingProof(EvidenceRecord):
    """A report that shows on which day the payer took the claim in."""

    kind: ClassVar[str] = "timely_filing_proof"
    accepted_on: date = key(DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRule(EvidenceRecord):
    """A billing rule that takes something off a claim: ``document_id`` cites it.

    Never read from a file; it carries removals only, nothing that a claim would newly assert.
    """

    kind: ClassVar[str] = "published_rule"


KINDS: dict[str, type[EvidenceRecord]] = {
    record.kind: record
    for record in (
        Authorization,
        ProcedureNote,
        Evaluation,
        Diagnosis,
        DiagnosticBlock,
        ConservativeCare,
        PsychologicalEvaluation,
        SubscriberId,
        TimelyFilingProof,
    )
}
"""What may stand in ``kind``, and the record it is."""


def _keys(record: type[Any]) -> dict[str, tuple[str, Reading, Any]]:
    """Key in the file → field name, how it is read, default."""
    return {
        f.metadata["key"] or f.name: (f.name, f.metadata["reading"], f.default)
        for f in fields(record)
        if "reading" in f.metadata
    }


def _values(record: type[Any], found: Mapping[str, object], place: str = "") -> dict[str, Any]:
    values = {}
    for name, (attribute, reading, default) in _keys(record).items():
        value = found.get(name)
        if value is not None:
            values[attribute] = reading.read(value, place + name)
        elif default is MISSING:
            raise BadEvidence("EVIDENCE_MISSING_KEY", place + name, "a value")
    return values


def _subject_keys(record: type[EvidenceRecord]) -> tuple[str, ...]:
    # A subscriber record's member_id is the fact itself, so it is about a claim only.
    if record is SubscriberId:
        return ("patient_control_number",)
    return ("patient_control_number", "payer_id", "member_id")


def _subject(record: type[EvidenceRecord], found: Mapping[str, object]) -> Subject:
    keys = _subject_keys(record)
    given = {k: _ID.read(found[k], k) for k in keys if found.get(k) is not None}
    if given.keys() not in ({"patient_control_number"}, {"payer_id", "member_id"}):
        wanted = "patient_control_number" + (", or payer_id and member_id" if len(keys) > 1 else "")
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
    allowed = dict.fromkeys(["kind", *_keys(record), *_subject_keys(record)])
    check_keys([str(k) for k in found], list(allowed), "")
    values = _values(record, found)
    for first, last in (("valid_from", "valid_to"), ("from_date", "to_date")):
        if first in values and values[first] > values[last]:
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
    readings = {k: reading for k, (_, reading, _) in _keys(record).items()}
    readings |= dict.fromkeys(_subject_keys(record), _ID)
    if record is not ProcedureNote:
        return parse({"kind": kind, **_cells(row, readings)})
    site = {k: r for k, (_, r, _) in _keys(Site).items()}
    drug = {k: r for k, (_, r, _) in _keys(Drug).items()}
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
    check_keys([k or "" for k in row], list(readings), "column")
    cells = {}
    for name, cell in row.items():
        if name is None or not isinstance(cell, str | None):
            raise BadEvidence("EVIDENCE_BAD_VALUE", "row", "as many cells as columns")
        if cell is not None and cell.strip():
            cells[name] = readings[name].from_text(cell.strip())
    return cells


def merge_notes(records: Iterable[EvidenceRecord]) -> tuple[EvidenceRecord, ...]:
    """The rows of a ``procedure_note.csv`` joined to one note a document and subject.

    What the rows say of the note itself comes from the first one.
    """
    merged: dict[tuple[str, Subject], EvidenceRecord] = {}
    for record in records:
        place = (record.document_id, record.subject)
        first = merged.get(place)
        if isinstance(record, ProcedureNote) and isinstance(first, ProcedureNote):
            drugs = first.drugs + tuple(d for d in record.drugs if d not in first.drugs)
            merged[place] = replace(first, sites=first.sites + record.sites, drugs=drugs)
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
    return {name: _plain(getattr(record, a)) for name, (a, _, _) in _keys(type(record)).items()}


def to_json(record: EvidenceRecord) -> dict[str, object]:
    """The record as :func:`parse` takes it, every key written out."""
    subject = {k: v for k, v in record.subject._asdict().items() if v is not None}
    return {"kind": record.kind, **subject, **_object(record)}
