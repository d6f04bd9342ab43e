"""Evidence as it is kept: each record once, and of one kind, document and subject one stands."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.evidence_intake import receive_evidence
from warehouse.settings import FOLDERS, Settings

NOW = datetime(2026, 4, 1, 9)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
    return Settings(home=tmp_path)


def subscriber(document: str, member_id: str, number: str = "PCN1", day: str = "20") -> str:
    return json.dumps({
        "kind": "subscriber", "document_id": document, "attested_by": "front.desk",
        "attested_on": f"2026-03-{day}", "patient_control_number": number, "member_id": member_id,
    })  # fmt: skip


def put(settings: Settings, **files: str) -> None:
    """These files and no others."""
    folder = settings.folder("evidence")
    for path in folder.iterdir():
        path.unlink()
    for name, text in files.items():
        (folder / (name if "." in name else f"{name}.jsonl")).write_text(text)


def receive(warehouse: Warehouse, settings: Settings) -> tuple[int, int]:
    """Twice, for the second time changes nothing; counts of the first."""
    first = receive_evidence(warehouse, settings, now=NOW)
    before = on_file(warehouse)
    assert receive_evidence(warehouse, settings, now=NOW) == (0, 0)
    assert on_file(warehouse) == before
    return first


def stands(warehouse: Warehouse) -> set[str]:
    """Member ids of the records that stand."""
    e = t.evidence
    with warehouse.read() as connection:
        found = connection.execute(select(e.c.content).where(e.c.superseded_by.is_(None)))
        return {json.loads(row[0])["member_id"] for row in found}


def set_apart(warehouse: Warehouse) -> set[tuple[str, str, str]]:
    q = t.quarantine_item
    with warehouse.read() as connection:
        rows = connection.execute(select(q.c.code, q.c.place, q.c.state))
        return {(row[0], row[1], row[2]) for row in rows}


def on_file(warehouse: Warehouse) -> list[tuple[int, int | None]]:
    e = t.evidence
    with warehouse.read() as connection:
        found = connection.execute(select(e.c.evidence_id, e.c.superseded_by).order_by(e.c[0]))
        return [(row[0], row[1]) for row in found]


def test_a_record_is_superseded_by_the_next_of_its_kind_document_and_subject(
    warehouse: Warehouse, settings: Settings
) -> None:
    chart = settings.folder("evidence") / "chart.jsonl"
    first, second, third = (subscriber("ELIG-1", f"W{n}") for n in (1, 2, 3))
    chart.write_text("\n".join((first, subscriber("ELIG-2", "W9"), first, second)))
    assert receive_evidence(warehouse, settings, now=NOW) == (3, 0)
    assert on_file(warehouse) == [(1, 3), (2, None), (3, None)]
    with chart.open("a") as file:
        file.write("\n" + subscriber("ELIG-1", "W4", "PCN2") + "\n{}\n" + third + "\n" + third)
    assert receive_evidence(warehouse, settings, now=NOW) == (2, 1)
    assert on_file(warehouse) == [(1, 3), (2, None), (3, 5), (4, None), (5, None)]
    assert receive_evidence(warehouse, settings, now=NOW) == (0, 0)
    assert on_file(warehouse) == [(1, 3), (2, None), (3, 5), (4, None), (5, None)]


def test_what_was_attested_later_stands_whatever_the_files_are_called(
    warehouse: Warehouse, settings: Settings
) -> None:
    early, late = subscriber("E", "EARLY", day="02"), subscriber("E", "LATE", day="25")
    put(settings, **{"auth": late, "auth-correction": early})
    receive(warehouse, settings)
    assert stands(warehouse) == {"LATE"}
    put(settings, a=late, b=early, c=subscriber("E", "OLDER", day="01"))
    receive(warehouse, settings)
    assert stands(warehouse) == {"LATE"}


def test_a_file_that_is_set_back_says_again_what_it_said(
    warehouse: Warehouse, settings: Settings
) -> None:
    for early, late in (("20", "20"), ("02", "25")):
        a, b = subscriber(early, "A1", day=early), subscriber(early, "B1", day=late)
        for text, member in ((a, "A1"), (b, "B1"), (a, "A1"), (b, "B1")):
            put(settings, auth=text)
            assert receive(warehouse, settings) == (1, 0)
            assert stands(warehouse) == {member} | ({"B1"} if early == "02" else set())
    e = t.evidence
    with warehouse.read() as connection:
        assert len(connection.execute(select(e.c.evidence_id)).all()) == 8


def test_a_file_that_is_away_for_a_while_is_set_back_all_the_same(
    warehouse: Warehouse, settings: Settings
) -> None:
    a, b = subscriber("E", "A1"), subscriber("E", "B1")
    for files in ({"auth": a}, {"auth": b}, {}, {"auth": a}):
        put(settings, **files)
        receive(warehouse, settings)
    assert stands(warehouse) == {"A1"}


def test_a_line_that_is_gone_withdraws_nothing_and_brings_nothing_back(
    warehouse: Warehouse, settings: Settings
) -> None:
    early, late = subscriber("E", "EARLY", day="02"), subscriber("E", "LATE", day="25")
    put(settings, a=early)
    receive(warehouse, settings)
    put(settings, a=early, b=late)
    receive(warehouse, settings)
    for files in ({"a": early}, {"a": early, "b": ""}, {}, {"a": early}, {"c": early}):
        put(settings, **files)
        assert receive(warehouse, settings) == (0, 0)
        assert stands(warehouse) == {"LATE"}


def test_of_one_day_what_comes_later_stands(warehouse: Warehouse, settings: Settings) -> None:
    put(settings, z=subscriber("E", "FIRST"))
    receive(warehouse, settings)
    put(settings, z=subscriber("E", "FIRST"), a=subscriber("E", "SECOND"))
    assert receive(warehouse, settings) == (1, 0)
    assert stands(warehouse) == {"SECOND"}
    # Known, and superseded: a copy of it in another file is nothing new.
    put(settings, y=subscriber("E", "FIRST"), a=subscriber("E", "SECOND"))
    assert receive(warehouse, settings) == (0, 0)
    assert stands(warehouse) == {"SECOND"}


def test_two_files_that_contradict_each_other_on_one_day_carry_nothing(
    warehouse: Warehouse, settings: Settings
) -> None:
    put(settings, z=subscriber("E", "BEFORE", day="02"))
    receive(warehouse, settings)
    one, other = subscriber("E", "ONE"), subscriber("E", "OTHER")
    put(settings, a=one, b=other, c=subscriber("F", "UNTOUCHED"))
    assert receive(warehouse, settings) == (3, 2)
    assert stands(warehouse) == {"UNTOUCHED"}
    code = "EVIDENCE_CONFLICT"
    assert set_apart(warehouse) == {
        (code, "a.jsonl line 1", "open"), (code, "b.jsonl line 1", "open"),
    }  # fmt: skip
    put(settings, a=one, c=subscriber("F", "UNTOUCHED"))
    assert receive(warehouse, settings) == (0, 0)
    assert stands(warehouse) == {"ONE", "UNTOUCHED"}
    assert {state for _, _, state in set_apart(warehouse)} == {"discarded"}


def test_a_contradiction_ends_where_a_later_record_comes(
    warehouse: Warehouse, settings: Settings
) -> None:
    one, other = subscriber("E", "ONE"), subscriber("E", "OTHER")
    put(settings, a=one, b=other)
    assert receive(warehouse, settings) == (2, 2)
    put(settings, a=one, b=other, c=subscriber("E", "OLDER", day="02"))
    assert receive(warehouse, settings) == (1, 0)
    assert stands(warehouse) == set()
    put(settings, a=one, b=other, c=subscriber("E", "SAID", day="21"))
    assert receive(warehouse, settings) == (1, 0)
    assert stands(warehouse) == {"SAID"}
    assert {state for _, _, state in set_apart(warehouse)} == {"discarded"}


def test_the_same_record_in_two_files_and_spellings_contradicts_nothing(
    warehouse: Warehouse, settings: Settings
) -> None:
    turned = json.dumps(dict(reversed(json.loads(subscriber("E", "ONE")).items())))
    row = ("document_id,attested_by,attested_on,patient_control_number,member_id\n"
           "E,front.desk,2026-03-20,PCN1,ONE\n")  # fmt: skip
    put(settings, **{"a": subscriber("E", "ONE"), "b": turned, "subscriber-1.csv": row})
    assert receive(warehouse, settings) == (1, 0)
    assert stands(warehouse) == {"ONE"}


def test_rows_of_a_csv_too(warehouse: Warehouse, settings: Settings) -> None:
    head = "document_id,attested_by,attested_on,patient_control_number,member_id\n"
    early, late = "E,a,2026-03-02,PCN1,EARLY\n", "E,a,2026-03-25,PCN1,LATE\n"
    put(settings, **{"subscriber.csv": head + late + early})
    receive(warehouse, settings)
    assert stands(warehouse) == {"LATE"}
    put(settings, **{"subscriber.csv": head + early})
    receive(warehouse, settings)
    assert stands(warehouse) == {"LATE"}  # it lay there already: the other is only gone
    put(settings, **{"subscriber.csv": head + "E,a,2026-03-26,PCN1,MENDED\n"})
    receive(warehouse, settings)
    assert stands(warehouse) == {"MENDED"}


def test_the_rows_of_a_procedure_note_are_one_record(
    warehouse: Warehouse, settings: Settings
) -> None:
    head = ("document_id,attested_by,attested_on,patient_control_number,service_date,"
            "procedure_code,structure,laterality\n")  # fmt: skip
    note = "OP-1,coder.a,2026-03-20,PCN1,2026-03-14,20610,{}\n"
    put(settings, **{"procedure_note.csv": head + note.format("knee,left")
                     + note.format("shoulder,right")})  # fmt: skip
    assert receive(warehouse, settings) == (1, 0)
    with warehouse.read() as connection:
        (content,) = connection.execute(select(t.evidence.c.content)).scalars()
    assert [site["structure"] for site in json.loads(content)["sites"]] == ["knee", "shoulder"]


def test_a_record_of_a_provider_is_filed_under_its_payer_and_npi(
    warehouse: Warehouse, settings: Settings
) -> None:
    """Of two providers both stand; of one provider the one that was attested last."""
    head = "document_id,attested_by,attested_on,payer_id,npi,taxonomy_code,effective_from\n"
    rows = [
        "EN-1,front.desk,2026-03-02,87726,1234567893,208VP0000X,2020-01-01\n",
        "EN-1,front.desk,2026-03-02,87726,1558444216,208VP0014X,2020-01-01\n",
        "EN-1,front.desk,2026-03-25, 87726,1234567893,207LP2900X,2020-01-01\n",
    ]
    put(settings, **{"enrollment.csv": head + "".join(rows)})
    assert receive(warehouse, settings)[1] == 0
    e = t.evidence
    with warehouse.read() as connection:
        found = connection.execute(select(e.c.subject).where(e.c.superseded_by.is_(None)))
        assert set(found.scalars()) == {
            "provider:87726:1234567893", "provider:87726:1558444216",
        }  # fmt: skip


def test_the_order_of_the_files_says_nothing(warehouse: Warehouse, settings: Settings) -> None:
    texts = [
        subscriber("E", "ONE") + "\n" + subscriber("F", "X1", day="02"),
        subscriber("E", "OTHER") + "\n" + subscriber("F", "X2", day="25"),
        subscriber("E", "OLD", day="01") + "\n" + subscriber("F", "X3", day="05"),
    ]
    for n, some in enumerate(itertools.permutations(texts)):
        put(settings, **{
            name: text.replace('"PCN1"', f'"PCN{n}"').replace('"X', f'"{n}X')
            for name, text in zip("abc", some, strict=True)
        })  # fmt: skip
        assert receive(warehouse, settings) == (6, 2)
    assert stands(warehouse) == {f"{n}X2" for n in range(6)}


def test_a_line_that_is_wrong_again_is_set_apart_again(
    warehouse: Warehouse, settings: Settings
) -> None:
    for text, counts in (("{}", (0, 1)), ("", (0, 0)), ("{}", (0, 1))):
        put(settings, a=text)
        assert receive(warehouse, settings) == counts
    assert [state for _, _, state in set_apart(warehouse)] == ["open"]
