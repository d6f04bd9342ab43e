"""What we sent, held against the contract long after: the bytes, the ledger and the originals.

Knows nothing of how a replacement is made. The original comes out of the archive, the sent claim
out of the ledger's bytes, and every place that differs has to be one that a correction names or
that section 5 of the contract always allows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from edi.change import AMOUNTS, parse_place, parse_split
from edi.claim import Claim
from edi.claim_text import cut_claim
from edi.compare import Difference, always_allowed, differences
from edi.element import Delimiters
from edi.envelope import Interchange
from edi.level import BALANCE
from edi.problem import EdiError
from edi.read_837p import read_transaction
from edi.survey import survey_file
from edi.validate import check_text
from edi.write_837p import GUIDE
from warehouse import tables as t
from warehouse.archive import archived
from warehouse.archived_claim import claim_bytes_of, submissions_with_files
from warehouse.settings import Settings

FOLDERS = ("outbox", "shadow")


def ledger(connection: Connection) -> Iterator[Row[Any]]:
    """Every file of ours with its bytes, in the order they were made."""
    o = t.outbound_file
    keys = connection.execute(select(o.c.outbound_file_id).order_by(o.c.outbound_file_id))
    for key in keys.scalars().all():
        yield connection.execute(select(o).where(o.c.outbound_file_id == key)).one()


def names_and_bytes(settings: Settings, sent: Row[Any]) -> Iterator[str]:
    """I7 for one file: digest, ISA13 and name in ledger, bytes and folder are one.

    A partner picks files up: one that is gone is as it should be, one with other bytes never is.
    """
    if hashlib.sha256(sent.content).hexdigest() != sent.sha256:
        yield f"{sent.file_name}: the ledger's bytes do not have the ledger's digest"
    interchange = _interchange(sent.content)
    if interchange is None:
        yield f"{sent.file_name}: the ledger's bytes are no single interchange"
    elif interchange.control_number != sent.interchange_control_number:
        yield (
            f"{sent.file_name}: ISA13 is {interchange.control_number}, "
            f"in the ledger {sent.interchange_control_number}"
        )
    if sent.interchange_control_number not in sent.file_name:
        yield f"{sent.file_name}: the name does not carry {sent.interchange_control_number}"
    for folder in FOLDERS:
        path = settings.folder(folder) / sent.file_name
        if path.is_file() and folder != sent.folder:
            yield f"{folder}/{sent.file_name}: belongs into {sent.folder}/"
        elif path.is_file() and path.read_bytes() != sent.content:
            yield f"{folder}/{sent.file_name}: other bytes than the ledger's"


def unknown_files(settings: Settings, names: Collection[str]) -> Iterator[str]:
    """I7 for the folders: interchanges that would be picked up and that no ledger knows."""
    for folder in FOLDERS:
        if not settings.folder(folder).is_dir():
            continue
        for path in sorted(settings.folder(folder).iterdir()):
            if path.name not in names and not path.name.startswith(".") and _is_x12(path):
                yield f"{folder}/: an interchange of {path.stat().st_size} bytes that we never made"


def _is_x12(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(3) == b"ISA"


def _interchange(content: bytes) -> Interchange | None:
    """The one interchange of these bytes; None where there is none, or are several."""
    try:
        found = survey_file(BytesIO(content), "", len(content))
    except EdiError:
        return None
    return found.interchanges[0] if len(found.interchanges) == 1 else None


def meets_contract(connection: Connection, settings: Settings, sent: Row[Any]) -> Iterator[str]:
    """I8 for one file: a whole interchange that the guide accepts, each claim as section 5 has it.

    Raises: OSError other than a file that is not in the archive.
    """
    name = sent.file_name
    for problem in check_text(sent.content):
        if problem.level > BALANCE:
            continue  # flaws that the original had may go again; emission refuses new ones
        yield f"{name}: {problem.code} at {problem.place}, segment {problem.source.segment}"
    interchange = _interchange(sent.content)
    if interchange is None:
        yield f"{name}: no single interchange"
        return
    for group in interchange.groups:
        if group.version != GUIDE:
            yield f"{name}: GS08 is not {GUIDE}"
        for transaction in group.transactions:
            if transaction.version != GUIDE:
                yield f"{name}: ST03 is not {GUIDE}"
    try:
        claims = _claims(sent.content, interchange)
    except EdiError as error:
        yield f"{name}: {error.problem.code} at {error.problem.place}"
        return
    oc = t.outbound_claim
    rows = connection.execute(
        select(oc)
        .where(oc.c.outbound_file_id == sent.outbound_file_id)
        .order_by(oc.c.emitted_submission_id)
    ).all()
    if len(rows) != len(claims):
        yield f"{name}: claims in the file {len(claims)}, in the ledger {len(rows)}"
        return
    for position, (row, claim) in enumerate(zip(rows, claims, strict=True), 1):
        for violation in _claim(connection, settings, sent, row, claim, interchange.delimiters):
            yield f"{name}, claim {position}: {violation}"


def _claims(content: bytes, interchange: Interchange) -> list[Claim]:
    file = BytesIO(content)
    return [
        event
        for group in interchange.groups
        for transaction in group.transactions
        for event in read_transaction(file, transaction, interchange.delimiters)
        if isinstance(event, Claim)
    ]


def _claim(
    connection: Connection,
    settings: Settings,
    sent: Row[Any],
    row: Row[Any],
    claim: Claim,
    delimiters: Delimiters,
) -> Iterator[str]:
    """One claim against the ledger, and against the submission that it answers for."""
    if claim.claim_frequency_code != row.claim_frequency_code:
        yield "CLM05-3 is not the ledger's"
    if claim.payer_claim_control_number != row.payer_claim_control_number:
        yield "REF*F8 is not the ledger's"
    yield from _number_fits(connection, row)
    [original] = submissions_with_files(connection, [row.submission_id])
    if claim.patient_control_number.strip() != original.patient_control_number:
        yield "CLM01 is not the original's"
    if Delimiters(*original.delimiters)._replace(repetition="") != delimiters._replace(
        repetition=""
    ):
        yield "its delimiters are not the original's"
        return
    path = archived(settings, original.sha256)
    if not path.exists():
        yield "the original is not in the archive"
        return
    with path.open("rb") as file:
        before = cut_claim(file, claim_bytes_of(original), delimiters)
    after = cut_claim(BytesIO(sent.content), claim.bytes, delimiters)
    named = _named(connection, row, sent.folder == "shadow")
    removed = {p.line for p in map(parse_place, named) if p.is_line and named[str(p)] == {None}}
    added = {p.line: _origin(named[str(p)]) for p in map(parse_place, named)
             if p.is_line and named[str(p)] != {None}}  # fmt: skip
    found = differences(before, after, delimiters, removed_lines=removed, added_lines=added)
    for difference in found:
        if not always_allowed(difference, lines_removed=bool(removed)) and not _is_named(
            difference, named
        ):
            yield f"{difference.place} differs, and no correction of it names that"
    if sent.folder != "shadow":
        missing = set(named) - {difference.place for difference in found}
        yield from (f"the correction of {place} is not in it" for place in sorted(missing))


def _origin(values: set[str | None]) -> int:
    """The line that an added one is split from."""
    return max((parse_split(v).origin for v in values if v), default=0)


def _number_fits(connection: Connection, row: Row[Any]) -> Iterator[str]:
    """REF*F8: with frequency 7 and 8 a number the payer gave this claim, with 1 none."""
    number = row.payer_claim_control_number
    if (row.claim_frequency_code in ("7", "8")) != (number is not None):
        yield f"frequency {row.claim_frequency_code} {'with' if number else 'without'} REF*F8"
        return
    cp, s = t.claim_payment, t.submission
    if number is not None and not (
        connection.execute(
            select(cp.c.claim_payment_id)
            .join(s, s.c.submission_id == cp.c.submission_id)
            .where(s.c.claim_id == row.claim_id, cp.c.payer_claim_control_number == number)
        ).first()
    ):
        yield "REF*F8 is no number that the payer gave this claim"


def _named(connection: Connection, row: Row[Any], is_shadow: bool) -> dict[str, set[str | None]]:
    """New values by place, of the corrections that went with the claim.

    A shadow takes no correction with it: any that the submission ever had may be in it.
    """
    c = t.correction
    of_claim = (
        c.c.submission_id == row.submission_id
        if is_shadow
        else c.c.outbound_claim_id == row.outbound_claim_id
    )
    named: dict[str, set[str | None]] = {}
    for place, value in connection.execute(select(c.c.place, c.c.new_value).where(of_claim)):
        named.setdefault(str(parse_place(place)), set()).add(value or None)
    return named


def _is_named(difference: Difference, named: dict[str, set[str | None]]) -> bool:
    values = named.get(difference.place, set())
    if difference.new in values:
        return True
    if difference.place.rpartition("/")[2] not in AMOUNTS:
        return False
    return any(_number(difference.new) == _number(v) is not None for v in values)


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
