"""The one place that calls Great Expectations: a data frame and a suite in, a verdict out.

Great Expectations is imported when the first batch is judged: it costs seconds and more than 100 MB, which no process
that judges nothing should pay.
"""

import gc
import os
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from weatherflick_assets.quality.rules import (
    GREAT_EXPECTATIONS_SEVERITY,
    NULL_EXPECTATIONS,
    ROW_COUNT_EXPECTATIONS,
    Rule,
    Severity,
    Suite,
)
from weatherflick_assets.quality.verdict import MOST_EXAMPLES, RuleResult, Verdict

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

# Great Expectations keeps "the current project" in one variable of the process, and every judgement sets it.
_ONE_AT_A_TIME = threading.Lock()

_RULE_ID = "rule_id"

_Outcome = dict[str, Any] | str
"""What was found, or in words why nothing could be."""


def judge(frame: "pd.DataFrame", suite: Suite, *, given: Mapping[str, str | float]) -> Verdict:
    """Judge a batch by a suite.

    A rule that could not be judged (its column is missing, Great Expectations raised) counts as a blocking failure,
    whatever its severity: nobody knows whether it holds. An empty batch is decided by the row count alone, as every
    other rule holds for no rows; its columns must be there all the same.

    Args:
        frame: The batch, any index, columns beyond those of the suite allowed. Not changed.
        suite: The rules.
        given: The values for the placeholders of the suite, times as ISO 8601 text with an offset.

    Raises:
        ValueError: If the suite needs a value that is not given.
    """
    if absent := sorted(suite.givens - given.keys()):
        raise ValueError(f"Suite {suite.name} can't judge without being given: {', '.join(absent)}.")

    present = frozenset(frame.columns)
    judged = [rule for rule in suite.rules if present.issuperset(rule.columns)]
    # Great Expectations hashes every column and names rows by their index: give it few columns and plain row numbers.
    needed = list(dict.fromkeys(column for rule in judged for column in rule.columns))
    batch = frame.loc[:, needed].reset_index(drop=True)
    with _ONE_AT_A_TIME:
        outcomes = _outcomes(batch, suite.name, judged, given)

    results = []
    for rule in suite.rules:
        expected = rule.description_with(given)
        missing = [column for column in rule.columns if column not in present]
        outcome = f"the batch has no column {', '.join(missing)}" if missing else outcomes.get(rule.rule_id)
        if outcome is None or isinstance(outcome, str):
            reason = f"could not be judged: {outcome or 'no result came back'}"
            results.append(RuleResult(rule, Severity.BLOCKING, passed=False, expected=expected, observed=reason))
        else:
            severity = rule.severity_for(len(frame), given)
            found = _found(rule, outcome, frame, suite.key_column)
            results.append(RuleResult(rule, severity, bool(outcome["success"]), expected, *found))
    return Verdict(suite.name, len(frame), tuple(results), minimum_score=suite.minimum_score)


def _outcomes(
    batch: "pd.DataFrame", name: str, rules: Sequence[Rule], given: Mapping[str, str | float]
) -> dict[str, _Outcome]:
    """Per rule id what Great Expectations found, or in words why it could not say."""
    gx = import_great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    outcomes: dict[str, _Outcome] = {}
    expectations: dict[str, Expectation] = {}
    for rule in rules:
        try:
            expectations[rule.rule_id] = getattr(gx.expectations, rule.expectation)(
                **rule.arguments_with(given),
                severity=GREAT_EXPECTATIONS_SEVERITY[rule.severity],
                meta={_RULE_ID: rule.rule_id},
            )
        except (AttributeError, ValueError) as error:  # there is no such expectation, or it refuses the arguments
            outcomes[rule.rule_id] = str(error)

    # mode= or it looks for, and may create, files; no documentation site, or it leaves an empty folder behind each time.
    # A new context for each batch, because a context keeps every batch it has seen.
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            progress_bars=ProgressBarsConfig(globally=False),
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    gx_batch = asset.add_batch_definition_whole_dataframe(name).get_batch(batch_parameters={"dataframe": batch})

    # Counting and listing doubles the time, and most rules hold: ask yes or no first, then look at the failures.
    outcomes |= _validated(gx_batch, name, list(expectations.values()), "BOOLEAN_ONLY")
    failed = [
        expectation
        for rule_id, expectation in expectations.items()
        if isinstance(outcome := outcomes.get(rule_id), dict) and not outcome["success"]
    ]
    return outcomes | (_validated(gx_batch, name, failed, "SUMMARY") if failed else {})


