"""A file checked in shares has the problems it has as a whole."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from edi.divide import divide
from edi.problem import Problem
from edi.survey import survey_file
from edi.validate import divide_file, validate, validate_share

SIZE = 3000


@pytest.fixture
def big(file_of: Callable[..., bytes], claim_of: Callable[..., object]) -> bytes:
    """An 837P of six sets, each of two claims."""
    one = file_of(claim_of("PCN1"), claim_of("PCN2")).decode()
    start, end = one.index("ST*837"), one.index("GE*1*")
    body = one[start:end]
    number = body[7:].partition("*")[0]
    sets = [
        body.replace(f"ST*837*{number}", f"ST*837*{n:04d}").replace(f"*{number}~\nGE", f"*{n:04d}~")
        for n in range(1, 7)
    ]
    sets = [text[: text.rindex("*")] + f"*{n:04d}~\n" for n, text in enumerate(sets, 1)]
    return (one[:start] + "".join(sets) + one[end:].replace("GE*1*", "GE*6*")).encode()


def in_shares(path: Path) -> tuple[list[Problem], int]:
    problems, shares = divide_file(path, SIZE)
    found = [*problems, *(p for s in shares for p in validate_share(path, s))]
    return found, len(shares)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("NM1*82*1*", "NM1*82*7*"),
        ("HL*2*1*22*0", "HL*2*1*22*1"),
        ("CLM*PCN2", "CLM*PCN1"),
        ("DTP*472*D8*20260314", "DTP*472*D8*20261314"),
        ("PRV*PE*PXC", "ZZZ*PE*PXC"),
        ("*123456789", "*12345678"),
    ],
)
def test_shares_say_what_the_whole_says(big: bytes, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "big.837"
    text = big.decode()
    middle = text.index("ST*837*0004")
    path.write_text(text[:middle] + (text[middle:].replace(old, new, 1) if old else text[middle:]))
    found, shares = in_shares(path)
    assert shares > 1
    assert sorted(found) == sorted(validate(path))
    assert bool(found) == bool(old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ST*837*0004", "ST*837*0003"),
        ("GE*6*", "GE*5*"),
        ("SE*", "NTE*ADD*X~\nSE*"),
        ("~\nGE*", "~\nZZZ*1~\nGE*"),
        ("~\nST*837*0005", "~\nZZZ*1~\nST*837*0005"),
    ],
)
def test_what_can_t_be_cut_stays_whole(big: bytes, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "big.837"
    assert old in big.decode()
    path.write_bytes(big.replace(old.encode(), new.encode(), 1))
    found, shares = in_shares(path)
    assert shares == 1
    assert sorted(found) == sorted(validate(path)) != []


def test_a_share_counts_its_sets_on(big: bytes) -> None:
    file = BytesIO(big)
    [interchange] = survey_file(file, "", len(big)).interchanges
    shares = divide(file, interchange, SIZE)
    assert [s.transactions_before for s in shares] == [0, 3]
    assert sum(len(s.interchange.groups[0].transactions) for s in shares) == 6
    assert not divide(file, interchange)[0].is_part
