"""The refusals that a correction can answer, each with its evidence; and those none should."""

from __future__ import annotations

from dataclasses import replace

from simulator import scenario_charts
from simulator.scenario import (
    MEDICARE,
    STATE,
    Draft,
    Record,
    authorization,
    change,
    change_line,
    denied,
    diagnosis,
    drug,
    line,
    note,
)
from simulator.world_cast import CLINICIANS

OTHER_CLINICIAN = CLINICIANS[1]
OLD, NEW = "A10000001", "A10000002"


def drafts() -> list[Draft]:
    """All of them."""
    return [
        *_authorizations(),
        *_visits(),
        *_pairs(),
        *_modifiers(),
        *_diagnoses(),
        *_drugs(),
        *_epidurals(),
        *_parties(),
        *_asked_of_a_person(),
        *_nothing_to_send(),
        *scenario_charts.drafts(),
    ]


def _authorizations() -> list[Draft]:
    epidural, number = line("64483", "RT"), authorization(NEW, "64483")
    found = [
        Draft(
            name="197-authorization-absent",
            reason="197",
            lines=(epidural,),
            denied=denied("64483", reason="197", remarks=("N54",), authorization=NEW),
            records=(number,),
            right=change(prior_authorization=NEW),
            wrong=change(prior_authorization=OLD),
            changes={"2300/REF*G1": NEW},
            release="automatic",
            path_without="replacement",
        )
    ]
    for reason, name in (
        ("15", "invalid"),
        ("198", "exceeded"),
        ("284", "other-services"),
        ("296", "other-provider"),
        ("302", "expired"),
    ):
        found.append(
            Draft(
                name=f"{reason}-authorization-{name}",
                reason=reason,
                lines=(epidural,),
                claim={"prior_authorization": OLD},
                denied=denied("64483", reason=reason, remarks=("N54",), authorization=NEW),
                records=(number,),
                right=change(prior_authorization=NEW),
                # The claim's number may be replaced, or the line be given its own.
                changes={"2300/REF*G1|2400[1]/REF*G1": NEW},
                release=None,
            )
        )
    return found


def _visits() -> list[Draft]:
    visit = (line("99213"), line("20610", "LT"))
    evaluation: Record = {
        "kind": "evaluation",
        "separately_identifiable": True,
        "summary": "new problem at another site with its own assessment and plan",
    }
    return [
        Draft(
            name=f"{reason}-evaluation",
            reason=reason,
            lines=visit,
            denied=denied("99213", reason=reason, remarks=("M15",), modifier="25"),
            records=(evaluation,),
            right=change_line(1, modifiers=("25",)),
            wrong=change_line(1, modifiers=("59",)),
            changes={"2400[1]/SV101-3": "25"},
            path_without="replacement",
        )
        for reason in ("97", "236")
    ]


def _pairs() -> list[Draft]:
    pair = (line("20610", "RT"), line("20552", charge_cents=20000))
    apart = note(
        {"procedure_code": "20610", "structure": "shoulder", "laterality": "right"},
        {
            "procedure_code": "20552",
            "structure": "trapezius",
            "laterality": "left",
            "muscles": ["trapezius"],
        },
    )
    found = [
        Draft(
            name=f"{reason}-pair-at-two-sites",
            reason=reason,
            lines=pair,
            denied=denied("20552", reason=reason, remarks=("N20",), any_modifier=("59", "XS")),
            records=(apart,),
            right=change_line(2, modifiers=("XS",)),
            wrong=change_line(2, modifiers=("25",)),
            changes={"2400[2]/SV101-3": "59|XS"},
            reference=("ptp 20610 20552 1",),
            # No note shows them distinct: the edit is right.
            without="refused",
            path_without="write_off",
        )
        for reason in ("97", "236", "231", "234")
    ]
    imaging = Draft(
        name="97-imaging-guidance",
        reason="97",
        lines=(line("62323"), line("77003")),
        denied=denied("77003", reason="97", remarks=("M15",)),
        records=(note({"procedure_code": "62323"}),),
        decision="refused",
        path="write_off",
        without="refused",
        path_without="write_off",
    )
    return [*found, imaging]


