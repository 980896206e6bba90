"""All eight kinds of places with the columns of their details, the tables of details, the change feed and the plan.

Its SQL is a file of its own, written from the declarations of that day.
"""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NEW_TABLES = (
    "core.cultural_facilities, core.festivals, core.travel_courses, core.leisure_sports, core.accommodations, core.shopping, "
    "core.place_images, core.place_infos, core.course_stops, core.rooms, core.pet_policies, "
    "raw.place_details, raw.change_readings, ops.collection_plan"
)
_KEPT_COLUMN = "removed_at"
"""The last column that the two tables of before had."""


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)


def downgrade() -> None:
    op.execute(f"DROP TABLE {_NEW_TABLES}")
    op.execute("ALTER TABLE raw.place_items DROP COLUMN previous_content_id")
    for table in ("attractions", "restaurants"):
        columns = op.get_bind().exec_driver_sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > "
            "(SELECT attnum FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s) AND NOT attisdropped",
            (f"core.{table}", f"core.{table}", _KEPT_COLUMN),
        )
        drops = ", ".join(f"DROP COLUMN {name}" for (name,) in columns.fetchall())
        op.execute(f"ALTER TABLE core.{table} {drops}")
        op.execute(f"COMMENT ON COLUMN core.{table}.source_response_id IS 'the response the row was made from'")
