"""Where a denial goes that no rule answers: by its reason code, in words a biller can act on."""

from __future__ import annotations

from rules.classify import FORWARDED, QMB, TRANSFERRED, UNPROCESSABLE, label, reason_codes
from rules.decision import ClaimFacts, DeniedLine, Route
from rules.gate import NOT_RECOGNISED
from rules.parameters import load

_WORDS = {
    "replacement": "A corrected claim may answer it, but no rule here can say what is to be "
    "corrected; a person has to.",
    "new_claim": "It was not adjudicated as it should have been: bill it again as a new claim "
    "once the cause is mended, not as a replacement.",
    "void": "The claim should not exist: void it.",
    "reopening": "Medicare Part B takes no corrected claims; a clerical error goes by reopening.",
    "appeal": "A changed claim can't answer it: appeal with the records, or accept it.",
    "documentation": "The payer asks for records. Send them to the claim it has; no new claim.",
    "bill_other_payer": "Another payer comes first or next: bill that one.",
    "patient": "The patient owes it, says the payer (group PR): no claim brings it, and the "
    "patient is billed.",
    "write_off": "The denial is right, and the patient owes nothing: write it off.",
    "review": "What is right depends on what the reason code does not say; a person decides.",
    "hold": "The payer has not decided yet. Wait, follow up, and send nothing meanwhile.",
    "none": "Nothing is left to do.",
}


def path_at_another_payer(path: str) -> str:
    """What is left where a payer denied that the claim was not sent to: nothing of ours goes there.

    >>> path_at_another_payer("replacement"), path_at_another_payer("hold")
    ('review', 'hold')
    """
    return path if path in ("hold", "none") else "review"


def route(line: DeniedLine, facts: ClaimFacts) -> Route:
    """The path of a denied line that no rule answered, and why."""
    found = _by_path(line, facts)
    parameters = load("routes")
    words = [parameters["reason"].get(line.reason_code)]
    words += [parameters["remark"].get(remark) for remark in line.remark_codes]
    told = dict.fromkeys(w for w in words if w)
    return Route(" ".join((found.reason, *told)), found.path)


def _by_path(line: DeniedLine, facts: ClaimFacts) -> Route:
    words = label(line.reason_code)
    what = f"{line.group_code}-{line.reason_code}" + (f" ({words})" if words else "")
    remarks = frozenset(line.remark_codes)
    if line.other_payer is not None:
        who = f" ({line.other_payer.name})" if line.other_payer.known else ""
        return Route(
            f"{what}, from another payer{who} than the one that this claim was sent to. Nothing is "
            "sent on it, and the first payer's decision stands; ask that payer, or bill it.",
            path_at_another_payer(line.path),
        )
    if facts.payer.is_medicare_part_b and UNPROCESSABLE in remarks:
        return Route(
            f"{what}, returned as unprocessable (MA130): bill the returned services as a "
            "new claim. There is nothing to replace, reopen or appeal.",
            "new_claim",
        )
    eligibility = line.category == "eligibility" or line.path in ("replacement", "review")
    if line.claim_status_code == NOT_RECOGNISED and eligibility:
        return Route(
            f"{what}, and the payer did not recognise the patient (claim status 4): find "
            "the right subscriber, then bill a new claim.",
            "new_claim",
        )
    if remarks & QMB and line.path in ("patient", "bill_other_payer"):
        return Route(
            f"{what}, and the patient is a qualified Medicare beneficiary: do not bill "
            "the patient; bill Medicaid or the next payer, and refund what was "
            "collected.",
            "bill_other_payer",
        )
    if line.claim_status_code in FORWARDED and line.path == "hold" and line.denied_amount > 0:
        return Route(
            f"{what}, and the payer has passed the claim on (claim status "
            f"{line.claim_status_code}): wait for the next payer's answer, send it no claim, "
            "and bill nobody meanwhile.",
            "hold",
        )
    if not line.reason_code:
        return Route(
            "Nothing was paid, and the payer gave no reason code: what was not paid does not add "
            "up. Ask the payer.",
            "review",
        )
    if not words:
        return Route(
            f"{what} is a reason code that is not known here; a person has to look it up.", "review"
        )
    if line.path == "review" and reason_codes()[line.reason_code].is_denial != "Y":
        who = (
            ""
            if any(a.group_code == "PR" and a.amount > 0 for a in line.adjustments)
            else (" and nobody is said to owe it")
        )
        return Route(
            f"{what}: nothing was allowed{who}, but no code says why. Ask the payer.", "review"
        )
    if line.reason_code == TRANSFERRED:
        return Route(
            f"{what}: the payer has given it to the one whose it is. Watch for that one's answer, "
            "and bill it where none comes.",
            line.path,
        )
    return Route(f"{what}. {_WORDS[line.path]}", line.path)
