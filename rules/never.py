"""The never-list, held on a claim as it will go out.

Knows nothing of the rules and shares no code or list with them: it compares the claim that was
billed with the one read back from the finished bytes, and asks of every difference which approved
correction names it and which fact carries that correction. The numbers are those of the list:

N1 a modifier without a fact · N2 a modifier on a pair that none separates · N3 guidance beside a
procedure that includes it · N4 date, provider, place, visit level, side or units from nowhere · N5
an undocumented diagnosis · N6 lines split or added · N7 an authorization that is not on file or
does not cover · N8 62321 with 62323 · N9 a second open submission · N10 a replacement that the
payer does not take · N12 an earlier payer's decision, other than as its own 835 has it. UNNAMED is
any other difference that no correction names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import permutations

from edi.claim import Claim, ServiceLine
from rules.decision import Correction, LineAdjudication
from rules.evidence import (
    Diagnosis,
    Evaluation,
    EvidenceRecord,
    ProcedureNote,
    PublishedRule,
    SubscriberId,
)
from rules.never_check import Check, Pair, Violation
from rules.never_numbers import authorizations, referrals
from rules.never_prior import prior_payers
from rules.never_provider import as_what, when, where, who
from rules.never_sides import sides
from rules.never_sites import beyond_the_sites
from rules.never_waste import wrong_marks
from rules.payer import PayerProfile

# Written out again here on purpose: a slip in the rules' own list must not pass this one too.
_GUIDANCE = frozenset(("77003", "77002", "76942", "77012", "76000"))
_INCLUDES_GUIDANCE = frozenset((
    "62320", "62321", "62322", "62323", "62324", "62325", "62326", "62327", "64479", "64480",
    "64483", "64484", "64490", "64491", "64492", "64493", "64494", "64495", "64633", "64634",
    "64635", "64636", "27096", "64451", "64454", "64624", "64625", "63650",
))  # fmt: skip
_SEPARATE = frozenset(("59", "XE", "XP", "XS", "XU", "76", "77"))
_ONCE_A_DAY = frozenset(("20552", "20553", "27096", "64479", "64483", "64490", "64491", "64492",
                         "64493", "64494", "64495", "64633", "64635"))  # fmt: skip
_ADD_ON = frozenset(("64480", "64484", "64491", "64492", "64494", "64495", "64634", "64636"))
_NO_TWO_SIDES = frozenset(("20552", "20553", "62320", "62321", "62322", "62323", "62324", "62325",
                           "62326", "62327", "63650", "63655", "63661", "63662", "63663", "63664",
                           "63685", "63688", "77003"))  # fmt: skip
_NOT_FOR = {"76": _ONCE_A_DAY, "77": _ONCE_A_DAY, "50": _NO_TWO_SIDES} | dict.fromkeys(
    ("59", "XE", "XP", "XS", "XU"), _ADD_ON
)
_ASKED_AHEAD = 30
"""Days before the service in which a practice asks for the eligibility of a visit."""
_VISITS = frozenset(("99202", "99203", "99204", "99205", "99211", "99212", "99213", "99214",
                     "99215"))  # fmt: skip


def forbidden(
    original: Claim,
    emitted: Claim,
    *,
    payer: PayerProfile,
    corrections: Sequence[Correction] = (),
    evidence: Sequence[EvidenceRecord] = (),
    indicator_0_pairs: Collection[tuple[str, str]] = frozenset(),
    open_submission: bool = False,
    lines: Sequence[int] | None = None,
    was_adjudicated: bool = True,
    adjudications: Sequence[LineAdjudication] = (),
) -> tuple[Violation, ...]:
    """Everything on the never-list that the emitted claim would do; empty where it may go.

    ``corrections`` are those that were approved, ``evidence`` what is on file now: a fact that
    was withdrawn since carries nothing. ``lines`` are the positions that a new claim after an
    unprocessable one carries; None = all. ``was_adjudicated`` is False for a claim that was
    rejected before the payer took it in. ``adjudications``: of the original's lines, the newest.
    """
    check = Check(original, emitted, corrections, evidence, adjudications)
    if open_submission:
        check.say("N9", "an earlier submission is still unanswered")
    _frequency(check, payer)
    pairs = _paired(check, lines)
    for pair in pairs:
        _service(check, pair)
        _drugs(check, pair)
        _modifiers(check, pair)
        for reason in wrong_marks(pair, emitted, check.evidence):
            check.say("N1", reason)
        when(check, pair)
        where(check, pair)
    _claim_level(check)
    for reason in beyond_the_sites(pairs, emitted, check.evidence):
        check.say("N4", reason)
    _resend(check, pairs, lines, was_adjudicated)
    _diagnoses(check, pairs)
    who(check, pairs)
    as_what(check, pairs)
    authorizations(check, pairs)
    referrals(check, pairs)
    _together(check, indicator_0_pairs)
    for reason in prior_payers(original, emitted, check.named, check.evidence):
        check.say("N12", reason)
    return tuple(dict.fromkeys(check.found))


def _frequency(check: Check, payer: PayerProfile) -> None:
    emitted = check.emitted
    replaces = emitted.claim_frequency_code in ("7", "8")
    if replaces and payer.kind == "medicare_part_b":
        check.say("N10", "Medicare Part B takes no replacement or void")
    elif replaces and payer.replacement_claims is not True:
        check.say("N10", "this payer is not known to take replacements")
    subscriber = emitted.subscriber.information
    filing = subscriber.claim_filing_indicator_code if subscriber else None
    if filing == "MB" and payer.kind != "medicare_part_b" and "MB" not in payer.claim_filing:
        check.say("N10", "a claim of Medicare Part B (SBR09) at a payer of another kind")
    if replaces != bool(emitted.payer_claim_control_number):
        check.say("N10", "REF*F8 goes with a replacement or void, and with nothing else")
    if emitted.patient_control_number != check.original.patient_control_number:
        check.say("UNNAMED", "2300/CLM01 differs")


def _paired(check: Check, lines: Sequence[int] | None) -> list[Pair]:
    """Original lines with those that go out, in order, less those that were taken off."""
    taken = [
        n
        for n in range(1, len(check.original.service_lines) + 1)
        if f"2400[{n}]" in check.named and check.named[f"2400[{n}]"].new_value is None
    ]
    kept = [
        (n, line)
        for n, line in enumerate(check.original.service_lines, 1)
        if n not in taken and (lines is None or n in lines)
    ]
    sent = check.emitted.service_lines
    two = sides(check.original, check.emitted, kept, check.named, check.evidence)
    check.said = two.said
    for reason in two.wrong:
        check.say("N6", reason)
    if len(sent) < len(kept):
        check.say("N6", f"{len(sent)} lines go out where {len(kept)} are to go")
    return [Pair(n, o, e) for (n, o), e in zip(kept, sent, strict=False)]


def _service(check: Check, pair: Pair) -> None:
    at, billed, sent = pair
    place = f"2400[{at}]"
    if sent.procedure_code != billed.procedure_code:
        if {sent.procedure_code, billed.procedure_code} & _VISITS:
            check.say("N4", f"{place}: the level of a visit differs")
        elif not check.fact(f"{place}/SV101-2", sent.procedure_code, ProcedureNote):
            check.say("N4", f"{place}: another procedure code without a procedure note")
    was, now = billed.service.service_unit_count, sent.service.service_unit_count
    if was != now or sent.service.unit_of_measure != billed.service.unit_of_measure:
        named = check.named.get(f"{place}/SV104")
        if (now or 0) > (was or 0) and not (named and check.noted(named)):
            check.say("N4", f"{place}: more units without a procedure note")
        elif named is None:
            check.say("UNNAMED", f"{place}/SV104 differs")
    charge = sent.line_item_charge_amount != billed.line_item_charge_amount
    if charge and f"{place}/SV102" not in check.named:
        check.say("N6", f"{place}: another charge, as where a line is split")


def _drugs(check: Check, pair: Pair) -> None:
    at, billed, sent = pair
    was, now = ({d.identification.national_drug_code for d in x.drugs} for x in (billed, sent))
    for ndc in now - was:
        notes = [
            e for e in check.facts(f"2400[{at}]/LIN03", ndc) if isinstance(e, ProcedureNote)
        ]  # fmt: skip
        if not any(drug.ndc == ndc for note in notes for drug in note.drugs):
            check.say("N4", f"2400[{at}]: an NDC that no drug record has")


def _modifiers(check: Check, pair: Pair) -> None:
    at, billed, sent = pair
    added = Counter(sent.modifiers) - Counter(billed.modifiers)
    gone = Counter(billed.modifiers) - Counter(sent.modifiers)
    for modifier in added:
        carried = [
            e for slot in range(3, 7) for e in check.facts(f"2400[{at}]/SV101-{slot}", modifier)
        ]
        if (at, modifier) in check.said:
            pass
        elif all(isinstance(e, PublishedRule) for e in carried):
            check.say("N1", f"2400[{at}]: modifier {modifier} without a fact on file")
        elif modifier == "25" and not any(
            isinstance(e, Evaluation)
            and e.separately_identifiable
            and billed.service_dates == (e.service_date, e.service_date)
            for e in carried
        ):
            check.say("N1", f"2400[{at}]: modifier 25 without an evaluation of that day")
        elif (
            modifier == "25"
            and sum(
                x.procedure_code in _VISITS and _touch(x, sent) for x in check.emitted.service_lines
            )
            > 1
        ):
            check.say("N1", f"2400[{at}]: modifier 25 on one of two visits of a day")
        elif sent.procedure_code in _NOT_FOR.get(modifier, ()):
            check.say("N1", f"2400[{at}]: modifier {modifier} on a code that cannot carry it")
        elif modifier in _SEPARATE and not any(
            isinstance(e, ProcedureNote)
            and billed.service_dates == (e.service_date, e.service_date)
            for e in carried
        ):
            check.say("N1", f"2400[{at}]: modifier {modifier} without a note of that day")
    named = {c.old_value for p, c in check.named.items() if p.startswith(f"2400[{at}]/SV101")}
    for modifier in gone:
        if modifier not in named:
            check.say("UNNAMED", f"2400[{at}]: modifier {modifier} is gone")


def _claim_level(check: Check) -> None:
    original, emitted = check.original, check.emitted
    if original.billing_npi != emitted.billing_npi:
        check.say("N4", "another billing provider")
    member, served = emitted.subscriber.member_id, original.first_service_date
    # One that is older than the service was about another claim of a number that is used again.
    if original.subscriber.member_id != member and not any(
        isinstance(e, SubscriberId)
        and (served is None or (served - e.attested_on).days <= _ASKED_AHEAD)
        for e in check.facts("2010BA/NM109", member)
    ):
        check.say("UNNAMED", "2010BA/NM109 differs without the payer's own answer")
    if emitted.total_claim_charge_amount != sum(
        line.line_item_charge_amount for line in emitted.service_lines
    ):
        check.say("UNNAMED", "2300/CLM02 is not the sum of the lines")


def _resend(
    check: Check, pairs: Sequence[Pair], lines: Sequence[int] | None, was_adjudicated: bool
) -> None:
    """A claim that goes out as an original once more is another one than the first.

    It says something that it did not say before; or a line that was returned is without what a
    correction of it takes off.
    """
    if check.emitted.claim_frequency_code != "1":
        return
    added = [c for c in check.named.values() if c.new_value is not None]
    if not any(c.place != "2300/CLM02" and any(e in check.evidence for e in c.evidence)
               for c in added) and not any(
        p.at in (lines or ()) and _is_rid(check, p) for p in pairs
    ):  # fmt: skip
        check.say("RESEND", "a new claim without anything that the first one lacked")
    member = check.emitted.subscriber.member_id != check.original.subscriber.member_id
    if was_adjudicated and lines is None and not member:
        check.say("RESEND", "a new claim where the payer has adjudicated the first one")


def _is_rid(check: Check, pair: Pair) -> bool:
    """Whether the line is without a modifier or place that a fact or a rule takes off it."""
    billed, sent = pair.billed, pair.sent
    gone = {*(Counter(billed.modifiers) - Counter(sent.modifiers))}
    if sent.service.place_of_service_code is None:
        gone.add(billed.service.place_of_service_code or "")
    return any(
        c.old_value in gone
        and place.startswith((f"2400[{pair.at}]/SV101-", f"2400[{pair.at}]/SV105"))
        and any(isinstance(e, PublishedRule) or e in check.evidence for e in c.evidence)
        for place, c in check.named.items()
    )


def _diagnoses(check: Check, pairs: Sequence[Pair]) -> None:
    days = {line.service_date for line in check.original.service_lines}
    records = [
        e
        for c in check.named.values()
        for e in c.evidence
        if isinstance(e, Diagnosis) and e in check.evidence and e.service_date in days
    ]
    documented = {code.replace(".", "") for e in records for code in e.codes}
    known = {code.replace(".", "") for code in check.original.diagnosis_codes}
    for code in check.emitted.diagnosis_codes:
        if code.replace(".", "") not in known | documented:
            check.say("N5", "a diagnosis that is not documented")
    for at, billed, sent in pairs:
        was, now = check.original.diagnoses_of(billed), check.emitted.diagnoses_of(sent)
        its_own = {
            code.replace(".", "")
            for e in records
            if e.procedure_code in (billed.procedure_code, sent.procedure_code)
            and billed.service_dates == (e.service_date, e.service_date)
            for code in e.codes
        }
        if was != now and not {d.replace(".", "") for d in now if d not in was} <= its_own:
            check.say("N5", f"2400[{at}]: points to another diagnosis that is not documented")
        elif was != now and not its_own:
            check.say("N5", f"2400[{at}]: points to its diagnoses in another order")


def _touch(one: ServiceLine, other: ServiceLine) -> bool:
    """Whether two lines are of one day; one without a date may be of any, so it is."""
    a, b = one.service_dates, other.service_dates
    return a is None or b is None or (a[0] <= b[1] and b[0] <= a[1])


def _together(check: Check, indicator_0: Collection[tuple[str, str]]) -> None:
    """Lines that may not stand beside each other on one day, changed or not."""
    for one, other in permutations(check.emitted.service_lines, 2):
        if not _touch(one, other):
            continue
        codes = (one.procedure_code, other.procedure_code)
        if codes[0] in _INCLUDES_GUIDANCE and codes[1] in _GUIDANCE:
            check.say("N3", f"{codes[1]} beside {codes[0]}, which includes it")
        if codes == ("62321", "62323"):
            check.say("N8", "62321 and 62323 on one day")
        if codes in indicator_0:
            check.say("N2", f"{codes[1]} beside {codes[0]}, which no modifier separates")
