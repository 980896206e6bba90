"""What published assets share: the gate between staged and published rows.

Rows are judged inside the step that publishes them, so each table of each partition has its own gate. A verdict becomes
two asset checks: one that blocks, and one that warns. They show at most `MOST_RULES` rules, because Dagster keeps every
event. All rules are in `quality.rule_results`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import dagster as dg

from weatherflick_assets.orchestration.failures import held_back
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.presentation import for_markdown, for_terminal, shortened

if TYPE_CHECKING:
    from weatherflick_assets.quality.verdict import RuleResult, Verdict

_RETRY = Retries(max_retries=1, delay=1)
"""For transactions that the database aborts, such as one of two regions that deadlock because a place moved."""

GATE = "publishable"
"""Name of the check between staged and published rows."""

WARNINGS = "warnings"
"""Name of the check that fails when a rule of severity warning fails; it blocks nothing."""

MOST_RULES = 70
MOST_EXAMPLES = 20
LONGEST_DESCRIPTION = 1_000

_RULE_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("rule", "string"),
        dg.TableColumn("severity", "string", description="what a failure means in this batch"),
        dg.TableColumn("passed", "bool"),
        dg.TableColumn("asked", "string"),
        dg.TableColumn("observed", "string"),
    ]
)
_EXAMPLE_COLUMNS = dg.TableSchema(
    [dg.TableColumn("rule", "string"), dg.TableColumn("example", "string", description="key and value")]
)


def published_assets(
    *specs: dg.AssetSpec, group: str = "core", **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of a step that publishes the rows that pass a gate; see `step`.

    Their group is that of published tables unless it is named. Checks have the partitions of their assets. Without them, the UI shows a check as not evaluated when the run that was
    created last is not the one that ended last.
    """
    with catch_warnings():
        simplefilter("ignore", dg.PreviewWarning)  # partitions of checks are a preview in Dagster 1.13
        checks = [check for spec in specs for check in _checks(spec.key, options.get("partitions_def"))]
    return step(
        *specs,
        group=group,
        kinds={"pandas", "postgres"},
        check_specs=checks,
        retry_policy=_RETRY,
        **options,
    )


def _checks(key: dg.AssetKey, partitions: dg.PartitionsDefinition | None) -> Iterator[dg.AssetCheckSpec]:
    yield dg.AssetCheckSpec(
        GATE,
        asset=key,
        partitions_def=partitions,
        blocking=True,
        description="The suite's blocking rules hold for the rows as they will be published. Judged before anything is.",
    )
    yield dg.AssetCheckSpec(
        WARNINGS,
        asset=key,
        partitions_def=partitions,
        description="The suite's rules of severity warning hold for the rows as they will be published. A failure blocks nothing.",
    )


def check_results(
    key: dg.AssetKey,
    verdicts: Mapping[int, "Verdict"],
    *,
    passed: bool,
    where: str = "",
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[dg.AssetCheckResult]:
    """The check for the gate and the check for warnings.

    Args:
        key: the asset's key.
        verdicts: the verdicts on its parts, by part id.
        passed: whether the gate is open.
        where: the beginning of the descriptions.
        metadata: of both checks, in addition to what the judge reported.
    """
    judged = list(verdicts.values())
    said = " ".join(verdict.summary() for verdict in judged)
    warnings = [warning for verdict in judged for warning in verdict.warnings]
    scores = [verdict.score for verdict in judged if verdict.score is not None]
    identified = {**metadata, "verdict_id": next(iter(verdicts)) if len(verdicts) == 1 else list(verdicts)}
    yield dg.AssetCheckResult(
        check_name=GATE,
        asset_key=key,
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=described(where + said),
        metadata={
            **identified,
            "rows_judged": sum(verdict.row_count for verdict in judged),
            **({"score": min(scores)} if scores else {}),
            **_tables(judged),
        },
    )
    yield dg.AssetCheckResult(
        check_name=WARNINGS,
        asset_key=key,
        passed=not warnings,
        severity=dg.AssetCheckSeverity.WARN,
        description=described(where + (_warned(warnings) if warnings else _unwarned(judged))),
        metadata=identified,
    )


def _tables(verdicts: Sequence["Verdict"]) -> dict[str, dg.TableMetadataValue]:
    """All rules, failures first, and separately examples of what broke a rule. Values in a table are never markup."""
    rules = sorted(
        ((_name(verdict, result, verdicts), result) for verdict in verdicts for result in verdict.gravest_first),
        key=lambda rule: rule[1].passed,
    )
    examples = [(name, example) for name, result in rules for example in result.examples]
    found = {
        "rules": (_RULE_COLUMNS, [_rule_row(name, result) for name, result in rules[:MOST_RULES]]),
        "examples": (
            _EXAMPLE_COLUMNS,
            [{"rule": name, "example": for_terminal(example)} for name, example in examples[:MOST_EXAMPLES]],
        ),
    }
    return {
        name: dg.MetadataValue.table([dg.TableRecord(record) for record in records], schema)
        for name, (schema, records) in found.items()
        if records
    }


def pass_or_hold_back(
    context: dg.AssetExecutionContext, verdict_id: int, verdict: "Verdict", *, lost: str = ""
) -> Iterator[dg.AssetCheckResult]:
    """The checks of what a step has published as a whole; it fails if the verdict held that back.

    Args:
        context: of the step, which makes one asset.
        verdict_id: of the recorded verdict.
        verdict: on the rows.
        lost: what could not be used, a sentence and a blank, or nothing.

    Raises:
        dg.Failure: nothing was published.
    """
    where = f"{context.partition_key}: {lost}" if context.has_partition_key else lost
    yield from check_results(context.asset_key, {verdict_id: verdict}, passed=verdict.passed, where=where)
    if not verdict.passed:
        stands = "the issue before it" if context.has_partition_key else "what was published before"
        raise held_back(f"{lost}{verdict.summary()} Nothing was published; {stands} stands.")


def _name(verdict: "Verdict", result: "RuleResult", verdicts: Sequence["Verdict"]) -> str:
    return result.rule.rule_id if len(verdicts) == 1 else f"{verdict.suite_name}: {result.rule.rule_id}"


def _rule_row(name: str, result: "RuleResult") -> dict[str, str | bool]:
    return {
        "rule": name,
        "severity": result.severity.value,
        "passed": result.passed,
        "asked": result.expected,
        "observed": f"all of {result.judged_count:,}" if result.observed_share == 1 else result.observed,
    }


def _warned(warnings: Sequence["RuleResult"]) -> str:
    found = "; ".join(f"{warning.rule.rule_id}: {warning.observed}" for warning in warnings)
    return f"{len(warnings)} {'rule' if len(warnings) == 1 else 'rules'} of severity warning failed ({found})."


def _unwarned(verdicts: Sequence["Verdict"]) -> str:
    if any(verdict.row_count for verdict in verdicts):
        return "No rule of severity warning failed."
    return " ".join(verdict.summary() for verdict in verdicts)


def described(text: str) -> str:
    """A description of at most this length: findings may quote data."""
    return for_markdown(shortened(text, LONGEST_DESCRIPTION))
