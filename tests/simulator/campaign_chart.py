"""Charts of a campaign's claims: what was done, and records of it that are right, open or wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from simulator.campaign_cast import DRUGS, EPIDURALS, GUIDANCE, SIDED, VISITS
from simulator.practice import Claim, Line

Record = dict[str, Any]

MILLIGRAMS = {"J1010": 1, "J1020": 20, "J1030": 40, "J1040": 80, "J1885": 15, "J3301": 10}
NDC = {"J1885": "00409379501", "J3301": "00003029320"}
DIAGNOSES = ("M5416", "G894", "M5412", "M47816", "M461", "M5441", "M5442", "M1711", "M7918")
APPROVER, OTHER_APPROVER = "biller.b", "biller.c"
OTHER_NPI = "1000000012"
_STRUCTURES = {
    "20": ("right knee", "left shoulder", "trapezius", "hip"),
    "27": ("sacroiliac joint", "shoulder"),
    "96": ("deltoid muscle", "gluteus"),
    "64": (
        "medial branch nerves",
        "sacral lateral branch nerves of the sacroiliac joint",
        "foramen",
    ),
}
_MUSCLES = ("trapezius", "rhomboid", "levator scapulae", "splenius")
# What a note may have in place of the billed code, because it is what was done.
_REALLY = {"62322": "62323", "62320": "62321", "64625": "64635", "64635": "64625",
           "20610": "20611", "20552": "20553", "20553": "20552", "J1030": "J1010",
           "J1020": "J1010", "J1040": "J1010"}  # fmt: skip
_SIDE = {"RT": "right", "LT": "left", "50": "bilateral"}
_SUBJECT = ("patient_control_number", "payer_id", "member_id")
_FLIPPED = {"right": "left", "left": "right"}


def records_for(rng: Random, claim: Claim, others: list[str]) -> list[Record]:
    """Records on a claim as they are entered, the later ones after those they supersede."""
    made = [
        _note(rng, claim),
        *[_diagnosis(rng, claim, line) for line in claim.lines if rng.random() < 0.7],
        *[_evaluation(rng, claim) for line in claim.lines if line.procedure_code in VISITS],
        _authorization(rng, claim),
        _referral(rng, claim),
        _subscriber(rng),
        {
            "kind": "timely_filing_proof",
            "accepted_on": _day(claim.service_date, rng.randint(1, 90)),
        },
    ]
    found: list[Record] = []
    for nth, record in enumerate(made):
        if rng.random() < 0.18:
            continue
        document = f"D{claim.patient_control_number[2:]}{nth}"
        found += _entered(rng, claim, _about(rng, claim, record, document), others)
    return found


def subject(record: Record) -> tuple[str, ...]:
    """What a record is about."""
    if record["kind"] == "enrollment":
        return (record["payer_id"], record["npi"])
    return tuple(record[k] for k in _SUBJECT if k in record)


def on_file(records: list[Record]) -> list[Record]:
    """What counts: the newest of each kind, document and subject."""
    return list({(r["kind"], r["document_id"], subject(r)): r for r in records}.values())


def _day(day: date, later: int = 0) -> str:
    return (day + timedelta(days=later)).isoformat()


def _about(rng: Random, claim: Claim, record: Record, document: str) -> Record:
    found: Record = {"document_id": document, "attested_by": "coder.a", "attested_on": "2026-06-02"}
    by_member = rng.random() < (0.9 if record["kind"] in ("authorization", "referral") else 0.15)
    if by_member and record["kind"] != "subscriber":
        found |= {"payer_id": claim.destination.identifier, "member_id": claim.member_id}
    else:
        found["patient_control_number"] = claim.patient_control_number
    if record["kind"] in ("procedure_note", "evaluation", "diagnosis"):
        found["service_date"] = _day(claim.service_date)
    return found | record


def _entered(rng: Random, claim: Claim, record: Record, others: list[str]) -> list[Record]:
    """The record as it came in: right in half of the cases, else spoilt in one way or more."""
    match rng.choices(("right", "spoilt", "twice", "superseded"), (60, 28, 6, 6))[0]:
        case "right":
            return [record]
        case "spoilt":
            return [_spoilt(rng, claim, record, others)]
        case "twice":
            second = _spoilt(rng, claim, record, others)
            return [record, second | {"document_id": record["document_id"] + "B"}]
        case _:
            # The later one takes its place only where it is about the same.
            later = _spoilt(rng, claim, record, others)
            return [record, later | {k: record[k] for k in _SUBJECT if k in record}]


def _spoilt(rng: Random, claim: Claim, record: Record, others: list[str]) -> Record:
    ways = {
        "procedure_note": _spoilt_note,
        "authorization": _spoilt_authorization,
        "referral": _spoilt_referral,
        "evaluation": lambda r, x: x | {"separately_identifiable": False},
        "diagnosis": lambda r, x: x | {"codes": [r.choice(DIAGNOSES)]},
        "subscriber": lambda r, x: x | {"member_id": claim.member_id},
        "timely_filing_proof": lambda r, x: x | {"accepted_on": "2027-01-01"},
    }
    way = rng.random()
    if way < 0.2 and "service_date" in record:
        return record | {"service_date": _day(claim.service_date, rng.choice((-7, -1, 1, 14)))}
    if way < 0.28 and "patient_control_number" in record:
        return record | {"patient_control_number": rng.choice(others)}
    if way < 0.36:
        return record | {"attested_by": rng.choice((APPROVER, APPROVER.upper(), OTHER_APPROVER))}
    return ways[record["kind"]](rng, record)


def _note(rng: Random, claim: Claim) -> Record:
    sites, drugs = [], []
    for line in claim.lines:
        code = line.procedure_code
        if code in DRUGS:
            drugs.append(_drug(rng, line))
        elif code not in VISITS and code not in GUIDANCE and rng.random() < 0.92:
            sites.append(_site(rng, line))
    found: Record = {"kind": "procedure_note", "sites": sites, "drugs": drugs}
    if rng.random() < 0.5:
        found["place_of_service"] = rng.choice(("11", "22", "24"))
    return found


def _site(rng: Random, line: Line) -> Record:
    code = line.procedure_code
    really = _REALLY.get(code, code) if rng.random() < 0.45 else code
    sides = [_SIDE[m] for m in line.modifiers if m in _SIDE]
    laterality = sides[0] if sides and rng.random() < 0.7 else rng.choice(
        ("right", "left", "right", "left", "bilateral", "midline") if code in SIDED
        else ("midline", "left", "right")
    )  # fmt: skip
    site: Record = {
        "procedure_code": really,
        "laterality": laterality,
        "session": 2 if rng.random() < 0.12 else 1,
        "imaging": rng.choice(("fluoroscopy", "fluoroscopy", "ultrasound", "ct", "none")),
        "images_saved": rng.random() < 0.8,
        "muscles": list(_MUSCLES[: rng.randint(0, 4)]) if code in ("20552", "20553") else [],
    }
    if code[:2] in _STRUCTURES:
        site["structure"] = rng.choice(_STRUCTURES[code[:2]])
    if code in EPIDURALS or code[:3] in ("644", "646"):
        site["region"] = rng.choice(("lumbar", "lumbar", "sacral", "cervical", "thoracic"))
    return site


def _drug(rng: Random, line: Line) -> Record:
    code = line.procedure_code
    billed = line.units * MILLIGRAMS[code]
    really = _REALLY.get(code, code) if rng.random() < 0.8 else code
    found: Record = {
        "procedure_code": really,
        "milligrams": rng.choice(
            (billed, billed, billed, billed, billed, billed / 2, billed - 1, billed * 2, 35)
        ),
        "ndc": rng.choice((line.ndc or NDC.get(code, "00009028003"), "00009999999")),
    }
    if rng.random() < 0.85:
        found["container"] = rng.choice(("single_dose", "single_dose", "multi_dose"))
    if rng.random() < 0.85:
        found["wasted_milligrams"] = rng.choice((0, 0, 0, 0, 20, 5))
    return found


def _spoilt_note(rng: Random, note: Record) -> Record:
    sites: list[Record] = [dict(site) for site in note["sites"]]
    drugs: list[Record] = [dict(drug) for drug in note["drugs"]]
    way = rng.choice(("side", "silent", "other codes", "second site", "drug", "one place"))
    for site in sites:
        if way == "side":
            site["laterality"] = _FLIPPED.get(site["laterality"], "bilateral")
        elif way == "silent":
            for key in ("laterality", "structure", "images_saved", "region"):
                site.pop(key, None)
        elif way == "other codes":
            site["procedure_code"] = rng.choice(("64999", "62321", "20611", "64483"))
        elif way == "one place":
            site |= {"structure": "the same", "laterality": "left", "region": "lumbar"}
    if way == "second site" and sites:
        flipped = _FLIPPED.get(sites[0]["laterality"], "left")
        sites.append(sites[0] | {"laterality": flipped, "session": 1})
    if way in ("drug", "second site"):
        drugs += [drug | {"milligrams": 10, "wasted_milligrams": 0} for drug in drugs[:1]]
    if way == "silent":
        for drug in drugs:
            drug.pop("container", None)
            drug.pop("ndc", None)
    return note | {"sites": sites, "drugs": drugs}


def _diagnosis(rng: Random, claim: Claim, line: Line) -> Record:
    chosen = rng.sample((*claim.diagnoses, *DIAGNOSES), rng.choice((1, 1, 2)))
    codes = [f"{c[:3]}.{c[3:]}" if rng.random() < 0.6 else c for c in dict.fromkeys(chosen)]
    return {"kind": "diagnosis", "procedure_code": line.procedure_code, "codes": codes}


def _evaluation(rng: Random, claim: Claim) -> Record:
    separate = rng.random() < 0.8
    return {"kind": "evaluation", "separately_identifiable": separate, "summary": "another problem"}


def _authorization(rng: Random, claim: Claim) -> Record:
    codes = [line.procedure_code for line in claim.lines if line.procedure_code not in VISITS]
    return {
        "kind": "authorization",
        "number": f"A{rng.randint(1, 999_999):08d}",
        "procedure_codes": codes or ["64483"],
        "valid_from": _day(claim.service_date, -20),
        "valid_to": _day(claim.service_date, 20),
        "units": rng.choice((sum(line.units for line in claim.lines), 200, None)),
        "rendering_npi": rng.choice((claim.rendering.npi, claim.rendering.npi, None)),
        "place_of_service": rng.choice((claim.place_of_service, None)),
        "issued_on": _day(claim.service_date, -20),
    }


def _spoilt_authorization(rng: Random, record: Record) -> Record:
    first, last = record["valid_from"], record["valid_to"]
    return record | rng.choice((
        {"status": "denied"},
        {"status": "pended"},
        {"valid_from": "2024-01-01", "valid_to": first},
        {"valid_from": last, "valid_to": "2027-12-31"},
        {"procedure_codes": ["64999"]},
        {"procedure_codes": record["procedure_codes"][:1]},
        {"units": 200, "units_used": 200},
        {"units": 0.5},
        {"rendering_npi": OTHER_NPI},
        {"place_of_service": "21"},
        {"issued_on": last},
        {"member_id": "W000000000", "payer_id": "87726"}
        if "member_id" in record else {"units": 0},
        {"payer_id": "SMPL2" if record.get("payer_id") != "SMPL2" else "87726"}
        if "payer_id" in record else {"number": "A00000000"},
    ))  # fmt: skip


def _subscriber(rng: Random) -> Record:
    return {"kind": "subscriber", "member_id": f"W7{rng.randint(0, 9_999_999):07d}"}


def _referral(rng: Random, claim: Claim) -> Record:
    return {
        "kind": "referral",
        "number": f"R{rng.randint(1, 999_999):08d}",
        "valid_from": _day(claim.service_date, -20),
        "valid_to": _day(claim.service_date, 20),
        "referring_npi": claim.referring.npi if claim.referring else OTHER_NPI,
        "procedure_codes": [x.procedure_code for x in claim.lines] if rng.random() < 0.5 else [],
        "units": rng.choice((200, None)),
    }


def _spoilt_referral(rng: Random, record: Record) -> Record:
    return record | rng.choice((
        {"valid_from": "2024-01-01", "valid_to": record["valid_from"]},
        {"procedure_codes": ["64999"]},
        {"units": 200, "units_used": 200},
        {"referring_npi": "1888888880"},
        {"issued_on": record["valid_to"]},
    ))  # fmt: skip


def enrollments(rng: Random, payer_ids: Iterable[str], npis: Iterable[str]) -> list[Record]:
    """How the payers have the providers in their own files, where anybody has asked."""
    return [
        {
            "kind": "enrollment",
            "document_id": f"ENR-{payer_id}-{npi}",
            "attested_by": "front.desk",
            "attested_on": "2026-06-02",
            "payer_id": payer_id,
            "npi": npi,
            "taxonomy_code": rng.choice(("207LP2900X", "208VP0014X")),
            "effective_from": rng.choice(("2020-01-01", "2026-02-20")),
            "effective_to": rng.choice((None, "2026-03-20")),
        }
        for payer_id in payer_ids
        for npi in npis
        if rng.random() < 0.8
    ]
