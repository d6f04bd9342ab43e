"""A home folder with the made-up month in it, as a clearinghouse and a chart would leave it."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from warehouse.database import Warehouse
from warehouse.home import initialise
from warehouse.reference import import_files
from warehouse.settings import Settings, SettingsError, load_settings

MARK = ".made-by-demo"
"""The file that tells a demo's home from a practice's."""

_MONTH = Path(__file__).parent / "month"
_REFERENCE = Path(__file__).parent / "reference"
_CODE_SETS = (
    ("ptp", "pairs_made_up.txt"),
    ("mue", "units_made_up.csv"),
    ("aoc", "add_ons_made_up.txt"),
)
_SETTINGS = ("reclaim.toml", "payers.toml")
_DROPS = ("inbox", "evidence")


def prepare(home: Path) -> Settings:
    """Make the home anew: settings and warehouse, then the month's files.

    Raises: SettingsError for a folder that holds something, and not an earlier demo.
    """
    if home.exists() and not home.is_dir():
        raise SettingsError("there is a file where the demo's home should be; give another --home")
    if is_demo(home):
        shutil.rmtree(home)
    elif home.is_dir() and any(home.iterdir()):
        raise SettingsError("this folder is not empty, and no demo made it; give another --home")
    home.mkdir(parents=True, exist_ok=True)
    # First of all, so that a demo that was stopped here can be made anew.
    (home / MARK).touch()
    for name in _SETTINGS:
        shutil.copyfile(_MONTH / name, home / name)
    settings = initialise(home)
    for folder in _DROPS:
        for source in sorted((_MONTH / folder).iterdir()):
            shutil.copyfile(source, home / folder / source.name)
    bring_code_sets(settings)
    return settings


def bring_code_sets(settings: Settings) -> None:
    """Import the demo's made-up code sets for the quarter of the month."""
    warehouse = Warehouse(settings.url)
    try:
        for kind, name in _CODE_SETS:
            import_files(
                warehouse,
                kind,
                [_REFERENCE / name],
                valid_from=date(2026, 7, 1),
                valid_to=date(2026, 9, 30),
                now=datetime.now(UTC).replace(tzinfo=None),
            )
    finally:
        warehouse.close()


def is_demo(home: Path) -> bool:
    """Whether an earlier demo made this folder."""
    return (home / MARK).is_file()


def opened(home: Path) -> Settings:
    """The settings of a demo's home.

    Raises: SettingsError for a home that no demo made: what is approved here is made up.
    """
    settings = load_settings(home)
    if not is_demo(home):
        raise SettingsError("no demo made this home; make one with: reclaim demo --prepare")
    return settings


def new_folder() -> Path:
    """An empty folder that stays after the demo, for who wants to look around."""
    return Path(tempfile.mkdtemp(prefix="reclaim-demo-"))


def forget_other_warehouse() -> bool:
    """The demo never reaches a warehouse that the shell is set up for; whether there was one."""
    return os.environ.pop("RECLAIM_WAREHOUSE", None) is not None
