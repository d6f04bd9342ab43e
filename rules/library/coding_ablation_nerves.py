"""Radiofrequency ablation under the wrong nerves.

Denial    CARC 11, 50, 55 or 189, or CARC 16 with remark M51, on 64625 (sacroiliac joint) or 64635
          (lumbar and sacral facet joint).
Fix       The other one of the two.
Evidence  A procedure note of that day that has the other code, with the nerves or joint in words
          (structure), and not the billed one.
Refuses   A note that has both, or whose words fit the billed code or neither; both codes on the
          claim that day; further levels (64636) beside 64635; imaging other than fluoroscopy
          or CT, or a needle less hot than the code is for; units, sides or a region that the note
          does not have. No note: not this rule's.
Safety    Approval: a coder reads which nerves were treated.
Sources   CPT wording of 64625 (since 2020) and 64635; NCCI edits 2024 Q3 on the pair.
"""

from __future__ import annotations

from rules.amend import amend
from rules.chart import beside, sites_of
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.evidence import Site
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("11", "50", "55", "189", "16")
_OTHER = {"64625": "64635", "64635": "64625"}
_WORDS = {"64625": ("sacroiliac", "lateral branch"), "64635": ("facet", "medial branch")}


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The code of the nerves that the note names."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    code = billed.procedure_code
    wanted = _OTHER.get(code)
    if wanted is None or (line.reason_code == "16" and "M51" not in line.remark_codes):
        return None
    mine, other = (sites_of(billed, facts, (c,)) for c in (code, wanted))
    if not other:
        return None
    documents = ", ".join(dict.fromkeys(s.note.document_id for s in (*mine, *other)))
    claimed = {x.procedure_code for x in beside(billed, facts.claim)}
    if mine or wanted in claimed or "64636" in claimed:
        return Refusal(
            f"{documents} or the claim has both ablations, or further levels; a coder has to say "
            "what each line bills.",
            "review",
        )
    named = [(s.site.structure or "").lower() for s in other]
    if not all(any(w in n for w in _WORDS[wanted]) for n in named) or any(
        w in n for n in named for w in _WORDS[code]
    ):
        return Refusal(
            f"{documents} has {wanted} but does not name its nerves; a coder has to read the note "
            "and say so.",
            "review",
        )
    if any(s.site.imaging not in (None, "fluoroscopy", "ct") or _is_cold(s.site) for s in other):
        return Refusal(
            f"{documents} has neither fluoroscopy nor CT, or less heat than {wanted} is for; a "
            "coder has to say what was done.",
            "review",
        )
    return Proposal(
        corrections=(
            amend(RULE, f"2400[{billed.position}]/SV101-2", code, wanted,
                  [s.note for s in other], "the nerves that the note names"),
        ),
        safety=RULE.safety,
        explanation=f"{documents} names the nerves of {wanted}, not those of {code}.",
    )  # fmt: skip


def _is_cold(site: Site) -> bool:
    celsius = site.needle_temperature_celsius
    return celsius is not None and celsius < load("ablation")["lowest_celsius"][site.procedure_code]


RULE = Rule(
    code="coding.ablation-nerves",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("CPT wording of 64625 since 2020 and of 64635", "Medicare NCCI edits 2024 Q3"),
    consider=consider,
    recodes=_OTHER,
)
