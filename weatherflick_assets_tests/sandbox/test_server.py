"""Starting and stopping."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox, serve
from weatherflick_assets_tests.sandbox.calling import fetch
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

SERVE = """
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import serve
serve(SandboxOptions(scale=0.01), announce=lambda url: print(url, flush=True))
"""


@pytest.fixture
def taken_port() -> Iterator[int]:
    with RunningSandbox(catalogue=Catalogue.from_rows([])) as sandbox:
        yield int(sandbox.url.rpartition(":")[2])


def test_a_taken_port_is_an_error_for_people(taken_port: int) -> None:
    options = SandboxOptions(port=taken_port, scale=0.01)
    announced: list[str] = []
    with pytest.raises(SandboxError, match=rf"cannot listen on 127\.0\.0\.1:{taken_port} .*; choose another port"):
        serve(options, announce=announced.append)
    assert announced == []
    with pytest.raises(SandboxError, match="choose another port"), RunningSandbox(options):
        pytest.fail("it must not start")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_announces_where_it_listens_says_nothing_else_and_ends_cleanly_on_a_signal(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        with socket.create_connection(
            ("127.0.0.1", int(url.rpartition(":")[2]))
        ):  # an idle connection must not hold it up
            process.send_signal(stop)
            assert process.wait(PATIENCE_SECONDS) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_a_closed_sandbox_no_longer_answers() -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows([])) as sandbox:
        assert fetch(sandbox, "/_sandbox/status").status == 200
    with pytest.raises(ConnectionRefusedError):
        fetch(sandbox, "/_sandbox/status")
