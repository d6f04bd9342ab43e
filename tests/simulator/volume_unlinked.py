"""Lines of a big file that neither their number nor an exact look joins: each odd in one way."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.x12_text import money

KINDS = ("reordered", "dropped", "units", "undated", "split", "renamed")
"""What is odd: modifiers in another order, or none; other units; no date; two halves; a code that
is not the one billed, without the one billed beside it."""


@dataclass(frozen=True, slots=True)
class UnlinkedText:
    """One paid procedure code billed and answered oddly, around the day of the service."""

    submitted: str
    before_day: str
    after_day: str

    def service(self, day: str) -> str:
        """The SVC, or both; the day stands where there is one."""
        return self.before_day.replace("{day}", day) + self.after_day.replace("{day}", day)


def unlinked_text(kind: str, code: str, charge: int, allowed: int) -> UnlinkedText:
    """The text of one code for one kind."""
    share = allowed // 5
    modifiers = {"reordered": ":RT:59", "dropped": ":RT"}.get(kind, "")
    billed_units = 2 if kind == "split" else 1
    submitted = f"SV1*HC:{code}{modifiers}*{money(charge)}*UN*{billed_units}***1~\nDTP*472*D8*"
    shown = {"reordered": f"{code}:59:RT", "renamed": f"{code[:-1]}{(int(code[-1]) + 5) % 10}"}
    procedure = shown.get(kind, code)
    if kind == "split":
        half = (charge // 2, allowed // 2, share // 2)
        rest = (charge - half[0], allowed - half[1], share - half[2])
        return UnlinkedText(submitted, _service(code, *half, 1), _service(code, *rest, 1))
    units = 2 if kind == "units" else 1
    text = _service(procedure, charge, allowed, share, units)
    if kind == "undated":
        text = text.replace("DTM*472*{day}~\n", "")
    return UnlinkedText(submitted, text, "")


def _service(procedure: str, charge: int, allowed: int, share: int, units: int) -> str:
    return (
        f"SVC*HC:{procedure}*{money(charge)}*{money(allowed - share)}**{units}~\n"
        f"DTM*472*{{day}}~\nCAS*CO*45*{money(charge - allowed)}~\nCAS*PR*2*{money(share)}~\n"
        f"AMT*B6*{money(allowed)}~\n"
    )
