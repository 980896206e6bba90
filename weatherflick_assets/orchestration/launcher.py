"""How the platform's Dagster launches runs: as it does by default, and looks whether their processes are alive.

Dagster's own launcher has no health check, so a run whose process has died would be under way for ever.
"""

from dagster import DagsterRun, DefaultRunLauncher
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

from weatherflick_assets.orchestration.lost_runs import is_beginning
from weatherflick_assets.settings import Settings


class LeasedRunLauncher(DefaultRunLauncher):
    """Launches runs in processes of the code server. The monitoring daemon fails those that have lost theirs."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether it can tell if a run's process is alive."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the run's lease is held, or about to be."""
        from weatherflick_assets.warehouse import leases

        database_url = Settings().database_url  # type: ignore[call-arg]
        assert database_url is not None, "`weatherflick env` sets it"
        with (
            leases.session(database_url.get_secret_value()) as connection,
            leases.taken_over(connection, run.run_id) as free,
        ):
            if not free or is_beginning(self._instance, run):
                return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "The process that executed this run has ended.")