def _modifiers() -> list[Draft]:
    midline = note({"procedure_code": "62323"})
    right_side = note({"procedure_code": "64483", "laterality": "right"})
    found = []
    for reason in ("4", "182"):
        found += [
            Draft(
                name=f"{reason}-modifier-not-for-code",
                reason=reason,
                lines=(line("62323", "50"),),
                denied=denied("62323", reason=reason, remarks=("N519",), without_modifier="50"),
                records=(midline,),
                right=change_line(1, modifiers=()),
                wrong=change_line(1, modifiers=("50", "59")),
                changes={"2400[1]/SV101-3": None},
                # What comes off needs no fact of the chart.
                without="corrected",
                path_without="replacement",
            ),
            Draft(
                name=f"{reason}-side-absent",
                reason=reason,
                lines=(line("64483"),),
                denied=denied("64483", reason=reason, remarks=("N822",), modifier="RT"),
                records=(right_side,),
                right=change_line(1, modifiers=("RT",)),
                wrong=change_line(1, modifiers=("LT",)),
                changes={"2400[1]/SV101-3": "RT"},
                path_without="replacement",
            ),
        ]
    return found


def _diagnoses() -> list[Draft]:
    documented = diagnosis("64483", "M54.16")
    points_wrong: Record = {"diagnoses": ("G894", "M5416")}
    found = [
        Draft(
            name=f"{reason}-diagnosis-pointer",
            reason=reason,
            lines=(line("64483", "RT"),),
            claim=points_wrong,
            denied=denied("64483", reason=reason, remarks=remarks, diagnosis="M5416"),
            records=(documented,),
            right=change_line(1, pointers=(2,)),
            wrong=change_line(1, pointers=(1,)),
            changes={"2400[1]/SV107-1": "2"},
            without=None if reason == "50" else "needs_evidence",
        )
        for reason, remarks in (("11", ("M64",)), ("50", ("N115",)), ("16", ("M76",)))
    ]
    added = Draft(
        name="11-diagnosis-not-on-claim",
        reason="11",
        lines=(line("64483", "RT"),),
        claim={"diagnoses": ("G894",)},
        denied=denied("64483", reason="11", remarks=("M64",), diagnosis="M5416"),
        records=(documented,),
        right=lambda claim: change_line(1, pointers=(2,))(
            replace(claim, diagnoses=("G894", "M5416"))
        ),
        wrong=change(diagnoses=("G894", "M5412")),
        changes={"2400[1]/SV107-1": "2"},
    )
    return [*found, added]


def _drugs() -> list[Draft]:
    old_drug = line("J1030", charge_cents=4000, ndc="00009028003")
    joint = line("20610", "LT")
    given = note(
        {"procedure_code": "20610", "structure": "knee", "laterality": "left"},
        drugs=(drug("J1010", 40),),
    )
    found = [
        Draft(
            name=f"{reason}-deleted-drug-code",
            reason=reason,
            lines=(joint, old_drug),
            denied=(
                *denied("J1030", reason=reason, remarks=("M51",)),
                *denied("J1010", reason="151", remarks=("N362",), units=40),
            ),
            records=(given,),
            right=change_line(2, procedure_code="J1010", units=40),
            wrong=change_line(2, procedure_code="J1010", units=1),
            changes={"2400[2]/SV101-2": "J1010", "2400[2]/SV104": "40"},
            # The joint injection was paid, so a person lets it go all the same.
            release=None,
            path_without="replacement",
        )
        for reason in ("181", "16")
    ]
    four = note(
        {"procedure_code": "20610", "structure": "knee", "laterality": "left"},
        drugs=(drug("J3301", 40, "00003029320"),),
    )
    found += [
        Draft(
            name=f"{reason}-drug-units",
            reason=reason,
            lines=(joint, line("J3301", units=8, ndc="00003029320")),
            denied=denied("J3301", reason=reason, remarks=("N362",), units=4),
            records=(four,),
            right=change_line(2, units=4),
            wrong=change_line(2, units=6),
            changes={"2400[2]/SV104": "4", "2400[2]/SV102": "160", "2300/CLM02": "400"},
            without=None,
            decision="corrected" if reason == "151" else None,
            path="replacement" if reason == "151" else None,
        )
        for reason in ("151", "222")
    ]
    return found


