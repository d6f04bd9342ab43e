"""What the claim to the first payer must be like for its answer to be told to the second."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cases.reading import Case, cases, facts_of
from edi.claim import Claim
from edi.envelope import ByteRange
from edi.party import PatientLoop
from edi.segment import PatientInformation
from rules.coordination import relationship
from rules.decision import ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.library.coordination_primary_remittance import consider
from rules.primary_remittance import PrimaryRemittance

TELLS = next(c for c in cases() if c.rule == "coordination.primary-remittance")


def known(folder: Path, case: Case = TELLS) -> tuple[ClaimFacts, DeniedLine, PrimaryRemittance]:
    """The facts of a case that tells, its first denied line, and the first payer's answer."""
    facts, denied, _ = facts_of(case, folder)
    (primary,) = facts.on_file(PrimaryRemittance)
    return facts, denied[0], primary


def answer(
    facts: ClaimFacts, line: DeniedLine, primary: PrimaryRemittance, sent: Claim
) -> Outcome | None:
    """The rule's, where ``sent`` is what went to the first payer."""
    evidence = (dataclasses.replace(primary, claim=sent),)
    return consider(line, dataclasses.replace(facts, evidence=evidence))


def insured_as(sent: Claim, last_name: str) -> Claim:
    """The claim with another last name of the insured."""
    parties = tuple(
        p._replace(name=p.name._replace(last_or_organization_name=last_name))
        if p.name.entity_identifier_code == "IL"
        else p
        for p in sent.subscriber.parties
    )
    return sent._replace(subscriber=sent.subscriber._replace(parties=parties))


def test_a_name_that_would_end_its_element_is_not_told(tmp_path: Path) -> None:
    """A file may use other delimiters, and then a name may have one of ours."""
    facts, line, primary = known(tmp_path)
    assert primary.claim is not None
    assert isinstance(answer(facts, line, primary, primary.claim), Proposal)
    for character in "*~":
        found = answer(facts, line, primary, insured_as(primary.claim, f"DOE{character}"))
        assert isinstance(found, Refusal) and "a character that ends an element" in found.reason


def test_a_claim_that_names_no_patient_is_not_taken_for_the_first_payers(tmp_path: Path) -> None:
    facts, line, primary = known(tmp_path)
    assert primary.claim is not None
    others = tuple(
        p for p in facts.claim.subscriber.parties if p.name.entity_identifier_code != "IL"
    )
    nameless = facts.claim._replace(subscriber=facts.claim.subscriber._replace(parties=others))
    assert nameless.subscriber.subscriber is None
    about = dataclasses.replace(facts, claim=nameless)
    found = answer(about, line, primary, primary.claim)
    assert isinstance(found, Refusal) and "of another patient" in found.reason


def test_a_dependent_is_related_as_the_patients_own_loop_says(tmp_path: Path) -> None:
    """SBR02 is of the insured; where the patient is another one, PAT01 tells."""
    _, _, primary = known(tmp_path)
    assert primary.claim is not None and relationship(primary.claim) == "18"
    child = PatientInformation("19", None, None, None, None)
    patient = PatientLoop(child, (), (), ByteRange(0, 0))
    assert relationship(primary.claim._replace(patient=patient)) == "19"
    untold = patient._replace(information=None)
    assert relationship(primary.claim._replace(patient=untold)) == "18"
