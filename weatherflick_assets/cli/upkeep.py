"""`weatherflick lists`, `refresh` and `details`: what schedules and the sensor do while the daemon runs, in this process.

Lists of the whole country (codes, dates of festivals, rules for pets, places to stay); what changed since the last reading;
the details that the day's quota allows. Whatever places they touch are published.
"""

import time
from collections.abc import Callable, Collection, Sequence

import dagster as dg

from weatherflick_assets.cli.resumption import broken_off, hold, new_collection_id
from weatherflick_assets.cli.runs import Launcher, RunResult, Summary, launching, run_name
from weatherflick_assets.orchestration.tags import COLLECTION_TAG
from weatherflick_assets.places import jobs
from weatherflick_assets.places.sensors import by_region, planned_regions
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.outbox import pending

Told = Callable[[RunResult], None]


class _Series:
    """The runs of one command, in order; once one failed for a reason that no other is spared, nothing is run any more."""

    def __init__(self, launcher: Launcher, before: Callable[[str], None], after: Told) -> None:
        self._launcher, self._before, self._after = launcher, before, after
        self._started = time.monotonic()
        self._untried = 0
        self._results: list[RunResult] = []
        collection_id = new_collection_id()
        hold(launcher.held, collection_id)
        self._tags = {COLLECTION_TAG: collection_id}

    def run(
        self, job_name: str, partition_key: str | None = None, *, selection: Sequence[dg.AssetKey] | None = None
    ) -> Sequence[dg.AssetMaterialization]:
        """Execute a job and return what it made."""
        if any(result.is_hopeless for result in self._results) and job_name not in _WITHOUT_CALLS:
            self._untried += 1
            return []
        self._before(run_name(job_name, partition_key))
        resumed = broken_off(self._launcher.instance, job_name, partition_key, now())
        result, made = self._launcher.run(job_name, partition_key, selection=selection, tags=self._tags | resumed)
        self._results.append(result)
        self._after(result)
        return made

    def has_run(self, name: str) -> bool:
        """Whether a run of that name was executed."""
        return any(result.name == name for result in self._results)

    def publish(self) -> None:
        """Publish what is pending, also when there was no more to be had: it needs no call."""
        found = by_region(pending(self._launcher.held))
        for region_code, publications in found.items():
            selection = [dg.AssetKey.from_user_string(publication.asset_key) for publication in publications]
            self.run(jobs.publish_places_job.name, region_code, selection=selection)

    def summary(self) -> Summary:
        """All runs in figures."""
        return Summary.of(self._results, time.monotonic() - self._started, untried=self._untried)


_WITHOUT_CALLS = frozenset({jobs.publish_places_job.name})


def collect_lists(*, before: Callable[[str], None], after: Told) -> Summary:
    """Collect the lists of the whole country, and publish the places they touch."""
    with launching() as launcher:
        series = _Series(launcher, before, after)
        series.run(jobs.collect_codes_job.name)
        series.run(jobs.collect_festivals_job.name, _today())
        series.run(jobs.collect_pets_job.name)
        series.run(jobs.collect_stays_job.name)
        series.publish()
        return series.summary()


def refresh(*, before: Callable[[str], None], after: Told) -> Summary:
    """Read what changed and the dates of festivals, and publish the places they touch."""
    with launching() as launcher:
        series = _Series(launcher, before, after)
        series.run(jobs.collect_changes_job.name, _today())
        series.run(jobs.collect_festivals_job.name, _today())
        series.publish()
        return series.summary()


def plan(*, before: Callable[[str], None], after: Told) -> Summary:
    """Plan the calls for details that the day's quota allows."""
    with launching() as launcher:
        series = _Series(launcher, before, after)
        series.run(jobs.plan_details_job.name)
        return series.summary()


def collect_details(regions: Collection[str], *, before: Callable[[str], None], after: Told) -> Summary:
    """Plan the calls for details, make those that fall to `regions`, and publish what they brought."""
    with launching() as launcher:
        series = _Series(launcher, before, after)
        planned = planned_regions(series.run(jobs.plan_details_job.name))
        for region_code in planned:
            if region_code not in regions:
                continue
            made = series.run(jobs.collect_details_job.name, region_code)
            if not made and series.has_run(region_code):
                # It was broken off; what had been answered before is published all the same.
                series.run(jobs.publish_places_job.name, region_code)
        return series.summary()


def _today() -> str:
    return now().astimezone(KST).date().isoformat()
