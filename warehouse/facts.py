"""What a rule is told of a claim, assembled from the archive and the warehouse.

The claim itself is read from its archived bytes, so that a rule sees what was sent and a
correction's places count into it; adjudications, evidence and history are rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Result, Row, func, select, true

from edi.claim import Claim
from rules.classify import PREDETERMINED
from rules.decision import ClaimFacts, DeniedLine
from rules.evidence import EvidenceRecord, Subject
from rules.evidence_reading import parse
from rules.payer import PayerProfile, find_payer, payer_key
from rules.primary_remittance import COORDINATION
from rules.references import indicator_0_pairs
from warehouse import tables as t
from warehouse.archived_claim import ArchivedClaims, submissions_with_files
from warehouse.denials import adjustments_of, dollars, payer_of
from warehouse.denied_lines import denied_line, is_pended, newest_adjudications
from warehouse.evidence_rows import subject_key
from warehouse.family import of_a_family
from warehouse.limited_numbers import numbers_elsewhere
from warehouse.number_chain import newest_number, numbers_of_parts, refusals_among
from warehouse.outcome import BY_PAYER
from warehouse.primary_remittances import primary_remittances
from warehouse.reference_lookup import references_of
from warehouse.settings import Settings
from warehouse.shared_numbers import days_of_others
from warehouse.undecided import fault, is_the_claims_own


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """The facts of one submission with the keys that lead back to the rows.

    ``denials`` are the rows of its denials, ``lines`` the same as rules see them, in one order.
    ``evidence_ids`` leads from a record (by identity) to what it stands on: the key of an evidence
    row, or ``835:`` and that of a claim payment.
    """

    submission: Row[Any]
    facts: ClaimFacts
    denials: tuple[Row[Any], ...]
    lines: tuple[DeniedLine, ...]
    evidence_ids: dict[int, str]


UNSETTLED = ("open", "awaiting_approval", "approved")


class FactsReader:
    """Assembles the facts of submissions, a batch at a time.

    ``statuses``: of the denials that are read with them; None = all. Given some, a denial that a
    person or the payer has closed is not among them. ``unsent``: submissions of ours that have not
    left yet, and count for nothing.
    """

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        *,
        as_of: date,
        statuses: Sequence[str] | None = UNSETTLED,
        unsent: Collection[int] = (),
    ) -> None:
        self._connection, self._settings, self._as_of = connection, settings, as_of
        self._unsent = tuple(unsent)
        self._statuses = statuses
        self._claims = ArchivedClaims(settings)
        self._profiles: dict[tuple[tuple[str, ...], str | None], PayerProfile] = {}
        self._keys: dict[tuple[str | None, str | None], str] = {}

    def close(self) -> None:
        """Close the archived files."""
        self._claims.close()

    def read(
        self, submission_ids: list[int], unread: dict[int, str] | None = None
    ) -> Iterator[ClaimFile]:
        """Facts of each submission with its denials.

        ``unread`` takes the submissions whose facts cannot be put together, and why; without it
        one of them fails the others too.
        """
        if unread is None:
            yield from self._read(submission_ids)
            return
        try:
            found = list(self._read(submission_ids))
        except Exception as error:
            if not is_the_claims_own(error, self._settings):
                raise
            if len(submission_ids) == 1:
                unread[submission_ids[0]] = fault(error)
                return
            found, half = [], len(submission_ids) // 2
            for some in (submission_ids[:half], submission_ids[half:]):
                found += self.read(some, unread)
        yield from found

    def _read(self, submission_ids: list[int]) -> Iterator[ClaimFile]:
        submissions = submissions_with_files(self._connection, submission_ids)
        denials = self._denials(submission_ids)
        payments = self._payments([s.claim_id for s in submissions])
        keys = [p.claim_payment_id for rows in payments.values() for p in rows]
        services = self._services(keys)
        adjustments = adjustments_of(self._connection, keys) if keys else {}
        refusals = refusals_among(
            adjustments, (p for rows in payments.values() for p in rows), services
        )
        siblings = self._siblings([s.claim_id for s in submissions])
        claims = {s.submission_id: self._claims.read(s) for s in submissions}
        profiles = {
            s.submission_id: self._profile(s, payments.get(s.claim_id, ())) for s in submissions
        }
        subjects = {
            s.submission_id: _subjects(s, profiles[s.submission_id], claims[s.submission_id])
            for s in submissions
        }
        evidence = self._evidence({key for keys in subjects.values() for key in keys})
        references = references_of(self._connection, submission_ids)
        on_file = {
            submission_id: _standing(r for key in keys for r in evidence.get(key, ()))
            for submission_id, keys in subjects.items()
        }
        elsewhere = numbers_elsewhere(
            self._connection, self._settings, submissions,
            {k: (r for _, r in rs) for k, rs in on_file.items()},
        )  # fmt: skip
        family = of_a_family(self._connection, self._settings, submissions)
        by_number = {
            key for key, found in on_file.items()
            if any(r.subject.patient_control_number is not None for _, r in found)
        }  # fmt: skip
        others = days_of_others(
            self._connection, [s for s in submissions if s.submission_id in by_number]
        )
        asking = _asking_for_another_payer(adjustments)
        primaries = primary_remittances(
            self._connection, self._settings, self._claims,
            [s for s in submissions if any(
                p.claim_payment_id in asking and p.submission_id == s.submission_id
                for p in payments.get(s.claim_id, ())
            )],
        )  # fmt: skip
        for s in submissions:
            key = self._key(s.payer_id, s.claim_filing_indicator)
            of_payer = [
                p
                for p in payments.get(s.claim_id, ())
                if self._key(p.sent_to, p.sent_as) == key and not p.is_other_payer
            ]
            claim = claims.pop(s.submission_id)
            found = on_file[s.submission_id] + list(primaries.get(s.submission_id, ()))
            facts = ClaimFacts(
                claim=claim,
                payer=profiles[s.submission_id],
                adjudications=newest_adjudications(s, of_payer, services, adjustments),
                evidence=tuple(record for _, record in found),
                paid_amount=sum((dollars(p.payment_cents) for p in of_payer), Decimal(0)),
                corrected_before=any(
                    o.claim_frequency_code == "7" or o.origin == "emitted"
                    for o in siblings.get(s.claim_id, ())
                ),
                open_submission=is_pended(s, of_payer, services, adjustments)
                or _is_open_elsewhere(
                    s,
                    [
                        o
                        for o in siblings.get(s.claim_id, ())
                        if self._key(o.payer_id, o.claim_filing_indicator) == key
                    ],
                ),
                submitted_on=s.submitted_on,
                accepted_on=s.accepted_on,
                as_of=self._as_of,
                references=references[s.submission_id],
                indicator_0_pairs=indicator_0_pairs(claim, references[s.submission_id]),
                numbers_elsewhere=elsewhere.get(s.submission_id, frozenset()),
                member_is_shared=s.submission_id in family,
                same_number_days=others.get(s.submission_id, ()),
            )
            rows = tuple(denials.get(s.submission_id, ()))
            newest = newest_number(of_payer, refusals)
            parts = numbers_of_parts(of_payer, refusals, s.submission_id, s.charge_cents)
            yield ClaimFile(
                s,
                facts,
                rows,
                tuple(
                    denied_line(
                        d,
                        adjustments,
                        parts.get(d.claim_payment_id, newest),
                        of_payer,
                        services,
                        self._other_payer(d),
                    )
                    for d in rows
                ),
                {id(record): key for key, record in found},
            )

    def _denials(self, keys: list[int]) -> dict[int, list[Row[Any]]]:
        d, cp, r = t.denial, t.claim_payment, t.remittance
        rows = self._connection.execute(
            select(
                d,
                cp.c.claim_status_code,
                cp.c.is_balanced,
                cp.c.is_other_payer,
                cp.c.claim_filing_indicator,
                cp.c.payer_claim_control_number,
                r.c.payer_ids,
                r.c.is_balanced.label("remittance_is_balanced"),
            )
            .join(cp, cp.c.claim_payment_id == d.c.claim_payment_id)
            .join(r, r.c.remittance_id == cp.c.remittance_id)
            .where(
                d.c.submission_id.in_(keys),
                (
                    d.c.status.in_(self._statuses)
                    & d.c.closing_id.is_(None)
                    & func.coalesce(d.c.resolution, "").not_in(BY_PAYER)
                )
                if self._statuses is not None
                else true(),
            )
            .order_by(d.c.submission_id, d.c.denial_id)
        )
        return _grouped(rows, "submission_id")

    def _payments(self, claim_ids: list[int]) -> dict[int, list[Row[Any]]]:
        """Adjudications of the claims, oldest first, without those that were taken back."""
        cp, r, s = t.claim_payment, t.remittance, t.submission
        back = cp.alias("back")
        rows = self._connection.execute(
            select(cp, r.c.payment_date, r.c.payer_ids, s.c.claim_id,
                   s.c.payer_id.label("sent_to"),
                   s.c.claim_filing_indicator.label("sent_as"),
                   select(back.c.claim_payment_id)
                   .where(back.c.reverses_id == cp.c.claim_payment_id)
                   .exists().label("is_reversed"))
            .join(r, r.c.remittance_id == cp.c.remittance_id)
            .join(s, s.c.submission_id == cp.c.submission_id)
            .where(s.c.claim_id.in_(set(claim_ids)), s.c.origin != "shadow",
                   cp.c.claim_status_code != PREDETERMINED)
            .order_by(r.c.payment_date, r.c.trace_number, cp.c.claim_position)
        )  # fmt: skip
        return _grouped(rows, "claim_id")

    def _services(self, keys: list[int]) -> dict[int, list[Row[Any]]]:
        sp = t.service_payment
        rows = self._connection.execute(
            select(sp)
            .where(sp.c.claim_payment_id.in_(keys))
            .order_by(sp.c.claim_payment_id, sp.c.service_position)
        )
        return _grouped(rows, "claim_payment_id")

    def _siblings(self, claim_ids: list[int]) -> dict[int, list[Row[Any]]]:
        s, f, x = t.submission, t.file, t.x12_transaction
        rows = self._connection.execute(
            select(s.c.submission_id, s.c.claim_id, s.c.payer_id, s.c.claim_filing_indicator,
                   s.c.status, s.c.submitted_on, s.c.claim_frequency_code, s.c.origin,
                   s.c.claim_position, f.c.sha256, x.c.sent_at)
            .join(f, f.c.file_id == s.c.file_id)
            .join(x, x.c.transaction_id == s.c.transaction_id)
            .where(
                s.c.claim_id.in_(set(claim_ids)), s.c.origin != "shadow",
                s.c.submission_id.not_in(self._unsent),
            )
        )  # fmt: skip
        return _grouped(rows, "claim_id")

    def _profile(self, s: Row[Any], payments: Sequence[Row[Any]]) -> PayerProfile:
        """The payer that a submission went to; by its own answers where the claim does not tell.

        Claims name a clearinghouse's id or no line of business where their 835 names the payer's
        own. Each of them is looked up once.
        """
        own = [
            p
            for p in reversed(payments)
            if not p.is_other_payer
            and (p.sent_to, p.sent_as) == (s.payer_id, s.claim_filing_indicator)
        ]
        filings = (s.claim_filing_indicator, *(p.claim_filing_indicator for p in own))
        ids = (s.payer_id or "", *(i for p in own for i in p.payer_ids.split(",")))
        key = tuple(dict.fromkeys(ids)), next(filter(None, filings), None)
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = find_payer(self._settings.payers, *key)
        return profile

    def _key(self, payer_id: str | None, filing: str | None) -> str:
        """The payer that an id means, looked up once."""
        key = self._keys.get((payer_id, filing))
        if key is None:
            key = payer_key(self._settings.payers, payer_id, filing)
            self._keys[payer_id, filing] = key
        return key

    def _other_payer(self, d: Row[Any]) -> PayerProfile | None:
        """Who denied it, where that is another payer than the claim was sent to."""
        return payer_of(self._settings, d) if d.is_other_payer else None

    def _evidence(self, wanted: Collection[str]) -> dict[str, list[tuple[str, EvidenceRecord]]]:
        e = t.evidence
        found: dict[str, list[tuple[str, EvidenceRecord]]] = {}
        for row in self._connection.execute(
            select(e.c.evidence_id, e.c.subject, e.c.content)
            .where(e.c.subject.in_(wanted), e.c.superseded_by.is_(None))
            .order_by(e.c.evidence_id)
        ).all():
            record = parse(json.loads(row.content, parse_float=Decimal))
            found.setdefault(row.subject, []).append((str(row.evidence_id), record))
        return found


def _standing(found: Iterable[tuple[str, EvidenceRecord]]) -> list[tuple[str, EvidenceRecord]]:
    """What stands of a claim's records, less what was withdrawn.

    Of one document under several ids of a payer it is what was attested last, as it is under one.
    """
    newest: dict[tuple[Any, ...], tuple[str, EvidenceRecord]] = {}
    for key, record in found:
        same = (record.kind, record.document_id, record.subject._replace(payer_id=None))
        other = newest.get(same)
        if other is None or (record.attested_on, int(key)) > (other[1].attested_on, int(other[0])):
            newest[same] = (key, record)
    return [x for x in newest.values() if not x[1].withdrawn]


def _subjects(s: Row[Any], profile: PayerProfile, claim: Claim) -> list[str]:
    """What evidence is filed under: the claim; its member and providers by any id of the payer."""
    subjects = [Subject(patient_control_number=s.patient_control_number)]
    for payer_id in filter(None, (*profile.ids, s.payer_id)):
        if s.member_id:
            subjects.append(Subject(payer_id=payer_id, member_id=s.member_id))
        subjects += [Subject(payer_id=payer_id, npi=npi) for npi in sorted(claim.provider_npis)]
    return list(dict.fromkeys(map(subject_key, subjects)))


def _asking_for_another_payer(adjustments: dict[tuple[int, int], list[Any]]) -> set[int]:
    """The claim payments that say that another payer comes first."""
    return {
        claim_payment_id
        for (claim_payment_id, _), found in adjustments.items()
        if any(a.reason_code in COORDINATION for a in found)
    }


def _grouped(rows: Result[Any], key: str) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in rows.all():
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _is_open_elsewhere(s: Row[Any], siblings: list[Row[Any]]) -> bool:
    """Whether one of the submissions to the same payer is newer, and has no answer yet."""
    return any(
        o.submission_id != s.submission_id
        and o.status == "pending"
        and _sent_order(o) > _sent_order(s)
        for o in siblings
    )


def _sent_order(s: Row[Any]) -> tuple[Any, ...]:
    """Which of two submissions went first, whichever arrived first: as the matching has it."""
    return (
        s.submitted_on or date.min, s.claim_frequency_code, s.sent_at or datetime.min,
        s.sha256 or "", s.claim_position,
    )  # fmt: skip
