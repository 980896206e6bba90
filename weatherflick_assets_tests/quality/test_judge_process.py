"""Judging in a process of its own: the same verdicts, and no process left behind."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import psutil
import pytest

from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.quality.judge_process import JudgeLostError, JudgeProcess
from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.rules import GivenValues
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets_tests.places.suites.place_frames import GIVEN, good_places
from weatherflick_assets_tests.waiting import wait_until

TABLE = "core.attractions"
SUITE = SUITES[TABLE]


@pytest.fixture(scope="module")
def apart() -> Iterator[JudgeProcess]:
    process = JudgeProcess()
    yield process
    process.stop()


def pid_of(process: JudgeProcess) -> int:
    assert process._process is not None
    return process._process.pid


def wait_for_end_of(pid: int) -> None:
    wait_until(
        f"the end of process {pid}",
        lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE,
    )


def judged(process: JudgeProcess, *parts: pd.DataFrame, given: GivenValues = GIVEN) -> Verdict:
    with process.judgement(SUITE, given) as judgement:
        for part in parts:
            judgement.add(part)
        return judgement.verdict()


def test_the_verdict_is_the_one_that_this_process_would_give(apart: JudgeProcess) -> None:
    batch = good_places(TABLE)
    broken = batch.assign(title=None)
    for frame in (batch, broken, batch.iloc[:0]):
        assert judged(apart, frame) == judge(frame, SUITE, given=GIVEN)
    assert not judged(apart, broken).passed


@pytest.mark.fault(
    "Keys and passwords", "the judging process inherits the environment", "it gets no key and no password"
)
def test_the_process_gets_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTO_API_KEY", "secret")
    monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", "postgresql://u:secret@h/d")
    process = JudgeProcess()
    process.start()
    try:
        assert not any("secret" in value for value in psutil.Process(pid_of(process)).environ().values())
    finally:
        process.stop()


def test_parts_are_judged_as_one_batch(apart: JudgeProcess) -> None:
    batch = good_places(TABLE)
    batch.loc[35, "title"] = None
    parts = [batch.iloc[start : start + 10] for start in range(0, 40, 10)]
    assert judged(apart, *parts) == judge(batch, SUITE, given=GIVEN)
    assert judged(apart) == judge(batch.iloc[:0], SUITE, given=GIVEN)


def test_a_value_that_is_known_at_the_end_only_is_given_then(apart: JudgeProcess) -> None:
    early = {name: value for name, value in GIVEN.items() if name != "minimum_rows"}
    with apart.judgement(SUITE, early) as judgement:
        judgement.add(good_places(TABLE, 40))
        verdict = judgement.verdict({"minimum_rows": 41})
    assert [failure.rule.rule_id for failure in verdict.failures] == ["row_count"]


def test_a_value_that_is_not_given_is_told_as_in_this_process(apart: JudgeProcess) -> None:
    with pytest.raises(ValueError, match="region_code"):
        judged(apart, good_places(TABLE), given={"minimum_rows": 1})
    assert judged(apart, good_places(TABLE)).passed


def test_a_judgement_that_is_left_half_way_leaves_nothing_to_the_next(apart: JudgeProcess) -> None:
    apart.start()
    pid = pid_of(apart)
    with apart.judgement(SUITE, GIVEN) as judgement:
        judgement.add(good_places(TABLE).assign(title=None))
    verdict = judged(apart, good_places(TABLE, 30))
    assert verdict.passed
    assert verdict.row_count == 30
    assert pid_of(apart) == pid


class Unpicklable:
    """Can't be sent."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        raise TypeError("not to be sent")


def test_rows_that_can_not_be_sent_are_told_and_the_process_lives_on(apart: JudgeProcess) -> None:
    apart.start()
    pid = pid_of(apart)
    with pytest.raises(TypeError, match="not to be sent"):
        judged(apart, Unpicklable())  # type: ignore[arg-type]
    assert judged(apart, good_places(TABLE)).passed
    assert pid_of(apart) == pid


def test_rows_that_can_not_be_judged_are_told_instead_of_a_verdict(apart: JudgeProcess) -> None:
    with pytest.raises(TypeError, match="cannot concatenate"):
        judged(apart, [1], good_places(TABLE))  # type: ignore[arg-type]
    assert judged(apart, good_places(TABLE)).passed


def test_several_threads_judge_one_after_the_other(apart: JudgeProcess) -> None:
    batches = [good_places(TABLE, 20), good_places(TABLE, 30).assign(title=None)] * 3
    with ThreadPoolExecutor(3) as threads:
        verdicts = list(threads.map(lambda batch: judged(apart, batch), batches))
    assert [(verdict.row_count, verdict.passed) for verdict in verdicts] == [(20, True), (30, False)] * 3


def test_a_process_that_dies_is_told_in_a_sentence_and_the_next_judgement_has_another(apart: JudgeProcess) -> None:
    for rows_after_its_end in (0, 5_000):
        lost = pytest.raises(JudgeLostError, match=r"core\.attractions ended with code -9")
        with lost, apart.judgement(SUITE, GIVEN) as judgement:
            os.kill(pid_of(apart), signal.SIGKILL)
            for _ in range(5 if rows_after_its_end else 0):
                judgement.add(good_places(TABLE, rows_after_its_end))
            judgement.verdict()
    assert judged(apart, good_places(TABLE)).passed


def test_a_process_starts_when_something_is_judged_and_ends_with_the_context_that_it_started_in() -> None:
    process = JudgeProcess()
    with process.kept():
        assert process._process is None
        assert judged(process, good_places(TABLE)).passed
        pid = pid_of(process)
        with process.kept():
            pass
        assert pid_of(process) == pid
    assert process._process is None
    assert not psutil.pid_exists(pid)


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


def test_the_process_ends_without_a_traceback_when_nobody_reads_its_verdict() -> None:
    command = [sys.executable, "-m", "weatherflick_assets.quality.judge_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        for request in (("begin", (SUITE, GIVEN)), ("add", good_places(TABLE)), ("verdict", {})):
            process.stdin.write(pickle.dumps(request))
        process.stdin.flush()
        assert process.stderr.read() == b""
    assert process.returncode == 0
