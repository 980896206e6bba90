"""A stored verdict as a page of Great Expectations' Data Docs: its renderer, our rows, nothing fetched from the network.

Great Expectations draws the sections, tables and marks. Its frame loads styles and scripts from elsewhere, so the frame is ours
(`data_docs_page.html.jinja`). Its templates show values as they are, so every text is escaped before it gets them.

Beside the judge, this is the only module that imports Great Expectations, which takes seconds, when a page is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.quality.expectations import import_great_expectations
from weatherflick_assets.settings import KST

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

_VERDICT = "SELECT * FROM quality.verdicts WHERE verdict_id = %s"

_RULES = """
SELECT rule_id, severity, passed, applies, expected, observed, judged_count, unexpected_count, examples
FROM quality.rule_results WHERE verdict_id = %s
ORDER BY passed, array_position(ARRAY['blocking', 'warning', 'note'], severity), rule_id
"""

_COLUMNS = "SELECT column_name FROM quality.column_profiles WHERE verdict_id = %s"

_REPLACED = {"page.j2": "data_docs_page.html.jinja"}
"""Great Expectations' own template, and ours in its place."""


class UnknownVerdictError(PlatformError):
    """There is no such verdict, or not any more."""


@dataclass(frozen=True)
class StoredVerdict:
    """A verdict with all its rules, failures first, and the columns that were profiled with it."""

    verdict: Mapping[str, Any]
    rules: Sequence[Mapping[str, Any]]
    columns: Sequence[str]

    def column_of(self, rule_id: str) -> str | None:
        """The column that a rule is about, which its id begins with; None: it is about the table."""
        named = [column for column in self.columns if rule_id.startswith(f"{column}_")]
        return max(named, key=len, default=None)


def stored(connection: psycopg.Connection, verdict_id: int) -> StoredVerdict:
    """A verdict from the database.

    Raises:
        UnknownVerdictError: there is none with this id.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        verdict = cursor.execute(_VERDICT, (verdict_id,)).fetchone()
        if verdict is None:
            raise UnknownVerdictError(
                f"There is no verdict {verdict_id}. `weatherflick quality card TABLE` names the last ones of a table."
            )
        rules = cursor.execute(_RULES, (verdict_id,)).fetchall()
        columns = [row["column_name"] for row in cursor.execute(_COLUMNS, (verdict_id,))]
    return StoredVerdict(verdict, rules, columns)


def page(stored: StoredVerdict) -> str:
    """The HTML document, which needs nothing else."""
    import_great_expectations()
    from great_expectations import __version__ as version
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView
    from jinja2 import ChoiceLoader, DictLoader  # noqa: PLC0415

    verdict, evaluated = stored.verdict, len(stored.rules)
    held = sum(rule["passed"] for rule in stored.rules)
    partition = verdict["partition_key"] or "the whole table"
    results = ExpectationSuiteValidationResult(
        success=verdict["passed"],
        suite_name=_text(verdict["suite_name"]),
        results=[_result(rule, stored.column_of(rule["rule_id"])) for rule in stored.rules],
        statistics={
            "evaluated_expectations": evaluated,
            "successful_expectations": held,
            "unsuccessful_expectations": evaluated - held,
            "success_percent": 100 * held / evaluated if evaluated else None,
        },
        meta={
            "great_expectations_version": version,
            "run_id": {"run_name": _text(verdict["run_id"] or "none"), "run_time": verdict["judged_at"].isoformat()},
            "batch_spec": {
                "table": _text(verdict["table_name"]),
                "partition": _text(partition),
                "rows": verdict["row_count"],
                "score": f"{_score(verdict['score'])} of at least {verdict['minimum_score']:g}",
                "published": "yes" if verdict["published"] else "no, held back",
            },
        },
    )
    view = DefaultJinjaPageView()
    ours = {
        name: files("weatherflick_assets.quality").joinpath(file).read_text("utf-8") for name, file in _REPLACED.items()
    }
    view.env.loader = ChoiceLoader([DictLoader(ours), *([view.env.loader] if view.env.loader else [])])
    at = verdict["judged_at"].astimezone(KST)
    title = f"Verdict {verdict['verdict_id']}: {verdict['table_name']}, {partition}, {at:%Y-%m-%d %H:%M} KST"
    return view.render(ValidationResultsPageRenderer().render(results), our_title=title)


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"


@cache
def _expectation_of_stored_rules() -> str:
    """The type of a rule that was judged already; Great Expectations knows expectations by their classes."""
    from great_expectations.expectations.expectation import BatchExpectation

    class StoredRule(BatchExpectation):
        """A rule as it came out; nothing is judged here."""

        column: str | None = None
        rule_id: str

        def _validate(self, *_: object, **__: object) -> Any:
            raise NotImplementedError

    return StoredRule.expectation_type


def _result(rule: Mapping[str, Any], column: str | None) -> "ExpectationValidationResult":
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    counts = {}
    if rule["judged_count"] and rule["unexpected_count"]:
        counts = {
            "element_count": rule["judged_count"],
            "unexpected_count": rule["unexpected_count"],
            "unexpected_percent": 100 * rule["unexpected_count"] / rule["judged_count"],
            "partial_unexpected_list": [_text(example) for example in rule["examples"]],
        }
    about = {"rule_id": _text(rule["rule_id"]), **({"column": _text(column)} if column else {})}
    return ExpectationValidationResult(
        success=rule["passed"],
        expectation_config=ExpectationConfiguration(
            type=_expectation_of_stored_rules(),
            kwargs=about,
            description=_text(f"{rule['expected'] or rule['rule_id']} ({rule['severity']})"),
        ),
        result={"observed_value": _text(rule["observed"]), **counts},
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


def _text(text: str) -> str:
    """Text that Great Expectations may put into a page, and into its own templates, where a dollar begins a name."""
    return escape(for_terminal(text)).replace("$", "&#36;")
