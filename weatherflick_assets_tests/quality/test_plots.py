"""The pictures of quality: what they show, that they are SVG, and that they fit into an event whatever there is to show."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.charts import ALARM, MAIN, PALE, as_markdown
from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.quality import plots
from weatherflick_assets.quality.measured import WHOLE_TABLE

DAY = date(2026, 11, 29)
TABLE = "core.restaurants"
LARGEST_PICTURE, LARGEST_EVENT = 100_000, 200_000
HOSTILE = "<script>alert('&\"')</script>]](x)"
SVG = "{http://www.w3.org/2000/svg}"

shares = st.floats(0, 1)


class Figure(NamedTuple):
    day: date
    table_name: str
    region_code: str
    metric: str
    value: float


def by_day(
    values: Iterable[float], region: str = WHOLE_TABLE, metric: str = "score", table: str = TABLE
) -> list[Figure]:
    """One value for each of the days up to the day."""
    listed = [*values]
    return [
        Figure(DAY - timedelta(days=len(listed) - 1 - position), table, region, metric, value)
        for position, value in enumerate(listed)
    ]


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in fromstring(svg).iter(f"{SVG}text")]


def drawn(svg: str, kind: str, **attributes: str) -> list[Element]:
    return [
        element
        for element in fromstring(svg).iter(f"{SVG}{kind}")
        if all(element.get(name) == value for name, value in attributes.items())
    ]


def test_each_table_has_its_own_chart_with_one_line_and_its_newest_score() -> None:
    svg = plots.scores([*by_day([90, 95, 97.25]), *by_day([80, 80, 70], table="core.festivals")])
    assert {"restaurants  97.2", "festivals  70"} <= {*texts(svg)}
    assert len(drawn(svg, "path", stroke=MAIN)) == 2


def test_every_region_is_a_line_of_its_own_and_of_many_those_with_the_lowest_scores_are_drawn() -> None:
    regions = {code: 80.0 + position for position, code in enumerate(REGION_CODES)}
    figures = [*by_day([100, 99]), *(each for code, low in regions.items() for each in by_day([100, low], code))]
    lines = [path.get("d", "") for path in drawn(plots.scores(figures), "path", stroke=PALE)]
    assert len(lines) == plots.MOST_LINES
    assert all(line.count("M") == line.count("l") == 1 for line in lines)
    falls = [int(line.split()[-1]) for line in lines]
    assert falls[0] > 0
    assert falls == sorted(falls, reverse=True), "the lowest score comes first"


def test_regions_of_a_table_are_small_multiples_that_name_them() -> None:
    svg = plots.region_scores([*by_day([100, 99]), *by_day([90, 91], "50"), *by_day([92, 93], "11")], TABLE)
    assert {"제주  91", "서울  93"} <= {*texts(svg)}
    assert len(drawn(svg, "path", stroke=MAIN)) == len(drawn(svg, "path", stroke=PALE)) == 2


def test_a_day_that_is_not_known_interrupts_the_line() -> None:
    figures = by_day([90, 91, 92, 93, 94])
    (line,) = drawn(plots.scores([*figures[:2], *figures[3:]]), "path", stroke=MAIN)
    assert line.get("d", "").count("M") == 2


def test_the_cells_of_a_heat_map_show_the_share_and_what_is_full_everywhere_is_left_out() -> None:
    svg = plots.completeness(
        [
            *by_day([0.25], metric="filled:phone"),
            *by_day([1], metric="filled:title"),
            *by_day([0.5, 1], metric="filled:was_empty"),
            *by_day([0.75], metric="filled:phone", table="core.shopping"),
            *by_day([0.1], "50", metric="filled:only_in_a_region"),
        ],
        DAY,
    )
    shown = texts(svg)
    assert {"phone", "restaurants", "shopping", "25", "75"} <= {*shown}
    assert not {"title", "was_empty", "only_in_a_region"} & {*shown}
    assert len(drawn(svg, "path", stroke=plots.shade(0.25))) == len(drawn(svg, "path", stroke=plots.shade(0.75))) == 1


def test_a_heat_map_of_a_table_has_its_regions() -> None:
    figures = [
        *by_day([0.25], "50", "filled:phone"),
        *by_day([0.5], "11", "filled:phone"),
        *by_day([0], metric="filled:fax"),
    ]
    assert {"phone", "제주", "서울"} <= {*texts(plots.region_completeness(figures, DAY, TABLE))}
    assert "fax" not in texts(plots.region_completeness(figures, DAY, TABLE))


def lightness(colour: str) -> float:
    return sum(weight * int(colour[at : at + 2], 16) for weight, at in ((0.2126, 1), (0.7152, 3), (0.0722, 5)))


@given(shares, shares)
def test_the_more_is_missing_the_darker_a_cell_is(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert lightness(plots.shade(less)) <= lightness(plots.shade(more))


@given(shares)
def test_only_what_is_full_looks_full(share: float) -> None:
    assert (plots.shade(share) == plots.shade(1)) is (share == 1)


@pytest.mark.parametrize(
    ("counts", "colour"),
    [
        ([100, 110, 90, 105], MAIN),
        ([100, 110, 90, 60], ALARM),
        ([100, 110, 90, 900], ALARM),
        ([70], MAIN),
        ([0, 0, 0], MAIN),
    ],
)
def test_a_row_count_outside_of_its_usual_range_stands_out(counts: list[int], colour: str) -> None:
    svg = plots.volume(by_day(counts, metric="rows"), DAY)
    (dot,) = drawn(svg, "circle")
    assert dot.get("fill") == colour
    assert f"restaurants  {counts[-1]:,}" in texts(svg)
    assert len(drawn(svg, "rect", fill=PALE)) == (len(counts) > 1)


def test_the_usual_range_is_that_of_the_thirty_days_before() -> None:
    svg = plots.volume(by_day([1, *[100] * 30, 99], metric="rows"), DAY)
    assert drawn(svg, "circle", fill=ALARM), "the count of a month ago no longer makes 99 usual"


def test_row_counts_of_regions_are_shown_by_name() -> None:
    assert "제주  12" in texts(plots.region_volume(by_day([10, 12], "50", "rows"), DAY, TABLE))


def test_without_anything_to_show_there_is_no_picture() -> None:
    nothing = ([], by_day([1], metric="age_hours"))
    for figures in nothing:
        assert plots.scores(figures) == plots.region_scores(figures, TABLE) == plots.volume(figures, DAY) == ""
        assert plots.completeness(figures, DAY) == plots.region_completeness(figures, DAY, TABLE) == ""
    assert plots.completeness(by_day([1.0], metric="filled:title"), DAY) == ""


def test_hostile_names_are_shown_as_they_are() -> None:
    figures = [
        each
        for metric, value in (("score", 90), (f"filled:{HOSTILE}", 0.5), ("rows", 5))
        for region in (WHOLE_TABLE, HOSTILE)
        for each in by_day([value, value], region, metric, HOSTILE)
    ]
    pictures = [
        plots.scores(figures), plots.region_scores(figures, HOSTILE), plots.completeness(figures, DAY),
        plots.region_completeness(figures, DAY, HOSTILE), plots.volume(figures, DAY), plots.region_volume(figures, DAY, HOSTILE),
    ]  # fmt: skip
    for svg in pictures:
        assert not drawn(svg, "script")
        assert any(HOSTILE in text for text in texts(svg))


def everything() -> Iterator[Figure]:
    """Thirty tables of sixty columns in every region for thirty days, no two values alike."""
    random = Random(1)
    for number in range(30):
        table = f"core.a_table_with_a_long_name_{number}"
        for region in (WHOLE_TABLE, *REGION_CODES):
            yield from by_day((random.uniform(40, 100) for _ in range(30)), region, table=table)
            yield from by_day((random.uniform(1e5, 2e6) for _ in range(30)), region, "rows", table)
            for column in range(60):
                yield from by_day([random.uniform(0, 0.99)], region, f"filled:a_column_that_all_have_{column}", table)


def test_pictures_of_everything_fit_into_an_event() -> None:
    figures = [*everything()]
    table = figures[0].table_name
    pictures = [as_markdown(svg, "what") for svg in (
        plots.scores(figures), plots.completeness(figures, DAY), plots.volume(figures, DAY),
        plots.region_scores(figures, table), plots.region_completeness(figures, DAY, table), plots.region_volume(figures, DAY, table),
    )]  # fmt: skip
    assert max(map(len, pictures)) < LARGEST_PICTURE
    assert sum(map(len, pictures[:3])) < LARGEST_EVENT
    assert all(re.fullmatch(r"!\[what\]\(data:image/svg\+xml;base64,[\w+/=]+\)", picture) for picture in pictures)


def test_a_heat_map_says_how_much_it_leaves_out() -> None:
    figures = [*everything()]
    assert any(
        text.endswith(f"; {60 - plots.MOST_COLUMNS} more are not shown")
        for text in texts(plots.completeness(figures, DAY))
    )
