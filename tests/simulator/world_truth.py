"""What is true of a world's files, gathered while they are made; money in cents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.adjudication import Adjusted, DecidedClaim, DecidedLine
from simulator.payer import Answer
from simulator.submitted import SubmittedClaim
from simulator.world_alike import Alike
from simulator.world_cast import PRACTICES
from simulator.world_claims import CATEGORIES
from simulator.world_lines import Verdict, claim_verdict, line_verdicts

Row = dict[str, Any]
Place = tuple[str, int]
PENDED = frozenset({"133", "257"})


@dataclass(slots=True)
class TruthMaker:
    """Rows of every table, and what the later ones are made from."""

    files: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    remittance_claims: list[Row] = field(default_factory=list)
    adjudicated_lines: list[Row] = field(default_factory=list)
    denials: list[Row] = field(default_factory=list)
    provider_adjustments: list[Row] = field(default_factory=list)
    _submitted: dict[Place, SubmittedClaim] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict)
    """Where each adjudication stands."""
    _net: dict[tuple[str, ...], int] = field(default_factory=dict)
    _denied: set[tuple[object, ...]] = field(default_factory=set)
    _alike: Alike = field(default_factory=Alike)

    def as_dict(self) -> dict[str, Any]:
        """All tables."""
        net = [
            {
                "billing_npi": key[0],
                "patient_control_number": key[1],
                "member_id": key[2],
                "first_service_date": key[3],
                "payer_id": key[4],
                "net_cents": cents,
            }
            for key, cents in self._net.items()
        ]
        return {
            "files": self.files,
            "submissions": self.submissions,
            "payments": self.payments,
            "remittance_claims": self.remittance_claims,
            "adjudicated_lines": self.adjudicated_lines,
            "denials": self.denials,
            "net": net,
            "provider_adjustments": self.provider_adjustments,
        }

    def add_claims(self, name: str, data: bytes, claims: Iterable[SubmittedClaim]) -> None:
        """An 837P."""
        count = lines = charge = 0
        for claim in claims:
            count, lines, charge = count + 1, lines + len(claim.lines), charge + claim.charge
            self._submitted[claim.source] = claim
            self._alike.add(claim)
            self.submissions.append(
                {
                    "file_name": name,
                    "claim_position": claim.source[1],
                    "patient_control_number": claim.patient_control_number,
                    "billing_npi": claim.billing_npi,
                    "member_id": claim.member_id,
                    "first_service_date": claim.first_service_date,
                    "payer_id": claim.payer_id,
                    "claim_filing": claim.claim_filing,
                    "payer_sequence": claim.sequence,
                    "frequency_code": claim.frequency_code,
                    "payer_claim_control_number": claim.payer_claim_control_number,
                    "charge_cents": claim.charge,
                    "line_count": len(claim.lines),
                }
            )
        self.files.append(_file(name, "837P", data, count, lines, charge, 0))

    def add_payment(self, name: str, answer: Answer, payer_id: str, practice: int) -> None:
        """An 835."""
        decided = answer.decided
        self.payments.append(
            {
                "file_name": name,
                "trace_number": decided.trace_number,
                "payment_date": decided.paid_on,
                "payment_cents": decided.paid,
                "payer_id": payer_id,
                "payee_npi": PRACTICES[practice].npi,
                "claim_count": len(decided.claims),
            }
        )
        for adjusted in decided.provider_adjustments:
            self.provider_adjustments.append(
                {
                    "file_name": name,
                    "reason_code": adjusted.reason_code,
                    "reference": adjusted.reference,
                    "cents": adjusted.cents,
                }
            )
        for position, claim in enumerate(decided.claims, start=1):
            if claim.adjudication:
                self._places[claim.adjudication] = (name, position)
        several = self._alike.candidates(decided.claims)
        for position, claim in enumerate(decided.claims, start=1):
            parts = [
                other
                for other in decided.claims
                if other is not claim
                and other.answers == claim.answers
                and other.is_reversal == claim.is_reversal
                and "several_clps" in other.quirks
            ]
            self._add_decided(name, position, claim, payer_id, several[position - 1], parts)
        lines = sum(len(claim.lines) for claim in decided.claims)
        charge = sum(claim.charge for claim in decided.claims)
        row = _file(name, "835", answer.data, len(decided.claims), lines, charge, decided.paid)
        self.files.append(row)

    def add_copy(self, name: str, of: str, data: bytes) -> None:
        """A payment that is here already, under another envelope."""
        [row] = [row for row in self.files if row["file_name"] == of]
        copy = {"file_name": name, "status": "duplicate", "duplicate_of": of, "bytes": len(data)}
        self.files.append(row | copy)

    def _add_decided(
        self,
        name: str,
        position: int,
        decided: DecidedClaim,
        payer_id: str,
        several: list[Place],
        parts: list[DecidedClaim],
    ) -> None:
        submitted = self._submitted.get(decided.answers)
        verdict = claim_verdict(decided)
        if several:
            verdict = Verdict("ambiguous", "sent_again_alike")
        reverses = self._places.get(decided.reverses)
        place = list(decided.answers) if submitted else None
        self.remittance_claims.append(
            {
                "file_name": name,
                "claim_position": position,
                "answers": place,
                "match": verdict.match,
                "reason": verdict.reason,
                "candidates": [list(one) for one in several],
                "is_reversal": decided.is_reversal,
                "reverses": list(reverses) if reverses else None,
                "status_code": decided.status_code,
                "charge_cents": decided.charge,
                "net_cents": decided.net_cents,
                "quirks": list(decided.quirks),
            }
        )
        if submitted:
            key = (*submitted.identity, payer_id)
            self._net[key] = self._net.get(key, 0) + decided.net_cents
        charged = sum(abs(part.charge) for part in (decided, *parts))
        if not submitted or charged > submitted.charge:
            parts = []  # what is decided again in one payment is no part
        for nth, line, told in self._lines(decided, submitted, parts):
            self.adjudicated_lines.append(_line(name, position, nth, line, told, place, decided))
            self._add_denial(name, position, nth, line, told, decided, submitted)

    def _lines(
        self,
        decided: DecidedClaim,
        submitted: SubmittedClaim | None,
        parts: list[DecidedClaim],
    ) -> Iterable[tuple[int, DecidedLine | None, Verdict]]:
        if not decided.lines:
            yield 0, None, Verdict("claim_level" if submitted else "unmatched")
            return
        verdicts = line_verdicts(decided, submitted, parts)
        for nth, (line, told) in enumerate(zip(decided.lines, verdicts, strict=True), start=1):
            yield nth, line, told

    def _add_denial(
        self,
        name: str,
        position: int,
        nth: int,
        line: DecidedLine | None,
        told: Verdict,
        decided: DecidedClaim,
        submitted: SubmittedClaim | None,
    ) -> None:
        adjustments = line.adjustments if line else decided.adjustments
        kind = _kind(line, adjustments, decided)
        if not kind or decided.is_reversal:
            return
        refused = [a for a in adjustments if a.is_denial] or [
            max(adjustments, key=lambda a: a.cents)
        ]
        largest = max(refused, key=lambda a: a.cents)
        known = told.match in ("certain", "inferable")
        number = line.number if line and known else None
        chain = (submitted.identity if submitted else name, line.number if line else 0)
        # A resend's denial says nothing new.
        final = kind not in ("pended", "silent") and largest.reason_code != "18"
        initial: bool | None = final and chain not in self._denied
        if told.match == "ambiguous":
            # Of lines that cannot be told apart, nobody knows which was refused first.
            initial = None
        self.denials.append(
            {
                "file_name": name,
                "claim_position": position,
                "service_position": nth,
                "line_number": number,
                "procedure_code": line.procedure_code if line else None,
                "group_code": largest.group_code,
                "reason_code": largest.reason_code,
                "denied_cents": _refused(kind, refused, adjustments),
                "category": CATEGORIES.get(largest.reason_code, "other"),
                "kind": kind,
                "is_initial": initial,
            }
        )
        if final:
            self._denied.add(chain)


def _refused(kind: str, refused: Iterable[Adjusted], adjustments: Iterable[Adjusted]) -> int:
    """What was refused; in silence, all that the contract is said to take."""
    if kind == "silent":
        return sum(a.cents for a in adjustments)
    return sum(a.cents for a in refused if a.is_denial)


def _kind(
    line: DecidedLine | None, adjustments: Iterable[Adjusted], decided: DecidedClaim
) -> str | None:
    """full, partial, claim (no line is shown), pended, silent; None where nothing is refused."""
    adjustments = tuple(adjustments)
    if any(a.is_denial and a.cents > 0 for a in adjustments):
        if line is None:
            return "claim"
        return "partial" if line.allowed else "full"
    if any(a.reason_code in PENDED for a in adjustments):
        return "pended"
    if line:
        silent = line.charge > 0 and not line.allowed
    else:
        silent = not decided.lines and decided.charge > 0 and not decided.paid
    # A prior payer's part, or a plan that passes the claim on, explains an allowance of nothing.
    silent = silent and decided.status_code == "1" and bool(adjustments)
    told = {a.reason_code for a in adjustments if a.cents}
    return "silent" if silent and told == {"45"} else None


def _line(
    name: str,
    position: int,
    nth: int,
    line: DecidedLine | None,
    told: Verdict,
    place: list[Any] | None,
    decided: DecidedClaim,
) -> Row:
    known = line is not None and told.match in ("certain", "inferable")
    return {
        "file_name": name,
        "claim_position": position,
        "service_position": nth,
        "answers": place,
        "line_number": line.number if line and known else None,
        "match": told.match,
        "reason": told.reason,
        "candidates": list(told.candidates),
        "charge_cents": line.charge if line else decided.charge,
        "payment_cents": line.paid if line else decided.paid,
        "allowed_cents": line.allowed if line else None,
        "quirks": list(line.quirks) if line else [],
    }


def _file(
    name: str, kind: str, data: bytes, claims: int, lines: int, charge: int, paid: int
) -> Row:
    return {
        "file_name": name,
        "kind": kind,
        "status": "loaded",
        "duplicate_of": None,
        "bytes": len(data),
        "claim_count": claims,
        "service_line_count": lines,
        "charge_cents": charge,
        "payment_cents": paid,
    }
