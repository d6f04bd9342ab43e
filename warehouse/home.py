"""The home folder: made once, never overwriting what a user may have edited."""

from __future__ import annotations

from pathlib import Path

from warehouse.database import Warehouse
from warehouse.settings import FOLDERS, Settings, SettingsError, load_settings

_SETTINGS = """\
# Settings of this home. Every key may be left out; the values shown are the defaults.
[warehouse]
url = "sqlite:///warehouse.db"         # relative to this folder; RECLAIM_WAREHOUSE wins

[intake]
settle_seconds = 60                    # a file in inbox/ is read when unchanged this long
reused_interchange = "mark"            # "mark" | "quarantine"
max_file_bytes = 2147483648
workers = 0                            # processes of check and propose; 0 = one per core

[emission]
mode = "shadow"                        # "shadow" writes to shadow/; "live" writes to outbox/
automatic = []                         # rule codes (globs) that may go without a person
paid_claims = "approval"               # "approval" | "automatic"
max_claims_per_day = 200
max_charge_per_day = 100000.00
unconfirmed_after_hours = 24
first_interchange_control_number = 900000000

[review]
reviewers = []                         # names that may approve; empty = anyone
"""

_PAYERS = """\
# One table a payer. A payer that is not here is not known to take replacement claims, and
# nothing is sent to it. Leave out what you do not know: a person is asked then.
#
# [[payer]]
# name = "Acme Health"
# claim_filing = []                    # SBR09 values, where one id carries several lines
# ids = ["87726"]                      # every id the payer goes by, in 837Ps and in 835s
# kind = "commercial"                  # or medicare_part_b, medicare_advantage, medicaid
# replacement_claims = true            # takes CLM05-3 = 7
# bilateral = "modifier_50"            # modifier_50 | rt_lt_lines
# distinct_modifier = "x"              # x = XE, XP, XS, XU | 59, where it takes only that
# corrected_claim_days = 180           # from the day below
# corrected_claim_from = "remittance"  # remittance | service
# appeal_days = 120
# original_claim_days = 365
# source = "2026 provider manual, p. 41"
# source_date = 2026-02-01
"""

_FEES = "payer_id,procedure_code,modifiers,place_of_service,from,to,allowed_amount,source\n"


def initialise(home: Path) -> Settings:
    """Folders, commented settings and the warehouse of a home; safe to repeat.

    Raises: SettingsError; Transient; OSError.
    """
    if home.exists() and not home.is_dir():
        raise SettingsError(f"{home} is a file; a home is a folder")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{home} can't be made: {error.strerror}") from None
    for name in FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)
    for name, text in (
        ("reclaim.toml", _SETTINGS),
        ("payers.toml", _PAYERS),
        ("fees.csv", _FEES),
    ):
        path = home / name
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    settings = load_settings(home)
    _keep_private(settings)
    warehouse = Warehouse(settings.url)
    try:
        warehouse.migrate()
    finally:
        warehouse.close()
    return settings


def _keep_private(settings: Settings) -> None:
    """The warehouse holds patient data: nobody but its owner reads the file."""
    prefix = "sqlite:///"
    if settings.url.startswith(prefix):
        path = Path(settings.url[len(prefix) :])
        path.touch(mode=0o600, exist_ok=True)
