"""Which submission an adjudication answers, and which adjudication a reversal takes back.

Pure: of all submissions and all claim payments of one patient control number it makes the same
out of the same, whatever arrived first. Which claim it is, :mod:`warehouse.claim_identity` says;
which of several submissions of it is answered, time, frequency, the number that a replacement
names, and what came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from rules.classify import PREDETERMINED
from rules.payer import PayerProfile, find_payer
from warehouse.claim_chain import Chain, bare
from warehouse.claim_identity import (
    is_other_payer,
    normal_number,
    parts_of,
    payer_numbers,
    possible,
    tied_claims,
)
from warehouse.claim_record import Payment, Submission
from warehouse.reversals import stand_in, take_back

PAYMENT_FLOOR = timedelta(days=14)
"""From the receipt of an electronic claim to the day that Medicare may pay it first: not within
13 days (Social Security Act 1842(c)(3), IOM 100-04 chapter 1, 80.2.1.2)."""

SHORTEST_ROOT = 8
"""Characters of a payer's number that another may begin with and be of the same claim."""


class Answer(NamedTuple):
    """What became of one payment; ``submission`` None where it is not known which it answers."""

    claim_payment_id: int
    submission: Submission | None
    is_other_payer: bool = False
    reverses_id: int | None = None
    corrects_id: int | None = None


def resolve(
    payments: Sequence[Payment],
    submissions: Sequence[Submission],
    payers: Sequence[PayerProfile],
) -> list[Answer]:
    """What each payment of one patient control number answers, reverses and corrects."""
    parts = parts_of(payments, submissions[0].patient_control_number if submissions else None)
    candidates = {
        p.claim_payment_id: possible(p, submissions, payers, parts.get(p.claim_payment_id))
        for p in payments
    }
    # What only its date (or nothing) tells from another claim is known by the payer's number.
    tied = tied_claims(payments, candidates, submissions)
    for p in payments:
        if not candidates[p.claim_payment_id]:
            claims: set[int] = set().union(*(tied.get(number, ()) for number in payer_numbers(p)))
            some = [s for s in submissions if s.claim_id in claims]
            parts_ = parts.get(p.claim_payment_id)
            candidates[p.claim_payment_id] = possible(p, some, payers, parts_, is_tied=True)
    answers: list[Answer] = []
    for group in _apart(payments, candidates):
        chain = _gone_through(group, candidates, payers)
        answers += (_told(chain, p) for p in group)
    return answers


def _apart(
    payments: Iterable[Payment], candidates: Mapping[int, list[Submission]]
) -> list[list[Payment]]:
    """Payments in groups that may answer the same submissions: claims that share a number apart."""
    groups: list[tuple[set[int], list[Payment]]] = []
    for p in payments:
        keys = {s.submission_id for s in candidates[p.claim_payment_id]}
        members, apart = [p], []
        for group in groups:
            if group[0] & keys:
                keys, members = group[0] | keys, group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (keys, members)]
    return [members for _, members in groups]


def _gone_through(
    group: Sequence[Payment],
    candidates: Mapping[int, list[Submission]],
    payers: Sequence[PayerProfile],
) -> Chain:
    reversals = [p for p in group if p.is_reversal]
    chain = Chain(
        payers,
        open_cents={
            s.submission_id: s.charge_cents for p in group for s in candidates[p.claim_payment_id]
        },
        refusals_ahead=sum(p.is_refused and not p.is_reversal for p in group),
        reversed_numbers=frozenset(
            (p.payment_date, number)
            for p in reversals
            if (number := bare(p.payer_claim_control_number))
        ),
        reversed_charges=frozenset((p.remittance_id, p.charge_cents) for p in reversals),
        decisions=[p for p in group if not p.is_reversal],
        repeats_frequency=any(p.repeats_frequency for p in group),
    )
    in_order = sorted(group, key=lambda p: p.order)
    for p in in_order:
        found = candidates[p.claim_payment_id]
        if not found:
            continue
        if p.is_reversal:
            take_back(chain, p, found)
        else:
            _answer(chain, p, found)
    for p in in_order:
        # A reversal that stands before what it takes back.
        if p.is_reversal and p.claim_payment_id not in chain.reverses:
            take_back(chain, p, candidates[p.claim_payment_id])
    stand_in(chain, in_order)
    return chain


