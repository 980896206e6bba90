"""A key that was refused for one request is told from one that is refused for all."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "the only request that was refused so far, as a hash; none if different ones were"
    op.add_column("api_key_refusals", sa.Column("request", sa.Text(), comment=comment), schema="ops")


def downgrade() -> None:
    op.drop_column("api_key_refusals", "request", schema="ops")
