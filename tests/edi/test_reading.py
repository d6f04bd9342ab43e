"""Readers: nothing dropped, nothing raised, and what pyx12 reads."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import pytest
import pyx12.error_handler
import pyx12.params
import pyx12.x12context
from hypothesis import given, settings
from hypothesis import strategies as st

from edi import read_835, read_837p
from edi.claim import Claim, SegmentTally, UnreadClaim
from edi.claim_text import cut_claim
from edi.loop import RECORDS
from edi.problem import EdiError, NotX12
from edi.pyx12_adapter import load_map
from edi.record import Codes, Procedure, fields_of
from edi.remittance import ClaimPayment, UnreadClaimPayment
from edi.survey import survey_file
from simulator.practice import Line, Person

FileOf = Callable[..., bytes]


def events(data: bytes, reader: Any = read_837p) -> list[Any]:
    file = BytesIO(data)
    return [
        event
        for interchange, _, transaction in survey_file(file, "", len(data)).transactions()
        if transaction.version in reader.GUIDES and not transaction.problems
        for event in reader.read_transaction(file, transaction, interchange.delimiters)
    ]


def maps_of(tag: str) -> list[Any]:
    """Every node of a segment in the maps of the 837P and the 835."""
    found, loops = [], [load_map("837.5010.X222.A1.xml"), load_map("835.5010.X221.A1.xml")]
    while loops:
        for children in loops.pop().pos_map.values():
            loops += [c for c in children if c.is_loop()]
            found += [c for c in children if c.is_segment() and c.id == tag]
    return found


@pytest.mark.parametrize("tag", sorted(RECORDS))
def test_a_record_s_places_are_the_guides(tag: str) -> None:
    """Each field's element exists, and is of a type that the field can hold."""
    nodes = maps_of(tag)
    assert nodes, "a segment that neither guide has"
    for name, (hint, at) in fields_of(RECORDS[tag]).items():
        assert at.place.startswith(tag)
        kinds = set()
        for node in nodes:
            element = next((c for c in node.children if c.seq == at.element), None)
            if element is None:
                continue
            kinds.add("composite" if element.is_composite() else element.data_type)
        base = next((k for k in get_args(hint) if k is not type(None)), hint)
        assert kinds, f"{name}: no guide has {at.place}"
        if base is Decimal:
            assert all(k == "R" or k[0] == "N" for k in kinds), (name, kinds)
        elif base is date:
            assert kinds <= {"DT"}, (name, kinds)
        elif base in (Procedure, Codes):
            assert "composite" in kinds, (name, kinds)
        else:
            assert "composite" not in kinds, (name, kinds)


@pytest.mark.parametrize(
    ("tag", "loop", "names"),
    [
        ("CLP", "2100", {
            "patient_control_number", "claim_status_code", "total_claim_charge_amount",
            "claim_payment_amount", "patient_responsibility_amount",
            "claim_filing_indicator_code", "payer_claim_control_number"}),
        ("SVC", "2110", {
            "line_item_charge_amount", "line_item_provider_payment_amount",
            "units_of_service_paid_count", "original_units_of_service_count"}),
        ("SV1", "2400", {"line_item_charge_amount", "service_unit_count",
                         "place_of_service_code"}),
        ("CLM", "2300", {"patient_control_number", "total_claim_charge_amount"}),
    ],
)  # fmt: skip
def test_a_field_is_called_what_the_guide_calls_it(tag: str, loop: str, names: set[str]) -> None:
    fields = {name: at.element for name, (_, at) in fields_of(RECORDS[tag]).items()}
    for node in maps_of(tag):
        if node.parent.id == loop:
            guide = {c.seq: re.sub(r"\W+", "_", c.name.lower()) for c in node.children if c.name}
            assert {n for n in names if guide[fields[n]] == n} == names


def trees(path: Path, loop: str) -> list[Any]:
    text = path.read_text("utf-8-sig").replace("\r", "").replace("\n", "")
    source = pyx12.x12context.X12ContextReader(
        pyx12.params.params(),
        pyx12.error_handler.errh_null(),
        io.StringIO(re.sub(r"005010X222(A2)?\b", "005010X222A1", text)),
    )
    return [tree for tree in islice(source.iter_segments(loop), 400) if tree.id == loop]


