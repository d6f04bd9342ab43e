"""NPI, the National Provider Identifier: ten digits, the last a check digit (45 CFR 162.406).

>>> is_valid("1234567893")
True
>>> is_valid("1234567890")  # wrong check digit
False
"""

from __future__ import annotations


def check_digit(first_nine: str) -> int:
    """Luhn over 80840 + the nine digits (the prefix stands for health, United States)."""
    total = 0
    for place, character in enumerate(reversed("80840" + first_nine)):
        doubled = int(character) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return -total % 10


def is_valid(npi: str) -> bool:
    """Ten ASCII digits, beginning with 1 or 2, with the right check digit."""
    return (
        len(npi) == 10
        and npi.isascii()
        and npi.isdigit()
        and npi[0] in "12"
        and check_digit(npi[:9]) == int(npi[9])
    )
