"""Scores the last two weeks again with the code that is here, and prints how right it is beside how right the scores before were.

So a change of the method is compared before it is switched on; docs/recommendations.md has the steps. It writes what is said now in
place of what had been said, so it is for a restored copy, and refuses where `weatherflick up` runs. Forecasts, observations
and nowcasts are whole for two weeks. Only what was said within them is compared, because older issues can't be scored again.
"""

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from psycopg.rows import dict_row

from weatherflick_assets.cli import services
from weatherflick_assets.cli.terminal import read_settings
from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.insight.tables import WHOLE_COUNTRY
from weatherflick_assets.insight.verification.verify import verify
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.settings import KST, Clock, bounds, now
from weatherflick_assets.warehouse.connections import connect

DAYS = 14

_ISSUES = """
SELECT DISTINCT issued_at FROM core.daily_forecasts
WHERE issued_at >= %(first)s AND issued_at < %(today)s AND extract(hour FROM issued_at AT TIME ZONE 'Asia/Seoul') = 5
ORDER BY issued_at
"""

_FIGURES = """
SELECT days_ahead, sum(compared) AS places,
    sum(mean_absolute_error::float8 * compared) / sum(compared) AS error,
    100 * sum(hits) / nullif(sum(hits + misses), 0)::float8 AS hit_rate,
    100 * sum(false_alarms) / nullif(sum(hits + false_alarms), 0)::float8 AS false_alarms,
    sum(persistence_error::float8 * persistence_compared) / nullif(sum(persistence_compared), 0) AS same_as_today,
    string_agg(DISTINCT method, ', ' ORDER BY method) AS method
FROM insight.recommendation_verification
WHERE kto_area_code = %(whole)s AND activity = %(whole)s AND day < %(today)s AND day - days_ahead >= %(first)s
GROUP BY days_ahead ORDER BY days_ahead
"""

_COLUMNS = ("places", "error", "hit_rate", "false_alarms", "same_as_today", "method")

Figures = Mapping[int, Mapping[str, Any]]


def score_again(dsn: str, *, clock: Clock) -> tuple[Figures, Figures]:
    """Score, recommend and verify the last two weeks again; return the figures before and after, by days ahead.

    Raises:
        RuntimeError: scores or lists of an issue were held back.
    """
    today, _ = bounds(clock().astimezone(KST).date())
    first = today - timedelta(days=DAYS)
    before = _figures(dsn, first.date(), today.date())
    with connect(dsn) as connection:
        issues = [issue.astimezone(KST) for (issue,) in connection.execute(_ISSUES, {"first": first, "today": today})]
    for issue in issues:
        for publish in (publish_suitability, publish_recommendations):
            if not publish(dsn, issue, clock=clock).verdict.passed:
                raise RuntimeError(f"{publish.__name__} held back what it made of the issue {issue:%Y-%m-%d %H:%M}.")
    # The oldest first: what is usual in a month is learnt from the days before.
    for ago in range(DAYS, 0, -1):
        verify(dsn, (today - timedelta(days=ago)).date(), clock=clock)
    return before, _figures(dsn, first.date(), today.date())


def _figures(dsn: str, first: date, today: date) -> Figures:
    given = {"whole": WHOLE_COUNTRY, "first": first, "today": today}
    with connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return {row["days_ahead"]: row for row in cursor.execute(_FIGURES, given)}


def _lines(before: Figures, after: Figures) -> list[list[str]]:
    lines = [["days ahead", "", *(name.replace("_", " ") for name in _COLUMNS)]]
    for ahead in sorted({*before, *after}):
        for when, figures in (("before", before.get(ahead, {})), ("now", after.get(ahead, {}))):
            lines.append([str(ahead), when, *(_shown(figures.get(name)) for name in _COLUMNS)])
    return lines


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def main() -> None:
    settings = read_settings()
    with services.held(services.state_folder(settings)):
        dsn = services.start(settings, for_calls=False)["WEATHERFLICK_DATABASE_URL"]
        try:
            before, after = score_again(dsn, clock=now)
        finally:
            JUDGE.stop()
    for line in _lines(before, after):
        sys.stdout.write("  ".join(text.rjust(13) for text in line) + "\n")


if __name__ == "__main__":
    main()