CONTEXT_READS = {
    "837P": ["badx12__X222-commercial-health-insurance.edi", "lfh__demo.example1.837",
             "badx12__X222-medicare-secondary-payer-COB.edi", "oopf__Example1_HealthInsurance.txt"],
    "835": ["badx12__X221-secondary-payments.edi", "tasty__profee.edi",
            "affect__emedny_sample.txt"],
}  # fmt: skip


def test_claims_are_those_that_pyx12_reads(sample_837p: Path) -> None:
    if sample_837p.name not in CONTEXT_READS["837P"]:
        return
    ours = [e for e in events(sample_837p.read_bytes()) if isinstance(e, Claim)]
    theirs = trees(sample_837p, "2300")
    assert len(ours) == len(theirs) > 0
    for claim, tree in zip(ours, theirs, strict=True):
        assert claim.patient_control_number == tree.get_value("CLM01")
        assert claim.total_claim_charge_amount == Decimal(tree.get_value("CLM02"))
        assert claim.claim_frequency_code == tree.get_value("CLM05-3")
        lines = list(tree.select("2400"))
        assert [n.line_number for n in claim.service_lines] == [t.get_value("LX01") for t in lines]
        assert [n.procedure_code for n in claim.service_lines] == [
            t.get_value("SV101-2") for t in lines
        ]
        assert [n.line_item_charge_amount for n in claim.service_lines] == [
            Decimal(t.get_value("SV102")) for t in lines
        ]


def test_payments_are_those_that_pyx12_reads(sample_835: Path) -> None:
    if sample_835.name not in CONTEXT_READS["835"]:
        return
    ours = [e for e in events(sample_835.read_bytes(), read_835) if isinstance(e, ClaimPayment)]
    theirs = trees(sample_835, "2100")
    assert len(ours) == len(theirs) > 0
    for payment, tree in zip(ours, theirs, strict=True):
        information = payment.information
        assert payment.patient_control_number == tree.get_value("CLP01")
        assert information.claim_status_code == tree.get_value("CLP02")
        assert information.total_claim_charge_amount == Decimal(tree.get_value("CLP03"))
        assert information.claim_payment_amount == Decimal(tree.get_value("CLP04"))
        services = list(tree.select("2110"))
        assert [s.line_item_charge_amount for s in payment.service_payments] == [
            Decimal(t.get_value("SVC02")) for t in services
        ]


def test_every_segment_of_a_public_file_is_mapped_or_kept(sample_837p: Path) -> None:
    data = sample_837p.read_bytes()
    if data[:3] != b"ISA":
        return
    found = survey_file(BytesIO(data), "", len(data))
    whole = [
        t for _, _, t in found.transactions() if t.version in read_837p.GUIDES and not t.problems
    ]
    read = events(data)
    tallies = [e for e in read if isinstance(e, SegmentTally)]
    assert [t.read for t in tallies] == [t.segment_count for t in whole]
    assert all(t.read == t.mapped + t.kept for t in tallies)
    claims = [e for e in read if isinstance(e, Claim | UnreadClaim)]
    assert len(claims) == sum(t.claim_count for t in whole)


def test_a_claim_s_bytes_are_its_segments(
    file_of: FileOf, claim_of: Callable[..., Any], dependent: Person
) -> None:
    data = file_of(
        claim_of("PCN1"), claim_of("PCN2"), claim_of("PCN3", patient=dependent),
        claim_of("PCN4", patient=dependent),
    )  # fmt: skip
    file = BytesIO(data)
    ((interchange, _, _),) = survey_file(file, "", len(data)).transactions()
    claims = [e for e in events(data) if isinstance(e, Claim)]
    for claim in claims:
        texts = cut_claim(file, claim.bytes, interchange.delimiters)
        assert texts.own[0].startswith(f"CLM*{claim.patient_control_number}*")
        assert sum(t.startswith("LX*") for t in texts.own) == len(claim.service_lines)
        assert not any(t.startswith(("HL*", "SE*")) for t in texts.own)
        assert texts.billing[0].startswith("HL*1**20")
        assert [t[:3] for t in texts.subscriber] == [
            "HL*",
            "SBR",
            "NM1",
            "N3*",
            "N4*",
            "DMG",
            "NM1",
        ]
        assert (texts.patient is not None) == (claim.patient is not None)


