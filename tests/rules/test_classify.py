"""What every reason code means, in every group; what a denied line is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from edi.segment import Adjustment
from rules.classify import (
    CATEGORIES,
    GROUPS,
    classify,
    deny,
    derived_allowed_amount,
    is_silent,
    label,
    reason_codes,
)
from rules.decision import PATHS

CODES = sorted(reason_codes())


def cas(text: str) -> list[Adjustment]:
    """``CO-197 80, CO-45 20`` as adjustments."""
    found = []
    for part in filter(None, text.split(",")):
        code, amount = part.split()
        group, reason = code.split("-")
        found.append(Adjustment(group, reason, Decimal(amount), None))
    return found


def test_all_codes_are_there() -> None:
    assert len(CODES) == 209
    assert all(label(code) for code in CODES)


@pytest.mark.parametrize("group", sorted(GROUPS))
@pytest.mark.parametrize("code", CODES)
def test_every_code_in_every_group(code: str, group: str) -> None:
    known = reason_codes()[code]
    for kind in (None, "commercial", "medicare_part_b", "medicare_advantage", "medicaid"):
        for allowed in (None, Decimal(0), Decimal(10)):
            found = classify(group, code, allowed_amount=allowed, payer_kind=kind)
            assert found.known
            assert found.category == known.category and found.category in CATEGORIES
            assert found.path in PATHS
            denies = {"Y": True, "N": False, "cond": allowed == 0}[known.is_denial]
            assert found.is_denial is denies
            if denies:
                assert found.path != "none" or (known.is_denial, known.path) == ("Y", "none")
            if known.is_denial == "Y" and known.path == "none":
                assert found.path == "none"
            if denies and kind == "medicare_part_b":
                assert found.path not in ("replacement", "void")
            if group in ("CO", "PI"):
                assert found.path != "patient"
            if kind is None:
                vague = (denies, known.is_denial, known.path) == (True, "cond", "none")
                others = ("CO", "PI", "OA", "CR") if known.is_denial == "Y" else ("CO", "PI")
                not_his = known.path == "patient" and group in others
                assert found.path == ("review" if vague or not_his else known.path)


def test_contractual_and_patient_share_are_no_denials() -> None:
    for code in ("1", "2", "3", "45", "44", "131", "144", "223", "253", "23", "94"):
        assert not classify("PR", code).is_denial
        assert not classify("CO", code, allowed_amount=Decimal(0)).is_denial


@pytest.mark.parametrize("code", ["", "9999", "CO", "0197", "p1"])
def test_unknown_code_goes_to_review(code: str) -> None:
    assert classify("CO", code) == ("other", True, "review", False)


@pytest.mark.parametrize(
    ("code", "remark", "category", "path"),
    [
        ("16", "", "missing_information", "replacement"),
        ("16", "MA61", "missing_information", "new_claim"),
        ("16", "MA04", "missing_information", "bill_other_payer"),
        ("16", "N706", "missing_information", "documentation"),
        ("125", "MA61", "missing_information", "new_claim"),
        ("96", "", "non_covered", "review"),
        ("96", "N115", "non_covered", "appeal"),
        ("96", "N362", "non_covered", "review"),
        ("97", "M15", "bundling", "review"),
        ("A1", "N54", "prior_authorization", "replacement"),
        ("A1", "N115", "medical_necessity", "appeal"),
        ("A1", "N1", "other", "review"),
        ("226", "M127", "documentation_request", "documentation"),
        ("252", "N706", "documentation_request", "documentation"),
        ("252", "MA61", "documentation_request", "documentation"),
        ("226", "N479", "documentation_request", "bill_other_payer"),
        ("252", "MA04", "documentation_request", "bill_other_payer"),
        ("96", "N657", "non_covered", "replacement"),
        ("96", "N30", "non_covered", "review"),
        ("16", "N517", "missing_information", "new_claim"),
        ("97", "N706", "bundling", "documentation"),
        ("A1", "N30", "eligibility", "review"),
        ("A1", "M119", "coding", "replacement"),
        ("197", "MA61", "prior_authorization", "replacement"),
    ],
)
def test_a_remark_says_what_a_vague_reason_does_not(
    code: str, remark: str, category: str, path: str
) -> None:
    """The first that says anything decides; beside a reason that is clear none does."""
    found = classify("CO", code, ["N1", remark] if remark else [])
    assert (found.category, found.path, found.is_denial) == (category, path, True)
    assert classify("CO", code, ["N1", remark, "M51"]).path == path or not remark or remark == "N1"


@pytest.mark.parametrize(
    ("code", "path"), [("15", "replacement"), ("125", "replacement"), ("138", "none")]
)
def test_what_is_no_longer_issued_still_means_what_it_did(code: str, path: str) -> None:
    found = classify("CO", code)
    assert found.known and (found.is_denial, found.path) == (True, path)
    assert not classify("CO", "25").is_denial


def test_unknown_group_goes_to_review() -> None:
    assert classify("XX", "50") == ("medical_necessity", True, "review", False)
    assert not classify("XX", "45").is_denial


def test_unprocessable_at_medicare_part_b_is_a_new_claim() -> None:
    assert classify("CO", "16", ["MA130"], payer_kind="medicare_part_b").path == "new_claim"
    assert classify("CO", "16", ["MA130"], payer_kind="medicare_advantage").path == "replacement"
    assert classify("CO", "16", ["N290"], payer_kind="medicare_part_b").path == "reopening"
    # What denies nothing was not returned.
    assert classify("CO", "45", ["MA130"], payer_kind="medicare_part_b").path == "none"


@pytest.mark.parametrize("remark", ["N781", "N782", "N783"])
def test_qualified_beneficiary_is_not_billed(remark: str) -> None:
    assert classify("PR", "1").path == "patient"
    assert classify("PR", "1", [remark]).path == "bill_other_payer"


@pytest.mark.parametrize(
    ("adjustments", "charge", "paid", "expected"),
    [
        ("CO-197 100", 100, 0, ("CO", "197", 100, "prior_authorization", "replacement", "denial")),
        ("CO-45 20,CO-50 80", 100, 0, ("CO", "50", 80, "medical_necessity", "appeal", "denial")),
        ("CO-50 40,CO-97 60", 100, 0, ("CO", "97", 100, "bundling", "review", "denial")),
        ("CO-50 50,CO-97 50", 100, 0, ("CO", "50", 100, "medical_necessity", "appeal", "denial")),
        ("CO-45 50,CO-151 30", 100, 20, ("CO", "151", 30, "frequency", "appeal", "denial")),
        ("CO-59 100", 100, 0, ("CO", "59", 100, "contractual", "review", "denial")),
        ("CO-59 50", 100, 50, None),
        ("CO-59 40,PR-2 60", 100, 0, None),
        ("CO-59 40,PR-27 60", 100, 0, ("PR", "27", 100, "eligibility", "review", "denial")),
        ("PR-1 100", 100, 0, None),
        ("PR-1 60,CO-45 40", 100, 0, None),
        ("CO-45 40", 100, 60, None),
        ("CO-45 100", 100, 0, ("CO", "45", 100, "contractual", "review", "silent")),
        ("CO-45 80,CO-253 20", 100, 0, None),
        ("OA-23 100", 100, 0, None),
        ("OA-133 100", 100, 0, ("OA", "133", 100, "other", "hold", "pended")),
        ("OA-257 60,CO-45 40", 100, 0, ("OA", "257", 60, "other", "hold", "pended")),
        ("OA-133 40", 100, 60, ("OA", "133", 40, "other", "hold", "pended")),
        ("OA-133 0,CO-45 40", 100, 60, None),
        ("OA-133 0", 100, 0, ("OA", "133", 0, "other", "hold", "pended")),
        ("OA-133 100,CO-97 0", 100, 0, ("OA", "133", 100, "other", "hold", "pended")),
        ("CO-45 100,CO-59 0", 100, 0, ("CO", "45", 100, "contractual", "review", "silent")),
        ("CO-45 100,CO-97 0", 100, 0, ("CO", "97", 100, "bundling", "review", "denial")),
        ("CO-45 100,PR-3 0", 100, 0, ("CO", "45", 100, "contractual", "review", "silent")),
        ("CO-45 100,OA-23 0", 100, 0, ("CO", "45", 100, "contractual", "review", "silent")),
        ("CO-45 20,OA-100 80", 100, 0, None),
        ("CO-45 20,OA-187 80", 100, 0, None),
        ("OA-209 100", 100, 0, None),
        ("OA-94 100", 100, 0, None),
        ("CO-253 100", 100, 0, None),
        ("CO-P12 100", 100, 0, ("CO", "P12", 100, "other", "review", "silent")),
        ("", 100, 0, ("", "", 100, "other", "review", "silent")),
        ("", 100, 60, None),
        ("", 0, 0, None),
        ("OA-B11 100", 100, 0, ("OA", "B11", 100, "other", "hold", "pended")),
        ("CO-59 30,CO-45 70", 100, 0, ("CO", "59", 30, "contractual", "review", "denial")),
        ("CO-45 0", 0, 0, None),
        ("CO-45 -100", -100, 0, None),
        ("CO-45 0.01", "0.01", 0, ("CO", "45", Decimal("0.01"), "contractual", "review", "silent")),
        ("PR-45 100", 100, 0, None),
        ("OA-101 100", 100, 0, None),
        ("CO-97 0,CO-45 40", 100, 60, None),
        ("OA-94 -30,CO-45 30", 100, 100, None),
        ("CO-97 -100", -100, 0, None),
        ("CO-ZZ9 100", 100, 0, ("CO", "ZZ9", 100, "other", "review", "denial")),
    ],
)
def test_what_a_denied_line_is(adjustments: str, charge: int | str, paid: int, expected) -> None:
    found = deny(cas(adjustments), [], Decimal(charge), Decimal(paid))
    assert found == expected


@pytest.mark.parametrize(
    ("adjustments", "allowed"),
    [
        ("PR-1 10,PR-2 5,PR-3 1", 66),
        ("CO-1 10", 50),
        ("PR-45 10", 50),
        ("CO-253 1", 51),
        ("OA-23 20", 70),
        ("CO-23 20", 50),
        ("OA-94 20", 50),
        ("CO-45 50", 50),
    ],
)
def test_allowed_is_what_was_paid_and_what_patient_and_prior_payer_bear(
    adjustments: str, allowed: int
) -> None:
    assert derived_allowed_amount(Decimal(50), cas(adjustments)) == allowed


def test_silent_denial_needs_a_primary_payer_that_kept_the_claim() -> None:
    line = cas("CO-45 100")
    assert deny(line, [], Decimal(100), Decimal(0), is_primary=False) is None
    assert deny(line, [], Decimal(100), Decimal(0), is_forwarded=True) is None
    assert deny(line, [], Decimal(100), Decimal(0), Decimal(70)) is None


def test_what_the_payer_passed_on_waits_for_the_next_one() -> None:
    for adjustments, path, passed_on in (
        ("PR-35 100", "patient", "hold"),
        ("CO-22 100", "bill_other_payer", "hold"),
        ("CO-197 100", "replacement", "replacement"),
    ):
        for is_forwarded, expected in ((False, path), (True, passed_on)):
            found = deny(cas(adjustments), [], Decimal(100), Decimal(0), is_forwarded=is_forwarded)
            assert found is not None and found.path == expected


def test_nothing_paid_without_a_word_is_for_a_person() -> None:
    assert deny([], [], Decimal(100), Decimal(0))[:] == ("", "", 100, "other", "review", "silent")
    found = deny([], ["N382"], Decimal(100), Decimal(0))
    assert found is not None and (found.category, found.path) == ("eligibility", "review")
    assert deny([], [], Decimal(0), Decimal(0)) is None
    assert deny([], [], Decimal(100), Decimal(100)) is None
    assert deny([], [], Decimal(100), Decimal(0), is_primary=False) is None


@pytest.mark.parametrize(
    ("adjustments", "silent"),
    [
        ("CO-45 100", True), ("CO-45 60,CO-253 40", True), ("CO-P12 100", True), ("", True),
        ("CO-45 100,CO-197 0", True), ("CO-45 100,OA-23 0", True),
        ("CO-197 100", False), ("PR-45 100", False), ("OA-100 100", False), ("CO-133 100", False),
        ("CO-ZZ9 100", False), ("CO-45 60,OA-23 40", False), ("CO-275 100", False),
    ],
)  # fmt: skip
def test_what_takes_everything_in_silence(adjustments: str, silent: bool) -> None:
    assert is_silent(cas(adjustments), 0, 0) is silent
    back = [a._replace(amount=-a.amount) for a in cas(adjustments)]
    assert is_silent(back, Decimal(0), Decimal(0)) is silent
    assert not is_silent(cas(adjustments), 1, 0)
    assert not is_silent(cas(adjustments), 0, 1)


def test_a_code_without_an_amount_names_what_a_write_off_of_everything_does_not() -> None:
    found = deny(cas("CO-45 100,CO-197 0"), [], Decimal(100), Decimal(0))
    assert found == ("CO", "197", 100, "prior_authorization", "replacement", "denial")


def test_a_reduction_of_what_was_paid_denies_nothing_whatever_amount_is_said_to_be_allowed() -> (
    None
):
    assert deny(cas("CO-59 50"), [], Decimal(100), Decimal(50), Decimal(0)) is None
    assert deny(cas("CO-59 100"), [], Decimal(100), Decimal(0), Decimal(0)) is not None
