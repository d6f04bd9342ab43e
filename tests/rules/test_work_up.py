"""What a person has in hand for every way that is not a claim of ours."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cases.claims import ACME, AUTHORIZATION, DIAGNOSIS, NOTE, PART_B, claim, evidence, line
from edi.segment import Adjustment
from rules.classify import GROUPS, classify, reason_codes
from rules.decision import CORRECTED, PATHS, ClaimFacts, Decision, DeniedLine
from rules.evidence import KINDS
from rules.parameters import load
from rules.propose import propose
from rules.work_up import work_up

DRUG = {"procedure_code": "J1010", "milligrams": 40, "container": "multi_dose"}


def denied(
    code: str, group: str = "CO", remarks: tuple[str, ...] = (), kind: str = ""
) -> DeniedLine:
    meaning = classify(group, code, remarks, payer_kind=kind, allowed_amount=Decimal(0))
    return DeniedLine(
        line_position=1, group_code=group, reason_code=code, remark_codes=remarks,
        adjustments=(Adjustment(group, code, Decimal(100), None),), category=meaning.category,
        path=meaning.path, denied_amount=Decimal(100), charge_amount=Decimal(100),
        payment_amount=Decimal(0), allowed_amount=Decimal(0), denied_on=date(2026, 4, 1),
        claim_status_code="1", payer_claim_control_number="PCCN1",
    )  # fmt: skip


def told(folder: Path, line_: DeniedLine, *records, payer=ACME, billed=None, **more):
    on_claim = claim(folder, billed or line("64483"), **more)
    known = ClaimFacts(claim=on_claim, payer=payer, as_of=date(2026, 4, 20),
                       evidence=evidence(on_claim, *records))  # fmt: skip
    (decision,) = propose([line_], known)
    return decision, work_up(decision, known)


@pytest.mark.parametrize("group", sorted(GROUPS))
@pytest.mark.parametrize(
    "kind", ["commercial", "medicare_part_b", "medicare_advantage", "medicaid"]
)
def test_every_code_in_every_group_has_a_route_and_words(
    group: str, kind: str, tmp_path: Path
) -> None:
    """All of the shipped reason codes: a path, an explanation, and what a person needs."""
    payer = dataclasses.replace(ACME, kind=kind, replacement_claims=kind != "medicare_part_b")
    on_claim = claim(tmp_path, line("97110"))
    known = ClaimFacts(claim=on_claim, payer=payer, as_of=date(2026, 4, 20))
    for code, reason in reason_codes().items():
        if reason.is_denial == "N":
            continue
        (decision,) = propose([denied(code, group, kind=kind)], known)
        assert decision.path in PATHS and len(decision.explanation) > 20, code
        assert not decision.corrections
        if kind == "medicare_part_b":
            assert decision.path not in ("replacement", "void"), code
        if group in ("CO", "PI"):
            assert decision.path != "patient", code
        found = work_up(decision, known)
        assert (found is None) == (decision.path == "none"), code
        assert found is None or (found.title and found.needed)


def test_routes_are_of_codes_that_we_know() -> None:
    parameters = load("routes")
    assert set(parameters["reason"]) <= set(reason_codes())
    known = {r.category for r in reason_codes().values()} | set(reason_codes())
    assert set(load("work_ups")["records"]) <= known
    kinds = {k for ks in load("work_ups")["records"].values() for k in ks}
    assert kinds <= set(KINDS)


def test_reopening_has_a_worksheet_of_old_and_new(tmp_path: Path) -> None:
    note = {**NOTE, "sites": [], "drugs": [DRUG]}
    decision, found = told(tmp_path, denied("181", kind="medicare_part_b"), note, payer=PART_B,
                           billed=line("J1030"))  # fmt: skip
    assert (decision.path, decision.corrections) == ("reopening", ())
    assert found.title == "Medicare clerical error reopening"
    assert [(a.place, a.old_value, a.new_value) for a in found.worksheet] == [
        ("2400[1]/SV101-2", "J1030", "J1010"), ("2400[1]/SV104", "1", "40")]  # fmt: skip
    assert all(a.documents == ("DOC-1",) for a in found.worksheet)
    words = " ".join(found.needed)
    assert "PCCN1" in words and "PTAN" in words and "2027-04-01" in words


def test_redetermination_at_part_b_and_appeal_elsewhere(tmp_path: Path) -> None:
    _, found = told(tmp_path, denied("50", kind="medicare_part_b"), NOTE, payer=PART_B)
    assert found.title == "Medicare redetermination"
    words = " ".join(found.needed)
    assert "CMS-20027" in words and "Last day: 2026-07-30" in words
    assert "On file: procedure note DOC-1." in words and "conservative care" in words
    _, found = told(tmp_path, denied("50"), NOTE)
    assert found.title == "Appeal" and "CMS" not in " ".join(found.needed)


def test_records_asked_for_with_the_attachment_number(tmp_path: Path) -> None:
    _, found = told(tmp_path, denied("252", remarks=("N706",)), NOTE, DIAGNOSIS,
                    references="PWK*OZ*EL***AC*ACN1")  # fmt: skip
    words = " ".join(found.needed)
    assert "documents that were missing" in words and "(PWK06): ACN1" in words
    _, found = told(tmp_path, denied("252"))
    assert "announced no attachment" in " ".join(found.needed)


@pytest.mark.parametrize(("remarks", "title"), [((), "Patient"), (("N781",), "Another payer")])
def test_patient_unless_remarks_forbid_it(remarks, title: str, tmp_path: Path) -> None:
    _, found = told(tmp_path, denied("35", "PR", remarks))
    assert found.title == title
    assert ("must not be billed" in " ".join(found.needed)) == bool(remarks)


def test_a_qualified_medicare_beneficiary_is_billed_on_no_path(tmp_path: Path) -> None:
    """Whoever decides that the patient owes it: the remark forbids to bill."""
    known = ClaimFacts(claim=claim(tmp_path, line("64483")), payer=PART_B, as_of=date(2026, 4, 20))
    for remarks, title in ((), "Patient"), (("N781",), "Another payer"):
        found = work_up(
            Decision(line=denied("1", "PR", remarks), decision="routed", path="patient",
                     explanation="x"), known)  # fmt: skip
        assert found is not None and found.title == title
        assert any("must not be billed" in n for n in found.needed) == bool(remarks)


@pytest.mark.parametrize(
    ("patient", "payer", "refunds"),
    [("20", "0", ["The patient has paid something"]), ("0", "0.01", ["The payer paid something"]),
     ("0.01", "20", ["The patient has paid something", "The payer paid something"]),
     ("0", "0", [])],
)  # fmt: skip
def test_write_off_and_refund(patient, payer, refunds, tmp_path: Path) -> None:
    line_ = dataclasses.replace(denied("53"), payment_amount=Decimal(payer))
    _, found = told(tmp_path, line_, references=f"AMT*F5*{patient}")
    assert found.title == "Write-off" and "patient is not billed" in found.needed[0]
    assert [n.split(" on this")[0] for n in found.needed[1:]] == refunds


def test_missing_evidence_comes_first(tmp_path: Path) -> None:
    _, found = told(tmp_path, denied("197"))
    assert found.needed[0] == "Evidence to enter first: authorization."


def test_what_goes_as_a_claim_needs_no_work_up(tmp_path: Path) -> None:
    decision, found = told(tmp_path, denied("197"), AUTHORIZATION)
    assert decision.decision == CORRECTED and found is None


def test_nothing_to_do_needs_nothing(tmp_path: Path) -> None:
    on_claim = claim(tmp_path, line("64483"))
    known = ClaimFacts(claim=on_claim, payer=ACME, as_of=date(2026, 4, 20))
    done = Decision(line=denied("18"), decision="refused", path="none", explanation="paid")
    assert work_up(done, known) is None


@pytest.mark.parametrize(
    ("code", "remarks", "word"),
    [("288", (), "REF*9F"), ("243", (), "REF*9F"), ("22", (), "2430"),
     ("16", ("N290",), "never exchanged"),
     ("58", (), "never changed"), ("B7", (), "effective date"), ("8", (), "PRV")],
)  # fmt: skip
def test_routes_say_what_is_not_done_and_what_is(
    code: str, remarks, word: str, tmp_path: Path
) -> None:
    decision, _ = told(tmp_path, denied(code, remarks=remarks))
    assert word in decision.explanation and decision.corrections == ()


@pytest.mark.parametrize(
    ("code", "change", "word"),
    [("288", {"valid_to": "2026-03-13"}, "On file: referral DOC-1."),
     ("243", {"procedure_codes": ["62323"]}, "On file: referral DOC-1."),
     ("B7", {}, "On file: enrollment DOC-1.")],
)  # fmt: skip
def test_an_appeal_has_the_records_of_its_reason(code: str, change, word, tmp_path: Path) -> None:
    record = {
        "288": {"kind": "referral", "number": "R1", "referring_npi": "1999999984",
                "valid_from": "2026-03-01", "valid_to": "2026-05-30"},
        "B7": {"kind": "enrollment", "payer_id": "87726", "npi": "1999999984",
               "taxonomy_code": "208VP0014X", "effective_from": "2026-01-01"},
    }["B7" if code == "B7" else "288"]  # fmt: skip
    provider = "NM1*82*1*SAMPLE*PAT****XX*1999999984~PRV*PE*PXC*208VP0014X"
    decision, found = told(tmp_path, denied(code), {**record, **change}, provider=provider)
    assert decision.path == "appeal" and word in found.needed
