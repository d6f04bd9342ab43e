"""Who plays in the demo month: clinicians, payers, patients. All made up, and named so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from simulator.payer import PayerProfile
from simulator.practice import Address, Clinician, Destination, Facility, Person
from simulator.remittance_text import PayerName
from simulator.x12_text import Delimiters, npi

DANA = Clinician(last_name="EXAMPLE", first_name="DANA", npi=npi("123456789"))
RILEY = Clinician(last_name="SPECIMEN", first_name="RILEY", npi=npi("100000001"))
STRANGER = Clinician(last_name="PLACEHOLDER", first_name="SKY", npi=npi("100000002"))
REFERRER = Clinician(last_name="SAMPLE", first_name="MORGAN", npi=npi("100000003"))
SURGERY_CENTER = Facility(name="DEMO SURGERY CENTER", npi=npi("100000004"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPayer:
    """A payer of the month: how claims name it, how it pays, and how its members are numbered."""

    destination: Destination
    profile: PayerProfile
    member_format: str

    @property
    def identifier(self) -> str:
        """The id that claims and evidence use."""
        return self.destination.identifier


ACME = DemoPayer(
    destination=Destination(name="ACME HEALTH", identifier="87726", claim_filing="CI"),
    profile=PayerProfile(
        name=PayerName(
            name="ACME HEALTH", identifier="87726", tax_id="999999901", claim_filing="12"
        ),
        duplicate_group="OA",
        number_prefix="AC",
    ),
    member_format="W00000{:04d}",
)
MUTUAL = DemoPayer(
    destination=Destination(name="SAMPLE MUTUAL", identifier="SMPL2", claim_filing="BL"),
    profile=PayerProfile(
        name=PayerName(
            name="SAMPLE MUTUAL",
            identifier="SMPL2",
            tax_id="999999902",
            claim_filing="15",
            sends_plan_id=True,
        ),
        number_prefix="SM",
        delimiters=Delimiters(line_end=""),
    ),
    member_format="XQX90000{:04d}",
)
MEDICARE = DemoPayer(
    destination=Destination(name="DEMO MEDICARE CONTRACTOR", identifier="DMAC1", claim_filing="MB"),
    profile=PayerProfile(
        # The contractor's number in the 835 is not the id that claims are sent to.
        name=PayerName(
            name="DEMO MEDICARE CONTRACTOR",
            identifier="04999",
            tax_id="999999903",
            claim_filing="MB",
        ),
        claim_identifier="DMAC1",
        accepts_replacements=False,
        number_prefix="90",
        sequestration=True,
        delimiters=Delimiters(element="|", component=">"),
    ),
    # Shaped like a Medicare number (N-A-X-N-A-X-N-A-A-N-N), with letters that say it is none.
    member_format="1ZZ{:01d}ZZ{:01d}ZZ{:02d}",
)

LAST_NAMES = ("DEMO", "SAMPLE", "TESTCASE", "EXAMPLE", "SPECIMEN", "MOCKUP", "PLACEHOLDER")
FIRST_NAMES = (
    *("ALFA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT", "GOLF", "HOTEL", "INDIA"),
    *("JULIETT", "KILO", "LIMA", "MIKE", "NOVEMBER", "OSCAR", "PAPA", "QUEBEC", "ROMEO"),
    *("SIERRA", "TANGO", "UNIFORM", "VICTOR", "WHISKEY", "XRAY", "YANKEE", "ZULU"),
)


def person(nth: int, *, elderly: bool = False) -> Person:
    """The nth made-up person; 182 pass before a name returns."""
    year = (1935 if elderly else 1958) + nth * 7 % 30
    return Person(
        last_name=LAST_NAMES[nth % len(LAST_NAMES)],
        first_name=FIRST_NAMES[nth % len(FIRST_NAMES)],
        born=date(year, 1 + nth % 12, 1 + nth % 28),
        sex="FM"[nth % 2],
        address=Address(street=f"{nth} SAMPLE STREET"),
    )


def member_id(payer: DemoPayer, nth: int) -> str:
    """The member id of the nth person at a payer."""
    if payer is MEDICARE:
        return payer.member_format.format(nth // 1000, nth // 100 % 10, nth % 100)
    return payer.member_format.format(nth)
