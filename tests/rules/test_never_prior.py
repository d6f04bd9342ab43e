"""What is told of an earlier payer: its own words to the cent, or the claim does not go."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.reading import cases, changed, facts_of, read_claim
from rules.apply import apply
from rules.decision import CORRECTED, ClaimFacts, Correction
from rules.evidence import PublishedRule
from rules.forbidden import Forbidden
from rules.never import forbidden
from rules.propose import propose

TELLS = next(c for c in cases() if c.rule == "coordination.primary-remittance")
SECOND = "SBR*S*18*******CI"


@dataclasses.dataclass
class Told:
    """A claim that tells of the first payer, ready to go."""

    facts: ClaimFacts
    corrections: list[Correction]
    segments: list[str]
    folder: Path

    def codes(self, old: str = "", new: str = "", sbr: str = SECOND, **more: Any) -> set[str]:
        """Numbers of the never-list that the finished claim meets, with one text changed."""
        text = "~".join(self.segments)
        assert old in text
        emitted, _ = read_claim(self.folder, text.replace(old, new, 1).split("~"), sbr=sbr)
        given: dict[str, Any] = {"corrections": self.corrections, "evidence": self.facts.evidence}
        found = forbidden(self.facts.claim, emitted, payer=self.facts.payer, **(given | more))
        return {v.code for v in found}


@pytest.fixture
def told(tmp_path: Path) -> Told:
    facts, denied, texts = facts_of(TELLS, tmp_path)
    decisions = propose(denied, facts)
    assert {d.decision for d in decisions} == {CORRECTED}
    corrections = list({c.place: c for d in decisions for c in d.corrections}.values())
    segments = changed(texts, apply(facts, corrections), "PCCN77")
    return Told(facts, corrections, segments, tmp_path)


def test_its_own_words_may_go(told: Told) -> None:
    assert told.codes() == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("AMT*D*264", "AMT*D*263"),
        ("SVD*FIRST1*200*HC:64483:RT**1~CAS*CO*45*200",
         "SVD*FIRST1*201*HC:64483:RT**1~CAS*CO*45*199"),
        ("CAS*PR*2*50", "CAS*PR*3*50"),
        ("CAS*PR*2*50", "CAS*CO*2*50"),
        ("CAS*CO*45*200~CAS*PR*2*50", "CAS*CO*45*201~CAS*PR*2*49"),
        ("*HC:64483:RT**1~CAS", "*HC:64483:LT**1~CAS"),
        ("*HC:20610:LT**1~CAS", "*HC:20611:LT**1~CAS"),
        ("DTP*573*D8*20260325", "DTP*573*D8*20260326"),
        ("REF*F8*FIRSTICN", "REF*F8*FIRSTICM"),
        ("PI*FIRST1", "PI*FIRST2"),
        ("SVD*FIRST1*64", "SVD*FIRST2*64"),
        ("MI*P000111222", "MI*P000111223"),
        ("SBR*P*18*GRP1", "SBR*T*18*GRP1"),
    ],
)  # fmt: skip
def test_whatever_differs_from_the_835_is_seen(told: Told, old: str, new: str) -> None:
    assert "N12" in told.codes(old, new)


def test_nothing_is_told_without_the_835_on_file(told: Told) -> None:
    assert "N12" in told.codes(evidence=())
    assert "N12" in told.codes(corrections=())
    day, subject = told.facts.as_of, told.facts.evidence[0].subject
    alone = PublishedRule(
        document_id="a rule", attested_by="reclaim", attested_on=day, subject=subject
    )
    instead = [dataclasses.replace(c, evidence=(alone,)) for c in told.corrections]
    assert "N12" in told.codes(corrections=instead, evidence=(alone,))


@pytest.mark.parametrize(
    "other",
    [
        {"is_taken_back": True},
        {"is_balanced": False},
        {"claim_status_code": "19"},
        {"payment_amount": Decimal(265)},
        {"claim": None},
        {"remark_codes": ("MA07", "MA130")},
    ],
)
def test_an_835_that_says_something_else_by_now_carries_nothing(
    told: Told, other: dict[str, Any]
) -> None:
    record: Any = told.facts.evidence[0]
    now = dataclasses.replace(record, **other)
    carried = [dataclasses.replace(c, evidence=(now,)) for c in told.corrections]
    assert "N12" in told.codes(corrections=carried, evidence=(now,))


def test_an_answer_by_which_a_line_is_not_decided_carries_nothing(told: Told) -> None:
    record: Any = told.facts.evidence[0]
    first, *rest = record.services
    one, *others = first.adjustments
    pended = (one._replace(reason_code="133"), *others)
    for said, new in (({"remark_codes": ("MA130",)}, "45"), ({"adjustments": pended}, "133")):
        services = (dataclasses.replace(first, **said), *rest)
        now = dataclasses.replace(record, services=services)
        carried = [dataclasses.replace(c, evidence=(now,)) for c in told.corrections]
        found = told.codes("CAS*CO*45*200", f"CAS*CO*{new}*200", corrections=carried,
                           evidence=(now,))  # fmt: skip
        assert "N12" in found


def test_the_claim_goes_as_the_second_one_and_with_all_its_lines(told: Told) -> None:
    assert "N12" in told.codes(sbr="")
    lines = "~".join(told.segments)
    second = lines[lines.index("~LX*2") :]
    assert "N12" in told.codes(second, "")


def test_another_turn_alone_says_something_that_nothing_carries(told: Told) -> None:
    (facts, _, texts) = facts_of(TELLS, told.folder)
    emitted, _ = read_claim(told.folder, changed(texts, (), "PCCN77"), sbr=SECOND)
    found = forbidden(facts.claim, emitted, payer=facts.payer)
    assert {v.code for v in found} == {"N12"}


def test_what_stood_there_of_an_earlier_payer_stays(told: Told) -> None:
    original, _ = read_claim(told.folder, told.segments, sbr=SECOND)
    text = "~".join(told.segments)
    for old, new in (("AMT*D*264", "AMT*D*263"), ("SVD*FIRST1*64", "SVD*FIRST1*65")):
        emitted, _ = read_claim(told.folder, text.replace(old, new).split("~"), sbr=SECOND)
        found = forbidden(original, emitted, payer=told.facts.payer)
        assert "N12" in {v.code for v in found}
    same, _ = read_claim(told.folder, told.segments, sbr=SECOND)
    assert forbidden(original, same, payer=told.facts.payer) == ()


def refused(facts: ClaimFacts, corrections: list[Correction]) -> str:
    with pytest.raises(Forbidden) as caught:
        apply(facts, corrections)
    return caught.value.code


def test_the_guards_ask_for_the_835_and_for_whole_loops(told: Told) -> None:
    facts, corrections = told.facts, told.corrections
    assert refused(dataclasses.replace(facts, evidence=()), corrections) == "N12"
    last = corrections[-1]
    part = dataclasses.replace(last, place="2430[1]/CAS03", old_value="200", new_value="201")
    assert refused(facts, [*corrections, part]) == "N12"
    gone = dataclasses.replace(last, place="2320[1]", old_value="SBR*P", new_value=None)
    assert refused(facts, [gone]) == "N12"


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        ("2400[1]/SV102", "450", "400"),
        ("2400[1]/SV101-2", "64483", "64484"),
        ("2400[2]", "HC:20610:LT", None),
        ("2400[1]/SV104", "1", "2"),
    ],
)
def test_what_was_decided_on_does_not_change_under_it(
    told: Told, place: str, old: str, new: str | None
) -> None:
    other = dataclasses.replace(told.corrections[0], place=place, old_value=old, new_value=new)
    assert refused(told.facts, [*told.corrections, other]) == "N12"


def test_a_modifier_may_change_beside_what_is_told(told: Told) -> None:
    """What was decided on is the service, its charge and its units."""
    first = told.corrections[0]
    off = dataclasses.replace(first, place="2400[1]/SV101-3", old_value="RT", new_value=None)
    assert apply(told.facts, [*told.corrections, off])
