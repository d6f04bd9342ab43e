"""The house: what stands where, and in which direction it may be imported."""

import ast
import doctest
import importlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("edi", "rules", "warehouse")
TOP_LEVEL = {
    *PACKAGES,
    "dags",
    "tests",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "requirements.lock",
    "LICENSE",
    "NOTICE",
}


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


OURS = [pytest.param(path, id=name_of(path)) for path in modules(*PACKAGES, "dags")]
DAG_FILES = [
    pytest.param(path, id=path.name)
    for path in modules("dags")
    if re.search(r"^@dag\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
]


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of every module or name that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


WITH_EXAMPLES = [
    pytest.param(".".join(path.relative_to(ROOT).with_suffix("").parts), id=name_of(path))
    for path in modules(*PACKAGES)
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_in_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted and not found.failed


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_imported_is_ours(package: str) -> None:
    # PyPI has packages of the names edi and rules; so has tests/.
    found = __import__(package).__file__
    assert found is not None, f"{package} was found as a folder without __init__.py"
    assert Path(found).parent == ROOT / package


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_imported_is_ours_outside_of_pytest_too(package: str, tmp_path: Path) -> None:
    code = f"import {package}; print({package}.__file__)"
    found = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True)
    assert Path(found.strip()).parent == ROOT / package


def test_what_is_installed_is_all_there(tmp_path: Path) -> None:
    # From a copy, because a build leaves its folders in the source tree.
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=ignored)
    ours = {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "."],
        cwd=source,
        check=True,
    )
    [wheel] = source.glob("*.whl")
    assert ours - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_imports_go_one_way() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", [pytest.param(p, id=p.name) for p in modules("dags")])
def test_dags_import_only_airflow_and_the_steps(path: Path) -> None:
    siblings = {sibling.stem for sibling in modules("dags")}
    for name in imported(path):
        first = name.partition(".")[0]
        if first in PACKAGES:
            assert name.startswith(("warehouse.steps", "warehouse.settings")), name
        else:
            assert first in {"airflow", *siblings, *sys.stdlib_module_names}, name


@pytest.mark.parametrize("path", DAG_FILES)
def test_a_dag_file_is_wiring_only(path: Path) -> None:
    assert line_count(path) < 80


@pytest.mark.parametrize("path", [pytest.param(p, id=name_of(p)) for p in modules("rules")])
def test_a_rule_sees_only_its_arguments(path: Path) -> None:
    never = {"os", "random", "requests", "secrets", "socket", "subprocess", "time", "urllib"}
    assert not never & {name.partition(".")[0] for name in imported(path)}
    clocks = {"now", "today", "utcnow"}
    read = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not clocks & read


@pytest.mark.parametrize("path", OURS)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", [p for p in OURS if "migrations/versions/" not in str(p.id)])
def test_a_module_holds_one_idea(path: Path) -> None:
    assert line_count(path) <= 400
    vague = {"utils", "util", "common", "helpers", "models", "core", "manager"}
    assert path.stem not in vague


def test_no_test_folder_is_a_package() -> None:
    # tests/edi/__init__.py would make a second package called edi.
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_top_level_is_fixed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    seen = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in seen if not name.startswith(".")} <= TOP_LEVEL


class TestLock:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())

    def test_names_no_address(self) -> None:
        assert "://" not in self.text
        assert not re.search(r"^\s*--(?!hash=)", self.text, flags=re.MULTILINE)

    def test_every_entry_is_pinned_and_hashed(self) -> None:
        for entry in self.entries:
            assert re.match(r"[a-z0-9._-]+==\S+( ; [^\\]+)? \\\n", entry), entry
            assert "--hash=sha256:" in entry, entry

    def test_names_what_the_project_asks_for(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
        locked = {entry.partition("==")[0] for entry in self.entries}
        assert {re.split(r"[\[<>=~ ]", name)[0] for name in wanted} <= locked
