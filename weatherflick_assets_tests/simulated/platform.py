"""A whole platform in this process: Dagster's daemons evaluate its schedules and sensors, and its queue executes the runs.

Nothing waits: between two rounds of the daemons the time is moved to where something is due.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
import yaml
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.launcher import LaunchRunContext
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon
from dagster._daemon.freshness import FreshnessDaemon
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import ScheduleIterationTimes, launch_scheduled_runs
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.build import prepare_database
from weatherflick_assets.orchestration.dagster_storage import _pool
from weatherflick_assets.orchestration.launcher import LeasedRunLauncher
from weatherflick_assets.orchestration.tags import FLOW_TAG, PARTITION_TAG
from weatherflick_assets.settings import KST, Mode
from weatherflick_assets.warehouse.connections import rendered
from weatherflick_assets.warehouse.database import Addresses
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.simulated.standing_time import SEARCH_PATH, SimulatedTime

PROJECT = Path(__file__).parents[2]
_MODULE = "weatherflick_assets_tests.simulated.definitions"
_LOCATION = "weatherflick"

AWHILE = timedelta(minutes=10)
"""The daemons look at least so often."""

_EARLY = datetime(2026, 1, 1, 0, 35, tzinfo=KST)
"""They look at this time of the day, when the ticks of midnight are over, and every so often after it."""

A_MOMENT = timedelta(seconds=61)
"""After this time they look again where something happened: every sensor may tick, and what happened has settled."""

_LOGGER = logging.Logger("simulated daemons", logging.CRITICAL)  # noqa: LOG001 - of no hierarchy, so that nothing is printed

# When a run was created is said by the database.
_WHEN_RUNS_BEGAN = """
ALTER TABLE runs ALTER COLUMN create_timestamp SET DEFAULT (simulated.now() AT TIME ZONE 'UTC'),
                 ALTER COLUMN update_timestamp SET DEFAULT (simulated.now() AT TIME ZONE 'UTC')