def _epidurals() -> list[Draft]:
    return [
        Draft(
            name=f"{reason}-epidural-with-imaging",
            reason=reason,
            lines=(line("62322", charge_cents=85000),),
            denied=denied("62322", reason=reason, remarks=remarks),
            records=(note({"procedure_code": "62323"}),),
            right=change_line(1, procedure_code="62323"),
            changes={"2400[1]/SV101-2": "62323"},
            without=None if reason == "50" else "needs_evidence",
        )
        for reason, remarks in (("50", ("N115",)), ("189", ("M51",)))
    ]


def _parties() -> list[Draft]:
    new_member: Record = {"kind": "subscriber", "member_id": "W599999999"}
    visit = (line("99214"),)
    unprocessable: Record = {"unprocessable": True, "remark_codes": ("MA130",)}
    return [
        Draft(
            name="31-member-id",
            reason="31",
            lines=visit,
            denied=denied(
                "99214", reason="31", remarks=("N382",), group="PR", member_id="W599999999"
            ),
            plan={"status_code": "4", "unprocessable": True},
            records=(new_member,),
            wrong=change(member_id="W588888888"),
            changes={"2010BA/NM109": "W599999999"},
            right=change(member_id="W599999999"),
            path="new_claim",
            path_without="new_claim",
        ),
        Draft(
            name="16-member-id-at-medicare",
            reason="16",
            payer=MEDICARE,
            lines=visit,
            denied=denied("99214", reason="16", remarks=("MA27",), member_id="W599999999"),
            plan=unprocessable,
            records=(new_member,),
            wrong=change(member_id="W588888888"),
            changes={"2010BA/NM109": "W599999999"},
            right=change(member_id="W599999999"),
            path="new_claim",
            path_without="new_claim",
        ),
        Draft(
            name="16-diagnosis-at-medicare",
            reason="16",
            payer=MEDICARE,
            lines=(line("64483", "RT"),),
            claim={"diagnoses": ("G894", "M5416")},
            denied=denied("64483", reason="16", remarks=("M76",), diagnosis="M5416"),
            plan=unprocessable,
            records=(diagnosis("64483", "M54.16"),),
            right=change_line(1, pointers=(2,)),
            changes={"2400[1]/SV107-1": "2"},
            path="new_claim",
            path_without="new_claim",
        ),
    ]


def _asked_of_a_person() -> list[Draft]:
    # No kind of evidence says who it was; the payer knows, the product asks a person.
    return [
        Draft(
            name="16-rendering-npi",
            reason="16",
            lines=(line("64483", "RT"),),
            denied=denied(
                "64483", reason="16", remarks=("N290",), rendering_npi=OTHER_CLINICIAN.npi
            ),
            right=change(rendering=OTHER_CLINICIAN),
            decision=None,
            path=None,
            release=None,
        )
    ]


def _nothing_to_send() -> list[Draft]:
    epidural = (line("62323"),)
    proof: Record = {"kind": "timely_filing_proof", "accepted_on": "2026-03-04"}
    return [
        Draft(
            name="18-own-resend",
            reason="18",
            lines=epidural,
            denied=(),
            resent=True,
            decision="refused",
            path="none",
        ),
        Draft(
            name="29-filed-in-time",
            reason="29",
            lines=epidural,
            denied=denied("62323", reason="29", remarks=("N211",)),
            records=(proof,),
            decision="routed",
            path="appeal",
            path_without="appeal",
        ),
        Draft(
            name="22-other-payer-first",
            reason="22",
            payer=STATE,
            lines=(line("64483", "RT"),),
            denied=denied("64483", reason="22", remarks=("MA04",), after_other_payer=True),
            primary_known=True,
            changes={"2000B/SBR01": "S"},
            path_without="bill_other_payer",
        ),
    ]
