"""What is remembered of pyx12's work changes no verdict of it, nor any finding."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pyx12.map_if
import pyx12.params
import pyx12.x12n_document

from edi import pyx12_adapter
from edi.divide import Share
from edi.envelope import Interchange
from edi.problem import NotX12
from edi.pyx12_adapter import Check, CheckFailed, Finding
from edi.survey import survey
from edi.validate import _normalised, _padded
from edi.walk import Walks

MUTANTS = 60


_load_map_file = pyx12.map_if.load_map_file


@cache
def read_map(name: str) -> Any:
    """A map by pyx12 itself, once."""
    return _load_map_file(name, pyx12.params.ParamsBase())


@pytest.fixture(autouse=True)
def _maps_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyx12 reads its XML anew for every file, a tenth of a second each."""
    monkeypatch.setattr(pyx12.map_if, "load_map_file", lambda name, *_: read_map(name))


def findings(segments: list[str], terminator: str = "~") -> list[Finding | str]:
    """What the check finds, and the kind of what it stumbles over."""
    check = Check(segments[0], segments[1:], terminator)
    found: list[Finding | str] = []
    try:
        found.extend(check)
    except CheckFailed as failure:
        found.append(failure.kind)
    return found


def findings_without_memory(
    segments: list[str], monkeypatch: pytest.MonkeyPatch, terminator: str = "~"
) -> list[Finding | str]:
    """The same where pyx12 reads, walks and looks at every segment itself."""
    with monkeypatch.context() as patch:
        patch.setattr(Walks, "find", lambda *_: ())
        patch.setattr(Walks, "remember", lambda *_: None)
        patch.setattr(Check, "_looks_odd", lambda *_: True)
        patch.setattr(pyx12_adapter, "_SOUND_KEPT", 0)
        patch.setattr(Check, "_shape", lambda *_: object())
        return findings(segments, terminator)


def plain_verdict(segments: list[str], terminator: str = "~") -> bool | None:
    """x12n_document's: None where it raises."""
    text = "".join(s + terminator for s in segments)
    try:
        return bool(
            pyx12.x12n_document.x12n_document(
                pyx12.params.params(), io.StringIO(text), None, None
            )
        )  # fmt: skip
    except Exception:
        return None


def mutants(segments: list[str], seed: int, count: int = MUTANTS) -> Iterator[list[str]]:
    """The file with one to three pieces of damage, the ISA and its end left alone."""
    draw = random.Random(seed)
    for _ in range(count):
        damaged = list(segments)
        for _ in range(draw.randint(1, 3)):
            nth = draw.randrange(1, len(damaged) - 1)
            elements = damaged[nth].split("*")
            match draw.randrange(7):
                case 0:
                    del damaged[nth]
                case 1:
                    damaged.insert(nth, damaged[draw.randrange(1, len(damaged) - 1)])
                case 2:
                    other = draw.randrange(1, len(damaged) - 1)
                    damaged[nth], damaged[other] = damaged[other], damaged[nth]
                case 3:
                    elements[draw.randrange(len(elements))] = draw.choice(
                        ("", "ZZ9", "1", "a b", "X" * 90, "HC:", ":", "XX", "20261399")
                    )
                    damaged[nth] = "*".join(elements)
                case 4:
                    damaged[nth] = "*".join(elements[: draw.randint(1, len(elements))])
                case 5:
                    damaged[nth] += draw.choice(("*", "*X", ":", "*:", "*A^B", " "))
                case _:
                    damaged[nth] = draw.choice(("ZZZ*1", "N3", "x1*2", "LX*", "HL*9**20*1"))
        yield damaged


def says_true_whatever(found: list[Finding | str]) -> bool:
    """Where ST, or what is around the sets, is wrong, pyx12's driver drops what it has reported."""
    return any(isinstance(f, Finding) and (f.segment <= 1 or not f.transaction) for f in found)


def agree(segments: list[str], terminator: str = "~") -> bool:
    """Asserts the same verdict; False where one of the two stumbled over the damage."""
    found, plain = findings(segments, terminator), plain_verdict(segments, terminator)
    if plain is None or any(isinstance(f, str) for f in found):
        return False
    places = [(f.code, f.place) for f in found if isinstance(f, Finding)]
    assert (not found) == plain or (plain and says_true_whatever(found)), places[:3]
    return True


@pytest.fixture
def files(
    file_of: Callable[..., bytes],
    claim_of: Callable[..., Any],
    dependent: Any,
    good_835: bytes,
) -> list[list[str]]:
    claims = file_of(claim_of("P1"), claim_of("P2", patient=dependent), claim_of("P3")).decode()
    # Two PLBs are right, and pyx12's driver says they are not.
    payment = good_835.decode().replace("PLB*1999999984*20261231*L6:ICN1*-5~\n", "")
    payment = payment.replace("SE*20", "SE*19").replace("BPR*I*65", "BPR*I*60")
    return [text.split("~\n")[:-1] for text in (claims, payment)]


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_get_pyx12_s_verdict(files: list[list[str]], seed: int) -> None:
    for segments in files:
        assert findings(segments) == []
        compared = sum(agree(damaged) for damaged in mutants(segments, seed))
        assert compared > MUTANTS * 0.6


@pytest.mark.parametrize("seed", range(6))
def test_no_finding_is_lost_or_added(
    files: list[list[str]], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for segments in files:
        for damaged in mutants(segments, seed):
            assert findings(damaged) == findings_without_memory(damaged, monkeypatch)


def interchanges(path: Path) -> Iterator[tuple[list[str], Interchange]]:
    try:
        found = survey(path)
    except NotX12:
        return
    with path.open("rb") as file:
        for interchange in found.interchanges:
            texts = _normalised(file, Share(interchange, False))
            yield [_padded(interchange), *texts], interchange


def sample_agrees(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.stat().st_size > 60_000:
        pytest.skip("long")
    for segments, interchange in interchanges(path):
        terminator = interchange.delimiters.segment
        found = findings(segments, terminator)
        assert found == findings_without_memory(segments, monkeypatch, terminator)
        agree(segments, terminator)


def test_public_claims_get_pyx12_s_verdict(
    sample_837p: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_agrees(sample_837p, monkeypatch)


def test_public_remittances_get_pyx12_s_verdict(
    sample_835: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_agrees(sample_835, monkeypatch)
