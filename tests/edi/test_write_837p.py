"""What goes out: complete, accepted by the guide, and nothing but what was asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi.change import Change
from edi.check_written import check_written
from edi.claim import Claim
from edi.claim_text import cut_claim
from edi.compare import ALWAYS_ALLOWED, differences
from edi.edit_claim import ClaimEditor, Edited
from edi.element import from_decimal
from edi.outbound_claim import OutboundClaim, OutboundEnvelope
from edi.problem import EdiError
from edi.read_837p import read_transaction
from edi.survey import survey_file
from edi.validate import check_text
from edi.write_837p import write_837p
from simulator import practice
from simulator.fees import FEES
from simulator.x12_text import Delimiters

BatchesOf = Callable[..., Iterator[tuple[OutboundEnvelope, list[OutboundClaim], list[Claim]]]]

DELIMITERS = st.sampled_from(
    [
        Delimiters(),
        Delimiters(line_end=""),
        Delimiters(line_end="\r\n"),
        Delimiters("|", ">", "^", "'", "\n"),
        Delimiters("*", "<", "!", "\n", ""),
        Delimiters("\x1d", "\x1f", "\x1e", "\x1c", ""),
    ]
)
CODES = sorted(FEES)
LINES = st.lists(
    st.builds(
        practice.Line,
        procedure_code=st.sampled_from(CODES),
        modifiers=st.lists(st.sampled_from(["RT", "LT", "59", "76"]), max_size=3, unique=True).map(
            tuple
        ),
        units=st.integers(1, 4),
        pointers=st.sampled_from([(1,), (1, 2), (2,)]),
        charge_cents=st.integers(1, 999_99),
        prior_authorization=st.sampled_from(["", "", "LINEAUTH1"]),
        ndc=st.sampled_from(["", "", "00009028003"]),
        line_item_control_number=st.sampled_from(["", "x"]),
    ),
    min_size=1,
    max_size=5,
).map(
    lambda lines: tuple(
        practice.Line(**{**_fields(line), "line_item_control_number": f"K{nth}"})
        if line.line_item_control_number
        else line
        for nth, line in enumerate(lines)
    )
)
PEOPLE = [
    ("W100000001", None),
    ("W100000001", practice.Person(last_name="TESTCASE", first_name="SAM", sex="M")),
    ("W100000002", None),
]


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """An 837P of the made-up practice with one to four claims."""
    claims = []
    for nth in range(draw(st.integers(1, 4))):
        member_id, patient = draw(st.sampled_from(PEOPLE))
        claims.append(
            practice.Claim(
                patient_control_number=f"PCN{nth}",
                destination=practice.Destination(
                    name="ACME HEALTH", identifier="87726", claim_filing="CI"
                ),
                subscriber=practice.Person(last_name="TESTCASE", first_name="PAT"),
                member_id=member_id,
                patient=patient,
                lines=draw(LINES),
                service_date=date(2026, 3, 14),
                rendering=practice.Clinician(
                    last_name="EXAMPLE", first_name="DANA", npi="1234567893"
                ),
                diagnoses=("M5416", "M4726"),
                payer_claim_control_number=draw(st.sampled_from(["", "OLDICN"])),
                frequency_code="1",
                prior_authorization=draw(st.sampled_from(["", "OLDAUTH"])),
                note=draw(st.sampled_from(["", "A NOTE"])),
                onset=draw(st.sampled_from([None, date(2026, 3, 1)])),
            )
        )
    return practice.write_837p(
        claims, control_number=7, written_at=_WHEN, delimiters=draw(DELIMITERS)
    )


_WHEN = datetime(2026, 9, 1, 6, 0)


def possible_changes(claim: Claim) -> list[list[Change]]:
    """Corrections that fit a claim; each is one or more changes of places of its own."""
    found = [
        [Change("2300/REF*G1", claim.prior_authorization_number, "A99887766")],
        [Change("2300/REF*9F", claim.reference("9F"), "REFERRAL1")],
        [Change("2010BA/NM109", claim.subscriber.member_id, "W999999999")],
    ]
    codes = [c for s in claim.segments if type(s).__name__ == "HealthCareCodes" for c in s.codes]
    if 1 < len(codes) < 12 and all(len(c) == 2 for c in codes):
        found.append([Change("2300/HI[2]", ":".join(codes[1]), "ABF:G8929")])
        found.append([Change(f"2300/HI[{len(codes) + 1}]", None, "ABF:M5417")])
    if claim.place_of_service_code == "11":
        found.append([Change("2300/CLM05-1", "11", "24")])
    bundled = any(a.adjudication.bundled_line_number for n in claim.service_lines
                  for a in n.adjudications)  # fmt: skip
    for line in claim.service_lines:
        at, service = f"2400[{line.position}]", line.service
        count = len(line.modifiers)
        if count < 4 and not service.procedure.description:
            found.append([Change(f"{at}/SV101-{count + 3}", None, "59")])
        if count:
            found.append([Change(f"{at}/SV101-3", line.modifiers[0], "XU")])
            if count < 2:
                found.append([Change(f"{at}/SV101-3", line.modifiers[0], None)])
        if service.service_unit_count is not None:
            units = from_decimal(service.service_unit_count)
            found.append([Change(f"{at}/SV104", units, "7")])
        if line.reference("G1") is None:
            found.append([Change(f"{at}/REF*G1", None, "LINEAUTH2")])
        if service.place_of_service_code is None:
            found.append([Change(f"{at}/SV105", None, "22")])
        if not line.drugs:
            found.append(
                [
                    Change(f"{at}/LIN03", None, "00009307303"),
                    Change(f"{at}/CTP04", None, "2"),
                    Change(f"{at}/CTP05-1", None, "ML"),
                ]
            )
        if len(claim.service_lines) > 1 and not bundled:
            procedure = service.procedure
            stays = claim.total_claim_charge_amount - line.line_item_charge_amount
            whole = ":".join(
                (procedure.product_or_service_id_qualifier, line.procedure_code, *line.modifiers)
            )
            if not procedure.description and stays >= 0:
                found.append(
                    [
                        Change(at, whole, None),
                        Change("2300/CLM02", str(claim.total_claim_charge_amount), f"{stays:.2f}"),
                    ]
                )
    return found


def chosen(claim: Claim, picks: Sequence[int]) -> tuple[Change, ...]:
    """Some of the possible changes; no place twice, nothing on a line that is taken off."""
    possible, taken, gone = possible_changes(claim), set(), set()
    changes: list[Change] = []
    for pick in picks:
        correction = possible[pick % len(possible)]
        # One correction of the modifiers of a line: two could leave a gap between them.
        places = {
            c.place.replace("/SV101-4", "/SV101-3").replace("/SV101-5", "/SV101-3")
            for c in correction
        }
        lines = {p.partition("]")[0] for p in places if p.startswith("2400")}
        removes = any("/" not in p for p in places)
        if places & taken or lines & gone or (removes and (lines & {t.partition("]")[0]
                                              for t in taken} or gone)):  # fmt: skip
            continue
        taken |= places
        if removes:
            gone |= lines
        changes += correction
    return tuple(changes)


def places_of(changes: Sequence[Change]) -> set[str]:
    return {c.place for c in changes}


def without_line(place: str) -> str:
    return "2400" + place.partition("]")[2] if place.startswith("2400[") else place


def emitted_claims(data: bytes) -> list[tuple[Claim, Any]]:
    file = BytesIO(data)
    (found,) = survey_file(file, "", len(data)).transactions()
    interchange, _, transaction = found
    return [
        (event, cut_claim(file, event.bytes, interchange.delimiters))
        for event in read_transaction(file, transaction, interchange.delimiters)
        if isinstance(event, Claim)
    ]


def check_against_original(
    envelope: OutboundEnvelope, claims: list[OutboundClaim], written: bytes
) -> None:
    """CONTRACT 5, twice over: by the comparison, and by a plain diff of the segments."""
    emitted = emitted_claims(written)
    assert len(emitted) == len(claims)
    for outbound, (claim, texts) in zip(claims, emitted, strict=True):
        changes = outbound.changes
        removed = [int(c.place[5:-1]) for c in changes if "/" not in c.place]
        changed = differences(outbound.texts, texts, envelope.delimiters, removed_lines=removed)
        assert {
            d.place for d in changed if without_line(d.place) not in ALWAYS_ALLOWED
        } == places_of(changes)
        assert claim.claim_frequency_code == outbound.claim_frequency_code
        assert claim.payer_claim_control_number == outbound.payer_claim_control_number
        assert all(line.line_item_control_number for line in claim.service_lines)
        may_differ = {"CLM", "REF"} | {c.place.partition("/")[2][:3] for c in changes}
        may_differ |= {"HI*"} if any("/HI" in c.place for c in changes) else set()
        if not removed:
            for line in difflib.ndiff(outbound.texts.own, texts.own):
                if line[0] in "+-":
                    tag = line[2:5].replace(envelope.delimiters.element, "*")
                    assert tag in may_differ, "a segment that nothing asked to change"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=files(), picks=st.lists(st.integers(0, 99), max_size=5), frequency=st.sampled_from("71")
)
def test_a_replacement_differs_only_where_it_may(
    batches_of: BatchesOf, data: bytes, picks: list[int], frequency: str
) -> None:
    ((envelope, claims, _),) = batches_of(data, lambda claim: chosen(claim, picks))
    if frequency == "1":
        claims = [
            c._replace(claim_frequency_code="1", payer_claim_control_number=None) for c in claims
        ]
    written = write_837p(envelope, claims)
    assert check_text(written) == ()
    check_against_original(envelope, claims, written)
    assert written == write_837p(envelope, claims)


def test_public_claims_are_sent_again_as_well_as_they_were(
    batches_of: BatchesOf, sample_837p: Path
) -> None:
    data = sample_837p.read_bytes()
    if data.lstrip()[:3] != b"ISA":
        pytest.skip("not X12")
    valid = check_text(data) == ()
    for envelope, claims, _ in batches_of(data, lambda claim: chosen(claim, (0, 1, 5, 9, 14))):
        some = claims[:25]
        written = write_837p(envelope, some)
        check_against_original(envelope, some, written)
        assert not valid or check_text(written) == ()


def test_untouched_it_is_the_original_but_for_numbers_and_times(
    batches_of: BatchesOf, file_of: Callable[..., bytes], claim_of: Callable[..., Any]
) -> None:
    line = practice.Line(procedure_code="62323", line_item_control_number="K1")
    data = file_of(claim_of("PCN1", line), claim_of("PCN2", line))
    ((envelope, claims, _),) = batches_of(data)
    written = write_837p(envelope, claims)
    old, new = data.decode().split("~\n"), written.decode().split("~\n")
    changed = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    assert [line[:6] for line in changed if line[0] == "+"] == [
        "+ ISA*", "+ GS*H", "+ BHT*", "+ CLM*", "+ REF*", "+ CLM*", "+ REF*", "+ SE*3",
        "+ GE*1", "+ IEA*",
    ]  # fmt: skip


def test_envelope_and_hierarchy_are_numbered_anew(
    batches_of: BatchesOf,
    file_of: Callable[..., bytes],
    claim_of: Callable[..., Any],
    dependent: practice.Person,
) -> None:
    data = file_of(
        claim_of("PCN1"), claim_of("PCN2"), claim_of("PCN3", patient=dependent),
        claim_of("PCN4", patient=dependent),
    )  # fmt: skip
    ((envelope, claims, _),) = batches_of(data)
    order = [claims[2], claims[0], claims[1], claims[3]]
    segments = write_837p(envelope, order).decode().split("~\n")
    assert segments[0] == (
        "ISA*00*          *00*          *ZZ*DEMOPAIN       *ZZ*DEMOCLEAR      "
        "*261121*1030*^*00501*900000001*0*P*:"
    )
    assert segments[1] == "GS*HC*DEMOPAIN*DEMOCLEAR*20261121*1030*900000001*X*005010X222A1"
    assert segments[2:4] == [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*R900000001*20261121*1030*CH",
    ]
    assert [s for s in segments if s.startswith("HL")] == [
        "HL*1**20*1",
        "HL*2*1*22*1",  # PCN3's own level; its subscriber element differs from PCN1's
        "HL*3*2*23*0",
        "HL*4*1*22*0",
        "HL*5*1*22*1",
        "HL*6*5*23*0",
    ]
    assert [s[:8] for s in segments if s.startswith("CLM")] == [
        "CLM*PCN3", "CLM*PCN1", "CLM*PCN2", "CLM*PCN4",
    ]  # fmt: skip
    st_at = segments.index("ST*837*0001*005010X222A1")
    assert segments[-4:] == [f"SE*{len(segments) - 4 - st_at + 1}*0001", "GE*1*900000001",
                             "IEA*1*900000001", ""]  # fmt: skip


def test_a_claim_whose_level_was_corrected_gets_a_level_of_its_own(
    batches_of: BatchesOf, file_of: Callable[..., bytes], claim_of: Callable[..., Any]
) -> None:
    ((envelope, claims, _),) = batches_of(file_of(claim_of("PCN1"), claim_of("PCN2")))
    corrected = claims[0]._replace(changes=(Change("2010BA/NM109", "W123456789", "W123456780"),))
    text = write_837p(envelope, [corrected, claims[1]]).decode()
    assert text.count("HL*") == 3
    assert text.index("W123456780") < text.index("CLM*PCN1") < text.index("W123456789")


def test_a_collapsed_isa_goes_out_at_its_full_length(
    batches_of: BatchesOf, file_of: Callable[..., bytes]
) -> None:
    head, rest = file_of().decode()[:105], file_of().decode()[105:]
    collapsed = "*".join(e.strip() for e in head.split("*")) + rest
    ((envelope, claims, _),) = batches_of(collapsed.encode())
    written = write_837p(envelope, claims)
    assert written[105:107] == b"~\n"
    assert check_text(written) == ()


def test_names_keep_their_bytes_whatever_their_encoding(
    batches_of: BatchesOf, file_of: Callable[..., bytes]
) -> None:
    for name in ("PEÑA".encode(), "PEÑA".encode("latin-1")):
        ((envelope, claims, _),) = batches_of(file_of().replace(b"TESTCASE*", name + b"*"))
        assert b"*" + name + b"*" in write_837p(envelope, claims)


def test_a_letter_in_isa11_gives_way_to_a_repetition_separator(
    batches_of: BatchesOf, file_of: Callable[..., bytes]
) -> None:
    ((envelope, (claim,), _),) = batches_of(file_of().replace(b"*^*00501*", b"*U*00401*"))
    written = write_837p(envelope, [claim])
    assert b"*^*00501*" in written and check_text(written) == ()
    with pytest.raises(EdiError):
        write_837p(envelope, [claim._replace(changes=(Change("2300/REF*G1", None, "A^B"),))])


@pytest.mark.parametrize("version", ["005010X222", "005010X222A2"])
def test_the_version_written_is_always_a1(
    batches_of: BatchesOf, file_of: Callable[..., bytes], version: str
) -> None:
    data = file_of().replace(b"005010X222A1", version.encode())
    ((envelope, claims, _),) = batches_of(data)
    written = write_837p(envelope, claims)
    assert written.count(b"005010X222A1") == 2 and check_text(written) == ()


def test_a_frequency_that_does_not_fit_is_refused(
    batches_of: BatchesOf, file_of: Callable[..., bytes]
) -> None:
    ((envelope, (claim,), _),) = batches_of(file_of())
    change = Change("2300/REF*G1", None, "A1")
    for code, bad in {
        "PAYER_CLAIM_CONTROL_NUMBER_MISSING": claim._replace(payer_claim_control_number=None),
        "PAYER_CLAIM_CONTROL_NUMBER_FORBIDDEN": claim._replace(claim_frequency_code="1"),
        "INVALID_CODE_VALUE": claim._replace(claim_frequency_code="6"),
        "CHANGES_CONFLICT": claim._replace(claim_frequency_code="8", changes=(change,)),
    }.items():
        with pytest.raises(EdiError) as refused:
            write_837p(envelope, [bad])
        assert refused.value.problem.code == code
    assert b":B:8*" in write_837p(envelope, [claim._replace(claim_frequency_code="8")])
    with pytest.raises(EdiError):
        write_837p(envelope, [])


def test_an_envelope_that_does_not_fit_is_refused(
    batches_of: BatchesOf, file_of: Callable[..., bytes]
) -> None:
    ((envelope, claims, _),) = batches_of(file_of())
    for bad in (
        envelope._replace(interchange_control_number="1"),
        envelope._replace(group_control_number="G1"),
        envelope._replace(transaction_set_control_number="1"),
        envelope._replace(originator_application_transaction_identifier="A~B"),
        envelope._replace(isa=envelope.isa[:10]),
        envelope._replace(gs=envelope.gs[:5]),
        envelope._replace(header=()),
    ):
        with pytest.raises(EdiError):
            write_837p(bad, claims)


def test_a_line_item_control_number_is_kept_and_never_given_twice(
    batches_of: BatchesOf, file_of: Callable[..., bytes], claim_of: Callable[..., Any]
) -> None:
    lines = [
        practice.Line(procedure_code="62323", line_item_control_number="K1"),
        practice.Line(procedure_code="20610"),
    ]
    ((envelope, (claim,), _),) = batches_of(file_of(claim_of("PCN1", *lines)))
    for numbers in ({1: "K9"}, {2: "K1"}, {3: "K3"}, {0: "K0"}):
        with pytest.raises(EdiError):
            write_837p(envelope, [claim._replace(line_item_control_numbers=numbers)])


def test_taking_a_line_off_without_its_charge_is_refused(
    batches_of: BatchesOf, file_of: Callable[..., bytes]
) -> None:
    ((envelope, (claim,), _),) = batches_of(file_of())
    with pytest.raises(EdiError) as refused:
        write_837p(envelope, [claim._replace(changes=(Change("2400[2]", "HC:J1010", None),))])
    assert refused.value.problem.code == "CLAIM_OUT_OF_BALANCE"


def test_void_of_nothing_changes_and_old_f8_leaves_an_original(
    batches_of: BatchesOf, file_of: Callable[..., bytes], claim_of: Callable[..., Any]
) -> None:
    data = file_of(claim_of("PCN1", frequency_code="7", payer_claim_control_number="OLDICN"))
    ((envelope, (claim,), _),) = batches_of(data)
    written = write_837p(
        envelope, [claim._replace(claim_frequency_code="1", payer_claim_control_number=None)]
    )
    assert b"REF*F8" not in written and b":B:1*" in written
    replaced = write_837p(envelope, [claim])
    assert b"REF*F8*ICN000000001~" in replaced and b"OLDICN" not in replaced


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_writer_that_errs_is_caught(
    batches_of: BatchesOf, file_of: Callable[..., bytes], draws: st.DataObject
) -> None:
    """Any element of the written file altered, any segment lost or doubled: not given back."""
    change = Change("2400[1]/SV101-3", None, "59")
    ((envelope, (claim,), _),) = batches_of(file_of(), lambda _: (change,))
    written = write_837p(envelope, [claim])
    editor = ClaimEditor(claim.texts, envelope.delimiters, claim.source)
    editor.apply(claim.changes)
    edited: Edited = editor.done()
    check_written(written, envelope, [claim], [edited])
    segments = written.decode().split("~\n")[:-1]
    at = draws.draw(st.integers(4, len(segments) - 4))
    how = draws.draw(st.sampled_from(["alter", "lose", "double", "swap"]))
    before = list(segments)
    if how == "alter":
        elements = segments[at].split("*")
        which = draws.draw(st.integers(1, len(elements) - 1))
        elements[which] += "9"
        segments[at] = "*".join(elements)
        if elements[0] == "HL" and which in (1, 2, 4):
            return  # numbered anew anyway
    elif how == "lose":
        del segments[at]
    elif how == "double":
        segments.insert(at, segments[at])
    elif at + 1 < len(segments) - 3:
        segments[at], segments[at + 1] = segments[at + 1], segments[at]
    if segments == before:
        return
    segments[-3] = f"SE*{len(segments) - 4}*0001"
    spoiled = ("~\n".join(segments) + "~\n").encode()
    try:
        check_written(spoiled, envelope, [claim], [edited])
    except EdiError:
        return
    # Where a segment that is new in the replacement may stand is the guide's to say.
    assert check_text(spoiled) != ()


def test_charges_keep_their_cents(
    batches_of: BatchesOf, file_of: Callable[..., bytes], claim_of: Callable[..., Any]
) -> None:
    lines = [
        practice.Line(procedure_code="62323", charge_cents=10001),
        practice.Line(procedure_code="20610", charge_cents=10050),
    ]
    ((envelope, (claim,), _),) = batches_of(file_of(claim_of("PCN1", *lines)))
    changes = (Change("2400[2]", "HC:20610", None), Change("2300/CLM02", "200.51", "100.01"))
    written = write_837p(envelope, [claim._replace(changes=changes)])
    ((read, _),) = emitted_claims(written)
    assert read.total_claim_charge_amount == Decimal("100.01")
