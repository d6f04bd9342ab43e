"""One file on its way into the warehouse: what becomes of it, in one transaction."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from edi.envelope import FunctionalGroup, Interchange, Survey, TransactionSet
from edi.problem import EdiError, Problem, UnreadableClaim
from edi.source import SourceRef
from edi.survey import survey_file
from warehouse import tables as t
from warehouse.archive import archive
from warehouse.database import Warehouse, allocate
from warehouse.file_rows import (
    add_problems,
    add_transaction,
    claims_before,
    counts_of,
    interchange_key,
)
from warehouse.inbox import stored_name
from warehouse.intake import Part, Refused, acknowledging, plan
from warehouse.load import Loaded
from warehouse.load_acknowledgments import load_answers, load_interchange_acknowledgments
from warehouse.load_claims import load_claims
from warehouse.load_payments import load_payments
from warehouse.part_outcome import check_counts, outcome_of
from warehouse.quarantine import keep_refused_file, set_apart
from warehouse.same_payment import SamePayment, compare_payment
from warehouse.settings import Settings
from warehouse.unpack import Member


class Received(NamedTuple):
    """What became of one file. Counts are of what was loaded by this call."""

    file_id: int
    status: str
    kind: str = "other"
    reason_code: str | None = None
    claim_count: int = 0
    quarantined: int = 0
    problem_count: int = 0


def _together(found: list[Received]) -> Received:
    """What became of a file of several parts: that of the first, and the counts of all."""
    return found[0]._replace(
        claim_count=sum(f.claim_count for f in found),
        quarantined=sum(f.quarantined for f in found),
        problem_count=sum(f.problem_count for f in found),
    )


class IncomingFile:
    """One file on its way into the warehouse."""

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        file_id: int,
        path: Path,
        digest: str,
        size: int,
        mark: str | None,
        now: datetime,
    ) -> None:
        self._warehouse, self._settings, self._file_id = warehouse, settings, file_id
        self._path, self._digest, self._size, self._mark = path, digest, size, mark
        self._now = now
        self.settings, self.path, self.digest = settings, path, digest
        self.survey: Survey
        self._name = stored_name(path.name)
        self._problem: Problem | None = None
        self._parts: tuple[Part, ...] = ()

    def receive(self) -> Received:
        """What becomes of the file: loaded, duplicate or quarantined, all in one transaction."""
        self.prepare()
        with self._warehouse.write() as connection:
            return self._already(connection) or self._store(connection)

    def refuse(self, problem: Problem) -> Received:
        """The file as a whole into quarantine, whatever is in it."""
        self._problem = problem
        with self._warehouse.write() as connection:
            return self._already(connection) or self._store(connection)

    def prepare(self) -> None:
        """What can be done before the transaction: the survey, the plan, the archive."""
        if self._problem is not None:
            return
        try:
            self._parts = self._plan()
        except EdiError as error:
            self._problem = error.problem
        if any(part.sets or part.kind == "TA1" for part in self._parts):
            archive(self._settings, self._path, self._digest)

    def _store(self, connection: Connection) -> Received:
        if self._problem is not None:
            return self._refuse(connection, self._problem)
        if (twin := self._twin(connection)) is not None:
            return self._finish_duplicate(connection, twin)
        parts = enumerate(self._parts, 1)
        return _together([self.load_part(connection, n, p) for n, p in parts])

    def member(self, member: Member) -> IncomingFile:
        """A file out of this one; its row is made when it is stored."""
        found = IncomingFile(self._warehouse, self._settings, self._file_id, member.path,
                             member.digest, member.size, None, self._now)  # fmt: skip
        found._name, found._problem = stored_name(member.name), member.problem
        return found

    def store_members(self, members: list[IncomingFile]) -> Received:
        """The members of this package: the first in its row, the others in rows of their own."""
        with self._warehouse.write() as connection:
            if (done := self._already(connection)) is not None:
                return done
            found = []
            for number, member in enumerate(members, 1):
                if number == 1:
                    member._mark = self._mark
                else:
                    inbox_name = f"member {number} of {self._file_id}"
                    member._file_id = self._add_row(connection, member._name, number, inbox_name)
                self._update(connection, member._file_id, {"file_name": member._name})
                found.append(member._store(connection))
            return _together(found)

    def _add_row(self, connection: Connection, name: str, part: int, inbox_name: str) -> int:
        file_id = allocate(connection, "file", 1)
        connection.execute(
            insert(t.file).values(
                file_id=file_id, file_name=name, part=part, status="waiting",
                inbox_name=inbox_name, received_at=self._now,
            )
        )  # fmt: skip
        return file_id

    def _plan(self) -> tuple[Part, ...]:
        limit = self._settings.intake.max_file_bytes
        if self._size > limit:
            source = SourceRef(self._digest)
            raise EdiError(
                Problem("FILE_TOO_LARGE", source, "file", f"{self._size} bytes", f"{limit} at most")
            )
        with self._path.open("rb") as file:
            self.survey = survey_file(file, self._digest, self._size)
        return plan(self._path, self.survey)

    def _already(self, connection: Connection) -> Received | None:
        """What another worker made of the file in the meantime; None where it is still ours."""
        row = connection.execute(
            select(t.file.c.status, t.file.c.kind).where(t.file.c.file_id == self._file_id)
        ).one()
        return None if row.status == "waiting" else Received(self._file_id, row.status, row.kind)

    def _twin(self, connection: Connection) -> int | None:
        """The file of the same bytes that was dealt with before; one that we sent counts, too."""
        return connection.execute(
            select(func.min(t.file.c.file_id)).where(
                t.file.c.sha256 == self._digest,
                t.file.c.file_id != self._file_id,
                t.file.c.status.in_(("loaded", "quarantined")),
            )
        ).scalar()

    def _base(self, **values: Any) -> dict[str, Any]:
        return {
            "sha256": self._digest,
            "byte_count": self._size,
            "inbox_mark": self._mark,
            **values,
        }

    def _update(self, connection: Connection, file_id: int, values: dict[str, Any]) -> None:
        connection.execute(update(t.file).where(t.file.c.file_id == file_id).values(**values))

    def _finish_duplicate(self, connection: Connection, twin: int) -> Received:
        kinds = {p.kind for p in plan(self._path, self.survey)}
        kind = kinds.pop() if len(kinds) == 1 else "other"
        sets = [s for _, _, s in self.survey.transactions()]
        self._update(
            connection, self._file_id,
            self._base(
                status="duplicate", kind=kind, reason_code="SAME_BYTES",
                reason=f"the same bytes as file {twin}",
                interchange_control_number=self.survey.interchanges[0].control_number,
                **counts_of(kind, sets),
            ),
        )  # fmt: skip
        return Received(self._file_id, "duplicate", kind, "SAME_BYTES")

    def _refuse(self, connection: Connection, problem: Problem) -> Received:
        """The file as a whole into quarantine."""
        if (twin := self._twin(connection)) is not None:
            self._update(
                connection, self._file_id,
                self._base(status="duplicate", reason_code="SAME_BYTES",
                           reason=f"the same bytes as file {twin}"),
            )  # fmt: skip
            return Received(self._file_id, "duplicate", reason_code="SAME_BYTES")
        keep_refused_file(
            self._settings, self._path, self._name, self._digest, self._file_id, problem, self._now
        )
        self._update(
            connection, self._file_id,
            self._base(status="quarantined", reason_code=problem.code, reason=str(problem)),
        )  # fmt: skip
        set_apart(connection, problem, scope="file", now=self._now, file_id=self._file_id)
        return Received(self._file_id, "quarantined", "other", problem.code, quarantined=1,
                        problem_count=1)  # fmt: skip

    def load_part(self, connection: Connection, number: int, part: Part) -> Received:
        """One row of ``mart_file`` with everything that could be loaded of it."""
        file_id = self._file_id
        if number > 1:
            inbox_name = f"part {number} of {self._file_id}"
            file_id = self._add_row(connection, self._name, number, inbox_name)
        isa = part.interchanges[0].isa
        key = interchange_key(part.interchanges[0])
        refused = list(part.refused)
        loaded, duplicates = Loaded(), []
        sets = part.sets
        before = claims_before(part)
        if self._reused(connection, key, file_id):
            problem = Problem("REUSED_INTERCHANGE", part.interchanges[0].source, "ISA13",
                              part.interchanges[0].control_number,
                              "a number that was not used before")  # fmt: skip
            if self._settings.intake.reused_interchange == "quarantine":
                refused += [Refused("interchange", problem, s.bytes, s.claim_count)
                            for _, _, s in sets]  # fmt: skip
                sets = ()
            else:
                loaded.problems.append(problem)
        with self._path.open("rb") as f:
            for interchange in acknowledging(part, sets):
                loaded.add(
                    load_interchange_acknowledgments(
                        connection, f, interchange, file_id=file_id, now=self._now
                    )
                )
            for interchange, group, transaction in sets:
                try:
                    with connection.begin_nested():
                        loaded.add(
                            self._load_set(
                                connection, f, part.kind, file_id, interchange, group, transaction,
                                before[transaction.source],
                            )
                        )  # fmt: skip
                except SamePayment:
                    duplicates.append(transaction)
                except UnreadableClaim as error:
                    refused.append(Refused("transaction", error.problem, transaction.bytes,
                                           transaction.claim_count))  # fmt: skip
        if len(duplicates) < len(sets):
            loaded.problems += [
                Problem("SAME_PAYMENT", s.source, "TRN02", "a payment that was received before",
                        "one that was not; it is not counted again")
                for s in duplicates
            ]  # fmt: skip
        values = outcome_of(part, loaded, refused, duplicates, len(sets))
        values |= {"sender_id": isa[6].strip(), "interchange_key": key,
                   "interchange_control_number": part.interchanges[0].control_number}  # fmt: skip
        self._update(connection, file_id, self._base(**values))
        self._note(connection, file_id, part, loaded, refused, values["status"])
        return Received(
            file_id, values["status"], part.kind, values["reason_code"], loaded.claim_count,
            len(refused) + len(loaded.unread), len(loaded.problems) + len(refused),
        )  # fmt: skip

    def _reused(self, connection: Connection, key: str, file_id: int) -> bool:
        return (
            connection.execute(
                select(t.file.c.file_id).where(
                    t.file.c.interchange_key == key, t.file.c.file_id != file_id,
                    t.file.c.status == "loaded", t.file.c.origin == "received",
                )
            ).first()
            is not None
        )  # fmt: skip

    def _load_set(
        self,
        connection: Connection,
        f: BinaryIO,
        kind: str,
        file_id: int,
        interchange: Interchange,
        group: FunctionalGroup,
        transaction: TransactionSet,
        claims_before: int,
    ) -> Loaded:
        if kind not in ("837P", "835"):
            return load_answers(
                connection, f, interchange, group, transaction, file_id=file_id, now=self._now
            )
        transaction_id = add_transaction(connection, file_id, kind, interchange, group, transaction)
        if kind == "837P":
            loaded = load_claims(
                connection, f, transaction, interchange.delimiters, file_id=file_id,
                transaction_id=transaction_id, first_position=claims_before, origin="read",
            )  # fmt: skip
        else:
            loaded = load_payments(
                connection, f, transaction, interchange.delimiters, file_id=file_id,
                transaction_id=transaction_id, first_position=claims_before,
            )  # fmt: skip
        check_counts(transaction, loaded, kind)
        if kind == "835":
            compare_payment(connection, loaded, transaction, self._settings.payers)
        return loaded

    def _note(
        self,
        connection: Connection,
        file_id: int,
        part: Part,
        loaded: Loaded,
        refused: list[Refused],
        status: str,
    ) -> None:
        """Problems and what was set apart; a part that is refused whole goes to quarantine/."""
        whole = status == "quarantined"
        if whole and refused:
            keep_refused_file(
                self._settings,
                self._path,
                self._name,
                self._digest,
                file_id,
                refused[0].problem,
                self._now,
            )
        for r in refused:
            scope = "file" if whole and len(refused) == 1 else r.scope
            set_apart(connection, r.problem, scope=scope, now=self._now, file_id=file_id,
                      bytes_=r.bytes, claim_count=r.claim_count)  # fmt: skip
        for problem, bytes_ in loaded.unread:
            set_apart(connection, problem, scope="claim", now=self._now, file_id=file_id,
                      bytes_=bytes_, claim_count=1)  # fmt: skip
        problems = (
            list(self.survey.problems)
            + loaded.problems
            + [r.problem for r in refused]
            + [p for p, _ in loaded.unread]
        )
        add_problems(connection, file_id, "receive", problems)
