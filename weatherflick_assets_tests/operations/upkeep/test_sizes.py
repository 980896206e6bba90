"""Sizes are measured day by day, and the growth of the last month says how long the disk lasts."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from weatherflick_assets.operations.upkeep.sizes import (
    DISK_FREE,
    DISK_USED,
    FILES,
    LOOKED_BACK,
    PLATFORM,
    Size,
    days_left,
    grown,
    growth_per_day,
    measured,
    record,
)
from weatherflick_assets.settings import now
from weatherflick_assets_tests.places.store.stock import execute, rows

DAY = date(2026, 11, 1)


def days(*sizes: int) -> list[tuple[date, int]]:
    return [(DAY + timedelta(days=number), size) for number, size in enumerate(sizes)]


class TestGrowth:
    def test_two_days_say_nothing(self) -> None:
        assert growth_per_day(days(1, 2)) is None

    def test_steady_growth_is_what_is_added_a_day(self) -> None:
        assert growth_per_day(days(10, 20, 30, 40)) == 10

    def test_a_day_that_was_missed_is_no_growth(self) -> None:
        assert growth_per_day([*days(10, 20), (DAY + timedelta(days=9), 100)]) == 10

    @pytest.mark.parametrize("jump", [1_000_000, -1_000_000])
    def test_a_single_jump_such_as_a_restored_backup_counts_little(self, jump: int) -> None:
        sizes = [10 * number + (jump if number >= 15 else 0) for number in range(16)]
        assert growth_per_day(days(*sizes)) == 10

    def test_what_shrinks_has_negative_growth(self) -> None:
        assert growth_per_day(days(30, 20, 10)) == -10


class TestDaysLeft:
    @pytest.mark.parametrize(
        ("used", "files", "expected"),
        [
            (10.0, 5.0, 10.0),  # others fill the disk as well
            (-50.0, 20.0, 5.0),  # others delete, and will not for ever
            (0.0, 0.0, None),
            (None, None, None),
        ],
    )
    def test_it_is_what_is_free_by_what_grows_fastest(
        self, used: float | None, files: float | None, expected: float | None
    ) -> None:
        sizes = [Size(DISK_FREE, 100, None), Size(DISK_USED, 900, used), Size(FILES, 50, files)]
        assert days_left({size.subject: size for size in sizes}) == expected


def test_everything_is_measured_partitions_as_their_table(store: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    found = measured(store, None, tmp_path)
    assert {PLATFORM, FILES, DISK_FREE, DISK_USED, "raw.bodies", "core.hourly_forecasts"} <= found.keys()
    assert not [subject for subject in found if "hourly_forecasts_2" in subject]
    assert found[FILES] >= 100_000
    partitions = rows(
        store,
        "SELECT sum(pg_total_relation_size(inhrelid))::bigint AS size FROM pg_inherits WHERE inhparent = 'core.hourly_forecasts'::regclass",
    )
    assert found["core.hourly_forecasts"] == partitions[0]["size"] > 0
    assert sum(size for subject, size in found.items() if "." in subject) < found[PLATFORM]


def test_the_last_measurement_of_a_day_counts_and_growth_looks_back_a_month(store: str) -> None:
    execute(store, "DELETE FROM ops.sizes_daily")
    at = now()
    for ago, size in ((60, 10_000_000), (3, 100), (2, 150), (1, 999), (1, 200)):
        record(store, {"raw.bodies": size}, at - timedelta(days=ago))
    known = grown(store, at)
    assert known == {"raw.bodies": Size("raw.bodies", 200, 50)}
    assert grown(store, at + LOOKED_BACK) == {}
