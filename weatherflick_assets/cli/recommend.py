"""`weatherflick recommend`: where to go on a day, in a region, around a point, or anywhere, with the reasons."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weatherflick_assets.cli.terminal import UsageError
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.insight.recommendations.topics import EVERYTHING, IF_IT_RAINS, TOPICS
from weatherflick_assets.korea.regions import REGIONS, SERVING_REGIONS, UNASSIGNED, region_code_named
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.settings import KST, korean_time
from weatherflick_assets.warehouse.connections import connect

SHOWN_IF_IT_RAINS = 3
"""Places indoors that are shown beside a list."""

MOST = 20
"""Places that are shown."""

_KINDS = {kind.content_type_id: kind.name for kind in CONTENT_TYPES}
_AREAS = {area.kto_area_code: area for area in SERVING_REGIONS}

_REACH = """
SELECT max(issued_at) AS issued_at, min(day) AS first_day, max(day) AS last_day
FROM insight.suitability_of_areas WHERE issued_at = (SELECT max(issued_at) FROM insight.suitability_of_areas)
"""
_PLACES = "SELECT EXISTS (SELECT FROM serving.places)"

_OF_AREAS = """
SELECT listed.region_code, listed.rank, listed.content_id, listed.content_type_id, place.name, place.address, listed.activity,
    listed.score, listed.suitability, listed.recommendation_level AS level, listed.reasons, listed.confidence, listed.is_open
FROM serving.recommendations AS listed JOIN serving.places AS place USING (content_id, content_type_id)
WHERE listed.region_code = ANY(%(areas)s) AND listed.day = %(day)s AND listed.topic = %(topic)s AND listed.rank <= %(most)s
ORDER BY listed.rank, listed.score DESC, listed.content_id
"""
_NEAR = """
SELECT place.region_code, listed.rank, listed.content_id, listed.content_type_id, place.name, place.address, listed.activity,
    listed.score, listed.suitability, listed.recommendation_level AS level, round(listed.distance_m)::integer AS distance_m,
    jsonb_build_object('ko', jsonb_build_array(listed.reason), 'en', jsonb_build_array(listed.reason_en)) AS reasons,
    listed.is_open
FROM serving.recommendations_near(%(latitude)s, %(longitude)s, %(metres)s, %(most)s, %(day)s, %(kinds)s, %(activities)s) AS listed
JOIN serving.places AS place USING (content_id, content_type_id) ORDER BY listed.rank
"""
_WEATHER = """
SELECT kto_area_code AS region_code, activity, places, good, round(score::numeric, 1)::float8 AS score
FROM insight.suitability_of_areas
WHERE issued_at = (SELECT max(issued_at) FROM insight.suitability_of_areas) AND kto_area_code = ANY(%(areas)s) AND day = %(day)s
ORDER BY kto_area_code, score DESC, activity
"""


class NothingToRecommendError(PlatformError):
    """There are no recommendations for what is asked."""


def region_of(text: str) -> str:
    """The region that an option names, by its code or a name.

    Raises:
        UsageError: there is no such region.
    """
    code = region_code_named(text)
    if code is None or code == UNASSIGNED:
        known = ", ".join(f"{region.region_code} {region.short_name}" for region in REGIONS)
        raise UsageError(f"Unknown region {text}. The regions are {known}.")
    return code


def day_of(text: str) -> date:
    """The day that an option names.

    Raises:
        UsageError: it is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--day {text} is no day. Write it like 2026-12-01.") from None


def point_of(text: str) -> tuple[float, float]:
    """The latitude and longitude that an option names.

    Raises:
        UsageError: it is no point on earth.
    """
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = float("nan")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise UsageError(f"--near {text} is no point. Write latitude and longitude in degrees, like 37.5665,126.9780.")
    return latitude, longitude


def topic_of(text: str) -> str:
    """The topic that an option names.

    Raises:
        UsageError: there is no such topic.
    """
    if text not in TOPICS:
        raise UsageError(f"Unknown --for {text}. It may be {', '.join(TOPICS)}.")
    return text


def gather(
    dsn: str,
    day: date,
    *,
    region: str | None = None,
    near: tuple[float, float] | None = None,
    within_km: float = 20,
    topic: str = EVERYTHING,
) -> dict[str, Any]:
    """The answer as plain types.

    Args:
        dsn: the platform's database.
        day: in Korea.
        region: its code; None: the first places of every area.
        near: latitude and longitude of a point, instead of a region.
        within_km: how far away places may be.
        topic: what is asked for.

    Raises:
        NothingToRecommendError: nothing was recommended yet, or not for this day, or there is no place near.
    """
    areas = [code for code, area in _AREAS.items() if region in (None, area.region_code)]
    asked: dict[str, Any] = {"areas": areas, "day": day, "most": MOST if region else 1}
    with connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        issued_at = _issue_for(cursor, day)
        if near is None:
            places, indoors = (_of_areas(cursor, asked, name) for name in (topic, IF_IT_RAINS))
        else:
            point = {"latitude": near[0], "longitude": near[1], "metres": 1000 * within_km}
            places, indoors = (_near(cursor, {**asked, **point}, name) for name in (topic, IF_IT_RAINS))
        weather = [] if near else cursor.execute(_WEATHER, asked).fetchall()
    return {
        "day": day.isoformat(),
        "issued_at": issued_at.astimezone(KST).isoformat(timespec="minutes"),
        "topic": topic,
        "region": region,
        "near": None if near is None else {"latitude": near[0], "longitude": near[1], "within_km": within_km},
        "places": places,
        "if_it_rains": indoors[:SHOWN_IF_IT_RAINS] if topic != IF_IT_RAINS and (region or near) else [],
        "weather": weather,
    }


