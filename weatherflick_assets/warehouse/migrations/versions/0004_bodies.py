"""Each different body stored once: raw.responses becomes a view of raw.calls, which it was, and the new raw.bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CALLS_COMMENT = (
    "Every call with what came back, committed before anything is made of it; raw.responses shows it with its body."
)
_RESPONSES_COMMENT = "Every response as received, stored before anything is made of it."

# Servers may be built without it; what they have instead compresses as well but takes several times as long.
_PREFER_LZ4 = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE raw.bodies ALTER body SET COMPRESSION lz4;
    END IF;
END $$
"""

# Bodies that differ must never meet under one hash, whoever wrote it.
_HASH_AGAIN = """
UPDATE raw.responses SET body_sha256 = encode(sha256(body), 'hex') WHERE body_sha256 <> encode(sha256(body), 'hex')
"""

_MOVE_BODIES = """
INSERT INTO raw.bodies (body_sha256, body, body_bytes)
SELECT DISTINCT ON (body_sha256) decode(body_sha256, 'hex'), body, octet_length(body) FROM raw.responses ORDER BY body_sha256
"""

# A left join, so that whoever asks for no body reads calls alone.
_RESPONSES = """
CREATE VIEW raw.responses AS
SELECT
    call.response_id, call.provider, call.operation, call.request_params, call.http_status, call.result_code,
    stored.body, encode(call.body_sha256, 'hex') AS body_sha256, stored.body_bytes,
    call.api_key_id, call.duration_ms, call.fetched_at, call.expires_at, call.run_id, call.partition_key,
    stored.dropped_at AS body_dropped_at
FROM raw.calls AS call LEFT JOIN raw.bodies AS stored USING (body_sha256)
"""

# The former table can't say that a body was dropped: it is empty there, and body_bytes says that it was not.
_RETURN_BODIES = """
UPDATE raw.calls AS call SET body = coalesce(stored.body, ''), body_bytes = stored.body_bytes
FROM raw.bodies AS stored WHERE stored.body_sha256 = call.body_sha256
"""


def upgrade() -> None:
    # Nothing is received in between.
    op.execute("LOCK TABLE raw.responses IN ACCESS EXCLUSIVE MODE")
    op.create_table(
        "bodies",
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False, comment="SHA-256 of the body, 32 bytes"),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=True,
            comment="the body, byte for byte; null once it has been dropped",
        ),
        sa.Column("body_bytes", sa.Integer(), nullable=False, comment="size of the body in bytes, as received"),
        sa.Column(
            "dropped_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the body was dropped, expired and not needed any more",
        ),
        sa.PrimaryKeyConstraint("body_sha256", name=op.f("bodies_pkey")),
        schema="raw",
        comment="What was received, each different body once, compressed by the server.",
    )
    op.execute(_PREFER_LZ4)
    op.execute(_HASH_AGAIN)
    op.execute(_MOVE_BODIES)
    op.drop_column("responses", "body", schema="raw")
    op.drop_column("responses", "body_bytes", schema="raw")
    op.alter_column(
        "responses",
        "body_sha256",
        schema="raw",
        type_=sa.LargeBinary(),
        postgresql_using="decode(body_sha256, 'hex')",
        comment="SHA-256 of the body: which one came back",
    )
    op.alter_column(
        "responses",
        "expires_at",
        schema="raw",
        comment="when the body may be dropped, by the operation's time to live; null: never",
    )
    op.alter_column(
        "responses",
        "result_code",
        schema="raw",
        comment="result code inside the body; of errors in data.go.kr's two digits",
    )
    _rename("responses", "calls", _CALLS_COMMENT)
    op.create_index("calls_body_sha256_idx", "calls", ["body_sha256"], unique=False, schema="raw")
    op.create_foreign_key(
        "calls_body_sha256_fkey",
        "calls",
        "bodies",
        ["body_sha256"],
        ["body_sha256"],
        source_schema="raw",
        referent_schema="raw",
    )
    op.execute(_RESPONSES)


def downgrade() -> None:
    op.execute("DROP VIEW raw.responses")
    op.drop_constraint("calls_body_sha256_fkey", "calls", schema="raw")
    op.drop_index("calls_body_sha256_idx", table_name="calls", schema="raw")
    op.add_column("calls", sa.Column("body", sa.LargeBinary(), comment="the body, byte for byte"), schema="raw")
    op.add_column("calls", sa.Column("body_bytes", sa.Integer(), comment="size of the body in bytes"), schema="raw")
    op.execute(_RETURN_BODIES)
    op.alter_column("calls", "body", schema="raw", nullable=False)
    op.alter_column("calls", "body_bytes", schema="raw", nullable=False)
    op.alter_column(
        "calls",
        "body_sha256",
        schema="raw",
        type_=sa.Text(),
        postgresql_using="encode(body_sha256, 'hex')",
        comment="SHA-256 of the body, hexadecimal",
    )
    op.alter_column(
        "calls", "expires_at", schema="raw", comment="when the body may be dropped, by the operation's time to live"
    )
    op.alter_column("calls", "result_code", schema="raw", comment="result code inside the body, as written there")
    _rename("calls", "responses", _RESPONSES_COMMENT)
    op.drop_table("bodies", schema="raw")


def _rename(old: str, new: str, comment: str) -> None:
    """Rename the table of calls with what is named after it; its rows and their numbering go on."""
    op.rename_table(old, new, schema="raw")
    for name in ("pkey", "provider_operation_fetched_at_idx"):
        op.execute(f"ALTER INDEX raw.{old}_{name} RENAME TO {new}_{name}")
    op.execute(f"ALTER SEQUENCE raw.{old}_response_id_seq RENAME TO {new}_response_id_seq")
    op.create_table_comment(new, comment, schema="raw")
