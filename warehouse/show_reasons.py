"""Why a file or a part of it was not loaded, in a biller's words."""

from __future__ import annotations

REASONS = {
    "SAME_BYTES": "a copy of another file: the same bytes",
    "SAME_PAYMENT": "the same payment was received before, in another envelope",
    "REUSED_INTERCHANGE": "its interchange number was used before, for other content",
    "PAYMENT_WITH_OTHER_CONTENT": "the same payment was received before with other content",
    "NOT_X12": "not X12: it does not begin with ISA",
    "EMPTY_FILE": "there is nothing in it",
    "FILE_TOO_LARGE": "larger than reclaim.toml allows",
    "INTERCHANGE_TRUNCATED": "cut off: the end of the interchange (IEA) is missing",
    "FUNCTIONAL_GROUP_TRAILER_MISSING": "the end of a group (GE) is missing",
    "TRANSACTION_SET_TRAILER_MISSING": "the end of a transaction (SE) is missing",
    "SEGMENT_COUNT_MISMATCH": "SE01 counts other segments than there are",
    "TRANSACTION_SET_COUNT_MISMATCH": "GE01 counts other transactions than there are",
    "GROUP_COUNT_MISMATCH": "IEA01 counts other groups than there are",
    "TRANSACTION_SET_CONTROL_NUMBER_MISMATCH": "SE02 is not the number in ST02",
    "GROUP_CONTROL_NUMBER_MISMATCH": "GE02 is not the number in GS06",
    "INTERCHANGE_CONTROL_NUMBER_MISMATCH": "IEA02 is not the number in ISA13",
    "UNSUPPORTED_GUIDE": "written by another guide than the 5010 ones that are read here",
    "UNSUPPORTED_TRANSACTION_SET": "another transaction than an 837P, 835, 999 or 277CA",
    "NO_TRANSACTION_SET": "there is no transaction in it",
    "NO_CLAIMS": "there is no claim in it",
    "EVIDENCE_UNKNOWN_KEY": "a chart fact has a key that nobody knows",
    "EVIDENCE_UNKNOWN_KIND": "a chart fact is of a kind that nobody knows",
    "EVIDENCE_MISSING_KEY": "a chart fact lacks a key",
    "EVIDENCE_NO_SUBJECT": "a chart fact does not say which claim or patient it is about",
    "EVIDENCE_BAD_VALUE": "a chart fact has a value that cannot be",
    "EVIDENCE_WRONG_TYPE": "a chart fact has a value of the wrong type",
    "EVIDENCE_CONFLICT": "two chart facts of one document and day contradict each other",
    "EVIDENCE_NOT_JSON": "a line of chart facts is no JSON",
    "EVIDENCE_NOT_CSV": "a table of chart facts is no CSV",
    "EVIDENCE_NOT_UTF8": "a file of chart facts is not UTF-8",
}


def reason_words(code: str | None) -> str:
    """A code in words; a code that is not listed as it reads.

    >>> reason_words("INVALID_DATE"), reason_words(None)
    ('invalid date', '')
    """
    return REASONS.get(code or "", (code or "").replace("_", " ").lower())
