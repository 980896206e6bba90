"""The only module that calls Great Expectations: rows and rules in, what was found out by rule.

Great Expectations judges: its expectation classes say which metrics they need, its execution engine computes them, and
its expectations decide. Its validator is left out. For every batch it copies and serializes every configuration and
builds the graph of metrics again, which takes far longer than computing the metrics of a small batch. Here all this is
a `_Plan`, which is made once per rule. A test compares the results with those of the validator.

Great Expectations is imported when the first batch is judged. The import takes seconds and more than 100 MB, which a
process that judges nothing should not pay.
"""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pydantic.v1 import PrivateAttr  # Great Expectations is made of the first pydantic's models

from weatherflick_assets.quality.rules import GivenValues, Rule
from weatherflick_assets.quality.verdict import MOST_EXAMPLES

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.validator.metric_configuration import MetricConfiguration, MetricConfigurationID

Outcome = dict[str, Any] | str
"""What was found, or in words why nothing could be found."""

UNEXPECTED_COUNT = "unexpected_count"
"""In an outcome, how many values break the rule; missing if the rule does not count values."""

UNEXPECTED_VALUES, UNEXPECTED_ROWS = "partial_unexpected_list", "partial_unexpected_index_list"
"""In an outcome with examples, some values that break the rule, and the numbers of their rows."""

_BATCH = "rows"
"""The name of every batch; an engine has one batch."""

_MOST_PLANS = 1_000

_COUNTS = "BOOLEAN_ONLY"
_EXAMPLES = "SUMMARY"


def outcomes(
    frame: "pd.DataFrame", rules: Sequence[Rule], given: GivenValues, *, with_all_examples: bool
) -> dict[str, Outcome]:
    """By rule id, what Great Expectations found, or in words why it could not judge.

    Examples are listed for failed rules; with `with_all_examples`, for every rule that some value breaks.
    """
    batch = _Batch(frame)
    # Listing examples doubles the time, and most rules hold: count first, then look at the failures.
    found = {rule.rule_id: batch.judge(rule, given, _COUNTS) for rule in rules}
    for rule in rules:
        counted = found[rule.rule_id]
        if isinstance(counted, dict):
            is_broken = with_all_examples and counted.get(UNEXPECTED_COUNT)
            if is_broken or not counted["success"]:
                found[rule.rule_id] = batch.judge(rule, given, _EXAMPLES)
    return found


