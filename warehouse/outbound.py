"""Approved claims to finished files: enveloped, checked, held against the never-list, recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from edi import read_837p
from edi.change import Change
from edi.claim import Claim
from edi.claim_text import ClaimTexts, cut_claim, cut_header
from edi.deeper_check import brought_in
from edi.element import Delimiters
from edi.envelope import ByteRange
from edi.level import BALANCE
from edi.outbound_claim import OutboundClaim, OutboundEnvelope
from edi.problem import EdiError, Problem
from edi.survey import survey_file
from edi.validate import check_text
from edi.write_837p import write_837p
from rules.decision import Correction
from rules.never import forbidden
from rules.new_claim import returned_lines
from rules.references import indicator_0_pairs
from warehouse import tables as t
from warehouse.archive import archived, put_down
from warehouse.archived_claim import claim_bytes_of, payer_key_of
from warehouse.database import Terminal, allocate
from warehouse.facts import ClaimFile
from warehouse.file_rows import add_transaction
from warehouse.load_claims import load_claims
from warehouse.sent_lines import carry_positions, control_numbers
from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Ready:
    """One claim that may go: its corrections, the changes they make, and who let it go."""

    claim_file: ClaimFile
    corrections: tuple[Correction, ...]
    changes: tuple[Change, ...]
    claim_frequency_code: str
    payer_claim_control_number: str | None
    corrections_digest: str
    charge_amount: Decimal
    by_person: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished file that is not written down yet."""

    claims: tuple[Ready, ...]
    content: bytes
    interchange_control_number: str
    folder: str


Failure = tuple[Ready, str]


def render(
    connection: Connection, settings: Settings, ready: list[Ready], *, as_of: date, now: datetime
) -> Iterator[Rendered | Failure]:
    """One file for each original sender, receiver and delimiters; what can't go, with why.

    A claim that fails a check is left out and the rest of its file goes.
    """
    groups: dict[tuple[str, ...], list[Ready]] = {}
    for one in ready:
        groups.setdefault(_route(one.claim_file.submission), []).append(one)
    for group in groups.values():
        number = _next_number(connection, settings)
        good, failures = _sift(settings, group, number, as_of, now)
        yield from failures
        if good:
            content = _write(settings, good, number, as_of, now)
            _reserve(connection, number)
            folder = "shadow" if settings.emission.mode == "shadow" else "outbox"
            yield Rendered(tuple(good), content, number, folder)


def _route(s: Row[Any]) -> tuple[str, ...]:
    """What a file has in common: sender, receiver, usage and delimiters of the originals."""
    isa, gs = s.isa.split(s.delimiters[0]), s.gs.split(s.delimiters[0])
    return (*isa[1:9], isa[15], gs[2], gs[3], s.delimiters)


def _next_number(connection: Connection, settings: Settings) -> str:
    """The next ISA13: ours count up from the setting, and none is ever used twice."""
    reserved = connection.execute(
        select(t.id_block.c.next_id).where(t.id_block.c.table_name == "interchange_control_number")
    ).scalar()
    first = settings.emission.first_interchange_control_number
    number = max(first, int(reserved or 0))
    if number > 999_999_999:
        raise Terminal("the interchange control numbers are used up")
    return f"{number:09d}"


def _reserve(connection: Connection, number: str) -> None:
    b = t.id_block
    changed = connection.execute(
        update(b)
        .where(b.c.table_name == "interchange_control_number")
        .values(next_id=int(number) + 1)
    ).rowcount
    if not changed:
        connection.execute(
            insert(b).values(table_name="interchange_control_number", next_id=int(number) + 1)
        )


def _sift(
    settings: Settings, group: list[Ready], number: str, as_of: date, now: datetime
) -> tuple[list[Ready], list[Failure]]:
    """The claims of a group that pass every check together; the others one by one with why."""
    if not _fault(settings, group, number, as_of, now):
        return group, []
    good: list[Ready] = []
    failures: list[Failure] = []
    for one in group:
        fault = _fault(settings, [one], number, as_of, now)
        if fault:
            failures.append((one, fault))
        else:
            good.append(one)
    if good and (fault := _fault(settings, good, number, as_of, now)):
        return [], [*failures, *((one, fault) for one in good)]
    return good, failures


