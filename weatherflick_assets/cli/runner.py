"""Commands run flows: they execute at once what a schedule requests, and then publish what the outbox holds.

A command is a name for some flows and a selection. Two processes share the work when there are many runs
(`second_process.py`). `resume.py` decides what a command resumes. The domains declare which flows there are.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.cli.progress import RunProgress
from weatherflick_assets.cli.resume import Collection, current_collection, digest_of, hold, resume_tags
from weatherflick_assets.cli.runs import DATABASE_ERRORS, Launcher, Order, Outcome, RunResult, Summary, launching
from weatherflick_assets.cli.second_process import SecondProcess, second_process
from weatherflick_assets.orchestration.flows import Flow, Stage
from weatherflick_assets.orchestration.publication import partitions_at_work, publications
from weatherflick_assets.orchestration.tags import FLOW_TAG, REGIONS_TAG
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse import outages
from weatherflick_assets.warehouse.outbox import pending

_ENOUGH_FOR_TWO = 6
"""From this many long runs on a second process pays off. Starting it takes as long as two runs, and 500 MB."""

_PUBLISHING = {job: assets for domain in DOMAINS for job, assets in domain.publishing.items()}


def run_flows(
    flows: Sequence[Flow],
    progress: RunProgress,
    *,
    regions: Sequence[str] | None = None,
    assets: Sequence[str] | None = None,
    resumable: bool = False,
    anew: bool = False,
) -> Summary:
    """Run the flows in order, then publish what the outbox holds.

    If a run fails for a reason that would stop every other run too, such as a spent quota, only publications still run:
    they make no calls. If the database fails, everything ends, and the summary has what was done until then.

    Args:
        flows: what to run, stage by stage.
        progress: shows the progress.
        regions: the region partitions to run, in order; by default all. Runs without partitions have them as a tag.
        assets: the assets to make; by default all of each job.
        resumable: whether to skip runs that an earlier command with the same selection has settled.
        anew: whether to fetch everything again although an earlier run did not end.
    """
    started = time.monotonic()
    command = None
    outage = None
    try:
        with launching() as launcher, ExitStack() as processes:
            command = _Command(launcher, progress, processes, regions, assets)
            command.begin(flows, resumable=resumable, anew=anew)
            command.collect(flows)
            command.publish()
    except DATABASE_ERRORS as error:
        outage = outages.sentence(error)
    results = command.results if command else []
    if outage is not None and not any(result.is_hopeless for result in results):
        results.append(RunResult("command", None, Outcome.FAILED, problems=[outage], failure_kinds=["unreachable"]))
    return Summary.of(results, time.monotonic() - started, untried=command.untried if command else 0)


class _Command:
    """The runs of one command. Whichever process is free, this one or the second, takes the next run."""

    def __init__(
        self,
        launcher: Launcher,
        progress: RunProgress,
        processes: ExitStack,
        regions: Sequence[str] | None,
        assets: Sequence[str] | None,
    ) -> None:
        self._launcher = launcher
        self._progress = progress
        self._processes = processes
        self._regions = regions
        self._assets = assets
        self._at = now()
        self._anew = False
        self._collection = Collection.new()
        self._second: SecondProcess | None = None
        self._waiting = processes.enter_context(ThreadPoolExecutor(max_workers=1))
        self._one_at_a_time = threading.Lock()
        self._begun = 0
        self._results: dict[int, RunResult] = {}
        self._is_hopeless = False
        self._spent: set[str] = set()
        self._tried: set[int] = set()
        self.untried = 0

    @property
    def results(self) -> list[RunResult]:
        """The results of the runs, in the order in which they began."""
        return [self._results[number] for number in sorted(self._results)]

    def begin(self, flows: Sequence[Flow], *, resumable: bool, anew: bool) -> None:
        """Decide what is resumed, and report it."""
        self._anew = anew
        wanted = [order.key for flow in flows for stage in flow.stages for order in self._orders(flow, stage)]
        if resumable:
            plan = digest_of([[flow.name for flow in flows], self._regions, self._assets])
            self._collection = Collection.new(plan)
            if not anew:
                current = current_collection(self._launcher.instance, plan, wanted, self._at)
                if hold(self._launcher.platform, current.collection_id):  # otherwise another command works on it
                    self._collection = current
        hold(self._launcher.platform, self._collection.collection_id)
        self._progress.begin(self._collection, len(set(wanted) - self._collection.settled))

    def collect(self, flows: Sequence[Flow]) -> None:
        """Run the stages of the flows, one after another."""
        for flow in flows:
            for position, stage in enumerate(flow.stages):
                later = sum(len(self._orders(flow, following)) for following in flow.stages[position + 1 :])
                orders = self._orders(flow, stage)
                self._run(orders, len(orders) + later)

    def publish(self) -> None:
        """Publish what the outbox holds, except entries that were already tried."""
        while True:
            entries = [entry for entry in pending(self._launcher.platform) if entry.change_id not in self._tried]
            at_work = partitions_at_work(self._launcher.instance)
            found = [each for each in publications(entries, _PUBLISHING) if each.partition_key not in at_work]
            if not found:
                return
            self._tried.update(*(publication.change_ids for publication in found))
            self._run(
                [
                    Order(each.job, each.partition_key, each.asset_keys, {**self._collection.tags, **each.tags})
                    for each in found
                ],
                sum(each.is_whole for each in found),
            )

    def _orders(self, flow: Flow, stage: Stage) -> list[Order]:
        """The runs that a stage needs now, limited to what is selected and not settled."""
        requested = stage.partitions(self._launcher.dsn, self._at)
        if self._regions is not None and requested != [None]:
            requested = [partition for partition in requested if partition in self._regions]
            if not stage.depends_on_need:
                requested.sort(key=self._regions.index)
        tags = {**self._collection.tags, **stage.tags, FLOW_TAG: flow.name}
        if self._regions is not None and requested == [None]:
            tags[REGIONS_TAG] = ",".join(self._regions)
        orders = [Order(stage.job, partition, self._assets, tags) for partition in requested]
        return [order for order in orders if order.key not in self._collection.settled]

    def _run(self, orders: Sequence[Order], long_runs: int) -> None:
        """Run these in parallel. A second process starts if there are many long runs, with those that follow."""
        left = deque(orders)
        if self._second is None and long_runs >= _ENOUGH_FOR_TWO and orders and not self._stops(orders[0]):
            self._second = self._processes.enter_context(second_process(self._launcher.command))
        if (second := self._second) is not None and len(orders) > 1:
            there = self._waiting.submit(self._take, left, second.run, lambda: second.is_there)
            self._take(left, self._launcher.run)
            there.result()
        else:
            self._take(left, self._launcher.run)
        self.untried += len(left)

    def _take(
        self, left: deque[Order], run: Callable[[Order], RunResult], is_there: Callable[[], bool] = lambda: True
    ) -> None:
        """Run what is left, one after another, as long as the executing process is alive."""
        while is_there():
            with self._one_at_a_time:
                if not left or self._stops(left[0]):
                    return
                order = left.popleft()
                number, self._begun = self._begun, self._begun + 1
                self._progress.before(order.name)
            result = run(replace(order, tags={**order.tags, **self._resume_tags(order)}))
            with self._one_at_a_time:
                self._results[number] = result
                if result.is_spent:
                    self._spent.add(order.job)
                else:
                    self._is_hopeless |= result.is_hopeless
                if result.outcome is Outcome.HELD_BACK:
                    # Another run would hold them back again.
                    self._tried.update(
                        entry.change_id
                        for entry in pending(self._launcher.platform)
                        if entry.partition_key == (order.partition_key or "")
                    )
                self._progress.after(result)

    def _stops(self, order: Order) -> bool:
        """Whether a run would fail as an earlier one did. Other jobs call other operations, whose quotas are their own."""
        return (self._is_hopeless or order.job in self._spent) and order.job not in _PUBLISHING

    def _resume_tags(self, order: Order) -> dict[str, str]:
        if self._anew:
            return {}
        within = self._collection.tags if self._collection.plan else {}
        return resume_tags(self._launcher.instance, order.key, now(), within=within)
