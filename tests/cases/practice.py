"""A home in live mode with one payer of two ids, and files for it a claim at a time."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.reading import ATTESTED, MEMBER, claim_file, payment_file, segments
from warehouse import review, steps
from warehouse.settings import Settings, load_settings
from warehouse.verify import Verification, verify

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
SETTINGS = '[intake]\nsettle_seconds = 0\n[emission]\nmode = "live"\nautomatic = ["*"]\n'
PAYERS = (
    '[[payer]]\nname = "A"\nids = ["87726", "ACME1"]\nreplacement_claims = true\n'
    "corrected_claim_days = 180\nappeal_days = 180\noriginal_claim_days = 365\n"
)
NUMBER = {
    "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, **MEMBER, "number": "A1",
    "procedure_codes": ["64483"], "units": 1, "valid_from": "2026-03-01", "valid_to": "2026-05-01",
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
CHILD = "HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*SAM~N3*2 OAK ST~N4*AUSTIN*TX*787010000~DMG*D8*20100101*M~"


class Practice:
    """What a practice, its payer and its biller do, through the steps."""

    def __init__(self, folder: Path, settings: str = SETTINGS, payers: str = PAYERS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "payers.toml").write_text(payers)
        (folder / "reclaim.toml").write_text(settings)
        self.settings: Settings = steps.initialise(folder)
        self.home = folder
        self._files = 0

    def set(self, settings: str = SETTINGS, payers: str = PAYERS) -> None:
        """Other settings from here on."""
        (self.home / "payers.toml").write_text(payers)
        (self.home / "reclaim.toml").write_text(settings)
        self.settings = load_settings(self.home)

    def bill(
        self,
        n: int = 1,
        *,
        on: str = "20260315",
        frequency: str = "1",
        more: str = "",
        payer: str = "87726",
        member: str = "W123456789",
        child: bool = False,
    ) -> None:
        """An 837P of one claim, PCN<n>, of the 1<n>th of March; ``child``: of a dependent."""
        self._files += 1
        body = (CHILD if child else "") + (
            f"CLM*PCN{n}*600***11:B:{frequency}*Y*A*Y*Y~{more}HI*ABK:M5416~"
            f"LX*1~SV1*HC:64483*600*UN*1***1~DTP*472*D8*2026031{n}~"
        )
        sbr = "SBR*P********CI" if child else ""
        text = claim_file(segments(body), payer=f"PAYER*****PI*{payer}", member=member, sbr=sbr)
        if child:
            text = text.replace("HL*2*1*22*0", "HL*2*1*22*1")
        text = text.replace("20260315*1200*CH", f"{on}*1200*CH")
        self._drop("837", text.replace("BHT*0019*00*1*", f"BHT*0019*00*{self._files}*"))

    def hear(
        self,
        n: int = 1,
        *,
        on: str = "20260401",
        paid: int = 0,
        carc: str = "197",
        number: str = "",
        payer: str = "87726",
        takes_back: str = "",
        frequency: str = "1",
    ) -> None:
        """An 835 of one claim: refused, or paid; it may first take a number back.

        Another id of the payer comes with another tax id.
        """
        self._files += 1
        member = "NM1*QC*1*DOE*JANE****MI*W123456789~"
        why = f"CAS*CO*45*{600 - paid}~" if paid else f"CAS*CO*{carc}*600~"
        body = (
            f"CLP*PCN{n}*1*600*{paid}**12*{number or f'PCCN{n}'}*11*{frequency}~{member}"
            f"SVC*HC:64483*600*{paid}**1~DTM*472*2026031{n}~{why}"
        )
        if takes_back:
            body = (
                f"CLP*PCN{n}*22*-600*0**12*{takes_back}*11*1~{member}"
                f"SVC*HC:64483*-600*0**-1~DTM*472*2026031{n}~CAS*CO*197*-600~{body}"
            )
        text = payment_file(segments(body)).replace("TRN*1*1*", f"TRN*1*{self._files}*")
        if paid:
            text = text.replace("BPR*I*0*C*NON", f"BPR*I*{paid}*C*CHK")
        if payer != "87726":
            text = text.replace("1999999999", "1888888888").replace("XV*87726", f"XV*{payer}")
        self._drop("835", text.replace("20260401", on))

    def _drop(self, ending: str, text: str) -> None:
        path = self.home / "inbox" / f"{self._files:03d}.{ending}"
        path.write_text(text.replace("000000001", f"{self._files:09d}"))

    def refused(self, *numbers: int) -> None:
        """Claims and their refusals, and an authorization for each of them."""
        for n in numbers:
            self.bill(n)
            self.hear(n)
        self.know(*(
            {"document_id": f"AUTH-{n}", "number": f"A{n}",
             "valid_from": f"2026-03-1{n}", "valid_to": f"2026-03-1{n}"}
            for n in numbers
        ))  # fmt: skip

    def know(self, *records: dict[str, Any]) -> None:
        """Authorizations, each as NUMBER but for what is given."""
        self._files += 1
        lines = [json.dumps({**NUMBER, **record}) + "\n" for record in records]
        (self.home / "evidence" / f"{self._files:03d}.jsonl").write_text("".join(lines))

    def run(self, day: date = DAY, now: datetime | None = None) -> steps.RunResult:
        return steps.run(self.settings, as_of=day, now=now or _time(day))

    def stall(self) -> None:
        """A run whose outbox is away: what may go is written down, and stays."""
        box = self.home / "outbox"
        box.rmdir()
        box.write_text("the share is away")
        with pytest.raises(OSError, match="outbox"):
            self.run()
        box.unlink()
        box.mkdir()

    def emit(self, day: date = DAY, now: datetime | None = None) -> steps.Emitted:
        return steps.emit(self.settings, as_of=day, now=now or _time(day))

    def approve(self, by: str = "biller.b") -> None:
        """Whatever waits for a person."""
        while waiting := self.sql(
            "select denial_id from denial where status = 'awaiting_approval'"
        ):
            with steps.opened(self.settings) as warehouse:
                review.approve(warehouse, self.settings, str(waiting[0]["denial_id"]), by=by,
                               as_of=DAY, now=NOW)  # fmt: skip

    def verify(self, day: date = DAY) -> Verification:
        with steps.opened(self.settings) as warehouse:
            return verify(warehouse, self.settings, as_of=day)

    def sql(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.home / "warehouse.db")
        connection.row_factory = sqlite3.Row
        try:
            with connection:
                return [dict(row) for row in connection.execute(statement, values)]
        finally:
            connection.close()

    def denials(self) -> dict[str, dict[str, Any]]:
        """The newest denial of each claim."""
        found = self.sql("select * from mart_denial order by denial_id")
        return {row["patient_control_number"]: row for row in found}

    def sent(self) -> dict[str, str]:
        """What lies in the outbox, by name."""
        return {p.name: p.read_text() for p in sorted((self.home / "outbox").glob("*.837"))}


def _time(day: date) -> datetime:
    return datetime.combine(day, NOW.time())
