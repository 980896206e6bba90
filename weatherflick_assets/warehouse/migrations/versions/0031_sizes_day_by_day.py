"""How much everything takes, day by day."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sizes_daily",
        sa.Column("day", sa.Date(), nullable=False, comment="day in Korea"),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="a table, e.g. raw.bodies or dagster.event_logs; or database, dagster, files, disk used, disk free",
        ),
        sa.Column(
            "bytes",
            sa.BigInteger(),
            nullable=False,
            comment="its size, with indexes, when it was last measured on that day",
        ),
        sa.PrimaryKeyConstraint("day", "subject", name=op.f("sizes_daily_pkey")),
        schema="ops",
        comment="How much everything takes, day by day: what growth is worked out from.",
    )


def downgrade() -> None:
    op.drop_table("sizes_daily", schema="ops")
