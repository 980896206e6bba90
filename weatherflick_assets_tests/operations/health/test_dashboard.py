"""The names of metrics are a promise: the page lists them, and the dashboard uses no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools import metrics as page
from weatherflick_assets.operations.health.metrics import METRICS, OF_THE_EXPORTER, PREFIX, Source

PROJECT = Path(__file__).parents[3]
DASHBOARD = json.loads((PROJECT / "deploy/grafana/weatherflick.json").read_text(encoding="utf-8"))
DECLARED = {metric.full_name: metric for metric in METRICS}
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]

_NAME = re.compile(rf"\b(?:{PREFIX}|process_)\w+")
_WORDS_OF_PROMQL = {"time", "sum", "by", "topk", "sort_desc", "deriv", "d", "e"}


def expressions() -> Iterator[str]:
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield target["expr"]


def labels_of(name: str) -> set[str]:
    return {*DECLARED[name].labels} if name in DECLARED else set()


def test_the_page_says_what_is_declared() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "docs/metrics.md is out of date: make docs"


def test_names_are_prometheus_names_with_their_unit_at_the_end() -> None:
    assert len(DECLARED) == len(METRICS)
    for name, metric in DECLARED.items():
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", name)
        assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_info")), "these endings mean something"
        assert (metric.source in (Source.PLATFORM, Source.DAGSTER)) == bool(metric.query)
        assert metric.help.endswith(".")


def test_the_dashboard_uses_documented_names_and_labels_only() -> None:
    for expression in expressions():
        names = set(_NAME.findall(expression))
        assert names, expression
        assert names <= DECLARED.keys() | OF_THE_EXPORTER.keys()
        known = {*names, *_WORDS_OF_PROMQL, *(label for name in names for label in labels_of(name))}
        words = re.sub(r'"[^"]*"', "", expression)
        assert set(re.findall(r"[a-z_]+", words)) <= known, expression
    for panel in PANELS:
        for target in panel.get("targets", ()):
            labels = {label for name in _NAME.findall(target["expr"]) for label in labels_of(name)}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels, target


def test_every_metric_is_on_the_dashboard() -> None:
    used = {name for expression in expressions() for name in _NAME.findall(expression)}
    assert DECLARED.keys() - used == set()


def test_panels_do_not_cover_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        fields = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not fields & taken, panel["title"]
        assert max(x for x, _ in fields) < 24
        taken |= fields
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
