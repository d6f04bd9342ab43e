"""Whose records count for a claim, and which answers of a rule are none."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from cases.claims import ACME, claim, correction, evidence, line
from rules.decision import ClaimFacts, Proposal, Refusal, Route
from rules.evidence import Subject

MEMBER = "W123456789"


@pytest.mark.parametrize(
    ("subject", "about"),
    [
        (Subject(payer_id="87726", member_id=MEMBER), True),
        (Subject(payer_id=" acme1 ", member_id=MEMBER), True),
        (Subject(payer_id="99999", member_id=MEMBER), False),
        (Subject(payer_id="87726", member_id="W123456780"), False),
        (Subject(member_id=MEMBER), False),
        (Subject(payer_id="87726", npi="1234567893"), True),
        (Subject(payer_id="99999", npi="1234567893"), False),
        (Subject(payer_id="87726", npi="1999999984"), False),
        (Subject(patient_control_number="PCN1"), True),
        (Subject(patient_control_number="PCN2"), False),
    ],
)
def test_whose_records_are_about_a_claim(subject: Subject, about: bool, tmp_path: Path) -> None:
    """Its own, its member's or its providers' at its payer, by any of the payer's ids."""
    payer = dataclasses.replace(ACME, ids=("ACME1",))
    facts = ClaimFacts(claim=claim(tmp_path, line("64483")), payer=payer, as_of=date(2026, 4, 20))
    assert facts.is_about(subject) == about


@pytest.mark.parametrize("named", [True, False])
def test_of_a_claim_without_its_payers_id_the_profiles_count(named: bool, tmp_path: Path) -> None:
    """The payer may be named without an id, or not at all."""
    billed = claim(tmp_path, line("64483"))
    parties = tuple(
        p._replace(name=p.name._replace(identification_code=None))
        for p in billed.subscriber.parties
        if named or p.name.entity_identifier_code != "PR"
    )
    insured = next(p for p in billed.subscriber.parties if p.name.entity_identifier_code == "IL")
    parties = (insured, *(p for p in parties if p.name.entity_identifier_code != "IL"))
    billed = billed._replace(subscriber=billed.subscriber._replace(parties=parties))
    facts = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20))
    assert facts.is_about(Subject(payer_id="87726", member_id=MEMBER))
    nobody = dataclasses.replace(facts, payer=dataclasses.replace(ACME, ids=()))
    assert not nobody.is_about(Subject(payer_id="87726", member_id=MEMBER))
    assert not nobody.is_about(Subject(member_id=MEMBER))


@pytest.mark.parametrize(("day", "older"), [(13, True), (14, False), (15, False)])
def test_a_record_of_the_day_before_the_claim_is_of_an_earlier_one(
    day: int, older: bool, tmp_path: Path
) -> None:
    billed = claim(tmp_path, line("64483"), line("99213", day="20260316"))
    facts = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20))
    proof = {"kind": "timely_filing_proof", "accepted_on": f"2026-03-{day}"}
    (record,) = evidence(billed, proof)
    assert facts.is_older(record) == older
    on_file = dataclasses.replace(facts, evidence=(record,)).on_file(type(record))
    assert bool(on_file) != older


def test_an_answer_without_a_change_or_a_way_is_none(tmp_path: Path) -> None:
    note = {"kind": "procedure_note", "service_date": "2026-03-14", "sites": []}
    change = correction("2300/REF*G1", None, "A1",
                        *evidence(claim(tmp_path, line("64483")), note))  # fmt: skip
    assert Proposal(corrections=(change,), explanation="x").path == "replacement"
    for nothing in ({"corrections": ()}, {"corrections": (change,), "path": "by_post"}):
        with pytest.raises(ValueError, match="corrections and a path"):
            Proposal(explanation="x", **nothing)
    for kind in (Refusal, Route):
        assert kind("x", "review").path == "review"
        with pytest.raises(ValueError, match="is no path"):
            kind("x", "by_post")
