"""How old published data are: as old as what was read or said last, region by region, whatever was run since."""

from datetime import datetime, timedelta

import psycopg
import pytest

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.quality.freshness import AWAITED_FOR, Part, State, held_back_now, not_fresh, parts_of
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge
from weatherflick_assets_tests.quality.verdicts import judged

TABLES = {table.table_name: table for domain in DOMAINS for table in domain.measured}
ATTRACTIONS, OBSERVATIONS, HOLIDAYS = (
    TABLES[f"core.{name}"] for name in ("attractions", "weather_observations", "holidays")
)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
NOW = at(24 * 100)


def parts(dsn: str, table: MeasuredTable = ATTRACTIONS, now: datetime = NOW) -> dict[str | None, Part]:
    with psycopg.connect(dsn) as connection:
        return {part.partition_key: part for part in parts_of(connection, table, now)}


def states(dsn: str, table: MeasuredTable = ATTRACTIONS, now: datetime = NOW) -> dict[str | None, State]:
    return {key: part.state for key, part in parts(dsn, table, now).items()}


def published(dsn: str, region: str, as_of: datetime | None, *, row_count: int = 10) -> None:
    judged(dsn, ATTRACTIONS.table_name, region, NOW - DAY, data_as_of=as_of, row_count=row_count)


def read(dsn: str, region: str, when: datetime, *, whole: bool = True) -> None:
    """A sweep of the attractions of a region that changes nothing."""
    hours = round((when - at(0)) / timedelta(hours=1))
    merge(dsn, hours, [], region_code=region, is_complete=whole)


def waiting(dsn: str, region: str, since: datetime, table: MeasuredTable = ATTRACTIONS) -> None:
    execute(
        dsn,
        "INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause) VALUES (%s, %s, %s, 'a test')",
        *(table.asset_key, region, since),
    )


def test_every_region_is_looked_at_and_the_newest_one_hides_none(store: str) -> None:
    published(store, "50", NOW - DAY)
    published(store, "11", NOW - ATTRACTIONS.stale_after - timedelta(minutes=1))
    published(store, "26", NOW - ATTRACTIONS.stale_after)
    assert states(store) == {"11": State.STALE, "26": State.FRESH, "50": State.FRESH}
    assert parts(store)["50"] == Part("50", State.FRESH, 10, NOW - DAY, DAY)


def test_what_counts_is_the_age_of_the_data_and_not_of_the_run(store: str) -> None:
    judged(store, ATTRACTIONS.table_name, "50", NOW, data_as_of=NOW - 3 * WEEK)
    assert states(store) == {"50": State.STALE}


def test_a_list_that_was_read_again_and_had_nothing_new_makes_its_region_fresh(store: str) -> None:
    published(store, "50", NOW - 3 * WEEK)
    read(store, "50", NOW - 3 * WEEK)
    assert states(store) == {"50": State.STALE}
    read(store, "50", NOW - DAY, whole=False)
    assert states(store) == {"50": State.STALE}, "it was not read to its end"
    read(store, "50", NOW - DAY)
    assert parts(store)["50"].data_as_of == NOW - DAY
    assert states(store) == {"50": State.FRESH}


def test_while_a_change_is_not_published_the_rows_are_as_of_its_note(store: str) -> None:
    published(store, "50", NOW - 4 * WEEK)
    read(store, "50", NOW - DAY)
    waiting(store, "50", NOW - 3 * WEEK)
    assert parts(store)["50"].data_as_of == NOW - 3 * WEEK
    assert states(store) == {"50": State.STALE}


def test_a_region_that_was_collected_and_never_published_is_not_fresh(store: str) -> None:
    merge(store, 0, [item("1")])
    just_now = at(0) + AWAITED_FOR - timedelta(seconds=1)
    assert states(store, now=just_now) == {"50": State.AWAITED}, "a run may be about to publish it"
    assert states(store) == {"50": State.NEVER_PUBLISHED}


def test_a_region_whose_list_was_never_read_to_its_end_is_not_fresh(store: str) -> None:
    read(store, "50", at(1), whole=False)
    assert states(store, now=at(1)) == {"50": State.NEVER_PUBLISHED}


def test_a_region_that_the_gate_held_back_from_the_beginning_was_never_published(store: str) -> None:
    read(store, "50", NOW)
    judged(store, ATTRACTIONS.table_name, "50", NOW, failed="row_count", data_as_of=NOW)
    assert states(store) == {"50": State.NEVER_PUBLISHED}


