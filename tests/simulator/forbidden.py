"""The never-list, asked of the bytes that were sent, the chart and the edit tables alone.

Written from the list in the domain's words, N1 to N11, without a look at how the product holds it.
``forbidden`` gives each thing that a replacement says and may not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import ceil

from simulator.campaign_chart import MILLIGRAMS
from simulator.carried import ADD_ONS, DISTINCT, SIDE, is_carried, no_two_sides
from simulator.judged_claim import Fault, Record, Sent, ServiceLine, claim_diagnoses, read_line
from simulator.sent_claim import CutClaim
from simulator.x12_text import cents, npi

_GUIDANCE = {"76000", "76942", "77002", "77003", "77012"}
_IMAGED = ("6232", "6447", "6448", "6449", "6463")
_IMAGED_CODES = {"27096", "64451", "64454", "64624", "64625", "63650"}
_WITH_IMAGING = {"62320": "62321", "62322": "62323", "62324": "62325", "62326": "62327"}
_ULTRASOUND = {"20600": "20604", "20605": "20606", "20610": "20611"}
_DELETED = {"J1020", "J1030", "J1040"}
_NERVES = {"64625": ("sacroiliac", "lateral branch"), "64635": ("medial branch", "facet")}


def forbidden(case: Sent) -> list[Fault]:
    """Everything on the never-list that the claim says."""
    billed = [read_line(case.billed, line) for line in case.billed.lines]
    sent = [read_line(case.sent, line) for line in case.sent.lines]
    gone = {c["place"] for c in case.corrections if c["new_value"] is None}
    kept = [n for n in range(1, len(billed) + 1) if f"2400[{n}]" not in gone]
    pairs = [(billed[n - 1], now) for n, now in zip(kept, sent, strict=False)]
    added = sent[len(kept) :]
    _frequency(case)
    _people(case)
    _money(case, sent)
    for was, now in pairs:
        _modifiers(case, was, now, billed, sent)
        _service(case, was, now, added)
        _pointers(case, was, now)
    _dropped(case, billed, sent, kept)
    _added(case, pairs, added)
    _diagnoses(case)
    _numbers(case, pairs)
    _beside(case, sent)
    return case.faults


def _frequency(case: Sent) -> None:
    code, number = case.sent.frequency_code, case.sent.payer_claim_control_number
    if case.pending:
        case.say("N9", "something of the practice's own is not answered")
    if code in ("7", "8"):
        if case.kind == "medicare_part_b" or not case.takes_replacements:
            case.say("N10", "the payer takes no replacement")
        if number != case.newest_number:
            case.say("N10", "REF*F8 is not the newest number of the payer")
        if not case.recognised:
            case.say("N10", "a replacement of what was never adjudicated")
    elif number:
        case.say("N10", "an original with REF*F8")
    elif case.was_paid and case.returned is None:
        case.say("N9", "an original after one that was paid")
    if case.patient_owes and not all(c["approved_by"] for c in case.corrections):
        case.say("N11", "nobody looked at what the patient has paid")


def _people(case: Sent) -> None:
    for what, loop in (("rendering provider", "82"), ("referring provider", "DN")):
        was, now = ([s[9:10] for s in c.own if s[:2] == ["NM1", loop]]
                    for c in (case.billed, case.sent))  # fmt: skip
        if was != now and not (loop == "82" and _is_filled_in(case, was, now)):
            case.say("N4", f"another {what}")
    for loop, where in (("BI", case.billed.billing), ("PE", case.billed.own)):
        after = case.sent.billing if loop == "BI" else case.sent.own
        codes = [[s[3] for s in x if s[:2] == ["PRV", loop]] for x in (where, after)]
        if codes[0] != codes[1] and not _is_enrolled(case, loop, codes[1]):
            case.say("N4", "a taxonomy code with which the payer has not enrolled the provider")
    was, now = (_member(c) for c in (case.billed, case.sent))
    answers = {r["member_id"] for r in case.records if r["kind"] == "subscriber"}
    if was != now and answers != {now}:
        case.say("N4", "a member id that no single answer of the payer shows")
    attesters = {
        r["attested_by"].casefold()
        for r in case.records
        for c in case.corrections
        if r["document_id"] in (c["evidence"] or "").split(",")
    }
    if attesters & {(c["approved_by"] or "").casefold() for c in case.corrections}:
        case.say("N1", "who attested the evidence approved it")


def _is_filled_in(case: Sent, was: list[list[str]], now: list[list[str]]) -> bool:
    """What was no NPI is now the one that a note of every line has, and none another."""
    if len(was) != 1 or len(now) != 1 or was[0] == [npi("".join(was[0])[:9])]:
        return False
    notes = [r for r in case.on_file("procedure_note") if r.get("rendering_npi")]
    told = {x["procedure_code"] for r in notes for x in (*r.get("sites", ()), *r.get("drugs", ()))}
    codes = {read_line(case.sent, line).code for line in case.sent.lines}
    return codes <= told and {r["rendering_npi"] for r in notes} == {*now[0]}


def _is_enrolled(case: Sent, loop: str, codes: list[str]) -> bool:
    segments, entity = (case.sent.billing, "85") if loop == "BI" else (case.sent.own, "82")
    npi = next(s[9] for s in segments if s[:2] == ["NM1", entity])
    held = {
        r["taxonomy_code"]
        for r in case.records
        if r["kind"] == "enrollment" and r["npi"] == npi
        and r["effective_from"] <= case.day <= (r["effective_to"] or case.day)
    }  # fmt: skip
    return len(codes) == 1 and held == {codes[0]}


def _member(claim: CutClaim) -> str:
    return next(s[9] for s in claim.subscriber if s[:2] == ["NM1", "IL"])


def _money(case: Sent, sent: list[ServiceLine]) -> None:
    if cents(case.sent.own[0][2]) != sum(line.charge for line in sent):
        case.say("N6", "CLM02 is not the sum of the lines")


def _modifiers(
    case: Sent,
    was: ServiceLine,
    now: ServiceLine,
    billed: list[ServiceLine],
    sent: list[ServiceLine],
) -> None:
    added = Counter(now.modifiers) - Counter(was.modifiers)
    for modifier in added:
        words = f"{modifier} on {now.code}"
        if case.edits and any(
            "0" in (case.edits.get((now.code, x.code)), case.edits.get((x.code, now.code)))
            for x in sent
        ):
            case.say("N2", words)
        if not is_carried(case, modifier, was, now, billed):
            case.say("N1", f"{words} without a record")
    gone = Counter(was.modifiers) - Counter(now.modifiers)
    right = {"50": set(SIDE), "RT": {"LT", "50"}, "LT": {"RT", "50"}}
    for modifier in gone:
        if modifier == "50" and no_two_sides(was.code):
            continue
        if modifier in DISTINCT and was.code in ADD_ONS:
            continue
        if not right.get(modifier, set()) & set(added):
            case.say("N1", f"{modifier} is gone from {was.code}")


def _service(case: Sent, was: ServiceLine, now: ServiceLine, added: list[ServiceLine]) -> None:
    if was.dates != now.dates:
        case.say("N4", "another service date")
    notes = case.on_file("procedure_note")
    places = {r.get("place_of_service") for r in notes} - {None}
    if was.place != now.place and (
        places != {now.place}
        or now.place in ("02", "10", "99")
        or not any(r.get("place_of_service") and _is_of(r, was, case) for r in notes)
    ):
        case.say("N4", "another place of service")
    if was.code != now.code and not _code_is_right(case, was, now):
        case.say("N4", f"{was.code} became {now.code}")
    if now.ndc != was.ndc and now.ndc not in {d.get("ndc") for d in case.drugs(now.code)}:
        case.say("N4", "an NDC that no record has")
    if (was.unit, was.units) != (now.unit, now.units):
        _units(case, was, now)
    elif was.charge != now.charge and not _charge_is_of_a_side(was, now, added):
        case.say("N6", f"another charge of {now.code}")


def _is_of(note: Record, was: ServiceLine, case: Sent) -> bool:
    """Whether a note is of this line's procedure; one of none is of a line that stands alone."""
    told = {x["procedure_code"] for x in (*note["sites"], *note.get("drugs", ()))}
    return was.code in told if told else len(case.billed.lines) == 1


