"""A simulated world received and matched, and how far that is from its truth, quirk by quirk.

    python tests/benchmarks/matching_quality.py [--claims 2000] [--seed 7]

Prints three tables: claims, lines and denials. "open" is what cannot be told and was left open,
"guessed" what cannot be told and was joined all the same (or a denial that nobody meant).
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from simulator.world import World, make_world
from warehouse import steps
from warehouse.settings import Settings

DAY = date(2026, 6, 1)
FUTURE = datetime(2030, 1, 1)
KNOWABLE = ("certain", "inferable")

PAYERS = """\
[[payer]]
name = "Acme Health"
ids = ["87726"]
kind = "commercial"
claim_filing = ["CI"]
replacement_claims = true

[[payer]]
name = "Acme Medicare Advantage"
ids = ["87726"]
kind = "medicare_advantage"
claim_filing = ["16"]
replacement_claims = true

[[payer]]
name = "Sample Mutual"
ids = ["SMPL2"]
replacement_claims = true

[[payer]]
name = "Demo Medicare Contractor"
ids = ["DMAC1", "04999"]
kind = "medicare_part_b"
replacement_claims = false

[[payer]]
name = "Testcase State Plan"
ids = ["TSP04", "1999999904", "999999904"]
kind = "medicaid"
replacement_claims = true
"""


def new_home(home: Path) -> Settings:
    """An empty home that knows the world's payers and reads files at once."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "payers.toml").write_text(PAYERS)
    return steps.initialise(home)


def take_in(settings: Settings, files: dict[str, bytes]) -> None:
    """Drop, receive, match."""
    for name, data in files.items():
        (settings.folder("inbox") / name).write_bytes(data)
    steps.receive(settings, as_of=DAY, now=FUTURE)
    steps.match(settings, as_of=DAY)


def rows(settings: Settings, sql: str) -> list[dict[str, Any]]:
    """Rows of the warehouse."""
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


@dataclass
class Quality:
    """What came out right and wrong, by quirk ("" for those without one)."""

    right: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    undecidable: Counter[str] = field(default_factory=Counter)
    guessed: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, counter: Counter[str], quirks: list[str], example: str = "") -> None:
        """Counts one thing under each of its quirks, and under "all"."""
        for quirk in {*(quirks or ["plain"]), "all"}:
            counter[quirk] += 1
        if example and len(self.examples) < 40:
            self.examples.append(example)

    @property
    def known_rate(self) -> float:
        """Of what can be known, how much is matched."""
        whole = self.right["all"] + self.missed["all"] + self.wrong["all"]
        return self.right["all"] / whole if whole else 1.0

    def table(self) -> Iterator[tuple[str, int, int, int, int, int]]:
        """Rows by quirk: right, missed, wrong, rightly left open, wrongly guessed."""
        quirks = {q for c in (self.right, self.missed, self.wrong, self.undecidable, self.guessed)
                  for q in c}  # fmt: skip
        for quirk in sorted(quirks, key=lambda q: (q != "all", q)):
            yield (quirk, self.right[quirk], self.missed[quirk], self.wrong[quirk],
                   self.undecidable[quirk], self.guessed[quirk])  # fmt: skip


_CLAIMS = """
select f.file_name, cp.claim_position, sf.file_name as sent_in, s.claim_position as sent_at,
       rf.file_name as reverses_file, back.claim_position as reverses_at, cp.payment_cents
from claim_payment as cp
join file as f on f.file_id = cp.file_id
left join submission as s on s.submission_id = cp.submission_id
left join file as sf on sf.file_id = s.file_id
left join claim_payment as back on back.claim_payment_id = cp.reverses_id
left join file as rf on rf.file_id = back.file_id
"""


def originals(world: World) -> dict[str, str]:
    """The name of a payment that came twice, by the name of its copy: either of them may win."""
    return {r["file_name"]: r["duplicate_of"] for r in world.truth["files"] if r["duplicate_of"]}


def claim_quality(settings: Settings, world: World) -> Quality:
    """Each CLP to the submission it answers, and each reversal to what it takes back."""
    same = originals(world)
    found = {
        (same.get(r["file_name"], r["file_name"]), r["claim_position"]): r
        for r in rows(settings, _CLAIMS)
    }
    quality = Quality()
    for truth in world.truth["remittance_claims"]:
        key = (truth["file_name"], truth["claim_position"])
        row = found.get(key)
        if row is None:
            quality.note(quality.missed, truth["quirks"], f"{key} is not here")
            continue
        ours = [row["sent_in"], row["sent_at"]] if row["sent_in"] else None
        file = row["reverses_file"]
        back = [same.get(file, file), row["reverses_at"]] if file else None
        right = ours == truth["answers"] and back == truth["reverses"]
        right = right and row["payment_cents"] == truth["net_cents"]
        said = f"{key} {truth['match']} {truth['quirks']}: {ours} {back} for {truth}"
        if truth["candidates"]:
            # Of submissions that nothing tells apart any one will do, and no other; what is taken
            # back and what the claim came to is told all the same.
            ok = ours is None or ours in truth["candidates"]
            ok = ok and back == truth["reverses"] and row["payment_cents"] == truth["net_cents"]
            quality.note(quality.undecidable if ok else quality.wrong, truth["quirks"],
                         "" if ok else said)  # fmt: skip
        elif truth["match"] not in KNOWABLE:
            quality.note(quality.guessed if ours else quality.undecidable, truth["quirks"])
        elif right:
            quality.note(quality.right, truth["quirks"])
        elif ours is None:
            optional = truth["match"] == "inferable"
            counter = quality.undecidable if optional else quality.missed
            quality.note(counter, truth["quirks"], "" if optional else said)
        else:
            quality.note(quality.wrong, truth["quirks"], said)
    return quality


