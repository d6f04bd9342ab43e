"""A correction that is on the never-list."""

from __future__ import annotations


class Forbidden(Exception):
    """A correction that is on the never-list. ``code`` is its number there (N7)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason
