"""A rule's case: EDI in, the facts a rule sees out. Wraps short segments into whole interchanges.

The practice, payer and member are made up. A case's claim begins with its CLM, its remittance
with its CLP; the member is W123456789 at payer 87726, the rendering provider 1234567893.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from edi.change import Change
from edi.claim import Claim
from edi.claim_text import ClaimTexts, cut_claim
from edi.edit_claim import ClaimEditor
from edi.element import Delimiters
from edi.read_835 import read_835
from edi.read_837p import read_837p
from edi.remittance import ClaimPayment, ServicePayment
from edi.source import SourceRef
from rules.classify import deny, derived_allowed_amount
from rules.decision import ClaimFacts, DeniedLine, LineAdjudication
from rules.evidence import EvidenceRecord, Subject
from rules.evidence_reading import parse
from rules.payer import PayerProfile
from rules.primary_remittance import PrimaryRemittance, PrimaryService
from rules.references import (
    AddOn,
    Coverage,
    PairEdit,
    References,
    UnitLimit,
    indicator_0_pairs,
)

FOLDER = Path(__file__).parent
PAYER: dict[str, Any] = {
    "name": "Acme Health",
    "ids": ("87726",),
    "replacement_claims": True,
    "corrected_claim_days": 180,
    "appeal_days": 120,
    "original_claim_days": 90,
}
ATTESTED = {"attested_by": "coder.a", "attested_on": "2026-03-20"}
MEMBER = {"payer_id": "87726", "member_id": "W123456789"}
ABOUT = {
    "authorization": MEMBER,
    "referral": MEMBER,
    "enrollment": {"payer_id": "87726", "npi": "1234567893"},
}


class Case(NamedTuple):
    """One ``[[case]]`` of a rule's file."""

    rule: str
    found: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.rule}: {self.found['name']}"


def cases() -> Iterator[Case]:
    """Every case of every file, in the order written."""
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in table["case"]:
            yield Case(table["rule"], {**table.get("all", {}), **case})


def segments(text: str) -> list[str]:
    """The segments of a case's text, which may stand on lines of their own."""
    return [s.strip() for s in text.replace("\n", "").split("~") if s.strip()]