"""

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

_KILLED: set[str] = set()
"""Jobs whose next run loses its process as soon as it has begun."""


class InThisProcess(LeasedRunLauncher):
    """Executes runs at once, in this process. Looks whether they are alive as in operation."""

    time: SimulatedTime

    def launch_run(self, context: LaunchRunContext) -> None:
        """Execute a run to its end, or lose it."""
        from weatherflick_assets_tests.simulated.definitions import defs  # noqa: PLC0415 - it reads the environment

        run = context.dagster_run
        if run.job_name in _KILLED:
            _KILLED.remove(run.job_name)
            self._instance.report_engine_event("It begins.", run)
            self._instance.report_dagster_event(
                dg.DagsterEvent(dg.DagsterEventType.PIPELINE_START.value, run.job_name), run.run_id
            )
            return
        job = defs.resolve_job_def(run.job_name)
        if run.asset_selection:
            job = job.get_subset(asset_selection=run.asset_selection, asset_check_selection=run.asset_check_selection)
        execute_run(InMemoryJob(job), run._replace(run_config=_QUIET), self._instance)
        self.time.sleep(0)  # no two runs end at the same time


@dataclass
class SimulatedPlatform:
    """A platform whose daemons run when a test moves the time.

    Attributes:
        time: the time of everything.
        instance: Dagster's.
        dsn: of the platform's database.
        is_down: whether no daemon runs.
        rounds: of the daemons so far.
    """

    time: SimulatedTime
    instance: dg.DagsterInstance
    dsn: str
    workspace: WorkspaceProcessContext
    is_down: bool = False
    rounds: int = 0
    _ticks: dict[str, ScheduleIterationTimes] = field(default_factory=dict)
    _queue: QueuedRunCoordinatorDaemon = field(default_factory=lambda: QueuedRunCoordinatorDaemon(interval_seconds=5))
    _again: EventLogConsumerDaemon = field(default_factory=EventLogConsumerDaemon)
    _freshness: FreshnessDaemon = field(default_factory=FreshnessDaemon)
    _freshness_at: datetime | None = None

    def live(self, until: datetime, *, stride: timedelta = AWHILE) -> None:
        """Let time pass."""
        while self.time() < until:
            happened = not self.is_down and self.look()
            pause = A_MOMENT if happened else stride - (self.time() - _EARLY) % stride
            self.time.move(min(until, self.time() + pause))

    def stop(self) -> None:
        """The daemons end, as if their machine lost its power; they remember what is in the database."""
        self.is_down = True
        self._ticks.clear()

    def start(self) -> None:
        """They are started again."""
        self.is_down = False

    def kill_next(self, job: str) -> None:
        """The process of the next run of a job is killed as soon as it has begun."""
        _KILLED.add(job)

    def look(self) -> bool:
        """What the daemons do within a minute. Return whether anything was executed."""
        self.rounds += 1
        _exhaust(launch_scheduled_runs(self.workspace, _LOGGER, self.time(), self._ticks))
        executed = self._work_off()
        _exhaust(self._again.run_iteration(self.workspace))
        _exhaust(execute_run_monitoring_iteration(self.workspace, _LOGGER))
        if executed or self._freshness_at is None or self.time() - self._freshness_at >= timedelta(hours=1):
            self._freshness_at = self.time()
            _exhaust(self._freshness.run_iteration(self.workspace))
        _exhaust(execute_sensor_iteration(self.workspace, _LOGGER, None, None))
        return self._work_off() or executed

    def _work_off(self) -> bool:
        executed = False
        queued = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
        while self.instance.get_runs_count(queued):
            _exhaust(self._queue.run_iteration(self.workspace))
            executed = True
        return executed

    def runs(self, **filters: Any) -> list[dg.DagsterRun]:
        """The runs so far, oldest first."""
        return [*self.instance.get_runs(dg.RunsFilter(**filters))][::-1]


def name_of(run: dg.DagsterRun) -> str:
    """Flow, job and partition."""
    return " ".join(filter(None, (run.tags.get(FLOW_TAG), run.job_name, run.tags.get(PARTITION_TAG))))


def _exhaust(iterator: Iterator[Any]) -> None:
    for _ in iterator:
        pass


@contextmanager
def simulated_platform(
    url: URL, folder: Path, start: datetime, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimulatedPlatform]:
    """A platform whose databases are empty, at a time, with this environment.

    Args:
        url: of a database that does not exist.
        folder: the state folder.
        start: the time.
        environment: variables in addition to those of the databases.
        monkeypatch: sets the environment.
    """
    time = SimulatedTime(start)
    addresses = addresses_of(url)
    with psycopg.connect(dsn_of(url.set(database="postgres")), autocommit=True) as server:
        for one in (addresses.platform, addresses.dagster):
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(str(one.database))))
    platform_url, dagster_url = (
        one.update_query_dict({"options": SEARCH_PATH}) for one in (addresses.platform, addresses.dagster)
    )
    for name, value in {
        "WEATHERFLICK_HOME": str(folder),
        "WEATHERFLICK_DATABASE_URL": dsn_of(platform_url),
        "DAGSTER_HOME": str(folder),
        **environment,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, _MODULE, raising=False)  # which schedules are on is read when it is imported
    with time.rules(addresses.platform, addresses.dagster), ExitStack() as stack:
        mode = Mode.LIVE if any(name.endswith("_API_KEY") for name in environment) else Mode.SANDBOX
        prepare_database(Addresses(platform_url, platform_url), mode)
        with psycopg.connect(dsn_of(addresses.platform), autocommit=True) as connection:
            connection.execute("DELETE FROM core.kto_areas")  # the weather of their seats is wanted, too
        instance = stack.enter_context(_instance(folder, dagster_url))
        with psycopg.connect(dsn_of(dagster_url), autocommit=True) as connection:
            connection.execute(_WHEN_RUNS_BEGAN)
        assert isinstance(instance.run_launcher, InThisProcess)
        instance.run_launcher.time = time
        target = InProcessWorkspaceLoadTarget(
            InProcessCodeLocationOrigin(
                LoadableTargetOrigin(module_name=_MODULE, attribute="defs"), location_name=_LOCATION
            )
        )
        workspace = stack.enter_context(WorkspaceProcessContext(instance, target))
        yield SimulatedPlatform(time, instance, dsn_of(platform_url), workspace)


def _instance(folder: Path, storage: URL) -> dg.DagsterInstance:
    """An instance as dagster.yaml says, which executes runs in this process."""
    settings = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
    settings["storage"] = {
        "custom": {
            "module": "weatherflick_assets.orchestration.dagster_storage",
            "class": "PooledPostgresStorage",
            "config": {"postgres_url": rendered(storage, "postgresql+psycopg2")},
        }
    }
    settings["run_launcher"] = {"module": __name__, "class": InThisProcess.__name__}
    _pool(settings["storage"]["custom"]["config"]["postgres_url"]).pool._pre_ping = False  # the server stays
    return dg.DagsterInstance.local_temp(str(folder), overrides=settings)
