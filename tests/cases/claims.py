"""Claims made of a few words, for tests that compare two of them."""

from __future__ import annotations

from pathlib import Path

from cases.reading import PAYER, evidence_of, read_claim
from edi.claim import Claim
from rules.decision import Correction
from rules.evidence import EvidenceRecord
from rules.payer import PayerProfile

ACME = PayerProfile(**PAYER)
PART_B = PayerProfile(name="Medicare", ids=("87726",), kind="medicare_part_b",
                      replacement_claims=False)  # fmt: skip
AUTHORIZATION = {"kind": "authorization", "number": "A1", "procedure_codes": ["64483"],
                 "valid_from": "2026-03-01", "valid_to": "2026-05-30", "units": 1,
                 "rendering_npi": "1234567893", "place_of_service": "11"}  # fmt: skip
EVALUATION = {"kind": "evaluation", "service_date": "2026-03-14",
              "separately_identifiable": True, "summary": "its own plan"}  # fmt: skip
NOTE = {"kind": "procedure_note", "service_date": "2026-03-14", "place_of_service": "24",
        "sites": [{"procedure_code": "64483"}]}  # fmt: skip
DIAGNOSIS = {"kind": "diagnosis", "service_date": "2026-03-14", "procedure_code": "64483",
             "codes": ["M54.17"]}  # fmt: skip


def line(service: str, charge: str = "100", units: str = "1", day: str = "20260314",
         place: str = "", pointers: str = "1", more: str = "") -> list[str]:  # fmt: skip
    """One service line's segments after LX."""
    return [f"SV1*HC:{service}*{charge}*UN*{units}*{place}**{pointers}",
            f"DTP*472*D8*{day}", *more.split("~")]  # fmt: skip


def claim(folder: Path, *lines: list[str], frequency: str = "1", references: str = "",
          diagnoses: str = "ABK:M5416", place: str = "11", provider: str = "",
          total: str | None = None) -> Claim:  # fmt: skip
    """A claim of these lines, as the reader has it."""
    charge = total or str(sum(int(x[0].split("*")[2]) for x in lines))
    segments = [f"CLM*PCN1*{charge}***{place}:B:{frequency}*Y*A*Y*Y",
                *references.split("~"), "HI*" + diagnoses, *provider.split("~")]  # fmt: skip
    for number, one in enumerate(lines, 1):
        segments += [f"LX*{number}", *one]
    return read_claim(folder, [s for s in segments if s])[0]


def filed(about: Claim, filing: str) -> Claim:
    """The claim with another line of business (SBR09)."""
    subscriber = about.subscriber
    assert subscriber.information is not None
    information = subscriber.information._replace(claim_filing_indicator_code=filing)
    return about._replace(subscriber=subscriber._replace(information=information))


def evidence(about: Claim, *records: dict[str, object]) -> tuple[EvidenceRecord, ...]:
    """Typed records about the claim."""
    return evidence_of([dict(r) for r in records], about)


def correction(place: str, old: str | None, new: str | None, *facts: EvidenceRecord) -> Correction:
    """A correction of no rule in particular."""
    return Correction(place=place, old_value=old, new_value=new, evidence=facts, rule_code="test",
                      rule_version=1, reason="a test")  # fmt: skip
