"""CO-197 in the demo month: the lines that wanted a prior authorization, and what is on file."""

from __future__ import annotations

from simulator.adjudication import Expected
from simulator.demo_cast import ACME, MEDICARE, MUTUAL, STRANGER
from simulator.demo_script import Script, denied
from simulator.plan import ClaimPlan, Cure, LineDenial
from simulator.practice import Line

AUTHORIZATION_RULE = "carc197.prior-authorization"
IMAGING_RULE = "bundling.imaging-guidance"

RFA = (
    Line(procedure_code="64635", modifiers=("LT",)),
    Line(procedure_code="64636", modifiers=("LT",)),
)
FACET = (
    Line(procedure_code="64493", modifiers=("RT",)),
    Line(procedure_code="64494", modifiers=("RT",)),
)
TRANSFORAMINAL = (
    Line(procedure_code="64483", modifiers=("RT",)),
    Line(procedure_code="64484", modifiers=("RT",)),
)
EPIDURAL = (Line(procedure_code="62323"),)


def not_authorized(
    decision: str | None,
    path: str | None,
    *codes: str,
    number: str = "",
    release: str = "never",
    missing: str | None = None,
    status: str | None = None,
    rule_code: str | None = AUTHORIZATION_RULE,
) -> tuple[LineDenial, ...]:
    """CO-197 on the codes; the payer pays when the number comes."""
    sent = release != "never"
    expected = Expected(
        "prior_authorization",
        path,
        decision,
        rule_code,
        missing,
        release,
        (("2300/REF*G1", number),) if sent else (),
        status,
    )
    cure = Cure(authorization=number) if number else None
    return denied(*codes, reason="197", expected=expected, cure=cure, remark_codes=("N54",))


def authorizations(script: Script) -> None:
    """CO-197 with one number on file that fits, with none, and with what else there may be."""
    for nth, lines in enumerate((RFA, EPIDURAL, FACET, TRANSFORAMINAL)):
        number = f"A9988770{nth}"
        codes = [line.procedure_code for line in lines]
        denials = not_authorized(
            "corrected", "replacement", *codes, number=number, release="automatic", status="emitted"
        )
        # One of them comes back without line numbers: the match must do without.
        plan = ClaimPlan(denials=denials, returns_line_numbers=nth != 1)
        claim = script.bill("197-one-authorization", ACME, lines, batch=nth % 2, plan=plan)
        script.authorization(claim, number)
    for payer, batch in ((ACME, 0), (MUTUAL, 1)):
        denials = not_authorized(
            "needs_evidence", "replacement", "64483", "64484", missing="authorization"
        )
        script.bill(
            "197-no-evidence", payer, TRANSFORAMINAL, batch=batch, plan=ClaimPlan(denials=denials)
        )
    plan = ClaimPlan(denials=not_authorized("refused", "review", "64635", "64636"))
    claim = script.bill("197-two-authorizations", ACME, RFA, batch=1, plan=plan)
    for number in ("A55001", "A55002"):
        script.authorization(claim, number)
    plan = ClaimPlan(denials=not_authorized("refused", "appeal", "62323"))
    claim = script.bill(
        "197-number-already-sent", ACME, EPIDURAL, batch=1, plan=plan, prior_authorization="A66001"
    )
    script.authorization(claim, "A66001")


def authorizations_that_do_not_fit(script: Script) -> None:
    """CO-197 with a number whose dates, codes, units or provider are not those of the claim."""
    misfits: tuple[dict[str, object], ...] = (
        {"valid_from": "2026-05-01", "valid_to": "2026-07-31"},
        {"procedure_codes": ["62321"]},
        {"units": 1},
        {"rendering_npi": STRANGER.npi},
    )
    for nth, fields in enumerate(misfits):
        plan = ClaimPlan(denials=not_authorized("refused", "appeal", "64493", "64494"))
        claim = script.bill("197-authorization-does-not-fit", ACME, FACET, batch=nth % 3, plan=plan)
        script.authorization(claim, f"A7700{nth}", **fields)


def authorizations_for_a_person(script: Script) -> None:
    """CO-197 with a number that fits, where a person must let the correction go, or cannot."""

    def plan(number: str, *codes: str) -> ClaimPlan:
        return ClaimPlan(
            denials=not_authorized(
                "corrected",
                "replacement",
                *codes,
                number=number,
                release="approval",
                status="awaiting_approval",
            )
        )

    visit = Line(procedure_code="99213", modifiers=("25",))
    for nth in range(2):
        number = f"A8800{nth}"
        lines = (visit, Line(procedure_code="64483", modifiers=("LT",)))
        claim = script.bill(
            "197-other-line-paid", ACME, lines, batch=nth, plan=plan(number, "64483")
        )
        script.authorization(claim, number)
    claim = script.bill(
        "197-authorization-open", ACME, EPIDURAL, batch=2, plan=plan("A88002", "62323")
    )
    script.authorization(claim, "A88002", units=None, rendering_npi=None, place_of_service=None)
    claim = script.bill("197-window-unknown", MUTUAL, RFA, plan=plan("M88003", "64635", "64636"))
    script.authorization(claim, "M88003")
    medicare = not_authorized("routed", "reopening", "62323", number="U88004", rule_code=None)
    claim = script.bill("197-medicare", MEDICARE, EPIDURAL, plan=ClaimPlan(denials=medicare))
    script.authorization(claim, "U88004")
    _authorization_beside_imaging(script)


def _authorization_beside_imaging(script: Script) -> None:
    """Both lines denied: the replacement carries the number, and the imaging line comes off."""
    imaging = Expected(
        "bundling", "write_off", "refused", IMAGING_RULE, corrections=(("2400[2]", None),)
    )
    denials = (
        *not_authorized(
            "corrected",
            "replacement",
            "64483",
            number="A88005",
            release="approval",
            status="awaiting_approval",
        ),
        *denied("77003", reason="97", expected=imaging, remark_codes=("M15",)),
    )
    lines = (Line(procedure_code="64483", modifiers=("LT",)), Line(procedure_code="77003"))
    claim = script.bill(
        "197-with-imaging-line", ACME, lines, batch=1, plan=ClaimPlan(denials=denials)
    )
    script.authorization(claim, "A88005", units=1)
