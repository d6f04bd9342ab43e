"""What a payer takes and until when: ``payers.toml`` as typed profiles.

A window that is left out is unknown, not unlimited: whatever depends on it needs a person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = ("commercial", "medicare_part_b", "medicare_advantage", "medicaid")
_FROM = ("remittance", "service")
_BILATERAL = ("modifier_50", "rt_lt_lines")
_DISTINCT = ("x", "59")


class BadPayers(ValueError):
    """``payers.toml`` can't be used; ``problems`` says in words what is wrong, all of it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("payers.toml: " + "; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyLimit:
    """At most ``sessions`` of a group of procedures per region in ``months``, rolling.

    ``sessions`` None: no cap, only ``min_days_between``.
    """

    group: str
    per: str = "region"
    sessions: int | None = None
    months: int = 12
    min_days_between: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerProfile:
    """One payer of ``payers.toml``, or a stand-in for one that is not there.

    ``replacement_claims`` None is "unknown": nothing is emitted. Days None are unknown.
    ``claim_filing`` empty: any line of business under these ids. ``bilateral`` None: unknown.
    ``distinct_modifier``: what says that two services were distinct, "x" for XE, XP, XS and XU or
    "59" for payers that do not take those; None: "x".
    ``known`` is False for the stand-in.
    """

    name: str
    ids: tuple[str, ...]
    kind: str = "commercial"
    claim_filing: tuple[str, ...] = ()
    replacement_claims: bool | None = None
    bilateral: str | None = None
    distinct_modifier: str | None = None
    corrected_claim_days: int | None = None
    corrected_claim_from: str = "remittance"
    appeal_days: int | None = None
    original_claim_days: int | None = None
    frequency_limits: tuple[FrequencyLimit, ...] = ()
    regions: tuple[tuple[str, ...], ...] = ()
    source: str | None = None
    source_date: date | None = None
    known: bool = True

    @property
    def is_medicare_part_b(self) -> bool:
        """Part B takes no replacement (frequency 7) or void (8) in an 837P."""
        return self.kind == "medicare_part_b"

    def disagrees_with(self, claim_filing: str | None) -> bool:
        """Whether a claim says that it is Medicare Part B's (SBR09) and the profile does not.

        A profile without ``kind`` is commercial, which nobody may have meant; one
        that names MB in ``claim_filing`` was written for such claims.
        """
        return (
            claim_filing == "MB"
            and self.known
            and not self.is_medicare_part_b
            and "MB" not in self.claim_filing
        )


class _Table:
    """One ``[[payer]]`` while it is read; notes what does not hold and reads on."""

    def __init__(self, found: dict[str, Any], title: str, problems: list[str]) -> None:
        self.found, self.title, self.problems = dict(found), title, problems

    def _bad(self, name: str, wanted: str) -> None:
        self.problems.append(f"{self.title}: {name} must be {wanted}")

    def take(self, name: str, kind: type, default: Any, wanted: str) -> Any:
        value = self.found.pop(name, default)
        if value is default:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._bad(name, wanted)
            return default
        return value

    def text(self, name: str, default: str | None = None) -> str | None:
        value = self.take(name, str, default, "text in quotes")
        return value.strip() or default if isinstance(value, str) else default

    def one_of(self, name: str, values: Sequence[str], default: str | None) -> str | None:
        value = self.text(name, default)
        if value is not default and value not in values:
            self._bad(name, "one of " + ", ".join(values))
            return default
        return value

    def days(self, name: str) -> int | None:
        value = self.take(name, int, None, "a whole number of days")
        if value is not None and not 0 < value <= 3660:
            self._bad(name, "from 1 to 3660 days")
            return None
        return int(value) if value is not None else None

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.take(name, list, (), "a list of texts in quotes")
        if not all(isinstance(v, str) and v.strip() for v in value):
            self._bad(name, "a list of texts in quotes")
            return ()
        return tuple(v.strip() for v in value)

    def left_over(self) -> None:
        if self.found:
            self.problems.append(f"{self.title}: unknown key {', '.join(sorted(self.found))}")


def _replacement_claims(table: _Table, kind: str) -> bool | None:
    value = table.found.pop("replacement_claims", None)
    if value in (None, "unknown"):
        return False if kind == "medicare_part_b" else None
    if not isinstance(value, bool):
        table.problems.append(
            f"{table.title}: replacement_claims must be true, false or 'unknown' in quotes"
        )
        return None
    if value and kind == "medicare_part_b":
        table.problems.append(
            f"{table.title}: Medicare Part B takes no replacement claims; "
            "replacement_claims must be false"
        )
        return False
    return value


def _limits(table: _Table) -> tuple[FrequencyLimit, ...]:
    limits = []
    for n, found in enumerate(table.take("frequency_limits", list, [], "a list of tables"), 1):
        if not isinstance(found, dict):
            table.problems.append(f"{table.title}: frequency_limits[{n}] must be a table")
            continue
        inner = _Table(found, f"{table.title}, frequency_limits[{n}]", table.problems)
        group = inner.text("group")
        per = inner.one_of("per", ("region", "site", "member"), "region") or "region"
        sessions, gap = inner.days("sessions"), inner.days("min_days_between")
        months = inner.days("months")
        inner.left_over()
        if not group:
            table.problems.append(f"{inner.title}: group is missing")
            continue
        limits.append(
            FrequencyLimit(
                group=group, per=per, sessions=sessions, months=months or 12, min_days_between=gap
            )
        )
    return tuple(limits)


