"""Which issue is to be scored: the newest, once it is published, and again when something that counts has changed.

One whose scores are published, and whose lists or changes were not judged, is scored again, too: they are made in one run.
"""

from datetime import datetime

import psycopg

from weatherflick_assets.settings import KST

_DUE = """
SELECT newest.issued_at
FROM (
    SELECT max(issued_at) AS issued_at FROM core.daily_forecasts
    WHERE issued_at <= %(at)s AND issued_at > %(at)s - interval '1 day'
) AS newest
CROSS JOIN LATERAL (SELECT to_char(newest.issued_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MI') AS key) AS partition
CROSS JOIN LATERAL (
    SELECT coalesce(max(judged_at), '-infinity') AS at FROM quality.verdicts
    WHERE table_name = 'insight.suitability_of_cells' AND partition_key = partition.key
) AS scored
WHERE newest.issued_at IS NOT NULL AND EXISTS (
    SELECT FROM core.daily_forecasts AS said JOIN core.located_places USING (nx, ny)
    WHERE said.issued_at > newest.issued_at - interval '36 hours'
) AND (
    scored.at = '-infinity'
    OR EXISTS (
        SELECT FROM quality.verdicts
        WHERE table_name IN ('core.daily_forecasts', 'core.hourly_forecasts') AND partition_key = partition.key AND published
          AND judged_at > scored.at
    )
    OR EXISTS (SELECT FROM core.weather_warnings WHERE recorded_at > scored.at OR lifted_at > scored.at AND lifted_at <= %(at)s)
    OR EXISTS (
        SELECT FROM core.air_quality_forecasts WHERE recorded_at > scored.at AND issued_at > newest.issued_at - interval '1 day'
    )
    OR EXISTS (
        SELECT FROM quality.verdicts
        WHERE table_name = 'insight.suitability_of_cells' AND partition_key = partition.key AND published AND judged_at = scored.at
    ) AND 2 > (
        SELECT count(DISTINCT table_name) FROM quality.verdicts
        WHERE table_name IN ('insight.recommendations', 'insight.forecast_changes') AND partition_key = partition.key
          AND judged_at >= scored.at
    )
)
"""


def due(connection: psycopg.Connection, at: datetime) -> list[datetime]:
    """The newest published issue, if it was not judged since the last change of its forecasts, of warnings or of the air.

    While no place is published for which there is a forecast, there is nothing to score.

    An issue whose scores a gate held back is not tried again before something has changed.
    """
    return [issue.astimezone(KST) for (issue,) in connection.execute(_DUE, {"at": at})]
