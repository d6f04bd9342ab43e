"""gzip and zip files of the inbox: their members, one at a time, within limits.

A member becomes a file of its own, archived by its own digest, so that all that comes later
reads it like any other; the package is archived as it was received. Nothing is unpacked before
its stated size is looked at, and nothing is believed that a package states: what comes out is
counted while it is written.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from edi.problem import EdiError, Problem
from edi.source import SourceRef

MOST_MEMBERS = 1000
HIGHEST_RATIO = 300
"""X12 text shrinks to a tenth or a thirtieth; a bomb is a thousand times its size."""
_RATIO_COUNTS_FROM = 1 << 22
_PIECE = 1 << 18
_LONGEST_NAME = 200
_UNREADABLE = (
    zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError,
    NotImplementedError, struct.error, ValueError,
)  # fmt: skip
"""What the standard library raises for damaged, encrypted or unknown packages."""


class Member(NamedTuple):
    """A file out of a package. ``problem`` where it may not be read as one; None where it may."""

    name: str
    path: Path
    digest: str
    size: int
    problem: Problem | None


def kind_of_package(path: Path) -> str:
    """What a file is packed as: "gzip", "zip", or "" for neither.

    Raises: OSError.
    """
    with path.open("rb") as file:
        return _kind(file.read(4))


def _kind(head: bytes) -> str:
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    return "zip" if head in (b"PK\x03\x04", b"PK\x05\x06") else ""


def _refused(digest: str, code: str, found: str, expected: str) -> EdiError:
    return EdiError(Problem(code, SourceRef(digest), "file", found, expected))


def _unreadable(digest: str) -> EdiError:
    return _refused(digest, "UNREADABLE_ARCHIVE", "a damaged or encrypted archive",
                    "a gzip or zip file that opens without a password")  # fmt: skip


def unpack(path: Path, digest: str, folder: Path, *, max_file_bytes: int) -> Iterator[Member]:
    """The members of a package, written to ``folder`` one after the other.

    Raises: EdiError, for a package that cannot or may not be unpacked; OSError.
    """
    limit = _Limit(digest, path.stat().st_size, max_file_bytes)
    try:
        if kind_of_package(path) == "gzip":
            with gzip.open(path) as source:
                yield _write(source, path.name, folder / "1", limit)
            return
        with zipfile.ZipFile(path) as package:
            # ZipInfo.is_dir() fails on a member without a name.
            files = [i for i in package.infolist() if not i.filename.endswith("/")]
            if not files or len(files) > MOST_MEMBERS:
                raise _refused(digest, "ARCHIVE_MEMBER_COUNT", str(len(files)),
                               f"1 to {MOST_MEMBERS}")  # fmt: skip
            for number, info in enumerate(files, 1):
                with package.open(info) as source:
                    name = member_name(path.name, number, info.filename)
                    yield _write(source, name, folder / str(number), limit)
    except _UNREADABLE:
        raise _unreadable(digest) from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a damaged directory points in front of the file
            raise
        raise _unreadable(digest) from None


def member_name(package: str, number: int, name: str) -> str:
    """What a member is called: its package, its place there, and its own name made harmless.

    >>> member_name("drop.zip", 2, "../../out/remit 1.835")
    'drop.zip.2.remit_1.835'
    """
    own = re.sub(r"[^A-Za-z0-9._-]", "_", name.replace("\\", "/").rpartition("/")[2])[-60:]
    return f"{package[:100]}.{number}.{own}"


class _Limit:
    """What may come out of a package, all members together."""

    def __init__(self, digest: str, packed: int, most: int) -> None:
        self.digest, self._most, self._written = digest, most, 0
        self._by_ratio = max(_RATIO_COUNTS_FROM, packed * HIGHEST_RATIO)

    def add(self, count: int) -> None:
        self._written += count
        if self._written > self._most:
            raise _refused(self.digest, "FILE_TOO_LARGE", f"over {self._most} bytes unpacked",
                           f"{self._most} at most")  # fmt: skip
        if self._written > self._by_ratio:
            raise _refused(self.digest, "ARCHIVE_RATIO", f"over {HIGHEST_RATIO} times its size",
                           "text that was packed")  # fmt: skip


def _write(source: IO[bytes] | gzip.GzipFile, name: str, target: Path, limit: _Limit) -> Member:
    sha, size, head = hashlib.sha256(), 0, b""
    with target.open("wb") as out:
        while piece := source.read(_PIECE):
            limit.add(len(piece))
            head = head or piece[:4]
            sha.update(piece)
            out.write(piece)
            size += len(piece)
    digest, problem = sha.hexdigest(), None
    if _kind(head):
        problem = Problem("NESTED_ARCHIVE", SourceRef(digest), "file", f"a {_kind(head)} file "
                          "in an archive", "an interchange")  # fmt: skip
    return Member(name, target, digest, size, problem)
