"""The outbox: what has to be published again is data."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_publications",
        sa.Column("asset_key", sa.Text(), nullable=False, comment="the published asset, e.g. core/attractions"),
        sa.Column("partition_key", sa.Text(), nullable=False, comment="its partition; empty for an asset without any"),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was first noted after it was last published",
        ),
        sa.Column("cause", sa.Text(), nullable=False, comment="what changed last, in words"),
        sa.Column(
            "change_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="differs for every note"
        ),
        sa.PrimaryKeyConstraint("asset_key", "partition_key", name="pending_publications_pkey"),
        schema="ops",
        comment="The outbox: partitions to publish again, noted where raw changed, deleted where they are published.",
    )


def downgrade() -> None:
    op.drop_table("pending_publications", schema="ops")
