"""The bridge to Great Expectations and its known pitfalls."""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.rules import (
    Rule,
    Severity,
    Suite,
    between,
    filled,
    matches,
    never_null,
    row_count_at_least,
    unique,
)
from weatherflick_assets.quality.suites import SUITES
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets_tests.quality.place_frames import BREAKS, GIVEN, good_places

# Great Expectations lists the rows that break a rule about two times in a way pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone information")

ATTRACTIONS = SUITES["core.attractions"]


def suite_of(*rules: Rule) -> Suite:
    return Suite("places", "core.places", (row_count_at_least(0), *rules))


def test_an_empty_batch_is_decided_by_the_row_count_alone() -> None:
    empty = good_places("core.attractions").iloc[:0]

    allowed = judge(empty, ATTRACTIONS, given={**GIVEN, "minimum_rows": 0})
    refused = judge(empty, ATTRACTIONS, given={**GIVEN, "minimum_rows": 1})

    assert allowed.passed
    assert allowed.summary() == "core.attractions: there are no rows, and none were required."
    assert {result.observed for result in allowed.results} == {"0 rows", "no rows to judge"}
    assert [result.rule.rule_id for result in refused.blocking_failures] == ["row_count"]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (between("title", 1, 2, severity=Severity.NOTE), "must either be None or of the same type"),
        (Rule("odd", "It is odd.", "ExpectNothing", {"column": "title"}, Severity.NOTE), "ExpectNothing"),
        (filled("title", at_least=7, severity=Severity.NOTE), "less than or equal to 1"),
    ],
    ids=["it raised", "there is no such expectation", "its arguments are refused"],
)
def test_a_rule_that_could_not_be_judged_blocks_whatever_its_severity(rule: Rule, reason: str) -> None:
    verdict = judge(good_places("core.attractions"), suite_of(rule, never_null("title")), given={})

    (failure,) = verdict.blocking_failures
    assert failure.rule is rule
    assert failure.observed.startswith("could not be judged: ")
    assert reason in failure.observed


def test_a_value_the_suite_needs_and_is_not_given_is_named() -> None:
    with pytest.raises(ValueError, match=r"core\.attractions can't judge without being given: judged_at, region_code"):
        judge(good_places("core.attractions"), ATTRACTIONS, given={"minimum_rows": 1})


def test_results_come_in_the_order_of_the_suite_and_belong_to_their_rules() -> None:
    frame = good_places("core.attractions")
    frame.loc[0, "title"] = None
    rules = (never_null("title"), filled("title", at_least=0.5), unique("title"))

    for suite in (suite_of(*rules), suite_of(*reversed(rules))):
        verdict = judge(frame, suite, given={})

        assert tuple(result.rule for result in verdict.results) == suite.rules
        assert [result.rule.rule_id for result in verdict.failures] == ["title_never_null"]


def test_two_rules_that_ask_the_same_are_both_answered() -> None:
    frame = pd.DataFrame({"zip_code": ["x"]})
    rules = [matches("zip_code", r"\d", rule_id=name, description="A digit.") for name in ("first", "second")]

    assert [result.rule.rule_id for result in judge(frame, suite_of(*rules), given={}).failures] == ["first", "second"]


def test_shares_leave_nulls_out_except_where_nulls_are_the_matter() -> None:
    frame = pd.DataFrame({"zip_code": ["63000", "x", None, None]})
    form = matches("zip_code", r"\A\d{5}\Z", rule_id="form", description="Five digits.")

    verdict = judge(frame, suite_of(form, never_null("zip_code")), given={})

    found = {result.rule.rule_id: result for result in verdict.failures}
    assert (found["form"].unexpected_count, found["form"].unexpected_share) == (1, 0.5)
    assert (found["zip_code_never_null"].unexpected_count, found["zip_code_never_null"].unexpected_share) == (2, 0.5)
    assert found["form"].observed == "1 of 2 (50.00%) break the rule"
    assert found["zip_code_never_null"].observed == "2 of 4 (50.00%) have none"


def test_examples_name_the_offending_rows_by_key_whatever_the_index() -> None:
    frame = pd.DataFrame({"content_id": ["7", "8", "9"], "title": ["a", None, " "]}, index=[5, 5, 5])
    blank = matches("title", r"\S", rule_id="title_not_blank", description="No title is blank.")
    late = matches("content_id", "[89]", rule_id="content_id_late", description="Every content_id is 8 or 9.")

    verdict = judge(frame, suite_of(never_null("title"), blank, late), given={})

    assert [result.examples for result in verdict.failures] == [("8",), ("9:",), ("7",)]


def test_examples_name_rows_by_number_where_the_batch_has_no_key() -> None:
    verdict = judge(pd.DataFrame({"title": ["a", None]}), suite_of(never_null("title")), given={})

    assert verdict.failures[0].examples == ("row 1",)


def test_the_batch_is_left_as_it_was() -> None:
    frame = good_places("core.attractions").assign(overview="text")
    before = frame.copy(deep=True)

    judge(frame, ATTRACTIONS, given=GIVEN)

    pd.testing.assert_frame_equal(frame, before)


def test_batches_may_be_judged_from_several_threads() -> None:
    broken = good_places("core.attractions").assign(title=None)
    batches = [good_places("core.attractions"), broken] * 3

    with ThreadPoolExecutor(3) as threads:
        verdicts = list(threads.map(lambda batch: judge(batch, ATTRACTIONS, given=GIVEN), batches))

    assert [verdict.passed for verdict in verdicts] == [True, False] * 3


@settings(max_examples=12, deadline=None)
@given(broken=st.sets(st.sampled_from(sorted(BREAKS)), max_size=4), order=st.permutations(range(24)))
def test_the_order_of_the_rows_changes_nothing(broken: set[str], order: list[int]) -> None:
    frame = good_places("core.attractions", 24)
    values = dict(GIVEN)
    for rule_id in sorted(broken):
        BREAKS[rule_id].change(frame)
        values |= BREAKS[rule_id].given

    straight = judge(frame, ATTRACTIONS, given=values)
    shuffled = judge(frame.iloc[order], ATTRACTIONS, given=values)

    def findings(verdict: Verdict) -> list[tuple[object, ...]]:
        return [(result.rule.rule_id, result.passed, result.severity, result.observed) for result in verdict.results]

    assert findings(straight) == findings(shuffled)


def test_importing_the_modules_imports_neither_great_expectations_nor_pandas_nor_dagster() -> None:
    program = (
        "import sys\n"
        "import weatherflick_assets.quality.judging, weatherflick_assets.quality.suites\n"
        "print(sorted({'great_expectations', 'pandas', 'dagster'} & sys.modules.keys()))"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


def test_judging_writes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    judge(good_places("core.attractions"), ATTRACTIONS, given=GIVEN)

    assert list(tmp_path.iterdir()) == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"
