"""Facts from the chart as typed records: what a correction must stand on.

A record says what it is (``kind``), which document carries it, who attested it and when, and
whom it is about (:class:`Subject`). :mod:`rules.evidence_reading` reads and writes them.
"""
# ruff: noqa: RUF009 - key() declares a field, as dataclasses.field() does.

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple

from edi.npi import is_valid
from rules.evidence_field import (
    DAY,
    YES_NO,
    amount,
    choice,
    key,
    list_of,
    nested,
    text,
    whole,
)

_ID = text(80)
_NPI = text(10, r"\d{10}", "an NPI of 10 digits")
_TRUE_NPI = text(10, "", "an NPI of 10 digits whose check digit is right", is_valid)
_PLACE = text(2, r"\d{2}", "a place of service of 2 digits")
# X12's basic and extended characters without the delimiters that claims are written with; a blank
# may stand between two of them (005010, appendix B.1.1.2).
_SIGN = r"[A-Za-z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$]"
_WRITABLE = rf"{_SIGN}+( {_SIGN}+)*"
_NUMBER = text(50, _WRITABLE, "1 to 50 characters that REF02 can carry, none of ~ * : ^")
# Letter, digit, letter or digit, and behind a dot (or without one) up to four more.
_ICD_10 = text(8, r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", "an ICD-10-CM code")
_CODE = text(5, r"[A-Za-z0-9]{5}", "a procedure code of 5 characters")
_REGION = choice("cervical", "thoracic", "lumbar", "sacral")
_LATERALITY = choice("left", "right", "bilateral", "midline")
_WORDS = text(200)


class Subject(NamedTuple):
    """What a record is about: one claim, or a member or provider of a payer; the rest is None."""

    patient_control_number: str | None = None
    payer_id: str | None = None
    member_id: str | None = None
    npi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """What every record has. ``subject`` with the same kind and document supersedes.

    ``about``: the keys that say whom it is about, one of these sets. ``withdrawn``: it never was
    so, as where it was filed under a wrong member; it supersedes like any other, with nothing.
    """

    kind: ClassVar[str] = ""
    about: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("patient_control_number",),
        ("payer_id", "member_id"),
    )
    document_id: str = key(_ID)
    attested_by: str = key(_ID)
    attested_on: date = key(DAY)
    withdrawn: bool = key(YES_NO, False)
    subject: Subject

    @property
    def served_by(self) -> date | None:
        """The day by which its claim had been served; None where the record need not come after.

        Practices use patient control numbers again: what is older than a claim is of another one.
        """
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization(EvidenceRecord):
    """A number the payer issued before the service. None in units, provider, place: left open.

    ``units_used`` counts what earlier services took of ``units``.
    """

    kind: ClassVar[str] = "authorization"
    number: str = key(_NUMBER)
    procedure_codes: tuple[str, ...] = key(list_of(_CODE, 1))
    valid_from: date = key(DAY)
    valid_to: date = key(DAY)
    units: Decimal | None = key(amount(), None)
    rendering_npi: str | None = key(_NPI, None)
    place_of_service: str | None = key(_PLACE, None)
    issued_on: date | None = key(DAY, None)
    status: str = key(choice("approved", "pended", "denied"), "approved")
    units_used: Decimal | None = key(amount(), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(EvidenceRecord):
    """The number under which a physician sent the patient, as the payer or that office gave it.

    ``units`` counts what it names: units of its ``procedure_codes``, or visits where it names no
    codes and so stands for all; ``units_used`` what earlier services took of them. None: it does
    not say. ``issued_on``: the day it was given; None where not known.
    """

    kind: ClassVar[str] = "referral"
    number: str = key(_NUMBER)
    valid_from: date = key(DAY)
    valid_to: date = key(DAY)
    referring_npi: str = key(_NPI)
    procedure_codes: tuple[str, ...] = key(list_of(_CODE), ())
    units: Decimal | None = key(amount(), None)
    units_used: Decimal | None = key(amount(), None)
    issued_on: date | None = key(DAY, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment(EvidenceRecord):
    """A provider in a payer's own file: the taxonomy code it is enrolled with, and from when.

    ``effective_to`` None: still. About a provider at a payer, not about a patient.
    """

    kind: ClassVar[str] = "enrollment"
    about = (("payer_id", "npi"),)
    npi: str = key(_NPI)
    taxonomy_code: str = key(text(10, r"[0-9]{3}[A-Z0-9]{6}X", "a taxonomy code of 10 characters"))
    effective_from: date = key(DAY)
    effective_to: date | None = key(DAY, None)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureNote(EvidenceRecord):
    """What was done on a day, where, site by site, and which drugs.

    ``place_of_service``: CMS's code of where the patient was; ``rendering_npi``: who did it. None
    where the note does not say.
    """

    kind: ClassVar[str] = "procedure_note"
    service_date: date = key(DAY)
    sites: tuple[Site, ...] = key(list_of(nested(Site)))
    drugs: tuple[Drug, ...] = key(list_of(nested(Drug)), ())
    consent: bool | None = key(YES_NO, None)
    pain_before: Decimal | None = key(amount(0, 10), None)
    pain_after: Decimal | None = key(amount(0, 10), None)
    relief_percent: Decimal | None = key(amount(0, 100), None)
    anesthesia: str | None = key(_WORDS, None)
    place_of_service: str | None = key(_PLACE, None)
    rendering_npi: str | None = key(_TRUE_NPI, None)


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
    codes: tuple[str, ...] = key(list_of(_ICD_10, 1))


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


ASKED_AHEAD = 30
"""Days before a visit in which its eligibility is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberId(EvidenceRecord):
    """The member id that the payer's eligibility answer shows for this claim's patient."""

    kind: ClassVar[str] = "subscriber"
    # The member id is the fact itself, so the record is about a claim only.
    about = (("patient_control_number",),)

    @property
    def served_by(self) -> date | None:
        """Practices ask before the visit, so an answer is of a claim some weeks later too."""
        return date.fromordinal(
            min(self.attested_on.toordinal() + ASKED_AHEAD, date.max.toordinal())
        )

    member_id: str = key(
        text(80, rf"(?=..){_WRITABLE}", "2 to 80 characters that NM109 can carry, none of ~ * : ^")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelyFilingProof(EvidenceRecord):
    """A report that shows on which day the payer took the claim in."""

    kind: ClassVar[str] = "timely_filing_proof"
    accepted_on: date = key(DAY)

    @property
    def served_by(self) -> date | None:  # noqa: D102 - see EvidenceRecord
        return self.accepted_on


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
        Referral,
        Enrollment,
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
