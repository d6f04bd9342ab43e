"""Clearinghouses and payers that answer before adjudication: TA1, 999 and 277CA as bytes.

Shares no code with the product. Who answers is a :class:`Post`: its sender is the receiver of the
837P, its receiver the one who sent that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Post:
    """Who answers to whom, when, and under which control number (of all three envelopes)."""

    sender: str = "CLEARING"
    receiver: str = "PRACTICE"
    at: datetime = datetime(2026, 9, 17, 6, 30)
    number: int = 7
    version: str = "005010X231A1"
    elements: str = "*"
    components: str = ":"
    end: str = "~\n"

    def join(self, *parts: object) -> str:
        """One segment; elements that stay empty at the end are left out."""
        texts = ["" if part is None else str(part) for part in parts]
        while texts and not texts[-1]:
            texts.pop()
        return self.elements.join(texts) + self.end

    def composite(self, text: str) -> str:
        """``A7:562`` with the separator of this interchange."""
        return text.replace(":", self.components)

    def isa(self) -> str:
        """The ISA, 106 characters."""
        return self.elements.join(
            ("ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{self.sender:<15}", "ZZ",
             f"{self.receiver:<15}", f"{self.at:%y%m%d}", f"{self.at:%H%M}", "^", "00501",
             f"{self.number:09d}", "0", "P", self.components)
        ) + self.end  # fmt: skip

    def wrap(self, body: str, groups: int) -> bytes:
        """An interchange around segments."""
        return (self.isa() + body + self.join("IEA", groups, f"{self.number:09d}")).encode()

    def group(self, kind: str, guide: str, sets: list[str]) -> bytes:
        """An interchange with one functional group of these transaction sets."""
        gs = self.join("GS", kind, self.sender, self.receiver, f"{self.at:%Y%m%d}",
                       f"{self.at:%H%M}", self.number, "X", guide)  # fmt: skip
        return self.wrap(gs + "".join(sets) + self.join("GE", len(sets), self.number), 1)

    def transaction(self, code: str, guide: str, segments: list[str], number: int = 1) -> str:
        """ST to SE with its count."""
        st = self.join("ST", code, f"{number:04d}", guide)
        return "".join((st, *segments, self.join("SE", len(segments) + 2, f"{number:04d}")))


@dataclass(frozen=True)
class InterchangeAnswer:
    """TA1 of one interchange."""

    control_number: str
    sent_at: datetime
    code: str = "A"
    note: str = "000"


def write_ta1(post: Post, *answers: InterchangeAnswer) -> bytes:
    """Interchange acknowledgments alone in an interchange."""
    body = "".join(
        post.join("TA1", a.control_number, f"{a.sent_at:%y%m%d}", f"{a.sent_at:%H%M}", a.code,
                  a.note)
        for a in answers
    )  # fmt: skip
    return post.wrap(body, 0)


@dataclass(frozen=True)
class SetAnswer:
    """AK2 loop: a transaction set with IK501, IK502 and the segments that are wrong.

    ``errors`` are (segment id, position, loop, IK304, IK403 or "").
    """

    control_number: str = "0001"
    code: str = "A"
    reason: str = ""
    errors: tuple[tuple[str, int, str, str, str], ...] = ()


@dataclass(frozen=True)
class GroupAnswer:
    """A 999: one functional group. ``included`` None: as many sets as are answered."""

    control_number: str
    sets: tuple[SetAnswer, ...] = (SetAnswer(),)
    code: str | None = None
    kind: str = "HC"
    version: str = "005010X222A1"
    included: int | None = None
    reason: str = ""


def _verdict(answer: GroupAnswer) -> str:
    """AK901 as the sets make it: all A or E, none, or some of them."""
    codes = {s.code for s in answer.sets}
    refused = codes - {"A", "E"}
    if not refused:
        return "E" if "E" in codes else "A"
    return "P" if codes - refused else "R"


def _group_segments(post: Post, answer: GroupAnswer) -> list[str]:
    found = [post.join("AK1", answer.kind, answer.control_number, answer.version)]
    kind = {"HC": "837", "HP": "835"}.get(answer.kind, "837")
    for one in answer.sets:
        found.append(post.join("AK2", kind, one.control_number, answer.version))
        for segment, position, loop, wrong, element in one.errors:
            found.append(post.join("IK3", segment, position, loop, wrong))
            if element:
                found.append(post.join("IK4", "2", "782", element, "SECRETVALUE"))
        found.append(post.join("IK5", one.code, one.reason))
    accepted = sum(s.code in ("A", "E") for s in answer.sets)
    included = len(answer.sets) if answer.included is None else answer.included
    accepted += included - len(answer.sets)
    code = answer.code or _verdict(answer)
    if code == "R":
        accepted = 0
    found.append(post.join("AK9", code, included, included, accepted, answer.reason))
    return found


def write_999(post: Post, *answers: GroupAnswer, ta1: InterchangeAnswer | None = None) -> bytes:
    """A 999 for each functional group; with ``ta1`` its interchange is answered in front."""
    sets = [
        post.transaction("999", post.version, _group_segments(post, answer), number)
        for number, answer in enumerate(answers, 1)
    ]
    data = post.group("FA", post.version, sets)
    if ta1 is None:
        return data
    segment = post.join("TA1", ta1.control_number, f"{ta1.sent_at:%y%m%d}",
                        f"{ta1.sent_at:%H%M}", ta1.code, ta1.note)  # fmt: skip
    isa = post.isa().encode()
    return isa + segment.encode() + data[len(isa) :]


@dataclass(frozen=True)
class LineAnswer:
    """A service line of a claim's answer."""

    procedure: str
    cents: int
    codes: tuple[str, ...]
    control_number: str = ""


