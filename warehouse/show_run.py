"""What a pass of the pipeline, or one of its steps, came to – for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.show_text import paragraph, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.cli_answer import Show

WORDS = {
    "files.loaded": "files loaded",
    "files.duplicate": "files received before (duplicates)",
    "files.quarantined": "files refused, now in quarantine",
    "files.waiting": "files left in inbox/ until they stay unchanged (settle_seconds)",
    "evidence.loaded": "chart facts loaded",
    "evidence.quarantined": "chart facts that could not be read",
    "claims": "claims billed",
    "remittance_claims": "claims answered by payers",
    "lines_adjudicated": "service lines decided by payers",
    "lines_matched": "service lines matched to the line billed",
    "denials": "denials found",
    "corrections": "changes to claims proposed",
    "needs_evidence": "denials that lack evidence",
    "awaiting_approval": "denied lines whose correction waits for approval",
    "decided": "denials decided",
    "undecided": "claims that could not be decided",
    "emitted_claims": "corrected claims sent",
    "emitted_files": "files written",
    "quarantined": "in quarantine, files and parts of files",
    "left": "links, pipes and folders in inbox/, left there",
    "changed": "of them otherwise than before",
    "not_sent": "claims that could not be sent",
    "problems": "findings: what does not hold in files",
}

SHADOW = {
    "emitted_claims": "corrected claims written to shadow/ (nothing is sent in shadow mode)",
    "emitted_files": "files written to shadow/",
}

WHAT_NEXT = {
    "files.quarantined": "What is in quarantine, and why: reclaim quarantine list",
    "quarantined": "What is in quarantine, and why: reclaim quarantine list",
    "evidence.quarantined": "What is in quarantine, and why: reclaim quarantine list",
    "awaiting_approval": "Corrections wait for a person: reclaim review list",
    "undecided": "Why, and where each claim stands: reclaim review list",
    "emitted_files": "What was written, and what became of it: reclaim outbox list",
    "problems": "What does not add up, and where: reclaim verify; of one file: reclaim validate",
    "needs_evidence": "What evidence is missing: reclaim query "
    '"SELECT patient_control_number, missing_evidence FROM mart_denial '
    "WHERE decision = 'needs_evidence'\"",
}


def initialised(home: Path) -> Show:
    """The home is there: what to do with it."""

    def show(console: Console) -> None:
        console.print(f"The home folder is ready: {home}", soft_wrap=True)
        for line in (
            "1. Name your payers in payers.toml; settings are in reclaim.toml.",
            "2. Put 837P and 835 files into inbox/, chart facts into evidence/.",
            "3. Run: reclaim run --home DIR. It is in shadow mode: nothing leaves the folder.",
        ):
            console.print("  " + line, soft_wrap=True)

    return show


def ran(data: Mapping[str, Any]) -> Show:
    """All counts of one pass."""
    return counts("run", data)


def counts(step: str, data: Mapping[str, Any]) -> Show:
    """The counts of a step, what could not be sent and why, and what to do next."""

    def show(console: Console) -> None:
        flat = dict(_flat(data))
        shown = table(step, "", right=("",))
        words_of = WORDS | (SHADOW if data.get("mode") == "shadow" else {})
        for name, value in flat.items():
            shown.add_row(
                words_of.get(name, name.replace("_", " ").replace(".", ", ")), f"{value:,}"
            )
        console.print(shown)
        for claim in data.get("refused") or ():
            paragraph(
                console, f"not sent: claim {claim['patient_control_number']}: {claim['reason']}"
            )
        for words in dict.fromkeys(WHAT_NEXT[n] for n, v in flat.items() if v and n in WHAT_NEXT):
            console.print(words, soft_wrap=True)

    return show


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, int]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, int):
            yield prefix + name, int(value)
