"""Every rule's cases: EDI in, and out the replacement's EDI, a refusal in words, or "not mine"."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from cases.reading import Case, cases, changed, facts_of, read_claim, segments
from rules.apply import apply
from rules.catalog import sections
from rules.decision import CORRECTED, NEEDS_EVIDENCE, REFUSED, ROUTED, Proposal
from rules.never import forbidden
from rules.new_claim import returned_lines
from rules.propose import propose
from rules.registry import ALL_RULES, rule

ALL_CASES = tuple(cases())
RESULTS = {"becomes", "refuses", "needs_evidence", "routes", "not_mine"}


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path) -> None:
    found = case.found
    assert len(RESULTS & found.keys()) == 1, "one result a case"
    facts, denied, texts = facts_of(case, tmp_path)
    assert denied, "the case's remittance denies nothing"
    answered = [line for line in denied if rule(case.rule).consider(line, facts) is not None]
    if found.get("not_mine"):
        assert not answered
        return
    decisions = [d for d in propose(denied, facts) if d.rule_code == case.rule]
    position = found.get("line")
    decision = next(d for d in decisions if position in (None, d.line.line_position))
    for word in found.get("says", []):
        assert word in decision.explanation
    if "path" in found:
        assert decision.path == found["path"]
    if "needs_evidence" in found:
        assert decision.decision == NEEDS_EVIDENCE
        assert list(decision.missing_evidence) == found["needs_evidence"]
    elif "refuses" in found or "routes" in found:
        assert decision.decision == (REFUSED if "refuses" in found else ROUTED)
        assert found.get("refuses", found.get("routes")) in decision.explanation
    else:
        assert decision.decision == CORRECTED, decision.explanation
        needs = found.get("needs_person", [])
        assert len(decision.needs_person) == len(needs), decision.needs_person
        assert all(n in w for n, w in zip(needs, decision.needs_person, strict=True))
        corrections = [c for d in decisions for c in d.corrections]
        number = decision.line.payer_claim_control_number
        assert number is not None
        if decision.path == "new_claim":
            number = None
        changes = apply(facts, corrections, path=decision.path)
        out = changed(texts, changes, number)
        assert out == segments(found["becomes"])
        member = next((c.new for c in changes if c.place == "2010BA/NM109"), None)
        assert member == found.get("member_id")
        taxonomy = next((c.new for c in changes if c.place == "2000A/PRV03"), None)
        assert taxonomy == found.get("billing_taxonomy")
        sequence = next((c.new for c in changes if c.place == "2000B/SBR01"), None)
        assert sequence == found.get("sequence")
        levels = {
            "taxonomy": taxonomy or found.get("taxonomy", ""),
            "sbr": f"SBR*{sequence}*18*******CI" if sequence else found.get("sbr", ""),
        }
        emitted, _ = read_claim(tmp_path, out, member=member or "W123456789", **levels)
        assert not forbidden(facts.claim, emitted, payer=facts.payer, corrections=corrections,
                             evidence=facts.evidence, lines=sorted(returned_lines(facts)) or None,
                             adjudications=facts.adjudications)  # fmt: skip
        if "safety" in found:
            assert decision.safety == found["safety"]


@pytest.mark.parametrize("one", ALL_RULES, ids=lambda one: one.code)
def test_every_rule_has_all_kinds_of_cases(one) -> None:
    kinds = Counter(k for c in ALL_CASES if c.rule == one.code for k in RESULTS & c.found.keys())
    assert kinds["not_mine"] and kinds["refuses"]
    assert bool(kinds["becomes"]) != sections(one)["Fix"].startswith("None")


def test_case_files_are_of_rules() -> None:
    assert {c.rule for c in ALL_CASES} == {r.code for r in ALL_RULES}


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_no_explanation_shows_patient_data(case: Case, tmp_path: Path) -> None:
    facts, denied, _ = facts_of(case, tmp_path)
    secret = {facts.claim.patient_control_number, "W123456789", "DOE", "JANE", "2026-0", "202603"}
    secret |= {getattr(e, "number", "W123456789") for e in facts.evidence}
    secret |= {"P000111222"}
    for decision in propose(denied, facts):
        shown = " ".join([decision.explanation, *decision.needs_person])
        assert shown and not any(s in shown for s in secret)


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_rules_answer_in_any_order_of_evidence(case: Case, tmp_path: Path) -> None:
    facts, denied, _ = facts_of(case, tmp_path)
    turned = dataclasses.replace(facts, evidence=facts.evidence[::-1])
    for one in ALL_RULES:
        for line in denied:
            a, b = one.consider(line, facts), one.consider(line, turned)
            assert type(a) is type(b)
            if isinstance(a, Proposal) and isinstance(b, Proposal):
                assert [c.new_value for c in a.corrections] == [c.new_value for c in b.corrections]
