"""The steps of docs/adding-an-api.md are true: followed on a copy of the project, they make what the page says."""

import asyncio
import json
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
from aiohttp import web

from weatherflick_assets.warehouse import embedded
from weatherflick_assets_tests.cli.commands import PROJECT, write_catalogue
from weatherflick_assets_tests.upstream.hosts import envelope, serving
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

PAGE = PROJECT / "docs" / "adding-an-api.md"
COPIED = ("weatherflick_assets", "tools", "docs", "dagster.yaml", "workspace.yaml")
PLACES = 25
STATION = {"contenttypeid": "77", "lclsSystm1": "VE", "lclsSystm2": "VE01", "lclsSystm3": "VE010100"}


def changes(section: str) -> list[str]:
    """The changes that a section of the page shows, in order."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^( *)```diff\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in blocks]


def change(project: Path, block: str) -> None:
    """Make a change: the lines that it expects must be in the file exactly once, wherever they are."""
    heading, _, body = block.partition("\n")
    file = project / heading[4:]
    if heading.startswith("+++ "):
        file.write_text("".join(f"{line[1:]}\n" for line in body.splitlines()), encoding="utf-8")
        return
    text = file.read_text(encoding="utf-8")
    for place in body.split("@@\n"):
        lines = place.splitlines()
        before, after = ("".join(f"{line[1:]}\n" for line in lines if line[:1] != sign) for sign in "+-")
        assert text.count(before) == 1, f"{heading[4:]} has {text.count(before)} places like this:\n{before}"
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


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

    def run(self, *command: str, **variables: str) -> str:
        """Execute a program in the copy, with the copy's package and these variables; returns what it printed."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        ours = {
            "PYTHONPATH": str(self.project),
            "WEATHERFLICK_HOME": str(self.home),
            "WEATHERFLICK_SANDBOX_CATALOGUE": str(self.catalogue),
        }
        done = subprocess.run(
            command, cwd=self.project, env={**kept, **ours, **variables}, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def weatherflick(self, *arguments: str, **variables: str) -> str:
        """A command of the copy."""
        return self.run(sys.executable, "-m", "weatherflick_assets.cli.main", *arguments, **variables)

    def follow(self, section: str) -> None:
        """Make the changes of a section."""
        for block in changes(section):
            change(self.project, block)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    made = Copy(tmp_path)
    try:
        yield made
    finally:
        made.weatherflick("stop")
        embedded.stop(made.home / "postgresql")


def test_an_operation_and_a_provider_that_are_added_by_the_steps_can_be_called(copy: Copy) -> None:
    copy.follow("An operation")
    copy.follow("A provider")
    weather = {"name": "Seoul", "cod": 200, "main": {"temp": 3.5}}
    access: dict[str, object] = {"contentid": "126508", "wheelchair": "대여가능"}
    asked = []

    async def handle(request: web.Request) -> web.Response:
        asked.append((request.path, request.query.get("appid") or request.query.get("serviceKey")))
        return web.Response(body=json.dumps(weather) if "appid" in request.query else envelope([access]))

    async def call() -> list[str]:
        async with serving(handle) as url:
            keys = {"OPENWEATHERMAP_API_KEY": "first", "OPENWEATHERMAP_BASE_URL": url}
            keys |= {"KTO_API_KEY": "second", "DATA_GO_KR_BASE_URL": url}
            commands = ["openweathermap weather lat=37.57 lon=126.98", "kto detailWithTour2 contentId=126508"]
            return [await asyncio.to_thread(copy.weatherflick, "call", *said.split(), **keys) for said in commands]

    assert [json.loads(printed) for printed in asyncio.run(call())] == [[weather], [access]]
    assert asked == [("/data/2.5/weather", "first"), ("/B551011/KorWithService2/detailWithTour2", "second")]


@pytest.mark.torture
def test_a_ninth_table_is_made_by_the_steps_that_the_page_names(copy: Copy) -> None:
    copy.follow("A ninth kind of place")
    written = Path(copy.run(sys.executable, "-m", "tools.new_migration", "transport").strip().splitlines()[-1])
    assert written.is_relative_to(copy.project)
    copy.run(sys.executable, "-m", "tools.data_catalogue")
    assert "## core.transport\n" in (copy.project / "docs" / "data-catalogue.md").read_text(encoding="utf-8")
    write_catalogue(copy.catalogue, [{"contentid": str(7000 + number), **STATION} for number in range(PLACES)])
    copy.weatherflick("collect", "--types", "transport", "--regions", "36110", "--json")
    with psycopg.connect(copy.weatherflick("database-url").strip()) as connection:
        assert connection.execute("SELECT count(*) FROM core.transport").fetchone() == (PLACES,)
