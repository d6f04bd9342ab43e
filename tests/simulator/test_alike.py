"""What nobody can tell apart: decisions about submissions of one claim that are alike."""

from __future__ import annotations

from dataclasses import replace

from simulator.adjudication import Adjusted, DecidedClaim, DecidedLine
from simulator.submitted import SubmittedClaim, SubmittedLine
from simulator.world_alike import Alike

FIRST, AGAIN = ("a.837", 1), ("b.837", 1)


def sent(source: tuple[str, int]) -> SubmittedClaim:
    line = SubmittedLine(1, "64483", charge=90000, service_date="20260305")
    return SubmittedClaim(
        *("1999999984", "DEMO", "991234567", "M1", ("DEMO", "A"), ("DEMO", "A"), "PAYER", "CI"),
        *("PCN1", 90000, "11", "1"),
        lines=[line],
        source=source,
    )


def decided(name: str, answers: tuple[str, int], *, reverses: str = "") -> DecidedClaim:
    return DecidedClaim(
        patient_control_number="PCN1",
        payer_claim_control_number=name,
        status_code="22" if reverses else "1",
        charge=90000,
        paid=0,
        member_id="M1",
        patient_name=("DEMO", "A"),
        rendering_npi="",
        place_of_service="11",
        frequency_code="1",
        adjustments=(Adjusted("CO", "45", 90000),),
        adjudication="" if reverses else name,
        reverses=reverses,
        answers=answers,
    )


def refused(name: str, answers: tuple[str, int]) -> DecidedClaim:
    """As a copy."""
    line = DecidedLine(
        number=1, procedure_code="64483", modifiers=(), service_date="20260305", charge=90000,
        paid=0, allowed=0, units=1, units_paid=1, adjustments=(Adjusted("OA", "18", 90000),),
    )  # fmt: skip
    return replace(decided(name, answers), lines=(line,))


def two() -> Alike:
    alike = Alike()
    alike.add(sent(FIRST))
    alike.add(sent(AGAIN))
    return alike


def test_answers_in_turn_are_told() -> None:
    alike = two()
    assert alike.candidates([decided("A", FIRST)]) == [[]]
    assert alike.candidates([decided("B", AGAIN)]) == [[]]


def test_what_is_decided_anew_beside_its_reversal_is_told() -> None:
    alike = two()
    alike.candidates([decided("A", FIRST)])
    both = [decided("A2", FIRST), decided("", FIRST, reverses="A")]
    assert alike.candidates(both) == [[], []]


def test_what_is_decided_anew_weeks_after_its_reversal_is_not() -> None:
    alike = two()
    alike.candidates([decided("A", FIRST)])
    alike.candidates([decided("", FIRST, reverses="A")])
    assert alike.candidates([decided("A2", FIRST)]) == [[FIRST, AGAIN]]


def test_a_second_decision_that_nothing_announces_is_not_told_from_the_resends_answer() -> None:
    alike = two()
    alike.candidates([decided("A", FIRST)])
    beside = [decided("A2", FIRST), decided("B", AGAIN)]
    assert alike.candidates(beside) == [[FIRST, AGAIN], [FIRST, AGAIN]]


def test_a_second_decision_beside_a_resend_that_is_refused_or_not_answered_is_told() -> None:
    alike = two()
    alike.candidates([decided("A", FIRST)])
    assert alike.candidates([decided("A2", FIRST)]) == [[]]
    no = refused("B", AGAIN)
    assert alike.candidates([decided("A3", FIRST), no]) == [[], []]


def test_beside_what_may_be_about_several_a_refusal_is_of_one_of_the_resends() -> None:
    third = ("c.837", 1)
    for resends, told in (([AGAIN], []), ([AGAIN, third], [AGAIN, third])):
        alike = Alike()
        for source in (FIRST, *resends):
            alike.add(sent(source))
        alike.candidates([decided("A", FIRST)])
        alike.candidates([decided("", FIRST, reverses="A")])
        both = [decided("A2", FIRST), refused("B", AGAIN)]
        assert alike.candidates(both) == [[FIRST, *resends], told]


def test_a_decision_anew_beside_an_open_replacement_is_told() -> None:
    """Every payer of this world repeats CLM05-3 in CLP09: 1 is the original's."""
    alike, replacement = two(), ("c.837", 1)
    alike.candidates([decided("A", FIRST)])
    claim = sent(replacement)
    claim.frequency_code, claim.payer_claim_control_number = "7", "A"
    alike.add(claim)
    back = replace(decided("", FIRST, reverses="A"), payer_claim_control_number="A")
    assert alike.candidates([back, decided("A2", FIRST)]) == [[], []]


def test_one_claim_shown_in_two_parts_is_told() -> None:
    assert two().candidates([decided("A", FIRST), decided("A-2", FIRST)]) == [[], []]