def _code_is_right(case: Sent, was: ServiceLine, now: ServiceLine) -> bool:
    sites = case.sites(now.code)
    if was.code in _DELETED:
        given = case.drugs(now.code, *_DELETED)
        billed = MILLIGRAMS[was.code] * int(was.units)
        return now.code == "J1010" and [d["milligrams"] for d in given] == [billed]
    if now.code == _WITH_IMAGING.get(was.code):
        # What a note has under the code without imaging is of the same injection.
        sites = case.sites(was.code, now.code)
        return len(sites) == 1 and sites[0]["imaging"] in ("fluoroscopy", "ct") and (
            sites[0].get("images_saved") is True)  # fmt: skip
    if now.code == _ULTRASOUND.get(was.code):
        sites = case.sites(was.code, now.code)
        return len(sites) == 1 and sites[0]["imaging"] == "ultrasound" and (
            sites[0].get("images_saved") is True)  # fmt: skip
    if {was.code, now.code} == {"20552", "20553"}:
        muscles = {m for s in case.sites("20552", "20553") for m in s["muscles"]}
        return bool(muscles) and (len(muscles) >= 3) == (now.code == "20553")
    if {was.code, now.code} == {"64625", "64635"}:
        words = [s.get("structure", "").lower() for s in sites]
        return bool(words) and not case.sites(was.code) and all(
            any(n in w for n in _NERVES[now.code]) for w in words)  # fmt: skip
    return False


