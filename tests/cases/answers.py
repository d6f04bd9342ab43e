"""One claim and what payers answer to it: files of one claim each, and where their lines went."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

from cases.reading import claim_file, payment_file, segments
from warehouse import steps
from warehouse.settings import Settings

DAY, NOW = date(2026, 6, 1), datetime(2030, 1, 1)
PAYERS = """
[[payer]]
name = "Acme Health"
ids = ["87726"]
kind = "commercial"
replacement_claims = true
corrected_claim_days = 365
appeal_days = 180
original_claim_days = 365
"""
ONE = "LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*{day}~"
SERVICE = "SVC*HC:64483*450*{paid}**1~{dtm}CAS*CO*{code}*{cut}~"
Files = Sequence[tuple[str, str]]


def billed(
    number: int,
    on: str = "20260315",
    *,
    lines: str = ONE,
    day: str = "20260302",
    charge: str = "450",
    pcn: str = "PCN1",
    frequency: str = "1",
    names: str = "",
    **who: str,
) -> tuple[str, str]:
    """An 837P of one claim, sent on a day."""
    claim = (
        f"CLM*{pcn}*{charge}***11:B:{frequency}*Y*A*Y*Y~"
        + (f"REF*F8*{names}~" if names else "")
        + "HI*ABK:M5416~"
        + lines.format(day=day)
    )
    text = claim_file(segments(claim), **who)
    text = text.replace("20260315*1200*CH", f"{on}*1200*CH").replace("000000001", f"{number:09d}")
    return f"{number}.837", text


def told(
    number: int,
    on: str = "20260401",
    *,
    day: str = "20260302",
    services: str = SERVICE,
    charge: str = "450",
    paid: str = "0",
    code: str = "197",
    pcn: str = "PCN1",
    icn: str = "ICN1",
    frequency: str = "",
    member: str = "W123456789",
    name: str = "DOE*JANE",
    more: str = "",
) -> tuple[str, str]:
    """An 835 of one claim payment; ``day`` of its service, "" where it tells none."""
    dtm = f"DTM*472*{day}~" if day else ""
    cut = float(charge) - float(paid)
    claim = (f"CLP*{pcn}*1*{charge}*{paid}**12*{icn}*11*{frequency}".rstrip("*") + "~"
             + f"NM1*QC*1*{name}" + (f"****MI*{member}" if member else "") + "~" + more
             + services.format(dtm=dtm, paid=paid, code=code if paid == "0" else "45",
                               cut=f"{cut:.0f}"))  # fmt: skip
    text = payment_file(segments(claim)).replace("TRN*1*1*", f"TRN*1*T{number}*")
    text = text.replace("20260401", on).replace("000000001", f"{number:09d}")
    if paid != "0":
        text = text.replace("BPR*I*0*C*NON", f"BPR*I*{paid}*C*CHK")
    return f"{number}.835", text


def run(folder: Path, files: Files) -> Settings:
    """Every file in a run of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "payers.toml").write_text(PAYERS)
    settings = steps.initialise(folder)
    for name, text in files:
        (settings.folder("inbox") / name).write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
        steps.propose(settings, as_of=DAY)
    return settings


def rows(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    try:
        return list(connection.execute(text))
    finally:
        connection.close()


JOINED = """
select mine.file_name, answered.file_name, mine.line_number, mine.match_method
from mart_adjudicated_line as mine
left join mart_submission as answered using (submission_id)
order by mine.file_name, mine.claim_position, mine.service_position
"""
DENIALS = """
select reason_code, line_number, path, decision, status, cast(recovered_amount as integer)
from mart_denial order by denied_on, reason_code
"""


def joined(folder: Path, *files: tuple[str, str]) -> dict[str, str | None]:
    """The 837P that each 835 answers."""
    return {row[0]: row[1] for row in rows(run(folder, files), JOINED)}


def in_any_order(
    folder: Path, files: Files, look: Callable[[Settings], Any], orders: int = 24
) -> Any:
    """What every order of arrival comes to: the same."""
    found = []
    every = list(permutations(files))
    for nth, order in enumerate(every[:: max(1, len(every) // orders)]):
        found.append(look(run(folder / str(nth), order)))
        assert found[-1] == found[0], [name for name, _ in order]
    return found[0]
