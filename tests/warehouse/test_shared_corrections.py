"""What two rules want alike of one claim goes once, and can be approved."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

from cases.reading import ATTESTED, claim_file, payment_file, segments
from warehouse import steps
from warehouse.review import approve, waiting

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
CLAIM = (
    "CLM*PCN1*1200***11:B:1*Y*A*Y*Y~HI*ABK:M5416~"
    "LX*1~SV1*HC:64483*600*UN*1***1~DTP*472*D8*20260314~"
    "LX*2~SV1*HC:64493*600*UN*1***1~DTP*472*D8*20260314~"
)
PAYMENT = (
    "CLP*PCN1*1*1200*0**12*PCCN1*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
    "SVC*HC:64483*600*0**1~DTM*472*20260314~CAS*CO*197*600~"
    "SVC*HC:64493*600*0**1~DTM*472*20260314~CAS*CO*198*600~"
)
NUMBER = {
    "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, "patient_control_number": "PCN1",
    "number": "A1", "procedure_codes": ["64483", "64493"], "units": 2,
    "valid_from": "2026-03-01", "valid_to": "2026-05-01",
}  # fmt: skip
PAYERS = '[[payer]]\nname = "A"\nids = ["87726"]\nreplacement_claims = true\n'


def test_one_number_for_two_refusals_of_two_kinds_goes_when_it_is_approved(tmp_path: Path) -> None:
    (tmp_path / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\n"
    )
    (tmp_path / "payers.toml").write_text(PAYERS)
    settings = steps.initialise(tmp_path)
    (tmp_path / "inbox" / "claim.837").write_text(claim_file(segments(CLAIM)))
    (tmp_path / "inbox" / "remittance.835").write_text(payment_file(segments(PAYMENT)))
    (tmp_path / "evidence" / "chart.jsonl").write_text(json.dumps(NUMBER))
    steps.run(settings, as_of=DAY, now=NOW)
    with steps.opened(settings) as warehouse:
        one, other = waiting(warehouse, as_of=DAY)
        assert one.rule_code != other.rule_code
        done = approve(warehouse, settings, one.review_id, by="biller.b", as_of=DAY, now=NOW)
    assert done.corrections == 1
    sent = steps.emit(settings, as_of=DAY, now=NOW)
    assert (sent.emitted_claims, sent.refused) == (1, ())
    [path] = (tmp_path / "outbox").glob("*.837")
    assert path.read_text().count("REF*G1*A1") == 1
