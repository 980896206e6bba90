"""What a step's failure tells, also if none of our own code was at work."""

import dagster as dg
import psycopg2
import psycopg2.errors
import pytest

from weatherflick_assets.orchestration.failures import told_by


def told_of(error: Exception) -> list[tuple[str, str]]:
    """What the failure of a step that raises `error` tells."""

    @dg.op
    def failing() -> None:
        raise error

    @dg.job
    def work() -> None:
        failing()

    result = work.execute_in_process(raise_on_error=False)
    (event,) = [event for event in result.all_events if event.is_step_failure]
    return told_by(event)


@pytest.mark.fault(
    "Liveness",
    "Dagster loses its own storage while it records a step",
    "one sentence with the cause, and no other run is begun",
)
@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (psycopg2.OperationalError("server closed the connection unexpectedly\n\tThis probably means"), "lost"),
        (psycopg2.OperationalError("FATAL:  the database system is in recovery mode"), "still starting"),
        (psycopg2.OperationalError("FATAL:  the database system is shutting down"), "was stopped"),
        (psycopg2.errors.AdminShutdown("fertig"), "stopped or restarted"),
        (psycopg2.errors.DiskFull("voll"), "disk is full"),
    ],
)
def test_what_broke_dagsters_storage_is_told_in_a_sentence(error: Exception, cause: str) -> None:
    ((kind, problem),) = told_of(error)
    assert kind == "unreachable"
    assert problem.startswith("The database refused or broke off: ")
    assert cause in problem
    assert "\n" not in problem


def test_an_error_that_nobody_expected_is_told_as_it_is() -> None:
    assert told_of(ValueError("seven")) == [("unexpected", "failing: ValueError: seven")]
