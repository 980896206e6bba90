"""Reads the metrics when Prometheus asks. Each source is read by itself: one that fails costs no other, and is told.

Here is everything that knows prometheus_client.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import psutil
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from weatherflick_assets.alerts import readings
from weatherflick_assets.operations.health.components import Finding, State
from weatherflick_assets.operations.health.metrics import METRICS, Metric, Source
from weatherflick_assets.operations.health.probes import Platform
from weatherflick_assets.settings import CHILD_OF_UP
from weatherflick_assets.upstream.access import without_secrets
from weatherflick_assets.warehouse.connections import connect

Series = Sequence[tuple[tuple[str, ...], float]]
"""Label values, and the value."""

_STATES = {State.OK: 0, State.OFF: 0, State.WARNING: 1, State.FAILED: 2, State.UNKNOWN: 3}

_PARTS = {
    "dagster_webserver": "web_server",
    "dagster._daemon": "daemon",
    "code-server": "code_server",
    "api grpc": "code_server",
    "execute_run": "run",
    "multiprocessing": "run",
    "health_server": "health",
    "sandbox": "sandbox",
}
"""Words of a command line, and the part that it is; the first that is found counts."""


def exposition(platform: Platform, findings: Iterable[Finding], accept: str) -> tuple[bytes, str]:
    """Everything in the format that `accept` asks for, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(platform, list(findings)))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Everything(Collector):
    def __init__(self, platform: Platform, findings: Sequence[Finding]) -> None:
        self._platform = platform
        self._findings = findings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every metric that can be read."""
        read: dict[str, Series] = {}
        problems: list[tuple[tuple[str, ...], float]] = []
        sources: Mapping[Source, Callable[[], Mapping[str, Series]]] = {
            Source.HEALTH: self._of_health,
            Source.PLATFORM: lambda: self._of_database(self._platform.dsn, Source.PLATFORM),
            Source.DAGSTER: lambda: self._of_database(self._platform.dagster_dsn, Source.DAGSTER),
            Source.MACHINE: self._of_machine,
        }
        for source, look in sources.items():
            try:
                read |= look()
                failed = 0
            except Exception:  # noqa: BLE001 - the others are told all the same
                failed = 1
            problems.append(((source.name.lower(),), failed))
        read["scrape_problems"] = problems
        for metric in METRICS:
            if metric.name in read:
                yield _family(metric, read[metric.name])

    def _of_health(self) -> Mapping[str, Series]:
        return {"health_state": [((one.component.name,), _STATES[one.state]) for one in self._findings]}

    def _of_database(self, dsn: str, source: Source) -> Mapping[str, Series]:
        parameters = {"at": self._platform.clock()}
        with connect(dsn) as connection:
            return {
                metric.name: [
                    (tuple(str(label) for label in labels), float(value or 0))
                    for *labels, value in connection.execute(metric.query, parameters)
                ]
                for metric in METRICS
                if metric.source is source
            }

    def _of_machine(self) -> Mapping[str, Series]:
        home = self._platform.settings.state_folder
        size, free = readings.disk(home)
        count: Counter[str] = Counter()
        memory: Counter[str] = Counter()
        for part, used in _processes(str(home.resolve())):
            count[part] += 1
            memory[part] += used
        return {
            "disk_size_bytes": [((), size)],
            "disk_free_bytes": [((), free)],
            "processes": [((part,), number) for part, number in sorted(count.items())],
            "process_memory_bytes": [((part,), number) for part, number in sorted(memory.items())],
        }


def _family(metric: Metric, series: Series) -> GaugeMetricFamily:
    family = GaugeMetricFamily(metric.full_name, metric.help, labels=[*metric.labels])
    for labels, value in sorted(series, key=lambda one: -one[1])[: metric.most]:
        family.add_metric([without_secrets(label) for label in labels], value)
    return family


def _processes(home: str) -> Iterator[tuple[str, int]]:
    """The part and the memory of every process that works for a state folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            command = process.cmdline()
            words = " ".join(command)
            is_server = words.startswith("postgres") or (command and command[0].endswith("/postgres"))
            if is_server and process.cwd() == f"{home}/postgresql":
                yield "postgresql", process.memory_info().rss
            elif home in words or process.environ().get(CHILD_OF_UP) == home:
                part = next((part for text, part in _PARTS.items() if text in words), "other")
                yield part, process.memory_info().rss
