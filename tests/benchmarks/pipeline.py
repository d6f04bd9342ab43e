"""How fast drops become decisions: receive, match, propose, emit, against pyx12's context reader.

    python tests/benchmarks/pipeline.py [--claims 10000] [--lines 3]

Prints CPU seconds (the machine may be busy with something else) and the ratio of claims per second
to those of pyx12's context reader over the 837P alone, in the same run.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
DAY = date(2026, 10, 5)


def context_reader_rate(path: Path, claims: int) -> float:
    """Claims a CPU second of pyx12's context reader, over the first ``claims``."""
    import pyx12.error_handler
    import pyx12.params
    import pyx12.x12context

    logging.disable(logging.CRITICAL)
    began, count = time.process_time(), 0
    with path.open() as file:
        reader = pyx12.x12context.X12ContextReader(
            pyx12.params.params(), pyx12.error_handler.errh_null(), file
        )
        for tree in reader.iter_segments("2300"):
            count += tree.id == "2300"
            if count == claims:
                break
    logging.disable(logging.NOTSET)
    return count / (time.process_time() - began)


SETTINGS = """\
[emission]
mode = "live"
automatic = ["carc197.*"]
paid_claims = "automatic"
max_claims_per_day = 200
max_charge_per_day = 10000000.00
"""


def authorizations(truth: Path) -> str:
    """An authorization that fits for every claim that was denied for want of one."""
    denials = json.loads(truth.read_text())["denials"]
    codes = ["20553", "20610", "27096", "62321", "62323", "64483", "64484", "64493", "64494",
             "64635", "64636", "77003", "96372", "99213", "99214", "J1010", "J3301"]  # fmt: skip
    lines = []
    for number in sorted({d[0] for d in denials if d[3] == "197"}):
        record = {
            "kind": "authorization", "document_id": f"AUTH-{number}", "attested_by": "auth.desk",
            "attested_on": "2026-09-01", "payer_id": "87726",
            "member_id": f"V1{int(number[5:]):09d}", "number": f"A{number}",
            "procedure_codes": codes, "valid_from": "2026-01-01", "valid_to": "2026-12-31",
            "units": 99, "rendering_npi": "1234567893", "place_of_service": "11",
        }  # fmt: skip
        lines.append(json.dumps(record))
    return "\n".join(lines) + "\n"


def pipeline(home: Path, files: list[Path], truth: Path) -> tuple[dict[str, float], int]:
    """CPU seconds of each step, and how many corrected claims were sent."""
    from warehouse import steps

    home.mkdir()
    (home / "reclaim.toml").write_text(SETTINGS)
    shutil.copy(ROOT / "warehouse" / "demo" / "month" / "payers.toml", home / "payers.toml")
    settings = steps.initialise(home)
    (home / "evidence" / "authorizations.jsonl").write_text(authorizations(truth))
    sent = 0
    seconds: dict[str, float] = {}
    for name, step in (
        ("evidence", lambda: steps.receive_evidence(settings, as_of=DAY)),
        ("receive", lambda: steps.receive(settings, as_of=DAY, paths=files)),
        ("match", lambda: steps.match(settings, as_of=DAY)),
        ("propose", lambda: steps.propose(settings, as_of=DAY)),
        ("emit", lambda: steps.emit(settings, as_of=DAY)),
    ):
        began = time.process_time()
        result = step()
        seconds[name] = time.process_time() - began
        sent += getattr(result, "emitted_claims", 0)
    return seconds, sent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=3)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="reclaim-benchmark-"))
    try:
        subprocess.run(
            [sys.executable, str(ROOT / "tests" / "simulator" / "volume.py"), "--claims",
             str(arguments.claims), "--lines", str(arguments.lines), "--seed", "1", "--out",
             str(folder)],
            check=True,
        )  # fmt: skip
        claims, remittance = folder / "claims.837", folder / "remittance.835"
        seconds, sent = pipeline(folder / "home", [claims, remittance], folder / "truth.json")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rate = arguments.claims / sum(seconds.values())
        reference = context_reader_rate(claims, min(1000, arguments.claims))
        for name, spent in seconds.items():
            print(f"{name:<10}{spent:8.2f} s")
        print(f"{'all':<10}{sum(seconds.values()):8.2f} s  {rate:,.0f} claims/s")
        print(f"corrected claims sent: {sent} (the day's cap)")
        print(f"pyx12's context reader, 837P alone: {reference:,.0f} claims/s")
        print(f"ratio {rate / reference:.1f}; peak memory {peak:,.0f} MB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
