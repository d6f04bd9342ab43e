"""The denials of the demo month but for CO-197, and what should become of each."""

from __future__ import annotations

from datetime import date

from simulator.adjudication import Adjusted, DecidedClaim, DecidedLine, Expected
from simulator.demo_authorizations import (
    EPIDURAL,
    FACET,
    IMAGING_RULE,
    RFA,
    TRANSFORAMINAL,
    not_authorized,
)
from simulator.demo_cast import ACME, MEDICARE, MUTUAL, RILEY, DemoPayer
from simulator.demo_script import Script, denied
from simulator.plan import ClaimDenial, ClaimPlan, Cure
from simulator.practice import Line

EVALUATION_RULE = "bundling.evaluation-same-day"
DUPLICATE_RULE = "carc18.duplicate"
FILING_RULE = "carc29.timely-filing"
DIAGNOSIS_RULE = "diagnosis.documented"
MEMBER_RULE = "eligibility.member-id"


def bundling(script: Script) -> None:
    """CO-97 on imaging guidance, a part of the injection, and on visits, which may not be."""
    imaging = Expected("bundling", "write_off", "refused", IMAGING_RULE)
    for payer, injection, batch in (
        (ACME, "62323", 0),
        (ACME, "64483", 2),
        (MEDICARE, "64483", 0),
        (MUTUAL, "27096", 1),
    ):
        # Sample Mutual shows the code that the line was rolled into, with ours beside it.
        into = injection if payer is MUTUAL else ""
        denials = denied(
            "77003", reason="97", expected=imaging, remark_codes=("M15",), adjudicated_as=into
        )
        claim = script.bill(
            "97-imaging-guidance",
            payer,
            (Line(procedure_code=injection), Line(procedure_code="77003")),
            batch=batch,
            plan=ClaimPlan(denials=denials),
        )
        if injection == "62323":
            # A well documented procedure does not make the line payable.
            script.procedure_note(claim, injection)
    _visits(script)


def _visits(script: Script) -> None:
    joint = (
        Line(procedure_code="20610", modifiers=("LT",)),
        Line(procedure_code="J3301", units=4, ndc="00003049420"),
    )
    corrections = (("2400[1]/SV101-3", "25"),)
    documented = Expected(
        "bundling",
        "replacement",
        "corrected",
        EVALUATION_RULE,
        None,
        "approval",
        corrections,
        "awaiting_approval",
    )
    missing = Expected("bundling", "replacement", "needs_evidence", EVALUATION_RULE, "evaluation")
    not_separate = Expected("bundling", "write_off", "refused", EVALUATION_RULE)
    medicare = Expected("bundling", "reopening", "routed")
    cases: tuple[tuple[str, DemoPayer, str, Expected, bool | None], ...] = (
        ("97-evaluation-documented", ACME, "99213", documented, True),
        ("97-evaluation-documented", MUTUAL, "99214", documented, True),
        ("97-evaluation-no-evidence", ACME, "99213", missing, None),
        ("97-evaluation-not-separate", ACME, "99214", not_separate, False),
        ("97-evaluation-medicare", MEDICARE, "99213", medicare, True),
    )
    for nth, (scenario, payer, visit, expected, separate) in enumerate(cases):
        denials = denied(
            visit, reason="97", expected=expected, remark_codes=("M15",), cure=Cure(modifier="25")
        )
        lines = (Line(procedure_code=visit), *joint)
        plan = ClaimPlan(denials=denials)
        claim = script.bill(scenario, payer, lines, batch=nth % 2, plan=plan)
        if separate is not None:
            script.evaluation(claim, separate=separate)


def resends_and_late_claims(script: Script) -> None:
    """The practice's own second sending, and claims that came after the filing limit."""
    duplicate = Expected("duplicate", "none", "refused", DUPLICATE_RULE)
    trigger_points = (Line(procedure_code="20553"),)
    for payer in (ACME, MUTUAL):
        plan = ClaimPlan(duplicate=duplicate)
        script.bill("18-own-resend", payer, trigger_points, plan=plan, resent_in=2)
    with_proof = Expected("timely_filing", "appeal", "routed", FILING_RULE)
    without = Expected(
        "timely_filing", "appeal", "needs_evidence", FILING_RULE, "timely_filing_proof"
    )
    for expected, day in ((with_proof, date(2025, 7, 14)), (without, date(2025, 7, 15))):
        denials = denied("62323", reason="29", expected=expected, remark_codes=("N211",))
        proven = expected is with_proof
        claim = script.bill(
            "29-with-proof" if proven else "29-without-proof",
            ACME,
            EPIDURAL,
            plan=ClaimPlan(denials=denials),
            service_date=day,
        )
        if proven:
            script.timely_filing_proof(claim, "2025-07-18")


