"""Every correction rule, in the order in which they are asked.

The first that answers a denied line decides it, and where two rules want the same place of a
claim to say different things the earlier one is followed. Rules that refuse for good (a denial
that is right, a duplicate) stand before those that would change a claim.
"""

from __future__ import annotations

from rules.library import (
    bundling_add_on_alone,
    bundling_code_pair,
    bundling_evaluation_same_day,
    bundling_imaging_guidance,
    bundling_indicator_0,
    bundling_no_edit,
    bundling_two_regions,
    carc18_duplicate,
    carc29_timely_filing,
    carc197_prior_authorization,
    carc288_referral,
    coding_ablation_nerves,
    coding_imaging_in_code,
    coding_place_of_service,
    coding_trigger_point_muscles,
    coding_ultrasound_in_code,
    coordination_primary_remittance,
    diagnosis_documented,
    drug_deleted_code,
    drug_national_drug_code,
    drug_units,
    drug_waste_modifier,
    eligibility_member_id,
    modifier_bilateral_format,
    modifier_laterality,
    modifier_not_for_code,
    prior_authorization_mismatch,
    provider_rendering_npi,
    provider_taxonomy,
    units_above_limit,
)
from rules.rule import Rule

ALL_RULES: tuple[Rule, ...] = (
    carc18_duplicate.RULE,
    carc29_timely_filing.RULE,
    bundling_imaging_guidance.RULE,
    bundling_indicator_0.RULE,
    bundling_two_regions.RULE,
    bundling_add_on_alone.RULE,
    # Who the patient is, and whose turn it is, comes before what was done.
    eligibility_member_id.RULE,
    coordination_primary_remittance.RULE,
    carc197_prior_authorization.RULE,
    prior_authorization_mismatch.RULE,
    carc288_referral.RULE,
    # Who rendered it, as what, and where.
    provider_rendering_npi.RULE,
    provider_taxonomy.RULE,
    coding_place_of_service.RULE,
    # What was done: the code, then its units, then its modifiers, then what it was done for.
    coding_ultrasound_in_code.RULE,
    drug_deleted_code.RULE,
    coding_imaging_in_code.RULE,
    coding_ablation_nerves.RULE,
    coding_trigger_point_muscles.RULE,
    drug_national_drug_code.RULE,
    drug_waste_modifier.RULE,
    drug_units.RULE,
    units_above_limit.RULE,
    bundling_evaluation_same_day.RULE,
    bundling_code_pair.RULE,
    bundling_no_edit.RULE,
    modifier_not_for_code.RULE,
    modifier_bilateral_format.RULE,
    modifier_laterality.RULE,
    diagnosis_documented.RULE,
)


def may_become(procedure_code: str) -> frozenset[str]:
    """The codes that some rule may bill in place of this one."""
    return frozenset(
        rule.recodes[procedure_code] for rule in ALL_RULES if procedure_code in rule.recodes
    )


def rule(code: str) -> Rule:
    """The rule with this code.

    Raises: KeyError
    """
    for candidate in ALL_RULES:
        if candidate.code == code:
            return candidate
    raise KeyError(code)
