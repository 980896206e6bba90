"""What is usual: the median of what was published of a partition, or of earlier ones like it; unknown before there is enough."""

from datetime import UTC, datetime, timedelta

import pytest

from weatherflick_assets.quality.history import FEWEST_ROWS, FEWEST_VERDICTS, REMEMBERED, usual_rows
from weatherflick_assets.quality.rules import Suite, row_count_at_least
from weatherflick_assets.quality.store import Batch, record
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.warehouse.connections import connect

RULES = (row_count_at_least(1),)
ITSELF = Suite("core.places", "core.places", RULES)
BY_TIME_OF_DAY = Suite("core.places", "core.places", RULES, alike=4)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def judged(dsn: str, *counts: int, key: str | None = "50", published: bool = True) -> None:
    with connect(dsn) as connection, connection.cursor() as cursor:
        for hour, count in enumerate(counts):
            batch = Batch("core.places", key, NOW + timedelta(hours=hour), None)
            record(cursor, batch, Verdict("core.places", count, ()), (), published=published)


def usual(dsn: str, suite: Suite = ITSELF, key: str | None = "50") -> int | None:
    with connect(dsn) as connection, connection.cursor() as cursor:
        return usual_rows(cursor, suite, Batch("core.places", key, NOW + timedelta(days=9), None))


@pytest.mark.parametrize("key", ["50", None])
def test_the_median_of_the_last_published_verdicts_is_usual(store: str, key: str | None) -> None:
    judged(store, *[1_000] * REMEMBERED, *range(100, 100 + REMEMBERED), key=key)
    judged(store, *[5] * 20, key=key, published=False)
    judged(store, 7, 7, 7, 7, key="11")
    judged(store, 0, key=key)
    assert usual(store, key=key) == 104


def test_nothing_is_usual_before_there_is_enough_to_say_so(store: str) -> None:
    assert usual(store) is None
    judged(store, *[100] * (FEWEST_VERDICTS - 1))
    assert usual(store) is None
    judged(store, 100)
    assert usual(store) == 100
    judged(store, *[FEWEST_ROWS - 1] * REMEMBERED)
    assert usual(store) is None


def test_issues_of_a_time_of_day_are_compared_with_earlier_ones_of_that_time(store: str) -> None:
    for day in range(1, 6):
        judged(store, 1, 80 + day, key=f"2026110{day}0500")
        judged(store, 9_000, key=f"2026110{day}0200")
    assert usual(store, BY_TIME_OF_DAY, "202611050500") == 82
    assert usual(store, BY_TIME_OF_DAY, "202611080500") == 83
    assert usual(store, BY_TIME_OF_DAY, "202611030500") is None