def routed(script: Script) -> None:
    """Denials that no rule answers with an 837, and two that wait for what was missing."""

    def expected(category: str, path: str) -> Expected:
        return Expected(category, path, "routed")

    def asked(category: str, rule_code: str, evidence: str) -> Expected:
        return Expected(category, "new_claim", "needs_evidence", rule_code, evidence)

    necessity = expected("medical_necessity", "appeal")
    plan = ClaimPlan(denials=denied("64635", "64636", reason="50", expected=necessity))
    script.bill("50-medical-necessity", ACME, RFA, plan=plan, diagnoses=("M47816",))
    plan = ClaimPlan(
        denials=denied("62323", reason="50", expected=necessity, remark_codes=("N386",))
    )
    script.bill("50-medical-necessity", MEDICARE, EPIDURAL, batch=1, plan=plan)
    plan = ClaimPlan(
        denials=denied(
            "62323",
            reason="16",
            expected=asked("missing_information", DIAGNOSIS_RULE, "diagnosis"),
            remark_codes=("M76",),
        ),
        remark_codes=("MA130",),
        unprocessable=True,
    )
    script.bill("16-unprocessable-medicare", MEDICARE, EPIDURAL, plan=plan)
    documents = denied(
        "64483",
        "64484",
        reason="252",
        expected=expected("documentation_request", "documentation"),
        remark_codes=("N706",),
    )
    # A payer of the old school: 4 stands here for any denial.
    plan = ClaimPlan(denials=documents, status_code="4")
    script.bill("252-documents-asked-for", MUTUAL, TRANSFORAMINAL, plan=plan)
    plan = ClaimPlan(
        denials=denied(
            "64493",
            "64494",
            reason="22",
            expected=Expected(
                "coordination_of_benefits",
                "bill_other_payer",
                "needs_evidence",
                "coordination.primary-remittance",
                "primary_remittance",
            ),
            remark_codes=("MA04",),
        )
    )
    script.bill("22-other-payer-first", ACME, FACET, batch=1, plan=plan)
    unknown = denied(
        "99214",
        reason="31",
        group="PR",
        expected=asked("eligibility", MEMBER_RULE, "subscriber"),
        cure=Cure(member_id="XQX909999999"),
    )
    plan = ClaimPlan(denials=unknown, status_code="4", remark_codes=("N382",), unprocessable=True)
    script.bill("31-patient-not-known", MUTUAL, (Line(procedure_code="99214"),), plan=plan)
    _more_routed(script)


def _more_routed(script: Script) -> None:
    visit, trigger_points = Line(procedure_code="99213"), Line(procedure_code="20553")
    plan = ClaimPlan(
        denials=denied("20553", reason="ZZ9", expected=Expected("other", "review", "routed"))
    )
    script.bill("zz9-unknown-reason", MUTUAL, (trigger_points,), batch=1, plan=plan)
    non_covered = Expected("non_covered", "review", "routed")
    plan = ClaimPlan(
        denials=denied(
            "96372", reason="96", group="PR", expected=non_covered, remark_codes=("N130",)
        )
    )
    script.bill("96-not-covered", ACME, (visit, Line(procedure_code="96372")), plan=plan)
    frequency = Expected("frequency", "appeal", "routed")
    plan = ClaimPlan(
        denials=denied("J3301", reason="151", expected=frequency, units=4, remark_codes=("N362",))
    )
    lines = (
        Line(procedure_code="20610", modifiers=("RT",)),
        Line(procedure_code="J3301", units=8, ndc="00003049420"),
    )
    script.bill("151-units", ACME, lines, batch=2, plan=plan)


def reversals_and_odd_files(script: Script) -> None:
    """Decisions taken back, a denial without lines, one that does not balance, money taken."""
    necessity = Expected("medical_necessity", "appeal", "routed")
    script.bill(
        "reversal-paid-then-denied",
        ACME,
        EPIDURAL,
        reprocessed=ClaimPlan(denials=denied("62323", reason="50", expected=necessity)),
    )
    denials = not_authorized(None, None, "64483", "64484", status="reversed", rule_code=None)
    script.bill(
        "reversal-denied-then-paid",
        ACME,
        TRANSFORAMINAL,
        plan=ClaimPlan(denials=denials),
        reprocessed=ClaimPlan(),
    )
    ended = ClaimDenial(
        group_code="CO",
        reason_code="27",
        remark_codes=("N30",),
        expected=Expected("eligibility", "review", "routed"),
    )
    plan = ClaimPlan(claim_denial=ended)
    script.bill("claim-level-denial", MUTUAL, (*EPIDURAL, Line(procedure_code="99213")), plan=plan)
    denials = not_authorized(None, None, "62323", number="A99001", rule_code=None)
    plan = ClaimPlan(denials=denials, unbalanced_cents=1000)
    claim = script.bill("does-not-balance", ACME, EPIDURAL, batch=1, plan=plan)
    script.authorization(claim, "A99001")
    script.bill("recovered-by-plb", ACME, FACET, recovered_cents=5000)
    script.bill("interest", MUTUAL, TRANSFORAMINAL, batch=1, plan=ClaimPlan(interest_cents=412))
    for payer in (ACME, MUTUAL):
        plan = ClaimPlan(deductible_cents=200000)
        script.bill("deductible-only", payer, EPIDURAL, batch=1, plan=plan)


def stranger() -> DecidedClaim:
    """A claim that the practice never billed, denied in one of its 835 files."""
    expected = Expected("prior_authorization", "review", "routed")
    line = DecidedLine(
        number=0,
        procedure_code="64490",
        modifiers=(),
        service_date="20260826",
        charge=81000,
        paid=0,
        allowed=0,
        units=1,
        units_paid=0,
        adjustments=(Adjusted("CO", "197", 81000),),
        expected=expected,
    )
    return DecidedClaim(
        patient_control_number="ZZ77401",
        payer_claim_control_number="AC2625799999",
        status_code="1",
        charge=line.charge,
        paid=0,
        member_id="W000009999",
        patient_name=("MOCKUP", "OMEGA"),
        rendering_npi=RILEY.npi,
        place_of_service="11",
        frequency_code="1",
        lines=(line,),
        service_date=line.service_date,
        scenario="not-our-claim",
    )
