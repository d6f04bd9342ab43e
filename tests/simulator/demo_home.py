"""The settings, payer profiles and README of the demo month's home folder."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.demo_script import Script

RECLAIM_TOML = """\
# Settings of the demo month. Nothing leaves the folder: "live" writes into outbox/.
[intake]
settle_seconds = 0

[emission]
mode = "live"
automatic = ["carc197.*"]

[review]
reviewers = ["biller.b"]
"""

PAYERS_TOML = """\
# The three payers of the demo month. Names, ids and windows are made up.

[[payer]]
name = "Acme Health"
claim_filing = []
ids = ["87726"]
kind = "commercial"
replacement_claims = true
bilateral = "modifier_50"
corrected_claim_days = 180
corrected_claim_from = "remittance"
appeal_days = 120
original_claim_days = 365
frequency_limits = [
    { group = "epidural", per = "region", sessions = 4, months = 12, min_days_between = 14 },
]
regions = [["cervical", "thoracic"], ["lumbar", "sacral"]]
source = "made-up provider manual, p. 41"
source_date = 2026-02-01

# corrected_claim_days is left out: nobody knows the window, so a person lets corrections go.
[[payer]]
name = "Sample Mutual"
ids = ["SMPL2"]
kind = "commercial"
replacement_claims = true
bilateral = "rt_lt_lines"
appeal_days = 90
original_claim_days = 180
source = "made-up provider manual, p. 7"
source_date = 2026-01-15

