"""The step ``check``: the 5010 guide's full check of what was received; findings are stored.

It refuses nothing: a file that its payer accepted is loaded whatever a guide says of it. Files
are checked by ``intake.workers`` processes, big ones in shares of whole transaction sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, update

from edi.code_lists import CodeLists
from edi.divide import Share
from edi.level import level_of
from edi.problem import Problem
from edi.validate import divide_file, validate_share
from warehouse import tables as t
from warehouse.archive import archived
from warehouse.code_lists import imported_lists
from warehouse.database import Warehouse
from warehouse.file_rows import MOST_PROBLEMS, add_problems
from warehouse.processes import processes
from warehouse.settings import Settings

KINDS = ("837P", "835")
"""What the check reads; acknowledgments are checked when they are linked."""
MOST_OF_ONE = 100
"""Problems of one code and place that are stored for a file, so that none hides another."""
WORTH_A_POOL = 2_000_000
"""Bytes from which more processes are sooner done: each takes a second to begin."""
AT_ONCE = 64
"""Files that are handed out and not stored yet."""


class FindingCount(NamedTuple):
    """How often one thing was found, in how many files."""

    level: int
    code: str
    place: str
    times: int
    files: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Files checked by this call, and problems found in them: lower levels first, most first."""

    files: int = 0
    problems: int = 0
    findings: tuple[FindingCount, ...] = ()


class Found(NamedTuple):
    """What was found in a file or share: all counted, the first of each kind kept."""

    counts: Counter[tuple[str, str]]
    kept: tuple[Problem, ...]


def found_of(problems: Sequence[Problem]) -> Found:
    """Counts problems and keeps the first of each code and place."""
    counts: Counter[tuple[str, str]] = Counter()
    kept: list[Problem] = []
    for problem in problems:
        counts[problem.code, problem.place] += 1
        if counts[problem.code, problem.place] <= MOST_OF_ONE and len(kept) < MOST_PROBLEMS:
            kept.append(problem)
    return Found(counts, tuple(kept))


def check_share(path: Path, share: Share, codes: CodeLists) -> Found:
    """One share of a file; what a worker process does."""
    return found_of(validate_share(path, share, codes))


Begun = list[Callable[[], Found]]


class Workers:
    """Takes shares of files to check, here or in processes of its own."""

    def __init__(self, pool: ProcessPoolExecutor | None, codes: CodeLists) -> None:
        self._pool, self._codes = pool, codes

    def begin(self, path: Path) -> Begun:
        """Begins a file; calling what is returned waits for its parts."""
        problems, shares = divide_file(path)
        begun: Begun = [partial(found_of, problems)]
        for share in shares:
            if self._pool is None:
                begun.append(partial(check_share, path, share, self._codes))
            else:
                begun.append(self._pool.submit(check_share, path, share, self._codes).result)
        return begun


@contextmanager
def workers(settings: Settings, size: int, codes: CodeLists) -> Iterator[Workers]:
    """Workers for this many bytes of files.

    Raises: Transient, when a process of theirs was ended from outside.
    """
    with processes(settings, worth_it=size >= WORTH_A_POOL) as pool:
        yield Workers(pool, codes)


def check(warehouse: Warehouse, settings: Settings, *, now: datetime) -> Checked:
    """Check every loaded 837P and 835 that was not checked before.

    Raises: Transient; OSError.
    """
    f = t.file
    with warehouse.read() as connection:
        waiting = connection.execute(
            select(f.c.file_id, f.c.sha256)
            .where(f.c.status == "loaded", f.c.checked_at.is_(None), f.c.kind.in_(KINDS))
            .order_by(f.c.file_id)
        ).all()
        codes = imported_lists(connection)
    paths = {row.file_id: archived(settings, row.sha256) for row in waiting}
    counts: Counter[tuple[str, str]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    with workers(settings, sum(p.stat().st_size for p in paths.values()), codes) as hands:
        for file_id, found in _in_order(hands, paths):
            with warehouse.write() as connection:
                add_problems(connection, file_id, "check", list(found.kept))
                connection.execute(update(f).where(f.c.file_id == file_id).values(checked_at=now))
            counts.update(found.counts)
            files.update(found.counts.keys())
    findings = [
        FindingCount(level_of(code), code, place, count, files[code, place])
        for (code, place), count in counts.items()
    ]
    findings.sort(key=lambda one: (one.level, -one.times, one.code, one.place))
    return Checked(len(paths), counts.total(), tuple(findings))


def _in_order(hands: Workers, paths: dict[int, Path]) -> Iterator[tuple[int, Found]]:
    """What was found in each file, in their order; some files ahead are being checked."""
    begun: list[tuple[int, Begun]] = []
    for file_id, path in paths.items():
        begun.append((file_id, hands.begin(path)))
        if len(begun) >= AT_ONCE:
            yield _together(*begun.pop(0))
    for one in begun:
        yield _together(*one)


def _together(file_id: int, begun: Begun) -> tuple[int, Found]:
    counts: Counter[tuple[str, str]] = Counter()
    kept: list[Problem] = []
    for result in begun:
        found = result()
        counts.update(found.counts)
        kept += found.kept
    return file_id, Found(counts, found_of(kept).kept)