def _fault(
    settings: Settings, group: list[Ready], number: str, as_of: date, now: datetime
) -> str | None:
    """Why these claims can't go as one file; None where they can."""
    try:
        content = _write(settings, group, number, as_of, now)
    except EdiError as error:
        return f"the claim could not be written: {error}"
    refused = [p for p in check_text(content) if p.level <= BALANCE]
    if refused:
        return f"the 5010 guide's check does not accept it: {refused[0]}"
    emitted = read_back(content)
    if len(emitted) != len(group):
        return "the finished file does not hold the claims that were put into it"
    for one, claim in zip(group, emitted, strict=True):
        facts = one.claim_file.facts
        if flaws := _brought_in(settings, one, claim, content):
            return f"its corrections bring in what the guide refuses: {flaws[0]}"
        returned = returned_lines(facts) if one.claim_frequency_code == "1" else ()
        violations = forbidden(
            facts.claim,
            claim,
            payer=facts.payer,
            corrections=one.corrections,
            evidence=facts.evidence,
            # Another code may stand in a pair in which the billed one did not.
            indicator_0_pairs=facts.indicator_0_pairs | indicator_0_pairs(claim, facts.references),
            open_submission=facts.open_submission,
            lines=sorted(returned) or None,
            adjudications=facts.adjudications,
        )
        if violations:
            return f"the never-list forbids it ({violations[0].code}): {violations[0].reason}"
    return None


def _brought_in(
    settings: Settings, one: Ready, claim: Claim, content: bytes
) -> tuple[Problem, ...]:
    """What does not hold of the finished claim and held of its original."""
    delimiters = Delimiters(*one.claim_file.submission.delimiters)
    after = cut_claim(BytesIO(content), claim.bytes, delimiters)
    return brought_in(_original_texts(settings, one), after, delimiters)


def _original_texts(settings: Settings, one: Ready) -> ClaimTexts:
    s = one.claim_file.submission
    with archived(settings, s.sha256).open("rb") as file:
        return cut_claim(file, claim_bytes_of(s), Delimiters(*s.delimiters))


def read_back(content: bytes) -> list[Claim]:
    """The claims of a finished file, read anew from its bytes.

    Raises: EdiError.
    """
    file = BytesIO(content)
    found = survey_file(file, "", len(content))
    return [
        event
        for interchange, _, transaction in found.transactions()
        for event in read_837p.read_transaction(file, transaction, interchange.delimiters)
        if isinstance(event, Claim)
    ]


def _write(
    settings: Settings, group: list[Ready], number: str, as_of: date, now: datetime
) -> bytes:
    first = group[0].claim_file.submission
    delimiters = Delimiters(*first.delimiters)
    claims = []
    for one in group:
        claims.append(_outbound_claim(one, _original_texts(settings, one), number))
    with archived(settings, first.sha256).open("rb") as file:
        header = cut_header(file, ByteRange(first.byte_start, first.byte_end), delimiters)
        line_end = _line_end(file, first, delimiters)
    isa = tuple(first.isa.split(delimiters.element))
    envelope = OutboundEnvelope(
        isa=isa,
        gs=tuple(first.gs.split(delimiters.element)),
        delimiters=delimiters,
        header=header,
        interchange_control_number=number,
        group_control_number=str(int(number)),
        transaction_set_control_number="0001",
        originator_application_transaction_identifier=f"R{number}",
        created_at=datetime.combine(as_of, now.time()),
        line_end=line_end,
    )
    return write_837p(envelope, claims)


def _line_end(file: Any, s: Row[Any], delimiters: Delimiters) -> str:
    """What stands after a terminator in the original: nothing, or a line end."""
    file.seek(s.byte_end)
    after = file.read(2).decode("latin-1")
    if delimiters.segment in "\r\n":
        return ""
    return after if after == "\r\n" else ("\n" if after.startswith("\n") else "")


def _outbound_claim(one: Ready, texts: ClaimTexts, number: str) -> OutboundClaim:
    claim = one.claim_file.facts.claim
    return OutboundClaim(
        texts,
        one.claim_frequency_code,
        one.payer_claim_control_number,
        one.changes,
        control_numbers(claim, one.changes, number),
        claim.source,
    )


