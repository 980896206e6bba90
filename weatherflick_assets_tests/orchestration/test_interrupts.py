"""A run that is ended on request ends: a retry policy is for errors, also for those that the ending itself causes."""

import os
import signal
from collections.abc import Callable, Iterator

import dagster as dg
import psycopg
import pytest

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.steps import Retries

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def plainly(interrupt: Callable[[], None]) -> None:
    interrupt()


def inside_failures(interrupt: Callable[[], None]) -> None:
    with as_failures():
        interrupt()


def while_the_database_works(interrupt: Callable[[], None]) -> None:
    """What is under way is broken off, and closing it fails because of that."""
    with as_failures():
        try:
            interrupt()
        finally:
            raise psycopg.OperationalError("another command is already in progress")


def while_something_else_fails(interrupt: Callable[[], None]) -> None:
    try:
        interrupt()
    finally:
        raise ValueError("half done")


def executed(
    instance: dg.DagsterInstance, work: Callable[[Callable[[], None]], None], *, cancelled: bool
) -> tuple[dg.DagsterRunStatus, int]:
    """How a run ended that was interrupted while it did `work`, and how often its step began."""
    begun = 0

    @dg.op(retry_policy=Retries(max_retries=1))
    def step(context: dg.OpExecutionContext) -> None:
        nonlocal begun
        begun += 1
        if begun > 1:
            return
        if cancelled:
            context.instance.report_run_canceling(context.run)
        work(lambda: os.kill(os.getpid(), signal.SIGINT))

    @dg.job(executor_def=dg.in_process_executor)
    def ended() -> None:
        step()

    result = ended.execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    return run.status, begun


@pytest.mark.fault(
    "Liveness", "a run is ended while its step works, in whatever it does", "it is cancelled, and its step not retried"
)
@pytest.mark.parametrize("work", [plainly, inside_failures, while_the_database_works, while_something_else_fails])
def test_a_run_that_is_cancelled_is_not_retried(
    instance: dg.DagsterInstance, work: Callable[[Callable[[], None]], None]
) -> None:
    assert executed(instance, work, cancelled=True) == (dg.DagsterRunStatus.CANCELED, 1)


@pytest.mark.fault("Liveness", "the process of a run is told to end", "the run fails, and its step is not retried")
def test_a_run_whose_process_is_told_to_end_fails(instance: dg.DagsterInstance) -> None:
    assert executed(instance, plainly, cancelled=False) == (dg.DagsterRunStatus.FAILURE, 1)


def test_an_error_is_retried_still(instance: dg.DagsterInstance) -> None:
    def fail(_: Callable[[], None]) -> None:
        raise ValueError("something")

    assert executed(instance, fail, cancelled=False) == (dg.DagsterRunStatus.SUCCESS, 2)
