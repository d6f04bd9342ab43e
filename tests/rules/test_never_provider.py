"""The never-list on who rendered, as what, where, and who referred: no fact, no difference."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cases.claims import ACME, AUTHORIZATION, NOTE, claim, correction, evidence, line
from rules.apply import apply
from rules.decision import ClaimFacts
from rules.forbidden import Forbidden
from rules.never import forbidden

REPLACES = {"frequency": "7", "references": "REF*F8*PCCN1"}


def codes(found) -> set[str]:
    return {v.code for v in found}


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ({}, set()),
        ({"place_of_service": "22"}, {"N4"}),
        ({"place_of_service": None}, {"N4"}),
        ({"service_date": "2026-03-13"}, {"N4"}),
        ({"sites": [{"procedure_code": "62323"}]}, {"N4"}),
        ({"sites": []}, set()),
        ({"sites": [], "drugs": [{"procedure_code": "J1010", "milligrams": 40}]}, {"N4"}),
        ({"sites": [], "drugs": [{"procedure_code": "64483", "milligrams": 40}]}, set()),
    ],
    ids=[
        "names it",
        "names another",
        "silent",
        "of another day",
        "of another procedure",
        "of none",
        "of another drug",
        "of the drug",
    ],
)
@pytest.mark.parametrize("at", ["2400[1]/SV105", "2300/CLM05-1"])
def test_n4_place_of_service_that_no_note_of_that_day_names(
    at: str, note, expected: set[str], tmp_path: Path
) -> None:
    billed = claim(tmp_path, line("64483"))
    if at.startswith("2400"):
        old, sent = None, claim(tmp_path, line("64483", place="24"), **REPLACES)
    else:
        old, sent = "11", claim(tmp_path, line("64483"), place="24", **REPLACES)
    (fact,) = evidence(billed, {**NOTE, **note})
    named = correction(at, old, "24", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == expected
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    if expected:
        with pytest.raises(Forbidden, match="N4"):
            apply(known, [named])
    else:
        assert apply(known, [named])
        withdrawn = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[])
        assert codes(withdrawn) == {"N4"}


def test_n4_the_claims_place_is_every_lines(tmp_path: Path) -> None:
    lines = [line("64483"), line("64484", day="20260315")]
    billed, sent = claim(tmp_path, *lines), claim(tmp_path, *lines, place="24", **REPLACES)
    (fact,) = evidence(billed, NOTE)
    named = correction("2300/CLM05-1", "11", "24", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == {"N4"} and "2400[2]" in found[0].reason
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    with pytest.raises(Forbidden, match="N4"):
        apply(known, [named])


BOTH = [{"procedure_code": "64483"}, {"procedure_code": "99213"}]


@pytest.mark.parametrize(
    ("sites", "at", "expected"),
    [
        (BOTH[:1], "2300/CLM05-1", "2400[2]"),
        (BOTH[:1], "2400[2]/SV105", "2400[2]"),
        (BOTH[:1], "2400[1]/SV105", None),
        ([], "2400[1]/SV105", "2400[1]"),
        ([], "2300/CLM05-1", "2400[1]"),
        (BOTH, "2300/CLM05-1", None),
    ],
)
def test_n4_a_note_places_only_the_lines_of_its_procedures(
    sites, at: str, expected: str | None, tmp_path: Path
) -> None:
    lines = [line("64483"), line("99213")]
    billed = claim(tmp_path, *lines)
    if at.startswith("2400"):
        number = int(at[5])
        lines[number - 1] = line(("64483", "99213")[number - 1], place="24")
        sent, old = claim(tmp_path, *lines, **REPLACES), None
    else:
        sent, old = claim(tmp_path, *lines, place="24", **REPLACES), "11"
    (fact,) = evidence(billed, NOTE | {"sites": sites})
    named = correction(at, old, "24", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    if expected is None:
        assert not found and apply(known, [named])
        return
    assert codes(found) == {"N4"} and expected in found[0].reason
    with pytest.raises(Forbidden, match="N4"):
        apply(known, [named])


def test_n4_the_claims_place_is_documented_for_lines_with_their_own(tmp_path: Path) -> None:
    lines = [line("64483"), line("99213", place="12")]
    billed, sent = claim(tmp_path, *lines), claim(tmp_path, *lines, place="24", **REPLACES)
    (fact,) = evidence(billed, NOTE)
    named = correction("2300/CLM05-1", "11", "24", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == {"N4"} and all("2400[2]" in v.reason for v in found)


@pytest.mark.parametrize("place", ["02", "10", "99"])
def test_n4_no_note_makes_a_visit_telehealth_or_puts_it_anywhere(
    place: str, tmp_path: Path
) -> None:
    billed = claim(tmp_path, line("64483"))
    sent = claim(tmp_path, line("64483"), place=place, **REPLACES)
    (fact,) = evidence(billed, NOTE | {"place_of_service": place})
    named = correction("2300/CLM05-1", "11", place, fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == {"N4"}


def test_n7_place_of_service_that_the_claims_authorization_does_not_have(tmp_path: Path) -> None:
    number = "~REF*G1*A1"
    billed = claim(tmp_path, line("64483"), references=number[1:])
    sent = claim(tmp_path, line("64483"), place="24", frequency="7",
                 references=REPLACES["references"] + number)  # fmt: skip
    facts = evidence(billed, NOTE, AUTHORIZATION)
    named = correction("2300/CLM05-1", "11", "24", facts[0])
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=facts)
    assert codes(found) == {"N7"}


REFERRAL = {"kind": "referral", "payer_id": "87726", "member_id": "W123456789", "number": "R1",
            "referring_npi": "1999999984", "valid_from": "2026-03-01",
            "valid_to": "2026-05-30", "procedure_codes": ["64483"], "units": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, set()),
        ({"procedure_codes": None}, set()),
        ({"valid_from": "2026-03-14", "valid_to": "2026-03-14"}, set()),
        ({"number": "R2"}, {"N7"}),
        ({"member_id": "W000000000"}, {"N7"}),
        ({"valid_from": "2026-03-15"}, {"N7"}),
        ({"valid_to": "2026-03-13"}, {"N7"}),
        ({"issued_on": "2026-03-15"}, {"N7"}),
        ({"procedure_codes": ["62323"]}, {"N7"}),
        ({"units_used": 1}, {"N7"}),
    ],
)
def test_n7_referral_number(change, expected: set[str], tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"))
    number = "~REF*9F*R1"
    sent = claim(tmp_path, line("64483"), frequency="7",
                 references=REPLACES["references"] + number)  # fmt: skip
    (fact,) = evidence(billed, REFERRAL | change)
    named = correction("2300/REF*9F", None, "R1", fact)
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    on_file = [fact] if known.is_about(fact.subject) else []
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=on_file)
    assert codes(found) == expected
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N7"}
    if expected:
        with pytest.raises(Forbidden, match="N7"):
            apply(known, [named])
    else:
        assert apply(known, [named])


def test_n7_a_referral_number_stands_once(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483", more="REF*9F*R1"))
    sent = claim(tmp_path, line("64483", more="REF*9F*R1"), frequency="7",
                 references=REPLACES["references"] + "~REF*9F*R1")  # fmt: skip
    (fact,) = evidence(billed, REFERRAL)
    named = correction("2300/REF*9F", None, "R1", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == {"N7"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    with pytest.raises(Forbidden, match="N7"):
        apply(known, [named])


ENROLLED = {"kind": "enrollment", "payer_id": "87726", "npi": "1999999984",
            "taxonomy_code": "208VP0014X", "effective_from": "2026-01-01"}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, set()),
        ({"effective_from": "2026-03-14", "effective_to": "2026-03-14"}, set()),
        ({"effective_from": "2026-03-15"}, {"N4"}),
        ({"effective_to": "2026-03-13"}, {"N4"}),
        ({"npi": "1234567893"}, {"N4"}),
        ({"taxonomy_code": "207L00000X"}, {"N4"}),
    ],
)
@pytest.mark.parametrize("old", ["363L00000X", None])
def test_n4_taxonomy_code_that_no_enrollment_has(
    change, expected: set[str], old: str | None, tmp_path: Path
) -> None:
    name = "NM1*82*1*SAMPLE*PAT****XX*1999999984"
    billed = claim(tmp_path, line("64483"), provider=f"{name}~PRV*PE*PXC*{old}" if old else name)
    sent = claim(tmp_path, line("64483"), provider=f"{name}~PRV*PE*PXC*208VP0014X", **REPLACES)
    (fact,) = evidence(billed, ENROLLED | change)
    named = correction("2310B/PRV03", old, "208VP0014X", fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == expected
    assert codes(forbidden(billed, sent, payer=ACME)) == {"N4"}
    assert codes(forbidden(billed, sent, payer=ACME, corrections=[named])) == {"N4"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    if expected:
        with pytest.raises(Forbidden, match="N4"):
            apply(known, [named])
    else:
        assert apply(known, [named])


def test_n4_no_enrollment_takes_a_taxonomy_code_away(tmp_path: Path) -> None:
    name = "NM1*82*1*SAMPLE*PAT****XX*1999999984"
    billed = claim(tmp_path, line("64483"), provider=f"{name}~PRV*PE*PXC*363L00000X")
    sent = claim(tmp_path, line("64483"), provider=name, **REPLACES)
    (fact,) = evidence(billed, ENROLLED)
    named = correction("2310B/PRV03", "363L00000X", None, fact)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=[fact])
    assert codes(found) == {"N4"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    with pytest.raises(Forbidden, match="N4"):
        apply(known, [named])


GOOD, WRONG, ANOTHER = "1999999984", "1999999985", "1234567893"
PROVIDER = "NM1*82*1*SAMPLE*PAT"
RENDERED = NOTE | {"place_of_service": None, "rendering_npi": GOOD}


def at(loop: str, folder: Path, segment: str, *more: list[str], **how: str):
    """A claim whose first line was rendered by whom the segment names, there or at the claim."""
    if loop == "2310B":
        return claim(folder, line("64483"), *more, provider=segment, **how)
    return claim(folder, line("64483", more=segment), *more, **how)


@pytest.mark.parametrize("loop", ["2310B", "2420A[1]"])
@pytest.mark.parametrize(
    ("note", "old", "new", "expected"),
    [
        ({}, None, GOOD, set()),
        ({}, WRONG, GOOD, set()),
        ({}, "123456789", GOOD, set()),
        ({}, ANOTHER, GOOD, {"N4"}),
        ({}, None, WRONG, {"N4"}),
        ({"rendering_npi": ANOTHER}, None, GOOD, {"N4"}),
        ({"rendering_npi": None}, None, GOOD, {"N4"}),
        ({"service_date": "2026-03-13"}, None, GOOD, {"N4"}),
        ({"sites": [{"procedure_code": "64493"}]}, None, GOOD, {"N4"}),
        ({"sites": []}, None, GOOD, set()),
    ],
    ids=["none", "mistyped", "too short", "an NPI", "to none", "of another", "silent",
         "of another day", "of another procedure", "of that day alone"],
)  # fmt: skip
def test_n4_npi_of_who_rendered(
    loop: str, note, old: str | None, new: str, expected: set[str], tmp_path: Path
) -> None:
    billed = at(loop, tmp_path, f"{PROVIDER}****XX*{old}" if old else PROVIDER)
    sent = at(loop, tmp_path, f"{PROVIDER}****XX*{new}", **REPLACES)
    (fact,) = evidence(billed, RENDERED | note)
    named = [correction(f"{loop}/NM109", old, new, fact)]
    if old is None:
        named.append(correction(f"{loop}/NM108", None, "XX", fact))
    found = forbidden(billed, sent, payer=ACME, corrections=named, evidence=[fact])
    assert codes(found) == expected
    assert codes(forbidden(billed, sent, payer=ACME, evidence=[fact])) == {"N4"}
    assert codes(forbidden(billed, sent, payer=ACME, corrections=named)) == {"N4"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=(fact,))
    if expected:
        with pytest.raises(Forbidden, match="N4"):
            apply(known, named)
    else:
        assert apply(known, named)


@pytest.mark.parametrize(
    ("second", "expected"),
    [({}, set()), ({"rendering_npi": ANOTHER}, {"N4"}), (None, {"N4"})],
    ids=["a note of each", "a note of another", "no note"],
)
def test_n4_the_claims_npi_is_every_lines(second, expected: set[str], tmp_path: Path) -> None:
    lines = [line("64483"), line("64493")]
    billed = claim(tmp_path, *lines, provider=PROVIDER)
    sent = claim(tmp_path, *lines, provider=f"{PROVIDER}****XX*{GOOD}", **REPLACES)
    other = {"sites": [{"procedure_code": "64493"}], "document_id": "OP-2"}
    facts = evidence(billed, RENDERED, *([RENDERED | other | second] if second is not None else []))
    named = [correction("2310B/NM109", None, GOOD, *facts),
             correction("2310B/NM108", None, "XX", *facts)]  # fmt: skip
    found = forbidden(billed, sent, payer=ACME, corrections=named, evidence=facts)
    assert codes(found) == expected
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    if expected:
        with pytest.raises(Forbidden, match="N4"):
            apply(known, named)
    else:
        assert apply(known, named)


@pytest.mark.parametrize(
    ("place", "old", "new", "segment"),
    [
        ("2310B/NM103", "SAMPLE", "OTHER", "NM1*82*1*OTHER*PAT****XX*1999999985"),
        ("2310B/NM109", WRONG, None, PROVIDER),
        ("2310B/NM108", "XX", "24", "NM1*82*1*SAMPLE*PAT****24*1999999985"),
        ("2420A[1]/NM109", None, GOOD, f"{PROVIDER}****XX*{WRONG}"),
        ("2310A/NM109", None, GOOD, f"{PROVIDER}****XX*{WRONG}"),
    ],
    ids=["the name", "taken away", "another kind", "no such loop", "who referred"],
)
def test_n4_nobody_else_is_changed(place: str, old, new, segment: str, tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"), provider=f"{PROVIDER}****XX*{WRONG}")
    facts = evidence(billed, RENDERED)
    named = correction(place, old, new, *facts)
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    with pytest.raises(Forbidden, match="N4"):
        apply(known, [named])
    if place.startswith("2310B"):
        sent = claim(tmp_path, line("64483"), provider=segment, **REPLACES)
        found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=facts)
        assert codes(found) == {"N4"}


def test_n4_a_loop_that_comes_or_goes(tmp_path: Path) -> None:
    with_one = claim(tmp_path, line("64483"), provider=f"{PROVIDER}****XX*{GOOD}")
    without = claim(tmp_path, line("64483"), **REPLACES)
    assert codes(forbidden(with_one, without, payer=ACME)) == {"N4"}
    without = claim(tmp_path, line("64483"))
    with_one = claim(tmp_path, line("64483"), provider=f"{PROVIDER}****XX*{GOOD}", **REPLACES)
    assert codes(forbidden(without, with_one, payer=ACME)) == {"N4"}


def test_n7_npi_that_the_claims_authorization_does_not_have(tmp_path: Path) -> None:
    number = "~REF*G1*A1"
    billed = claim(tmp_path, line("64483"), provider=PROVIDER, references=number[1:])
    sent = claim(tmp_path, line("64483"), provider=f"{PROVIDER}****XX*{GOOD}", frequency="7",
                 references=REPLACES["references"] + number)  # fmt: skip
    facts = evidence(billed, RENDERED, AUTHORIZATION)
    named = [correction("2310B/NM109", None, GOOD, facts[0]),
             correction("2310B/NM108", None, "XX", facts[0])]  # fmt: skip
    found = forbidden(billed, sent, payer=ACME, corrections=named, evidence=facts)
    assert codes(found) == {"N7"}
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    with pytest.raises(Forbidden, match="N7"):
        apply(known, named)