def _interchange(kind: str, version: str, body: list[str]) -> str:
    transaction = ["ST*" + {"HC": "837", "HP": "835"}[kind] + f"*0001*{version}", *body]
    whole = [
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260315*1200*^*00501"
        "*000000001*0*T*:",
        f"GS*{kind}*SENDER*RECEIVER*20260315*1200*1*X*{version}",
        *transaction,
        f"SE*{len(transaction) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "~\n".join(whole) + "~\n"


def claim_file(
    claim: list[str],
    filing: str = "CI",
    member: str = "W123456789",
    taxonomy: str = "",
    sbr: str = "",
    payer: str = "PAYER*****PI*87726",
    name: str = "DOE*JANE",
) -> str:
    """A whole 837P around one claim's segments; the billing provider's taxonomy code is PRV."""
    return _interchange("HC", "005010X222A1", [
        "BHT*0019*00*1*20260315*1200*CH",
        "NM1*41*2*PRACTICE*****46*SENDER", "PER*IC*DESK*TE*5555550100",
        "NM1*40*2*CLEARINGHOUSE*****46*RECEIVER",
        "HL*1**20*1", *([f"PRV*BI*PXC*{taxonomy}"] if taxonomy else []),
        "NM1*85*2*PRACTICE*****XX*1234567893", "N3*1 MAIN ST",
        "N4*AUSTIN*TX*787010000", "REF*EI*123456789",
        "HL*2*1*22*0", sbr or f"SBR*P*18*******{filing}", f"NM1*IL*1*{name}****MI*{member}",
        "N3*2 OAK ST", "N4*AUSTIN*TX*787010000", "DMG*D8*19700101*F",
        f"NM1*PR*2*{payer}",
        *claim,
    ])  # fmt: skip


def read_claim(
    folder: Path, claim: list[str], filing: str = "CI", member: str = "W123456789", **levels: str
) -> tuple[Claim, ClaimTexts]:
    """The claim as the reader has it, and its own segments; ``levels`` as in the file."""
    path = folder / "claim.837"
    path.write_text(claim_file(claim, filing, member, **levels), encoding="latin-1")
    found = [event for event in read_837p(path) if isinstance(event, Claim)]
    assert len(found) == 1, "the case's claim cannot be read"
    with path.open("rb") as file:
        return found[0], cut_claim(file, found[0].bytes, Delimiters())


def payment_file(remittance: list[str]) -> str:
    """A whole 835 around one claim payment's segments."""
    body = ["BPR*I*0*C*NON************20260401", "TRN*1*1*1999999999", "N1*PR*PAYER*XV*87726",
            "N1*PE*PRACTICE*XX*1234567893", "LX*1", *remittance]  # fmt: skip
    return _interchange("HP", "005010X221A1", body)


def read_payment(folder: Path, remittance: list[str]) -> ClaimPayment:
    """The claim payment as the reader has it."""
    path = folder / "remittance.835"
    path.write_text(payment_file(remittance), encoding="latin-1")
    found = [event for event in read_835(path) if isinstance(event, ClaimPayment)]
    assert len(found) == 1, "the case's remittance cannot be read"
    return found[0]


def evidence_of(found: list[dict[str, Any]], claim: Claim) -> tuple[EvidenceRecord, ...]:
    """A case's evidence; who attested and whom it is about need not be said in each."""
    records = []
    for number, item in enumerate(found, 1):
        about = ABOUT.get(item["kind"], {"patient_control_number": claim.patient_control_number})
        given = {"patient_control_number", "payer_id"} & item.keys()
        base = {"document_id": f"DOC-{number}", **ATTESTED, **({} if given else about)}
        records.append(parse({**base, **item}))
    return tuple(records)


FIRST_PAYER = {"member": "P000111222", "sbr": "SBR*P*18*GRP1******CI",
               "payer": "FIRST PAYER*****PI*FIRST1", "name": "DOE*JANE"}  # fmt: skip


def primary_of(found: dict[str, Any], claim: Claim, folder: Path) -> PrimaryRemittance:
    """A case's answer of another payer: ``remittance`` and ``claim`` ("" where it is not here).

    Other keys are fields of the record, or of the levels above the claim that went there.
    """
    sent = None
    levels = FIRST_PAYER | {k: v for k, v in found.items() if k in FIRST_PAYER}
    if found["claim"]:
        sent, _ = read_claim(folder, segments(found["claim"]), **levels)
    payment = read_payment(folder, segments(found["remittance"]))
    free = list((sent or claim).service_lines)
    services = []
    for service in payment.service_payments:
        code, information = service.procedure.procedure_code, service.information
        # A part of a line that was split is of the line before it.
        line = next((x for x in free if x.procedure_code == code), None)
        if line is not None:
            free.remove(line)
        services.append(PrimaryService(
            line_position=line.position if line else found.get("rest_of"),
            procedure_code=information.procedure.procedure_code,
            modifiers=information.procedure.modifiers, submitted_code=code,
            payment_amount=service.line_item_provider_payment_amount,
            units=information.units_of_service_paid_count, adjustments=service.adjustments,
            remark_codes=service.remark_codes,
        ))  # fmt: skip
    return PrimaryRemittance(
        document_id=found.get("document_id", "835 TRACE1 CLP 1"), attested_by="FIRST1",
        attested_on=date(2026, 3, 25),
        subject=Subject(patient_control_number=claim.patient_control_number),
        adjudicated_on=date(2026, 3, 25), claim_status_code=payment.information.claim_status_code,
        payer_claim_control_number=payment.payer_claim_control_number,
        charge_amount=payment.information.total_claim_charge_amount,
        payment_amount=payment.information.claim_payment_amount,
        adjustments=payment.adjustments, remark_codes=payment.remark_codes,
        services=tuple(services), is_balanced=found.get("is_balanced", True),
        is_taken_back=found.get("is_taken_back", False), claim=sent,
    )  # fmt: skip


def references_of(found: dict[str, list[Any]]) -> References:
    """A case's code sets, each for the first quarter of 2026: a kind that is named is covered.

    ``ptp``: [column 1, column 2, indicator]; ``mue``: [code, units, adjudication indicator];
    ``aoc``: [add-on, primary, type].
    """
    days = (date(2026, 1, 1), date(2026, 3, 31))
    return References(
        coverage=tuple(Coverage(kind, *days) for kind in found),
        pairs=tuple(PairEdit(*row, *days) for row in found.get("ptp", [])),
        unit_limits=tuple(UnitLimit(*row, *days) for row in found.get("mue", [])),
        add_ons=tuple(AddOn(*row, *days) for row in found.get("aoc", [])),
    )


def _adjudications(claim: Claim, payment: ClaimPayment) -> list[LineAdjudication]:
    """Each SVC with the first line of its code that is still free; without SVC, the claim."""
    free = list(claim.service_lines)
    found = []
    loops: tuple[ClaimPayment | ServicePayment, ...] = payment.service_payments or (payment,)
    for loop in loops:
        position, code = None, ""
        charge = payment.information.total_claim_charge_amount
        paid = payment.information.claim_payment_amount
        allowed, remarks = None, payment.remark_codes
        if isinstance(loop, ServicePayment):
            code = loop.procedure.procedure_code
            line = next(x for x in free if x.procedure_code == code)
            free.remove(line)
            position, charge = line.position, loop.line_item_charge_amount
            paid, allowed = loop.line_item_provider_payment_amount, loop.allowed_amount
            remarks = (*loop.remark_codes, *payment.remark_codes)
        found.append(LineAdjudication(
            line_position=position, charge_amount=charge, payment_amount=paid,
            allowed_amount=derived_allowed_amount(paid, loop.adjustments)
            if allowed is None else allowed,
            adjustments=loop.adjustments, remark_codes=remarks, procedure_code=code,
        ))  # fmt: skip
    return found


def facts_of(case: Case, folder: Path) -> tuple[ClaimFacts, list[DeniedLine], ClaimTexts]:
    """Everything the rules are told about a case."""
    found = case.found
    said = {**PAYER, **found.get("payer", {})}
    payer = PayerProfile(**{k: None if v == "unknown" else v for k, v in said.items()})
    filing = "MB" if payer.is_medicare_part_b else "CI"
    levels = {name: found[name] for name in ("sbr", "taxonomy") if name in found}
    claim, texts = read_claim(folder, segments(found["claim"]), filing, **levels)
    payment = read_payment(folder, segments(found["remittance"]))
    adjudications = _adjudications(claim, payment)
    references = references_of(found.get("references", {}))
    facts = ClaimFacts(
        claim=claim, payer=payer, adjudications=tuple(adjudications),
        evidence=(*evidence_of(found.get("evidence", []), claim),
                  *(primary_of({**found.get("primary_all", {}), **one}, claim, folder)
                    for one in found.get("primary", []))),
        paid_amount=Decimal(found.get("paid_amount", payment.information.claim_payment_amount)),
        corrected_before=found.get("corrected_before", False),
        open_submission=found.get("open_submission", False),
        accepted_on=found.get("accepted_on"),
        same_number_days=tuple((day, day) for day in found.get("same_number_days", [])),
        as_of=found.get("as_of", date(2026, 4, 20)),
        references=references,
        indicator_0_pairs=indicator_0_pairs(claim, references)
        | {tuple(p) for p in found.get("indicator_0_pairs", [])},
    )  # fmt: skip
    denied = []
    for line in adjudications:
        denial = deny(line.adjustments, line.remark_codes, line.charge_amount,
                      line.payment_amount, line.allowed_amount, payer_kind=payer.kind)  # fmt: skip
        if denial is not None:
            denied.append(DeniedLine(
                line_position=line.line_position, group_code=denial.group_code,
                reason_code=denial.reason_code, adjustments=line.adjustments,
                remark_codes=line.remark_codes, category=denial.category, path=denial.path,
                denied_amount=denial.denied_amount, charge_amount=line.charge_amount,
                payment_amount=line.payment_amount, allowed_amount=line.allowed_amount,
                denied_on=found.get("denied_on", date(2026, 4, 1)),
                claim_status_code=payment.information.claim_status_code,
                payer_claim_control_number=payment.payer_claim_control_number,
                is_balanced=found.get("is_balanced", True),
                original_was_paid=found.get("original_was_paid"),
            ))  # fmt: skip
    return facts, denied, texts


def changed(
    texts: ClaimTexts, changes: tuple[Change, ...], claim_number: str | None
) -> list[str]:  # fmt: skip
    """The claim's own segments as a replacement carries them; a new claim without a number."""
    editor = ClaimEditor(texts, Delimiters(), SourceRef())
    editor.apply(changes)
    editor.set_frequency("7" if claim_number else "1", claim_number)
    return list(editor.done().texts.own)
