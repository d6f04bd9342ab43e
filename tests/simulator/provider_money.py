"""What a payment says beside its claims: money given or taken for reasons that are no claim's."""

from __future__ import annotations

from simulator.adjudication import ProviderAdjusted
from simulator.habits import Temper
from simulator.quirks import choose

# PLB03-1 of the 5010 guide but for those that have their own occasion (WO, FB, L6, CS).
PROVIDER_ADJUSTMENTS = (
    *("50", "51", "72", "90", "AH", "AM", "AP", "B2", "B3", "BD", "BN", "C5", "CR", "CT", "CV"),
    *("CW", "DM", "E3", "FC", "GO", "HM", "IP", "IR", "IS", "J1", "L3", "LE", "LS", "OA", "OB"),
    *("PI", "PL", "RA", "RE", "SL", "TL", "WU"),
)


def beside_the_claims(claims_paid: int, reference: str, temper: Temper) -> list[ProviderAdjusted]:
    """Given or taken, half a hundredth of the payment for each code that strikes."""
    found = []
    for code in PROVIDER_ADJUSTMENTS:
        key = f"{reference}/{code}"
        if temper.quirks.happens("provider_adjustments", temper.seed, key):
            cents = claims_paid * (1, -1)[choose(key, 2)] // 200
            found += [ProviderAdjusted(code, reference, cents)] if cents else []
    return found
