"""What the made-up practice charges and what the made-up payers allow, in cents.

The amounts are invented; only their order of magnitude resembles pain medicine.
"""

from __future__ import annotations

# Procedure code: charge and allowed amount for one unit.
FEES: dict[str, tuple[int, int]] = {
    "99213": (15000, 9230),
    "62323": (85000, 31075),
    "64483": (92000, 33240),
    "64493": (78000, 24400),
    "20610": (24000, 8120),
    "J3301": (4000, 1280),
    "99214": (21000, 13015),
    "62321": (88000, 32550),
    "64484": (46000, 14010),
    "64494": (39000, 12025),
    "20553": (22000, 7745),
    "J1010": (90, 24),
    "64635": (165000, 55515),
    "64636": (72000, 21060),
    "27096": (64000, 19890),
    "96372": (6000, 1815),
    "77003": (18000, 6240),
}


def charge(procedure_code: str, units: int = 1) -> int:
    """What the practice asks for, in cents."""
    return FEES[procedure_code][0] * units


def allowed(procedure_code: str, units: int = 1) -> int:
    """What a payer allows before the patient's part, in cents; 0 for a code it does not list."""
    return FEES.get(procedure_code, (0, 0))[1] * units
