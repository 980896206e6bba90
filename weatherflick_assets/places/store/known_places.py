"""Looks up places in the raw layer by their ids."""

from collections.abc import Sequence

import psycopg

_NOT_LISTED = """
SELECT wanted.content_id
FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (content_id, position)
LEFT JOIN raw.place_items AS item
    ON item.content_id = wanted.content_id AND item.content_type_id = %s AND item.is_visible AND item.absent_since IS NULL
WHERE item.content_id IS NULL
ORDER BY wanted.position
"""


async def places_not_listed(dsn: str, content_type_id: str, content_ids: Sequence[str]) -> list[str]:
    """The ids, in the order given, that the raw layer does not have as visible places of this kind."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute(_NOT_LISTED, (list(content_ids), content_type_id))
        return [content_id for (content_id,) in await cursor.fetchall()]
