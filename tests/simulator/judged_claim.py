"""What a claim that was sent is judged by: its lines, the chart, the payer and the edits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.campaign_chart import Record
from simulator.sent_claim import Correction, CutClaim, Segment
from simulator.x12_text import cents

Fault = tuple[str, str]
"""The number on the never-list, and in words."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """What a line says, read from its segments."""

    code: str
    modifiers: tuple[str, ...]
    charge: int
    unit: str
    units: str
    place: str
    diagnoses: tuple[str, ...]
    """In the order of its pointers."""
    dates: tuple[str, ...]
    authorization: str
    ndc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A claim that was sent, with all that it is judged by."""

    billed: CutClaim
    sent: CutClaim
    corrections: Sequence[Correction]
    records: Sequence[Record]
    """All that is on file about this claim or its member."""
    kind: str
    takes_replacements: bool
    bilateral: str
    edits: Mapping[tuple[str, str], str] | None
    """Indicators of the code pairs in force; None where there is no table for the day."""
    newest_number: str
    """CLP07 of the decision that stands."""
    was_paid: bool = False
    recognised: bool = True
    """False where the payer said that it does not know the patient."""
    returned: frozenset[int] | None = None
    """Lines that came back as unprocessable, from 1; None where none did."""
    pending: bool = False
    patient_owes: bool = False
    """The patient was made to owe a line (PR) and has paid something."""
    day: str = ""
    """The service date, as CCYY-MM-DD."""
    faults: list[Fault] = field(default_factory=list)

    def say(self, code: str, words: str) -> None:
        """Note one fault."""
        self.faults.append((code, words))

    def on_file(self, kind: str) -> list[Record]:
        """Records of a kind and of the day of the service."""
        return [r for r in self.records
                if r["kind"] == kind and r.get("service_date", self.day) == self.day]  # fmt: skip

    def sites(self, *codes: str) -> list[Record]:
        """What was treated that day under these codes, each once."""
        found: list[Record] = []
        for note in self.on_file("procedure_note"):
            sites = (s for s in note["sites"] if s["procedure_code"] in codes)
            found += [s for s in sites if s not in found]
        return found

    def drugs(self, *codes: str) -> list[Record]:
        """What was given that day under these codes, each once."""
        found: list[Record] = []
        for note in self.on_file("procedure_note"):
            found += [d for d in note["drugs"] if d["procedure_code"] in codes and d not in found]
        return found


def read_line(claim: CutClaim, segments: list[Segment]) -> ServiceLine:
    """A line out of its segments."""
    component = claim.delimiters.component
    found = {s[0]: s + [""] * 12 for s in reversed(segments)}
    sv1, codes = found["SV1"], found["SV1"][1].split(component)
    diagnoses = claim_diagnoses(claim)
    return ServiceLine(
        code=codes[1],
        modifiers=tuple(m for m in codes[2:6] if m),
        charge=cents(sv1[2]),
        unit=sv1[3],
        units=sv1[4],
        place=sv1[5] or claim.own[0][5].split(component)[0],
        diagnoses=tuple(diagnoses[int(n) - 1] for n in sv1[7].split(component) if n),
        dates=tuple(s[3] for s in segments if s[:2] == ["DTP", "472"]),
        authorization=next((s[2] for s in segments if s[:2] == ["REF", "G1"]), ""),
        ndc=found.get("LIN", [""] * 4)[3],
    )


def claim_diagnoses(claim: CutClaim) -> list[str]:
    """The codes of HI, in order."""
    return [e.split(claim.delimiters.component)[1]
            for s in claim.own if s[0] == "HI" for e in s[1:] if e]  # fmt: skip


def records_about(
    records: Iterable[Record],
    number: str,
    member_id: str,
    npis: Collection[str],
    ids: Sequence[str],
) -> list[Record]:
    """Those of one claim: by its number, by its payer and member, or by its payer and provider."""
    return [
        r
        for r in records
        if r.get("patient_control_number") == number
        or (r.get("payer_id") in ids and (r.get("member_id") == member_id or r.get("npi") in npis))
    ]
