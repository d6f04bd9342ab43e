"""What a finished claim tells of an earlier payer, held for :mod:`rules.never`.

Only a whole set of loops may be added to a claim that has none, and every amount, code and date in
it must be that of the earlier payer's own 835 in the warehouse. Knows nothing of how it is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from edi.balance import balance_prior_payers
from edi.claim import Claim, LineAdjudicationLoop, OtherPayerLoop
from edi.segment import Adjustment
from rules.decision import Correction
from rules.evidence import EvidenceRecord
from rules.primary_remittance import PrimaryRemittance, PrimaryService

# Written out again here on purpose: a slip in the rules' own list must not pass this one too.
_RETURNED = "MA130"
_UNDECIDED = frozenset(("101", "133", "252", "257"))
_Said = tuple[Decimal, str, tuple[str, ...], tuple[Adjustment, ...]]


def prior_payers(
    original: Claim,
    emitted: Claim,
    named: Mapping[str, Correction],
    evidence: Collection[EvidenceRecord],
) -> Iterator[str]:
    """In words, what is told of earlier payers and may not be told."""
    stood = len(original.other_payers)
    if emitted.other_payers[:stood] != original.other_payers:
        yield "2320: what stood there of an earlier payer differs"
        return
    added = emitted.other_payers[stood:]
    if not added:
        yield from _nothing_added(original, emitted)
        return
    fact = _fact(named, evidence)
    if stood or len(added) > 1 or fact is None or fact.claim is None:
        yield "2320: an earlier payer without its own 835 on file"
        return
    if fact.is_taken_back or not fact.is_balanced or fact.claim_status_code != "1":
        yield "2320: a decision of an earlier payer that is not final"
    if _decides_nothing(fact):
        yield "2320: an answer by which an earlier payer has not decided"
    if len(emitted.service_lines) != len(original.service_lines):
        yield "2430: lines were added or taken off under an earlier payer's decision"
        return
    if _sequence(emitted) != "S":
        yield "2000B/SBR01: a claim after an earlier payer's that is not the second one"
    yield from _as_the_835_has_it(emitted, added[0], fact, fact.claim)
    yield from (f"{p.place}: {p.found}, not {p.expected}" for p in balance_prior_payers(emitted))


def _decides_nothing(fact: PrimaryRemittance) -> bool:
    """Returned as unprocessable, pended, predetermined, or a document asked for."""
    remarks = {*fact.remark_codes, *(r for s in fact.services for r in s.remark_codes)}
    adjusted = (fact.adjustments, *(s.adjustments for s in fact.services))
    return _RETURNED in remarks or any(
        a.reason_code in _UNDECIDED for adjustments in adjusted for a in adjustments
    )


def _sequence(claim: Claim) -> str:
    information = claim.subscriber.information
    return information.payer_responsibility_sequence_code if information else ""


def _nothing_added(original: Claim, emitted: Claim) -> Iterator[str]:
    if _sequence(original) != _sequence(emitted):
        yield "2000B/SBR01: another turn without an earlier payer's decision"
    had = [x.adjudications for x in original.service_lines if x.adjudications]
    has = [x.adjudications for x in emitted.service_lines if x.adjudications]
    if any(a not in had for a in has):
        yield "2430: another decision of an earlier payer"


def _fact(
    named: Mapping[str, Correction], evidence: Collection[EvidenceRecord]
) -> PrimaryRemittance | None:
    """The one 835 that carries the added loops, if it still is on file."""
    correction = named.get("2320[1]")
    on_file = [e for e in correction.evidence if e in evidence] if correction else []
    found = [e for e in on_file if isinstance(e, PrimaryRemittance)]
    return found[0] if len(found) == 1 else None


def _as_the_835_has_it(
    emitted: Claim, other: OtherPayerLoop, fact: PrimaryRemittance, sent: Claim
) -> Iterator[str]:
    payer, insured = sent.subscriber.payer, other.parties[0] if other.parties else None
    identifier = payer.name.identification_code if payer else None
    if other.information.payer_responsibility_sequence_code != "P" or (
        other.payer_id != identifier
        or insured is None
        or insured.name.identification_code != sent.subscriber.member_id
    ):
        yield "2330: another payer or insured than the claim before went to"
    if other.payer is None or other.payer.reference("F8") != fact.payer_claim_control_number:
        yield "2330B/REF*F8: not the number of the earlier payer's answer"
    if other.amount("D") != fact.payment_amount or other.adjustments != fact.adjustments:
        yield "2320: amounts that the earlier payer's 835 has not"
    days = set()
    for line in emitted.service_lines:
        mine = [s for s in fact.services if s.line_position == line.position]
        if [_told(a) for a in line.adjudications] != [_decided(s) for s in mine]:
            yield f"2430[{line.position}]: codes or amounts that the earlier payer's 835 has not"
        if any(a.adjudication.other_payer_primary_identifier != identifier
               for a in line.adjudications):  # fmt: skip
            yield f"2430[{line.position}]: of another payer"
        days |= {a.adjudicated_on for a in line.adjudications}
    if (days or {other.adjudicated_on}) != {fact.adjudicated_on}:
        yield "2430/DTP*573: another day than the earlier payer's"


def _told(a: LineAdjudicationLoop) -> _Said:
    paid, procedure = a.adjudication.service_line_paid_amount, a.adjudication.procedure
    if procedure is None:
        return paid, "", (), a.adjustments
    return paid, procedure.procedure_code, procedure.modifiers, a.adjustments


def _decided(s: PrimaryService) -> _Said:
    return s.payment_amount, s.procedure_code, s.modifiers, s.adjustments