def test_what_is_held_back_makes_nothing_newer(store: str) -> None:
    published(store, "50", NOW - 3 * WEEK)
    judged(store, ATTRACTIONS.table_name, "50", NOW, failed="row_count", data_as_of=NOW)
    assert states(store) == {"50": State.STALE}


def test_an_empty_region_is_as_old_as_its_list(store: str) -> None:
    published(store, "36110", NOW - DAY, row_count=0)
    published(store, "50", NOW - 3 * WEEK, row_count=0)
    assert states(store) == {"36110": State.FRESH, "50": State.STALE}


def test_what_nobody_knows_the_age_of_is_not_fresh(store: str) -> None:
    published(store, "50", None)
    assert states(store) == {"50": State.AGE_UNKNOWN}


def test_a_platform_that_collects_some_regions_is_not_asked_for_the_others(store: str) -> None:
    assert states(store) == {}
    published(store, "50", NOW)
    read(store, "50", NOW)
    assert states(store) == {"50": State.FRESH}


def test_what_is_published_by_issue_is_as_old_as_its_newest_issue(store: str) -> None:
    assert states(store, OBSERVATIONS) == {}
    for hours in (3, 2, 1):
        issue = NOW - timedelta(hours=hours)
        judged(store, OBSERVATIONS.table_name, f"{hours}", NOW, data_as_of=issue)
    judged(store, OBSERVATIONS.table_name, "0", NOW, data_as_of=NOW, failed="row_count")
    assert parts(store, OBSERVATIONS) == {
        None: Part(None, State.FRESH, None, NOW - timedelta(hours=1), timedelta(hours=1))
    }
    assert states(store, OBSERVATIONS, NOW + OBSERVATIONS.stale_after) == {None: State.STALE}
    assert states(store, HOLIDAYS) == {}, "nobody ever tried, as without a key"


@pytest.mark.parametrize("since", [NOW - AWAITED_FOR, NOW - timedelta(minutes=1)])
def test_a_table_that_waits_to_be_published_for_the_first_time_is_missed_after_an_hour(
    store: str, since: datetime
) -> None:
    waiting(store, "", since, HOLIDAYS)
    missed = since <= NOW - AWAITED_FOR
    assert states(store, HOLIDAYS) == {None: State.NEVER_PUBLISHED if missed else State.AWAITED}


def test_what_is_not_fresh_is_listed_by_table(store: str) -> None:
    published(store, "50", NOW - 3 * WEEK)
    published(store, "11", NOW)
    judged(store, HOLIDAYS.table_name, None, NOW, data_as_of=NOW)
    found = not_fresh(store, TABLES.values(), NOW)
    assert {table.table_name: [part.partition_key for part in bad] for table, bad in found.items()} == {
        "core.attractions": ["50"]
    }


def test_a_region_is_held_back_until_it_passes_whatever_others_do(store: str) -> None:
    for hours, region, failed in (
        (1, "50", None), (2, "50", "row_count"), (3, "50", "title_never_null"), (4, "11", None), (5, "26", "row_count"),
    ):  # fmt: skip
        judged(store, ATTRACTIONS.table_name, region, at(hours), failed=failed)
    held = held_back_now(store, [ATTRACTIONS])[ATTRACTIONS.table_name]
    assert [(each.partition_key, each.since, each.judged_at, each.rules) for each in held] == [
        ("26", at(5), at(5), ["row_count"]),
        ("50", at(2), at(3), ["title_never_null"]),
    ]
    judged(store, ATTRACTIONS.table_name, "50", at(6))
    judged(store, ATTRACTIONS.table_name, "26", at(7), row_count=0)
    assert held_back_now(store, [ATTRACTIONS]) == {ATTRACTIONS.table_name: []}


def test_an_issue_is_held_back_until_a_later_one_is_published(store: str) -> None:
    for key, failed in (("202607010000", "row_count"), ("202607010100", None), ("202607010200", "row_count")):
        judged(store, OBSERVATIONS.table_name, key, at(int(key[-4:-2])), failed=failed)
    held = held_back_now(store, [OBSERVATIONS])[OBSERVATIONS.table_name]
    assert [each.partition_key for each in held] == ["202607010200"]
    judged(store, OBSERVATIONS.table_name, "202607010300", at(3))
    assert held_back_now(store, [OBSERVATIONS]) == {OBSERVATIONS.table_name: []}
