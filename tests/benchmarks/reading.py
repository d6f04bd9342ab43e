"""How fast files are read and loaded, against a plain split and against pyx12's context reader.

    python tests/benchmarks/reading.py [--claims N] [--lines N] [--sample N] [--no-receive]
        [--growth N]

Everything is measured in one run and printed as ratios, because seconds say little about another
machine. What the ratios mean and what they have to be stands in README.md beside this file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

# Ours is a package and found wherever it stands; tests/warehouse alone would be taken for it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from edi import read_835, read_837p
from edi.envelope import Survey
from edi.survey import survey
from simulator.volume import Volume
from warehouse import inbox
from warehouse.database import Warehouse
from warehouse.home import initialise
from warehouse.receive import receive_file
from warehouse.settings import load_settings

READERS = {"claims.837": read_837p, "remittance.835": read_835}


class Took(NamedTuple):
    """Seconds of processor and of clock."""

    cpu: float
    wall: float


def took(work: Callable[[], object], times: int = 3) -> Took:
    """The best of a few runs: what others do on the machine only ever adds."""
    found = []
    for _ in range(times):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        found.append(Took(time.process_time() - cpu, time.perf_counter() - wall))
    return Took(min(t.cpu for t in found), min(t.wall for t in found))


def split(text: str) -> None:
    """The baseline: what any reader has to do at least."""
    for s in text.split("~"):
        s.split("*")


def read(path: Path, found: Survey) -> None:
    """Every record of a file, given its survey."""
    reader = READERS[path.name]
    with path.open("rb") as file:
        for interchange, _, transaction in found.transactions():
            for _event in reader.read_transaction(file, transaction, interchange.delimiters):
                pass


def read_file(path: Path) -> None:
    """Survey and records: what one process does with one file."""
    read(path, survey(path))


def read_with_context(path: Path) -> None:
    """pyx12's loop trees of the same claims, the way its documentation iterates them."""
    import pyx12.error_handler
    import pyx12.params
    import pyx12.x12context

    loop = "2300" if path.suffix == ".837" else "2100"
    with path.open(encoding="ascii") as text:
        handler = pyx12.error_handler.errh_null()
        reader = pyx12.x12context.X12ContextReader(pyx12.params.params(), handler, text)
        for _tree in reader.iter_segments(loop):
            pass


def receive(folder: Path, sources: list[Path]) -> None:
    """Files dropped in a new home and received: archive, warehouse and all."""
    home = Path(tempfile.mkdtemp(dir=folder))
    initialise(home)
    (home / "reclaim.toml").write_text("[intake]\nsettle_seconds = 0\n", encoding="utf-8")
    settings = load_settings(home)
    for source in sources:
        (home / "inbox" / source.name).hardlink_to(source)
    warehouse = Warehouse(settings.url)
    now = datetime.now(UTC)
    for file_id in inbox.register(warehouse, settings, now=now)[0]:
        received = receive_file(warehouse, settings, file_id, now=now.replace(tzinfo=None))
        if received.status != "loaded":
            raise SystemExit(f"{received.kind} was {received.status}: {received.reason_code}")
    warehouse.close()


def in_two_processes(paths: list[Path]) -> Took:
    """Two files in two processes, the processes made beforehand."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(read_file, paths)
        return took(lambda: pool.map(read_file, paths, chunksize=1))


def measure_reading(folder: Path, sample: Path, claims: int, sampled: int) -> Iterator[str]:
    """Lines about the two readers."""
    for name in READERS:
        path = folder / name
        text = path.read_text(encoding="ascii")
        found = survey(path)
        base = took(lambda text=text: split(text)).cpu
        surveyed = took(lambda path=path: survey(path)).cpu
        records = took(lambda path=path, found=found: read(path, found)).cpu
        context = took(lambda name=name: read_with_context(sample / name), 1).cpu / sampled
        yield (
            f"{name:15} {claims / records:9,.0f} claims/s   records {base / records:.3f} of the "
            f"split (1/{records / base:.1f}), with survey {base / (records + surveyed):.3f} "
            f"(1/{(records + surveyed) / base:.1f}), {context * claims / records:.0f} × the "
            f"context reader ({1 / context:,.0f} claims/s)"
        )


def receive_alone(folder: Path, sources: list[Path]) -> tuple[Took, float]:
    """``receive`` in a process of its own, and the most memory that it took, in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_receive_measured, (folder, sources))


def _receive_measured(folder: Path, sources: list[Path]) -> tuple[Took, float]:
    found = took(lambda: receive(folder, sources), 1)
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_growth(folder: Path, paths: list[Path], chosen: argparse.Namespace) -> Iterator[str]:
    """What ``receive`` takes for so many times as many claims in one file."""
    small, before = receive_alone(folder, paths)
    yield f"receive of {chosen.claims:,} claims and their 835: peak {before:.0f} MB"
    many = chosen.claims * chosen.growth
    Volume(claims=many, lines=chosen.lines, seed=1).write(folder / "many")
    big = [folder / "many" / path.name for path in paths]
    large, after = receive_alone(folder, big)
    size = max(path.stat().st_size for path in big) / 1e6
    yield (
        f"receive of {many:,}: {large.wall / small.wall:.1f} × the time of {chosen.claims:,} "
        f"({large.cpu / small.cpu:.1f} × the processor's), peak {after:.0f} MB for files of up to "
        f"{size:.0f} MB"
    )


def main(arguments: list[str] | None = None) -> None:
    """Make the files, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--lines", type=int, default=3, help="service lines a claim")
    parser.add_argument("--sample", type=int, default=300, help="claims for the context reader")
    parser.add_argument("--no-receive", action="store_true", help="only the readers")
    parser.add_argument(
        "--growth", type=int, default=0, help="also receive this many times as many claims"
    )
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        folder, sample = Path(made) / "all", Path(made) / "sample"
        Volume(claims=chosen.claims, lines=chosen.lines, seed=1).write(folder)
        Volume(claims=chosen.sample, lines=chosen.lines, seed=1).write(sample)
        for line in measure_reading(folder, sample, chosen.claims, chosen.sample):
            print(line, flush=True)
        paths = [folder / name for name in READERS]
        one = took(lambda: [read_file(p) for p in paths], 3).wall
        two = in_two_processes(paths).wall
        print(f"two processes on two files: {one / two:.2f} × one process")
        if chosen.no_receive:
            return
        context = took(lambda: read_with_context(sample / "claims.837"), 1).cpu / chosen.sample
        loaded = took(lambda: receive(Path(made), paths), 1)
        print(
            f"receive of {chosen.claims:,} claims and their 835: {loaded.cpu:.1f} s of processor, "
            f"{loaded.wall:.1f} s; {context * 2 * chosen.claims / loaded.wall:.1f} × the context "
            f"reader by the clock, {context * 2 * chosen.claims / loaded.cpu:.1f} × by processor",
            flush=True,
        )
        if chosen.growth:
            for line in measure_growth(Path(made), paths, chosen):
                print(line, flush=True)


if __name__ == "__main__":
    main()
