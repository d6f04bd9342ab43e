"""A campaign: claims full of temptation, refused by their payers, with charts right and wrong.

Everything of it follows from the seed. What a correction of them may be, and what it never may,
is judged by forbidden.py on the bytes that were sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from simulator.adjudication import DecidedClaim
from simulator.campaign_cast import EDITS, REASONS, REMARKS, SITUATIONS, Situation
from simulator.campaign_chart import DIAGNOSES, NDC, Record, enrollments, records_for
from simulator.payer import Payer
from simulator.plan import ClaimPlan, LineDenial, Plans, Quirks
from simulator.practice import (
    Claim,
    Clinician,
    Destination,
    Facility,
    Line,
    Person,
    PriorLine,
    PriorPayment,
    write_837p,
)
from simulator.world_cast import CLINICIANS, PAYERS, PRACTICES
from simulator.x12_text import Delimiters, npi

EARLY, LATE = date(2025, 10, 15), date(2026, 6, 1)
SENT_AGAIN, AS_OF = date(2026, 6, 5), date(2026, 6, 10)
CLAIMS_A_FILE = 250
FIRST_OF_EDITS, LAST_OF_EDITS = date(2026, 1, 1), date(2026, 3, 31)
"""The one quarter whose tables are there; claims of another have none."""

_PAYER_WEIGHTS = {"87726": 45, "SMPL2": 25, "DMAC1": 15, "TSP04": 8, "NOREP": 4, "STRNG": 3}
_FAR = (
    ("NOREP", "NO REPLACEMENTS PLAN", "CI"),
    ("STRNG", "STRANGER MUTUAL", "CI"),
)
_FORMS = (Delimiters(), Delimiters(element="|", component=">", line_end=""),
          Delimiters(component="\\", segment="!"))  # fmt: skip
_REFERRING = Clinician(last_name="REFERRER", first_name="KIM", npi=npi("177777777"))
_CENTER = Facility(name="DEMO SURGERY CENTER", npi=npi("188888888"))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a payer of the campaign takes."""

    kind: str
    takes_replacements: bool
    bilateral: str
    ids: tuple[str, ...]


TERMS = {
    "87726": Terms("commercial", True, "modifier_50", ("87726", "1999999901")),
    "SMPL2": Terms("commercial", True, "rt_lt_lines", ("SMPL2", "1999999902")),
    "DMAC1": Terms("medicare_part_b", False, "modifier_50", ("DMAC1", "04999", "1999999903")),
    "TSP04": Terms("medicaid", True, "modifier_50", ("TSP04", "1999999904")),
    "NOREP": Terms("commercial", False, "modifier_50", ("NOREP", "1999999905")),
    # Nobody has entered this one.
    "STRNG": Terms("commercial", False, "", ("STRNG",)),
}


@dataclass(slots=True)
class Challenge:
    """One claim, what its payer thinks of it, and what became of it before the run."""

    claim: Claim
    situations: tuple[str, ...]
    plan: ClaimPlan
    told: DecidedClaim | None = None
    """The newest decision that stands; ``answers`` names the file it is about."""
    was_paid: bool = False
    pending: bool = False
    """The practice has sent something of its own that is not answered."""

    @property
    def returned(self) -> frozenset[int] | None:
        """Lines that Medicare returned as unprocessable, from 1; None where it returned none."""
        if self.told is None or "MA130" not in self.told.remark_codes:
            return None
        everything = range(1, len(self.claim.lines) + 1)
        told = {x.number for x in self.told.lines if x.denied_cents and not x.paid}
        return frozenset(told if self.told.lines else everything)

    @property
    def patient_owes(self) -> bool:
        """Whether the payer made the patient owe what it refused, and the patient has paid."""
        lines = self.told.lines if self.told else ()
        owed = any(a.group_code == "PR" and a.is_denial for x in lines for a in x.adjustments)
        return owed and self.claim.patient_paid_cents > 0


