"""A plain loop: place by place, activity by activity and day by day, one number after the other; scores are copied into a table.

It knows no warnings, no air and no days of rest, gives no reasons, and judges nothing.

Usage: python -m benchmarks.contenders.suitability_loop DSN
"""

import sys
from collections import defaultdict
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.contenders.reporting import report
from benchmarks.contenders.suitable_places import ISSUE, TYPES
from weatherflick_assets.insight.suitability.activities import activities_of
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets_tests.insight.suitability import scalar

_WITH_HOURS = {"attractions", "cultural_facilities", "festivals", "leisure_sports", "shopping", "restaurants"}
_HOURS = """
SELECT nx, ny, (valid_at AT TIME ZONE 'Asia/Seoul')::date AS day, extract(hour FROM valid_at AT TIME ZONE 'Asia/Seoul')::integer AS hour,
    temperature, feels_like, humidity, sky, precipitation_mm, precipitation_level, wind_speed
FROM core.hourly_forecasts WHERE issued_at = %s
"""
_DAYS = "SELECT * FROM core.daily_forecasts WHERE issued_at = %s"


def work(dsn: str) -> dict[str, object]:
    """Score every place."""
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        hours: dict[Any, list[Any]] = defaultdict(list)
        for row in cursor.execute(_HOURS, (ISSUE,)):
            hours[row["nx"], row["ny"], row["day"]].append(row)
        outlooks = {(row["nx"], row["ny"], row["day"]): row for row in cursor.execute(_DAYS, (ISSUE,))}
        days = [ISSUE.date() + timedelta(days=ahead) for ahead in range(11)]
        light: dict[Any, tuple[float, float]] = {}
        made = []
        for table in TYPES.values():
            columns = "opens_at, closes_at" if table in _WITH_HOURS else "NULL AS opens_at, NULL AS closes_at"
            statement = f"SELECT content_id, class_code, nx, ny, {columns} FROM core.{table}"
            for place in cursor.execute(statement).fetchall():  # type: ignore[arg-type]
                opened = scalar.open_hours(place["opens_at"], place["closes_at"])
                for activity in activities_of(place["class_code"]).activities:
                    for day in days:
                        key = place["nx"], place["ny"], day
                        if (outlook := outlooks.get(key)) is None:
                            continue
                        if outlook["source"] == "mid_term":
                            weather = scalar.day_of_outlook(outlook, activity, day.month)
                            score = scalar.score(activity, weather, None, (), outlook["precipitation_probability"])
                        else:
                            if key not in light:
                                found = daylight(day, *(float(degrees) for degrees in centre_of(*key[:2])))
                                light[key] = float(found.sunrise), float(found.sunset)
                            counting = scalar.hours_that_count(activity, *light[key], opened)
                            left = {hour for hour in counting if day > ISSUE.date() or hour > ISSUE.hour}
                            of_hours = scalar.day_of_hours(hours[key], left)
                            score = None if of_hours is None else scalar.score(activity, of_hours, None, ())
                        made.append((place["content_id"], activity, day, None if score is None else round(score, 1)))
        cursor.execute("CREATE TABLE looped (content_id text, activity text, day date, score real)")
        with cursor.copy("COPY looped FROM STDIN") as copy:
            for row in made:
                copy.write_row(row)
        cursor.execute("ALTER TABLE looped ADD PRIMARY KEY (content_id, activity, day)")
        connection.commit()
    return {"scores": len(made), "total": sum(score for *_, score in made if score is not None)}


if __name__ == "__main__":
    report(lambda: work(sys.argv[1]))
