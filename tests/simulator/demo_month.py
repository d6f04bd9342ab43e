"""Writes the demo month: `python tests/simulator/demo_month.py` renews the committed bytes.

A month of drops for a small pain practice, made by the simulated practice and its payers:
`warehouse/demo/month/` is what `reclaim demo` runs on, `demo_truth.json` what should come of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator import demo_authorizations, demo_clean, demo_scenarios
from simulator.demo_cast import ACME, MEDICARE, MUTUAL, DemoPayer
from simulator.demo_home import PAYERS_TOML, RECLAIM_TOML, readme
from simulator.demo_script import BATCHES, Case, Record, Script
from simulator.payer import Answer, Payer
from simulator.plan import Plans
from simulator.practice import write_837p
from simulator.x12_text import STANDARD, Delimiters, split

HERE = Path(__file__).resolve().parent
MONTH = HERE.parents[1] / "warehouse" / "demo" / "month"
TRUTH = HERE / "demo_truth.json"

CLAIM_FILES = (
    "claims_20260901.837",
    "DEMOPAIN_20260908_P.txt",
    "837P-2026-09-15.x12",
    "claims_20260922.837",
)
# Practice software differs in this; what is sent on must keep what came in.
CLAIM_DELIMITERS = (
    STANDARD,
    Delimiters(line_end=""),
    Delimiters(element="|", component=">"),
    STANDARD,
)
# Who pays, when, for which batches, and the name the file is dropped under.
PAYMENTS: tuple[tuple[DemoPayer, date, tuple[int, ...], str], ...] = (
    (ACME, date(2026, 9, 14), (0,), "ERA_87726_20260914.835"),
    (MEDICARE, date(2026, 9, 15), (0,), "DMAC1.835.20260915.txt"),
    (MUTUAL, date(2026, 9, 16), (0,), "SMPL2_0916.era"),
    (ACME, date(2026, 9, 21), (1,), "ERA_87726_20260921.835"),
    (MUTUAL, date(2026, 9, 24), (1,), "SMPL2_0924.era"),
    (ACME, date(2026, 9, 28), (2,), "ERA_87726_20260928.835"),
    (MEDICARE, date(2026, 9, 29), (1, 2), "DMAC1.835.20260929.txt"),
    (MUTUAL, date(2026, 9, 30), (2,), "SMPL2_0930.era"),
)
SECOND_THOUGHTS = date(2026, 9, 28)
"""When Acme reverses, recovers, and pays for a claim that is not the practice's."""
COPY_OF = ("ERA_87726_20260914.835", "ERA_87726_20260917_copy.835")
CUT_OFF = ("SMPL2_0924.era", "SMPL2_0923.era")
NOTICE = "clearinghouse_notice.txt"


@dataclass(slots=True)
class Month:
    """The files of the month by their path in the folder, and what is true of them."""

    script: Script
    files: dict[str, bytes] = field(default_factory=dict)
    batches: list[bytes] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)


def build() -> Month:
    """Make the whole month; the same bytes every time."""
    script = Script()
    demo_authorizations.authorizations(script)
    demo_authorizations.authorizations_that_do_not_fit(script)
    demo_authorizations.authorizations_for_a_person(script)
    demo_scenarios.bundling(script)
    demo_scenarios.resends_and_late_claims(script)
    demo_scenarios.routed(script)
    demo_scenarios.reversals_and_odd_files(script)
    for batch in range(len(BATCHES) - 1):
        demo_clean.clean_claims(script, batch)
    demo_clean.unanswered_claims(script)
    month = Month(script)
    _bill(month)
    _pay(month)
    _spoil(month)
    _document(month)
    return month


def _bill(month: Month) -> None:
    for nth, day in enumerate(BATCHES):
        cases = [case for case in month.script.cases if nth in (case.batch, case.resent_in)]
        data = write_837p(
            (case.claim for case in cases),
            control_number=4101 + nth,
            written_at=datetime.combine(day, time(7, 15)),
            delimiters=CLAIM_DELIMITERS[nth],
        )
        month.batches.append(data)
        month.files[f"inbox/{CLAIM_FILES[nth]}"] = data


def _pay(month: Month) -> None:
    plans = {case.claim.patient_control_number: case.plan for case in month.script.cases}
    payers = {
        who.identifier: Payer(who.profile, Plans(by_claim=plans))
        for who in (ACME, MUTUAL, MEDICARE)
    }
    for nth, (who, day, batches, name) in enumerate(PAYMENTS):
        payer = payers[who.identifier]
        if who is ACME and day == SECOND_THOUGHTS:
            _second_thoughts(payer, month.script.cases)
        files = [month.batches[batch] for batch in batches]
        answer = payer.answer(files, paid_on=day, control_number=700201 + nth)
        month.answers[name] = answer
        month.files[f"inbox/{name}"] = answer.data


def _second_thoughts(payer: Payer, cases: Iterable[Case]) -> None:
    payer.add_stranger(demo_scenarios.stranger())
    for case in cases:
        if case.reprocessed:
            payer.reprocess(case.claim.patient_control_number, case.reprocessed)
        if case.recovered_cents:
            payer.recover(case.claim.patient_control_number, case.recovered_cents)


