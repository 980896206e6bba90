"""The outbox says what has to be published again; readings of the change feed no longer do.

Partitions that the last readings touched are noted, because nobody may have published them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What one partition is made of is not known here: all assets of its region are noted, and those that lack nothing do nothing.
_NOTE_TOUCHED = """
INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause)
SELECT 'core/' || asset.name, touched.partition ->> 1, min(reading.finished_at), 'the change feed was read'
FROM raw.change_readings AS reading
CROSS JOIN jsonb_array_elements(reading.touched) AS touched (partition)
CROSS JOIN LATERAL unnest(ARRAY[
    CASE touched.partition ->> 0
        WHEN '12' THEN 'attractions' WHEN '14' THEN 'cultural_facilities' WHEN '15' THEN 'festivals'
        WHEN '25' THEN 'travel_courses' WHEN '28' THEN 'leisure_sports' WHEN '32' THEN 'accommodations'
        WHEN '38' THEN 'shopping' WHEN '39' THEN 'restaurants' END,
    CASE touched.partition ->> 0 WHEN '25' THEN 'course_stops' WHEN '32' THEN 'rooms' ELSE 'place_infos' END,
    'place_images', 'pet_policies'
]) AS asset (name)
WHERE reading.finished_at > now() - interval '7 days' AND asset.name IS NOT NULL
GROUP BY 1, 2
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute(_NOTE_TOUCHED)
    op.drop_column("change_readings", "touched", schema="raw")


def downgrade() -> None:
    touched = sa.Column("touched", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    op.add_column("change_readings", touched, schema="raw")
    op.alter_column(
        "change_readings",
        "touched",
        schema="raw",
        server_default=None,
        comment="kinds and regions whose places changed: [[content_type_id, region_code], …]",
    )