def line_quality(settings: Settings, world: World) -> Quality:
    """Each SVC to the line it answers; what can't be told is ambiguous."""
    same = originals(world)
    found = {
        (same.get(r["file_name"], r["file_name"]), r["claim_position"], r["service_position"]): r
        for r in rows(settings, "select * from mart_adjudicated_line")
    }
    quality = Quality()
    claims = {(r["file_name"], r["claim_position"]): r for r in world.truth["remittance_claims"]}
    for truth in world.truth["adjudicated_lines"]:
        place = (truth["file_name"], truth["claim_position"])
        row = found.get((*place, truth["service_position"]))
        quirks = [*claims[place]["quirks"], *truth["quirks"]]
        if row is None:
            quality.note(quality.missed, quirks, f"{place} is not here")
            continue
        if not truth["service_position"]:
            continue
        line, method = row["line_number"], row["match_method"]
        said = f"{place} {truth['service_position']} {quirks}: {line} {method} for {truth}"
        optional = "inferable" in (truth["match"], claims[place]["match"])
        if truth["match"] not in KNOWABLE:
            ok = line is None and method in ("ambiguous", "unmatched")
            quality.note(quality.undecidable if ok else quality.guessed, quirks,
                         "" if ok else said)  # fmt: skip
        elif line == str(truth["line_number"]):
            quality.note(quality.right, quirks)
        elif line is None:
            counter = quality.undecidable if optional else quality.missed
            quality.note(counter, quirks, "" if optional else said)
        else:
            quality.note(quality.wrong, quirks, said)
    return quality


_DENIALS = """
select d.*, f.file_name, cp.claim_position, dn.service_position
from mart_denial as d
join denial as dn using (denial_id)
join claim_payment as cp using (claim_payment_id)
join file as f using (file_id)
"""


def denial_quality(settings: Settings, world: World) -> Quality:
    """Denials: none missed, none invented, amounts to the cent, the right reason and kind."""
    same = originals(world)
    found = {
        (same.get(r["file_name"], r["file_name"]), r["claim_position"], r["service_position"]): r
        for r in rows(settings, _DENIALS)
    }
    quality = Quality()
    for truth in world.truth["denials"]:
        key = (truth["file_name"], truth["claim_position"], truth["service_position"])
        row = found.pop(key, None)
        quirks = [truth["kind"]]
        if row is None:
            quality.note(quality.missed, quirks, f"missed {truth}")
            continue
        # What is refused in silence has no denial amount of its own: the whole charge is at stake.
        amount = round(row["denied_amount"] * 100)
        right = amount == truth["denied_cents"] or truth["kind"] == "silent"
        right = right and (row["group_code"], row["reason_code"]) == (
            truth["group_code"], truth["reason_code"],
        )  # fmt: skip
        right = right and (truth["kind"] != "pended" or row["path"] in ("hold", "none"))
        right = right and (truth["kind"] != "silent" or row["path"] in ("review", "none"))
        said = f"wrong {truth} {amount} {row['reason_code']} {row['path']}"
        quality.note(quality.right if right else quality.wrong, quirks, "" if right else said)
    for key, row in found.items():
        quality.note(quality.guessed, ["invented"], f"invented {key} {row['reason_code']}")
    return quality


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    world = make_world(arguments.seed, arguments.claims)
    with tempfile.TemporaryDirectory(prefix="reclaim-quality-") as folder:
        settings = new_home(Path(folder) / "home")
        take_in(settings, world.files)
        for name, measure in (
            ("claims", claim_quality), ("lines", line_quality), ("denials", denial_quality),
        ):  # fmt: skip
            quality = measure(settings, world)
            print(f"\n{name}: {quality.known_rate:.2%} of what can be known")
            print(f"{'quirk':<30}{'right':>8}{'missed':>8}{'wrong':>8}{'open':>8}{'guessed':>8}")
            for quirk, *counts in quality.table():
                print(f"{quirk:<30}" + "".join(f"{count:>8}" for count in counts))


if __name__ == "__main__":
    main()