def _told(chain: Chain, p: Payment) -> Answer:
    s = chain.chosen.get(p.claim_payment_id)
    back = chain.reverses.get(p.claim_payment_id)
    return Answer(
        p.claim_payment_id,
        s,
        # A reversal has no CLP02 of its own: it is of the payer whose decision it takes back.
        s is not None and is_other_payer(back or p, s, chain.payers),
        back.claim_payment_id if back else None,
        chain.corrects.get(p.claim_payment_id),
    )


def _narrowed(chain: Chain, p: Payment, found: list[Submission]) -> list[Submission]:
    """Those of a claim's submissions that fit what a decision shows; a look that fits none is void.

    What was turned back is not adjudicated. A decision whose REF*F8 is the number that a
    replacement names answers it; so does one that returns the line numbers (REF*6R) of one
    submission only, or tells services as only one of them billed them, by code and charge. One
    that has another number than the next submission names is not what that one replaces. CLP09
    repeats the frequency of the claim that is answered, where it is sent at all, unless the payer
    writes an original's on every answer. A payer that replaces takes back, on the same day, the
    number that the replacement names.
    """
    numbers = _numbers_named(chain, found)
    taken_up = _taken_up(chain, p, found)
    looks: tuple[Callable[[Submission], bool], ...] = (
        lambda s: not s.is_turned_back,
        lambda s: bool(bare(p.original_number)) and _named_by(s) == bare(p.original_number),
        lambda s: _returns_numbers_of(p, s),
        lambda s: _tells_services_of(p, s),
        lambda s: s in taken_up,
        lambda s: not _has_another_number(chain, p, s, numbers.get(s.submission_id)),
        lambda s: s.claim_frequency_code == p.claim_frequency_code,
        lambda s: s.charge_cents == abs(p.charge_cents),
        lambda s: not _is_too_new(p, s, chain.payers),
        lambda s: not p.is_refused and (p.payment_date, _named_by(s)) in chain.reversed_numbers,
    )
    for look in looks:
        found = [s for s in found if look(s)] or found
    return found


def _returns_numbers_of(p: Payment, s: Submission) -> bool:
    """Whether every line item control number that was returned is one of the submission's.

    Some payers return LX01, which is a line's of any submission that has as many.
    """
    own = {normal_number(x.line_item_control_number or "") for x in s.lines}
    own |= {str(nth) for nth in range(1, len(s.lines) + 1)}
    told = {normal_number(x.line_item_control_number or "") for x in p.services} - {""}
    return bool(told) and told <= own


def _tells_services_of(p: Payment, s: Submission) -> bool:
    """Whether every service that was told is a line of the submission, by code and charge.

    Payers leave modifiers out, but add none.
    """
    left = list(s.lines)
    for told in sorted(p.services, key=lambda x: -len(x.modifiers)):
        same = (
            line
            for line in left
            if (line.procedure_code, line.charge_cents) == (told.procedure_code, told.charge_cents)
            and told.modifiers <= line.modifiers
        )
        line = min(same, key=lambda x: len(x.modifiers), default=None)
        if line is None:
            return False
        left.remove(line)
    return bool(p.services)


def _taken_up(chain: Chain, p: Payment, found: list[Submission]) -> list[Submission]:
    """Open replacements whose number is taken back beside a decision that says it is an original's.

    Some payers write CLP09 = 1 on every answer. One that ever writes a replacement's does not; and
    where all that is open is refused later, or the payer is one that takes no replacements, it is
    the original anew.
    """
    if p.claim_frequency_code != "1" or chain.repeats_frequency:
        return []
    charge = abs(p.charge_cents)
    pending = [
        s
        for s in found
        if s.claim_frequency_code == "7"
        and (p.payment_date, _named_by(s)) in chain.reversed_numbers
        and (s.submitted_on or date.max) <= (p.payment_date or date.min)
        and chain.open_cents[s.submission_id] >= charge
        and (charge or s.submission_id not in chain.answered)
        and not _payer(p, s, chain.payers).is_medicare_part_b
    ]
    return pending if p.is_refused or len(pending) > chain.refusals_ahead else []


