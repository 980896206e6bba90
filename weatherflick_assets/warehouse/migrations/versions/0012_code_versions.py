"""Versions of the code that published rows and views are made by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_versions",
        sa.Column(
            "asset_key",
            sa.Text(),
            nullable=False,
            comment="a published asset, e.g. core/attractions, or a file of views",
        ),
        sa.Column(
            "code_version",
            sa.Text(),
            nullable=False,
            comment="digest of the code that it was last made by, or that it is to be made by next",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
            comment="when the version was recorded",
        ),
        sa.PrimaryKeyConstraint("asset_key", name="code_versions_pkey"),
        schema="ops",
        comment="The code that published rows and views are made by: what differs is made again when the database is "
        "prepared.",
    )


def downgrade() -> None:
    op.drop_table("code_versions", schema="ops")
