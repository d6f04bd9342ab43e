"""How fast denied lines are decided: ``propose`` over 100,000 of them, then with nothing changed.

    python tests/benchmarks/proposing.py [--claims 33334] [--lines 3] [--denied 1.0]
        [--workers 0] [--home DIR]

For a good part of the claims there is evidence – authorizations, notes, evaluations, diagnoses,
proofs of timely filing – and the demo's made-up code sets are imported. A home that is named is
kept; one that is there already is decided as it was left, from a copy.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DAY = date(2026, 10, 5)
SETTINGS = '[intake]\nworkers = {workers}\n[emission]\nautomatic = ["*"]\n'
FIRST_SERVICE = date(2026, 7, 1)
DAYS = 60


def matched(home: Path, claims: int, lines: int, denied: float) -> None:
    """A home in which everything was received and matched, and nothing decided."""
    sys.path.insert(0, str(ROOT / "tests"))
    from simulator.volume import Volume
    from warehouse import steps
    from warehouse.demo.prepare import bring_code_sets

    home.mkdir(parents=True)
    shutil.copy(ROOT / "warehouse" / "demo" / "month" / "payers.toml", home / "payers.toml")
    settings = steps.initialise(home)
    bring_code_sets(settings)
    with tempfile.TemporaryDirectory(prefix="reclaim-volume-") as folder:
        volume = Volume(claims=claims, lines=lines, seed=1, denied=denied)
        volume.write(Path(folder))
        with (home / "evidence" / "made_up.jsonl").open("w") as out:
            for record in evidence(volume.truth.denials):
                out.write(json.dumps(record) + "\n")
        steps.receive_evidence(settings, as_of=DAY)
        files = sorted(p for p in Path(folder).iterdir() if p.suffix in (".837", ".835"))
        steps.receive(settings, as_of=DAY, paths=files)
    steps.match(settings, as_of=DAY)


def evidence(denials: list[tuple[str, int, str, str, int]]) -> Iterator[dict[str, Any]]:
    """What a chart would have for two of three claims; not all of it fits."""
    from simulator.fees import FEES

    codes = list(FEES)
    for number in sorted({int(d[0][5:]) for d in denials}):
        if number % 3 == 0:
            continue
        control = f"VOL1C{number:08d}"
        claim = {"attested_by": "coder.a", "attested_on": "2026-09-01",
                 "patient_control_number": control}  # fmt: skip
        # The generator's day is chance: notes of three days, one of which may be the right one.
        days = [FIRST_SERVICE + timedelta(days=(number * 7 + n * 20) % DAYS) for n in range(3)]
        yield {
            "kind": "authorization", "document_id": f"AUTH-{number}", "attested_by": "auth.desk",
            "attested_on": "2026-09-01", "payer_id": "87726", "member_id": f"V1{number:09d}",
            "number": f"A{number:06d}", "procedure_codes": codes,
            "valid_from": "2026-01-01", "valid_to": "2026-08-15", "units": 99,
            "rendering_npi": "1234567893", "place_of_service": "11",
        }  # fmt: skip
        for day in days[: number % 4]:
            yield claim | {
                "kind": "procedure_note", "document_id": f"OP-{number}-{day:%m%d}",
                "service_date": day.isoformat(),
                "sites": [{"procedure_code": code, "region": "lumbar", "levels": ["L4-L5"],
                           "laterality": "right", "imaging": "fluoroscopy"}
                          for code in codes[number % 5 :: 5]],
                "drugs": [{"procedure_code": "J1010", "milligrams": 40}],
            }  # fmt: skip
        if number % 2:
            yield claim | {"kind": "evaluation", "document_id": f"EM-{number}",
                           "service_date": days[0].isoformat(), "separately_identifiable": True,
                           "summary": "a problem of its own"}  # fmt: skip
        else:
            yield claim | {"kind": "diagnosis", "document_id": f"DX-{number}",
                           "service_date": days[0].isoformat(), "codes": ["M54.17"],
                           "procedure_code": codes[number % len(codes)]}  # fmt: skip
        if number % 5 == 0:
            yield claim | {"kind": "timely_filing_proof", "document_id": f"277-{number}",
                           "accepted_on": "2026-09-02"}  # fmt: skip


def decided(home: Path) -> list[tuple[Any, ...]]:
    """How many lines came out how."""
    connection = sqlite3.connect(home / "warehouse.db")
    rows = connection.execute(
        "select decision, path, rule_code, count(*) from denial group by 1, 2, 3 order by 4 desc"
    ).fetchall()
    connection.close()
    return rows


def cpu() -> float:
    """CPU seconds of this process and of its children that are done."""
    used = [resource.getrusage(r) for r in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def timed(name: str, step: Any) -> Any:
    """Runs a step and prints how long it took, and each thousand lines of it."""
    began, before = time.perf_counter(), cpu()
    result = step()
    spent, used = time.perf_counter() - began, cpu() - before
    thousands = result.decided / 1000 or 1
    print(f"{name:<26}{result.decided:>9,} lines {spent:8.2f} s (CPU {used:.2f} s), "
          f"{spent / thousands * 1000:,.0f} ms a thousand", flush=True)  # fmt: skip
    return result


def megabytes() -> str:
    """The most that this process and the biggest of its children had."""
    peaks = [resource.getrusage(r).ru_maxrss / 1024
             for r in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]  # fmt: skip
    return f"{peaks[0]:,.0f} MB (a process of its own {peaks[1]:,.0f} MB)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=33_334)
    parser.add_argument("--lines", type=int, default=3)
    parser.add_argument("--denied", type=float, default=1.0, help="of the lines, from 0 to 1")
    parser.add_argument("--workers", type=int, default=0, help="0 = one per core")
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    from warehouse import steps
    from warehouse.settings import load_settings

    folder = Path(tempfile.mkdtemp(prefix="reclaim-proposing-"))
    try:
        kept = asked.home or folder / "kept"
        if not (kept / "warehouse.db").exists():
            matched(kept, asked.claims, asked.lines, asked.denied)
        home = folder / "home"
        shutil.copytree(kept, home)
        (home / "reclaim.toml").write_text(SETTINGS.format(workers=asked.workers))
        settings = load_settings(home)
        before = megabytes()
        timed("propose", lambda: steps.propose(settings, as_of=DAY))
        for decision, path, rule, count in decided(home):
            print(f"  {decision:<16}{path:<18}{rule or '':<32}{count:>9,}")
        timed("propose, nothing changed", lambda: steps.propose(settings, as_of=DAY))
        print(f"peak memory {megabytes()}; before {before}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
