"""The place suites: every rule can go red, and nothing else goes red with it."""

import pytest

from weatherflick_assets.content_types import CONTENT_TYPES
from weatherflick_assets.quality.class_codes import CLASS_DIVISION_CODES, CLASS_GROUP_CODES
from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.rules import Rule, Severity, Suite
from weatherflick_assets.quality.suites import SUITES
from weatherflick_assets_tests.quality.place_frames import BREAKS, GIVEN, good_places

# Great Expectations lists the rows that break a rule about two times in a way pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone information")

EVERY_RULE = [(suite, rule) for suite in SUITES.values() for rule in suite.rules]


def test_every_content_type_has_a_suite() -> None:
    assert set(SUITES) == {f"core.{content_type.name}" for content_type in CONTENT_TYPES}


def test_every_rule_has_a_case_that_breaks_it_and_every_case_a_rule() -> None:
    assert {rule.rule_id for _, rule in EVERY_RULE} == set(BREAKS)


@pytest.mark.parametrize("table_name", SUITES)
def test_a_good_batch_passes_every_rule(table_name: str) -> None:
    verdict = judge(good_places(table_name), SUITES[table_name], given=GIVEN)

    assert [result.rule.rule_id for result in verdict.failures] == []
    assert verdict.passed
    assert verdict.score == 100


@pytest.mark.parametrize(("suite", "rule"), EVERY_RULE, ids=lambda part: getattr(part, "rule_id", None) or part.name)
def test_a_broken_batch_fails_exactly_the_rule_that_was_broken(suite: Suite, rule: Rule) -> None:
    frame = good_places(suite.table_name)
    breaking = BREAKS[rule.rule_id]
    breaking.change(frame)

    verdict = judge(frame, suite, given={**GIVEN, **breaking.given})

    assert [result.rule.rule_id for result in verdict.failures] == [rule.rule_id]
    failure = verdict.failures[0]
    assert failure.severity is rule.severity
    assert verdict.passed is (rule.severity is not Severity.BLOCKING)
    assert not failure.observed.startswith("could not be judged")


@pytest.mark.parametrize("table_name", SUITES)
def test_a_missing_column_blocks_whatever_its_rules_are_worth(table_name: str) -> None:
    suite = SUITES[table_name]
    for column in suite.columns:
        verdict = judge(good_places(table_name).drop(columns=column), suite, given=GIVEN)

        concerned = [result.rule.rule_id for result in verdict.results if column in result.rule.columns]
        assert [result.rule.rule_id for result in verdict.blocking_failures] == concerned
        assert {result.observed for result in verdict.blocking_failures} == {
            f"could not be judged: the batch has no column {column}"
        }


@pytest.mark.parametrize(
    ("rows", "region_code", "blocks"),
    [(40, "50", True), (20, "50", True), (19, "50", False), (40, "unassigned", False)],
)
def test_shares_only_warn_in_a_small_batch_and_among_places_without_a_region(
    rows: int, region_code: str, *, blocks: bool
) -> None:
    frame = good_places("core.attractions", rows).assign(region_code=region_code)
    frame.loc[frame.index[::2], "address"] = None

    verdict = judge(frame, SUITES["core.attractions"], given={**GIVEN, "region_code": region_code})

    assert [result.rule.rule_id for result in verdict.failures] == ["address_filled"]
    assert verdict.passed is not blocks
    assert bool(verdict.warnings) is not blocks


def test_invariants_block_in_the_smallest_batch() -> None:
    frame = good_places("core.attractions", 1).assign(latitude=19.69)

    assert not judge(frame, SUITES["core.attractions"], given=GIVEN).passed


def test_columns_that_are_entirely_empty_are_judged_as_empty_and_not_as_broken() -> None:
    frame = good_places("core.attractions")
    for column in ("zip_code", "image_url", "created_at"):
        frame[column] = None

    verdict = judge(frame, SUITES["core.attractions"], given=GIVEN)

    assert [result.rule.rule_id for result in verdict.failures] == ["image_url_filled"]


def test_class_codes_are_those_of_the_official_table() -> None:
    assert len(CLASS_DIVISION_CODES) == 10
    assert len(CLASS_GROUP_CODES) == len(set(CLASS_GROUP_CODES)) == 59
    assert all(any(code.startswith(division) for division in CLASS_DIVISION_CODES) for code in CLASS_GROUP_CODES)
