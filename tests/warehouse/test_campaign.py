"""Twenty thousand refused claims full of temptation: not one forbidden change is ever sent.

The seed is printed; ``RECLAIM_SEED`` sets it. `make test` sends what may go of two thousand
claims, `make soak` of ten times as many with new seeds.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from simulator import campaign_cast
from simulator.campaign import (
    AS_OF,
    FIRST_OF_EDITS,
    LAST_OF_EDITS,
    TERMS,
    Campaign,
    edits_of,
    make_campaign,
    payers_toml,
)
from simulator.campaign_chart import APPROVER, OTHER_APPROVER, on_file
from simulator.forbidden import forbidden
from simulator.judged_claim import Sent, records_about
from simulator.sent_claim import CutClaim, cut, differences, envelope_faults
from warehouse import review, steps
from warehouse.reference import import_files
from warehouse.settings import Settings

CLAIMS = 2_000
NOW = datetime(2026, 6, 10, 9)
BOLD = """\
[intake]
settle_seconds = 0
[emission]
mode = "live"
automatic = ["*"]
paid_claims = "automatic"
max_claims_per_day = 1000000
max_charge_per_day = 1000000000.00
"""
"""Everything that may go by itself does, as much as there is."""

COUNTS = """
select coalesce(rule_code, 'no rule') as rule_code, sum(decision = 'corrected') as proposed,
    sum(decision in ('refused', 'needs_evidence')) as refused, sum(status = 'emitted') as sent
from mart_denial group by 1 order by 1
"""
ONLY_AT_THE_END = (
    # Corrections of two rules together: two sides need more units than were authorized, or two
    # codes with imaging are two regions.
    "the never-list forbids it",
    "N2: a modifier on a pair of codes",
    # The payer knows the patient on one line and does not on another.
    "its corrections want different paths",
    # What came back as unprocessable would go again with nothing but something taken off.
    "RESEND: a new claim",
)
"""What the look at the finished claim may find that no rule had seen."""


def home_of(folder: Path, campaign: Campaign) -> Settings:
    """A home with the campaign's drops, charts and tables, nothing read yet."""
    folder.mkdir()
    (folder / "reclaim.toml").write_text(BOLD)
    (folder / "payers.toml").write_text(payers_toml())
    settings = steps.initialise(folder)
    for name, data in campaign.drops:
        (folder / "inbox" / name).write_bytes(data)
    lines = "".join(json.dumps(record) + "\n" for record in campaign.records)
    (folder / "evidence" / "chart.jsonl").write_text(lines)
    tables = {
        "ptp": "Column 1\tColumn 2\tEffective Date\tDeletion Date *=no data\tModifier\n"
        + "".join(f"{a}\t{b}\t{f}\t{last}\t{i}\n" for a, b, i, f, last in campaign_cast.EDITS),
        "mue": "HCPCS Code,MUE Value,MUE Adjudication Indicator\n"
        + "".join(f"{code},{most},{i} Made up\n" for code, most, i in campaign_cast.LIMITS),
        "aoc": "Made up. Not a published table.\n"
        + "".join(f"{a:<11}{b} 20250701          1\n" for a, b in campaign_cast.ADD_ONS),
    }
    with steps.opened(settings) as warehouse:
        for kind, text in tables.items():
            path = folder / f"{kind}.csv"
            path.write_text(text)
            import_files(warehouse, kind, [path], valid_from=FIRST_OF_EDITS,
                         valid_to=LAST_OF_EDITS, now=NOW)  # fmt: skip
    return settings


def send_all(settings: Settings) -> list[steps.NotSent]:
    """Every step, and every approval that anybody can give; what could not be sent, and why."""
    steps.receive(settings, as_of=AS_OF, now=NOW)
    steps.match(settings, as_of=AS_OF)
    steps.propose(settings, as_of=AS_OF)
    steps.emit(settings, as_of=AS_OF, now=NOW)
    with steps.opened(settings) as warehouse:
        for by in (APPROVER, OTHER_APPROVER, "biller.d"):
            for item in review.waiting(warehouse, as_of=AS_OF):
                if item.status == "awaiting_approval":
                    try:
                        review.approve(
                            warehouse, settings, item.review_id, by=by, as_of=AS_OF, now=NOW
                        )
                    except review.ReviewError as error:
                        # Attested by this one, or let go with another line of its claim.
                        assert "attested" in str(error) or "approved" in str(error), error
    return list(steps.emit(settings, as_of=AS_OF, now=NOW).refused)


