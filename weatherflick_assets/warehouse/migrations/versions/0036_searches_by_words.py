"""Searches by words get an index that holds what they compare; texts that are too long for it are cut.

Rows made from now on have no such texts. The rows of before are made again after the upgrade, when what was cut is recorded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_SEARCHED = ("attractions", "restaurants")
_COMPARED = ["title", "address", "address_detail", "class_division_code", "kto_area_code", "published_at"]
_KINDS = (
    "attractions",
    "cultural_facilities",
    "festivals",
    "travel_courses",
    "leisure_sports",
    "accommodations",
    "shopping",
    "restaurants",
)
_BEFORE = (
    "values of the list that are empty here because they can't be used, by column: the reason and what was received"
)
_COMMENT = "values of the list that are empty or cut here because they can't be used, by column: the reason and what was received"

# CREATE INDEX also indexes the old versions of rows that the same transaction has updated. So the table is filled again. Hardly any
# database needs that.
_CUT = """
DO $$ BEGIN
    -- What an older program publishes meanwhile would be lost.
    LOCK TABLE core.{kind} IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (
        SELECT FROM core.{kind}
        WHERE greatest(length(title), length(address), length(address_detail)) > 200 OR length(class_division_code) > 20
    ) THEN
        CREATE TEMPORARY TABLE kept AS SELECT * FROM core.{kind};
        UPDATE kept SET
            title = rtrim(left(title, 200)),
            address = rtrim(left(address, 200)),
            address_detail = rtrim(left(address_detail, 200)),
            class_division_code = CASE WHEN length(class_division_code) <= 20 THEN class_division_code END,
            updated_at = now()
        WHERE greatest(length(title), length(address), length(address_detail)) > 200 OR length(class_division_code) > 20;
        TRUNCATE core.{kind};
        INSERT INTO core.{kind} SELECT * FROM kept;
        DROP TABLE kept;
    END IF;
END $$
"""


def upgrade() -> None:
    for kind in _KINDS:
        op.alter_column(kind, "unusable_values", comment=_COMMENT, existing_comment=_BEFORE, schema="core")
    for kind in _SEARCHED:
        op.execute(_CUT.format(kind=kind))
        op.create_index(
            f"{kind}_words_idx",
            kind,
            [sa.text("(coalesce(kto_area_code, 'unassigned'))"), "content_id"],
            unique=False,
            schema="core",
            postgresql_include=_COMPARED,
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        op.execute(
            f"ALTER TABLE core.{kind} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)"
        )


def downgrade() -> None:
    for kind in _KINDS:
        op.alter_column(kind, "unusable_values", comment=_BEFORE, existing_comment=_COMMENT, schema="core")
    for kind in _SEARCHED:
        op.execute(
            f"ALTER TABLE core.{kind} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)"
        )
        op.drop_index(f"{kind}_words_idx", table_name=kind, schema="core")
