"""What went wrong, from its beginning to its end, and the messages about it with what becomes of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_watch",
        sa.Column("watch", sa.Text(), nullable=False, comment="incidents: there is one row"),
        sa.Column(
            "positions",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="by stream of Dagster's events, the id of the last one that was read",
        ),
        sa.Column(
            "watched_since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="since when the facts are looked at without a break",
        ),
        sa.Column("watched_at", sa.DateTime(timezone=True), nullable=False, comment="when they were last looked at"),
        sa.Column(
            "digested_at", sa.DateTime(timezone=True), nullable=False, comment="when the last digest was written"
        ),
        sa.PrimaryKeyConstraint("watch", name=op.f("incident_watch_pkey")),
        schema="ops",
        comment="How far the search for incidents has come. Its row is locked while incidents are written.",
    )
    op.create_table(
        "incidents",
        sa.Column(
            "incident_id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="identity of the incident"
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="what kind of thing went wrong, e.g. run_failed; docs/alerts.md lists them",
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="what it is about, e.g. collect_places 50"),
        sa.Column("owner", sa.Text(), nullable=False, comment="who looks after it"),
        sa.Column("severity", sa.Text(), nullable=False, comment="warning, error or critical"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="when it was first so"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when it was last so"),
        sa.Column(
            "count", sa.Integer(), nullable=False, comment="how often it happened; of a state, such as a full disk, 1"
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="when it was over; null: it is open"),
        sa.Column("closed_because", sa.Text(), nullable=True, comment="why it was closed"),
        sa.Column("detail", sa.Text(), nullable=False, comment="what was wrong when it was last seen"),
        sa.Column("remedy", sa.Text(), nullable=False, comment="what to do about it"),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the Dagster run in which it was last seen"),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("incidents_pkey")),
        schema="ops",
        comment="What went wrong, from its beginning to its end. Of a kind and subject at most one is open.",
    )
    op.create_index(
        "incidents_kind_subject_closed_at_idx",
        "incidents",
        ["kind", "subject", "closed_at"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        "incidents_open_key",
        "incidents",
        ["kind", "subject"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "messages",
        sa.Column(
            "message_id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="identity of the message"
        ),
        sa.Column("incident_id", sa.BigInteger(), nullable=True, comment="the incident it is about; null for a digest"),
        sa.Column("occasion", sa.Text(), nullable=False, comment="opened, closed or digest"),
        sa.Column("owner", sa.Text(), nullable=False, comment="whom it is for"),
        sa.Column("severity", sa.Text(), nullable=False, comment="of the incident; of a digest warning"),
        sa.Column("title", sa.Text(), nullable=False, comment="the line that says it all"),
        sa.Column("body", sa.Text(), nullable=False, comment="what else there is to know"),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the Dagster run that it links to"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when it was written"),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=False, comment="when it may be sent: not in the quiet time"
        ),
        sa.Column(
            "fate",
            sa.Text(),
            nullable=True,
            comment="addressed: it has deliveries; folded: a later message tells it, too; too_old: no channel was there; null: it waits",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["ops.incidents.incident_id"], name="messages_incident_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("messages_pkey")),
        schema="ops",
        comment="The outbox of messages: written in the transaction that opens or closes an incident.",
    )
    op.create_index("messages_incident_id_idx", "messages", ["incident_id"], unique=False, schema="ops")
    op.create_index(
        "messages_waiting_idx",
        "messages",
        ["due_at"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("fate IS NULL"),
    )
    op.create_table(
        "deliveries",
        sa.Column("message_id", sa.BigInteger(), nullable=False, comment="the message"),
        sa.Column(
            "channel", sa.Text(), nullable=False, comment="where it goes, e.g. slack; never an address with a secret"
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was tried"),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it is tried next; the distance grows",
        ),
        sa.Column(
            "claimed_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a process is sending it, until then at most",
        ),
        sa.Column("problem", sa.Text(), nullable=True, comment="why the last attempt failed"),
        sa.Column(
            "fate",
            sa.Text(),
            nullable=True,
            comment="sent, folded (a later message tells it, too) or too_old; null: it waits",
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True, comment="when it was sent"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["ops.messages.message_id"], name="deliveries_message_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "channel", name=op.f("deliveries_pkey")),
        schema="ops",
        comment="What becomes of a message in each channel.",
    )
    op.create_index(
        "deliveries_waiting_idx",
        "deliveries",
        ["channel", "next_attempt_at"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("fate IS NULL"),
    )


def downgrade() -> None:
    for table in ("deliveries", "messages", "incidents", "incident_watch"):
        op.drop_table(table, schema="ops")
