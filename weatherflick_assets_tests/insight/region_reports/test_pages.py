"""The page of a region: what it says of a week and the days ahead, what it says when it knows nothing, and where it is kept."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.insight.assets.region_reports import WEEKS
from weatherflick_assets.insight.climate.publish import publish_normals
from weatherflick_assets.insight.flows import REGION_REPORTS
from weatherflick_assets.insight.region_reports.evidence import Suited, gather
from weatherflick_assets.insight.region_reports.pages import (
    UnwritablePagesError,
    best_days,
    folder_in,
    index,
    rendered,
    report,
    write,
)
from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.pages import KEPT
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.statistics import measure
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.insight.climate.observing import observed
from weatherflick_assets_tests.insight.recommendations.recommending import MUSEUM, PALACE, recommended, spot
from weatherflick_assets_tests.insight.suitability.country import ISSUE, SEOUL, TODAY, TOMORROW, forecast
from weatherflick_assets_tests.insight.weather_rows import seen
from weatherflick_assets_tests.insight.weather_rows import write as observe
from weatherflick_assets_tests.pages import Page
from weatherflick_assets_tests.quality.judged import judged

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

MONDAY = TODAY - timedelta(days=TODAY.weekday())
SOON, AFTER = ISSUE + timedelta(hours=2), ISSUE + timedelta(days=5)
REGION = {region.region_code: region for region in REGIONS}
HOSTILE = "<script>alert(1)</script>\x1b[31m"


def page(dsn: str, at: datetime = SOON, region: str = "11") -> str:
    with connect(dsn) as connection:
        return rendered(gather(connection, REGION[region], MONDAY, at))


def text(html: str) -> str:
    return " ".join(Page(html).text.split())


def a_week(dsn: str, name: str = "경복궁") -> None:
    """A palace and a museum that are new, a fine Wednesday that was foreseen, and rain that was not."""
    spot(dsn, "palace", PALACE, title=name)
    spot(dsn, "museum", MUSEUM, kind="cultural_facilities", title="박물관")
    forecast(dsn, days={TOMORROW: {"precipitation_mm": 3.0, "sky": "overcast"}})
    assert recommended(dsn).verdict.passed
    midnight = datetime.combine(TODAY, datetime.min.time(), KST)
    observe(
        dsn,
        [
            seen(SEOUL, midnight + timedelta(hours=hour), temperature=20 + hour / 4, precipitation_mm=0.5)
            for hour in range(24)
        ],
    )


def test_what_is_ahead_is_told_with_the_best_days_and_where_to_go(store: str) -> None:
    a_week(store)
    html = page(store)
    said = text(html)
    assert "서울 Seoul The week from Mon 24 Aug to Sun 30 Aug, and what is ahead as of 2026-08-26 07:00" in said
    assert "Wed 26 Aug 18 °C 26 °C clear 0 % –" in said
    assert "Wed 26 Aug 1 경복궁 sightseeing" in said
    assert "Thu 27 Aug 1 박물관 indoor" in said
    assert html.count("<svg") >= 2
    first = re.search(r"sightseeing 관광 (\w+ \d+ \w+)", said)
    assert first is not None
    assert first[1] != "Thu 27 Aug"


def test_what_is_new_in_the_week_is_told_by_kind(store: str) -> None:
    a_week(store)
    spot(store, "older", PALACE, title="창덕궁", published_at=ISSUE - timedelta(days=30))
    spot(store, "elsewhere", PALACE, title="불국사", region_code="47")
    said = text(page(store, AFTER))
    assert "attractions 2 1 1 0 경복궁" in said
    assert "cultural facilities 1 1 0 0 박물관" in said
    assert "창덕궁" not in said
    assert "불국사" not in said


def test_a_week_that_is_reported_again_knows_what_was_there_at_its_end(store: str) -> None:
    a_week(store)
    for name, published_at, removed_at in (
        ("removed after the week", ISSUE, AFTER + timedelta(days=1)),
        ("removed in the week", ISSUE - timedelta(days=30), ISSUE + timedelta(hours=1)),
        ("there for an hour", ISSUE, ISSUE + timedelta(hours=1)),
    ):
        spot(store, name, PALACE, title=name, published_at=published_at, removed_at=removed_at)
    said = text(page(store, AFTER + timedelta(days=3)))
    assert "attractions 2 2 0 1" in said
    assert "removed after the week" in said
    assert "there for an hour" not in said


def test_a_place_that_is_published_as_two_kinds_is_listed_once(store: str) -> None:
    spot(store, "moved", MUSEUM, kind="cultural_facilities", title="former")
    a_week(store)
    spot(store, "moved", PALACE, title="now", published_at=ISSUE + timedelta(minutes=1))
    assert recommended(store, minutes=30).verdict.passed
    said = text(page(store))
    assert "now sightseeing" in said
    assert "former" not in said[said.index("Where to go Day") : said.index("What is new Kind")]
    assert re.search(r"Wed 26 Aug \S+ 3 \d+ 26 °C", text(page(store, AFTER)))


def test_a_temperature_just_below_zero_has_no_minus_without_a_number(store: str) -> None:
    observed(store, date(2016, 1, 1), date(2025, 12, 31), temperature_max=-0.3, temperature_min=-9.0)
    publish_normals(store, clock=lambda: SOON)
    forecast(store, outlook={"temperature_min": -0.3, "temperature_max": 0.4})
    assert "-0 °C" not in text(page(store))


def test_what_was_recommended_stands_beside_the_weather_that_came(store: str) -> None:
    a_week(store)
    said = text(page(store, AFTER))
    assert "Wed 26 Aug 경복궁 2" in said
    assert re.search(r"Wed 26 Aug 경복궁 2 \d+ 26 °C 26 °C – 12\.0 mm", said)
    assert re.search(r"Thu 27 Aug – – – – – – –", said)


def test_the_quality_of_the_region_and_its_months_are_drawn(store: str) -> None:
    judged(store, "core.restaurants", "11", ISSUE - timedelta(days=1))
    table = MeasuredTable("core.restaurants", timedelta(days=15), by_region=True, required=("title",))
    measure(store, TODAY - timedelta(days=1), (table,), clock=lambda: SOON)
    observed(store, date(2016, 1, 1), date(2025, 12, 31))
    publish_normals(store, clock=lambda: SOON)
    html = page(store)
    assert "Score of each table by day" in html
    assert "Days that are good, %, by activity and month" in html
    assert "September" in text(html)
    assert "2016–2025: good on" in text(html)


def test_a_section_that_has_nothing_to_show_says_so_in_a_sentence(store: str) -> None:
    html = page(store)
    found = Page(html)
    for sentence in (
        "No forecast for the seat of the region was published in the 36 hours before",
        "No place of the region was scored in the 36 hours before",
        "No place of the region is recommended for the next days",
        "No place of the region was added, changed or removed in the week.",
        "No score of the region was measured in the 30 days up to the end of the week.",
        "Nothing was recommended or forecast at 05:00 of a day of the week",
        "No month has a normal yet: 0 of the 10 years that it takes are known.",
    ):
        assert sentence in found.text
    assert "<svg" not in html
    assert "table" not in {tag for tag, _ in found.tags}


def test_a_page_needs_nothing_but_itself_and_what_came_from_data_is_text(store: str) -> None:
    a_week(store, name=HOSTILE)
    html = page(store)
    found = Page(html)
    assert "<script>alert(1)</script>" in found.text
    assert "\x1b" not in html
    assert not {"script", "link", "iframe", "img", "object", "base"} & {tag for tag, _ in found.tags}
    assert not re.search(r"@import|url\(", html)
    inside = {link for link in found.links if link and link.startswith("#")}
    assert {f"#{anchor}" for anchor in found.anchors} == inside
    assert found.links - inside == {"index.html"}


def test_a_region_of_two_areas_shows_the_places_of_both(store: str) -> None:
    spot(store, "north", PALACE, cell=(58, 74), area="5", region_code="12", title="광주")
    spot(store, "south", PALACE, cell=(51, 67), area="38", region_code="12", title="목포")
    for cell in ((58, 74), (51, 67)):
        forecast(store, cell=cell)
    assert recommended(store).verdict.passed
    said = text(page(store, region="12"))
    assert "광주" in said
    assert "목포" in said


def test_of_equal_days_the_first_is_the_best() -> None:
    monday, tuesday = (Suited("hiking", date(2026, 8, day), 80.0, 3) for day in (24, 25))
    assert best_days([tuesday, monday]) == [monday]
    assert best_days([]) == []


def test_a_folder_that_can_not_be_written_is_told_in_a_sentence(store: str, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(UnwritablePagesError, match=r"can't be written to .*regions.* \(Not a directory\)\. Make room"):
        report(store, tmp_path, MONDAY, SOON)


def test_pages_of_weeks_that_are_too_old_are_deleted_and_an_index_leads_to_the_others(
    store: str, tmp_path: Path
) -> None:
    a_week(store)
    folder = folder_in(tmp_path, MONDAY)
    old, kept = (folder_in(tmp_path, MONDAY - KEPT - timedelta(days=days)) for days in (7, 0))
    for each in (old, kept):
        each.mkdir(parents=True)
        (each / "11.html").write_text("before", encoding="utf-8")
    with connect(store) as connection:
        evidence = [gather(connection, REGION[code], MONDAY, SOON) for code in ("11", "50")]
    written = write(folder, MONDAY, evidence, lambda html: html.replace("경복궁", "***"))
    assert {path.name for path in folder.iterdir()} == {"11.html", "50.html", "index.html"}
    assert not old.exists()
    assert kept.exists()
    assert "경복궁" not in (folder / "11.html").read_text(encoding="utf-8")
    found = Page(index(MONDAY, written))
    assert found.links == {"11.html", "50.html"}
    assert re.search(r"서울\s+Seoul\s+\w+ \d+ Aug \d+ 2", " ".join(found.text.split()))


def test_on_monday_morning_the_week_that_is_over_is_reported_once_anything_is_published(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = datetime(2026, 8, 31, 7, 30, tzinfo=KST)
    assert REGION_REPORTS.stages[0].partitions(store, monday) == []
    judged(store, "core.restaurants", "11", ISSUE)
    assert REGION_REPORTS.stages[0].partitions(store, monday) == [MONDAY.isoformat()]
    assert MONDAY.isoformat() in WEEKS.get_partition_keys(current_time=monday)
    monkeypatch.setenv("WEATHERFLICK_HOME", str(tmp_path))
    job = build_defs(resources={"warehouse": WarehouseResource(dsn=store)}).resolve_job_def("report_regions")
    week = WEEKS.get_partition_keys(current_time=now())[-1]
    result = job.execute_in_process(partition_key=week)
    (event,) = (event for event in result.all_events if event.is_step_materialization)
    metadata = event.materialization.metadata
    assert metadata["pages"].value == len(REGIONS)
    shown = metadata["report"]
    assert isinstance(shown, dg.PathMetadataValue)
    assert Path(str(shown.value)).parent == tmp_path / "reports" / "regions" / week
    assert len([*Path(str(shown.value)).parent.glob("*.html")]) == len(REGIONS) + 1