def _units(case: Sent, was: ServiceLine, now: ServiceLine) -> None:
    given = case.drugs(now.code) or case.drugs(was.code)
    if now.code not in MILLIGRAMS or len(given) != 1:
        case.say("N4", f"other units of {now.code} than the chart has")
        return
    right = ceil(given[0]["milligrams"] / MILLIGRAMS[now.code])
    if now.units != str(right) or now.unit != was.unit:
        case.say("N4", f"{now.units} units of {now.code} where the chart has {right}")
    each = was.charge * right // int(was.units)
    if now.charge not in ((was.charge,) if was.code in _DELETED else (each,)):
        case.say("N6", f"another charge per unit of {now.code}")


def _charge_is_of_a_side(was: ServiceLine, now: ServiceLine, added: list[ServiceLine]) -> bool:
    """One of two sides at its part of the charge, or both at the sum: looked at in full below."""
    other = sum(x.charge for x in added if x.code == now.code)
    return ("50" in was.modifiers and now.charge + other == was.charge) or "50" in now.modifiers


def _pointers(case: Sent, was: ServiceLine, now: ServiceLine) -> None:
    if was.diagnoses == now.diagnoses:
        return
    records = [r for r in case.on_file("diagnosis") if r["procedure_code"] == was.code]
    said = {tuple(dict.fromkeys(c.replace(".", "") for c in r["codes"])) for r in records}
    documented = {code for codes in said for code in codes}
    if len(said) != 1 or not set(now.diagnoses) - set(was.diagnoses) <= documented:
        case.say("N5", f"{now.code} points to what its chart does not have")


def _diagnoses(case: Sent) -> None:
    was, now = claim_diagnoses(case.billed), claim_diagnoses(case.sent)
    documented = {c.replace(".", "") for r in case.on_file("diagnosis") for c in r["codes"]}
    if now[: len(was)] != was or not set(now[len(was) :]) <= documented:
        case.say("N5", "diagnoses that are not documented, or taken off")


def _dropped(
    case: Sent, billed: list[ServiceLine], sent: list[ServiceLine], kept: list[int]
) -> None:
    """A line may be taken off only because it may not be billed, or stands in another one."""
    for nth, line in enumerate(billed, start=1):
        if nth in kept or (case.returned is not None and nth not in case.returned):
            continue
        others = [x for n, x in enumerate(billed, start=1) if n != nth]
        edits = case.edits or {}
        guidance = line.code in _GUIDANCE and any(_has_imaging(x.code) for x in (*others, *sent))
        column_2 = any(edits.get((x.code, line.code)) == "0" for x in others)
        in_code = line.code == "76942" and any(x.code in _ULTRASOUND.values() for x in sent)
        both = any(x.code == line.code and "50" in x.modifiers for x in sent)
        if not (guidance or column_2 or in_code or (both and {*SIDE} & {*line.modifiers})):
            case.say("N6", f"{line.code} was left out")


def _has_imaging(code: str) -> bool:
    return code.startswith(_IMAGED) or code in _IMAGED_CODES


def _added(
    case: Sent, pairs: list[tuple[ServiceLine, ServiceLine]], added: list[ServiceLine]
) -> None:
    """Only the other side of a line that said both, or what was thrown away, may be added."""
    for line in added:
        right = any(
            was.code == line.code
            and was.charge == now.charge + line.charge
            and (_is_other_side(case, was, now, line) or _is_waste(case, was, now, line))
            for was, now in pairs
        )
        if not right:
            case.say("N6", f"a line of {line.code} was added")


