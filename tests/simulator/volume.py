"""A big 837P, the 835 that answers it, and the truth beside them, made fast.

For benchmarks: `python tests/simulator/volume.py --claims 10000 --lines 3 --seed 1 --out DIR`.
Some 5% of the lines (`--denied`) are denied with a mix of codes, and 10% of the claims carry no
REF*6R.
Everything that does not differ from claim to claim is made once, before the loop.

For matching: `--claims 334000 --lines 3 --unlinked 0.05` writes a million lines in several files,
with so many of the lines joined neither by their number nor exactly; the truth names each.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.fees import FEES
from simulator.volume_unlinked import KINDS, UnlinkedText, unlinked_text
from simulator.x12_text import Envelope, isa, money, npi

CLAIMS_PER_TRANSACTION = 5000
CLAIMS_PER_FILE_TO_MATCH = 50_000
DENIED = 0.05
CLAIMS_WITHOUT_6R_IN_100 = 10
WRITTEN_AT = datetime(2026, 9, 1, 6, 0)
BILLING_NPI, RENDERING_NPI = npi("199999998"), npi("123456789")
PAYER_ID, PAYER_NAME = "87726", "ACME HEALTH"

# Group, reason, remark (empty: none), and how many of 100 denials carry it.
DENIALS: tuple[tuple[str, str, str, int], ...] = (
    ("CO", "197", "N54", 30),
    ("CO", "97", "M15", 25),
    ("CO", "50", "N115", 15),
    ("CO", "16", "M76", 10),
    ("OA", "18", "N522", 7),
    ("CO", "29", "N211", 5),
    ("CO", "252", "N706", 4),
    ("PR", "96", "N130", 4),
)


@dataclass(frozen=True, slots=True)
class LineText:
    """One procedure code: its amounts, and the text around what differs from line to line."""

    charge: int
    paid: int
    patient_share: int
    submitted: str
    paid_service: str
    paid_adjustment: str
    denied_service: str
    denied_adjustments: tuple[str, ...]
    unlinked: tuple[UnlinkedText, ...]
    """One for each kind."""


@dataclass(slots=True)
class Truth:
    """What the two files hold, added up while they are written; money in cents."""

    claims: int = 0
    lines: int = 0
    claims_without_6r: int = 0
    charge_cents: int = 0
    paid_cents: int = 0
    denied_cents: int = 0
    transactions: list[dict[str, int | str]] = field(default_factory=list)
    denials: list[tuple[str, int, str, str, int]] = field(default_factory=list)
    unlinked: list[tuple[str, int, str]] = field(default_factory=list)

    def as_json(self) -> str:
        """One object; `denials` are [patient control number, LX, group, reason, cents].

        `unlinked` are [patient control number, LX, kind].
        """
        counts = {
            "claims": self.claims,
            "lines": self.lines,
            "denied_lines": len(self.denials),
            "claims_without_6r": self.claims_without_6r,
            "charge_cents": self.charge_cents,
            "paid_cents": self.paid_cents,
            "denied_cents": self.denied_cents,
            "transactions": self.transactions,
            "denials": self.denials,
        }
        if self.unlinked:
            counts["unlinked"] = self.unlinked
        return json.dumps(counts, separators=(",", ":")) + "\n"


def line_texts() -> list[LineText]:
    """The text of every procedure code, paid and denied."""
    texts = []
    for code, (charge, allowed) in FEES.items():
        share = allowed // 5
        paid = allowed - share
        total = money(charge)
        texts.append(
            LineText(
                charge=charge,
                paid=paid,
                patient_share=share,
                submitted=f"SV1*HC:{code}*{total}*UN*1***1~\nDTP*472*D8*",
                paid_service=f"SVC*HC:{code}*{total}*{money(paid)}**1~\nDTM*472*",
                paid_adjustment=f"~\nCAS*CO*45*{money(charge - allowed)}~\n"
                f"CAS*PR*2*{money(share)}~\n",
                denied_service=f"SVC*HC:{code}*{total}*0**0**1~\nDTM*472*",
                denied_adjustments=tuple(
                    f"~\nCAS*{group}*{reason}*{total}~\n" for group, reason, _, _ in DENIALS
                ),
                unlinked=tuple(unlinked_text(kind, code, charge, allowed) for kind in KINDS),
            )
        )
    return texts


@dataclass(slots=True)
class Volume:
    """Claims of one seed, written transaction by transaction so that memory stays flat."""

    claims: int
    lines: int
    seed: int
    unlinked: float = 0.0
    """How many of the lines, from 0 to 1, are joined neither by their number nor exactly."""
    claims_per_file: int = 0
    """0: all in one."""
    denied: float = DENIED
    """How many of the lines that are linked, from 0 to 1."""
    truth: Truth = field(default_factory=Truth)

    def write(self, directory: Path) -> None:
        """Write claims.837, remittance.835 (or several, numbered) and truth.json."""
        directory.mkdir(parents=True, exist_ok=True)
        several = 0 < self.claims_per_file < self.claims
        in_a_file = self.claims_per_file if several else self.claims
        # What does not fill a transaction of its own still makes one.
        per_file = max(1, -(-in_a_file // CLAIMS_PER_TRANSACTION))
        pairs = self.transactions()
        # One is taken beforehand, so that no file is opened for nothing.
        for number, first in enumerate(pairs, start=1):
            rest = islice(pairs, per_file - 1)
            suffix = f"_{number:02d}" if several else ""
            self._write_file(directory, number, suffix, chain([first], rest))
        (directory / "truth.json").write_text(self.truth.as_json(), encoding="ascii")

    def _write_file(
        self, directory: Path, number: int, suffix: str, pairs: Iterable[tuple[str, str]]
    ) -> None:
        submitted = Envelope(
            sender="DEMOPAIN",
            receiver="DEMOCLEAR",
            control_number=self.seed + number,
            written_at=WRITTEN_AT,
            functional_id="HC",
            version="005010X222A1",
        )
        answered = Envelope(
            sender="DEMOCLEAR",
            receiver="DEMOPAIN",
            control_number=self.seed + 500_000 + number,
            written_at=WRITTEN_AT + timedelta(days=14),
            functional_id="HP",
            version="005010X221A1",
        )
        claims_name, remittance_name = f"claims{suffix}.837", f"remittance{suffix}.835"
        with (
            (directory / claims_name).open("w", encoding="ascii", newline="") as claims,
            (directory / remittance_name).open("w", encoding="ascii", newline="") as remittance,
        ):
            _open_envelope(claims, submitted)
            _open_envelope(remittance, answered)
            count = 0
            for asked, paid in pairs:
                count += 1
                claims.write(asked)
                remittance.write(paid)
            _close_envelope(claims, submitted, count)
            _close_envelope(remittance, answered, count)

    def transactions(self) -> Iterator[tuple[str, str]]:
        """Pairs of an 837 and the 835 transaction that answers it."""
        # Made-up claims for benchmarks: repeatable, nothing secret hangs on the numbers.
        rng = random.Random(self.seed)
        texts = line_texts()
        first_day = date(2026, 7, 1)
        days = [f"{first_day + timedelta(days=n):%Y%m%d}" for n in range(60)]
        for number, first in enumerate(range(0, self.claims, CLAIMS_PER_TRANSACTION), start=1):
            numbers = range(first, min(first + CLAIMS_PER_TRANSACTION, self.claims))
            yield self._transaction(number, numbers, rng, texts, days)

    def _transaction(
        self,
        number: int,
        numbers: range,
        rng: random.Random,
        texts: list[LineText],
        days: list[str],
    ) -> tuple[str, str]:
        asked: list[str] = []
        answered: list[str] = []
        paid = 0
        for nth in numbers:
            claim, answer, claim_paid = self._claim(nth, nth - numbers.start + 2, rng, texts, days)
            asked.append(claim)
            answered.append(answer)
            paid += claim_paid
        trace = f"VOL{self.seed}T{number:06d}"
        self.truth.transactions.append({"trace": trace, "claims": len(numbers), "paid_cents": paid})
        return (
            _transaction_text("837", number, _claim_header(number), asked),
            _transaction_text("835", number, _remittance_header(trace, paid), answered),
        )

    def _claim(
        self,
        nth: int,
        hierarchy: int,
        rng: random.Random,
        texts: list[LineText],
        days: list[str],
    ) -> tuple[str, str, int]:
        truth, random_number = self.truth, rng.random
        control = f"VOL{self.seed}C{nth:08d}"
        with_6r = random_number() * 100 >= CLAIMS_WITHOUT_6R_IN_100
        start = int(random_number() * len(texts))
        day = days[int(random_number() * len(days))]
        submitted_lines: list[str] = []
        services: list[str] = []
        charge = paid = share = 0
        for position in range(1, self.lines + 1):
            text = texts[(start + position) % len(texts)]
            reference = f"REF*6R*{control}L{position}~\n" if with_6r else ""
            charge += text.charge
            if self.unlinked and random_number() < self.unlinked:
                kind = int(random_number() * len(KINDS))
                odd = text.unlinked[kind]
                truth.unlinked.append((control, position, KINDS[kind]))
                paid += text.paid
                share += text.patient_share
                submitted_lines.append(f"LX*{position}~\n{odd.submitted}{day}~\n{reference}")
                services.append(odd.service(day))
                continue
            submitted_lines.append(f"LX*{position}~\n{text.submitted}{day}~\n{reference}")
            if random_number() >= self.denied:
                paid += text.paid
                share += text.patient_share
                allowed = money(text.paid + text.patient_share)
                services.append(
                    f"{text.paid_service}{day}{text.paid_adjustment}{reference}AMT*B6*{allowed}~\n"
                )
                continue
            which = _pick(random_number() * 100)
            group, reason, remark, _ = DENIALS[which]
            share += text.charge if group == "PR" else 0
            truth.denials.append((control, position, group, reason, text.charge))
            truth.denied_cents += text.charge
            services.append(
                f"{text.denied_service}{day}{text.denied_adjustments[which]}{reference}"
                f"LQ*HE*{remark}~\n"
            )
        truth.claims += 1
        truth.lines += self.lines
        truth.claims_without_6r += not with_6r
        truth.charge_cents += charge
        truth.paid_cents += paid
        member = f"V{self.seed}{nth:09d}"
        name = f"NM1*QC*1*TESTCASE*P{nth}****MI*{member}~\n"
        total, patient = money(charge), money(share) if share else ""
        claim = (
            f"HL*{hierarchy}*1*22*0~\nSBR*P*18*******CI~\n"
            f"NM1*IL*1*TESTCASE*P{nth}****MI*{member}~\nN3*1 SAMPLE STREET~\n"
            f"N4*DEMOTOWN*TX*75001~\nDMG*D8*19700101*F~\n"
            f"NM1*PR*2*{PAYER_NAME}*****PI*{PAYER_ID}~\n"
            f"CLM*{control}*{total}***11:B:1*Y*A*Y*Y~\nHI*ABK:M5416*ABF:M4726~\n"
            f"NM1*82*1*EXAMPLE*DANA****XX*{RENDERING_NPI}~\nPRV*PE*PXC*208VP0014X~\n"
            + "".join(submitted_lines)
        )
        answer = (
            f"CLP*{control}*1*{total}*{money(paid)}*{patient}*12*P{self.seed}{nth:010d}*11*1~\n"
            + name
            + "".join(services)
        )
        return claim, answer, paid


def _pick(point: float) -> int:
    """Which denial a number from 0 to 100 falls on."""
    for which, (_, _, _, share) in enumerate(DENIALS):
        point -= share
        if point < 0:
            return which
    return len(DENIALS) - 1


def _claim_header(number: int) -> str:
    return (
        f"BHT*0019*00*V{number:06d}*{WRITTEN_AT:%Y%m%d}*{WRITTEN_AT:%H%M}*CH~\n"
        "NM1*41*2*DEMO PAIN PRACTICE*****46*DEMOPAIN~\nPER*IC*DEMO DESK*TE*5555550100~\n"
        "NM1*40*2*DEMO CLEARINGHOUSE*****46*DEMOCLEAR~\n"
        "HL*1**20*1~\nPRV*BI*PXC*208VP0014X~\n"
        f"NM1*85*2*DEMO PAIN PRACTICE*****XX*{BILLING_NPI}~\n"
        "N3*100 EXAMPLE AVENUE~\nN4*DEMOTOWN*TX*750019998~\nREF*EI*990000001~\n"
    )


def _remittance_header(trace: str, paid: int) -> str:
    day = f"{WRITTEN_AT + timedelta(days=14):%Y%m%d}"
    method = "ACH" if paid else "NON"
    bank = "*CCP*01*999999992*DA*1234567*1999999999**01*999999992*DA*7654321*" if paid else "*" * 12
    return (
        f"BPR*{'I' if paid else 'H'}*{money(paid)}*C*{method}{bank}{day}~\n"
        f"TRN*1*{trace}*1999999999~\nDTM*405*{day}~\n"
        f"N1*PR*{PAYER_NAME}*XV*{PAYER_ID}~\nN3*1 SAMPLE PLAZA~\nN4*DEMOTOWN*TX*75001~\n"
        "PER*BL*DEMO PAYER DESK*TE*5555550199~\n"
        f"N1*PE*DEMO PAIN PRACTICE*XX*{BILLING_NPI}~\nREF*TJ*990000001~\nLX*1~\n"
    )


def _transaction_text(kind: str, number: int, header: str, claims: list[str]) -> str:
    version = "*005010X222A1" if kind == "837" else ""
    body = header + "".join(claims)
    return f"ST*{kind}*{number:06d}{version}~\n{body}SE*{body.count('~') + 2}*{number:06d}~\n"


def _open_envelope(out: IO[str], envelope: Envelope) -> None:
    when = envelope.written_at
    out.write(
        f"{isa(envelope)}~\nGS*{envelope.functional_id}*{envelope.sender}*{envelope.receiver}"
        f"*{when:%Y%m%d}*{when:%H%M}*{envelope.control_number}*X*{envelope.version}~\n"
    )


def _close_envelope(out: IO[str], envelope: Envelope, transactions: int) -> None:
    number = envelope.control_number
    out.write(f"GE*{transactions}*{number}~\nIEA*1*{number:09d}~\n")


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the three files."""
    parser = argparse.ArgumentParser(description="Write a big 837P, its 835 and their truth.")
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=3, help="service lines a claim")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unlinked", type=float, default=0.0, help="of the lines, from 0 to 1")
    parser.add_argument("--denied", type=float, default=DENIED, help="of the lines, from 0 to 1")
    parser.add_argument(
        "--claims-per-file", type=int, help="left out: 50000 with --unlinked, else all in one"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder, made when absent")
    chosen = parser.parse_args(arguments)
    per_file = chosen.claims_per_file
    if per_file is None:
        per_file = CLAIMS_PER_FILE_TO_MATCH if chosen.unlinked else 0
    Volume(
        claims=chosen.claims,
        lines=chosen.lines,
        seed=chosen.seed,
        unlinked=chosen.unlinked,
        claims_per_file=per_file,
        denied=chosen.denied,
    ).write(chosen.out)


if __name__ == "__main__":
    main()
