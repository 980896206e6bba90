"""Defects in lists and details are found as declared, with what stays published; what is clean raises nothing.

Places and details are put into the raw layer as the upstream says them, and published; what is asked is what the recorded
verdict names.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import pytest

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.publish import Publisher, Publishing
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.quality.verdict import RuleResult, Verdict
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.defects import Defect, assert_detected, found_by
from weatherflick_assets_tests.places.collecting import CLOCK, publish
from weatherflick_assets_tests.places.defects import CLEAN, DEFECTS, TABLES, image, places, tell_all, told
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows
from weatherflick_assets_tests.warehouse.stored import bring_back, empty, keep


def found(made: Publishing) -> dict[str, RuleResult]:
    return {result.rule.rule_id: result for result in made.verdict.failures}


def test_clean_places_raise_nothing(store: str) -> None:
    merge(store, 0, places())
    made = publish(store)
    assert found(made) == {}
    assert made.verdict.score == 100


@pytest.fixture(scope="module")
def clean(template_database: Template) -> Iterator[Callable[[Defect], tuple[str, Verdict]]]:
    """Gives a database with clean data of a defect's table, and the last verdict on them: published once, then brought back."""
    with template_database.clone() as url:
        dsn = dsn_of(url)

        @lru_cache(maxsize=1)
        def published(table: str, before: int) -> Verdict:
            empty(dsn)
            CLEAN[table].put(dsn)
            verdict = [CLEAN[table].publish(dsn) for _ in range(before)][-1]
            keep(dsn)
            return verdict

        def made(defect: Defect) -> tuple[str, Verdict]:
            verdict = published(defect.table, defect.before)
            bring_back(dsn)
            return dsn, verdict

        yield made


BY_TABLE = sorted(DEFECTS, key=lambda defect: (defect.table, defect.before))


@pytest.mark.parametrize("defect", BY_TABLE, ids=lambda defect: defect.name)
def test_a_defect_is_found_as_declared(
    clean: Callable[[Defect], tuple[str, Verdict]], defect: Defect, request: pytest.FixtureRequest
) -> None:
    if defect.is_recorded:
        request.getfixturevalue("recorded_data")
    dsn, verdict = clean(defect)
    assert defect.is_recorded or found_by(verdict) == set()
    defect.inject(dsn)
    assert_detected(defect, dsn, verdict, lambda: CLEAN[defect.table].publish(dsn))


def test_a_class_that_the_published_codes_lack_is_found_once_there_are_any(store: str) -> None:
    merge(store, 0, [{**place, "lclsSystm3": "NA010900"} if row < 9 else place for row, place in enumerate(places())])
    assert found(publish(store)) == {}
    execute(
        store,
        "INSERT INTO core.codes (code_space, code, name, level, source_response_id) VALUES ('class', 'NA010100', '산', 3, 1)",
    )
    failures = found(publish(store))
    execute(store, "DELETE FROM core.codes WHERE source_response_id IS NOT NULL")  # tables of reference are not emptied
    assert failures.keys() == {"class_code_listed"}
    assert failures["class_code_listed"].examples[0] == "1: NA010900 is not listed"


def test_a_partition_is_compared_with_what_was_published_of_it(store: str) -> None:
    def volume(made: Publishing) -> dict[str, tuple[bool, bool, str]]:
        return {
            result.rule.rule_id: (result.applies, result.passed, result.observed)
            for result in made.verdict.results
            if result.rule.rule_id.startswith("row_count_")
        }

    merge(store, 0, places(40))
    for _ in range(3):
        unknown = (False, True, "does not apply: usual_rows is not known")
        assert volume(publish(store)) == {"row_count_not_fallen": unknown, "row_count_as_usual": unknown}
    assert volume(publish(store))["row_count_as_usual"] == (True, True, "40 rows")

    merge(
        store, 1, [*places(60), *(item(str(number), addr1=f"{number}", mapx=f"126.4{number}") for number in (61, 62))]
    )
    grown = publish(store)
    assert grown.verdict.passed
    assert [warning.rule.rule_id for warning in grown.verdict.warnings] == ["row_count_as_usual"]
    assert grown.verdict.warnings[0].expected == "There are 0.8 to 1.5 times as many rows as usual, which is 40."

    execute(store, "UPDATE raw.place_items SET is_visible = false WHERE content_id::int > 10")
    held = publish(store)
    assert held.published is None
    assert [failure.rule.rule_id for failure in held.verdict.blocking_failures] == ["row_count_not_fallen"]
    assert rows(store, "SELECT count(*) AS shown FROM core.attractions WHERE removed_at IS NULL") == [{"shown": 62}]
    # What was held back does not become usual. A person who asks for the table publishes it all the same.
    assert publish(store).published is None
    asked = Publisher(store, CLOCK, accepts_fewer=True).places(CONTENT_TYPE_BY_NAME["attractions"], "50")
    assert asked.published is not None
    assert {warning.rule.rule_id for warning in asked.verdict.warnings} == {
        "row_count_not_fallen",
        "row_count_as_usual",
    }


def details(dsn: str, name: str) -> dict[str, RuleResult]:
    return found(Publisher(dsn, CLOCK).details(TABLES[name], "50"))


def test_details_published_before_their_places_raise_nothing_and_those_of_no_place_do(store: str) -> None:
    told(store, "detailImage2", lambda number: [image(number)])
    assert details(store, "place_images") == {}
    publish(store)
    assert details(store, "place_images") == {}
    execute(store, "UPDATE core.attractions SET removed_at = now() WHERE content_id = '7'")
    failures = details(store, "place_images")
    assert failures.keys() == {"place_published"}
    assert failures["place_published"].examples == ("7: is not in core.attractions",)
    assert failures["place_published"].severity is Severity.WARNING


def test_details_of_a_place_that_was_rejected_or_is_held_back_are_reported_with_the_place(store: str) -> None:
    told(store, "detailImage2", lambda number: [image(number)])
    execute(store, "UPDATE raw.place_items SET payload = payload || '{\"title\": \"\"}' WHERE content_id = '7'")
    assert publish(store).unusable == 1
    assert details(store, "place_images") == {}


def test_stops_that_are_no_places_are_found_once_every_region_was_listed(store: str) -> None:
    told(
        store,
        "detailInfo2",
        lambda number: [{"subnum": "0", "subname": "들", "subcontentid": str(9_000 + number)}],
        "25",
    )
    assert details(store, "course_stops") == {}
    execute(
        store,
        "INSERT INTO raw.sweeps (provider, operation, content_type_id, region_code, started_at, finished_at, pages, "
        "total_count, items_seen, is_complete) SELECT 'kto', 'x', kind, region_code, now(), now(), 1, 0, 0, true "
        "FROM core.regions, unnest(ARRAY['12','14','15','25','28','32','38','39']) AS kind WHERE region_code <> 'unassigned'",
    )
    failures = details(store, "course_stops")
    assert failures.keys() == {"stops_known"}
    assert failures["stops_known"].examples[0] == "1: 9001 is no place"


def test_fewer_details_than_usual_are_found_and_more_are_not(store: str) -> None:
    told(store, "detailImage2", lambda number: [image(number), image(number, 2)])
    for _ in range(3):
        details(store, "place_images")
    tell_all(store, "detailImage2", lambda number: [image(number)])
    failures = details(store, "place_images")
    assert failures.keys() == {"row_count_as_usual"}
    tell_all(store, "detailImage2", lambda number: [image(number, each) for each in range(1, 6)])
    assert details(store, "place_images") == {}