def test_a_claim_that_cannot_be_read_takes_no_other_with_it(
    file_of: FileOf, claim_of: Callable[..., Any], dependent: Person
) -> None:
    """Neither its neighbours nor, by its bytes, the level above a dependent's claim."""
    data = file_of(claim_of("PCN1"), claim_of("PCN2"), claim_of("PCN3", patient=dependent))
    spoiled = data.replace(b"CLM*PCN1*", b"CLM*PCN1*x", 1)
    read = [e for e in events(spoiled) if isinstance(e, Claim | UnreadClaim)]
    assert [type(e) for e in read] == [UnreadClaim, Claim, Claim]
    assert read[0].line_count == 2 and "PCN1" not in str(read[0].problem)
    # The subscriber's own claim, unreadable, and a dependent's below the same subscriber.
    own, hl = b"CLM*PCN1*x", b"HL*3*1*22*1~\n"
    start = spoiled.index(hl)
    level = spoiled[spoiled.index(b"HL*3*") : spoiled.index(b"HL*4*3*23")]
    claim = spoiled[spoiled.index(own) : spoiled.index(b"CLM*PCN2")]
    nested = spoiled[:start] + level + claim + spoiled[start + len(level) :]
    count = nested[nested.index(b"ST*") :].split(b"\nSE*")[0].count(b"~") + 1
    nested = re.sub(rb"\nSE\*\d+\*", b"\nSE*%d*" % count, nested)
    last = [e for e in events(nested) if isinstance(e, Claim)][-1]
    assert nested[slice(*last.bytes.subscriber)] == level
    assert b"CLM" not in level


DAMAGE = st.lists(
    st.tuples(st.integers(0, 4000), st.sampled_from(["put", "cut", "add"]), st.binary(max_size=5)),
    min_size=1,
    max_size=8,
)


def damaged(good: bytes, damage: list[tuple[int, str, bytes]]) -> bytes:
    data = bytearray(good)
    for where, how, what in damage:
        begin = where % max(1, len(data))
        if how == "put":
            data[begin : begin + len(what)] = what
        elif how == "cut":
            del data[begin : begin + 30 * len(what)]
        else:
            data[begin:begin] = what
    return bytes(data)


def read_all(data: bytes, reader: Any) -> None:
    """Reads every transaction set, the broken ones too."""
    file = BytesIO(data)
    try:
        found = survey_file(file, "", len(data))
    except NotX12:
        return
    for interchange, _, transaction in found.transactions():
        for event in reader.read_transaction(file, transaction, interchange.delimiters):
            if isinstance(event, Claim):
                cut_claim(file, event.bytes, interchange.delimiters)
                for line in event.service_lines:
                    _ = line.service_date, event.diagnoses_of(line), event.rendering_npi_of(line)


@settings(max_examples=150, deadline=None)
@given(DAMAGE)
def test_no_damage_to_claims_raises(
    file_of: FileOf, claim_of: Callable[..., Any], dependent: Person, damage: Any
) -> None:
    line = Line(procedure_code="J1010", ndc="00009028003", prior_authorization="A1")
    good = file_of(claim_of("P1"), claim_of("P2", line, patient=dependent))
    read_all(damaged(good, damage), read_837p)


@settings(max_examples=150, deadline=None)
@given(DAMAGE)
def test_no_damage_to_a_remittance_raises(good_835: bytes, damage: Any) -> None:
    # A payment whose BPR or PLB cannot be read has no money to load: the one thing refused whole.
    with contextlib.suppress(EdiError):
        read_all(damaged(good_835, damage), read_835)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"CAS*CO*45*10~", b"CAS*CO**10~", "2110/CAS"),
        (b"DTM*472*20260314~", b"N1*PR*ACME~", "2100/N1"),
    ],
)
def test_no_adjustment_leaves_its_claim_unseen(
    good_835: bytes, old: bytes, new: bytes, place: str
) -> None:
    damaged = good_835.replace(old, new)
    assert damaged != good_835
    (unread,) = [e for e in events(damaged, read_835) if isinstance(e, UnreadClaimPayment)]
    assert unread.problem.place == place
