"""Logs of services don't grow without end."""

from pathlib import Path

import pytest

from weatherflick_assets.cli.services import LOGS_KEPT, LONGEST_LOG, log_file


@pytest.mark.fault("Newcomers", "a log grows too long", "it is moved aside, and a few former ones are kept")
def test_a_log_that_has_grown_too_long_is_moved_aside_and_a_few_former_ones_are_kept(tmp_path: Path) -> None:
    for start in range(LOGS_KEPT + 3):
        log_file(tmp_path, "dagster").write_bytes(str(start).encode() * (LONGEST_LOG + 1))
    kept = {file.name: file.read_bytes()[:1] for file in (tmp_path / "logs").iterdir()}
    assert kept == {"dagster.log": b"5", "dagster.log.1": b"4", "dagster.log.2": b"3", "dagster.log.3": b"2"}


def test_a_short_log_goes_on(tmp_path: Path) -> None:
    log_file(tmp_path, "sandbox").write_text("first\n")
    with log_file(tmp_path, "sandbox").open("a") as log:
        log.write("second\n")
    assert log_file(tmp_path, "sandbox").read_text() == "first\nsecond\n"
