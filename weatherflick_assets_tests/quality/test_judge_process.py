"""Judging in a process of its own: the same verdicts, and no process left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from weatherflick_assets.quality.judge_process import JudgeLostError, JudgeProcess
from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.suites import SUITES
from weatherflick_assets_tests.quality.place_frames import GIVEN, good_places

TABLE = "core.attractions"


@pytest.fixture(scope="module")
def apart() -> Iterator[JudgeProcess]:
    process = JudgeProcess()
    yield process
    process.stop()


def pid_of(process: JudgeProcess) -> int:
    assert process._process is not None
    return process._process.pid


def wait_for_end_of(pid: int) -> None:
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the process is still there"


def test_the_verdict_is_the_one_that_this_process_would_give(apart: JudgeProcess) -> None:
    batch = good_places(TABLE)
    broken = batch.assign(title=None)
    for frame in (batch, broken, batch.iloc[:0]):
        assert apart.judge(frame, TABLE, given=GIVEN) == judge(frame, SUITES[TABLE], given=GIVEN)
    assert not apart.judge(broken, TABLE, given=GIVEN).passed


def test_a_value_that_is_not_given_is_told_as_in_this_process(apart: JudgeProcess) -> None:
    with pytest.raises(ValueError, match="region_code"):
        apart.judge(good_places(TABLE), TABLE, given={"minimum_rows": 1})


class Deadly:
    """Ends the process that reads it from a pipe."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


def test_a_process_that_dies_is_told_in_a_sentence_and_the_next_judgement_has_another(apart: JudgeProcess) -> None:
    apart.start()
    died = pid_of(apart)
    with pytest.raises(JudgeLostError, match=r"core\.attractions ended with code 9"):
        apart.judge(Deadly(), TABLE, given=GIVEN)  # type: ignore[arg-type]
    assert apart.judge(good_places(TABLE), TABLE, given=GIVEN).passed
    assert pid_of(apart) != died


def test_the_process_ends_when_its_parent_is_killed() -> None:
    program = (
        "from weatherflick_assets.quality.judge_process import JUDGE; JUDGE.start(); "
        "print(JUDGE._process.pid, flush=True); import signal; signal.pause()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.kill()
    wait_for_end_of(child)
