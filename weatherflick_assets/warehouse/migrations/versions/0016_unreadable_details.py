"""Details that could not be read are remembered, and asked for again at growing distances."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "unreadable_details",
        sa.Column("content_id", sa.Text(), nullable=False, comment="the place that was asked for"),
        sa.Column("operation", sa.Text(), nullable=False, comment="what was asked"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="collections in a row that failed to read it"),
        sa.Column("reason", sa.Text(), nullable=False, comment="how the last one failed"),
        sa.Column("failed_at", _TIME, nullable=False, comment="when"),
        sa.Column(
            "not_before",
            _TIME,
            nullable=False,
            comment="when it may be asked again; the distance doubles with every failure",
        ),
        sa.PrimaryKeyConstraint("content_id", "operation", name="unreadable_details_pkey"),
        schema="ops",
        comment="Details that could not be read although the operation answers about other places.",
    )
    # The plan of the day is made again by whoever follows it.
    op.execute("DELETE FROM ops.collection_plan")
    op.add_column(
        "collection_plan",
        sa.Column(
            "unreadable",
            sa.Integer(),
            nullable=False,
            comment="places whose answer could not be read, and which are not asked again yet",
        ),
        schema="ops",
    )


def downgrade() -> None:
    op.drop_column("collection_plan", "unreadable", schema="ops")
    op.drop_table("unreadable_details", schema="ops")
