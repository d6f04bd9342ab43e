"""Refusals that the chart or a payer's own file answers: where, who referred, as what, what waste.

In their own numbers, behind all others, so that those keep theirs.
"""

from __future__ import annotations

from simulator.scenario import Draft, change, denied, line, note


def drafts() -> list[Draft]:
    """All of them."""
    return [*_places()]


def _places() -> list[Draft]:
    epidural = {"procedure_code": "64483", "laterality": "right"}
    return [
        Draft(
            name=f"{reason}-place-of-service",
            reason=reason,
            lines=(line("64483", "RT"),),
            denied=denied("64483", reason=reason, remarks=("M77",), place_of_service="22"),
            records=(note(epidural) | {"place_of_service": "22"},),
            right=change(place_of_service="22"),
            wrong=change(place_of_service="24"),
            changes={"2300/CLM05-1": "22"},
            path_without="replacement",
        )
        for reason in ("5", "58", "16")
    ]
