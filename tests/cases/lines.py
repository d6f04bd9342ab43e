"""Billed lines and told services, as line matching sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

from warehouse.line_agreement import Billed, Reported

DAY = date(2026, 3, 2)


def line(position: int, code: str = "64483", charge: int = 450, **more: Any) -> Billed:
    values: dict[str, Any] = {
        "line_position": position, "line_number": str(position), "line_item_control_number": None,
        "procedure_code": code, "modifiers": (), "charge_cents": charge, "units": 1.0,
        "service_date": DAY, "service_date_end": None,
    }  # fmt: skip
    return Billed(**(values | more))


def service(position: int, code: str = "64483", charge: int = 450, **more: Any) -> Reported:
    values: dict[str, Any] = {
        "service_position": position, "line_item_control_number": None, "procedure_code": code,
        "modifiers": (), "charge_cents": charge, "units": 1.0, "service_date": DAY,
    }  # fmt: skip
    return Reported(**(values | more))