def _numbers_named(chain: Chain, found: Iterable[Submission]) -> dict[int, str]:
    """CLP07 of the answer to each submission that the next one replaces, as that one names it.

    A number that is here already belongs to what it answers.
    """
    known = {bare(a.payer_claim_control_number): s.submission_id for a, s in chain.standing}
    named: dict[int, str] = {}
    before: Submission | None = None
    for s in found:
        number = _named_by(s)
        is_new = bool(number) and number not in named.values()
        if before and is_new and known.get(number, before.submission_id) == before.submission_id:
            named[before.submission_id] = number
        before = before if s.is_turned_back else s
    return named


def _has_another_number(chain: Chain, p: Payment, s: Submission, number: str | None) -> bool:
    """Whether the answer to a submission is known to go by another number than a decision has.

    What a payer takes back and decides anew may get a new one, and then says so by CLP09.
    """
    own = bare(p.payer_claim_control_number)
    if p.is_refused or not number or not own or _is_same_root(own, number):
        return False
    day = p.payment_date or date.max
    is_anew = any(n == number and (d or day) <= day for d, n in chain.reversed_numbers)
    return not (is_anew and p.claim_frequency_code == s.claim_frequency_code)


def _is_same_root(one: str, other: str) -> bool:
    """Whether a number is another one with what some payers count their answers by behind it."""
    long, short = sorted((one, other), key=len, reverse=True)
    return one == other or (len(short) >= SHORTEST_ROOT and long.startswith(short))


def _named_by(s: Submission) -> str:
    """The number that a replacement or a void names; "" for any other claim."""
    return bare(s.payer_claim_control_number) if s.claim_frequency_code in ("7", "8") else ""


def _is_too_new(p: Payment, s: Submission, payers: Sequence[PayerProfile]) -> bool:
    """Medicare pays no claim within its payment floor."""
    if p.payment_cents <= 0 or p.payment_date is None or s.submitted_on is None:
        return False
    is_early = p.payment_date - s.submitted_on < PAYMENT_FLOOR
    return is_early and _payer(p, s, payers).is_medicare_part_b


def _payer(p: Payment, s: Submission, payers: Sequence[PayerProfile]) -> PayerProfile:
    return find_payer(payers, (s.payer_id or "", *p.payer_ids), s.claim_filing_indicator)


def _answer(chain: Chain, p: Payment, found: list[Submission]) -> None:
    charge = abs(p.charge_cents)
    first = found[0]
    found = _narrowed(chain, p, found)
    if p.claim_status_code == PREDETERMINED:
        # What would be decided: the claim itself still waits for its answer.
        chain.chosen[p.claim_payment_id] = found[0]
        return
    if is_other_payer(p, found[0], chain.payers):
        chain.chosen[p.claim_payment_id] = found[0]
        chain.standing.append((p, found[0]))
        return
    waiting = [s for s in found if chain.open_cents[s.submission_id] >= charge]
    if p.is_refused:
        chain.refusals_ahead -= 1
        # The first is what was decided on its merits.
        waiting = [s for s in waiting if s is not first]
    elif len(waiting) <= chain.refusals_ahead and (
        _is_reversed(chain, p, found)
        or (chain.standing and (p.remittance_id, -p.charge_cents) in chain.reversed_charges)
    ):
        # What waits is refused later on; this is the decision made anew.
        waiting = []
    waiting = [s for s in waiting if charge or s.submission_id not in chain.answered]
    chosen = waiting[0] if waiting else _decided_anew(chain, p, found)
    chain.open_cents[chosen.submission_id] -= charge
    chain.answered.add(chosen.submission_id)
    chain.chosen[p.claim_payment_id] = chosen
    chain.standing.append((p, chosen))


def _is_reversed(chain: Chain, p: Payment, found: list[Submission]) -> Submission | None:
    keys = {s.submission_id for s in found}
    for back in reversed(chain.reverses.values()):
        s = chain.chosen[back.claim_payment_id]
        if s.submission_id in keys and abs(back.charge_cents) == abs(p.charge_cents):
            return s
    return None


def _decided_anew(chain: Chain, p: Payment, found: list[Submission]) -> Submission:
    """The submission whose answer was reversed last, or is about to be.

    Else the oldest that has no answer yet, or the newest where all have one.
    """
    back = _is_reversed(chain, p, found)
    if back is not None or p.is_refused:
        return back or found[-1]
    keys = {s.submission_id for s in found}
    decided = (s for a, s in reversed(chain.standing) if not a.is_refused)
    unanswered = (s for s in found if s.submission_id not in chain.answered)
    return next((s for s in decided if s.submission_id in keys), next(unanswered, found[-1]))
