"""Loading the definitions: with nothing but the package, lightly, and with every module importing only what lies below it."""

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import weatherflick_assets
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

PACKAGE = Path(weatherflick_assets.__file__).parent
PROJECT = PACKAGE.parent

PURE = ("alerts", "upstream", "quality", "warehouse", "korea", "sandbox")
"""Packages that know nothing of Dagster."""

WARNINGS_OF_OTHERS = ("The `__fields__` attribute is deprecated",)  # dagster 1.13 asks pydantic in the old way
"""Warnings that loading may give, by their beginning, each with whose it is."""

LOAD = f"""
import socket, sys, warnings

def no_network(*_args, **_options):
    raise AssertionError("loading the definitions asked for the network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = no_network
warnings.simplefilter("error")
for beginning in {WARNINGS_OF_OTHERS!r}:
    warnings.filterwarnings("ignore", message=beginning)
"""


def load(code: str) -> str:
    """Run `code` in a Python of its own: empty environment, no network, warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD + code],
        env={},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def imports(path: Path) -> Iterator[str]:
    """The modules a file imports anywhere in it; `from package import module` counts as the module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> Iterator[tuple[str, Path]]:
    """Every module by the part of the package it belongs to."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path != PACKAGE / "__init__.py":
            yield path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path


def test_the_definitions_load_without_environment_network_or_warnings() -> None:
    load("from weatherflick_assets.definitions import defs; assert list(defs.resolve_all_job_defs())")


def test_loading_the_definitions_imports_nothing_heavy() -> None:
    heavy = ("great_expectations", "pandas", "aiohttp", "alembic", "leather", "weatherflick_assets.sandbox")
    loaded = load(
        f"import weatherflick_assets.definitions\nprint(*(name for name in {heavy!r} if name in sys.modules))"
    )
    assert loaded.split() == []


def test_plain_dagster_works_in_the_project_folder_without_any_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate"],
        env={}, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Validation successful for code location weatherflick." in done.stdout + done.stderr


def test_a_pure_package_runs_without_dagster() -> None:
    names = [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for part, path in modules()
        if part in PURE and "migrations" not in path.parts and path.name != "__init__.py"
    ]
    assert {name.split(".")[1] for name in names} == set(PURE)
    loaded = load(
        "warnings.simplefilter('default')\n"
        f"import importlib\nfor name in {names!r}: importlib.import_module(name)\n"
        "print(*(name for name in sys.modules if name.split('.')[0].startswith(('dagster', 'great_expectations'))))"
    )
    assert loaded.split() == []


def test_what_may_import_what_holds() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout


def test_great_expectations_is_imported_inside_functions_only() -> None:
    at_module_level = [
        f"{path.relative_to(PACKAGE)}"
        for _, path in modules()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and ast.unparse(node).split()[1].startswith("great_expectations")
    ]
    assert at_module_level == []


@pytest.mark.fault(
    "Newcomers", "plain `dagster` runs in the project's folder", "it loads the definitions with no environment"
)
def test_plain_dagster_validates_the_definitions_in_the_projects_folder() -> None:
    """A process of its own, because Dagster reads the dagster.yaml of the folder that it is started in."""
    command = [str(Path(sys.executable).with_name("dagster")), "definitions", "validate"]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.fault("Newcomers", "the platform is installed from a wheel", "the wheel brings every file that it needs")
def test_a_wheel_has_every_file_of_the_package_and_the_projects_own_dagster_files() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["weatherflick_assets"]
    brought = {file for pattern in patterns for file in PACKAGE.glob(pattern)}
    files = {file for file in PACKAGE.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}}
    assert files - brought == set()
    for name in ("dagster.yaml", "workspace.yaml"):
        assert PACKAGE / name in brought
        assert (PACKAGE / name).read_bytes() == (PROJECT / name).read_bytes()
