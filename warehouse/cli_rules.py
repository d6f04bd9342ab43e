"""`reclaim rules`: which denials we answer, with what change, on what evidence."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli_answer import Answer, as_data
from warehouse.cli_command import Desk, WrongUse, command, day
from warehouse.show_text import counted, facts, heading, listing, table

if TYPE_CHECKING:
    from rich.console import Console

    from rules.rule import Rule

SECTIONS = ("Denial", "Fix", "Evidence", "Refuses", "Safety", "Sources")

app = typer.Typer(
    help="The rules: which denials they answer, with what change, on what evidence.",
    no_args_is_help=True,
)


@command(app, "list", examples=("reclaim rules list",))
def list_rules(desk: Desk) -> Answer:
    """Every rule, in the order in which they are asked: the first that answers decides."""
    from rules.registry import ALL_RULES

    rows = [_in_short(rule) for rule in ALL_RULES]

    def show(console: Console) -> None:
        cells = [
            (
                row["rule_code"],
                str(row["rule_version"]),
                ", ".join(row["reason_codes"]),
                "may go by itself" if row["safety"] == "automatic" else "a person",
            )
            for row in rows
        ]
        titles = [row["title"] for row in rows]
        columns = ("rule", "version", "reason codes", "who lets it go")
        listing(console, columns, list(zip(cells, titles, strict=True)), right=("version",))
        console.print("\nOne of them in full: reclaim rules explain RULE")

    return Answer({"rules": rows}, show)


@command(
    app,
    "explain",
    examples=("reclaim rules explain carc197.prior-authorization", "reclaim rules explain CO-197"),
)
def explain(
    desk: Desk,
    code: Annotated[str, typer.Argument(help="A rule's code, or a payer's reason code (CARC).")],
) -> Answer:
    """What a rule does, what it needs for it, and what became of its corrections so far.

    Or what a payer's reason code means to us.
    """
    from rules.registry import ALL_RULES

    for rule in ALL_RULES:
        if rule.code == code:
            return _one_rule(rule, _record(desk, code))
    return _reason_code(code)


@command(app, "backtest", examples=("reclaim rules backtest --since 2026-09-01",))
def run_backtest(
    desk: Desk,
    since: Annotated[
        date,
        typer.Option("--since", metavar="YYYY-MM-DD", parser=day, help="Denied from this day."),
    ],
) -> Answer:
    """Decide past denials once more by today's rules, and show what would come out otherwise.

    Nothing is changed and nothing is sent.
    """
    from warehouse.backtest import backtest

    with desk.warehouse() as warehouse:
        found = backtest(warehouse, desk.settings, since=since, as_of=desk.as_of)

    def show(console: Console) -> None:
        console.print(f"{found.denials} denials since {since}: {found.same} decided as they were, "
                      f"{len(found.otherwise)} otherwise, {found.settled} settled since by the "
                      "payer or a person.", soft_wrap=True)  # fmt: skip
        if found.of_no_claim:
            console.print(f"{counted(found.of_no_claim, 'more denial')} of no claim that we know.")
        if not found.otherwise:
            return
        shown = table("id", "claim", "reason", "was", "would be", "rule", right=("id",),
                      wrap=("was", "would be"))  # fmt: skip
        for o in found.otherwise:
            shown.add_row(str(o.denial_id), o.patient_control_number, o.reason,
                          f"{o.decision_was} → {o.path_was}", f"{o.decision_now} → {o.path_now}",
                          o.rule_now or "none")  # fmt: skip
        console.print(shown)

    moves = [{"was": was, "now": now, "denials": n} for was, now, n in found.moves()]
    return Answer(as_data(found) | {"moves": moves}, show)


def _record(desk: Desk, code: str) -> dict[str, int] | None:
    """What became of the rule's corrections; None where there is no home to ask."""
    if not (desk.home / "reclaim.toml").is_file():
        return None
    from warehouse.backtest import record_of

    with desk.warehouse() as warehouse:
        return record_of(warehouse, code)


def _in_short(rule: Rule) -> dict[str, Any]:
    return {
        "rule_code": rule.code,
        "rule_version": rule.version,
        "reason_codes": list(rule.answers),
        "safety": rule.safety,
        "title": _text(rule).splitlines()[0].rstrip("."),
    }


def _text(rule: Rule) -> str:
    return sys.modules[rule.consider.__module__].__doc__ or rule.code


def sections(text: str) -> dict[str, str]:
    """The parts of a rule's docstring, each as one paragraph.

    >>> sections('''Title.
    ...
    ... Denial    CARC 197,
    ...           or 15.
    ... Fix       A number.''')
    {'Denial': 'CARC 197, or 15.', 'Fix': 'A number.'}
    """
    parts = re.split(rf"^({'|'.join(SECTIONS)})\s+", text, flags=re.MULTILINE)
    return {
        name: " ".join(body.split()) for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def _one_rule(rule: Rule, record: dict[str, int] | None) -> Answer:
    data = _in_short(rule)
    parts = sections(_text(rule))
    data |= {name.lower(): words for name, words in parts.items() if name not in ("Safety",)}
    data |= {"why_safe": parts.get("Safety", ""), "sources": list(rule.sources)}
    data["record"] = record

    def show(console: Console) -> None:
        heading(console, f"{rule.code}, version {rule.version}: {data['title']}")
        facts(console, parts)
        if record:
            counts = {name.replace("_", " "): str(n) for name, n in record.items()}
            heading(console, "So far")
            facts(console, counts)

    return Answer(data, show)


def _reason_code(code: str) -> Answer:
    """What a CARC means, with or without its group before it.

    Raises: WrongUse for a code that we do not know.
    """
    from rules.classify import classify, reason_codes
    from rules.registry import ALL_RULES

    group, _, reason = code.upper().rpartition("-")
    known = reason_codes().get(reason)
    if known is None:
        raise WrongUse(
            "no rule and no reason code of this name; reclaim rules list shows the rules"
        )
    group = group or (known.groups[0] if known.groups else "CO")
    meaning = classify(group, reason)
    answering = [_in_short(rule) for rule in ALL_RULES if reason in rule.answers]
    data = {
        "group_code": group,
        "reason_code": reason,
        "label": known.label,
        "category": meaning.category,
        "is_denial": known.is_denial,
        "path": meaning.path,
        "rules": answering,
    }

    def show(console: Console) -> None:
        heading(console, f"{group}-{reason}: {known.label}")
        denies = {"Y": "a denial", "N": "no denial"}.get(
            known.is_denial, "where nothing is allowed"
        )
        facts(
            console,
            {
                "denies": denies,
                "category": meaning.category.replace("_", " "),
                "left to do": meaning.path.replace("_", " "),
                "asked": ", ".join(row["rule_code"] for row in answering) or "no rule of ours",
            },
        )
        if answering:
            console.print(f"\nThe rule in full: reclaim rules explain {answering[0]['rule_code']}")

    return Answer(data, show)
