"""Every file ever accepted, by its SHA-256, byte for byte; and files put down atomically."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from warehouse.settings import Settings


def archived(settings: Settings, digest: str) -> Path:
    """Where the bytes with this digest lie (or would lie)."""
    return settings.folder("archive") / digest[:2] / digest


def sync_folder(folder: Path) -> None:
    """Make a rename or link in this folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_down(source: BinaryIO, target: Path) -> None:
    """Write a file so that it is there whole or not at all, and stays after a power cut."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with part.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)
    sync_folder(target.parent)


def archive(settings: Settings, path: Path, digest: str) -> Path:
    """Keep a file's bytes; nothing happens where they are kept already."""
    target = archived(settings, digest)
    if not target.exists():
        with path.open("rb") as source:
            put_down(source, target)
        target.chmod(0o440)
    return target
