"""The made-up month of a small pain practice, and what the pipeline makes of it."""

from __future__ import annotations

from datetime import date

AS_OF = date(2026, 10, 5)
"""The day the month is looked at: its deadlines are counted from here."""

BILLER = "biller.b"
"""The practice's biller, who approves what needs a person."""
