"""TA1 and 999 of our own for a file that was checked, as files in a folder that a user names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from edi.problem import Problem
from edi.write_acknowledgment import acknowledge

_NUMBERS = 1_000_000_000


def first_number(folder: Path, now: datetime) -> int:
    """A control number that no answer has had: seconds, and past every answer in the folder.

    Numbers of one folder only grow, though two calls fall into one second; nine digits of seconds
    last for 31 years.
    """
    seconds = int(now.replace(tzinfo=UTC).timestamp()) % _NUMBERS
    used = [int(p.stem) for p in folder.iterdir() if p.stem.isdecimal() and len(p.stem) == 9]
    return max(seconds, 1 + max(used, default=0))


def write_answers(
    path: Path, problems: Sequence[Problem], folder: Path, *, now: datetime
) -> list[tuple[str, str, str]]:
    """Writes the answers to a file; (file name, kind, code) of each. None is written over.

    Raises: OSError; OverflowError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    answers = acknowledge(path, problems, control_number=first_number(folder, now), created_at=now)
    for answer in answers:
        name = f"{answer.control_number}.{answer.kind.lower()}"
        with (folder / name).open("xb") as out:
            out.write(answer.content)
        written.append((name, answer.kind, answer.code))
    return written