@dataclass(frozen=True)
class ClaimAnswer:
    """One claim of a 277CA; ``codes`` are ``category:status[:entity]``, up to three."""

    number: str
    cents: int
    served_on: date
    codes: tuple[str, ...] = ("A2:20",)
    action: str = "WQ"
    on: date | None = None
    member_id: str = "W123456789"
    payer_number: str = ""
    lines: tuple[LineAnswer, ...] = ()


@dataclass(frozen=True)
class Batch:
    """A 277CA: who answers (``PR`` payer, ``AY`` clearinghouse) which batch (BHT03 of the 837P).

    ``codes`` and ``action`` are the batch's own status; without claims it is the only one.
    """

    source: str = "AY"
    source_name: str = "FIRST CLEARING"
    source_id: str = "CLHR00"
    reference: str = "0001"
    npi: str = "1234567893"
    codes: tuple[str, ...] = ("A1:19:PR",)
    action: str = "WQ"
    provider_codes: tuple[str, ...] = ()
    claims: tuple[ClaimAnswer, ...] = field(default=())


def dollars(cents: int) -> str:
    """Without trailing zeros, as X12 asks."""
    text = f"{cents // 100}.{cents % 100:02d}".rstrip("0")
    return text.rstrip(".")


def _stc(
    post: Post, codes: tuple[str, ...], on: date | None, action: str, cents: int | None
) -> str:
    composites = [post.composite(code) for code in codes] + ["", ""]
    return post.join("STC", composites[0], f"{on:%Y%m%d}" if on else "", action,
                     "" if cents is None else dollars(cents), "", "", "", "", "",
                     composites[1], composites[2])  # fmt: skip


def write_277ca(post: Post, batch: Batch) -> bytes:
    """One 277CA transaction set in an interchange."""
    day = post.at.date()
    total = sum(c.cents for c in batch.claims)
    body = [
        post.join("BHT", "0085", "08", f"X{post.number}", f"{day:%Y%m%d}", f"{post.at:%H%M}", "TH"),
        post.join("HL", 1, "", "20", 1),
        post.join("NM1", batch.source, 2, batch.source_name, "", "", "", "", 46, batch.source_id),
        post.join("TRN", 1, f"T{post.number}"),
        post.join("DTP", "050", "D8", f"{day:%Y%m%d}"),
        post.join("DTP", "009", "D8", f"{day:%Y%m%d}"),
        post.join("HL", 2, 1, "21", 1 if batch.claims else 0),
        post.join("NM1", 41, 2, "PAIN PRACTICE", "", "", "", "", 46, post.receiver),
        post.join("TRN", 2, batch.reference),
        _stc(post, batch.codes, day, batch.action, total),
    ]
    if batch.claims or batch.provider_codes:
        body += [
            post.join("HL", 3, 2, "19", 1 if batch.claims else 0),
            post.join("NM1", 85, 2, "PAIN PRACTICE", "", "", "", "", "XX", batch.npi),
            post.join("TRN", 1, "0"),
        ]
        if batch.provider_codes:
            body.append(_stc(post, batch.provider_codes, day, "U", total))
    for number, claim in enumerate(batch.claims, 4):
        body += _claim(post, claim, number, day)
    return post.group("HN", "005010X214", [post.transaction("277", "005010X214", body)])


def _claim(post: Post, claim: ClaimAnswer, number: int, day: date) -> list[str]:
    found = [
        post.join("HL", number, 3, "PT"),
        post.join("NM1", "QC", 1, "DOE", "PAT", "", "", "", "MI", claim.member_id),
        post.join("TRN", 2, claim.number),
        _stc(post, claim.codes, claim.on or day, claim.action, claim.cents),
    ]
    if claim.payer_number:
        found.append(post.join("REF", "1K", claim.payer_number))
    found.append(post.join("DTP", "472", "D8", f"{claim.served_on:%Y%m%d}"))
    for line in claim.lines:
        found += [
            post.join("SVC", post.composite(f"HC:{line.procedure}"), dollars(line.cents), "", "",
                      "", "", 1),
            _stc(post, line.codes, None, "U", None),
        ]  # fmt: skip
        if line.control_number:
            found.append(post.join("REF", "FJ", line.control_number))
        found.append(post.join("DTP", "472", "D8", f"{claim.served_on:%Y%m%d}"))
    return found
