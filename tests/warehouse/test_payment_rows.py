"""What a CLP, an SVC and a PLB say, as the tables have it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.reading import read_payment, segments
from edi.payment_segment import ProviderLevelAdjustment
from edi.read_835 import UnreadableRemittance
from edi.remittance import ClaimPayment
from warehouse.payment_rows import claim_level_row, claim_row, provider_row, service_row

CLP = "CLP*PCN1*{status}*450*{paid}**12*ICN1*11*1~{patient}{more}{services}"
PATIENT = "NM1*QC*1*DOE*JANE****MI*W123456789~"
SVC = "SVC*HC:64483:RT*450*{paid}**1~{day}CAS*CO*45*{cut}~"


def read(folder: Path, **more: str) -> ClaimPayment:
    values = {"status": "1", "paid": "100", "patient": PATIENT, "more": "", "day": "",
              "cut": "350", "services": SVC}  # fmt: skip
    values |= more
    values["services"] = values["services"].format(**values)
    return read_payment(folder, segments(CLP.format(**values)))


def service(payment: ClaimPayment, *, sign: int = 1, is_reversal: bool = False) -> dict[str, Any]:
    [told] = payment.service_payments
    return service_row(told, told.adjustments, payment, 1, True, sign, is_reversal)


@pytest.mark.parametrize(
    ("more", "day", "expected"),
    [
        ("", "DTM*472*20260303~", date(2026, 3, 3)),
        ("DTM*232*20260302~", "DTM*472*20260303~", date(2026, 3, 3)),
        ("DTM*232*20260302~", "", date(2026, 3, 2)),
        ("DTM*232*20260302~DTM*233*20260302~", "", date(2026, 3, 2)),
        ("DTM*232*20260302~DTM*233*20260309~", "", None),
        ("", "", None),
    ],
)
def test_a_service_has_its_own_day_or_the_claim_s_only_one(
    tmp_path: Path, more: str, day: str, expected: date | None
) -> None:
    payment = read(tmp_path, more=more, day=day)
    assert service(payment)["service_date"] == expected


@pytest.mark.parametrize(
    ("more", "days", "expected"),
    [
        ("DTM*232*20260305~", ("20260303",), date(2026, 3, 5)),
        ("", ("20260304", "20260303"), date(2026, 3, 3)),
        ("", ("", "20260303"), date(2026, 3, 3)),
        ("", ("", ""), None),
    ],
)
def test_a_claim_has_its_own_day_or_the_first_of_its_services(
    tmp_path: Path, more: str, days: tuple[str, ...], expected: date | None
) -> None:
    services = "".join(
        "SVC*HC:64483*225*50**1~" + (f"DTM*472*{day}~" if day else "") + "CAS*CO*45*175~"
        for day in days
    )
    row = claim_row(read(tmp_path, more=more, services=services), {}, 45000, 10000, ())
    assert (row["service_date"], row["patient_name"]) == (expected, "DOE|JANE")


def test_a_claim_without_a_patient_s_name_has_none(tmp_path: Path) -> None:
    row = claim_row(read(tmp_path, patient=""), {"claim_payment_id": 7}, 45000, 10000, ())
    assert (row["patient_name"], row["member_id"], row["claim_payment_id"]) == (None, None, 7)


@pytest.mark.parametrize(
    ("stated", "sign", "is_reversal", "expected"),
    [
        ("", 1, False, (10000, "calculated")),
        ("AMT*B6*120~", 1, False, (12000, "AMT*B6")),
        ("AMT*B6*120~", 1, True, (-12000, "AMT*B6")),
        ("AMT*B6*-120~", 1, True, (-12000, "AMT*B6")),
        # The reversal that lacks its minus: the row's sign takes it back.
        ("AMT*B6*120~", -1, True, (-12000, "AMT*B6")),
        ("", -1, True, (-10000, "calculated")),
    ],
)
def test_a_reversal_takes_back_what_was_allowed_however_it_writes_it(
    tmp_path: Path, stated: str, sign: int, is_reversal: bool, expected: tuple[int, str]
) -> None:
    row = service(read(tmp_path, services=SVC + stated), sign=sign, is_reversal=is_reversal)
    assert (row["allowed_cents"], row["allowed_source"]) == expected
    assert (row["charge_cents"], row["payment_cents"]) == (sign * 45000, sign * 10000)


def test_what_was_adjudicated_under_another_code_keeps_the_one_that_was_billed(
    tmp_path: Path,
) -> None:
    same = service(read(tmp_path))
    assert (same["procedure_code"], same["modifiers"]) == ("64483", "RT")
    assert (same["adjudicated_procedure_code"], same["adjudicated_modifiers"]) == ("64483", None)
    other = "SVC*HC:64999:59*450*100**1*HC:64483:RT~CAS*CO*45*350~"
    row = service(read(tmp_path, services=other))
    assert (row["procedure_code"], row["modifiers"]) == ("64483", "RT")
    assert (row["adjudicated_procedure_code"], row["adjudicated_modifiers"]) == ("64999", "59")


def test_a_claim_without_services_has_what_the_claim_itself_was_allowed(tmp_path: Path) -> None:
    payment = read(tmp_path, more="CAS*CO*45*300~CAS*PR*2*50~", services="")
    row = claim_level_row(payment, 1, 45000, 10000, True, 1)
    assert (row["allowed_cents"], row["allowed_source"]) == (15000, "calculated")
    assert claim_level_row(payment, 1, -45000, -10000, True, -1)["allowed_cents"] == -15000


def entry(npi: str, amount: str) -> ProviderLevelAdjustment:
    return ProviderLevelAdjustment(npi, date(2026, 12, 31), "WO", "ICN1", Decimal(amount))


@pytest.mark.parametrize(
    ("npi", "kept"), [("1234567893", True), ("1234567890", False), ("", False)]
)
def test_an_entry_beside_the_claims_is_its_provider_s_where_that_is_an_npi(
    npi: str, kept: bool
) -> None:
    row = provider_row(entry(npi, "12.50"), 1)
    assert (row["provider_npi"], row["amount_cents"]) == (npi if kept else None, 1250)


def test_an_entry_that_is_no_money_makes_the_payment_unreadable() -> None:
    with pytest.raises(UnreadableRemittance, match="INVALID_AMOUNT"):
        provider_row(entry("1234567893", "1.005"), 1)
