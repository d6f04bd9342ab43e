"""How fast a million lines are joined: ``match`` alone, then with nothing new, then a few more.

    python tests/benchmarks/matching.py [--claims 333334] [--lines 3] [--unlinked 0.05]
        [--home DIR]

Some lines are joined neither by their number nor exactly (``--unlinked``). A home that is named is
kept; one that has its files already is matched as it was left there, from a copy.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DAY = date(2026, 10, 5)


def received(home: Path, claims: int, lines: int, unlinked: float) -> None:
    """A home whose warehouse has everything of a big volume, and has matched nothing."""
    from warehouse import steps

    home.mkdir(parents=True)
    shutil.copy(ROOT / "warehouse" / "demo" / "month" / "payers.toml", home / "payers.toml")
    settings = steps.initialise(home)
    with tempfile.TemporaryDirectory(prefix="reclaim-volume-") as folder:
        subprocess.run(
            [sys.executable, str(ROOT / "tests" / "simulator" / "volume.py"), "--claims",
             str(claims), "--lines", str(lines), "--unlinked", str(unlinked), "--seed", "1",
             "--out", folder],
            check=True,
        )  # fmt: skip
        files = sorted(p for p in Path(folder).iterdir() if p.suffix in (".837", ".835"))
        steps.receive(settings, as_of=DAY, paths=files)


def timed(name: str, step: Callable[[], Any]) -> Any:
    """Runs a step and prints how long it took."""
    began, cpu = time.perf_counter(), time.process_time()
    result = step()
    print(f"{name:<24}{time.perf_counter() - began:8.2f} s  "
          f"(CPU {time.process_time() - cpu:.2f} s)", flush=True)  # fmt: skip
    return result


def methods(home: Path) -> None:
    """How lines were joined."""
    connection = sqlite3.connect(home / "warehouse.db")
    rows = connection.execute(
        "select match_method, count(*) from service_payment group by 1 order by 2 desc"
    ).fetchall()
    connection.close()
    for method, count in rows:
        print(f"  {method:<26}{count:>10,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=333_334)
    parser.add_argument("--lines", type=int, default=3)
    parser.add_argument("--unlinked", type=float, default=0.05)
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from warehouse import steps
    from warehouse.settings import load_settings

    folder = Path(tempfile.mkdtemp(prefix="reclaim-matching-"))
    try:
        kept = arguments.home or folder / "kept"
        if not (kept / "warehouse.db").exists():
            timed("receive", lambda: received(kept, arguments.claims, arguments.lines,
                                              arguments.unlinked))  # fmt: skip
        home = folder / "home"
        shutil.copytree(kept, home, ignore=shutil.ignore_patterns("archive"))
        settings = load_settings(home)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = timed("match", lambda: steps.match(settings, as_of=DAY))
        print(f"  {found.claims_matched:,} claims, {found.lines_matched:,} of "
              f"{found.lines_adjudicated:,} lines, {found.denials:,} denials")  # fmt: skip
        methods(home)
        timed("match, nothing new", lambda: steps.match(settings, as_of=DAY))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {peak:,.0f} MB (before matching {before:,.0f} MB)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
