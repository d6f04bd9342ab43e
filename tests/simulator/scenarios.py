"""A month of refusals that rules may correct, each with its evidence and with some missing.

`python tests/simulator/scenarios.py --out DIR` writes a home's `inbox/`, `evidence/` and
`payers.toml`, and `expected.json` beside them: a row for each refusal.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.adjudication import DecidedClaim
from simulator.payer import Payer
from simulator.plan import Plans
from simulator.practice import Claim, PriorPayment, write_837p
from simulator.scenario import ACME, Change, Record, Scenario, variants
from simulator.scenario_drafts import drafts
from simulator.world_cast import PAYERS, payers_toml
from simulator.world_follow_ups import to_the_next_payer

SENT, RESENT, ANSWERED = date(2026, 3, 5), date(2026, 3, 10), date(2026, 3, 19)
AGAIN = date(2026, 4, 20)
"""Medicare pays nothing within 13 days of a claim."""


@dataclass(slots=True)
class Month:
    """The scenarios, the files by path, and the payers with what they remember."""

    scenarios: list[Scenario]
    payers: dict[str, Payer]
    files: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, DecidedClaim] = field(default_factory=dict)
    """The first decision on each claim, by patient control number."""
    primary: dict[str, DecidedClaim] = field(default_factory=dict)

    def answer(self, scenario: Scenario, change: Change | None = None) -> DecidedClaim:
        """What the payer makes of an answer to a refusal: the right one, or the one given."""
        number = scenario.claim.patient_control_number
        if scenario.draft.primary_known and change is None:
            change = self._with_the_primary
        sent = scenario.answer(self.told[number].payer_claim_control_number, change)
        data = write_837p([sent], control_number=9000, written_at=_at(AGAIN))
        payer = self.payers[scenario.draft.payer.identifier]
        return payer.answer([data], paid_on=AGAIN, control_number=9001).decided.claims[-1]

    def _with_the_primary(self, claim: Claim) -> Claim:
        decided = self.primary[claim.patient_control_number]
        first = replace(claim, destination=ACME.destinations[0])
        prior = to_the_next_payer(first, decided, ANSWERED).prior
        assert isinstance(prior, PriorPayment)
        return replace(claim, prior=prior)


def make_month(only: str = "") -> Month:
    """All scenarios (or those of one name), billed and refused; the same bytes every time."""
    scenarios: list[Scenario] = []
    for draft in (d for d in drafts() if only in ("", d.name)):
        scenarios += variants(draft, 1001 + len(scenarios))
    plans = {s.claim.patient_control_number: s.plan for s in scenarios}
    payers = {p.identifier: Payer(p.profile, Plans(by_claim=plans)) for p in PAYERS}
    month = Month(scenarios, payers)
    _pay_primaries(month)
    _bill(month, "claims.837", SENT, [s.claim for s in scenarios])
    for nth, (identifier, payer) in enumerate(payers.items()):
        if any(s.draft.payer.identifier == identifier for s in scenarios):
            _pay(month, f"{identifier}_first.835", ANSWERED, payer, 700 + nth)
    if resent := [s.claim for s in scenarios if s.draft.resent]:
        _bill(month, "resent.837", RESENT, resent)
        name = f"{ACME.identifier}_resent.835"
        _pay(month, name, date(2026, 3, 26), payers[ACME.identifier], 710)
    kinds: dict[str, list[Record]] = {}
    for record in (record for s in scenarios for record in s.records):
        kinds.setdefault(record["kind"], []).append(record)
    for kind, records in kinds.items():
        text = "".join(json.dumps(record) + "\n" for record in records)
        month.files[f"evidence/{kind}s.jsonl"] = text.encode("ascii")
    month.files["payers.toml"] = payers_toml().encode("ascii")
    rows = ",\n ".join(json.dumps(s.expected()) for s in scenarios)
    month.files["expected.json"] = f"[\n {rows}\n]\n".encode("ascii")
    return month


def _at(day: date) -> datetime:
    return datetime.combine(day, time(7))


def _pay_primaries(month: Month) -> None:
    """What the payer before paid, where it is known."""
    shared = [s for s in month.scenarios if s.draft.primary_known]
    first = [replace(s.claim, destination=ACME.destinations[0]) for s in shared]
    payer = Payer(ACME.profile)
    data = write_837p(first, control_number=400, written_at=_at(date(2026, 2, 20)))
    month.files["inbox/primary.837"] = data
    known = {s.claim.patient_control_number for s in shared if s.complete}
    payer.receive(data)
    answer = payer.pay(paid_on=date(2026, 3, 4), control_number=401, only=known)
    month.files["inbox/primary.835"] = answer.data
    month.primary = {claim.patient_control_number: claim for claim in answer.decided.claims}


def _bill(month: Month, name: str, day: date, claims: Iterable[Claim]) -> None:
    number = 500 + len(month.files)
    data = write_837p(claims, control_number=number, written_at=_at(day))
    month.files[f"inbox/{name}"] = data
    for payer in month.payers.values():
        payer.receive(data)


def _pay(month: Month, name: str, day: date, payer: Payer, number: int) -> None:
    answer = payer.pay(paid_on=day, control_number=number)
    month.files[f"inbox/{name}"] = answer.data
    for claim in answer.decided.claims:
        month.told.setdefault(claim.patient_control_number, claim)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the month."""
    parser = argparse.ArgumentParser(description="Write refusals, their evidence and answers.")
    parser.add_argument("--out", type=Path, required=True, help="folder, made when absent")
    chosen = parser.parse_args(arguments)
    for path, data in make_month().files.items():
        target = chosen.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main()
