"""The catalogue of rules, printed from their own docstrings (``rules/CATALOG.md``)."""

from __future__ import annotations

import sys
from textwrap import dedent

from rules.registry import ALL_RULES
from rules.rule import Rule

HEADINGS = ("Denial", "Fix", "Evidence", "Refuses", "Safety", "Sources")
"""What every rule's docstring says, in this order."""


def title(rule: Rule) -> str:
    """The first line of the rule's docstring."""
    return _docstring(rule).splitlines()[0].rstrip(".")


def sections(rule: Rule) -> dict[str, str]:
    """Heading → text, in the order written; continued lines joined."""
    found: dict[str, str] = {}
    heading = ""
    for line in _docstring(rule).splitlines()[1:]:
        if line and not line.startswith(" "):
            heading, _, text = line.partition(" ")
            found[heading] = text.strip()
        elif line.strip():
            found[heading] = f"{found[heading]} {line.strip()}"
    return found


def _docstring(rule: Rule) -> str:
    return dedent(sys.modules[rule.consider.__module__].__doc__ or "").strip()


def catalog() -> str:
    """The text of ``CATALOG.md``."""
    parts = [
        "# Rules",
        "Printed from the rules' own docstrings, in the order in which they are asked; a test "
        "keeps it current. The first rule that answers a denied line decides it.",
    ]
    for rule in ALL_RULES:
        parts.append(f"## {rule.code}\n\n{title(rule)}. Version {rule.version}.")
        parts.append("\n".join(f"- **{k}** – {v}" for k, v in sections(rule).items()))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(catalog())
