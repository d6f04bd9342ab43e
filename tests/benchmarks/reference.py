"""How long 2.5 million code pairs take to import, in how much memory, and how fast one is found.

Usage: python tests/benchmarks/reference.py [ROWS]

The table is made up: codes from Z0000 on, in the layout and order of the practitioner PTP file.
Fails where the import takes 2 minutes or 400 MB, or a look-up a millisecond.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

from warehouse.database import Warehouse
from warehouse.reference import import_files
from warehouse.reference_lookup import BilledCode, ReferenceLookup

MOST_SECONDS, MOST_MEGABYTES, MOST_MILLISECONDS = 120, 400, 1.0
HEADER = (
    "Made up for a benchmark. No copyright is claimed in it.\t\t\t\t\t\t\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate *=no data\t0=not allowed 1=allowed 9=not applicable\t\n"
)
RANGES = (("20150101", "20191231"), ("20200101", "20231231"), ("20240101", "*"))


def code(number: int) -> str:
    return f"Z{number:04d}"


def write_table(path: Path, count: int) -> None:
    """Each column 1 code with up to 500 others; every fifth pair has three date ranges."""
    chance = random.Random(7)
    with path.open("w", encoding="latin-1", newline="\r\n") as file:
        file.write(HEADER)
        written, first = 0, 0
        while written < count:
            for other in sorted(chance.sample(range(10000), 500)):
                ranges = RANGES if other % 5 == 0 else RANGES[2:]
                for start, end in ranges:
                    file.write(f"{code(first)}\t{code(other)}\t\t{start}\t{end}\t{other % 2}\t"
                               "Misuse of Column Two code with Column One code\n")  # fmt: skip
                    written += 1
            first += 1


def looked_up(warehouse: Warehouse, pairs: int = 300) -> float:
    """Median milliseconds of one pair on one day."""
    chance, spent = random.Random(3), []
    with warehouse.read() as connection:
        lookup = ReferenceLookup(connection)
        for _ in range(pairs):
            day = date(2026, 8, chance.randrange(1, 31))
            codes = [BilledCode(code(chance.randrange(3000)), day),
                     BilledCode(code(chance.randrange(10000)), day)]  # fmt: skip
            started = time.perf_counter()
            lookup.of({1: codes})
            spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(f"sqlite:///{folder}/warehouse.db")
        warehouse.migrate()
        table = Path(folder) / "pairs.txt"
        write_table(table, count)
        started = time.perf_counter()
        (done,) = import_files(warehouse, "ptp", [table], valid_from=date(2026, 7, 1),
                               valid_to=date(2026, 9, 30), now=datetime(2026, 7, 1))  # fmt: skip
        seconds = time.perf_counter() - started
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        milliseconds = looked_up(warehouse)
        warehouse.close()
    print(f"{done.row_count:,} rows in {seconds:.1f} s, {megabytes:.0f} MB at most; "
          f"a pair and a day in {milliseconds:.2f} ms")  # fmt: skip
    within = (seconds < MOST_SECONDS, megabytes < MOST_MEGABYTES, milliseconds < MOST_MILLISECONDS)
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_500_000))