def _regions(table: _Table) -> tuple[tuple[str, ...], ...]:
    value = table.take("regions", list, [], "a list of lists of regions")
    if not all(isinstance(r, list) and all(isinstance(x, str) for x in r) for r in value):
        table.problems.append(f"{table.title}: regions must be a list of lists of regions")
        return ()
    return tuple(tuple(r) for r in value)


def _profile(found: dict[str, Any], position: int, problems: list[str]) -> PayerProfile:
    table = _Table(found, f"payer {position}", problems)
    name, ids = table.text("name"), table.texts("ids")
    if not name:
        problems.append(f"payer {position}: name is missing")
    else:
        table.title = f"payer {position} ({name})"
    if not ids:
        problems.append(f"{table.title}: ids must name at least one id of the payer")
    kind = table.one_of("kind", KINDS, "commercial") or "commercial"
    profile = PayerProfile(
        name=name or "",
        ids=ids,
        kind=kind,
        claim_filing=table.texts("claim_filing"),
        replacement_claims=_replacement_claims(table, kind),
        bilateral=table.one_of("bilateral", _BILATERAL, None),
        distinct_modifier=table.one_of("distinct_modifier", _DISTINCT, None),
        corrected_claim_days=table.days("corrected_claim_days"),
        corrected_claim_from=table.one_of("corrected_claim_from", _FROM, _FROM[0]) or _FROM[0],
        appeal_days=table.days("appeal_days"),
        original_claim_days=table.days("original_claim_days"),
        frequency_limits=_limits(table),
        regions=_regions(table),
        source=table.text("source"),
        source_date=table.take("source_date", date, None, "a date without quotes"),
    )
    table.left_over()
    return profile


def normal_id(identifier: str) -> str:
    """An id as it is compared: TRN03 is a tax id behind a 1, and some write it with a dash.

    >>> normal_id("1999999904"), normal_id("99-9999904"), normal_id(" acme1 ")
    ('999999904', '999999904', 'ACME1')
    """
    normal = identifier.strip().upper()
    digits = normal.replace("-", "")
    if digits.isdecimal() and len(digits) == 10 and digits[0] == "1":
        return digits[1:]
    return digits if digits.isdecimal() and len(digits) == 9 else normal


def _overlaps(profiles: Sequence[PayerProfile]) -> list[str]:
    """An id may stand twice only where ``claim_filing`` tells the two apart."""
    taken: dict[tuple[str, str], str] = {}
    problems = []
    for profile in profiles:
        for identifier in dict.fromkeys(map(normal_id, profile.ids)):
            for filing in profile.claim_filing or ("",):
                other = taken.setdefault((identifier, filing), profile.name)
                if other is not profile.name:
                    problems.append(
                        f"id {identifier} stands at {other} and at {profile.name}; "
                        "claim_filing must tell them apart"
                    )
    return problems


def parse_payers(toml_text: str) -> tuple[PayerProfile, ...]:
    """The profiles of ``payers.toml``.

    Raises: BadPayers with everything that is wrong, in words.
    """
    try:
        found = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise BadPayers([f"not TOML: {error}"]) from None
    problems: list[str] = []
    tables = found.pop("payer", [])
    if found:
        problems.append("unknown table or key " + ", ".join(sorted(found)))
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise BadPayers([*problems, "payers are tables that begin with [[payer]]"])
    profiles = tuple(_profile(t, n, problems) for n, t in enumerate(tables, 1))
    problems += _overlaps(profiles)
    if problems:
        raise BadPayers(problems)
    return profiles


def find_payer(
    profiles: Iterable[PayerProfile], ids: Sequence[str], claim_filing: str | None = None
) -> PayerProfile:
    """The profile that goes by one of ``ids`` (the first that is known decides).

    A profile that names this line of business (``claim_filing``, SBR09 or CLP06) goes before
    one that takes any. Unknown payers are commercial, and whether they take replacements is
    not known.

    >>> find_payer((), ["87726"]).replacement_claims is None
    True
    """
    known = tuple(profiles)
    for identifier in map(normal_id, ids):
        mine = [p for p in known if identifier in map(normal_id, p.ids)]
        exact = [p for p in mine if claim_filing and claim_filing in p.claim_filing]
        for profile in (*exact, *(p for p in mine if not p.claim_filing)):
            return profile
    return PayerProfile(name="", ids=tuple(ids), known=False)


def payer_key(
    profiles: Iterable[PayerProfile], payer_id: str | None, claim_filing: str | None = None
) -> str:
    """What tells whether two claims went to one payer, whichever of its ids each names.

    >>> payer_key((), " 87726 ") == payer_key((), "87726"), payer_key((), None)
    (True, '')
    """
    profile = find_payer(profiles, (payer_id or "",), claim_filing)
    return "/".join((normal_id(profile.ids[0]), *profile.claim_filing))
