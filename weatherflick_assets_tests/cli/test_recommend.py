"""`weatherflick recommend` and `report`: the best places for a day in a region, around a point or anywhere, and what to do where there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from weatherflick_assets.settings import KST, now
from weatherflick_assets_tests.cli.commands import Platform, live_platform, platform
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.insight.recommendations.recommending import JEJUS_AREA, MUSEUM, PALACE, spot
from weatherflick_assets_tests.insight.recommendations.test_serving import city, served, tomorrow
from weatherflick_assets_tests.insight.suitability.country import JEJU


@contextmanager
def prepared(template: Template) -> Iterator[tuple[Platform, str]]:
    """A platform that would call nobody, and its database."""
    with (
        template.clone_for_commands() as url,
        live_platform(url, "http://127.0.0.1:1", "a key that is not used") as live,
    ):
        yield live, dsn_of(url)


@pytest.fixture(scope="module")
def filled(template_database: Template) -> Iterator[Platform]:
    """Sights of Seoul with a fine tomorrow, a museum among them; in Jeju a palace without a forecast."""
    with prepared(template_database) as (live, dsn):
        city(dsn, 2)
        at: dict[str, Any] = {"latitude": 37.5665, "longitude": 126.978}
        spot(dsn, "museum", MUSEUM, kind="cultural_facilities", title="박물관 [of] stone", **at)
        spot(dsn, "palace of the south", PALACE, JEJU, JEJUS_AREA)
        served(dsn)
        yield live


def test_before_anything_was_collected_the_answer_is_what_to_run(template_database: Template) -> None:
    with prepared(template_database) as (live, _):
        done = live.run_here("recommend")
    assert done.code == 1
    (complaint,) = done.complaints
    assert "`weatherflick collect`" in complaint
    assert "`weatherflick forecast`" in complaint


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--region", "77"), "Unknown region 77. The regions are 11 서울"),
        (("--region", "unassigned"), "Unknown region unassigned."),
        (("--day", "tomorrow"), "--day tomorrow is no day. Write it like 2026-12-01."),
        (("--near", "Seoul"), "--near Seoul is no point."),
        (("--near", "126.978,37.5665"), "Write latitude and longitude in degrees, like 37.5665,126.9780."),
        (("--near", "37.5,127", "--region", "11"), "can't be asked for together"),
        (("--for", "skiing"), "Unknown --for skiing. It may be all, attractions"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_before_anything_starts(arguments: tuple[str, ...], complaint: str) -> None:
    with platform() as there:
        done = there.run_here("recommend", *arguments)
        assert list(there.home.parent.rglob("*")) == []
    assert done.code == 1
    assert complaint in done.complaints[0]
    assert done.out == ""


def test_the_best_of_a_region_with_reasons_and_what_to_do_if_it_rains(filled: Platform) -> None:
    done = filled.run_here("recommend", "--region", "서울", "--day", tomorrow().isoformat())
    assert done.code == 0, done.said
    assert "Good weather" in done.out
    assert "palace 0" in done.out
    assert done.out.index("If it rains") < done.out.rindex("박물관 [of] stone")
    found = filled.run_here("recommend", "--region", "11", "--day", tomorrow().isoformat(), "--json").summary
    assert (found["region"], found["topic"], found["day"]) == ("11", "all", tomorrow().isoformat())
    assert [place["rank"] for place in found["places"]] == list(range(1, 8))
    first = found["places"][0]
    assert (first["kind"], first["activity"], first["score"], first["level"]) == (
        "attractions",
        "sightseeing",
        96,
        "excellent",
    )
    assert first["reasons"]["ko"] == ["날씨 좋음"]
    assert [place["content_id"] for place in found["if_it_rains"]] == ["museum"]


def test_around_a_point_the_distance_is_shown_and_kept(filled: Platform) -> None:
    asked = ("recommend", "--near", "37.5665,126.978", "--within", "1.5", "--day", tomorrow().isoformat())
    assert " km" in filled.run_here(*asked).out
    found = filled.run_here(*asked, "--json").summary
    assert {place["content_id"] for place in found["places"]} == {"palace 0", "shrine 0", "museum"}
    assert all(place["distance_m"] <= 1500 for place in found["places"])
    nothing = filled.run_here("recommend", "--near", "0,0", "--day", tomorrow().isoformat())
    assert nothing.code == 0
    assert "Try a longer way with --within" in nothing.out


def test_without_a_region_the_first_of_every_area_is_shown(filled: Platform) -> None:
    found = filled.run_here("recommend", "--day", tomorrow().isoformat(), "--json").summary
    assert [(place["region"], place["rank"]) for place in found["places"]] == [("서울", 1)]
    assert filled.run_here("recommend", "--day", tomorrow().isoformat()).code == 0


def test_a_kind_of_places_or_an_activity_can_be_asked_for(filled: Platform) -> None:
    asked = ("recommend", "--region", "11", "--day", tomorrow().isoformat(), "--json", "--for")
    assert [place["content_id"] for place in filled.run_here(*asked, "cultural_facilities").summary["places"]] == [
        "museum"
    ]
    assert {place["activity"] for place in filled.run_here(*asked, "hiking").summary["places"]} <= {"hiking"}


def test_a_region_without_anything_fair_says_why(filled: Platform) -> None:
    done = filled.run_here("recommend", "--region", "50", "--day", tomorrow().isoformat())
    assert done.code == 0
    assert "No place of the region offers it, or too little of the forecast is known." in done.out


def test_a_day_that_no_forecast_speaks_of_is_told_with_those_that_it_does(filled: Platform) -> None:
    far = now().astimezone(KST).date() + timedelta(days=40)
    done = filled.run_here("recommend", "--day", far.isoformat())
    assert done.code == 1
    assert f"Nothing is known of {far}" in done.complaints[0]
    assert "Name one of these days" in done.complaints[0]


def test_the_pages_of_the_week_are_written_and_the_one_of_a_region_is_named(filled: Platform) -> None:
    today = now().astimezone(KST).date()
    folder = filled.home / "reports" / "regions" / (today - timedelta(days=today.weekday())).isoformat()
    done = filled.run_here("report", "--region", "서울")
    assert done.code == 0, done.said
    assert Path(done.out.strip()) == folder / "11.html"
    assert "palace 0" in Path(done.out.strip()).read_text(encoding="utf-8")
    assert Path(filled.run_here("report").out.strip()) == folder / "index.html"
    mistaken = filled.run_here("report", "--region", "77")
    assert mistaken.code == 1
    assert "Unknown region 77. The regions are 11 서울" in mistaken.complaints[0]
