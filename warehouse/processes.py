"""Processes beside this one, ``intake.workers`` of them, for work that is worth it."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from warehouse.database import Transient
from warehouse.settings import Settings


@contextmanager
def processes(settings: Settings, *, worth_it: bool) -> Iterator[ProcessPoolExecutor | None]:
    """Processes that take work, each a second after it is first asked; None: do it here.

    Raises: Transient, when one of them was ended from outside.
    """
    count = settings.intake.workers or os.cpu_count() or 1
    # A daemonic process, as some schedulers run tasks in, may have no children.
    if not worth_it or count < 2 or multiprocessing.current_process().daemon:
        yield None
        return
    # Spawned, not forked: this process has open connections and may have threads.
    spawn = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(count, mp_context=spawn, initializer=_collect_rarely) as pool:
            yield pool
    except BrokenProcessPool:
        raise Transient("a process that shared the work was ended") from None


def _collect_rarely() -> None:
    """Look for cycles less often than Python does.

    What is imported stays, and records go with their batch; a look every 700 of them was an eighth
    of the work.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
