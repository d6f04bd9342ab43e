"""A claim that cannot be decided: which faults are its own, and how they are told.

One bad claim does not hold up the others. What is wrong with the warehouse, the archive as a whole
or the settings is no claim's fault and stops the run, so that it can be run again.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from edi.problem import EdiError
from edi.source import SourceRef
from warehouse.database import Terminal, Transient
from warehouse.settings import Settings, SettingsError

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = ("edi", "rules", "warehouse")
_OF_THE_RUN = (SQLAlchemyError, Transient, Terminal, SettingsError, OSError, MemoryError)


def is_the_claims_own(error: Exception, settings: Settings) -> bool:
    """Whether an error is about one claim; otherwise it would meet every other one too.

    A file that is gone from an archive that is there is the fault of the claims in it.
    """
    if isinstance(error, FileNotFoundError):
        return settings.folder("archive").is_dir()
    return not isinstance(error, _OF_THE_RUN)


def fault(error: Exception) -> str:
    """What went wrong and where, without the error's text: that may quote the claim."""
    if isinstance(error, EdiError):
        return f"{error.problem.code} at {error.problem.place}"
    if isinstance(error, FileNotFoundError):
        return "its file is not in the archive"
    ours = [
        f"{path.relative_to(_ROOT).as_posix()}, line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if (path := Path(frame.filename).resolve()).is_relative_to(_ROOT)
        and path.relative_to(_ROOT).parts[0] in _PACKAGES
    ]
    return f"{type(error).__name__} in {ours[-1]}" if ours else type(error).__name__


def explained(why: str, source: SourceRef) -> str:
    """The same as a biller reads it."""
    return (
        f"This claim could not be decided ({why}; the claim stands at {source}); the others were. "
        "A person has to work it, and whoever looks after the program to be told."
    )
