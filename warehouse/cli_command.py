"""What every command has: a home, a day, an exit status, and errors in words.

A command is a function of a :class:`Desk` that returns an :class:`Answer`. The options
``--home``, ``--json`` and ``--as-of`` are added here, so that no command can lack one.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import DONE, FAILED, WRONG_USE, Answer, json_text, say

if TYPE_CHECKING:
    from warehouse.database import Warehouse
    from warehouse.settings import Settings

PACKAGES = ("edi", "rules", "warehouse")


class WrongUse(Exception):
    """What was asked for can't be done; the message says what to do instead."""


def day(text: str) -> date:
    """A day as ``--as-of`` takes it.

    >>> day("2026-10-05")
    datetime.date(2026, 10, 5)
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise typer.BadParameter("expected a day such as 2026-10-05") from None


Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="The home folder. Default: RECLAIM_HOME, else ./reclaim-home.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output, for scripts.")
]
AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        parser=day,
        help="The day that deadlines are counted from. Default: today.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Desk:
    """Where a command works: the home it was given and the day it counts from."""

    named_home: Path | None
    asked_day: date | None
    as_json: bool = False

    @property
    def as_of(self) -> date:
        """The day asked for, else today."""
        return self.asked_day or date.today()

    @property
    def home(self) -> Path:
        """The home folder, whether it is there or not."""
        from warehouse.settings import home_of

        return home_of(self.named_home)

    @cached_property
    def settings(self) -> Settings:
        """The settings of the home.

        Raises: SettingsError.
        """
        from warehouse.settings import load_settings

        return load_settings(self.named_home)

    @property
    def settings_of_a_run(self) -> Settings:
        """The settings, payers.toml with them: nothing is begun that it would stop half-way.

        Raises: SettingsError.
        """
        _ = self.settings.payers
        return self.settings

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """The home's warehouse, closed at the end."""
        from warehouse.database import Warehouse

        opened = Warehouse(self.settings.url)
        try:
            yield opened
        finally:
            opened.close()


Command = Callable[..., Answer]


def command(
    app: typer.Typer, name: str | None = None, *, examples: tuple[str, ...], **more: Any
) -> Callable[[Command], Command]:
    """Register a function of a desk as a command, with the options that all have."""
    epilog = "\n".join(("Examples:", *(f"  {example}" for example in examples)))

    def register(function: Command) -> Command:
        # A paragraph's lines are joined: the terminal breaks them where it has to.
        paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
        words = "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)
        app.command(name, help=words, epilog=epilog, **more)(_with_options(function))
        return function

    return register


def _with_options(function: Command) -> Callable[..., None]:
    """The function as Typer sees it: the desk replaced by the options that make it."""
    signature = inspect.signature(function, eval_str=True)
    _, *own = signature.parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter("home", keyword, default=None, annotation=Home),
        inspect.Parameter("as_json", keyword, default=False, annotation=AsJson),
        inspect.Parameter("as_of", keyword, default=None, annotation=AsOf),
    ]

    @functools.wraps(function)
    def run(*, home: Path | None, as_json: bool, as_of: date | None, **arguments: Any) -> None:
        desk = Desk(home, as_of, as_json)
        raise typer.Exit(answered(functools.partial(function, desk, **arguments), as_json=as_json))

    own = [p.replace(kind=keyword) for p in own]
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    return run


def answered(ask: Callable[[], Answer], *, as_json: bool) -> int:
    """Say the answer, or in words why there is none; the exit status."""
    try:
        answer = ask()
        say(answer, as_json=as_json)
        return answer.exit_status
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise
    except Exception as error:
        status, words = in_words(error)
        if words is None:
            if os.environ.get("RECLAIM_DEBUG"):
                raise
            words = f"{_unforeseen(error)}; RECLAIM_DEBUG=1 shows more, patient data too"
    print(f"reclaim: {words}", file=sys.stderr)
    if as_json:
        print(json_text({"error": words, "exit_status": status}))
    return status


def in_words(error: Exception) -> tuple[int, str | None]:
    """Exit status and one sentence; None for an error that nobody foresaw.

    Imported here, because whoever only asks for help should not wait for a database.
    """
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    from edi.problem import EdiError
    from warehouse.database import Terminal, Transient
    from warehouse.settings import SettingsError

    match error:
        case WrongUse() | SettingsError():
            return WRONG_USE, str(error)
        case Transient():
            return FAILED, f"{error}; nothing is lost, run it again"
        case Terminal() | EdiError():
            return FAILED, str(error)
        case ArgumentError() | NoSuchModuleError():
            return WRONG_USE, (
                "the warehouse's url (reclaim.toml or RECLAIM_WAREHOUSE) can't be used; expected "
                "sqlite:///warehouse.db or postgresql+psycopg://…"
            )
        case ModuleNotFoundError(name="psycopg" | "psycopg2"):
            return WRONG_USE, "a warehouse on PostgreSQL needs psycopg: pip install 'psycopg'"
        case OSError():
            # Without the path: the name of a file that was dropped may name a patient.
            reason = os.strerror(error.errno) if error.errno else "a file can't be used"
            return FAILED, f"{reason} ({type(error).__name__}); nothing is lost, run it again"
    return FAILED, None


def _unforeseen(error: Exception) -> str:
    """Kind and place of an error without its text, which may quote a claim."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent.name in PACKAGES
    ]
    places = " > ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames[-4:])
    return f"{type(error).__name__} at {places or 'an unknown place'}; nothing is lost"


__all__ = ["DONE", "Answer", "Desk", "WrongUse", "command"]
