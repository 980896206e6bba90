"""Verdicts on places: kept with the rows they let through, kept alone where they hold rows back, and never by halves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.places.tables import KEPT_BY_THE_TABLE, PLACE_TABLES
from weatherflick_assets_tests.places.collecting import CLOCK, publish
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge, rows, table, tell

SUITE = SUITES["core.attractions"]
TABLE = PLACE_TABLES["attractions"]
COUNT = 30


def collect(dsn: str, hours: int, **changes: object) -> None:
    merge(dsn, hours, [item(str(number), **changes) for number in range(1, COUNT + 1)], response_id=hours + 1)


def verdicts(dsn: str) -> list[dict[str, Any]]:
    return rows(dsn, "SELECT * FROM quality.verdicts ORDER BY verdict_id")


def data_as_of(dsn: str) -> list[Any]:
    return [verdict["data_as_of"] for verdict in verdicts(dsn)]


def test_a_verdict_says_when_the_list_of_its_places_was_last_read_whole(store: str) -> None:
    collect(store, 1)
    collect(store, 2, title="새 이름")
    merge(store, 3, [], is_complete=False)
    merge(store, 4, [item("99", lDongRegnCd="51")], region_code="51")
    publish(store)
    assert data_as_of(store) == [at(2)], "neither a broken reading nor that of another region counts"


def test_the_reading_of_the_whole_feed_has_read_every_list(store: str) -> None:
    collect(store, 1)
    for hours, read_back_to in ((2, None), (3, at(2))):
        execute(
            store,
            "INSERT INTO raw.change_readings (day, started_at, finished_at, read_back_to, pages, total_count, known_count) "
            "VALUES ('2026-07-01', %s, %s, %s, 1, 1, 1)",
            *(at(hours), at(hours), read_back_to),
        )
    publish(store)
    assert data_as_of(store) == [at(2)]


def test_details_are_as_old_as_the_list_of_their_places_that_was_read_longest_ago(store: str) -> None:
    images = next(detail for detail in DETAILS if detail.name == "place_images")
    first, second, *_ = images.content_type_ids
    for hours, kind in ((1, first), (2, second), (3, second)):
        merge(store, hours, [], content_type_id=kind)
    Publisher(store, CLOCK).details(images, "50")
    assert data_as_of(store) == [at(1)]


def everything_recorded(dsn: str) -> list[int]:
    return [
        rows(dsn, f"SELECT count(*) FROM quality.{name}")[0]["count"]
        for name in ("verdicts", "rule_results", "column_profiles")
    ]


def published(dsn: str) -> dict[str, dict[str, Any]]:
    return table(dsn, TABLE.fullname, "content_id")


def test_what_passes_leaves_one_verdict_with_every_rule_and_a_profile_of_every_column(store: str) -> None:
    collect(store, 0)
    tell(store, "1", "detailIntro2", [{"parking": "가능", "accomcount": "200"}])
    tell(store, "2", "detailIntro2", [{"accomcount": "50명"}])
    made = publish(store)

    (verdict,) = verdicts(store)
    assert verdict["verdict_id"] == made.verdict_id
    assert (verdict["table_name"], verdict["partition_key"]) == ("core.attractions", "50")
    assert (verdict["row_count"], verdict["passed"], verdict["published"]) == (COUNT, True, True)
    assert (verdict["score"], verdict["minimum_score"]) == (made.verdict.score, SUITE.minimum_score)
    results = {row["rule_id"]: row for row in rows(store, "SELECT * FROM quality.rule_results")}
    assert results.keys() == {rule.rule_id for rule in SUITE.rules}
    for result in made.verdict.results:
        row = results[result.rule.rule_id]
        assert (row["passed"], row["observed"], row["observed_share"], row["required_share"]) == (
            result.passed,
            result.observed,
            result.observed_share,
            result.rule.required_share,
        )

    columns = [column for column in TABLE.columns if column.name not in KEPT_BY_THE_TABLE]
    profiles = {row["column_name"]: row for row in rows(store, "SELECT * FROM quality.column_profiles")}
    assert profiles.keys() == {column.name for column in columns}
    assert profiles["capacity_count"]["mean"] == 125
    for name, profile in profiles.items():
        (counted,) = rows(
            store, f"SELECT count(*) AS row_count, count(*) - count({name}) AS null_count FROM core.attractions"
        )
        assert {key: profile[key] for key in counted} == counted
        if profile["distinct_count"] is not None:
            (counted,) = rows(store, f"SELECT count(DISTINCT {name}) AS distinct_count FROM core.attractions")
            assert profile["distinct_count"] == counted["distinct_count"]
    for name in ("content_id", "title", "address", "class_code"):
        (compared,) = rows(store, f"SELECT min({name}) AS minimum, max({name}) AS maximum FROM core.attractions")
        assert {key: profiles[name][key] for key in compared} == compared


def test_what_is_held_back_leaves_its_verdict_and_the_last_good_rows(store: str) -> None:
    collect(store, 0)
    publish(store)
    before = published(store)

    collect(store, 1, addr1="", modifiedtime="20260601000000")
    held = publish(store)

    assert held.published is None
    assert published(store) == before
    _, verdict = verdicts(store)
    assert (verdict["verdict_id"], verdict["passed"], verdict["published"]) == (held.verdict_id, False, False)
    (failed,) = rows(
        store,
        f"SELECT * FROM quality.rule_results WHERE NOT passed AND severity = 'blocking' AND verdict_id = {held.verdict_id}",
    )
    assert (failed["rule_id"], failed["observed_share"], failed["required_share"]) == ("address_filled", 0.0, 0.9)
    assert len(failed["examples"]) == 5
    (address,) = rows(
        store,
        "SELECT row_count, null_count, distinct_count FROM quality.column_profiles "
        f"WHERE column_name = 'address' AND verdict_id = {held.verdict_id}",
    )
    assert address == {"row_count": COUNT, "null_count": COUNT, "distinct_count": 0}


@contextmanager
def whenever_a_profile_is_written(dsn: str, statement: str) -> Iterator[None]:
    execute(
        dsn,
        f"CREATE FUNCTION quality.strike() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {statement}; RETURN NEW; END'",
    )
    execute(
        dsn,
        "CREATE TRIGGER strike BEFORE INSERT ON quality.column_profiles FOR EACH ROW EXECUTE FUNCTION quality.strike()",
    )
    try:
        yield
    finally:
        execute(dsn, "DROP FUNCTION quality.strike CASCADE")


@pytest.mark.parametrize("address", ["제주특별자치도 제주시 2", ""], ids=["published", "held back"])
@pytest.mark.parametrize(
    "strike",
    ["PERFORM 1 / 0", "PERFORM pg_terminate_backend(pg_backend_pid())"],
    ids=["the database refuses", "the connection is killed"],
)
def test_what_ends_between_rows_and_verdict_leaves_neither_and_the_next_run_leaves_both(
    store: str, strike: str, address: str
) -> None:
    collect(store, 0)
    publish(store)
    before, recorded = published(store), everything_recorded(store)
    collect(store, 1, addr1=address, modifiedtime="20260601000000")

    with whenever_a_profile_is_written(store, strike), pytest.raises(psycopg.Error):
        publish(store)
    assert published(store) == before
    assert everything_recorded(store) == recorded

    made = publish(store)
    assert (published(store) == before) is (made.published is None)
    assert [row["verdict_id"] for row in verdicts(store)][1:] == [made.verdict_id]
    assert everything_recorded(store) == [2 * number for number in recorded]


def test_an_empty_partition_leaves_a_verdict_that_says_so(store: str) -> None:
    made = publish(store, "36110")
    details = Publisher(store, CLOCK, run_id="run").details(DETAILS[0], UNASSIGNED)

    found = [(row["verdict_id"], row["row_count"], row["passed"], row["published"]) for row in verdicts(store)]
    assert found == [(made.verdict_id, 0, True, True), (details.verdict_id, 0, True, True)]
    assert everything_recorded(store) == [2, 0, 0]
    assert [row["run_id"] for row in verdicts(store)] == [None, "run"]