def _is_other_side(case: Sent, was: ServiceLine, now: ServiceLine, line: ServiceLine) -> bool:
    sides = {*SIDE} & {*now.modifiers}, {*SIDE} & {*line.modifiers}
    return (
        "50" in was.modifiers
        and set.union(*sides) == {*SIDE}
        and not set.intersection(*sides)
        and line.units == was.units == "1"
        and case.bilateral == "rt_lt_lines"
    )


def _is_waste(case: Sent, was: ServiceLine, now: ServiceLine, line: ServiceLine) -> bool:
    """The rest of a single-dose container, of which the note says how much was thrown away."""
    given = case.drugs(line.code)
    if len(given) != 1 or given[0].get("container") != "single_dose":
        return False
    each, wasted = MILLIGRAMS[line.code], given[0].get("wasted_milligrams") or 0
    return (
        line.modifiers == (*was.modifiers, "JW")
        and wasted >= each
        and abs(int(line.units) * each - wasted) < each
        and int(now.units) + int(line.units) == int(was.units)
    )


def _numbers(case: Sent, pairs: list[tuple[ServiceLine, ServiceLine]]) -> None:
    was, now = ([s[2] for s in c.own if s[:2] == ["REF", "G1"]] for c in (case.billed, case.sent))
    lines = [line for _, line in pairs]
    if now != was and not (len(now) == 1 and any(_covers(case, now[0], x, lines) for x in lines)):
        case.say("N7", "a prior authorization number that does not cover a line, or one taken off")
    referral, shown = ([s[2] for s in c.own if s[:2] == ["REF", "9F"]]
                       for c in (case.billed, case.sent))  # fmt: skip
    if shown != referral and not (len(shown) == 1 and _refers(case, shown[0], lines)):
        case.say("N7", "a referral number that covers nothing of the claim, or one taken off")
    for before, line in pairs:
        if line.authorization != before.authorization:
            if not _covers(case, line.authorization, line, lines):
                case.say("N7", f"the number at {line.code} does not cover it")
            if [line.authorization] == now:
                case.say("N7", "one number at claim and line")


def _refers(case: Sent, number: str, lines: list[ServiceLine]) -> bool:
    who = [s[9] for s in case.sent.own if s[:2] == ["NM1", "DN"]]
    codes = {line.code for line in lines}
    return any(
        r["valid_from"] <= case.day <= r["valid_to"]
        and r.get("issued_on", "") <= case.day
        and (not r["procedure_codes"] or codes & {*r["procedure_codes"]})
        and (r["units"] is None or r["units"] > r.get("units_used", 0))
        and who in ([], [r["referring_npi"]])
        for r in case.records
        if r["kind"] == "referral" and r["number"] == number
    )


def _covers(case: Sent, number: str, line: ServiceLine, lines: list[ServiceLine]) -> bool:
    rendering = next(s[9] for s in case.sent.own if s[:2] == ["NM1", "82"])
    for a in (r for r in case.records if r["kind"] == "authorization" and r["number"] == number):
        wanted = sum(int(x.units) for x in lines if x.code in a["procedure_codes"])
        if (
            a.get("status", "approved") == "approved"
            and line.code in a["procedure_codes"]
            and a["valid_from"] <= case.day <= a["valid_to"]
            and (a["units"] is None or wanted <= a["units"] - a.get("units_used", 0))
            and a["rendering_npi"] in (None, rendering)
            and a["place_of_service"] in (None, line.place)
            and a.get("issued_on", "") <= case.day
        ):
            return True
    return False


def _beside(case: Sent, sent: list[ServiceLine]) -> None:
    """Lines that may not stand beside each other, changed or not."""
    for one, other in _ordered_pairs(sent):
        if other.code in _GUIDANCE and _has_imaging(one.code):
            case.say("N3", f"{other.code} beside {one.code}")
        if (one.code, other.code) == ("62321", "62323"):
            case.say("N8", "62321 with 62323")
        if (case.edits or {}).get((one.code, other.code)) == "0":
            case.say("N2", f"{other.code} beside {one.code}")


def _ordered_pairs(lines: list[ServiceLine]) -> Iterator[tuple[ServiceLine, ServiceLine]]:
    for n, one in enumerate(lines):
        for m, other in enumerate(lines):
            if n != m and set(one.dates) & set(other.dates):
                yield one, other
