"""The quota ledger, the keys that are refused, and the paces that upstreams bear."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_calls_daily",
        sa.Column("provider", sa.Text(), nullable=False, comment="whose API, e.g. kto"),
        sa.Column(
            "operation", sa.Text(), nullable=False, comment="what the limit counts: an operation, or a group of them"
        ),
        sa.Column("api_key_id", sa.Text(), nullable=False, comment="fingerprint of the key; never the key"),
        sa.Column("day", sa.Date(), nullable=False, comment="day in Korea; of a monthly limit the first of the month"),
        sa.Column("daily_limit", sa.Integer(), nullable=False, comment="calls the upstream allows"),
        sa.Column(
            "reserved",
            sa.Integer(),
            nullable=False,
            comment="calls taken from the limit; those of a process that was killed stay taken",
        ),
        sa.Column("used", sa.Integer(), nullable=False, comment="calls sent, as far as processes have told"),
        sa.Column(
            "refused",
            sa.Integer(),
            nullable=False,
            comment="of those, calls that the upstream did not answer because of a limit or the key",
        ),
        sa.Column(
            "closed_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the upstream says that nothing is left, whatever the count; until then",
        ),
        sa.PrimaryKeyConstraint("provider", "operation", "api_key_id", "day", name=op.f("api_calls_daily_pkey")),
        schema="ops",
        comment="The quota ledger: what each key may still call today.",
    )
    op.create_table(
        "api_key_refusals",
        sa.Column("provider", sa.Text(), nullable=False, comment="whose API refused the key"),
        sa.Column("api_key_id", sa.Text(), nullable=False, comment="fingerprint of the key; never the key"),
        sa.Column("code", sa.Text(), nullable=False, comment="the upstream's code, e.g. 30"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what it means"),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False, comment="when the upstream refused it"),
        sa.Column("refused_until", sa.DateTime(timezone=True), nullable=False, comment="when it is tried again"),
        sa.PrimaryKeyConstraint("provider", "api_key_id", name=op.f("api_key_refusals_pkey")),
        schema="ops",
        comment="Keys that an upstream does not accept at present.",
    )
    op.create_table(
        "api_paces",
        sa.Column("host", sa.Text(), nullable=False, comment="scheme and host of the API"),
        sa.Column("api_key_id", sa.Text(), nullable=False, comment="fingerprint of the key; never the key"),
        sa.Column(
            "calls_in_flight",
            sa.SmallInteger(),
            nullable=False,
            comment="calls at once that were left after the last refusal",
        ),
        sa.Column(
            "calls_per_second",
            sa.Double(),
            nullable=False,
            comment="calls per second that were left after the last refusal",
        ),
        sa.Column(
            "most_in_flight",
            sa.SmallInteger(),
            nullable=False,
            comment="calls at once that the upstream is believed to bear",
        ),
        sa.Column(
            "most_per_second",
            sa.Double(),
            nullable=False,
            comment="calls per second that the upstream is believed to bear",
        ),
        sa.Column(
            "lowered_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the upstream last refused a call as one too many",
        ),
        sa.Column(
            "times_lowered",
            sa.Integer(),
            nullable=False,
            comment="how often it did; the longer it takes to try more again",
        ),
        sa.PrimaryKeyConstraint("host", "api_key_id", name=op.f("api_paces_pkey")),
        schema="ops",
        comment="What the upstreams have taught about their limits per second, shared by all processes.",
    )


def downgrade() -> None:
    op.drop_table("api_paces", schema="ops")
    op.drop_table("api_key_refusals", schema="ops")
    op.drop_table("api_calls_daily", schema="ops")
