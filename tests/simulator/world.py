"""A world: practices that bill for some weeks, payers of every habit, and the truth beside it.

`python tests/simulator/world.py --claims 20000 --seed 7 --out DIR` writes the files to DIR and
the truth to DIR/truth.json; the README beside this file says what stands in it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.payer import Payer
from simulator.plan import Identity, Plans, Quirks
from simulator.practice import Claim, by_patient, write_837p
from simulator.quirks import chance, choose
from simulator.submitted import SubmittedClaim, read_837p
from simulator.world_cast import PAYERS, PRACTICES, payers_toml
from simulator.world_claims import Billed, draw
from simulator.world_follow_ups import follow_up, stranger
from simulator.world_truth import TruthMaker
from simulator.x12_text import under_another_envelope

FIRST_WEEK = date(2026, 3, 2)
WEEKS_BILLED = 4
WEEKS_PAID = 10
WEEKS = (
    date(2025, 3, 3),
    *(FIRST_WEEK + timedelta(weeks=nth) for nth in range(WEEKS_BILLED)),
)
"""When claims are billed first: once a year before, then week after week."""
UNANSWERED = 0.02
RESENT = 0.03


@dataclass(slots=True)
class World:
    """The files by name in the order in which they came to be, and what is true of them."""

    seed: int
    files: dict[str, bytes] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the files, with the payers.toml they want and truth.json beside them."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        (folder / "payers.toml").write_text(payers_toml(), encoding="ascii", newline="\n")
        (folder / "truth.json").write_text(as_text(self.truth), encoding="ascii", newline="\n")


@dataclass(slots=True)
class _Making:
    """What is known while the weeks go by."""

    world: World
    truth: TruthMaker
    payers: dict[tuple[int, str], Payer]
    claims: dict[tuple[str, int], tuple[int, Claim]] = field(default_factory=dict)
    """By file name and position: the practice and its claim."""
    sent_in: dict[str, date] = field(default_factory=dict)
    follow_ups: list[tuple[int, Claim]] = field(default_factory=list)
    """What practices send next."""
    interchanges: int = 0

    def number(self) -> int:
        self.interchanges += 1
        return self.world.seed % 1000 * 100_000 + self.interchanges


def make_world(seed: int, claims: int, quirks: Quirks | None = None) -> World:
    """Make a world; without quirks given, every habit at its usual rate."""
    quirks = Quirks.every() if quirks is None else quirks
    billed = draw(seed, claims, WEEKS)
    world = World(seed)
    plans = Plans(by_identity={_identity(one): one.plan for one in billed})
    payers = {
        (practice, payer.identifier): Payer(
            replace(payer.profile, number_prefix=f"{payer.profile.number_prefix}{practice}"),
            plans,
            quirks,
            seed,
        )
        for practice in range(len(PRACTICES))
        for payer in PAYERS
    }
    making = _Making(world, TruthMaker(), payers)
    _week(making, WEEKS[0], billed, 0)
    for late in (2, 4):
        _pay(making, WEEKS[0] + timedelta(weeks=late), quirks)
    for nth in range(WEEKS_PAID):
        _week(making, FIRST_WEEK + timedelta(weeks=nth), billed, nth + 1)
        _pay(making, FIRST_WEEK + timedelta(weeks=nth, days=2), quirks)
    world.truth = {
        "seed": seed,
        "claims": len(billed),
        "quirks": {name: getattr(quirks, name) for name in sorted(quirks.__slots__)},
        **making.truth.as_dict(),
    }
    return world


def _identity(one: Billed) -> Identity:
    claim = one.claim
    day = f"{claim.service_date:%Y%m%d}"
    return PRACTICES[one.practice].npi, claim.patient_control_number, claim.member_id, day


def _week(making: _Making, sent: date, billed: Iterable[Billed], week: int) -> None:
    """What the practices send: new claims, and what follows on earlier answers."""
    follow_ups, making.follow_ups = making.follow_ups, []
    for practice in range(len(PRACTICES)):
        fresh = [one.claim for one in billed if one.practice == practice and one.week == week]
        again = [claim for whose, claim in follow_ups if whose == practice]
        if fresh:
            _send(making, practice, f"claims_{practice}_{sent:%Y%m%d}.837", fresh, sent)
        if again:
            _send(making, practice, f"again_{practice}_{sent:%Y%m%d}.837", again, sent)
        for claim in fresh:
            if chance(f"{making.world.seed}/resent/{claim.patient_control_number}") < RESENT:
                making.follow_ups.append((practice, claim))


def _send(making: _Making, practice: int, name: str, claims: list[Claim], sent: date) -> None:
    data = write_837p(
        claims,
        control_number=making.number(),
        written_at=datetime.combine(sent, time(7, 15)),
        practice=PRACTICES[practice],
    )
    making.world.files[name] = data
    making.sent_in[name] = sent
    in_order = [claim for group in by_patient(claims) for claim in group]
    read = read_837p(data, name)
    for claim, submitted in zip(in_order, read, strict=True):
        making.claims[submitted.source] = (practice, claim)
    making.truth.add_claims(name, data, read)
    for (whose, _), payer in making.payers.items():
        if whose == practice:
            payer.take(read)


def _pay(making: _Making, day: date, quirks: Quirks) -> None:
    """What the payers pay: claims two or three weeks old, one 835 for each practice."""
    seed = making.world.seed

    def due(claim: SubmittedClaim) -> bool:
        key = f"{seed}/{claim.patient_control_number}/{claim.member_id}"
        wait = 19 if chance(f"{key}/late") < 0.15 else 12
        old_enough = (day - making.sent_in[claim.source[0]]).days >= wait
        return old_enough and chance(f"{key}/unanswered") >= UNANSWERED

    for (practice, identifier), payer in making.payers.items():
        if not payer.has_work(due):
            continue
        if quirks.happens("stranger", seed, f"{practice}/{identifier}/{day}"):
            payer.add_stranger(stranger(f"{identifier}{practice}{day:%y%m%d}", day))
        answers = payer.payments(paid_on=day, control_number=making.number(), due=due)
        making.number()  # where there is a second payment it takes the next one
        for nth, answer in enumerate(answers, start=1):
            name = f"era_{practice}_{identifier}_{day:%Y%m%d}_{nth}.835"
            making.world.files[name] = answer.data
            making.truth.add_payment(name, answer, identifier, practice)
            if quirks.happens("payment_again", seed, name):
                _send_again(making, name, day)
            for decided in answer.decided.claims:
                if decided.answers[1] and not decided.is_reversal:
                    practice, claim = making.claims[decided.answers]
                    if again := follow_up(seed, claim, decided, day):
                        making.follow_ups.append((practice, again))


def _send_again(making: _Making, name: str, day: date) -> None:
    """The same payment under another envelope, as a second clearinghouse sends it.

    Some of them name the payer by an id of their own.
    """
    copy = name.replace(".835", "_again.835")
    later = datetime.combine(day + timedelta(days=1), time(4))
    payer_id = "CLRHOUSE7" if choose(f"payer id {name}", 2) else ""
    data = under_another_envelope(making.world.files[name], making.number(), later, payer_id)
    making.world.files[copy] = data
    making.truth.add_copy(copy, name, data)


def as_text(found: dict[str, Any]) -> str:
    """JSON with one row a line, so that two truths can be compared."""
    parts = []
    for key, value in found.items():
        text = json.dumps(value)
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the world."""
    parser = argparse.ArgumentParser(description="Write a world of claims and payments.")
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, help="of every quirk; left out: the usual ones")
    parser.add_argument("--out", type=Path, required=True, help="folder, made when absent")
    chosen = parser.parse_args(arguments)
    quirks = None if chosen.rate is None else Quirks.every(chosen.rate)
    make_world(chosen.seed, chosen.claims, quirks).write(chosen.out)


if __name__ == "__main__":
    main()
