"""How tests run `weatherflick up`: until it serves, and to its very end."""

import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weatherflick_assets_tests.cli.commands import Platform, free_port
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until


@dataclass
class Serving:
    """A `weatherflick up` that serves its UI."""

    platform: Platform
    process: subprocess.Popen
    port: int
    output: Path
    health_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def health_url(self) -> str:
        return f"http://127.0.0.1:{self.health_port}"

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def ask(self, query: str) -> dict[str, Any]:
        """One GraphQL query to the UI's server."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/graphql",
            data=json.dumps({"query": query}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
            return json.load(response)["data"]

    def runs(self, of: str | None = None) -> dict[str, dict[str, Any]]:
        """Every run that no schedule or sensor requested, or those of a repository, by its id: status, job and tags."""
        tags = f', filter: {{tags: [{{key: ".dagster/repository", value: "{of}"}}]}}' if of else ""
        query = f"{{ runsOrError(limit: 200{tags}) {{ ... on Runs {{ results {{ runId status jobName tags {{ key value }} }} }} }} }}"
        found = self.ask(query)["runsOrError"]["results"]
        return {run["runId"]: run for run in found if not {tag["key"] for tag in run["tags"]} & _BY_ITSELF}

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


_BY_ITSELF = {"dagster/schedule_name", "dagster/sensor_name"}
"""Tags of runs that the platform requests by itself, whenever their time comes."""


@contextmanager
def up(platform: Platform, *options: str, port: int | None = None) -> Iterator[Serving]:
    """`weatherflick up` on a free port, once it serves; ended on leaving, if it has not ended before."""
    port, health = port or free_port(), free_port()
    output = platform.home.parent / f"up-{port}.txt"
    process = platform.begin("up", "--port", str(port), "--health-port", str(health), *options, output=output)
    serving = Serving(platform, process, port, output, health)
    try:
        wait_until("the UI to be served", lambda: _serves(serving))
        yield serving
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()  # what it leaves is ended with the platform


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as response:  # noqa: S310 - our own server
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


def _serves(serving: Serving) -> bool:
    assert serving.process.poll() is None, f"`weatherflick up` ended by itself:\n{serving.said}"
    return "Serving http://" in serving.said
