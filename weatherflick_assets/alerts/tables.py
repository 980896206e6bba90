"""The tables of incidents and of the messages about them.

Only their declarations belong here. `store.py` writes incidents and messages, `outbox.py` sends messages.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("incident_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the incident"),
    required("kind", Text, "what kind of thing went wrong, e.g. run_failed; docs/alerts.md lists them"),
    required("subject", Text, "what it is about, e.g. collect_places 50"),
    required("owner", Text, "who looks after it"),
    required("severity", Text, "warning, error or critical"),
    required("opened_at", Timestamp, "when it was first so"),
    required("last_seen_at", Timestamp, "when it was last so"),
    required("count", Integer, "how often it happened; of a state, such as a full disk, how often it began"),
    optional("closed_at", Timestamp, "when it was over; null: it is open"),
    optional("closed_because", Text, "why it was closed"),
    required("detail", Text, "what was wrong when it was last seen"),
    required("remedy", Text, "what to do about it"),
    optional("run_id", Text, "the Dagster run in which it was last seen"),
    required("openings", Integer, "how often it began: more than once if it comes and goes", server_default=text("1")),
    optional("quiet_since", Timestamp, "of one that comes and goes, since when its subject works"),
    Index("incidents_open_key", "kind", "subject", unique=True, postgresql_where=text("closed_at IS NULL")),
    Index("incidents_kind_subject_closed_at_idx", "kind", "subject", "closed_at"),
    schema="ops",
    comment="What went wrong, from its beginning to its end. Of a kind and subject at most one is open.",
)

INCIDENT_WATCH = Table(
    "incident_watch",
    METADATA,
    Column("watch", Text, primary_key=True, comment="incidents: there is one row"),
    required("positions", JSONB, "by stream of Dagster's events, the id of the last one that was read"),
    required("watched_since", Timestamp, "since when the facts are looked at without a break"),
    required("watched_at", Timestamp, "when they were last looked at"),
    required("digested_at", Timestamp, "when the last digest was written"),
    schema="ops",
    comment="How far the search for incidents has come. Its row is locked while incidents are written.",
)

MESSAGES = Table(
    "messages",
    METADATA,
    Column("message_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the message"),
    Column(
        "incident_id",
        BigInteger,
        ForeignKey("ops.incidents.incident_id", name="messages_incident_id_fkey", ondelete="CASCADE"),
        nullable=True,
        comment="the incident it is about; null for a digest",
    ),
    required("occasion", Text, "opened, closed, returned or digest"),
    required("owner", Text, "whom it is for"),
    required("severity", Text, "of the incident; of a digest warning"),
    required("title", Text, "the line that says it all"),
    required("body", Text, "what else there is to know"),
    optional("run_id", Text, "the Dagster run that it links to"),
    required("created_at", Timestamp, "when it was written"),
    required("due_at", Timestamp, "when it may be sent: not in the quiet time"),
    optional(
        "fate",
        Text,
        "addressed: it has deliveries; folded: a later message tells it, too; too_old: no channel was there; null: it waits",
    ),
    Index("messages_waiting_idx", "due_at", postgresql_where=text("fate IS NULL")),
    Index("messages_incident_id_idx", "incident_id"),
    schema="ops",
    comment="The outbox of messages: written in the transaction that opens or closes an incident.",
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column(
        "message_id",
        BigInteger,
        ForeignKey("ops.messages.message_id", name="deliveries_message_id_fkey", ondelete="CASCADE"),
        primary_key=True,
        comment="the message",
    ),
    Column("channel", Text, primary_key=True, comment="where it goes, e.g. slack; never an address with a secret"),
    required("attempts", Integer, "how often it was tried"),
    required("next_attempt_at", Timestamp, "when it is tried next; the distance grows"),
    optional("claimed_until", Timestamp, "a process is sending it, until then at most"),
    optional("problem", Text, "why the last attempt failed"),
    optional("fate", Text, "sent, folded (a later message tells it, too) or too_old; null: it waits"),
    optional("sent_at", Timestamp, "when it was sent"),
    Index("deliveries_waiting_idx", "channel", "next_attempt_at", postgresql_where=text("fate IS NULL")),
    schema="ops",
    comment="What becomes of a message in each channel.",
)