# Claims go to DMAC1; its 835 files call it 04999.
[[payer]]
name = "Demo Medicare Contractor"
ids = ["DMAC1", "04999"]
kind = "medicare_part_b"
replacement_claims = false
bilateral = "modifier_50"
appeal_days = 120
original_claim_days = 365
source = "42 CFR 424.44 and 405.942"
source_date = 2026-01-01
"""

# One sentence on what happens and one on what should come of it.
SCENARIOS: dict[str, tuple[str, str]] = {
    "clean": (
        "Paid as contracted (CO-45), the patient owing deductible, coinsurance or copayment.",
        "No denial.",
    ),
    "no-answer-yet": ("Billed on 22 September; no 835 yet.", "Pending."),
    "deductible-only": ("Paid 0, all of the allowed amount is PR-1.", "No denial."),
    "197-one-authorization": (
        "CO-197 on every line; one authorization on file covers codes, dates, units, provider "
        "and place.",
        "Replacement with 2300 REF*G1, sent without a person.",
    ),
    "197-no-evidence": ("CO-197; nothing on file.", "Needs evidence: authorization."),
    "197-two-authorizations": ("CO-197; two authorizations fit.", "Refused; a person looks."),
    "197-authorization-does-not-fit": (
        "CO-197; the one on file is for other dates, codes, fewer units or another provider.",
        "Refused; appeal.",
    ),
    "197-number-already-sent": (
        "CO-197 although the claim carried the number.",
        "Refused; appeal.",
    ),
    "197-other-line-paid": (
        "CO-197 on the injection, the visit was paid.",
        "Replacement, after approval: a replacement puts the payment at risk.",
    ),
    "197-authorization-open": (
        "CO-197; the authorization names no units, provider or place.",
        "Replacement, after approval.",
    ),
    "197-window-unknown": (
        "CO-197 at Sample Mutual, whose window for corrected claims is unknown.",
        "Replacement, after approval.",
    ),
    "197-medicare": (
        "CO-197 at Medicare Part B, with an authorization on file.",
        "Reopening, outside the 837.",
    ),
    "197-with-imaging-line": (
        "CO-197 on the injection and CO-97 on its imaging guidance.",
        "Replacement with the number and without the imaging line, after approval.",
    ),
    "97-imaging-guidance": (
        "CO-97 on 77003 beside an injection that includes it.",
        "Write-off; never a modifier.",
    ),
    "97-evaluation-documented": (
        "CO-97 on a visit on the day of a joint injection; the chart has a separate evaluation.",
        "Replacement with modifier 25, after approval.",
    ),
    "97-evaluation-no-evidence": ("The same; nothing on file.", "Needs evidence: evaluation."),
    "97-evaluation-not-separate": (
        "The same; the coder found no separate evaluation.",
        "Refused; write-off.",
    ),
    "97-evaluation-medicare": (
        "The same at Medicare Part B, with a separate evaluation.",
        "Reopening, outside the 837.",
    ),
    "18-own-resend": (
        "Paid; the practice sent it again two weeks later, and the second was denied as duplicate.",
        "Nothing to send: the first was decided.",
    ),
    "29-with-proof": (
        "CO-29; the clearinghouse's acceptance of the first submission is on file.",
        "Appeal with the proof.",
    ),
    "29-without-proof": ("CO-29; nothing on file.", "Needs evidence: timely filing proof."),
    "50-medical-necessity": ("CO-50.", "Appeal."),
    "16-unprocessable-medicare": (
        "CO-16 with MA130 at Medicare Part B.",
        "A new claim; neither replacement nor appeal.",
    ),
    "252-documents-asked-for": (
        "CO-252, with claim status 4 as older payers use it.",
        "Send the records.",
    ),
    "22-other-payer-first": ("CO-22.", "Bill the other payer."),
    "31-patient-not-known": (
        "PR-31 with claim status 4: the patient was not recognised.",
        "A new claim with the right member id.",
    ),
    "zz9-unknown-reason": ("A reason code that is on no list.", "A person looks."),
    "96-not-covered": ("PR-96 on one line.", "A person looks."),
    "151-units": ("CO-151 on 4 of 8 units of a drug.", "Appeal."),
    "reversal-paid-then-denied": (
        "Paid on 14 September; reversed and denied (CO-50) on 28 September.",
        "A denial since the 28th; appeal.",
    ),
    "reversal-denied-then-paid": (
        "CO-197 on 14 September; reversed and paid by the payer itself on 28 September.",
        "The denial is reversed; nothing is sent.",
    ),
    "claim-level-denial": (
        "CO-27 at the claim, no service line in the 835.",
        "A person looks; no line numbers are invented.",
    ),
    "does-not-balance": (
        "CO-197 with adjustments 10.00 short of the charge, and an authorization that fits.",
        "Loaded and marked; nothing is sent on its strength.",
    ),
    "recovered-by-plb": (
        "Paid on 14 September; 50.00 recovered on 28 September by PLB WO.",
        "No denial; the payment is lower.",
    ),
    "interest": ("Paid with interest: AMT*I and PLB L6.", "No denial; the payment is higher."),
}


def readme(script: Script, paths: Sequence[str]) -> str:
    """What is in the folder, in words."""
    claims: dict[str, list[str]] = {}
    for case in script.cases:
        claims.setdefault(case.claim.scenario, []).append(case.claim.patient_control_number)
    rows = [
        f"| {name} | {len(claims[name])} | {_numbers(claims[name])} | {what} | {then} |"
        for name, (what, then) in SCENARIOS.items()
    ]
    drops = [f"- `{path}`" for path in paths if path.startswith("inbox/")]
    return "\n".join(
        [
            "# The demo month",
            "",
            "September 2026 at a small pain practice: everything in here is made up. People, "
            "payers, numbers and amounts belong to nobody.",
            "",
            f"{len(script.cases)} claims to three payers: Acme Health, Sample Mutual and a "
            "Medicare Part B contractor. `inbox/` holds what the clearinghouse dropped, "
            "`evidence/` what the chart says, `payers.toml` and `reclaim.toml` the settings. "
            "The deadlines make sense for days from 30 September 2026 on.",
            "",
            *drops,
            "",
            "One file is a copy of another under a new name (`ERA_87726_20260917_copy.835`), "
            "one was cut off on its way and came whole the day after (`SMPL2_0923.era`), one is "
            "no X12 at all (`clearinghouse_notice.txt`), and one 835 answers a claim that the "
            "practice never billed (`ZZ77401`). One line of `evidence/evaluations.jsonl` has a "
            "key that nobody knows.",
            "",
            "| Scenario | Claims | Patient control numbers | What happened | What should come |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "`python tests/simulator/demo_month.py` writes the folder anew, byte for byte.",
            "",
        ]
    )


def _numbers(numbers: Sequence[str]) -> str:
    if len(numbers) > 6:
        return f"{numbers[0]} … {numbers[-1]}"
    return ", ".join(numbers)
