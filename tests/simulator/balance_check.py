"""Whether an 835 balances at line, claim and transaction, seen from its bytes alone."""

from __future__ import annotations

from simulator.x12_text import cents, split


def imbalances(data: bytes) -> list[str]:
    """What does not add up, as `CLP 3: 10` (nth claim of the file, cents); empty when all does."""
    found: list[str] = []
    claims_paid = provider = paid = claim_rest = line_rest = 0
    claims = lines = 0
    line_charges = 0

    def close_line() -> None:
        if lines and line_rest:
            found.append(f"SVC {claims}/{lines}: {line_rest}")

    def close_claim() -> None:
        close_line()
        if claims and claim_rest:
            found.append(f"CLP {claims}: {claim_rest}")
        if lines and line_charges:
            found.append(f"CLP {claims}: lines are {line_charges} short of CLP03")

    for elements in split(data).segments:
        match elements[0]:
            case "BPR":
                paid = cents(elements[2])
            case "CLP":
                close_claim()
                claims, lines = claims + 1, 0
                claim_rest = cents(elements[3]) - cents(elements[4])
                line_charges, claims_paid = cents(elements[3]), claims_paid + cents(elements[4])
            case "SVC":
                close_line()
                lines, line_rest = lines + 1, cents(elements[2]) - cents(elements[3])
                line_charges -= cents(elements[2])
            case "CAS":
                adjusted = sum(cents(amount) for amount in elements[3::3])
                claim_rest -= adjusted
                line_rest -= adjusted
            case "PLB":
                provider += sum(cents(amount) for amount in elements[4::2])
    close_claim()
    if paid != claims_paid - provider:
        found.append(f"BPR: {paid - claims_paid + provider}")
    if paid < 0:
        found.append(f"BPR: negative, {paid}")
    return found
