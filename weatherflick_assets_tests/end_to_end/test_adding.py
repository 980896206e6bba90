"""The steps of docs/adding-an-api.md are true: followed on a copy of the project, they make a ninth table that is collected."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from weatherflick_assets.warehouse import embedded
from weatherflick_assets_tests.cli.commands import PROJECT, write_catalogue
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

PAGE = PROJECT / "docs" / "adding-an-api.md"
COPIED = ("weatherflick_assets", "tools", "docs", "dagster.yaml", "workspace.yaml")
PLACES = 25
STATION = {"contenttypeid": "77", "lclsSystm1": "VE", "lclsSystm2": "VE01", "lclsSystm3": "VE010100"}


def patches() -> list[str]:
    """The changes the page shows, in order."""
    blocks = re.findall(r"^( *)```diff\n(.*?)^ *```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in blocks]


class Copy:
    """A copy of the project that is changed as the page says."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.home = folder / "home"
        self.catalogue = folder / "catalogue.jsonl"
        for name in COPIED:
            source = PROJECT / name
            if source.is_dir():
                shutil.copytree(source, self.project / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self.project / name)

    def run(self, *command: str, given: str | None = None) -> str:
        """Execute a program in the copy, with the copy's package; returns what it printed."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        ours = {
            "PYTHONPATH": str(self.project),
            "WEATHERFLICK_HOME": str(self.home),
            "WEATHERFLICK_SANDBOX_CATALOGUE": str(self.catalogue),
        }
        done = subprocess.run(
            command, cwd=self.project, env={**kept, **ours}, input=given, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def weatherflick(self, *arguments: str) -> str:
        """A command of the copy."""
        return self.run(sys.executable, "-m", "weatherflick_assets.cli.main", *arguments)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    made = Copy(tmp_path)
    try:
        yield made
    finally:
        made.weatherflick("stop")
        embedded.stop(made.home / "postgresql")


def test_a_ninth_table_is_made_by_the_steps_that_the_page_names(copy: Copy) -> None:
    assert len(patches()) == 4
    for patch in patches():
        copy.run("git", "apply", "--unidiff-zero", "--recount", "-", given=patch)
    written = Path(copy.run(sys.executable, "-m", "tools.new_migration", "transport").strip().splitlines()[-1])
    assert written.is_relative_to(copy.project)
    copy.run(sys.executable, "-m", "tools.data_catalogue")
    assert "## core.transport\n" in (copy.project / "docs" / "data-catalogue.md").read_text(encoding="utf-8")
    write_catalogue(copy.catalogue, [{"contentid": str(7000 + number), **STATION} for number in range(PLACES)])
    copy.weatherflick("collect", "--types", "transport", "--regions", "36110", "--json")
    with psycopg.connect(copy.weatherflick("database-url").strip()) as connection:
        assert connection.execute("SELECT count(*) FROM core.transport").fetchone() == (PLACES,)
