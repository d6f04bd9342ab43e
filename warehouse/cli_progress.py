"""Progress of long work on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, how much there is (as warehouse.steps has it)."""


@contextmanager
def progress_of(step: str) -> Iterator[Progress | None]:
    """What a step may call as it goes along; None where nobody watches.

    It says steps and counts: no name of a file, no claim.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True, markup=False).status(f"{step} …") as status:

        def tell(what: str, done: int, of: int) -> None:
            status.update(f"{step}: {what}, {done} of {of}")

        yield tell
