"""Values of lists that can't be used are kept with the row, and what a list says twice with the place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    for kind in _KINDS:
        op.add_column(
            kind,
            sa.Column(
                "unusable_values",
                postgresql.JSONB(astext_type=sa.Text()),
                nullable=True,
                comment="values of the list that are empty here because they can't be used, by column: the reason and what was received",
            ),
            schema="core",
        )
    op.add_column(
        "place_items",
        sa.Column(
            "also_listed",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="what another item with this id and modification time in the same list says otherwise, by field; null: there was none",
        ),
        schema="raw",
    )
    op.create_index(
        "place_items_also_listed_idx",
        "place_items",
        ["content_id"],
        unique=False,
        schema="raw",
        postgresql_where=sa.text("also_listed IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("place_items_also_listed_idx", table_name="place_items", schema="raw")
    op.drop_column("place_items", "also_listed", schema="raw")
    for kind in _KINDS:
        op.drop_column(kind, "unusable_values", schema="core")
