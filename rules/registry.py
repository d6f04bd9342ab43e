"""Every correction rule, in the order in which they are asked.

The first that answers a denied line decides it, and where two rules want the same place of a
claim to say different things the earlier one is followed. Rules that refuse for good (a denial
that is right, a duplicate) stand before those that would change a claim.
"""

from __future__ import annotations

from rules.library import (
    bundling_evaluation_same_day,
    bundling_imaging_guidance,
    bundling_indicator_0,
    carc18_duplicate,
    carc29_timely_filing,
    carc197_prior_authorization,
)
from rules.rule import Rule

ALL_RULES: tuple[Rule, ...] = (
    carc18_duplicate.RULE,
    carc29_timely_filing.RULE,
    bundling_imaging_guidance.RULE,
    bundling_indicator_0.RULE,
    carc197_prior_authorization.RULE,
    bundling_evaluation_same_day.RULE,
)


def rule(code: str) -> Rule:
    """The rule with this code.

    Raises: KeyError
    """
    for candidate in ALL_RULES:
        if candidate.code == code:
            return candidate
    raise KeyError(code)