@cache
def import_great_expectations() -> "ModuleType":
    """Great Expectations, imported at the first call, which takes seconds."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"  # read on import; some 1.x phone home
    import great_expectations

    return great_expectations


class _Batch:
    """The rows of one judgement with the metrics known so far, many of which several rules need."""

    def __init__(self, frame: "pd.DataFrame") -> None:
        self._engine = _engine()
        self._engine.load_batch_data(_BATCH, frame)
        self._metrics: dict[MetricConfigurationID, Any] = {}
        self._failed: dict[MetricConfigurationID, str] = {}

    def judge(self, rule: Rule, given: GivenValues, result_format: str) -> Outcome:
        """What is found about a rule."""
        try:
            what = rule.expectation, pickle.dumps(rule.arguments_with(given)), result_format
            plan = _plan_for_any_rows(*what) or _plan(*what, self._engine)
        except Exception as error:  # noqa: BLE001 - there is no such expectation, or it refuses the arguments
            return str(error)
        for metric in plan.metrics:
            if problem := self._compute(metric, plan.runtime):
                return problem
        metrics = {name: self._metrics[metric_id] for name, metric_id in plan.needed.items()}
        try:
            found = plan.expectation._validate(metrics, plan.runtime, self._engine)  # noqa: SLF001 - what subclasses override
        except Exception as error:  # noqa: BLE001 - the verdict says so
            return str(error)
        examples = found.get("result", {}) if result_format == _EXAMPLES else {}
        counts = {UNEXPECTED_COUNT: metrics[plan.count]} if plan.count in metrics else {}
        return {"success": found["success"], **examples, **counts}

    def _compute(self, metric: "MetricConfiguration", runtime: dict[str, Any]) -> str | None:
        """Compute a metric once; return in words why it could not be."""
        if metric.id not in self._metrics and metric.id not in self._failed:
            try:
                self._metrics |= self._engine.resolve_metrics([metric], self._metrics, runtime)
            except Exception as error:  # noqa: BLE001 - the verdict of every rule that needs it says so
                self._failed[metric.id] = str(error)
        return self._failed.get(metric.id)


def _engine() -> "PandasExecutionEngine":
    import_great_expectations()
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine

    return PandasExecutionEngine(caching=False)


@dataclass(frozen=True)
class _Plan:
    """How an expectation is judged.

    Attributes:
        expectation: the expectation with its arguments.
        metrics: all metrics to compute, each after those that it depends on.
        needed: the metrics that the expectation itself asks for, by the name it calls them.
        count: the name of the metric that counts the values that break the rule. An expectation that is only asked
            whether it holds counts them, but does not report it.
        runtime: what the expectation is asked to report.
    """

    expectation: "Expectation"
    metrics: "tuple[MetricConfiguration, ...]"
    needed: "dict[str, MetricConfigurationID]"
    count: str
    runtime: dict[str, Any]


@lru_cache(_MOST_PLANS)
def _plan_for_any_rows(name: str, arguments: bytes, result_format: str) -> _Plan | None:
    """The plan of an expectation, or None if it depends on the rows, such as on the type of a column."""
    engine = _engine()
    from great_expectations.exceptions.exceptions import MetricResolutionError

    try:
        return _plan(name, arguments, result_format, engine)
    except MetricResolutionError:  # it asked the engine, which has no rows
        return None


def _plan(name: str, arguments: bytes, result_format: str, engine: "PandasExecutionEngine") -> _Plan:
    """The plan of an expectation with pickled arguments for the rows of the engine.

    Raises:
        AttributeError: No expectation has this name.
        ValueError: The expectation refuses its arguments.
    """
    from great_expectations.validator.validation_graph import ValidationGraph

    expectation = _expectation(name)(**pickle.loads(arguments), batch_id=_BATCH)  # noqa: S301 - pickled by the caller
    runtime = {"result_format": {"result_format": result_format, "partial_unexpected_count": MOST_EXAMPLES}}
    dependencies = expectation.get_validation_dependencies(engine, runtime)
    graph = ValidationGraph(engine)
    metrics: dict[MetricConfigurationID, MetricConfiguration] = {}
    for metric in dependencies.get_metric_configurations():
        graph.build_metric_dependency_graph(metric, runtime)
        metrics |= {each.id: each for each in _in_order(metric)}
    return _Plan(
        expectation,
        tuple(metrics.values()),
        {name: metric.id for name, metric in dependencies.metric_configurations.items()},
        f"{getattr(expectation, 'map_metric', None)}.unexpected_count",
        {"result_format": dependencies.result_format},
    )


def _in_order(metric: "MetricConfiguration") -> "Iterator[MetricConfiguration]":
    """A metric after those that it depends on."""
    for dependency in metric.metric_dependencies.values():
        if dependency.id != metric.id:
            yield from _in_order(dependency)
    yield metric


@cache
def _expectation(name: str) -> "Callable[..., Expectation]":
    """An expectation that computes its configuration once; it asks for it dozens of times.

    For each of its metrics the configuration is asked for the expectation that it is of; otherwise that would be another one.

    Raises:
        AttributeError: No expectation has this name.
    """
    expectation = getattr(import_great_expectations().expectations, name)

    def configuration(self: Any) -> Any:
        if self._configuration is None:
            self._configuration = expectation.configuration.fget(self)
            self._configuration.to_domain_obj = lambda: self
        return self._configuration

    members = {"_configuration": PrivateAttr(None), "configuration": property(configuration)}
    planned = type(expectation)(f"{name}Planned", (expectation,), members)  # registered by this name
    planned.__name__ = name  # messages have this one
    return planned
