"""Twelve files that hang together, for the question what becomes of them in any order.

In the order in which they came to be: six claims; their first remittance; one of them sent again
unchanged; a reversal; its correction, a payment later; a recovery larger than what is paid, so
that a balance is carried forward; the answer to the resend, which closes that balance; a
replacement of the denied claim; its remittance (reversal and payment); a claim to the next payer;
that payer's remittance; and the first remittance once more under another envelope.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from simulator.adjudication import DecidedClaim
from simulator.payer import Payer
from simulator.plan import ClaimPlan, Cure, LineDenial, Plans
from simulator.practice import Claim, Line, Person, write_837p
from simulator.world_cast import CLINICIANS, PAYERS
from simulator.world_follow_ups import to_the_next_payer
from simulator.x12_text import under_another_envelope

AUTHORIZATION = "A44000001"
NOBODY: Collection[str] = ("",)
"""No waiting claim is decided in such a payment."""


@dataclass(slots=True)
class _Set:
    """The files so far."""

    seed: int
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.seed % 1000 * 1000 + len(self.files) + 1

    def bill(self, name: str, day: date, *claims: Claim) -> bytes:
        when = datetime.combine(day, time(7))
        data = write_837p(claims, control_number=self.number, written_at=when)
        self.files.append((name, data))
        return data

    def pay(
        self, name: str, day: date, payer: Payer, only: Collection[str] | None = None
    ) -> dict[str, DecidedClaim]:
        answer = payer.pay(paid_on=day, control_number=self.number, only=only)
        self.files.append((name, answer.data))
        return {claim.patient_control_number: claim for claim in answer.decided.claims}


def make_linked_set(seed: int) -> list[tuple[str, bytes]]:
    """Names and bytes, in the order in which they came to be."""
    made = _Set(seed)
    claims = [make_claim(seed, nth) for nth in range(6)]
    numbers = [claim.patient_control_number for claim in claims]
    paid, denied, resent, _, shared, held = claims
    refusal = LineDenial(
        procedure_code="64483",
        group_code="CO",
        reason_code="197",
        remark_codes=("N54",),
        cure=Cure(authorization=AUTHORIZATION),
    )
    plans = Plans(by_claim={numbers[1]: ClaimPlan(denials=(refusal,))})
    acme, state = Payer(PAYERS[0].profile, plans), Payer(PAYERS[3].profile)
    acme.receive(made.bill("claims.837", date(2026, 3, 2), *claims))
    told = made.pay("first.835", date(2026, 3, 16), acme, numbers[:5])
    acme.receive(made.bill("resend.837", date(2026, 3, 17), resent))
    better = ClaimPlan(coinsurance_percent=10)
    acme.reprocess(numbers[3], better, "correction_later")
    made.pay("reversal.835", date(2026, 3, 20), acme, NOBODY)
    made.pay("correction.835", date(2026, 3, 23), acme, NOBODY)
    acme.recover(paid.patient_control_number, 90000)
    made.pay("recovery.835", date(2026, 3, 25), acme, (held.patient_control_number,))
    made.pay("resend_answer.835", date(2026, 3, 30), acme)
    replacement = replace(
        denied,
        frequency_code="7",
        payer_claim_control_number=told[numbers[1]].payer_claim_control_number,
        prior_authorization=AUTHORIZATION,
    )
    acme.receive(made.bill("replacement.837", date(2026, 3, 31), replacement))
    made.pay("replacement_answer.835", date(2026, 4, 14), acme)
    second = to_the_next_payer(shared, told[numbers[4]], date(2026, 3, 16))
    state.receive(made.bill("secondary.837", date(2026, 3, 24), second))
    made.pay("secondary_answer.835", date(2026, 4, 7), state)
    data = dict(made.files)["first.835"]
    copy = under_another_envelope(data, made.number, datetime(2026, 3, 18, 4))
    return [*made.files, ("first_again.835", copy)]


def make_claim(seed: int, nth: int) -> Claim:
    """The nth claim of a set."""
    number = f"LS{seed % 1000:03d}{nth:04d}"
    codes = (("99213", "64483"), ("64483", "64484"), ("62323", "99214"))[(seed + nth) % 3]
    if nth == 1:
        codes = ("64483", "64484")
    lines = [
        Line(procedure_code=code, line_item_control_number=f"{number}L{position}")
        for position, code in enumerate(codes, start=1)
    ]
    return Claim(
        patient_control_number=number,
        destination=PAYERS[0].destinations[0],
        subscriber=Person(last_name="TESTCASE", first_name=f"P{nth}"),
        member_id=f"W{seed % 1000:04d}{nth:04d}",
        lines=tuple(lines),
        service_date=date(2026, 2, 16 + nth),
        rendering=CLINICIANS[nth % 2],
    )
