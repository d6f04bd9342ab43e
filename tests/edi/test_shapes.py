"""Every harmless shape with every other: the same records and dollars as the clean file."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage.shapes import CHOICES, Shape, shaped
from edi import read_835, read_837p
from edi.claim import Claim
from edi.envelope import Survey
from edi.remittance import ClaimPayment, Remittance
from edi.survey import survey_file
from simulator.volume import Volume

SHAPES = st.builds(Shape, **{name: st.sampled_from(values) for name, values in CHOICES.items()})
NAMES = st.sampled_from([b"DEMO PAIN", "DÉMO PAIN".encode(), "DÉMO".encode("latin-1")])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """An 837P and its 835, and others with other numbers."""
    folder = tmp_path_factory.mktemp("clean")
    for seed in (1, 2):
        Volume(claims=3, lines=2, seed=seed).write(folder / str(seed))
    return [p.read_bytes() for p in sorted(folder.rglob("*")) if p.suffix in (".837", ".835")]


def without_places(value: Any) -> Any:
    """A record without where it was read."""
    if hasattr(value, "_fields"):
        fields = zip(value._fields, value, strict=True)
        return [without_places(v) for name, v in fields if name not in ("source", "bytes")]
    return [without_places(v) for v in value] if isinstance(value, tuple | list) else value


def read(data: bytes) -> tuple[Survey, list[Any]]:
    """What is in a file, and its claims and payments."""
    file = BytesIO(data)
    found = survey_file(file, "", len(data))
    records: list[Any] = []
    for interchange, _, one in found.transactions():
        reader: Any = read_837p if one.identifier_code == "837" else read_835
        for event in reader.read_transaction(file, one, interchange.delimiters):
            if isinstance(event, Claim | ClaimPayment | Remittance):
                records.append((type(event).__name__, without_places(event)))
    return found, records


def totals(found: Survey) -> list[Any]:
    """What was counted, set by set."""
    return [
        (s.identifier_code, s.version, s.control_number, s.segment_count, s.claim_count,
         s.line_count, s.charge_amount, s.payment_amount, s.problems)
        for _, _, s in found.transactions()
    ]  # fmt: skip


def holds(data: list[tuple[bytes, Shape]]) -> None:
    """Nothing differs between the file of these shapes and the clean one."""
    expected, records = read(b"".join(one for one, _ in data))
    found, same = read(b"".join(shaped(one, shape) for one, shape in data))
    assert found.problems == ()
    assert [i.problems for i in found.interchanges] == [()] * len(data)
    assert [g.problems for i in found.interchanges for g in i.groups] == [()] * len(data)
    assert totals(found) == totals(expected)
    assert same == records
    assert [i.control_number for i in found.interchanges] == [
        i.control_number for i in expected.interchanges
    ]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_shapes_of_any_interchanges_together(clean: list[bytes], data: st.DataObject) -> None:
    name = data.draw(NAMES)
    files = data.draw(st.lists(st.sampled_from(clean), min_size=1, max_size=3, unique=True))
    holds([(f.replace(b"DEMO PAIN", name), data.draw(SHAPES)) for f in files])


@pytest.mark.soak
@settings(max_examples=4_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_and_many_more_of_them(clean: list[bytes], data: st.DataObject) -> None:
    name = data.draw(NAMES)
    files = data.draw(st.lists(st.sampled_from(clean), min_size=1, max_size=3, unique=True))
    holds([(f.replace(b"DEMO PAIN", name), data.draw(SHAPES)) for f in files])


@pytest.mark.parametrize("collapsed", [False, True])
def test_lines_may_be_broken_at_any_column(clean: list[bytes], collapsed: bool) -> None:
    for column in range(20, 140):
        holds([(one, Shape(column=column, collapsed=collapsed)) for one in clean[:2]])


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d[:50],
        lambda d: d.replace(b"ISA*", b"ISB*", 1),
        lambda d: d.replace(b"*", b"x", 3),
        lambda d: d[d.index(b"GS*") :],
        lambda d: d[d.index(b"ST*") :],
        lambda d: bytes(300_000) + d.replace(b"ISA*", b"I*", 1),
    ],
    ids=["cut", "other id", "separators gone", "no isa", "no gs", "after padding"],
)
@pytest.mark.parametrize("first", [False, True])
def test_an_interchange_whose_isa_cannot_be_read_is_judged_alone(
    clean: list[bytes], damage: Damage, first: bool
) -> None:
    good, bad = clean[0], damage(clean[1])
    if first and not bad.startswith(b"ISA"):
        return  # a file that does not begin with an ISA is none
    found, records = read(bad + good if first else good + bad)
    assert records == read(good)[1]
    problems = [[p.code for p in i.problems] for i in found.interchanges]
    assert sorted(problems) == [[], ["INVALID_ISA"]]
    [alone] = [i for i in found.interchanges if i.problems]
    assert not alone.has_header and alone.bytes.end - alone.bytes.start <= len(bad) + 1


@pytest.mark.parametrize("letter", [b"Kind regards, LISA", b"ISA", b"VISA card", b"1 Main St. 5"])
def test_a_greeting_is_text(clean: list[bytes], letter: bytes) -> None:
    found, records = read(clean[0] + letter + b"\n" + clean[1])
    assert [p.code for p in found.problems] == ["TRAILING_TEXT"]
    assert records == read(clean[0] + clean[1])[1]


@pytest.mark.parametrize("before", [b"GS*", b"ST*", b"GE*", b"IEA*"])
@pytest.mark.parametrize("shape", [Shape(), Shape(before=b" ")], ids=["plain", "indented"])
def test_a_claim_outside_of_its_set_is_told(
    clean: list[bytes], before: bytes, shape: Shape
) -> None:
    for one in clean[:2]:
        stray = one[one.index(b"\nCL") + 1 :].partition(b"~")[0] + b"~\n"
        at = one.index(b"\n" + before) + 1
        found, _ = read(shaped(one[:at] + stray + one[at:], shape))
        [interchange] = found.interchanges
        problems = [*interchange.problems, *(p for g in interchange.groups for p in g.problems)]
        assert [p.code for p in problems] == ["SEGMENT_NOT_IN_PROPER_SEQUENCE"]


def test_a_set_sent_as_the_wrong_one_spoils_no_other(clean: list[bytes]) -> None:
    """What a reader remembers of a text is what that reader made of it."""
    remittance, claims = sorted(clean[:2], key=lambda d: b"ST*837" in d)
    wrong = remittance.replace(b"ST*835", b"ST*837")
    expected = [without_places(e) for e in _events(BytesIO(remittance), read_835)]
    list(_events(BytesIO(wrong), read_837p))
    with pytest.raises(Exception, match="BPR"):
        list(_events(BytesIO(claims), read_835))
    again = remittance.replace(b"VOL1T", b"VOL9T")
    assert len(list(_events(BytesIO(again), read_835))) == len(expected)
    claim_events = [e for e in _events(BytesIO(claims), read_837p) if isinstance(e, Claim)]
    assert [len(c.service_lines) for c in claim_events] == [2, 2, 2]


def _events(file: BytesIO, reader: Any) -> Any:
    found = survey_file(file, "", len(file.getvalue()))
    for interchange, _, one in found.transactions():
        yield from reader.read_transaction(file, one, interchange.delimiters)


def test_three_delimiters_differ(clean: list[bytes], tmp_path: Path) -> None:
    for delimiters, terminator in (((b"*", b":", b"^"), b":"), ((b"*", b"*", b"^"), b"~")):
        data = shaped(clean[0], Shape(delimiters=delimiters, terminator=terminator))
        with pytest.raises(Exception, match="INVALID_ISA"):
            read(data)
