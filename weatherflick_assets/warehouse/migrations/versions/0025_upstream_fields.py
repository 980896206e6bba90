"""The fields that upstreams send."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upstream_fields",
        sa.Column("provider", sa.Text(), nullable=False, comment="whose API, e.g. kto"),
        sa.Column("operation", sa.Text(), nullable=False, comment="which operation, e.g. detailIntro2"),
        sa.Column(
            "shape",
            sa.Text(),
            nullable=False,
            comment="what tells these items apart from others of the operation, e.g. contentTypeId=39; empty: nothing does",
        ),
        sa.Column("field", sa.Text(), nullable=False, comment="the field, as the upstream writes it"),
        sa.Column(
            "json_type",
            sa.Text(),
            nullable=False,
            comment="type of its values: text, number, boolean, object, list; blank: an empty text or null; untyped: in XML",
        ),
        sa.Column(
            "first_seen",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the answer was fetched that first had such a value",
        ),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False, comment="likewise the last"),
        sa.Column(
            "first_response_id",
            sa.BigInteger(),
            nullable=False,
            comment="the response that first had it: an example to look at",
        ),
        sa.Column("last_response_id", sa.BigInteger(), nullable=False, comment="the last one"),
        sa.Column(
            "items_seen", sa.BigInteger(), nullable=False, comment="items that had it, of those that were looked at"
        ),
        sa.Column(
            "items_looked_at",
            sa.BigInteger(),
            nullable=False,
            comment="items that were looked at since it was first seen",
        ),
        sa.Column(
            "items_since", sa.BigInteger(), nullable=False, comment="of these, those after the last one that had it"
        ),
        sa.Column(
            "known_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when it counts as known; null: it is new",
        ),
        sa.Column(
            "told_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when a difference is told that it is part of; null: of none",
        ),
        sa.Column(
            "gone_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when it counts as gone; null: it is there",
        ),
        sa.PrimaryKeyConstraint(
            "provider", "operation", "shape", "field", "json_type", name=op.f("upstream_fields_pkey")
        ),
        schema="quality",
        comment="The fields of the items that the upstreams send, learned from samples of their answers: what drift is told by.",
    )


def downgrade() -> None:
    op.drop_table("upstream_fields", schema="quality")
