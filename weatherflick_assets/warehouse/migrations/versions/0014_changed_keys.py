"""The outbox says what changed in a partition, so that publishing makes only that again."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LAST_SEEN = (
    "when a list last showed something new about the place; unchanged, it is also in every later complete sweep of its "
    "kind and region until absent_since"
)


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("ALTER TABLE ops.pending_publications ADD COLUMN keys text[]")
    connection.exec_driver_sql(
        "COMMENT ON COLUMN ops.pending_publications.keys IS "
        "'what changed in the partition, e.g. ids of places; null: everything'"
    )
    connection.exec_driver_sql(f"COMMENT ON COLUMN raw.place_items.last_seen_at IS '{_LAST_SEEN}'")


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("ALTER TABLE ops.pending_publications DROP COLUMN keys")
    connection.exec_driver_sql("COMMENT ON COLUMN raw.place_items.last_seen_at IS 'when the place was last listed'")
