"""Log files don't grow without end, whether their writers start again or never end."""

import stat
from pathlib import Path

import pytest

from weatherflick_assets.cli.services import log_file
from weatherflick_assets.operations.upkeep.log_files import LOGS_KEPT, LONGEST_LOG, shorten


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


@pytest.mark.fault(
    "Newcomers",
    "a process writes into its log without end",
    "the log is put aside under it, and it goes on in the same file",
)
def test_a_process_goes_on_writing_into_a_log_that_is_put_aside_under_it(tmp_path: Path) -> None:
    log = log_file(tmp_path, "dagster")
    with log.open("ab", buffering=0) as writer:
        for number in range(LOGS_KEPT + 2):
            writer.write(f"{number}".encode() * (LONGEST_LOG + 1))
            deleted = shorten(tmp_path)
            writer.write(b"after\n")
            assert log.read_bytes() == b"after\n"
            assert deleted == (0 if number < LOGS_KEPT else LONGEST_LOG + (1 if number == LOGS_KEPT else 7))
    former = log.with_name("dagster.log.1")
    assert former.read_bytes().endswith(b"4" * 10)
    assert stat.S_IMODE(former.stat().st_mode) == 0o600
    assert len([*log.parent.iterdir()]) == LOGS_KEPT + 1


def test_the_log_of_the_embedded_server_is_put_aside_with_the_others_because_backups_copy_its_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "postgresql").mkdir()
    (tmp_path / "logs").mkdir()
    log = tmp_path / "postgresql" / "log"
    log.write_bytes(b"x" * (LONGEST_LOG + 1))
    shorten(tmp_path)
    assert log.stat().st_size == 0
    assert [file.name for file in (tmp_path / "logs").iterdir()] == ["postgresql.log.1"]
    assert [file.name for file in log.parent.iterdir()] == ["log"]


def test_a_state_folder_without_logs_has_nothing_to_shorten(tmp_path: Path) -> None:
    assert shorten(tmp_path / "nothing") == 0
    assert not (tmp_path / "nothing").exists()
