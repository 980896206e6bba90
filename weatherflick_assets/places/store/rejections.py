"""Finds items of details that are no rows again, in the raw layer: nothing is kept of them but their number."""

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.tables import DETAIL_TABLES
from weatherflick_assets.places.transform.details import detail_rows
from weatherflick_assets.quality.rejections import Sample
from weatherflick_assets.warehouse.json_text import as_json
from weatherflick_assets.warehouse.statements import identifier

_MORE_ITEMS_THAN_ROWS = """
SELECT detail.content_id, item.content_type_id, detail.items, detail.response_id, detail.fetched_at
FROM core.place_regions AS located
JOIN raw.place_items AS item USING (content_id) JOIN raw.place_details AS detail USING (content_id)
WHERE located.region_code = %(region)s AND item.content_type_id = ANY(%(kinds)s) AND detail.operation = %(operation)s
  AND item.is_visible AND item.absent_since IS NULL
  AND jsonb_array_length(detail.items) > (SELECT count(*) FROM {table} AS made WHERE made.content_id = detail.content_id)
ORDER BY detail.fetched_at DESC, detail.content_id LIMIT %(most)s
"""


def unusable_details(
    connection: psycopg.Connection, table_name: str, partition_key: str | None, reason: str, most: int
) -> list[Sample]:
    """Items about places of a region that are no rows, the newest first, at most one of each place; none of other tables."""
    detail = next((detail for detail in DETAILS if f"core.{detail.name}" == table_name), None)
    if detail is None or detail.unusable != reason:
        return []
    statement = sql.SQL(_MORE_ITEMS_THAN_ROWS).format(table=identifier(DETAIL_TABLES[detail.name]))
    asked = {
        "region": partition_key,
        "kinds": list(detail.content_type_ids),
        "operation": detail.operation,
        "most": most,
    }
    found = []
    for content_id, content_type_id, items, response_id, fetched_at in connection.execute(statement, asked):
        item = next((item for item in items if not _is_row(detail, content_id, content_type_id, item)), items[0])
        found.append(Sample(content_id, None, as_json(item), response_id, fetched_at))
    return found


def _is_row(detail: DetailTable, content_id: str, content_type_id: str, item: dict[str, object]) -> bool:
    answer = {
        "content_id": [content_id],
        "content_type_id": [content_type_id],
        "region_code": [""],
        "response_id": [0],
        "items": [[item]],
        "kept_from": [{}],
    }
    return len(detail_rows(detail.operation, pd.DataFrame(answer))) > 0
