"""How many rows a partition usually has, by the verdicts that published it or partitions like it."""

import psycopg

from weatherflick_assets.quality.rules import Suite
from weatherflick_assets.quality.store import Batch

REMEMBERED = 10
"""Verdicts looked at: the median of these is what is usual."""

FEWEST_VERDICTS = 3
"""With fewer, nothing is usual yet: while a platform is filled, a part may be published before the rest is there."""

FEWEST_ROWS = 20
"""Where fewer are usual, their number says nothing: of ten rows three may come and go."""

_MEDIAN = "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY row_count), count(*) FROM ({}) AS remembered"

_OF_ITSELF = _MEDIAN.format("""
SELECT row_count FROM quality.verdicts
WHERE table_name = %(table)s AND (partition_key = %(key)s::text OR %(key)s::text IS NULL AND partition_key IS NULL)
  AND published AND row_count > 0
ORDER BY judged_at DESC LIMIT %(remembered)s
""")

# Partitions like it are the earlier ones: what is made again is compared with what was known then.
_OF_ALIKE = _MEDIAN.format("""
SELECT row_count FROM (
    SELECT DISTINCT ON (partition_key) partition_key, row_count FROM quality.verdicts
    WHERE table_name = %(table)s AND right(partition_key, %(alike)s) = right(%(key)s, %(alike)s)
      AND partition_key < %(key)s AND published AND row_count > 0
    ORDER BY partition_key DESC, judged_at DESC
) AS last ORDER BY partition_key DESC LIMIT %(remembered)s
""")


def usual_rows(cursor: psycopg.Cursor, suite: Suite, batch: Batch) -> int | None:
    """The median number of rows in the last published verdicts; None if that is not known, or too small to tell anything."""
    asked = {"table": batch.table_name, "key": batch.partition_key, "alike": suite.alike, "remembered": REMEMBERED}
    found = cursor.execute(_OF_ITSELF if suite.alike is None else _OF_ALIKE, asked).fetchone()
    assert found is not None
    median, count = found
    return median if count >= FEWEST_VERDICTS and median >= FEWEST_ROWS else None
