"""Which runs have no process any more: their lease is free, they have not ended, and nothing is about to begin them."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.storage.tags import GRPC_INFO_TAG

from weatherflick_assets.orchestration import lost_runs
from weatherflick_assets.orchestration.lost_runs import end_lost_runs
from weatherflick_assets.orchestration.tags import COMMAND_TAG
from weatherflick_assets.warehouse import leases

STATUS = dg.DagsterRunStatus
OF_A_COMMAND = {COMMAND_TAG: "command"}
OF_A_SERVER_THAT_IS_GONE = {GRPC_INFO_TAG: '{"host": "localhost", "socket": "/nowhere/socket"}'}


@dg.job
def job() -> None: ...


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def begun(instance: dg.DagsterInstance, status: STATUS, tags: dict[str, str]) -> str:
    return instance.create_run_for_job(job, status=status, tags=tags).run_id


def ended(instance: dg.DagsterInstance, dsn: str) -> int:
    with leases.session(dsn) as connection:
        return end_lost_runs(instance, connection)


def status_of(instance: dg.DagsterInstance, run_id: str) -> STATUS:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


@pytest.mark.fault(
    "Liveness", "a run's process was killed, or its machine lost its power", "the next command ends the run"
)
@pytest.mark.parametrize("tags", [OF_A_COMMAND, OF_A_SERVER_THAT_IS_GONE], ids=["command", "server"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STATUS.NOT_STARTED, STATUS.FAILURE),
        (STATUS.STARTING, STATUS.FAILURE),
        (STATUS.STARTED, STATUS.FAILURE),
        (STATUS.CANCELING, STATUS.CANCELED),
    ],
)
def test_a_run_without_a_process_is_ended(
    instance: dg.DagsterInstance, store: str, tags: dict[str, str], before: STATUS, after: STATUS
) -> None:
    run_id = begun(instance, before, tags)
    assert ended(instance, store) == 1
    assert status_of(instance, run_id) is after
    assert ended(instance, store) == 0


def test_a_run_whose_lease_is_held_goes_on(instance: dg.DagsterInstance, store: str) -> None:
    run_id = begun(instance, STATUS.STARTED, OF_A_COMMAND)
    with leases.session(store) as holder:
        assert leases.hold(holder, run_id)
        assert ended(instance, store) == 0
    assert status_of(instance, run_id) is STATUS.STARTED


def test_a_run_that_has_ended_is_left_alone(instance: dg.DagsterInstance, store: str) -> None:
    for status in (STATUS.SUCCESS, STATUS.FAILURE, STATUS.CANCELED):
        begun(instance, status, OF_A_COMMAND)
    assert ended(instance, store) == 0


def test_a_run_that_ends_while_it_is_looked_at_has_ended_as_it_did(
    instance: dg.DagsterInstance, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begun(instance, STATUS.STARTED, OF_A_COMMAND)
    before = instance.get_runs()
    instance.report_run_canceled(before[0])
    monkeypatch.setattr(instance, "get_runs", lambda *_: before)
    assert ended(instance, store) == 0
    assert status_of(instance, run_id) is STATUS.CANCELED


def test_a_run_that_something_else_executes_has_a_minute_to_take_its_lease(
    instance: dg.DagsterInstance, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begun(instance, STATUS.STARTED, {})
    assert ended(instance, store) == 0
    monkeypatch.setattr(lost_runs, "_BEGINNING", timedelta())
    assert ended(instance, store) == 1
    assert status_of(instance, run_id) is STATUS.FAILURE
