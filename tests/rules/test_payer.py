"""payers.toml and the windows counted from it."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from rules.deadline import deadline
from rules.payer import (
    BadPayers,
    PayerProfile,
    find_payer,
    normal_id,
    parse_payers,
    payer_key,
)

EXAMPLE = """
[[payer]]
name = "Acme Health"
claim_filing = []
ids = ["87726", "ACME1"]
kind = "commercial"
replacement_claims = true
bilateral = "modifier_50"
corrected_claim_days = 180
corrected_claim_from = "remittance"
appeal_days = 120
original_claim_days = 365
frequency_limits = [ { group = "epidural", per = "region", sessions = 4, months = 12, min_days_between = 14 } ]
regions = [["cervical", "thoracic"], ["lumbar", "sacral"]]
source = "2026 provider manual, p. 41"
source_date = 2026-02-01

[[payer]]
name = "Medicare"
ids = ["04412"]
kind = "medicare_part_b"
"""  # noqa: E501


def test_reads_the_contracts_example() -> None:
    acme, medicare = parse_payers(EXAMPLE)
    assert acme.replacement_claims is True and acme.ids == ("87726", "ACME1")
    assert acme.frequency_limits[0].sessions == 4
    assert acme.regions == (("cervical", "thoracic"), ("lumbar", "sacral"))
    assert acme.source_date == date(2026, 2, 1)
    assert medicare.replacement_claims is False and medicare.is_medicare_part_b
    assert medicare.corrected_claim_days is None


def test_what_is_written_is_read_and_what_is_not_has_its_usual_value() -> None:
    text = '[[payer]]\nname = " A "\nids = [" 1 "]\n'
    (plain,) = parse_payers(text + "frequency_limits = [{ group = 'epidural' }]")
    assert (plain.name, plain.ids, plain.kind) == ("A", ("1",), "commercial")
    assert (plain.corrected_claim_from, plain.source) == ("remittance", None)
    limit = plain.frequency_limits[0]
    assert (limit.per, limit.months, limit.sessions) == ("region", 12, None)
    (own,) = parse_payers(
        text + "kind = 'medicaid'\ncorrected_claim_from = 'service'\nsource = ' p. 4 '\n"
        "frequency_limits = [{ group = 'epidural', per = 'member', months = 6 }]"
    )
    assert (own.kind, own.corrected_claim_from, own.source) == ("medicaid", "service", "p. 4")
    assert (own.frequency_limits[0].per, own.frequency_limits[0].months) == ("member", 6)
    for said, takes in (("", False), ("replacement_claims = false", False)):
        (part_b,) = parse_payers(text + 'kind = "medicare_part_b"\n' + said)
        assert part_b.replacement_claims is takes


@pytest.mark.parametrize(
    ("identifier", "normal"),
    [
        (" acme1 ", "ACME1"), ("1999999904", "999999904"), ("2999999904", "2999999904"),
        ("1-99999990", "199999990"), ("19999999041", "19999999041"), ("1ABCDEFGHI", "1ABCDEFGHI"),
        ("99-99", "99-99"), ("AB-123456", "AB-123456"), ("SKIL-1234", "SKIL-1234"),
    ],
)  # fmt: skip
def test_an_id_is_compared_as_a_tax_id_only_where_it_is_one(identifier: str, normal: str) -> None:
    assert normal_id(identifier) == normal


def test_two_claims_went_to_one_payer_whichever_id_they_name() -> None:
    acme = '[[payer]]\nname = "A"\nids = ["87726", "ACME1"]\n'
    same = parse_payers(acme)
    assert payer_key(same, "acme1 ") == payer_key(same, "87726") != payer_key(same, "99999")
    assert payer_key(same, "99999") == payer_key((), " 99999") and payer_key(same, None) == ""
    text = acme + 'claim_filing = ["CI"]\n' + acme.replace('"A"', '"B"') + 'claim_filing = ["16"]'
    two = parse_payers(text)
    assert payer_key(two, "87726", "CI") != payer_key(two, "87726", "16")
    # Without a line of business nothing tells which of the two it is.
    assert payer_key(two, "87726") == "87726"


def test_nothing_is_no_payer() -> None:
    assert parse_payers("") == ()


def test_unknown_is_a_word() -> None:
    (one,) = parse_payers('[[payer]]\nname="A"\nids=["1"]\nreplacement_claims="unknown"')
    assert one.replacement_claims is None and one.known


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('kind = "medicare_part_b"\nreplacement_claims = true', "takes no replacement"),
        ('replacement_claims = "yes"', "replacement_claims must be"),
        ("replacement_claims = 1", "replacement_claims must be"),
        ('kind = "hmo"', "kind must be one of"),
        ("corrected_claim_days = -1", "from 1 to 3660"),
        ("corrected_claim_days = 0", "from 1 to 3660"),
        ("corrected_claim_days = 3661", "from 1 to 3660"),
        ("corrected_claim_days = true", "whole number"),
        ('corrected_claim_days = "180"', "whole number"),
        ('corrected_claim_from = "denial"', "corrected_claim_from must be one of"),
        ('bilateral = "both"', "bilateral must be one of"),
        ("corected_claim_days = 180", "unknown key corected_claim_days"),
        ("claim_filing = [3]", "claim_filing must be a list"),
        ("claim_filing = [' ']", "claim_filing must be a list"),
        ("frequency_limits = [3]", r"frequency_limits\[1\] must be a table"),
        ("frequency_limits = [{ sessions = 4 }]", "group is missing"),
        ("frequency_limits = [{ group = 'a', seasons = 4 }]", "unknown key seasons"),
        ("regions = ['lumbar']", "regions must be"),
        ("regions = [[3]]", "regions must be"),
        ("source_date = '2026-02-01'", "source_date must be"),
    ],
)
def test_what_is_wrong_is_said_in_words(text: str, word: str) -> None:
    with pytest.raises(BadPayers, match=word):
        parse_payers('[[payer]]\nname = "Acme"\nids = ["1"]\n' + text)


@pytest.mark.parametrize("text", ["[[payer", "payer = 3", "payer = [3]",
                                  "[[payer]]\nname = ' '\nids = ['1']",
                                  "[payer]\nname = 'A'", "x = 1",
                                  "[[payer]]\nids = ['1']", "[[payer]]\nname = 'A'"])  # fmt: skip
def test_files_that_are_no_payers(text: str) -> None:
    with pytest.raises(BadPayers):
        parse_payers(text)


@pytest.mark.parametrize("days", [1, 3660])
def test_a_window_is_of_one_day_to_ten_years(days: int) -> None:
    (one,) = parse_payers(f'[[payer]]\nname="A"\nids=["1"]\nappeal_days = {days}')
    assert one.appeal_days == days and one.corrected_claim_days is None


def test_all_problems_at_once() -> None:
    with pytest.raises(BadPayers) as caught:
        parse_payers("[[payer]]\nkind = 'hmo'\n[[payer]]\nname = 'A'\nids = ['1']\nx = 1")
    assert len(caught.value.problems) == 4


def test_an_id_stands_once_unless_the_line_of_business_differs() -> None:
    two = "[[payer]]\nname='A'\nids=['1']\n{}\n[[payer]]\nname='B'\nids=['1']\n{}"
    with pytest.raises(BadPayers, match="claim_filing must tell them apart"):
        parse_payers(two.format("", ""))
    a, b = profiles = parse_payers(two.format("claim_filing=['CI']", "claim_filing=['16']"))
    assert find_payer(profiles, ["1"], "CI") is a and find_payer(profiles, ["1"], "16") is b
    assert not find_payer(profiles, ["1"], "MB").known
    a, b = profiles = parse_payers(two.format("", "claim_filing=['16']"))
    assert find_payer(profiles, ["1"], "16") is b and find_payer(profiles, ["1"]) is a


@pytest.mark.parametrize("ours", ["1999999904", "999999904", "99-9999904"])
@pytest.mark.parametrize("theirs", ["1999999904", "999999904"])
def test_a_tax_id_is_the_same_with_the_1_of_trn03_and_without(ours: str, theirs: str) -> None:
    """A payer that its 835 names by TRN03 alone is found, however payers.toml writes it."""
    text = '[[payer]]\nname = "A"\nids = ["{}"]\nkind = "medicaid"\n'
    assert find_payer(parse_payers(text.format(ours)), [theirs]).kind == "medicaid"
    assert not find_payer(parse_payers(text.format(ours)), ["2999999904"]).known
    with pytest.raises(BadPayers, match="stands at A and at B"):
        parse_payers(text.format(ours) + text.format(theirs).replace('"A"', '"B"'))


def test_finds_by_any_id_and_invents_nothing() -> None:
    profiles = parse_payers(EXAMPLE)
    assert find_payer(profiles, ["NOPE", "acme1 "]).name == "Acme Health"
    unknown = find_payer(profiles, ["NOPE"], "MB")
    assert (unknown.kind, unknown.replacement_claims, unknown.known) == ("commercial", None, False)
    assert unknown.corrected_claim_days is None


DENIED, SERVED = date(2026, 4, 1), date(2026, 3, 14)
ACME = PayerProfile(name="A", ids=("1",), corrected_claim_days=180, appeal_days=120,
                    original_claim_days=90)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "change", "expected"),
    [
        ("replacement", {}, date(2026, 9, 28)),
        ("replacement", {"corrected_claim_from": "service"}, date(2026, 9, 10)),
        ("replacement", {"corrected_claim_days": None}, None),
        ("new_claim", {}, date(2026, 6, 12)),
        ("new_claim", {"original_claim_days": None}, None),
        ("new_claim", {"original_claim_days": None, "kind": "medicare_part_b"},
         date(2027, 3, 14)),
        ("appeal", {}, date(2026, 7, 30)),
        ("appeal", {"appeal_days": None}, None),
        ("appeal", {"appeal_days": None, "kind": "medicare_part_b"}, date(2026, 7, 30)),
        ("reopening", {"kind": "medicare_part_b"}, date(2027, 4, 1)),
        ("review", {}, date(2026, 7, 30)),
        ("review", {"appeal_days": None}, date(2026, 9, 28)),
        ("documentation", {}, date(2026, 7, 30)),
        ("hold", {"corrected_claim_days": None, "appeal_days": None}, None),
        ("write_off", {}, None),
        ("patient", {}, None),
        ("none", {}, None),
        ("bill_other_payer", {}, None),
    ],
)  # fmt: skip
def test_deadlines(path: str, change, expected: date | None) -> None:
    assert deadline(path, dataclasses.replace(ACME, **change), DENIED, SERVED) == expected


def test_no_service_date_is_no_deadline() -> None:
    assert deadline("new_claim", ACME, DENIED, None) is None
    from_service = dataclasses.replace(ACME, corrected_claim_from="service")
    assert deadline("replacement", from_service, DENIED, None) is None
