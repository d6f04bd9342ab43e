"""What the tests of edi share: files to read, and claims to send again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest

from edi import claim as edi_claim
from edi.change import Change
from edi.claim_text import cut_claim, cut_header, line_end_of
from edi.outbound_claim import OutboundClaim, OutboundEnvelope
from edi.read_837p import GUIDES, read_transaction
from edi.survey import survey_file
from simulator.practice import Claim, Clinician, Destination, Line, Person, write_837p
from simulator.x12_text import STANDARD, Delimiters, npi

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
WRITTEN_AT = datetime(2026, 9, 1, 6, 0)
CREATED_AT = datetime(2026, 11, 21, 10, 30)

GOOD_835 = """ISA*00*          *00*          *ZZ*ACME           *ZZ*DEMO           *260401*0900*^*00501*000000001*0*P*:
GS*HP*ACME*DEMO*20260401*0900*1*X*005010X221A1
ST*835*0001
BPR*I*65*C*CHK************20260401
TRN*1*T1*1999999999
DTM*405*20260401
N1*PR*ACME HEALTH*XV*87726
N3*1 SAMPLE PLAZA
N4*DEMOTOWN*TX*75001
PER*BL*DEMO PAYER DESK*TE*5555550199
N1*PE*DEMO PAIN PRACTICE*XX*1999999984
REF*TJ*990000001
LX*1
CLP*PCN1*1*100*70*20*12*ICN1*11*1
NM1*QC*1*TESTCASE*PAT****MI*W123456789
SVC*HC:62323*100*70**1
DTM*472*20260314
CAS*CO*45*10
CAS*PR*2*20
PLB*1999999984*20261231*WO:ICN0*10
PLB*1999999984*20261231*L6:ICN1*-5
SE*20*0001
GE*1*1
IEA*1*000000001
""".replace("\n", "~\n")  # noqa: E501

Batch = tuple[OutboundEnvelope, list[OutboundClaim], list[edi_claim.Claim]]
ChangesFor = Callable[[edi_claim.Claim], Sequence[Change]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each public sample; skipped where the samples are not beside the project."""
    for name in ("sample_837p", "sample_835"):
        if name in metafunc.fixturenames:
            folder = SAMPLES / name.removeprefix("sample_").upper()
            found = sorted(folder.iterdir()) if folder.is_dir() else []
            metafunc.parametrize(name, found, ids=[path.name for path in found])


def submitted_batches(data: bytes, changes_for: ChangesFor = lambda _: ()) -> Iterator[Batch]:
    """Every whole 837P transaction of a file as replacements of all its claims.

    Lines without REF*6R are given one.
    """
    file = BytesIO(data)
    for interchange, group, transaction in survey_file(file, "", len(data)).transactions():
        if transaction.version not in GUIDES or transaction.problems:
            continue
        delimiters = interchange.delimiters
        read = read_transaction(file, transaction, delimiters)
        claims = [event for event in read if isinstance(event, edi_claim.Claim)]
        envelope = OutboundEnvelope(
            isa=interchange.isa,
            gs=group.elements,
            delimiters=delimiters,
            header=cut_header(file, transaction.bytes, delimiters),
            interchange_control_number="900000001",
            group_control_number="900000001",
            transaction_set_control_number="0001",
            originator_application_transaction_identifier="R900000001",
            created_at=CREATED_AT,
            line_end=line_end_of(file, interchange),
        )
        outbound = [
            OutboundClaim(
                texts=cut_claim(file, claim.bytes, delimiters),
                claim_frequency_code="7",
                payer_claim_control_number=f"ICN{nth:09d}",
                changes=tuple(changes_for(claim)),
                line_item_control_numbers={
                    line.position: f"R{nth}L{line.position}"
                    for line in claim.service_lines
                    if line.line_item_control_number is None
                },
                source=claim.source,
            )
            for nth, claim in enumerate(claims, start=1)
        ]
        if outbound:
            yield envelope, outbound, claims


@pytest.fixture(scope="session")
def batches_of() -> Callable[..., Iterator[Batch]]:
    """:func:`submitted_batches`."""
    return submitted_batches


ACME = Destination(name="ACME HEALTH", identifier="87726", claim_filing="CI")
DANA = Clinician(last_name="EXAMPLE", first_name="DANA", npi=npi("123456789"))
PAT = Person(last_name="TESTCASE", first_name="PAT")
SAM = Person(last_name="TESTCASE", first_name="SAM", born=date(2010, 2, 3), sex="M")


def made_up_claim(number: str = "PCN1001", *lines: Line, **other: object) -> Claim:
    """A claim of the made-up practice; two lines where none are given."""
    return Claim(
        patient_control_number=number,
        destination=ACME,
        subscriber=PAT,
        member_id="W123456789",
        lines=lines or (Line(procedure_code="62323"), Line(procedure_code="J1010", units=40)),
        service_date=date(2026, 3, 14),
        rendering=DANA,
        **other,  # type: ignore[arg-type]
    )


def made_up_837p(*claims: Claim, delimiters: Delimiters = STANDARD) -> bytes:
    """An 837P of the made-up practice."""
    return write_837p(
        claims or (made_up_claim(),),
        control_number=7,
        written_at=WRITTEN_AT,
        delimiters=delimiters,
    )


@pytest.fixture(scope="session")
def claim_of() -> Callable[..., Claim]:
    """:func:`made_up_claim`."""
    return made_up_claim


@pytest.fixture(scope="session")
def file_of() -> Callable[..., bytes]:
    """:func:`made_up_837p`."""
    return made_up_837p


@pytest.fixture(scope="session")
def dependent() -> Person:
    """A child of the made-up subscriber."""
    return SAM


@pytest.fixture(scope="session")
def good_835() -> bytes:
    """An 835 of one claim payment and two PLBs, right in every way."""
    return GOOD_835.encode()


@pytest.fixture(scope="session")
def claims_in() -> Callable[[bytes], list[edi_claim.Claim]]:
    """The claims of an 837P, as they are read."""

    def read(data: bytes) -> list[edi_claim.Claim]:
        return [claim for _, _, claims in submitted_batches(data) for claim in claims]

    return read
