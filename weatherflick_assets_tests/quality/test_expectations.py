"""What is found out about every rule is what the validator of Great Expectations finds out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.suites.codes import CODE_SUITES
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.places.transform.places import places
from weatherflick_assets.quality.expectations import UNEXPECTED_COUNT, UNEXPECTED_ROWS, UNEXPECTED_VALUES, outcomes
from weatherflick_assets.quality.rules import GivenValues, Rule, Suite
from weatherflick_assets.quality.verdict import MOST_EXAMPLES
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.places.suites.place_frames import BREAKS, GIVEN, good_batch
from weatherflick_assets_tests.places.suites.test_codes import BREAKS as CODE_BREAKS
from weatherflick_assets_tests.places.suites.test_codes import good_codes
from weatherflick_assets_tests.places.transform.received import recorded_rows, stored

# Great Expectations lists the rows that break a rule about two times in a way pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone information")

Found = dict[str, object]
"""By rule: whether it holds, how many values break it and the first of them; or why it could not be judged."""


@pytest.fixture(scope="module")
def rows() -> Any:
    """Where Great Expectations' validator gets its rows: a data frame that is named when it judges."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            progress_bars=ProgressBarsConfig(globally=False),
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )
    return (
        context.data_sources.add_pandas("rows").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")
    )


def by_the_validator(rows: Any, frame: pd.DataFrame, rules: list[Rule], values: GivenValues) -> Found:
    import great_expectations as gx
    from great_expectations.validator.v1_validator import Validator

    expectations = [
        getattr(gx.expectations, rule.expectation)(**rule.arguments_with(values), meta={"rule": rule.rule_id})
        for rule in rules
    ]
    validator = Validator(
        rows,
        batch_parameters={"dataframe": frame},
        result_format={"result_format": "SUMMARY", "partial_unexpected_count": MOST_EXAMPLES},
    )
    found: Found = {}
    for result in validator.validate_expectation_suite(gx.ExpectationSuite("rules", expectations)).results:
        raised = result.exception_info
        records = [raised] if "raised_exception" in raised else [*raised.values()]
        problems = [record["exception_message"] for record in records if record["raised_exception"]]
        assert result.expectation_config is not None
        found[result.expectation_config.meta["rule"]] = (
            problems[0] if problems else in_short({"success": result.success, **result.result})
        )
    return found


def in_short(outcome: Mapping[str, Any]) -> object:
    count = outcome.get(UNEXPECTED_COUNT)
    return outcome["success"], count, *(str(outcome[name]) for name in (UNEXPECTED_VALUES, UNEXPECTED_ROWS) if count)


def check(rows: Any, frame: pd.DataFrame, suite: Suite, values: GivenValues = GIVEN) -> None:
    """Judge by all rules whose columns there are, here and with the validator; the results are the same."""
    frame = frame.reset_index(drop=True)
    rules = [rule for rule in suite.rules if set(rule.columns) <= set(frame.columns)]
    found = {
        rule_id: outcome if isinstance(outcome, str) else in_short(outcome)
        for rule_id, outcome in outcomes(frame, rules, values, with_all_examples=True).items()
    }
    assert found == by_the_validator(rows, frame, rules, values)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_whatever_is_broken(rows: Any, suite: Suite) -> None:
    frame = good_batch(suite.table_name)
    check(rows, frame, suite)
    check(rows, frame.iloc[:0], suite)
    for rule in suite.rules:
        BREAKS[rule.rule_id].change(frame)
    check(rows, frame, suite)


@pytest.mark.parametrize("rule_id", CODE_BREAKS)
def test_whatever_is_broken_in_a_list_of_codes(rows: Any, rule_id: str) -> None:
    check(
        rows,
        CODE_BREAKS[rule_id](good_codes()),
        CODE_SUITES["core.codes/sigungu"],
        {"minimum_rows": 200, "usual_rows": 250},
    )


@pytest.mark.recorded
@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=lambda kind: kind.name)
def test_recorded_places(rows: Any, content_type: ContentType, recorded_data: Path) -> None:
    received = {
        row["contentid"]: row
        for row in recorded_rows(recorded_data)
        if row["contenttypeid"] == content_type.content_type_id
    }
    check(rows, places(stored([*received.values()])).rows, SUITES[f"core.{content_type.name}"])


VALUES = st.sampled_from(
    [
        None, float("nan"), pd.NaT, pd.NA, "", " ", "x", "0", "50", "63000", "NA", "https://a/b.jpg", "http://a", 0, -1, 5, 3.5,
        True, pd.Timestamp("2020-01-01"), pd.Timestamp("2027-01-01", tz=KST), "2026-09-01",
    ]
)  # fmt: skip


@settings(max_examples=12)
@given(data=st.data())
def test_whatever_the_columns_hold(rows: Any, data: st.DataObject) -> None:
    suite = data.draw(st.sampled_from([*SUITES.values()]))
    frame = good_batch(suite.table_name, data.draw(st.integers(1, 25)))
    for column in data.draw(st.lists(st.sampled_from(suite.columns), max_size=5, unique=True)):
        if column in frame:
            kept = frame[column].astype(object).tolist()
            put = data.draw(st.lists(VALUES, max_size=len(frame)))
            frame[column] = pd.Series([*put, *kept[len(put) :]], dtype=object)
            if data.draw(st.booleans()):
                frame[column] = frame[column].infer_objects()
    check(rows, frame.iloc[data.draw(st.permutations(range(len(frame))))], suite)


def test_rules_that_ask_for_the_type_of_a_column_are_judged_by_the_rows_at_hand(rows: Any) -> None:
    rule = Rule("type", "Numbers.", "ExpectColumnValuesToBeOfType", {"column": "size", "type_": "float64"})

    for sizes, holds in (([1.5, 2.5], True), (["x", "y"], False), ([0.5], True)):
        frame = pd.DataFrame({"size": sizes})
        (outcome,) = outcomes(frame, [rule], {}, with_all_examples=True).values()
        assert isinstance(outcome, dict)
        assert outcome["success"] is holds
        assert in_short(outcome) == by_the_validator(rows, frame, [rule], {})["type"]
