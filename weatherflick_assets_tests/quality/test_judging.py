"""The bridge to Great Expectations and its known pitfalls."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.quality import judging
from weatherflick_assets.quality.expectations import import_great_expectations
from weatherflick_assets.quality.judging import Judgement, judge
from weatherflick_assets.quality.rules import (
    SINGLE_ROW_EXPECTATIONS,
    USUAL_ROWS,
    Given,
    GivenValues,
    Leniency,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    filled_where,
    in_set,
    matches,
    mostly_between,
    mostly_unique,
    never_null,
    no_finding,
    not_before,
    row_count_as_usual,
    row_count_at_least,
    unique,
)
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import KST

# Great Expectations lists the rows that break a rule about two times in a way pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone information")

JUDGED_AT = pd.Timestamp("2026-10-01 09:00", tz=KST)
GIVEN: GivenValues = {"minimum_rows": 1, "region_code": "50", "judged_at": JUDGED_AT.isoformat()}

PLACES = Suite(
    "core.places",
    "core.places",
    (
        row_count_at_least(Given("minimum_rows")),
        unique("content_id"),
        never_null("title"),
        matches("title", r"\S", rule_id="title_not_blank", description="No title is blank."),
        in_set("region_code", [Given("region_code")], rule_id="region", description="Every one is {region_code}."),
        between("latitude", 33, 39),
        filled("latitude", at_least=0.9, leniency=Leniency(below_rows=20)),
        filled_where("zip_code", "latitude", at_least=0.7, severity=Severity.NOTE),
        matches(
            "zip_code", r"\A\d{5}\Z", rule_id="zip", description="Digits.", at_least=0.9, severity=Severity.WARNING
        ),
        between("modified_at", None, Given("judged_at"), severity=Severity.WARNING),
        not_before("modified_at", "created_at", at_least=0.8, severity=Severity.NOTE),
    ),
)
"""One rule of each kind, judged with `GIVEN`."""


def places(rows: int = 24) -> pd.DataFrame:
    """Rows against which no rule has anything to say, with a column that no rule reads."""
    return pd.DataFrame(
        {
            "content_id": [str(126_000 + number) for number in range(rows)],
            "title": pd.Series([f"장소 {number}" for number in range(rows)], dtype=object),
            "region_code": ["50"] * rows,
            "latitude": [33.3 + number / 1000 for number in range(rows)],
            "zip_code": ["63000"] * rows,
            "created_at": pd.Series([pd.Timestamp("2020-01-01", tz=KST)] * rows, dtype="datetime64[us, Asia/Seoul]"),
            "modified_at": pd.Series([pd.Timestamp("2025-01-01", tz=KST)] * rows, dtype="datetime64[us, Asia/Seoul]"),
            "overview": ["글"] * rows,
        }
    )


def test_the_suite_of_these_tests_has_a_rule_of_every_kind_that_may_be_judged_in_parts() -> None:
    assert {rule.expectation for rule in PLACES.rules} > SINGLE_ROW_EXPECTATIONS - {"ExpectColumnValuesToBeNull"}
    assert judge(places(), PLACES, given=GIVEN).score == 100


def suite_of(*rules: Rule) -> Suite:
    return Suite("places", "core.places", (row_count_at_least(0), *rules))


def test_an_empty_batch_is_decided_by_the_row_count_alone() -> None:
    empty = places(0)

    allowed = judge(empty, PLACES, given={**GIVEN, "minimum_rows": 0})
    refused = judge(empty, PLACES, given={**GIVEN, "minimum_rows": 1})

    assert allowed.passed
    assert {result.observed_share for result in allowed.results} == {None}
    assert (allowed.score, refused.score) == (None, 0)
    assert allowed.summary() == "core.places: there are no rows, and none were required."
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
    verdict = judge(places(), suite_of(rule, never_null("title")), given={})

    (failure,) = verdict.blocking_failures
    assert failure.rule is rule
    assert failure.observed.startswith("could not be judged: ")
    assert reason in failure.observed


def test_a_value_the_suite_needs_and_is_not_given_is_named() -> None:
    with pytest.raises(ValueError, match=r"core\.places can't judge without being given: judged_at, region_code"):
        judge(places(), PLACES, given={"minimum_rows": 1})


@pytest.mark.parametrize("column", [column for column in PLACES.columns if column != "content_id"])
def test_a_missing_column_blocks_whatever_its_rules_are_worth(column: str) -> None:
    verdict = judge(places().drop(columns=column), PLACES, given=GIVEN)

    concerned = [result.rule.rule_id for result in verdict.results if column in result.rule.columns]
    assert [result.rule.rule_id for result in verdict.blocking_failures] == concerned
    assert {result.observed for result in verdict.blocking_failures} == {
        f"could not be judged: the batch has no column {column}"
    }
    assert {result.observed_share for result in verdict.blocking_failures} == {None}


def test_what_holds_has_its_share_counted_too() -> None:
    frame = places()
    frame.loc[:1, "latitude"] = None
    frame.loc[2, "zip_code"] = "x"

    verdict = judge(frame, PLACES, given=GIVEN)

    assert verdict.score == 100
    found = {result.rule.rule_id: (result.judged_count, result.unexpected_count) for result in verdict.results}
    assert found["latitude_filled"] == (24, 2)
    assert found["latitude_in_range"] == (22, 0)
    assert found["zip"] == (24, 1)
    assert found["modified_at_not_before_created_at"] == (24, 0)
    assert found["row_count"] == (None, None)
    assert not any(result.examples for result in verdict.results)


def test_results_come_in_the_order_of_the_suite_and_belong_to_their_rules() -> None:
    frame = places()
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
    assert (found["form"].unexpected_count, found["form"].observed_share) == (1, 0.5)
    assert (found["zip_code_never_null"].unexpected_count, found["zip_code_never_null"].observed_share) == (2, 0.5)
    assert found["form"].observed == "1 of 2 (50.00%) break the rule"
    assert found["zip_code_never_null"].observed == "2 of 4 (50.00%) have none"


@pytest.mark.parametrize("parts", [1, 3])
def test_few_values_break_no_rule_about_a_share_in_a_suite_that_tolerates_them(parts: int) -> None:
    few = replace(
        PLACES,
        rules=(row_count_at_least(1), filled("latitude", at_least=0.9), never_null("title")),
        tolerated=2,
    )

    def judged(blanks: int, column: str) -> Verdict:
        frame = places(6)
        frame.loc[frame.index[:blanks], column] = None
        judgement = Judgement(few, GIVEN)
        for start in range(0, 6, 6 // parts):
            judgement.add(frame.iloc[start : start + 6 // parts])
        return judgement.verdict()

    tolerated = judged(2, "latitude")
    assert tolerated.passed
    assert tolerated.score == 100
    assert tolerated.results[1].observed == "2 of 6 (33.33%) have none, too few to tell"
    assert tolerated.results[1].examples == ()
    assert not judged(3, "latitude").passed
    assert not judged(1, "title").passed, "what no row may break is no share"


def test_a_rule_about_some_rows_counts_these_alone() -> None:
    frame = places(24)
    frame.loc[:3, "zip_code"] = None
    frame.loc[2:11, "latitude"] = None

    verdict = judge(frame, suite_of(filled_where("zip_code", "latitude", at_least=0.9)), given={})

    (failure,) = verdict.failures
    assert (failure.judged_count, failure.unexpected_count) == (14, 2)
    assert failure.observed == "2 of 14 (14.29%) have none"
    assert failure.examples == ("126000", "126001")


def test_examples_name_the_offending_rows_by_key_whatever_the_index() -> None:
    frame = pd.DataFrame({"content_id": ["7", "8", "9"], "title": ["a", None, " "]}, index=[5, 5, 5])
    blank = matches("title", r"\S", rule_id="title_not_blank", description="No title is blank.")
    late = matches("content_id", "[89]", rule_id="content_id_late", description="Every content_id is 8 or 9.")

    verdict = judge(frame, suite_of(never_null("title"), blank, late), given={})

    assert [result.examples for result in verdict.failures] == [("8",), ("9:",), ("7",)]


def test_values_that_great_expectations_lists_without_their_rows_are_no_examples() -> None:
    known = Rule(
        "known", "Known.", "ExpectColumnDistinctValuesToBeInSet", {"column": "title", "value_set": ["a"]}, Severity.NOTE
    )

    (failure,) = judge(pd.DataFrame({"title": ["a", "b"]}), suite_of(known), given={}).failures

    assert (failure.observed, failure.examples) == ("1 of 2 (50.00%) break the rule", ())


def test_examples_name_rows_by_number_where_the_batch_has_no_key() -> None:
    verdict = judge(pd.DataFrame({"title": ["a", None]}), suite_of(never_null("title")), given={})

    assert verdict.failures[0].examples == ("row 1",)


def test_the_batch_is_left_as_it_was() -> None:
    frame = places()
    before = frame.copy(deep=True)

    judge(frame, PLACES, given=GIVEN)

    pd.testing.assert_frame_equal(frame, before)


def test_batches_may_be_judged_from_several_threads() -> None:
    batches = [places(), places().assign(title=None)] * 3

    with ThreadPoolExecutor(3) as threads:
        verdicts = list(threads.map(lambda batch: judge(batch, PLACES, given=GIVEN), batches))

    assert [verdict.passed for verdict in verdicts] == [True, False] * 3


def judged_in_parts(frame: pd.DataFrame, suite: Suite, cuts: Iterable[int], *, given: GivenValues) -> Verdict:
    """Cut before the rows `cuts`, and judge every part on its own."""
    late = {name: value for name, value in given.items() if name == "minimum_rows"}
    judgement = Judgement(suite, {name: value for name, value in given.items() if name not in late})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "PART_ROWS", 1)
        for start, end in pairwise([0, *sorted(cuts), len(frame)]):
            judgement.add(frame.iloc[start:end])
        return judgement.verdict(late)


SPOILS: tuple[tuple[str, Any], ...] = (
    *(("title", value) for value in (None, " ")),
    *(("latitude", value) for value in (None, 19.69)),
    *(("zip_code", value) for value in (None, "612-040")),
    *(("modified_at", value) for value in (None, JUDGED_AT + pd.Timedelta(seconds=1))),
    ("created_at", pd.Timestamp("2025-06-01", tz=KST)),
    ("content_id", "126001"),
    ("region_code", "11"),
)
"""Values against which some rule has something to say, alone or in numbers."""

ROWS = 24
SPOILED = st.lists(st.tuples(st.sampled_from(SPOILS), st.sets(st.integers(0, ROWS - 1), min_size=1)), max_size=5)


def spoiled(spoils: Iterable[tuple[tuple[str, Any], set[int]]]) -> pd.DataFrame:
    frame = places(ROWS)
    for (column, value), rows in spoils:
        frame.loc[sorted(rows), column] = value
    return frame


@settings(max_examples=30, deadline=None)
@given(
    spoils=SPOILED,
    cuts=st.lists(st.integers(0, ROWS), min_size=1, max_size=3),
    minimum_rows=st.sampled_from([ROWS, ROWS + 1]),
)
def test_the_verdict_of_the_parts_is_the_verdict_of_the_whole(
    spoils: list[tuple[tuple[str, Any], set[int]]], cuts: list[int], minimum_rows: int
) -> None:
    frame, values = spoiled(spoils), {**GIVEN, "minimum_rows": minimum_rows}

    whole = judge(frame, PLACES, given=values)

    assert judged_in_parts(frame, PLACES, cuts, given=values) == whole
    for result in whole.results:
        if result.observed_share is not None and result.rule.required_share is not None:
            assert result.passed is (result.observed_share >= result.rule.required_share)


@settings(max_examples=12, deadline=None)
@given(spoils=SPOILED, order=st.permutations(range(ROWS)))
def test_the_order_of_the_rows_changes_nothing(
    spoils: list[tuple[tuple[str, Any], set[int]]], order: list[int]
) -> None:
    frame = spoiled(spoils)

    straight = judge(frame, PLACES, given=GIVEN)
    shuffled = judge(frame.iloc[order], PLACES, given=GIVEN)

    assert [replace(result, examples=()) for result in straight.results] == [
        replace(result, examples=()) for result in shuffled.results
    ]


@pytest.mark.parametrize(("blanks", "passed"), [(4, True), (5, False)])
def test_a_share_is_one_of_the_whole_though_a_part_misses_it(blanks: int, *, passed: bool) -> None:
    frame = pd.DataFrame({"content_id": list("abcdefgh"), "title": [None] * blanks + ["x"] * (8 - blanks)})
    suite = suite_of(filled("title", at_least=0.5, leniency=Leniency(below_rows=8)))

    verdict = judged_in_parts(frame, suite, [4], given={})

    assert verdict.passed is passed
    assert [result.observed for result in verdict.failures] == ([] if passed else ["5 of 8 (62.50%) have none"])


def test_an_id_that_comes_again_in_another_part_is_seen() -> None:
    frame = pd.DataFrame({"content_id": ["1", "2", "3", "1"]})

    verdict = judged_in_parts(frame, suite_of(unique("content_id")), [2], given={})

    assert [result.observed for result in verdict.blocking_failures] == ["2 of 4 (50.00%) break the rule"]


def test_a_rule_that_raises_in_one_part_could_not_be_judged() -> None:
    frame = pd.DataFrame({"content_id": ["1", "2"], "size": pd.Series([1, "x"], dtype=object)})

    verdict = judged_in_parts(frame, suite_of(between("size", 0, 5, severity=Severity.NOTE)), [1], given={})

    assert verdict.blocking_failures[0].observed.startswith("could not be judged: ")


def test_rows_without_a_key_are_numbered_through_all_parts() -> None:
    frame = pd.DataFrame({"title": ["a", None, "b", None]})

    verdict = judged_in_parts(frame, suite_of(never_null("title")), [2], given={})

    assert verdict.failures[0].examples == ("row 1", "row 3")


def test_what_is_asked_of_several_rows_together_is_judged_on_the_whole() -> None:
    at_most = Rule("mean", "The mean is small.", "ExpectColumnMeanToBeBetween", {"column": "size", "max_value": 2})
    frame = pd.DataFrame({"content_id": ["1", "2", "3"], "size": [0, 0, 5]})

    assert judged_in_parts(frame, suite_of(at_most), [1, 2], given={}).passed
    assert not judged_in_parts(frame.assign(size=[0, 5, 5]), suite_of(at_most), [1, 2], given={}).passed


def test_nothing_more_than_a_part_waits_to_be_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    outcomes = judging.outcomes
    monkeypatch.setattr(judging, "PART_ROWS", 10)
    monkeypatch.setattr(
        judging, "outcomes", lambda frame, *rest, **more: judged.append(len(frame)) or outcomes(frame, *rest, **more)
    )
    judgement = Judgement(PLACES, GIVEN)
    for _ in range(6):
        judgement.add(places(5))
    assert judged == [10, 10]
    assert judgement.verdict().row_count == 30
    assert judged == [10, 10, 10, 30]  # the last on the ids alone


def test_importing_the_modules_imports_neither_great_expectations_nor_pandas_nor_dagster() -> None:
    program = (
        "import sys\n"
        "import weatherflick_assets.quality.judging, weatherflick_assets.places.suites.places\n"
        "print(sorted({'great_expectations', 'pandas', 'dagster'} & sys.modules.keys()))"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


def test_judging_writes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    import_great_expectations.cache_clear()  # another test may have imported it, and have put the environment back

    judge(places(), PLACES, given=GIVEN)

    assert list(tmp_path.iterdir()) == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"


def test_a_rule_that_compares_with_what_is_not_known_does_not_apply_and_says_so() -> None:
    suite = suite_of(row_count_as_usual(0.7, 1.5), never_null("title"))
    for usual, applies, passed in (
        (None, False, True),
        (24, True, True),
        (16, True, True),
        (15, True, False),
        (40, True, False),
    ):
        verdict = judge(places(24), suite, given={USUAL_ROWS: usual})
        _, volume, _ = verdict.results
        assert (volume.applies, volume.passed) == (applies, passed)
        assert verdict.passed
        assert volume.observed == ("24 rows" if applies else "does not apply: usual_rows is not known")
        assert volume.expected.endswith(f"which is {usual or '?'}.")
        assert bool(verdict.warnings) is not passed


def test_a_rule_about_values_that_no_row_has_does_not_apply_and_counts_for_nothing() -> None:
    suite = suite_of(*(rule for rule in PLACES.rules if rule.rule_id == "zip"), never_null("title"))
    verdict = judge(places().assign(zip_code=None), suite, given={})

    (form,) = [result for result in verdict.results if result.rule.rule_id == "zip"]
    assert (form.applies, form.passed, form.observed_share) == (False, True, None)
    assert form.observed == "does not apply: no row has a value in zip_code"
    assert verdict.score == 100


@pytest.mark.parametrize(
    "rule",
    [
        no_finding("finding", rule_id="found", description="Nothing."),
        mostly_between("finding", 1, 2, rule_id="near", description="Near."),
        mostly_unique("finding", rule_id="once", description="Once."),
        not_before("finding", "title", said="below"),
    ],
    ids=lambda rule: rule.rule_id,
)
def test_a_rule_of_any_kind_whose_column_is_missing_could_not_be_judged_and_blocks(rule: Rule) -> None:
    verdict = judge(places(), suite_of(rule), given={})

    (failure,) = verdict.blocking_failures
    assert failure.observed == "could not be judged: the batch has no column finding"


def test_a_finding_is_shown_with_the_key_of_its_row_whatever_the_parts() -> None:
    frame = places().assign(finding=pd.Series([None] * 23 + ["is at sea"], dtype=object))
    suite = suite_of(no_finding("finding", rule_id="found", description="Nothing."))

    for verdict in (judge(frame, suite, given={}), judged_in_parts(frame, suite, [5, 20], given={})):
        (warning,) = verdict.warnings
        assert warning.examples == ("126023: is at sea",)
        assert warning.observed == "1 of 24 (4.17%) break the rule"


def test_rows_that_share_a_value_are_named_together() -> None:
    frame = places().assign(same=pd.Series([str(number) for number in range(22)] + ["3", "3"], dtype=object))
    suite = suite_of(mostly_unique("same", rule_id="once", description="Once."))

    for verdict in (judge(frame, suite, given={}), judged_in_parts(frame, suite, [5, 20], given={})):
        (warning,) = verdict.warnings
        assert warning.examples == ("126003 and 126022 and 126023: 3",)
