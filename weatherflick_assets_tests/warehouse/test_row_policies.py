"""Rows of small tables leave when they are too old, in short transactions, but for those that are to stay."""

from datetime import timedelta

from weatherflick_assets.places.storage import ROWS
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.row_policies import RowPolicy, delete_old
from weatherflick_assets.warehouse.tables import API_CALLS_DAILY
from weatherflick_assets_tests.places.store.stock import execute, rows

POLICY = RowPolicy(API_CALLS_DAILY, "day")
SWEEPS, READINGS = ROWS


def spent(dsn: str, *ages: int) -> None:
    for age in ages:
        execute(
            dsn,
            "INSERT INTO ops.api_calls_daily (provider, operation, api_key_id, day, daily_limit, reserved, used, refused) "
            "VALUES ('kto', 'one', 'key', current_date - %s::int, 1000, 1, 1, 0)",
            age,
        )


def test_rows_leave_when_they_are_older_than_they_are_kept(store: str) -> None:
    spent(store, 0, 399, 402, 403, 500)
    count, size = delete_old(store, POLICY, now(), batch=2)
    assert (count, size > 100) == (3, True)
    assert len(rows(store, "SELECT FROM ops.api_calls_daily")) == 2
    assert delete_old(store, POLICY, now()) == (0, 0)


def test_the_last_complete_reading_of_a_list_stays_however_old_it_is(store: str) -> None:
    for region, age, is_complete in (
        ("50", 900, True),
        ("50", 800, True),
        ("50", 700, False),
        ("11", 900, True),
        ("11", 1, True),
    ):
        execute(
            store,
            "INSERT INTO raw.sweeps (provider, operation, content_type_id, region_code, started_at, finished_at, pages, "
            "total_count, items_seen, is_complete) SELECT 'kto', 'list', '12', %s, at, at, 1, 1, 1, %s "
            "FROM (SELECT now() - make_interval(days => %s) AS at) AS past",
            region, is_complete, age,
        )  # fmt: skip
    assert delete_old(store, SWEEPS, now())[0] == 3
    left = rows(
        store, "SELECT region_code, extract(day FROM now() - finished_at)::int AS age FROM raw.sweeps ORDER BY age"
    )
    assert [(row["region_code"], row["age"]) for row in left] == [("11", 1), ("50", 800)]


def test_the_last_reading_of_the_feed_and_the_last_whole_one_stay(store: str) -> None:
    for age, is_whole in ((900, True), (800, True), (700, False), (600, False)):
        execute(
            store,
            "INSERT INTO raw.change_readings (day, started_at, finished_at, read_back_to, pages, total_count, known_count) "
            "SELECT at::date, at, at, CASE WHEN NOT %s THEN at END, 1, 1, 1 FROM (SELECT now() - make_interval(days => %s) AS at) AS past",
            is_whole, age,
        )  # fmt: skip
    assert delete_old(store, READINGS, now())[0] == 2
    left = rows(store, "SELECT extract(day FROM now() - finished_at)::int AS age FROM raw.change_readings ORDER BY age")
    assert [row["age"] for row in left] == [600, 800]


def test_a_policy_keeps_what_is_as_old_as_it_says(store: str) -> None:
    spent(store, 9, 11)
    assert delete_old(store, RowPolicy(API_CALLS_DAILY, "day", timedelta(days=10)), now())[0] == 1
