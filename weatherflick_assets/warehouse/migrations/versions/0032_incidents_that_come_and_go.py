"""Incidents that come and go: how often each began, and since when it is quiet."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_COUNTS = (
    "how often it happened; of a state, such as a full disk, 1",
    "how often it happened; of a state, such as a full disk, how often it began",
)
_OCCASIONS = ("opened, closed or digest", "opened, closed, returned or digest")


def upgrade() -> None:
    op.add_column(
        "incidents",
        sa.Column(
            "openings",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="how often it began: more than once if it comes and goes",
        ),
        schema="ops",
    )
    op.add_column(
        "incidents",
        sa.Column(
            "quiet_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="of one that comes and goes, since when its subject works",
        ),
        schema="ops",
    )
    _say(1)


def downgrade() -> None:
    _say(0)
    op.drop_column("incidents", "quiet_since", schema="ops")
    op.drop_column("incidents", "openings", schema="ops")


def _say(version: int) -> None:
    before = 1 - version
    for table, column, kind, comments in (
        ("incidents", "count", sa.Integer(), _COUNTS),
        ("messages", "occasion", sa.Text(), _OCCASIONS),
    ):
        op.alter_column(
            table,
            column,
            existing_type=kind,
            existing_nullable=False,
            existing_comment=comments[before],
            comment=comments[version],
            schema="ops",
        )
