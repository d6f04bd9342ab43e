"""Who plays in a world: two practices that share numbers, and payers of every habit."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.payer import PayerProfile
from simulator.practice import Address, Clinician, Destination, Practice
from simulator.remittance_text import PayerName
from simulator.x12_text import Delimiters, npi

CLINICIANS = (
    Clinician(last_name="EXAMPLE", first_name="DANA", npi=npi("123456789")),
    Clinician(last_name="SPECIMEN", first_name="RILEY", npi=npi("100000001")),
)
PRACTICES = (
    Practice(),
    Practice(
        name="SAMPLE SPINE PRACTICE",
        npi=npi("199999990"),
        tax_id="990000002",
        address=Address(street="300 EXAMPLE AVENUE", zip_code="750019996"),
        submitter_id="SAMPLESPINE",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPayer:
    """A payer: how claims name it, one destination for each line of business, and its ways."""

    destinations: tuple[Destination, ...]
    profile: PayerProfile
    share: int
    """How many of 100 claims go to it."""

    @property
    def identifier(self) -> str:
        """The id that claims use."""
        return self.destinations[0].identifier


def _named(name: str, identifier: str, *claim_filings: str) -> tuple[Destination, ...]:
    return tuple(
        Destination(name=name, identifier=identifier, claim_filing=filing)
        for filing in claim_filings
    )


PAYERS = (
    # One id for a commercial plan and a Medicare Advantage plan; named by N104.
    WorldPayer(
        destinations=_named("ACME HEALTH", "87726", "CI", "16"),
        profile=PayerProfile(
            name=PayerName(
                name="ACME HEALTH",
                identifier="87726",
                tax_id="999999901",
                claim_filing="12",
                sends_plan_id=True,
            ),
            claim_filings={"CI": "12", "16": "16"},
            duplicate_group="OA",
            number_prefix="AC",
        ),
        share=40,
    ),
    # Named by REF*2U; all its payments of nothing have one trace number.
    WorldPayer(
        destinations=_named("SAMPLE MUTUAL", "SMPL2", "BL"),
        profile=PayerProfile(
            name=PayerName(
                name="SAMPLE MUTUAL", identifier="SMPL2", tax_id="999999902", claim_filing="15"
            ),
            number_prefix="SM",
            zero_pay_trace="NOPAYMENT",
            delimiters=Delimiters(line_end=""),
        ),
        share=25,
    ),
    WorldPayer(
        destinations=_named("DEMO MEDICARE CONTRACTOR", "DMAC1", "MB"),
        profile=PayerProfile(
            name=PayerName(
                name="DEMO MEDICARE CONTRACTOR",
                identifier="04999",
                tax_id="999999903",
                claim_filing="MB",
            ),
            claim_identifier="DMAC1",
            accepts_replacements=False,
            is_medicare=True,
            number_prefix="90",
            sequestration=True,
            delimiters=Delimiters(element="|", component=">"),
        ),
        share=25,
    ),
    # Named by its tax id alone.
    WorldPayer(
        destinations=_named("TESTCASE STATE PLAN", "TSP04", "MC"),
        profile=PayerProfile(
            name=PayerName(
                name="TESTCASE STATE PLAN",
                identifier="TSP04",
                tax_id="999999904",
                claim_filing="MC",
                sends_identifier=False,
            ),
            number_prefix="TS",
        ),
        share=10,
    ),
)


PAYER_TABLE = """\
[[payer]]
name = "{name}"
claim_filing = []
ids = ["{ids}"]
kind = "{kind}"
replacement_claims = {replacements}
bilateral = "modifier_50"
corrected_claim_days = 180
corrected_claim_from = "remittance"
appeal_days = 120
original_claim_days = 365
frequency_limits = []
regions = [["cervical", "thoracic"], ["lumbar", "sacral"]]
source = "made-up provider manual"
source_date = 2026-01-01
"""


def payers_toml() -> str:
    """The payers as a home's settings name them, by every id they go by."""
    kinds = {"DMAC1": "medicare_part_b", "TSP04": "medicaid"}
    tables = []
    for payer in PAYERS:
        name = payer.profile.name
        # TRN03 is the tax id behind a 1.
        ids = dict.fromkeys((payer.identifier, name.identifier, f"1{name.tax_id}"))
        tables.append(
            PAYER_TABLE.format(
                name=name.name.title(),
                ids='", "'.join(ids),
                kind=kinds.get(payer.identifier, "commercial"),
                replacements=str(payer.profile.accepts_replacements).lower(),
            )
        )
    return "\n".join(tables)
