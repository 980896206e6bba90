"""Writes docs/metrics.md: what Prometheus can read, under which names. It is made from the declarations; run `make docs`."""

from pathlib import Path

from weatherflick_assets.operations.health.metrics import METRICS, OF_THE_EXPORTER, PREFIX, Source
from weatherflick_assets.operations.health.server import KEPT

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"

_INTRODUCTION = f"""\
# Metrics

`weatherflick up` serves metrics for Prometheus beside the UI, at `/metrics` on the port after the UI's (3001, or `--health-port`).
`weatherflick health --serve` does the same without Dagster. The server listens where the UI does, by default on this machine
alone. The format is Prometheus' text format, or OpenMetrics if the reader asks for it. The page is written from the declarations by
`make docs`.

```yaml
scrape_configs:
  - job_name: weatherflick
    static_configs: [{{targets: ["127.0.0.1:3001"]}}]
```

[weatherflick.json](../deploy/grafana/weatherflick.json) is a dashboard for Grafana: *Dashboards*, *New*, *Import*, and choose
Prometheus as its data source.

Everything is read from tables, from the machine and from `weatherflick health` when it is asked for, and told again for {KEPT.seconds}
seconds. Nothing is counted inside runs, so a run that is killed loses no count. All are gauges. A metric has at most as many series
as its last column says; the ones with the smallest values are left out beyond that. A source that can't be read is told by
`{PREFIX}scrape_problems`, and its metrics are missing then. No label holds a key or an address.
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    for source in Source:
        parts += [f"## From {source}\n", "| metric | labels | says | most |", "|---|---|---|---:|"]
        for metric in METRICS:
            if metric.source is source:
                labels = "; ".join(f"`{name}`: {says}" for name, says in metric.labels.items())
                most = metric.most if metric.labels else 1
                parts.append(f"| `{metric.full_name}` | {labels} | {metric.help} | {most} |")
        parts.append("")
    parts += ["## From the client library\n", "| metric | says |", "|---|---|"]
    parts += [f"| `{name}` | {says} |" for name, says in OF_THE_EXPORTER.items()]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