def rows(settings: Settings, sql: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


def npis_of(claim: CutClaim) -> set[str]:
    """Of the billing and the rendering provider."""
    return {s[9] for s in (*claim.billing, *claim.own) if s[:2] in (["NM1", "85"], ["NM1", "82"])}


def cases(settings: Settings, campaign: Campaign) -> Iterator[tuple[Sent, list[str]]]:
    """Each claim that was sent with all it is judged by, and what differs without a name."""
    billed: dict[tuple[str, str], CutClaim] = {}
    for name, data in campaign.drops:
        if name.endswith(".837"):
            billed |= {(name, claim.number): claim for claim in cut(data)}
    named: dict[str, list[dict[str, Any]]] = {}
    for row in rows(settings, "select * from mart_correction where status = 'emitted'"):
        named.setdefault(row["patient_control_number"], []).append(row)
    records = on_file(campaign.records)
    by_subject: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        key = record.get("patient_control_number") or record.get("member_id", "")
        by_subject.setdefault(key, []).append(record)
    for path in sorted(settings.folder("outbox").glob("*.837")):
        data = path.read_bytes()
        assert envelope_faults(data) == []
        for claim in cut(data):
            number = claim.number
            challenge = campaign.challenges[number]
            terms = TERMS[challenge.claim.destination.identifier]
            told, member = challenge.told, challenge.claim.member_id
            assert told is not None
            corrections = named[number]
            # A replacement is made of the submission that the standing decision is about.
            original = billed[told.answers[0], number]
            yield Sent(
                billed=original,
                sent=claim,
                corrections=corrections,
                records=records_about(
                    [*by_subject.get(number, ()), *by_subject.get(member, ()), *by_subject[""]],
                    number, member, npis_of(original), terms.ids,
                ),
                kind=terms.kind,
                takes_replacements=terms.takes_replacements,
                bilateral=terms.bilateral,
                edits=edits_of(challenge.claim.service_date),
                newest_number=told.payer_claim_control_number,
                was_paid=challenge.was_paid,
                recognised=told.status_code != "4",
                returned=challenge.returned,
                pending=challenge.pending,
                patient_owes=challenge.patient_owes,
                day=challenge.claim.service_date.isoformat(),
            ), differences(original, claim, corrections)  # fmt: skip


def run(count: int, folder: Path, seed: int) -> None:
    """A campaign of so many claims; RECLAIM_SEED goes before ``seed``."""
    campaign = make_campaign(seed, count)
    settings = home_of(folder, campaign)
    refused = send_all(settings)
    shown: list[str] = []
    sent: set[str] = set()
    for case, differing in cases(settings, campaign):
        number = case.sent.number
        assert number not in sent, f"{number} was sent twice"
        sent.add(number)
        for fault in [*forbidden(case), *(("UNNAMED", words) for words in differing)]:
            shown.append(f"{number}: {': '.join(fault)}")
    counts = rows(settings, COUNTS)
    print(f"RECLAIM_SEED={seed}: {count} claims, {len(sent)} sent, {len(shown)} forbidden")
    for row in counts:
        print(
            "  {rule_code:32} {proposed:5} proposed {refused:5} refused {sent:5} sent".format(**row)
        )
    for one in refused:
        print(f"  not sent: {one.reason}")
    assert not shown, "\n".join(shown[:30])
    assert all(any(words in x.reason for words in ONLY_AT_THE_END) for x in refused)
    assert len(refused) < len(sent) / 25
    assert len(sent) > count / 8
    assert sum(row["sent"] > 0 for row in counts) >= 15


def seed_of(otherwise: int) -> int:
    return int(os.environ.get("RECLAIM_SEED") or otherwise)


def test_two_thousand_claims(tmp_path: Path) -> None:
    run(CLAIMS, tmp_path / "home", seed_of(1))


@pytest.mark.soak
@pytest.mark.parametrize("nth", range(10))
def test_twenty_thousand_claims(nth: int, tmp_path: Path) -> None:
    run(CLAIMS, tmp_path / "home", seed_of(random.SystemRandom().randrange(1 << 32)) + nth)
