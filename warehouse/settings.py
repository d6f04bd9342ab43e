"""The home folder and its settings (reclaim.toml, payers.toml); names are the contract's."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rules.payer import BadPayers, PayerProfile, parse_payers

FOLDERS = ("inbox", "evidence", "outbox", "shadow", "archive", "quarantine", "appeals")


class SettingsError(Exception):
    """The settings can't be used; the message says file, key and what was expected."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WarehouseSettings(_Section):
    """Where the warehouse is; a relative SQLite path counts from the home folder."""

    url: str = "sqlite:///warehouse.db"


class IntakeSettings(_Section):
    """When a file of the inbox is read, and what is refused.

    ``workers``: processes that ``check`` and ``propose`` share big work among, 0 = one per core;
    ``receive`` is one process, as one alone may write to SQLite.
    """

    settle_seconds: Annotated[float, Field(ge=0)] = 60
    reused_interchange: Literal["mark", "quarantine"] = "mark"
    max_file_bytes: Annotated[int, Field(gt=0)] = 2147483648
    workers: Annotated[int, Field(ge=0)] = 0


def _money(value: object) -> object:
    """TOML's floats by their text, so that 100000.10 stays what was written."""
    return Decimal(str(value)) if isinstance(value, float) else value


class EmissionSettings(_Section):
    """What may be sent, how much of it, and whether it really goes out."""

    mode: Literal["shadow", "live"] = "shadow"
    automatic: tuple[str, ...] = ()
    paid_claims: Literal["approval", "automatic"] = "approval"
    max_claims_per_day: Annotated[int, Field(ge=0)] = 200
    max_charge_per_day: Annotated[Decimal, BeforeValidator(_money)] = Decimal("100000.00")
    unconfirmed_after_hours: Annotated[float, Field(ge=0)] = 24
    first_interchange_control_number: Annotated[int, Field(ge=1, le=999999999)] = 900000000


class ReviewSettings(_Section):
    """Who may approve; empty = anyone."""

    reviewers: tuple[str, ...] = ()


class _File(_Section):
    warehouse: WarehouseSettings = WarehouseSettings()
    intake: IntakeSettings = IntakeSettings()
    emission: EmissionSettings = EmissionSettings()
    review: ReviewSettings = ReviewSettings()


class Settings(_Section):
    """One home folder with its settings, built at the edge and passed in."""

    home: Path
    warehouse: WarehouseSettings = WarehouseSettings()
    intake: IntakeSettings = IntakeSettings()
    emission: EmissionSettings = EmissionSettings()
    review: ReviewSettings = ReviewSettings()

    def folder(self, name: str) -> Path:
        """One of the home's folders."""
        return self.home / name

    @cached_property
    def payers(self) -> tuple[PayerProfile, ...]:
        """payers.toml.

        Raises: SettingsError.
        """
        path = self.home / "payers.toml"
        if not path.exists():
            return ()
        try:
            return parse_payers(path.read_text(encoding="utf-8"))
        except (BadPayers, UnicodeDecodeError) as error:
            raise SettingsError(str(error)) from None

    def idle_rules(self, automatic_rules: Iterable[str]) -> tuple[str, ...]:
        """Globs of ``automatic`` that let no rule go: misspelt, or of rules that need a person."""
        codes = tuple(automatic_rules)
        return tuple(
            g for g in self.emission.automatic if not any(fnmatchcase(c, g) for c in codes)
        )

    @property
    def url(self) -> str:
        """The warehouse's SQLAlchemy URL, a SQLite path made absolute."""
        url = self.warehouse.url
        prefix = "sqlite:///"
        if url.startswith(prefix) and not Path(url[len(prefix) :]).is_absolute():
            return prefix + str((self.home / url[len(prefix) :]).resolve())
        return url


def home_of(home: str | Path | None = None) -> Path:
    """The home folder: as named, else RECLAIM_HOME, else ./reclaim-home."""
    return Path(home or os.environ.get("RECLAIM_HOME") or "reclaim-home").absolute()


def load_settings(home: str | Path | None = None) -> Settings:
    """Settings of a home that ``reclaim init`` made; RECLAIM_WAREHOUSE wins over its URL.

    Raises: SettingsError, for a home that is not there, bad TOML, unknown keys, wrong values.
    """
    folder = home_of(home)
    if not folder.is_dir():
        raise SettingsError(f"no home folder at {folder}; make one with: reclaim init --home DIR")
    path = folder / "reclaim.toml"
    if not path.exists() and not (folder / "inbox").is_dir():
        raise SettingsError(f"{folder} is no home folder yet; run: reclaim init --home DIR")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        parsed = _File(**data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"reclaim.toml: {error}") from None
    except ValidationError as error:
        raise SettingsError(_in_words(error)) from None
    except TypeError:
        raise SettingsError(
            "reclaim.toml: tables are warehouse, intake, emission, review"
        ) from None
    warehouse = parsed.warehouse
    if url := os.environ.get("RECLAIM_WAREHOUSE"):
        warehouse = WarehouseSettings(url=url)
    return Settings(
        home=folder,
        warehouse=warehouse,
        intake=parsed.intake,
        emission=parsed.emission,
        review=parsed.review,
    )


def _in_words(error: ValidationError) -> str:
    """Every wrong key, one a line: place, what was expected. Values may be secrets: not shown."""
    lines = []
    for e in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in e["loc"])
        said = "unknown key" if e["type"] == "extra_forbidden" else e["msg"]
        lines.append(f"reclaim.toml: {place}: {said}")
    return "\n".join(lines)
