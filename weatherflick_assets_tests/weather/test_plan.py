"""Cells are asked for within the quota, most valuable first; a year of plans shows how old the forecasts of places are."""

import csv
import gzip
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.plan import CHANGE_EXPONENT, LONGEST_HOURS, cells_to_ask, shares_by_age

PAGE = Path(__file__).parents[2] / "docs" / "weather.md"

MIDNIGHT = datetime(2026, 11, 30, tzinfo=KST)
ISSUES = [MIDNIGHT + timedelta(hours=hour) for hour in range(2, 27, 3)]
"""Those of a day, and the first of the next."""

CELLS = st.lists(
    st.tuples(st.integers(0, 900), st.one_of(st.just(np.nan), st.integers(0, 12).map(lambda issue: issue * 3.0))),
    min_size=1,
    max_size=40,
)


def ask(cells: list[tuple[int, float]], *, issue: int = 0, pages: int = 1, left: int) -> list[int]:
    places, age = zip(*cells, strict=True)
    return cells_to_ask(places, age, ISSUES[issue:], calls_per_cell=pages, calls_left=left).tolist()


@given(CELLS, st.integers(0, 7), st.integers(1, 2), st.integers(0, 700))
def test_no_more_calls_are_planned_than_are_left(
    cells: list[tuple[int, float]], issue: int, pages: int, left: int
) -> None:
    asked = ask(cells, issue=issue, pages=pages, left=left)
    assert len(asked) * pages <= left
    assert len(asked) == len(set(asked))


@given(CELLS, st.integers(0, 7), st.integers(1, 2))
def test_every_cell_is_asked_for_at_every_issue_where_the_quota_pays_for_that(
    cells: list[tuple[int, float]], issue: int, pages: int
) -> None:
    asked = ask(cells, issue=issue, pages=pages, left=len(cells) * pages * (8 - issue))
    assert sorted(asked) == [position for position, (_, age) in enumerate(cells) if age != 0]


def test_a_cell_that_would_get_older_than_a_day_comes_before_more_valuable_ones() -> None:
    cells = [(900, 9.0), (1, 24.0), (1, 21.0), (2, np.nan), (800, 9.0)]
    assert ask(cells, issue=4, left=8) == [3, 1]
    assert ask(cells, issue=6, left=8) == [3, 1, 0, 4]


def test_of_cells_of_one_age_those_with_more_places_come_first_and_a_bare_seat_counts_as_one_place() -> None:
    assert ask([(0, 6.0), (1, 6.0), (7, 6.0), (1, 9.0)], issue=7, left=4) == [2, 3, 0, 1]


def test_shares_of_places_by_age_have_their_borders_in_the_older_class() -> None:
    ages = [0, 2.9, 3, 6, 11, 12, 24, 1000, np.nan]
    places = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    found = {name: share * sum(places) for name, share in shares_by_age(places, ages).items()}
    expected = {"under 3 h": 3, "3 to 6 h": 4, "6 to 12 h": 24, "12 to 24 h": 32, "older": 192, "none": 256}
    assert found == pytest.approx(expected)
    assert shares_by_age([0, 0], [1, np.nan]) == {}
    assert shares_by_age([], []) == {}


def year(cells: int, quota: int) -> tuple[dict[str, float], float]:
    """Every hour of a year from the first issue on: the mean shares by age, and the oldest issue after the first day."""
    places = np.ceil(1 / (np.arange(cells) + 10) * 50_000 / sum(1 / (rank + 10) for rank in range(cells)))
    answered = np.full(cells, np.nan)
    shares: Counter[str] = Counter()
    oldest = 0.0
    for day in range(365):
        left = quota
        for number, issue in enumerate(ISSUES[:-1]):
            hour = day * 24 + issue.hour
            asked = cells_to_ask(places, hour - answered, ISSUES[number:], calls_per_cell=1, calls_left=left)
            left -= len(asked)
            answered[asked] = hour
            oldest = max(oldest, np.nan_to_num(hour + 3 - answered, nan=np.inf).max() if day else 0)
            for later in range(3):
                shares.update(shares_by_age(places, hour + later - answered))
        assert left >= 0
    return {name: share / (365 * 24) for name, share in shares.items()}, oldest


@pytest.mark.parametrize(
    ("cells", "quota"),
    [
        *((1_250, quota) for quota in (200, 600, 1_250, 2_500, 5_000, 10_000, 20_000)),
        *((3_700, quota) for quota in (5_000, 10_000, 20_000)),
    ],
)
def test_the_page_tells_how_old_the_forecasts_of_places_are_in_a_year_of_plans(cells: int, quota: int) -> None:
    shares, oldest = year(cells, quota)
    assert sum(shares.values()) == pytest.approx(1)
    if quota >= cells:
        assert oldest <= LONGEST_HOURS
    row = f"| {cells:,} | {quota:,} | {' | '.join(f'{share:.1%}' for share in shares.values())} |"
    assert row in PAGE.read_text(encoding="utf-8"), f"docs/weather.md has not: {row}"


@pytest.mark.recorded
def test_mid_term_forecasts_change_by_the_declared_law(recorded_data: Path) -> None:
    said: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
    path = recorded_data / "kma" / "midterm_land_archive" / "forecast_2025.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            issued_at = datetime.strptime(row["발표시각"], "%Y-%m-%d %H시").replace(tzinfo=KST)
            said[row["지역"], row["예보시각"]].append((issued_at, int(row["강수확률(%)"])))
    differences: dict[float, list[int]] = defaultdict(list)
    for issues in said.values():
        for number, (earlier, before) in enumerate(issues):
            for later, after in issues[number + 1 :]:
                differences[(later - earlier) / timedelta(hours=1)].append(abs(after - before))
    mean = {hours: float(np.mean(points)) for hours, points in differences.items() if hours <= 96}
    assert {hours: round(mean[hours], 1) for hours in (12, 24, 48, 72, 96)} == {
        12: 2.8,
        24: 4.8,
        48: 7.6,
        72: 9.9,
        96: 11.8,
    }
    exponent, _ = np.polyfit(np.log(list(mean)), np.log(list(mean.values())), 1)
    assert exponent == pytest.approx(CHANGE_EXPONENT, abs=0.02)
