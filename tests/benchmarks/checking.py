"""How fast files are checked: beside pyx12 alone, then a big pair by every worker.

    python tests/benchmarks/checking.py [--claims 20000] [--lines 3] [--sample 1000] [--workers 0]

pyx12's own driver (``x12n_document``) and ``validate`` read the same file of ``--sample`` claims,
one after the other in this process, three times; the best CPU time of each is taken, as a shared
machine takes time away. pyx12's maps are parsed before the clock begins, which favours pyx12.
"""

from __future__ import annotations

import argparse
import io
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 3


def written(folder: Path, claims: int, lines: int) -> list[Path]:
    """A big 837P and the 835 that answers it."""
    subprocess.run(
        [sys.executable, str(ROOT / "tests" / "simulator" / "volume.py"), "--claims", str(claims),
         "--lines", str(lines), "--seed", "1", "--out", str(folder)],
        check=True,
    )  # fmt: skip
    return sorted(p for p in folder.iterdir() if p.suffix in (".837", ".835"))


def best(step: Callable[[], object]) -> float:
    """The least CPU seconds of some rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        step()
        found.append(time.process_time() - began)
    return min(found)


def beside_pyx12(folder: Path, claims: int, lines: int) -> None:
    """CPU of pyx12 alone and of the full check, on one core."""
    import pyx12.map_if
    import pyx12.params
    import pyx12.x12n_document

    from edi.pyx12_adapter import load_map
    from edi.validate import validate

    for name in ("x12.control.00501.xml", "837.5010.X222.A1.xml", "835.5010.X221.A1.xml"):
        load_map(name)
    pyx12.map_if.load_map_file = lambda name, *_: load_map(name)
    print(f"{claims:,} claims of {lines} lines, one process   pyx12 alone    full check   ratio")
    for path in written(folder, claims, lines):
        text = path.read_text()

        def alone(text: str = text) -> None:
            params = pyx12.params.params()
            assert pyx12.x12n_document.x12n_document(params, io.StringIO(text), None, None)

        def full(path: Path = path) -> None:
            assert validate(path) == ()

        full()
        plain, ours = best(alone), best(full)
        print(f"{path.suffix[1:]:<34}{claims / plain:>10,.0f}/s  {claims / ours:>10,.0f}/s"
              f"  {plain / ours:6.2f}")  # fmt: skip


def by_every_worker(folder: Path, claims: int, lines: int, workers: int) -> None:
    """Wall and CPU time of the step's own workers on a big pair of files."""
    from edi.code_lists import CodeLists
    from warehouse import check
    from warehouse.settings import IntakeSettings, Settings

    settings = Settings(home=folder, intake=IntakeSettings(workers=workers))
    for path in written(folder, claims, lines):
        size = path.stat().st_size
        before = _cpu()
        began = time.perf_counter()
        with check.workers(settings, size, CodeLists()) as hands:
            begun = hands.begin(path)
            problems = sum(part().counts.total() for part in begun)
        wall = time.perf_counter() - began
        print(f"{claims:,} claims of {lines} lines, {path.suffix[1:]}, {size / 1e6:.0f} MB, "
              f"{len(begun) - 1} shares: {wall:.1f} s (CPU {_cpu() - before:.1f} s), "
              f"{claims / wall:,.0f} claims/s, {problems} problems")  # fmt: skip


def _cpu() -> float:
    """CPU seconds of this process and of its children that are done."""
    used = [resource.getrusage(r) for r in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def main() -> None:
    """Both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--lines", type=int, default=3)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=0, help="0 = one per core")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="reclaim-checking-") as folder:
        beside_pyx12(Path(folder), asked.sample, asked.lines)
        by_every_worker(Path(folder), asked.claims, asked.lines, asked.workers)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
