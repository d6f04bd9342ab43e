"""Every shape in which a drop arrives: packages, encodings, odd names, what is no file."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from simulator.volume import Volume
from warehouse import tables as t
from warehouse.accept import accept
from warehouse.archive import archived
from warehouse.database import Warehouse
from warehouse.inbox import register
from warehouse.quarantine import items
from warehouse.receive import receive_file
from warehouse.settings import FOLDERS, IntakeSettings, Settings

NOW = datetime(2026, 11, 1, 8)
Drop = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small 837P and the 835 that answers it."""
    folder = tmp_path_factory.mktemp("files")
    Volume(claims=3, lines=2, seed=5).write(folder)
    return {p.suffix: p.read_bytes() for p in folder.iterdir()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home without settings to wait for."""
    home = tmp_path / "home"
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True)
    return Settings(home=home, intake=IntakeSettings(settle_seconds=0, max_file_bytes=10 << 20))


@pytest.fixture
def drop(warehouse: Warehouse, settings: Settings) -> Drop:
    """Puts bytes into inbox/, receives all that lies there, gives the rows of mart_file."""

    def put(data: bytes, name: str | bytes = "drop.x12") -> list[Any]:
        (settings.folder("inbox") / os.fsdecode(name)).write_bytes(data)
        for file_id in register(warehouse, settings, now=NOW)[0]:
            receive_file(warehouse, settings, file_id, now=NOW)
        with warehouse.read() as connection:
            return list(connection.execute(select(t.file).order_by(t.file.c.file_id)))

    return put


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return out.getvalue()


def test_gzip_is_read_as_what_is_in_it(
    drop: Drop, files: dict[str, bytes], settings: Settings
) -> None:
    packed = gzip.compress(files[".837"])
    (row,) = drop(packed, "claims.837.gz")
    assert (row.kind, row.status, row.claim_count) == ("837P", "loaded", 3)
    assert archived(settings, row.sha256).read_bytes() == files[".837"]
    assert sum(p.read_bytes() == packed for p in settings.folder("archive").rglob("*")
               if p.is_file()) == 1  # fmt: skip
    assert not list(settings.folder("inbox").iterdir())


def test_a_member_without_a_name_ends_no_run(drop: Drop, files: dict[str, bytes]) -> None:
    packed = bytearray(zipped(a=files[".837"]))
    # Of the directory's entry: no byte of name, one of extra field.
    struct.pack_into("<HH", packed, packed.rindex(b"PK\x01\x02") + 28, 0, 1)
    (row,) = drop(bytes(packed), "drop.zip")
    assert row.status == "quarantined" and row.reason_code == "UNREADABLE_ARCHIVE"


def test_every_member_of_a_zip_is_a_row(drop: Drop, files: dict[str, bytes]) -> None:
    data = zipped(**{"../a.837": files[".837"], "b\n.835": files[".835"], "notes.txt": b"Dear"})
    rows = drop(data, "drop.zip")
    assert [(r.kind, r.status, r.reason_code) for r in rows] == [
        ("837P", "loaded", None), ("835", "loaded", None), ("other", "quarantined", "NOT_X12"),
    ]  # fmt: skip
    assert [r.file_name for r in rows] == ["drop.zip.1.a.837", "drop.zip.2.b_.835",
                                           "drop.zip.3.notes.txt"]  # fmt: skip
    again = drop(zipped(other=files[".837"]), "again.zip")
    assert (again[-1].status, again[-1].reason_code) == ("duplicate", "SAME_BYTES")
    assert again[-1].reason == f"the same bytes as file {rows[0].file_id}"


def test_packages_in_packages_are_refused(drop: Drop, files: dict[str, bytes]) -> None:
    inner = zipped(a=files[".837"])
    assert [r.reason_code for r in drop(zipped(inner=inner), "nested.zip")] == ["NESTED_ARCHIVE"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(os.urandom(11 << 20), 0), "FILE_TOO_LARGE"),
        (gzip.compress(bytes(1 << 23)), "ARCHIVE_RATIO"),
        (zipped(**{f"m{i}": b"x" for i in range(1001)}), "ARCHIVE_MEMBER_COUNT"),
        (zipped(), "ARCHIVE_MEMBER_COUNT"),
        (gzip.compress(b"ISA" * 999)[:-9], "UNREADABLE_ARCHIVE"),
        (zipped(a=b"ISA" * 999)[:-9], "UNREADABLE_ARCHIVE"),
        (zipped(a=b"ISA" * 999).replace(b"\x14\0\0\0", b"\x14\0\1\0"), "UNREADABLE_ARCHIVE"),
    ],
    ids=["too large", "bomb", "many members", "no member", "cut gzip", "cut zip", "encrypted"],
)  # fmt: skip
def test_packages_that_cannot_be_trusted_are_refused(drop: Drop, data: bytes, code: str) -> None:
    (row,) = drop(data, "drop.bin")
    assert (row.status, row.reason_code) == ("quarantined", code)


@pytest.mark.parametrize(
    "shape",
    [
        lambda d: b"\xef\xbb\xbf" + d,
        lambda d: d.replace(b"DEMO PAIN", "DÉMO PAIN".encode("latin-1")),
        lambda d: d.replace(b"DEMO PAIN", "DÉMO PAIN".encode()),
        lambda d: d.replace(b"~\n", b"~\r\n"),
        lambda d: d.replace(b"~\n", b"~\r"),
        lambda d: d.replace(b"~\n", b"\n"),
        lambda d: d.replace(b"~\n", b"  ~\n\t "),
        lambda d: d.replace(b"~\nCLM", b"~\nclm").replace(b"~\nHL", b"~\nhl"),
        lambda d: d.removesuffix(b"~\n"),
        lambda d: d + b"\n\n   \x1a",
        lambda d: b"*".join(e.strip() for e in d[:105].split(b"*")) + d[105:],
        lambda d: b"\n".join(d.replace(b"\n", b"")[i : i + 80] for i in range(0, len(d), 80)),
        lambda d: d.replace(b"*", b"|").replace(b":", b">").replace(b"~", b"'"),
    ],
    ids=["bom", "latin-1", "utf-8", "crlf", "cr", "newline ends", "padded", "lower case",
         "no last terminator", "text after", "collapsed isa", "wrapped", "delimiters"],
)  # fmt: skip
def test_harmless_shapes_load(
    drop: Drop, files: dict[str, bytes], shape: Callable[[bytes], bytes]
) -> None:
    for kind, data in ((".837", files[".837"]), (".835", files[".835"])):
        rows = drop(shape(data), f"drop{kind}")
        assert (rows[-1].status, rows[-1].claim_count) == ("loaded", 3)
        assert not rows[-1].quarantined_claim_count


def test_utf_16_and_old_versions_are_refused_by_code(drop: Drop, files: dict[str, bytes]) -> None:
    drop(files[".837"].decode().encode("utf-16"), "wide")
    drop(files[".837"].replace(b"005010X222A1", b"004010X098A1"), "old")
    rows = drop(files[".835"].replace(b"ST*835", b"ST*820"), "other")
    assert [r.reason_code for r in rows] == ["UNSUPPORTED_ENCODING", "UNSUPPORTED_GUIDE",
                                             "UNSUPPORTED_TRANSACTION_SET"]  # fmt: skip
    assert all(r.kind == "other" and r.status == "quarantined" for r in rows)


@pytest.mark.parametrize(
    "name",
    ["a\nb.837", "\u202e738.x", "n" * 255, "-rf", "..837", "a;b 'c\".837", "é.837",
     b"\xff\xfe\\.837", "x.json"],
)  # fmt: skip
@pytest.mark.parametrize("damaged", [False, True])
def test_any_name_will_do(
    drop: Drop, files: dict[str, bytes], settings: Settings, name: str | bytes, damaged: bool
) -> None:
    (row,) = drop(b"Dear all" if damaged else files[".837"], name)
    assert row.status == ("quarantined" if damaged else "loaded")
    assert not list(settings.folder("inbox").iterdir())
    assert len(list(settings.folder("quarantine").iterdir())) == (2 if damaged else 0)


@pytest.mark.parametrize("packed", [False, True])
def test_a_name_in_no_encoding_is_that_of_every_part(
    drop: Drop, files: dict[str, bytes], packed: bool
) -> None:
    data = zipped(a=files[".837"], b=files[".835"]) if packed else files[".837"] + files[".835"]
    rows = drop(data, b"\xff.837")
    assert [(r.kind, r.status) for r in rows] == [("837P", "loaded"), ("835", "loaded")]
    assert all(r.file_name.startswith("\\xff.837") for r in rows)


def test_an_interchange_without_an_isa_is_set_apart_beside_a_whole_one(
    drop: Drop, files: dict[str, bytes], settings: Settings
) -> None:
    """Its claims are no mere text behind an IEA."""
    rows = drop(files[".837"] + files[".835"].replace(b"ISA*", b"ISB*"))
    assert [(r.kind, r.status, r.reason_code, r.claim_count) for r in rows] == [
        ("837P", "loaded", None, 3), ("other", "quarantined", "INVALID_ISA", 0),
    ]  # fmt: skip
    assert len(list(settings.folder("quarantine").iterdir())) == 2


def test_what_is_no_file_stays_and_is_named(
    drop: Drop, files: dict[str, bytes], warehouse: Warehouse, settings: Settings
) -> None:
    inbox = settings.folder("inbox")
    (inbox / "folder").mkdir()
    (inbox / "link").symlink_to("/etc/hostname")
    os.mkfifo(inbox / "fifo")
    assert len(drop(files[".837"])) == 1
    assert register(warehouse, settings, now=NOW) == ([], ["fifo", "folder", "link"])


def test_a_wrong_count_can_be_accepted(
    drop: Drop, files: dict[str, bytes], warehouse: Warehouse, settings: Settings
) -> None:
    data = files[".837"]
    (row,) = drop(data.replace(b"\nGE*1*", b"\nGE*9*"), "n" * 250)
    assert row.reason_code == "TRANSACTION_SET_COUNT_MISMATCH"
    (item,) = items(warehouse)
    accepted = accept(warehouse, settings, item.quarantine_id, by="biller.b", now=NOW)
    assert (accepted.status, accepted.claim_count) == ("loaded", 3)