def _spoil(month: Month) -> None:
    """The drops that should not load: a copy, a file cut off on the way, and a page of text."""
    source, copy = COPY_OF
    month.files[f"inbox/{copy}"] = month.files[f"inbox/{source}"]
    source, cut = CUT_OFF
    whole = month.files[f"inbox/{source}"]
    month.files[f"inbox/{cut}"] = whole[: len(whole) * 3 // 5]
    month.files[f"inbox/{NOTICE}"] = (
        b"DEMO CLEARINGHOUSE\nNotice of 2026-09-10: the gateway is closed on Sunday night.\n"
        b"This file holds no transactions.\n"
    )


def _document(month: Month) -> None:
    for kind, records in month.script.evidence.items():
        lines = [json.dumps(record) for record in records]
        if kind == "evaluation":
            lines.append(json.dumps(_record_with_an_unknown_key(records[0])))
        month.files[f"evidence/{kind}s.jsonl"] = ("\n".join(lines) + "\n").encode("ascii")
    month.files["payers.toml"] = PAYERS_TOML.encode("ascii")
    month.files["reclaim.toml"] = RECLAIM_TOML.encode("ascii")
    month.files["README.md"] = readme(month.script, sorted(month.files)).encode("utf-8")


def _record_with_an_unknown_key(record: Record) -> Record:
    return record | {"document_id": "EM-199", "mood": "hopeful"}


def truth(month: Month) -> dict[str, Any]:
    """What the product should find: files, payments, denials, evidence."""
    denials = [
        row.as_dict() | {"file_name": name, "payment_date": answer.decided.paid_on}
        for name, answer in month.answers.items()
        for row in answer.denials
    ]
    evidence = sum(len(records) for records in month.script.evidence.values())
    lines = [row for name, answer in month.answers.items() for row in _lines_truth(name, answer)]
    return {
        "files": [_file_truth(month, path) for path in sorted(month.files) if "inbox" in path],
        "evidence": {"loaded": evidence, "quarantined": 1},
        "claims": [_claim_truth(case) for case in month.script.cases],
        "payments": [_payment_truth(name, answer) for name, answer in month.answers.items()],
        "denials": denials,
        "adjudicated_lines": lines,
    }


def _file_truth(month: Month, path: str) -> dict[str, Any]:
    name = Path(path).name
    status = {COPY_OF[1]: "duplicate", CUT_OFF[1]: "quarantined", NOTICE: "quarantined"}
    kind = "837P" if name in CLAIM_FILES else "835"
    found: dict[str, Any] = {"file_name": name, "kind": kind, "status": status.get(name, "loaded")}
    if name == NOTICE:
        return found | {"kind": "other"}
    if name == CUT_OFF[1]:
        return found  # what it would have held is nobody's to know
    names = [elements[0] for elements in split(month.files[path]).segments]
    return found | {
        "claim_count": names.count("CLM") + names.count("CLP"),
        "service_line_count": names.count("SV1") + names.count("SVC"),
    }


def _claim_truth(case: Case) -> dict[str, Any]:
    return {
        "patient_control_number": case.claim.patient_control_number,
        "payer_id": case.payer.identifier,
        "scenario": case.claim.scenario,
        "charge_cents": case.claim.charge,
        "line_count": len(case.claim.lines),
        "file_name": CLAIM_FILES[case.batch],
        "sent_again_in": None if case.resent_in is None else CLAIM_FILES[case.resent_in],
    }


def _payment_truth(name: str, answer: Answer) -> dict[str, Any]:
    decided = answer.decided
    return {
        "file_name": name,
        "trace_number": decided.trace_number,
        "payment_date": decided.paid_on,
        "payment_cents": decided.paid,
        "claim_count": len(decided.claims),
        "claims_paid_cents": sum(claim.paid for claim in decided.claims),
        "provider_adjustments": [
            [a.reason_code, a.reference, a.cents] for a in decided.provider_adjustments
        ],
        "unbalanced_claims": [
            claim.patient_control_number for claim in decided.claims if claim.unbalanced_cents
        ],
        "reversed_claims": [
            claim.patient_control_number for claim in decided.claims if claim.is_reversal
        ],
    }


def _lines_truth(name: str, answer: Answer) -> list[dict[str, Any]]:
    """Which line of ours each SVC answers; `line_number` is null where there is none."""
    return [
        {
            "file_name": name,
            "claim_position": nth,
            "service_position": position,
            "patient_control_number": claim.patient_control_number,
            "line_number": line.number or None,
            "payment_cents": line.paid,
            "allowed_cents": line.allowed,
        }
        for nth, claim in enumerate(answer.decided.claims, start=1)
        for position, line in enumerate(claim.lines, start=1)
    ]


def _as_text(found: dict[str, Any]) -> str:
    """JSON with one row a line, so that a change of the month shows as a change of rows."""
    parts = []
    for key, value in found.items():
        text = json.dumps(value)
        if isinstance(value, list):
            text = "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(folder: Path, truth_file: Path) -> None:
    """Write the month into a folder, and the truth beside the tests."""
    month = build()
    for path, data in month.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    truth_file.write_text(_as_text(truth(month)), encoding="ascii", newline="\n")


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the month."""
    parser = argparse.ArgumentParser(description="Write the demo month and its truth.")
    parser.add_argument("--out", type=Path, default=MONTH, help="folder of the month")
    parser.add_argument("--truth", type=Path, default=TRUTH, help="file of the truth")
    chosen = parser.parse_args(arguments)
    write(chosen.out, chosen.truth)


if __name__ == "__main__":
    main()