@dataclass(slots=True)
class Campaign:
    """Claims by patient control number, and what is dropped, in this order."""

    seed: int
    challenges: dict[str, Challenge]
    drops: list[tuple[str, bytes]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


def make_campaign(seed: int, count: int) -> Campaign:
    """So many claims, billed, answered and documented; the same bytes for a seed every time."""
    rng = Random(seed)
    campaign = Campaign(seed, {})
    for nth in range(1, count + 1):
        made = _challenge(rng, nth)
        campaign.challenges[made.claim.patient_control_number] = made
    payers = _payers(campaign, seed)
    everyone = list(campaign.challenges.values())
    early = [c for c in everyone if c.claim.service_date < EARLY]
    late = [c for c in everyone if c.claim.service_date >= EARLY]
    for name, group, paid_on in (("early", early, EARLY), ("late", late, LATE)):
        _bill(campaign, payers, name, [c.claim for c in group], paid_on - timedelta(days=20))
        _pay(campaign, payers, name, paid_on)
    again = [c for c in late if c.told and rng.random() < 0.06]
    answered, pending = again[::2], again[1::2]
    _bill(campaign, payers, "tried", [_again(c) for c in answered], LATE + timedelta(days=1))
    _pay(campaign, payers, "tried", LATE + timedelta(days=2))
    _bill(campaign, payers, "pending", [_again(c) for c in pending], SENT_AGAIN)
    for challenge in pending:
        challenge.pending = True
    npis = [PRACTICES[seed % 2].npi, *(c.npi for c in CLINICIANS)]
    campaign.records += enrollments(rng, TERMS, npis)
    numbers = list(campaign.challenges)
    for challenge in everyone:
        campaign.records += records_for(rng, challenge.claim, rng.sample(numbers, 3))
    return campaign


def payers_toml() -> str:
    """Every payer but the stranger."""
    tables = []
    for terms in TERMS.values():
        if terms.bilateral:
            ids = '", "'.join(terms.ids)
            tables.append(
                f'[[payer]]\nname = "Payer {terms.ids[0]}"\nids = ["{ids}"]\n'
                f'kind = "{terms.kind}"\nbilateral = "{terms.bilateral}"\n'
                f"replacement_claims = {str(terms.takes_replacements).lower()}\n"
                "corrected_claim_days = 180\nappeal_days = 120\noriginal_claim_days = 365\n"
                'source = "made-up provider manual"\nsource_date = 2026-01-01\n'
            )
    return "\n".join(tables)


def edits_of(day: date) -> dict[tuple[str, str], str] | None:
    """Indicators of the code pairs in force; None where no table was imported for the day."""
    if not FIRST_OF_EDITS <= day <= LAST_OF_EDITS:
        return None
    text = f"{day:%Y%m%d}"
    return {
        (one, other): indicator
        for one, other, indicator, first, last in EDITS
        if first <= text and (last == "*" or text <= last)
    }


def _challenge(rng: Random, nth: int) -> Challenge:
    chosen = rng.choices(
        SITUATIONS, [s.weight for s in SITUATIONS], k=rng.choice((1, 1, 1, 1, 2, 2, 3))
    )
    lines: list[Line] = []
    denials: dict[str, LineDenial] = {}
    for situation in chosen:
        billed = [_line(rng, text) for text in situation.lines]
        if {x.procedure_code for x in billed} & {
            x.procedure_code for x in lines
        } and rng.random() < 0.9:
            continue
        lines += billed
        code = billed[situation.denied].procedure_code
        denials.setdefault(code, _denial(rng, situation, code))
    if rng.random() < 0.1:
        extra = rng.choice(lines).procedure_code
        denials.setdefault(extra, _denial(rng, rng.choice(SITUATIONS), extra))
    if rng.random() < 0.15:
        lines.insert(
            rng.randint(0, len(lines)), _line(rng, rng.choice(("20600", "99213", "J1885*2")))
        )
    if rng.random() < 0.5:
        rng.shuffle(lines)
    claim = _claim(rng, nth, lines)
    reasons = {d.reason_code for d in denials.values()}
    plan = ClaimPlan(
        scenario="campaign",
        denials=tuple(denials.values()),
        status_code="4" if reasons <= {"31", "140"} and rng.random() < 0.7 else "1",
        remark_codes=("MA130",)
        if claim.destination.identifier == "DMAC1" and rng.random() < 0.4 else (),
    )  # fmt: skip
    return Challenge(claim, tuple(s.name for s in chosen), plan)


def _line(rng: Random, text: str) -> Line:
    code, _, units = rng.choice(text.split("|")).partition("*")
    procedure, *modifiers = code.split(":")
    given = rng.random() < 0.4
    return Line(
        procedure_code=procedure,
        modifiers=tuple(modifiers),
        units=int(units or 1),
        charge_cents=rng.choice((10_000, 60_000, 60_001, 45_050)) * int(units or 1),
        ndc=(NDC.get(procedure, "00009028003") if procedure.startswith("J") and given else ""),
    )


def _denial(rng: Random, situation: Situation, code: str) -> LineDenial:
    reason, _, remark = rng.choice(situation.reasons).partition(" ")
    if rng.random() < 0.06:
        reason, remark = rng.choice(REASONS), rng.choice(REMARKS)
    group = "PR" if reason in ("31", "204", "27") or rng.random() < 0.08 else "CO"
    return LineDenial(
        procedure_code=code,
        group_code=group,
        reason_code=reason,
        remark_codes=(remark,) if remark else (),
        units=1 if rng.random() < 0.1 else None,
    )


def _claim(rng: Random, nth: int, lines: list[Line]) -> Claim:
    number = f"CP{nth:05d}"
    identifier = rng.choices(list(_PAYER_WEIGHTS), list(_PAYER_WEIGHTS.values()))[0]
    chosen = rng.sample(DIAGNOSES, rng.randint(1, 4))
    day = date(2026, 1, 5) + timedelta(days=rng.randint(0, 85 if rng.random() < 0.8 else 130))
    if rng.random() < 0.05:
        day = date(2025, 8, 4) + timedelta(days=rng.randint(0, 40))
    with_6r, person = rng.random() < 0.8, rng.random()
    billed = tuple(
        replace(
            line,
            pointers=tuple(rng.sample(range(1, len(chosen) + 1), rng.randint(1, len(chosen)))),
            line_item_control_number=f"{number}L{position}" if with_6r else "",
            prior_authorization="A20000002" if rng.random() < 0.03 else "",
        )
        for position, line in enumerate(lines, start=1)
    )
    claim = Claim(
        patient_control_number=number,
        destination=_destination(rng, identifier),
        subscriber=Person(last_name="TESTCASE", first_name=f"C{nth}"),
        member_id=f"W6{nth:07d}",
        lines=billed,
        service_date=day,
        rendering=rng.choice(CLINICIANS),
        diagnoses=tuple(chosen),
        patient=Person(last_name="TESTCASE", first_name=f"D{nth}") if person < 0.1 else None,
        group_number="G1" if rng.random() < 0.5 else "",
        place_of_service=rng.choice(("11", "11", "22", "24")),
        prior_authorization="A10000001" if rng.random() < 0.15 else "",
        referral="R10000001" if rng.random() < 0.1 else "",
        patient_paid_cents=2500 if rng.random() < 0.15 else 0,
        referring=_REFERRING if rng.random() < 0.15 else None,
        facility=Facility(name="DEMO SURGERY CENTER", npi=npi("188888888"))
        if rng.random() < 0.1
        else None,
        onset=day - timedelta(days=30) if rng.random() < 0.1 else None,
        note="SAMPLE NOTE" if rng.random() < 0.1 else "",
    )
    return _after_another_payer(claim) if rng.random() < 0.03 else claim


def _destination(rng: Random, identifier: str) -> Destination:
    for payer in PAYERS:
        if payer.identifier == identifier:
            return rng.choice(payer.destinations)
    return next(Destination(name=name, identifier=i, claim_filing=filing)
                for i, name, filing in _FAR if i == identifier)  # fmt: skip


def _after_another_payer(claim: Claim) -> Claim:
    first = Destination(name="EARLIER PLAN", identifier="EARLY", claim_filing="CI")
    quarters = [x.charge // 4 for x in claim.lines]
    lines = tuple(
        PriorLine(part, (("CO", "45", part), ("PR", "2", x.charge - 2 * part)))
        for x, part in zip(claim.lines, quarters, strict=True)
    )
    prior = PriorPayment(
        destination=first, member_id="E12345678", paid_on=claim.service_date + timedelta(days=9),
        lines=lines,
    )  # fmt: skip
    return replace(claim, prior=prior)


def _payers(campaign: Campaign, seed: int) -> dict[str, Payer]:
    plans = {number: c.plan for number, c in campaign.challenges.items()}
    odd = Quirks(missing_6r=0.1, lines_shuffled=0.1, modifiers_reordered=0.1, dates_at_claim=0.05,
                 claim_level_denial=0.05, modifiers_dropped=0.05)  # fmt: skip
    found = {
        p.identifier: Payer(p.profile, Plans(by_claim=plans), odd, seed=seed) for p in PAYERS
    }  # fmt: skip
    for nth, (identifier, name, _) in enumerate(_FAR, start=5):
        profile = replace(
            PAYERS[0].profile,
            name=replace(PAYERS[0].profile.name, name=name, identifier=identifier,
                         tax_id=f"99999990{nth}"),
            number_prefix=identifier[:2],
        )  # fmt: skip
        found[identifier] = Payer(profile, Plans(by_claim=plans), odd, seed=seed)
    return found


def _bill(
    campaign: Campaign, payers: dict[str, Payer], name: str, claims: list[Claim], day: date
) -> None:
    """Files of one form of writing each; a campaign is of one practice."""
    for nth, first in enumerate(range(0, len(claims), CLAIMS_A_FILE)):
        number = 100 + len(campaign.drops)
        data = write_837p(
            claims[first : first + CLAIMS_A_FILE],
            control_number=number,
            written_at=datetime.combine(day, time(7, nth)),
            practice=PRACTICES[campaign.seed % 2],
            delimiters=_FORMS[nth % 3],
        )
        campaign.drops.append((f"{name}_{nth}.837", data))
        if name != "pending":
            for payer in payers.values():
                payer.receive(data, f"{name}_{nth}.837")


def _pay(campaign: Campaign, payers: dict[str, Payer], name: str, paid_on: date) -> None:
    for identifier, payer in payers.items():
        if not payer.has_work(lambda claim: True):
            continue
        number = 500 + len(campaign.drops)
        answer = payer.pay(paid_on=paid_on, control_number=number)
        campaign.drops.append((f"{name}_{identifier}.835", answer.data))
        _note_told(campaign, answer.decided.claims)


def _note_told(campaign: Campaign, decided: Iterable[DecidedClaim]) -> None:
    for claim in decided:
        challenge = campaign.challenges[claim.patient_control_number]
        reasons = {a.reason_code for line in claim.lines for a in line.adjustments}
        # After a duplicate, what was decided before stands.
        if not claim.is_reversal and (challenge.told is None or reasons != {"18"}):
            challenge.told = claim
            challenge.was_paid |= claim.paid > 0


def _again(challenge: Challenge) -> Claim:
    """What the practice sends of its own: a replacement that changes nothing."""
    assert challenge.told is not None
    return replace(
        challenge.claim,
        frequency_code="7",
        payer_claim_control_number=challenge.told.payer_claim_control_number,
    )
