"""Damage of every kind done to a good file: seeded, so that what broke can be made again."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable

Mutator = Callable[[random.Random, bytes], bytes]

_DELIMITERS = b"*:~^|>'\n\x1c\x1d\x1e"
_ODD_NAMES = ("plain.x12", "a\nb", "\u202e538.x", "rf", "…", "..x", "a b;c", "é" * 60, "n" * 250,
              "x.json", ".hidden", "\\xff", "\udcff", "con.837", "~", "a%00b")  # fmt: skip


def _place(rng: random.Random, data: bytes) -> int:
    """Anywhere, but more often behind the ISA, where a file stays readable."""
    return rng.randrange(len(data)) if rng.random() < 0.2 else rng.randrange(106, len(data))


def flip(rng: random.Random, data: bytes) -> bytes:
    """A few bytes become others."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        out[_place(rng, data)] = rng.choice((rng.randrange(256), rng.choice(b"0123456789.-A*~:")))
    return bytes(out)


def digit(rng: random.Random, data: bytes) -> bytes:
    """One digit becomes another: a count, an amount, a date, a control number."""
    places = [i for i in range(106, min(len(data), 100_000)) if 48 <= data[i] <= 57]
    if not places:
        return data
    at = rng.choice(places)
    return data[:at] + b"%d" % rng.randrange(10) + data[at + 1 :]


def cut(rng: random.Random, data: bytes) -> bytes:
    """The end is missing, or the beginning."""
    at = _place(rng, data)
    return data[:at] if rng.random() < 0.8 else data[at:]


def hole(rng: random.Random, data: bytes) -> bytes:
    """A piece is missing."""
    at = _place(rng, data)
    return data[:at] + data[at + rng.randrange(1, 200) :]


def swap(rng: random.Random, data: bytes) -> bytes:
    """Two segments change places."""
    segments = data.split(b"~")
    if len(segments) < 2:
        return data
    a, b = rng.randrange(len(segments)), rng.randrange(1, len(segments))
    segments[a], segments[b] = segments[b], segments[a]
    return b"~".join(segments)


def repeat(rng: random.Random, data: bytes) -> bytes:
    """A segment twice, or a run of them."""
    segments = data.split(b"~")
    if len(segments) < 2:
        return data
    at = rng.randrange(1, len(segments))
    run = segments[at : at + rng.choice((1, 1, 5, 20))]
    return b"~".join(segments[:at] + run * rng.choice((2, 3)) + segments[at + len(run) :])


def twice(rng: random.Random, data: bytes) -> bytes:
    """The whole file again behind itself, with the same or other delimiters, or garbage between."""
    other = data.replace(b"*", b"|").replace(b"~", b"'") if rng.random() < 0.5 else data
    return data + rng.choice((b"", b"\r\n", b"Kind regards")) + other


def delimiter(rng: random.Random, data: bytes) -> bytes:
    """A delimiter becomes another byte everywhere, or in one place."""
    old, new = rng.choice(b"*:~"), rng.choice(_DELIMITERS)
    if rng.random() < 0.5:
        return data.replace(bytes([old]), bytes([new]))
    at = data.find(bytes([old]), _place(rng, data))
    return data[:at] + bytes([new]) + data[at + 1 :] if at >= 0 else data


def shape(rng: random.Random, data: bytes) -> bytes:
    """Line ends, blanks, wrapping, capitals: harmless alone."""
    return rng.choice((
        lambda d: d.replace(b"~\n", b"~\r\n"),
        lambda d: d.replace(b"~\n", b"~"),
        lambda d: d.replace(b"~\n", b"\n"),
        lambda d: d.replace(b"~\n", b"  ~\n\t"),
        lambda d: b"\xef\xbb\xbf" + d,
        lambda d: d.removesuffix(b"~\n"),
        lambda d: b"\n".join(d.replace(b"\n", b"")[i : i + 80] for i in range(0, len(d), 80)),
        lambda d: d[:106] + d[106:].lower(),
        lambda d: b"*".join(e.strip() for e in d[:105].split(b"*")) + d[105:],
    ))(data)  # fmt: skip


def binary(rng: random.Random, data: bytes) -> bytes:
    """Random bytes, NULs among them, put in or in place of all."""
    noise = rng.choice((rng.randbytes(rng.randrange(1, 2000)), bytes(rng.randrange(1, 500))))
    if rng.random() < 0.2:
        return noise
    at = _place(rng, data)
    return data[:at] + noise + data[at:]


def empty_segments(rng: random.Random, data: bytes) -> bytes:
    """Terminators in a row, elements without content."""
    at = _place(rng, data)
    return data[:at] + rng.choice((b"~~", b"~\n~\n~", b"***", b"::::")) * 3 + data[at:]


def huge_element(rng: random.Random, data: bytes) -> bytes:
    """An element of up to a megabyte, or a number with hundreds of digits."""
    at = data.find(b"*", _place(rng, data)) + 1
    fill = rng.choice((b"A" * (1 << 20), b"9" * 400, b"1E400", b"\xb2", b"-0.000000001"))
    return data[:at] + fill + data[at:]


def packed(rng: random.Random, data: bytes) -> bytes:
    """gzip and zip: whole, cut, several members, nested, and bombs."""
    kind = rng.randrange(6)
    if kind == 0:
        return gzip.compress(data)
    if kind == 1:
        return gzip.compress(data)[: rng.randrange(3, 200)]
    if kind == 2:
        return gzip.compress(bytes(5 << 20))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for n in range(rng.randrange(1, 4)):
            member = {3: flip(rng, data), 4: gzip.compress(data), 5: bytes(5 << 20)}[kind]
            package.writestr(f"../{n}\n.x12", member)
    found = out.getvalue()
    return found if rng.random() < 0.7 else flip(rng, found)


MUTATORS: tuple[Mutator, ...] = (
    flip, digit, digit, cut, hole, swap, repeat, twice, delimiter, shape, binary, empty_segments,
    huge_element, packed,
)  # fmt: skip


def mutate(rng: random.Random, data: bytes) -> bytes:
    """One kind of damage, now and then two."""
    out = rng.choice(MUTATORS)(rng, data)
    if rng.random() < 0.25 and len(out) > 200:
        out = rng.choice(MUTATORS)(rng, out)
    return out


def odd_name(rng: random.Random, number: int) -> str:
    """A name that no two files share, of 255 bytes at most."""
    if rng.random() >= 0.3:
        return f"{number}.x12"
    name = rng.choice(("", "", "-", "..", "\n")) + str(number) + rng.choice(_ODD_NAMES)
    return name[:255] if name.isascii() else name
