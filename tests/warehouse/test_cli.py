"""Every command: its help, its options, its exit status, and what it says when it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from rules.evidence import KINDS
from warehouse import show_text, steps
from warehouse.cli import app

COMMANDS = {
    "init", "demo", "run", "receive", "match", "propose", "emit", "check", "query", "timeline",
    "validate", "verify", "review list", "review show", "review approve", "review reject",
    "review close",
    "quarantine list", "quarantine show", "quarantine accept", "quarantine discard",
    "outbox list", "outbox show", "rules list", "rules explain", "rules backtest",
    "reference import", "reference list", "report denials", "report pareto", "report unmatched",
}  # fmt: skip
NEEDS = {
    "query": ("select 1",), "timeline": ("PCN1",), "review show": ("1",),
    "review approve": ("1", "--by", "b"), "review reject": ("1", "--by", "b", "--reason", "r"),
    "review close": ("1", "--as", "accepted", "--by", "b", "--reason", "r"),
    "quarantine show": ("1",), "quarantine accept": ("1",),
    "quarantine discard": ("1", "--reason", "r"), "outbox show": ("x.837",),
    "rules backtest": ("--since", "2026-01-01"),
    "reference import": ("ptp", "x.txt", "--from", "2026-07-01", "--to", "2026-09-30"),
}  # fmt: skip
"""Arguments that a command cannot do without."""
NO_HOME = {"init", "demo", "validate", "rules list", "rules explain"}
"""Commands that need no home that is there."""

runner = CliRunner()


def ask(*arguments: object) -> Any:
    """One command in this process."""
    return runner.invoke(app, [str(argument) for argument in arguments])


def leaves(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *names, name)
        else:
            yield " ".join((*names, name)), command


EVERY = dict(leaves(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "home"
    assert ask("init", "--home", made).exit_code == 0
    return made


@pytest.fixture
def home(made_once: Path, tmp_path: Path) -> Path:
    """An empty home, as `reclaim init` makes it."""
    return Path(shutil.copytree(made_once, tmp_path / "home"))


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(EVERY) == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_examples_and_the_three_options(name: str) -> None:
    command = EVERY[name]
    first = command.help.split("\n\n")[0]
    assert (20 < len(first) < 110 and first.endswith((".", ".)"))) or "Needs no home" in first
    assert "Examples:\n  reclaim " + name in command.epilog
    options = {option for parameter in command.params for option in parameter.opts}
    assert {"--home", "--json", "--as-of"} <= options
    assert all(p.help for p in command.params if p.name != "help")


@pytest.mark.parametrize("name", ["", *sorted({n.split()[0] for n in COMMANDS if " " in n})])
def test_help_is_shown_without_an_error(name: str) -> None:
    found = ask(*name.split(), "--help")
    assert found.exit_code == 0 and "Usage" in found.stdout


def test_the_help_of_receive_and_the_readme_name_every_kind_of_evidence() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    told = ask("receive", "--help").stdout
    for kind in KINDS:
        assert kind in told and (f"`{kind}`" in readme or f'"kind":"{kind}"' in readme)


def test_help_answers_at_once() -> None:
    """What takes long to import is imported by the command that needs it."""
    heavy = "{'sqlalchemy', 'pydantic', 'pandas', 'pyx12', 'alembic', 'edi', 'rules'}"
    code = f"import sys, warehouse.cli; print({heavy} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "set()"


def test_the_console_script_is_there() -> None:
    script = Path(sys.executable).parent / "reclaim"
    found = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0 and found.stdout.startswith("reclaim ")


@pytest.mark.parametrize("name", sorted(COMMANDS - NO_HOME))
def test_a_missing_home_is_said_in_one_sentence(name: str, tmp_path: Path) -> None:
    found = ask(*name.split(), *NEEDS.get(name, ()), "--home", tmp_path / "nowhere")
    assert found.exit_code == 2
    assert found.stderr.count("\n") == 1 and "reclaim init" in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize("name", sorted(COMMANDS - NO_HOME))
def test_json_stays_one_object_when_a_command_fails(name: str, tmp_path: Path) -> None:
    found = ask(*name.split(), *NEEDS.get(name, ()), "--home", tmp_path / "nowhere", "--json")
    said = json.loads(found.stdout)
    assert said["exit_status"] == found.exit_code == 2 and "reclaim init" in said["error"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[emission]\nmode = 'fast'\n", "emission.mode"),
        ("[emmission]\n", "emmission: unknown key"),
        ("[intake\n", "reclaim.toml"),
    ],
)
def test_bad_settings_are_wrong_use(home: Path, text: str, said: str) -> None:
    (home / "reclaim.toml").write_text(text, encoding="utf-8")
    found = ask("run", "--home", home)
    assert found.exit_code == 2 and said in found.stderr and "Traceback" not in found.output


def test_a_warehouse_that_cannot_be_is_wrong_use(home: Path, monkeypatch: Any) -> None:
    for url in ("nonsense", "oracle9://x", "postgresql+psycopg9://secret:word@x/y"):
        monkeypatch.setenv("RECLAIM_WAREHOUSE", url)
        found = ask("match", "--home", home)
        assert found.exit_code == 2 and "sqlite:///" in found.stderr
        assert "secret" not in found.output and "Traceback" not in found.output


def test_bad_payers_are_wrong_use(home: Path) -> None:
    (home / "payers.toml").write_text("[[payer]]\nnmae = 'Acme'\n", encoding="utf-8")
    found = ask("run", "--home", home)
    assert found.exit_code == 2 and "payers.toml" in found.stderr


def test_a_home_without_tables_says_what_to_do(home: Path) -> None:
    for file in home.glob("warehouse.db*"):
        file.unlink()
    found = ask("match", "--home", home)
    assert found.exit_code == 1 and "reclaim init" in found.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("review", "show", "999"),
        ("review", "show", "nonsense"),
        ("review", "approve", "999", "--by", "biller.b"),
        ("review", "reject", "999", "--by", "biller.b", "--reason", "no"),
        ("quarantine", "show", "999"),
        ("quarantine", "accept", "999"),
        ("quarantine", "discard", "999", "--reason", "no"),
        ("outbox", "show", "nothing.837"),
        ("timeline", "NOBODY"),
        ("rules", "explain", "no.such-rule"),
        ("query", "select * from submission"),
        ("query", "delete from mart_file"),
        ("validate", "nowhere.837"),
        ("receive", "nowhere.837"),
        ("run", "--as-of", "05.10.2026"),
        ("demo", "--prepare", "--show"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_wrong_use(home: Path, arguments: tuple[str, ...]) -> None:
    found = ask(*arguments, "--home", home)
    assert found.exit_code == 2, found.output
    assert found.stdout == "" and found.stderr and "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("review list", {"review": []}),
        ("quarantine list", {"quarantine": []}),
        ("outbox list", {"outbox": []}),
    ],
)
def test_empty_lists(home: Path, name: str, empty: dict[str, Any]) -> None:
    assert json.loads(ask(*name.split(), "--home", home, "--json").stdout) == empty
    assert "othing" in ask(*name.split(), "--home", home).stdout


def test_init_is_safe_to_repeat_and_keeps_what_was_edited(home: Path) -> None:
    settings = home / "reclaim.toml"
    edited = settings.read_text(encoding="utf-8") + "# mine\n"
    settings.write_text(edited, encoding="utf-8")
    found = ask("init", "--home", home, "--json")
    assert found.exit_code == 0 and json.loads(found.stdout)["home"] == str(home)
    assert settings.read_text(encoding="utf-8") == edited
    assert tomllib.loads(edited)["emission"]["mode"] == "shadow"


def test_the_home_may_come_from_the_environment(home: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("RECLAIM_HOME", str(home))
    assert ask("run", "--json").exit_code == 0


def test_a_run_over_nothing_counts_nothing(home: Path) -> None:
    found = ask("run", "--home", home, "--json", "--as-of", "2026-10-05")
    counts = json.loads(found.stdout)
    assert found.exit_code == 0 and found.stderr == ""
    assert counts["files"] == {"loaded": 0, "duplicate": 0, "quarantined": 0, "waiting": 0}
    assert counts["evidence"] == {"loaded": 0, "quarantined": 0}
    for name in ("claims", "remittance_claims", "lines_adjudicated", "lines_matched", "denials",
                 "corrections", "needs_evidence", "awaiting_approval", "emitted_claims",
                 "emitted_files", "problems"):  # fmt: skip
        assert counts[name] == 0


class TestWhatNobodyForesaw:
    """The text of an error may quote a claim; its kind and place do not."""

    @pytest.fixture(autouse=True)
    def broken(self, monkeypatch: Any) -> None:
        def match(*_: object, **__: object) -> None:
            raise ValueError("JANE DOE W123456789")

        monkeypatch.setattr(steps, "match", match)
        monkeypatch.delenv("RECLAIM_DEBUG", raising=False)

    def test_is_told_by_kind_and_place(self, home: Path) -> None:
        found = ask("match", "--home", home, "--json")
        assert found.exit_code == 1
        assert "ValueError at " in found.stderr and "cli.py:" in found.stderr
        assert "JANE" not in found.output and "W123456789" not in found.output
        assert json.loads(found.stdout)["exit_status"] == 1

    def test_is_told_in_full_when_asked_for(self, home: Path, monkeypatch: Any) -> None:
        monkeypatch.setenv("RECLAIM_DEBUG", "1")
        found = ask("match", "--home", home)
        assert isinstance(found.exception, ValueError)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (steps.Transient("the warehouse is locked"), 1, "the warehouse is locked; nothing is lost"),
        (steps.Terminal("say what to do"), 1, "say what to do"),
        (PermissionError(13, "no", "/home/DOE_JANE.835"), 1, "Permission denied"),
    ],
)
def test_errors_that_were_foreseen(
    home: Path, monkeypatch: Any, error: Exception, status: int, said: str
) -> None:
    def emit(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(steps, "emit", emit)
    found = ask("emit", "--home", home)
    assert found.exit_code == status and said in found.stderr and "DOE" not in found.output


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("claims.837", ".837"),
        ("a.Jane Doe 1970", ""),
        ("no_ending", ""),
        ("x.averylongname", ""),
    ],
)
def test_endings_of_files(name: str, ending: str) -> None:
    assert show_text.ending_of(name) == ending
