"""The suites of the published tables: every rule can go red, and nothing else goes red with it."""

from pathlib import Path

import pytest

from weatherflick_assets.places.class_codes import CLASS_DIVISIONS, CLASS_GROUPS
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.suites.details import JUDGED_DETAILS
from weatherflick_assets.places.suites.places import JUDGED_PLACES, SUITES
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.quality.judging import Judgement, judge
from weatherflick_assets.quality.rules import USUAL_ROWS, Rule, Severity, Suite
from weatherflick_assets_tests.places.suites.place_frames import BREAKS, GIVEN, good_batch, good_places
from weatherflick_assets_tests.places.transform.received import recorded_rows
from weatherflick_assets_tests.quality.breaks import distinct_rules

# Great Expectations lists the rows that break a rule about two times in a way pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone information")

RULES = distinct_rules(SUITES.values())

PLACES = tuple(table.fullname for table in PLACE_TABLES.values())


def test_every_published_table_has_a_suite() -> None:
    assert set(SUITES) == {*PLACES, *(f"core.{detail.name}" for detail in DETAILS)}


def test_tables_of_details_are_judged_as_they_are_declared() -> None:
    assert [table.detail for table in JUDGED_DETAILS] == list(DETAILS)


def test_every_rule_has_a_case_that_breaks_it_and_every_case_a_rule() -> None:
    assert {rule.rule_id for _, rule in RULES} == set(BREAKS)


@pytest.mark.parametrize("table_name", SUITES)
def test_a_good_batch_passes_every_rule(table_name: str) -> None:
    verdict = judge(good_batch(table_name), SUITES[table_name], given=GIVEN)

    assert [result.rule.rule_id for result in verdict.failures] == []
    assert all(result.applies for result in verdict.results)
    assert verdict.passed
    assert verdict.score == 100


@pytest.mark.parametrize("table_name", PLACES)
def test_rules_about_details_do_not_apply_before_any_are_known(table_name: str) -> None:
    suite = SUITES[table_name]
    verdict = judge(good_places(table_name), suite, given=GIVEN)

    idle = {result.rule.rule_id for result in verdict.results if not result.applies}
    assert idle == {
        rule.rule_id for rule in suite.rules if rule.columns and suite.optional_columns.issuperset(rule.columns)
    }
    assert verdict.passed
    assert f"{len(idle)} had nothing to judge." in verdict.summary()


def test_a_batch_of_which_a_part_has_details_is_judged_by_them() -> None:
    suite = SUITES["core.festivals"]
    for spoiled in (False, True):
        known = good_batch("core.festivals", 20)
        known.loc[known.index[:1], "event_end_date"] = "2026-09-30" if spoiled else "2026-10-01"
        judgement = Judgement(suite, GIVEN)
        listed = [str(number) for number in range(40)]
        judgement.add(good_places("core.festivals").assign(content_id=listed, title_and_address=listed))
        judgement.add(known)
        failed = [result.rule.rule_id for result in judgement.verdict().failures]
        assert failed == (["event_end_date_not_before_event_start_date"] if spoiled else [])


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=lambda part: getattr(part, "rule_id", None) or part.name)
def test_a_broken_batch_fails_exactly_the_rule_that_was_broken(suite: Suite, rule: Rule) -> None:
    frame = good_batch(suite.table_name)
    breaking = BREAKS[rule.rule_id]
    breaking.change(frame)

    verdict = judge(frame, suite, given={**GIVEN, **breaking.given})

    failures = {result.rule.rule_id: result for result in verdict.failures}
    assert failures.keys() == {rule.rule_id, *breaking.also}
    failure = failures[rule.rule_id]
    assert failure.severity is rule.severity
    assert verdict.passed is (rule.severity is not Severity.BLOCKING)
    assert not failure.observed.startswith("could not be judged")


@pytest.mark.parametrize(
    ("rows", "region_code", "blocks"),
    [(40, "50", True), (20, "50", True), (19, "50", False), (40, "unassigned", False)],
)
def test_shares_only_warn_in_a_small_batch_and_among_places_without_a_region(
    rows: int, region_code: str, *, blocks: bool
) -> None:
    frame = good_places("core.attractions", rows).assign(region_code=region_code)
    frame.loc[frame.index[::2], "address"] = None

    given = {**GIVEN, "region_code": region_code, USUAL_ROWS: rows}
    verdict = judge(frame, SUITES["core.attractions"], given=given)

    assert [result.rule.rule_id for result in verdict.failures] == ["address_filled"]
    assert verdict.passed is not blocks
    assert bool(verdict.warnings) is not blocks


def test_invariants_block_in_the_smallest_batch() -> None:
    frame = good_places("core.attractions", 1).assign(latitude=19.69)

    assert not judge(frame, SUITES["core.attractions"], given={**GIVEN, USUAL_ROWS: None}).passed


@pytest.mark.parametrize("given", [{"asked_by": "a person"}, {"region_code": "unassigned"}])
def test_far_fewer_places_than_usual_are_published_if_a_person_asks_or_where_they_have_no_region(
    given: dict[str, str],
) -> None:
    frame = good_places("core.attractions", 30).assign(region_code=given.get("region_code", "50"))

    verdict = judge(frame, SUITES["core.attractions"], given={**GIVEN, USUAL_ROWS: 2_000, **given})

    assert verdict.passed
    assert {result.rule.rule_id for result in verdict.warnings} == {"row_count_not_fallen", "row_count_as_usual"}
    assert not judge(
        good_places("core.attractions", 30), SUITES["core.attractions"], given={**GIVEN, USUAL_ROWS: 2_000}
    ).passed


def test_columns_that_are_entirely_empty_are_judged_as_empty_and_not_as_broken() -> None:
    frame = good_places("core.attractions")
    for column in ("zip_code", "image_url", "created_at"):
        frame[column] = None

    verdict = judge(frame, SUITES["core.attractions"], given=GIVEN)

    assert [result.rule.rule_id for result in verdict.failures] == ["image_url_filled"]


def test_class_codes_are_those_of_the_official_table() -> None:
    groups = [group for of_division in CLASS_GROUPS.values() for group in of_division]
    assert len(CLASS_DIVISIONS) == 10
    assert CLASS_GROUPS.keys() == CLASS_DIVISIONS.keys()
    assert len(groups) == len(set(groups)) == 59


@pytest.mark.recorded
def test_the_divisions_of_each_kind_are_those_of_the_recorded_places(recorded_data: Path) -> None:
    met: dict[str, set[object]] = {}
    for row in recorded_rows(recorded_data):
        met.setdefault(str(row["contenttypeid"]), set()).add(row["lclsSystm1"])
    assert {table.content_type.content_type_id: set(table.divisions) for table in JUDGED_PLACES} == met
