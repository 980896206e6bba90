"""The quality report of a day: whole in one file, escaped, and as the day was."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.pages import KEPT, write
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.report import gather, keep, metric, metric_name, render
from weatherflick_assets.quality.statistics import measure
from weatherflick_assets.quality.trends import compare
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.pages import Page
from weatherflick_assets_tests.quality.judged import BLOCKING, WARNING, broken, judged

DAY = date(2026, 11, 29)
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
NOW = NOON + timedelta(days=1)
PLACES = MeasuredTable("core.restaurants", timedelta(days=15), by_region=True, required=("title",))
HOLIDAYS = MeasuredTable("core.holidays", timedelta(days=15))
MEASURED = (PLACES, HOLIDAYS)
REJECTIONS = [domain.rejections for domain in DOMAINS if domain.rejections]
HOSTILE = "<script>alert(1)</script><img src=https://evil.example/x>\x1b[31m"


def of_the_day(dsn: str, day: date = DAY, now: datetime = NOW) -> str:
    with connect(dsn) as connection:
        return render(gather(connection, day, MEASURED, REJECTIONS, now))


def a_bad_day(dsn: str) -> None:
    """Good until the day, on which a region is held back and another loses its titles."""
    for ago in range(31, 0, -1):
        judged(dsn, "core.restaurants", "50", NOON - timedelta(days=ago))
        judged(dsn, "core.restaurants", "11", NOON - timedelta(days=ago), rows=100)
    failed = broken("title", BLOCKING, "126508: " + HOSTILE[:40], asked=f"Titles {HOSTILE}")
    judged(dsn, "core.restaurants", "50", NOON, failures=[failed], rejections={f"no_{HOSTILE}": 3})
    judged(dsn, "core.restaurants", "11", NOON, rows=100, empty={"title": 40}, failures=[broken("phone", WARNING)])
    for ago in range(30, -1, -1):
        measure(dsn, DAY - timedelta(days=ago), MEASURED, clock=lambda: NOW)
    compare(dsn, DAY, MEASURED, clock=lambda: NOW)


def test_the_report_needs_nothing_but_itself_and_runs_nothing(store: str) -> None:
    a_bad_day(store)
    html = of_the_day(store)
    page = Page(html)
    fetching = {"src", "href", "xlink:href", "srcset", "data", "poster", "action"}
    fetched = [
        value
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in fetching and not (value or "").startswith("#")
    ]
    assert fetched == []
    assert not {"script", "link", "iframe", "img", "object", "base"} & {tag for tag, _ in page.tags}
    assert not re.search(r"@import|url\(", html)
    assert "default-src 'none'" in html


def test_whatever_came_from_data_is_text(store: str) -> None:
    a_bad_day(store)
    html = of_the_day(store)
    page = Page(html)
    assert "Titles <script>alert(1)</script>" in page.text
    assert "no_<script>alert(1)</script>" in page.text
    assert "\x1b" not in html


def test_the_report_says_what_got_worse_since_when_and_what_is_held_back(store: str) -> None:
    a_bad_day(store)
    text = " ".join(Page(of_the_day(store)).text.split())
    assert "Data quality of Sunday, 29 November 2026" in text
    assert "restaurants 서울 rows with a value: title 100% 60.0% 30 2026-11-29" in text
    assert "restaurants 제주 parts held back 0 1 30 2026-11-29" in text
    assert "restaurants 제주 2026-11-29 12:00" in text
    assert "20 of 40 have none" in text
    assert "Never judged, so nothing is known of holidays." in text


def test_every_card_can_be_linked_to_and_every_link_leads_somewhere(store: str) -> None:
    a_bad_day(store)
    page = Page(of_the_day(store))
    assert {"restaurants", "restaurants-50", "restaurants-11"} <= page.anchors
    assert {"#restaurants", "#restaurants-50", "#restaurants-11"} <= page.links
    assert {(link or "")[1:] for link in page.links} <= page.anchors


def test_the_pictures_are_in_the_report(store: str) -> None:
    a_bad_day(store)
    page = Page(of_the_day(store))
    assert {"Scores", "Completeness", "Volume"} <= {*page.text.splitlines()}
    of_regions = [
        "Score of each region of core.restaurants by day (0 to 100)",
        "core.restaurants: rows with a value, %, by column and region",
        "Rows of each region of core.restaurants",
    ]
    assert [title in page.text for title in of_regions] == [True] * 3
    assert [tag for tag, _ in page.tags].count("svg") == 3 + len(of_regions)


def test_a_day_that_was_not_measured_has_a_report_that_says_so(store: str) -> None:
    text = Page(of_the_day(store)).text
    assert "the day was not measured" in text
    assert "Never judged, so nothing is known of restaurants, holidays." in text


def test_the_report_of_a_past_day_does_not_change(store: str) -> None:
    a_bad_day(store)
    before = of_the_day(store)
    judged(store, "core.restaurants", "50", NOW - timedelta(hours=1), rows=1)
    assert of_the_day(store) == before


def test_reports_are_written_whole_or_not_at_all_and_deleted_when_they_are_old(tmp_path: Path) -> None:
    old, kept = DAY - KEPT - timedelta(days=1), DAY - KEPT
    for day in (old, kept, DAY):
        keep(tmp_path / "reports", day, f"of {day}")
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [f"{kept}.html", f"{DAY}.html"]
    assert keep(tmp_path / "reports", DAY, "again").read_text() == "again"


def test_a_file_that_is_not_a_report_stays(tmp_path: Path) -> None:
    other = tmp_path / "notes.html"
    other.write_text("mine")
    keep(tmp_path, DAY, "")
    assert other.exists()


def test_a_report_that_could_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = write(tmp_path / "report.html", "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("filled:title", 0.9721, "rows with a value: title 97.2%"),
        ("rows", 12345.0, "rows 12,345"),
        ("rejected:no_title", 3.0, "items that could not become rows: no_title 3"),
        ("age_hours", 1.25, "age in hours 1.2"),
    ],
)
def test_figures_are_told_to_people(name: str, value: float, said: str) -> None:
    assert f"{metric_name(name)} {metric(name, value)}" == said
