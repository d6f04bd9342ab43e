"""The patient control number as payers and clearinghouses return it."""

from __future__ import annotations

from simulator.quirks import choose

PREFIX = "DC7"
"""What a clearinghouse puts before the numbers of its customers."""


def shown(quirk: str, number: str) -> str:
    """The number after one habit; the same where the habit has nothing to change."""
    match quirk:
        case "number_cut_17":
            return number[:17]
        case "number_cut_20":
            return number[:20]
        case "number_case_folded":
            return number.upper() if number != number.upper() else number.lower()
        case "number_zeros_stripped":
            return number.lstrip("0")
        case "number_dashes_stripped":
            return number.replace("-", "")
        case "number_suffixed":
            return number + ("-1", "A")[choose(number, 2)]
        case "number_prefixed":
            return PREFIX + number
        case "number_zero":
            return "0"
    raise ValueError(quirk)


HABITS = (
    "number_cut_17",
    "number_cut_20",
    "number_case_folded",
    "number_zeros_stripped",
    "number_dashes_stripped",
    "number_suffixed",
    "number_prefixed",
    "number_zero",
)
