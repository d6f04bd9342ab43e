"""What the imported code-set files say of claims, looked up for many claims at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import permutations
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from rules.references import AOC, MUE, PTP, AddOn, PairEdit, References, UnitLimit
from rules.registry import may_become
from warehouse import tables as t
from warehouse.load import batches
from warehouse.reference import ReferenceFile, coverage, list_files
from warehouse.reference_rows import OPEN_END

PAIRS_AT_ONCE = 400


class BilledCode(NamedTuple):
    """A procedure code of a claim on the first day of its line."""

    procedure_code: str
    service_date: date


def references_of(connection: Connection, submission_ids: list[int]) -> dict[int, References]:
    """What the imported files say of each submission's codes on their days.

    And of the codes that a correction may bill in their place.
    """
    line = t.submitted_line
    billed: dict[int, list[BilledCode]] = {key: [] for key in submission_ids}
    for row in connection.execute(
        select(line.c.submission_id, line.c.procedure_code, line.c.service_date).where(
            line.c.submission_id.in_(submission_ids), line.c.service_date.is_not(None)
        )
    ):
        for code in (row.procedure_code, *sorted(may_become(row.procedure_code))):
            billed[row.submission_id].append(BilledCode(code, row.service_date))
    return ReferenceLookup(connection).of(billed)


class _Valid(NamedTuple):
    """One file for one range of days. A newer one goes before an older one."""

    valid_from: date
    reference_file_id: int
    valid_to: date
    name: str

    def is_for(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


class ReferenceLookup:
    """The imported files of a warehouse, asked by code and day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        files = list_files(connection)
        self.coverage = coverage(files)
        self._files = {kind: self._valid(kind, files) for kind in (PTP, MUE, AOC)}

    def _valid(self, kind: str, files: Iterable[ReferenceFile]) -> tuple[_Valid, ...]:
        f = t.reference_file
        keys = {
            row.sha256: row.reference_file_id
            for row in self._connection.execute(
                select(f.c.sha256, f.c.reference_file_id).where(f.c.kind == kind)
            )
        }
        found = [
            _Valid(x.valid_from, keys[x.sha256], x.valid_to, x.file_name)
            for x in files
            if x.kind == kind
        ]
        return tuple(sorted(found, reverse=True))

    def of(self, claims: Mapping[int, Iterable[BilledCode]]) -> dict[int, References]:
        """What concerns each claim; the keys are the caller's."""
        billed = {key: tuple(codes) for key, codes in claims.items()}
        wanted = {code.procedure_code for codes in billed.values() for code in codes}
        pairs = self._pairs(billed) if self._files[PTP] else {}
        limits = self._by_code(t.reference_mue, "procedure_code", wanted, MUE)
        add_ons = self._by_code(t.reference_aoc, "add_on_code", wanted, AOC)
        return {
            key: References(
                coverage=self.coverage,
                pairs=tuple(self._edits(codes, pairs)),
                unit_limits=tuple(self._limits(codes, limits)),
                add_ons=tuple(self._add_ons(codes, add_ons)),
            )
            for key, codes in billed.items()
        }

    def _ids(self, kind: str) -> list[int]:
        return sorted({f.reference_file_id for f in self._files[kind]})

    def _pairs(
        self, billed: Mapping[int, tuple[BilledCode, ...]]
    ) -> dict[tuple[str, str], dict[int, list[Any]]]:
        """Rows of every pair of codes that one claim has, by pair and file."""
        wanted = {
            pair
            for codes in billed.values()
            for pair in permutations({code.procedure_code for code in codes}, 2)
        }
        found: dict[tuple[str, str], dict[int, list[Any]]] = {}
        keys = ", ".join(str(key) for key in self._ids(PTP))
        mark = "?" if self._connection.dialect.name == "sqlite" else "%s"
        for some in batches(sorted(wanted), PAIRS_AT_ONCE):
            # Joined, not "in": so SQLite goes by the whole key of each pair. As text, because
            # this is asked of every claim and building it would take longer than the answer.
            these = ", ".join([f"({mark}, {mark})"] * len(some))
            rows = self._connection.exec_driver_sql(
                f"with these (one, other) as (values {these}) select p.* from these "
                "join reference_ptp as p on p.column_1 = these.one and p.column_2 = these.other "
                f"where p.reference_file_id in ({keys})",
                tuple(code for pair in some for code in pair),
            )
            for row in rows:
                pair = found.setdefault((row.column_1, row.column_2), {})
                pair.setdefault(row.reference_file_id, []).append(row)
        return found

    def _by_code(
        self, table: Any, column: str, wanted: Iterable[str], kind: str
    ) -> dict[str, dict[int, list[Any]]]:
        found: dict[str, dict[int, list[Any]]] = {}
        keys = self._ids(kind)
        if not keys:
            return found
        for some in batches(sorted(wanted), PAIRS_AT_ONCE):
            for row in self._connection.execute(
                select(table).where(
                    table.c.reference_file_id.in_(keys), table.c[column].in_(some)
                )
            ):  # fmt: skip
                code = found.setdefault(row._mapping[column], {})
                code.setdefault(row.reference_file_id, []).append(row)
        return found

    def _newest(
        self, kind: str, day: date, rows: Mapping[int, list[Any]]
    ) -> tuple[_Valid, list[Any]] | None:
        """The newest file that covers the day and knows the code (or pair) at all."""
        for file in self._files[kind]:
            if file.is_for(day) and file.reference_file_id in rows:
                return file, rows[file.reference_file_id]
        return None

    def _edits(
        self,
        codes: tuple[BilledCode, ...],
        pairs: Mapping[tuple[str, str], Mapping[int, list[Any]]],
    ) -> Iterable[PairEdit]:
        found: dict[PairEdit, None] = {}
        days = {code.service_date for code in codes}
        for one, other in permutations(sorted({code.procedure_code for code in codes}), 2):
            rows = pairs.get((one, other))
            for day in sorted(days) if rows else ():
                newest = self._newest(PTP, day, rows or {})
                for row in newest[1] if newest else ():
                    # Deleted as of its own first day: the edit was taken back, and never counted.
                    if row.effective_to <= row.effective_from or row.modifier_indicator == 9:
                        continue
                    file = newest[0]  # type: ignore[index]
                    first, last = _within(file, row)
                    if first <= day <= last:
                        indicator = str(row.modifier_indicator)
                        found[PairEdit(one, other, indicator, first, last, file.name)] = None
        return found

    def _limits(
        self, codes: tuple[BilledCode, ...], limits: Mapping[str, Mapping[int, list[Any]]]
    ) -> Iterable[UnitLimit]:
        found: dict[UnitLimit, None] = {}
        for code, day in codes:
            newest = self._newest(MUE, day, limits.get(code, {}))
            if newest is not None:
                file, (row,) = newest
                indicator = str(row.adjudication_indicator)
                found[UnitLimit(code, row.units, indicator, file.valid_from, file.valid_to,
                                file.name)] = None  # fmt: skip
        return found

    def _add_ons(
        self, codes: tuple[BilledCode, ...], add_ons: Mapping[str, Mapping[int, list[Any]]]
    ) -> Iterable[AddOn]:
        found: dict[AddOn, None] = {}
        for code, day in codes:
            newest = self._newest(AOC, day, add_ons.get(code, {}))
            for row in newest[1] if newest else ():
                file = newest[0]  # type: ignore[index]
                first, last = _within(file, row)
                if first <= day <= last:
                    kind = str(row.type_code)
                    found[AddOn(code, row.primary_code, kind, first, last, file.name)] = None
        return found


def _within(file: _Valid, row: Any) -> tuple[date, date]:
    """The days on which a row counts, within those of its file."""
    first = max(_day(row.effective_from), file.valid_from)
    last = file.valid_to
    if row.effective_to != OPEN_END:
        last = min(last, _day(row.effective_to))
    return first, last