def _issue_for(cursor: psycopg.Cursor[dict[str, Any]], day: date) -> datetime:
    """The newest issue, if it speaks of the day."""
    reach = cursor.execute(_REACH).fetchone() or {}
    issued_at = reach.get("issued_at")
    if issued_at is None:
        (has_places,) = (cursor.execute(_PLACES).fetchone() or {"exists": False}).values()
        first = "" if has_places else "`weatherflick collect`, which collects places, and then "
        raise NothingToRecommendError(
            f"Nothing is recommended yet. Run {first}`weatherflick forecast`, which collects the weather and recommends."
        )
    if not reach["first_day"] <= day <= reach["last_day"]:
        raise NothingToRecommendError(
            f"Nothing is known of {day}: the newest issue, of {korean_time(issued_at)}, speaks of "
            f"{reach['first_day']} to {reach['last_day']}. Name one of these days, or run `weatherflick forecast` for a newer issue."
        )
    return issued_at


def _of_areas(cursor: psycopg.Cursor[dict[str, Any]], asked: Mapping[str, Any], topic: str) -> list[dict[str, Any]]:
    found = cursor.execute(_OF_AREAS, {**asked, "topic": topic}).fetchall()
    return [_plain(row) for row in found[: max(MOST, len(asked["areas"]))]]


def _near(cursor: psycopg.Cursor[dict[str, Any]], asked: Mapping[str, Any], topic: str) -> list[dict[str, Any]]:
    wanted = TOPICS[topic]
    of_topic = {"most": MOST, "kinds": sorted(wanted.content_type_ids), "activities": sorted(wanted.activities)}
    return [_plain(row) for row in cursor.execute(_NEAR, {**asked, **of_topic}).fetchall()]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    area = _AREAS.get(row["region_code"])
    return {**row, "kind": _KINDS[row["content_type_id"]], "region": area.name if area else None}


def show(console: Console, answer: Mapping[str, Any]) -> None:
    """Show the answer to a person."""
    where = "Korea"
    if answer["region"]:
        where = next(region.name for region in REGIONS if region.region_code == answer["region"])
    elif answer["near"]:
        where = "{latitude:g},{longitude:g} within {within_km:g} km".format(**answer["near"])
    console.print(
        f"Where to go on {answer['day']}: {where}, by the forecast of {answer['issued_at'][:16].replace('T', ' ')} KST."
    )
    if answer["places"]:
        _show(
            console,
            answer["places"],
            f"{TOPICS[answer['topic']].korean} ({answer['topic']})",
            by_region=not (answer["region"] or answer["near"]),
        )
    else:
        console.print(_why_none(answer))
    if answer["if_it_rains"]:
        _show(console, answer["if_it_rains"], "If it rains", by_region=False)


def _why_none(answer: Mapping[str, Any]) -> str:
    if answer["near"]:
        return "No place there that is fair for it on that day. Try a longer way with --within, or another --for."
    best = [each for each in answer["weather"] if each["activity"] in TOPICS[answer["topic"]].activities]
    if not best:
        return "No place of the region offers it, or too little of the forecast is known."
    said = ", ".join(f"{each['activity']} {each['score']:.0f}" for each in best)
    return f"Nothing is fair (50 points or more) on that day, or everything is closed. Mean scores: {said}."


def _show(console: Console, places: Sequence[Mapping[str, Any]], title: str, *, by_region: bool) -> None:
    console.print()
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("" if by_region else "#", justify="left" if by_region else "right")
    for heading in ("place", "for"):
        table.add_column(heading, overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("why", overflow="fold")
    is_near = "distance_m" in places[0]
    if is_near:
        table.add_column("km", justify="right")
    for place in places:
        row = [
            place["region"] if by_region else str(place["rank"]),
            place["name"],
            place["activity"],
            f"{place['score']:.0f}",
            "; ".join(place["reasons"]["en"]),
            *([f"{place['distance_m'] / 1000:.1f}"] if is_near else []),
        ]
        table.add_row(*(escape(for_terminal(str(cell or ""))) for cell in row))
    console.print(table)