def record(
    connection: Connection, settings: Settings, rendered: Rendered, *, as_of: date, now: datetime
) -> str:
    """Decision, numbers, times and bytes of one file in the caller's one transaction; its name."""
    digest = hashlib.sha256(rendered.content).hexdigest()
    name = f"reclaim_{rendered.interchange_control_number}.837"
    shadow = rendered.folder == "shadow"
    put_down(BytesIO(rendered.content), archived(settings, digest))
    submissions = _load(connection, settings, rendered, digest, name, shadow, now)
    outbound_file_id = connection.execute(
        insert(t.outbound_file).values(
            file_name=name,
            folder=rendered.folder,
            sha256=digest,
            interchange_control_number=rendered.interchange_control_number,
            content=rendered.content,
            state="approved",
            made_on=as_of,
            approved_at=now,
        )
    ).inserted_primary_key[0]  # type: ignore[index]
    for one, emitted in zip(rendered.claims, submissions, strict=True):
        _record_claim(connection, settings, one, emitted, outbound_file_id, shadow)
    return name


def _load(
    connection: Connection,
    settings: Settings,
    rendered: Rendered,
    digest: str,
    name: str,
    shadow: bool,
    now: datetime,
) -> list[int]:
    """The file's claims as submissions like any other; their keys in the file's order."""
    file_id = allocate(connection, "file", 1)
    with archived(settings, digest).open("rb") as file:
        found = survey_file(file, digest, len(rendered.content))
        interchange, group, transaction = next(found.transactions())
        connection.execute(
            insert(t.file).values(
                file_id=file_id,
                file_name=name,
                origin="shadow" if shadow else "emitted",
                sha256=digest,
                byte_count=len(rendered.content),
                kind="837P",
                status="loaded",
                interchange_control_number=rendered.interchange_control_number,
                claim_count=transaction.claim_count,
                service_line_count=transaction.line_count,
                charge_cents=int(transaction.charge_amount * 100),
                segment_count=transaction.segment_count,
                mapped_count=transaction.segment_count,
                received_at=now,
                checked_at=now,
            )
        )
        transaction_id = add_transaction(
            connection, file_id, "837P", interchange, group, transaction
        )
        load_claims(
            connection, file, transaction, interchange.delimiters, file_id=file_id,
            transaction_id=transaction_id, first_position=0,
            origin="shadow" if shadow else "emitted",
        )  # fmt: skip
    s = t.submission
    return list(
        connection.execute(
            select(s.c.submission_id).where(s.c.file_id == file_id).order_by(s.c.claim_position)
        ).scalars()
    )


def _record_claim(
    connection: Connection,
    settings: Settings,
    one: Ready,
    emitted: int,
    outbound_file_id: int,
    shadow: bool,
) -> None:
    s = one.claim_file.submission
    # With a corrected member id it would count as another claim; it is an answer to this one.
    connection.execute(
        update(t.submission)
        .where(t.submission.c.submission_id == emitted, t.submission.c.claim_id != s.claim_id)
        .values(claim_id=s.claim_id)
    )
    carry_positions(connection, s.submission_id, emitted, one.changes)
    outbound_claim_id = connection.execute(
        insert(t.outbound_claim).values(
            outbound_file_id=outbound_file_id,
            submission_id=s.submission_id,
            emitted_submission_id=emitted,
            claim_id=s.claim_id,
            payer_key=payer_key_of(settings, s),
            claim_frequency_code=one.claim_frequency_code,
            payer_claim_control_number=one.payer_claim_control_number,
            charge_cents=int(one.charge_amount * 100),
            paid_before_cents=int(one.claim_file.facts.paid_amount * 100),
            corrections_digest=one.corrections_digest,
            state="approved",
            is_open=not shadow,
        )
    ).inserted_primary_key[0]  # type: ignore[index]
    c, d = t.correction, t.denial
    if shadow:
        return
    connection.execute(
        update(c)
        .where(c.c.submission_id == s.submission_id, c.c.status == "approved")
        .values(status="emitted", outbound_claim_id=outbound_claim_id)
    )
    connection.execute(
        update(d)
        .where(d.c.submission_id == s.submission_id, d.c.status == "approved")
        .values(status="emitted")
    )