@cache
def import_great_expectations() -> "ModuleType":
    """Great Expectations, imported at the first call, which takes seconds."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"  # read on import; some 1.x phone home
    import great_expectations

    # What it brings along stays for good. Looking through it for garbage again and again took a tenth of a collection.
    gc.collect()
    gc.freeze()
    return great_expectations


def _validated(
    gx_batch: "Batch", name: str, expectations: "list[Expectation]", result_format: Literal["BOOLEAN_ONLY", "SUMMARY"]
) -> dict[str, _Outcome]:
    from great_expectations import ExpectationSuite

    # Given whole: adding expectations one by one silently drops those the suite holds to be equal.
    suite = ExpectationSuite(name=name, expectations=expectations)
    outcomes: dict[str, _Outcome] = {}
    for result in gx_batch.validate(suite, result_format=result_format).results:
        # Results come back in an order of their own, hence the id.
        meta = result.expectation_config.meta if result.expectation_config else None
        if isinstance(meta, dict):
            outcomes[meta[_RULE_ID]] = _raised(result.exception_info) or {"success": result.success, **result.result}
    return outcomes


def _raised(exception_info: Mapping[str, Any] | None) -> str | None:
    """The message of what an expectation raised, from either shape it comes in: flat, or nested by metric."""
    if not exception_info:
        return None
    records = [exception_info] if "raised_exception" in exception_info else exception_info.values()
    return next((str(record["exception_message"]) for record in records if record["raised_exception"]), None)


def _found(
    rule: Rule, outcome: Mapping[str, Any], frame: "pd.DataFrame", key_column: str
) -> tuple[str, int | None, float | None, tuple[str, ...]]:
    """What was observed, the count and the share of unexpected rows, and examples of them."""
    if rule.expectation in ROW_COUNT_EXPECTATIONS:
        return f"{len(frame):,} rows", None, None, ()
    if outcome["success"]:
        return ("as expected" if len(frame) else "no rows to judge"), None, None, ()
    if "unexpected_count" not in outcome:  # an expectation about an aggregate: it has a value, and no rows
        return str(outcome.get("observed_value")), None, None, ()

    # Great Expectations leaves nulls out of its shares, except where nulls are the matter; there none are "missing".
    judged = int(outcome["element_count"]) - int(outcome.get("missing_count") or 0)
    unexpected = int(outcome["unexpected_count"])
    share = unexpected / judged
    about_nulls = rule.expectation in NULL_EXPECTATIONS
    observed = f"{unexpected:,} of {judged:,} ({share:.2%}) {'have none' if about_nulls else 'break the rule'}"
    return observed, unexpected, share, _examples(outcome, frame, key_column, with_values=not about_nulls)


def _examples(
    outcome: Mapping[str, Any], frame: "pd.DataFrame", key_column: str, *, with_values: bool
) -> tuple[str, ...]:
    """The key of each offending row, or its number where it has none, and its value."""
    rows = (outcome.get("partial_unexpected_index_list") or [])[:MOST_EXAMPLES]
    values = (outcome.get("partial_unexpected_list") or [])[:MOST_EXAMPLES]
    examples = []
    for row, value in zip(rows, values, strict=True):
        key = str(frame[key_column].iloc[row]) if key_column in frame.columns else f"row {row}"
        examples.append(f"{key}: {value}" if with_values and str(value) != key else key)
    return tuple(examples)
