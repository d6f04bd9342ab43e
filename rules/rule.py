"""What a rule is: a code, a version, what it answers, and one pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from rules.decision import ClaimFacts, DeniedLine, Outcome

Consider = Callable[[DeniedLine, ClaimFacts], Outcome | None]


class Rule(NamedTuple):
    """One correction rule.

    Attributes:
        code: never reused (``carc197.prior-authorization``).
        version: rises with behaviour.
        answers: the reason codes it looks at.
        safety: ``automatic`` or ``approval``; see the module's docstring for why.
        sources: where the rule comes from, for who audits it.
        consider: None = not mine; else what to do with the denied line.
        recodes: procedure codes that it may bill in place of others, by those: what the user's
            edit files say of them has to be known beforehand.
    """

    code: str
    version: int
    answers: tuple[str, ...]
    safety: str
    sources: tuple[str, ...]
    consider: Consider
    recodes: Mapping[str, str] = MappingProxyType({})
