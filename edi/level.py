"""Which SNIP level a finding belongs to: how deep a check had to look to see it.

The levels are those that WEDI's Strategic National Implementation Process names:

1. the standard's syntax: envelope, counts, control numbers, segment ids, types and lengths
2. the guide: what is required, how often, in which order, with which of its own codes
3. balance: amounts that have to add up
4. situation: what one element asks of another
5. code sets kept outside of the guide: check digits, reason, remark and procedure codes

Levels 6 and 7 (kinds of service, a partner's own edits) are for rules, not for this check.
"""

from __future__ import annotations

GUIDE = 2
BALANCE = 3
NAMES = {1: "syntax", 2: "guide", 3: "balance", 4: "situation", 5: "code sets"}
"""What each level is called where findings are shown."""

_SYNTAX = frozenset(
    (
        "CHECK_FAILED", "DATA_ELEMENT_TOO_LONG", "DATA_ELEMENT_TOO_SHORT",
        "DUPLICATE_GROUP_CONTROL_NUMBER", "DUPLICATE_INTERCHANGE_CONTROL_NUMBER",
        "DUPLICATE_TRANSACTION_SET_CONTROL_NUMBER", "EMPTY_FILE", "FILE_TOO_LARGE",
        "FUNCTIONAL_GROUP_MISSING", "FUNCTIONAL_GROUP_TRAILER_MISSING",
        "GROUP_CONTROL_NUMBER_MISMATCH", "GROUP_COUNT_MISMATCH",
        "INTERCHANGE_CONTROL_NUMBER_MISMATCH", "INTERCHANGE_TRUNCATED",
        "INVALID_CHARACTER_IN_DATA_ELEMENT", "INVALID_DATE", "INVALID_ELEMENT", "INVALID_ISA",
        "INVALID_TIME", "NOT_X12", "SEGMENT_COUNT_MISMATCH", "SEGMENT_ERROR",
        "SEGMENT_TERMINATOR_MISSING", "TRAILING_ELEMENT_SEPARATORS", "TRAILING_TEXT",
        "TRANSACTION_SET_CONTROL_NUMBER_MISMATCH", "TRANSACTION_SET_COUNT_MISMATCH",
        "TRANSACTION_SET_TRAILER_MISSING", "UNRECOGNIZED_SEGMENT_ID",
    )
)  # fmt: skip
_BALANCE = frozenset(
    (
        "CLAIM_OUT_OF_BALANCE", "CLAIM_PAYMENT_OUT_OF_BALANCE",
        "PRIOR_ADJUDICATION_OUT_OF_BALANCE", "REMITTANCE_OUT_OF_BALANCE",
        "REVERSAL_WITHOUT_MINUS", "SERVICE_PAYMENT_OUT_OF_BALANCE",
    )
)  # fmt: skip
_SITUATION = frozenset(
    (
        "DATES_OUT_OF_ORDER", "DIAGNOSIS_POINTER_INVALID", "DUPLICATE_LINE_ITEM_CONTROL_NUMBER",
        "DUPLICATE_PATIENT_CONTROL_NUMBER", "HIERARCHICAL_CHILD_CODE_INVALID",
        "IMPLEMENTATION_DEPENDENT_NOT_USED_SEGMENT_PRESENT",
        "IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING", "SERVICE_AFTER_SUBMISSION",
        "SERVICE_BEFORE_BIRTH",
    )
)  # fmt: skip
_CODE_SET = frozenset(
    (
        "INVALID_ADJUSTMENT_REASON_CODE", "INVALID_CLAIM_FREQUENCY_CODE", "INVALID_NPI",
        "INVALID_PROCEDURE_CODE", "INVALID_REMARK_CODE",
    )
)  # fmt: skip
_LEVELS = {
    **dict.fromkeys(_SYNTAX, 1),
    **dict.fromkeys(_BALANCE, BALANCE),
    **dict.fromkeys(_SITUATION, 4),
    **dict.fromkeys(_CODE_SET, 5),
}


def level_of(code: str) -> int:
    """The SNIP level of a problem's code; what is not named otherwise is the guide's.

    >>> level_of("SEGMENT_COUNT_MISMATCH"), level_of("INVALID_CODE_VALUE"), level_of("INVALID_NPI")
    (1, 2, 5)
    """
    return _LEVELS.get(code, GUIDE)
