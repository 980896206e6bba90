"""Migrations that move rows: on a database with something in it, up and down, and nothing is lost."""

import hashlib
from contextlib import closing

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.database import MIGRATIONS, Addresses
from weatherflick_assets.warehouse.migrating import migration_settings
from weatherflick_assets_tests.places.store.stock import execute, rows

BODIES = [b"", b"{}", b"page " * 100_000, bytes(range(256)), b"page " * 100_000, b"{}", b"\x00'\\"]
"""As received, equal ones among them."""

COLUMNS = (
    "response_id, provider, operation, request_params, http_status, result_code, body, body_sha256, body_bytes, api_key_id, "
    "duration_ms, fetched_at, expires_at, run_id, partition_key"
)

_KEEP = """
INSERT INTO raw.responses (provider, operation, request_params, http_status, result_code, body, body_sha256, body_bytes,
                           api_key_id, duration_ms, fetched_at, expires_at, run_id, partition_key)
VALUES ('kto', 'areaBasedSyncList2', '{"pageNo": "1"}', 200, '0000', %s, %s, %s,
        '0123456789ab', 12, '2026-07-01T00:00Z', '2026-07-31T00:00Z', 'run', '50')
"""


def migrate(dsn: str, revision: str) -> None:
    """Bring a database up or down to a revision."""
    engine = create_engine(dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        config = migration_settings(connection)
        current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        (command.upgrade if revision > current else command.downgrade)(config, revision)
        connection.commit()


def test_the_names_of_the_files_begin_with_their_revisions_and_the_last_is_the_current_one() -> None:
    script = ScriptDirectory.from_config(migration_settings())
    named = sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))
    assert named == sorted(revision.revision for revision in script.walk_revisions())
    assert named[-1] == script.get_current_head()


@pytest.fixture
def before_bodies(empty_database: URL) -> str:
    """A database as of revision 0003, with responses in it, the first of them deleted."""
    addresses = Addresses(empty_database, empty_database.set(database="postgres"))
    prepare_database(addresses, Mode.SANDBOX)
    migrate(addresses.platform_dsn, "0003")
    with closing(psycopg.connect(addresses.platform_dsn, autocommit=True)) as connection:
        for body in (b"deleted", *BODIES):
            connection.execute(_KEEP, (body, hashlib.sha256(body).hexdigest(), len(body)))
        connection.execute("DELETE FROM raw.responses WHERE body = 'deleted'")
    return addresses.platform_dsn


def responses(dsn: str) -> list[dict[str, object]]:
    return rows(dsn, f"SELECT {COLUMNS} FROM raw.responses ORDER BY response_id")


def test_every_response_is_there_after_bodies_have_been_set_apart_and_equal_ones_share_one(before_bodies: str) -> None:
    before = responses(before_bodies)
    assert [row["body"] for row in before] == BODIES
    migrate(before_bodies, "0004")
    assert responses(before_bodies) == before
    assert len(rows(before_bodies, "SELECT FROM raw.bodies")) == len(set(BODIES)) == 5


_RECORD = """
INSERT INTO raw.calls (provider, operation, request_params, body_sha256, duration_ms, fetched_at)
VALUES ('kto', 'areaBasedSyncList2', '{}', sha256(''), 0, now())
"""


def test_responses_are_numbered_on_after_bodies_have_been_set_apart_and_after_their_return(before_bodies: str) -> None:
    last = len(BODIES) + 1
    assert responses(before_bodies)[-1]["response_id"] == last
    migrate(before_bodies, "0004")
    execute(before_bodies, _RECORD)
    assert responses(before_bodies)[-1]["response_id"] == last + 1
    migrate(before_bodies, "0003")
    execute(before_bodies, _KEEP, b"next", hashlib.sha256(b"next").hexdigest(), 4)
    assert responses(before_bodies)[-1]["response_id"] == last + 2


def test_undoing_it_returns_every_body_that_has_not_been_dropped(before_bodies: str) -> None:
    before = responses(before_bodies)
    migrate(before_bodies, "0004")
    execute(before_bodies, "UPDATE raw.bodies SET body = NULL, dropped_at = now() WHERE body = '{}'")
    migrate(before_bodies, "0003")
    after = responses(before_bodies)
    assert after == [{**row, "body": b"" if row["body"] == b"{}" else row["body"]} for row in before]
    migrate(before_bodies, "0004")
    assert [row["body"] for row in responses(before_bodies)] == [row["body"] for row in after]


def test_bodies_that_were_written_under_a_wrong_hash_keep_apart(before_bodies: str) -> None:
    execute(before_bodies, "UPDATE raw.responses SET body_sha256 = 'one hash for all'")
    migrate(before_bodies, "0004")
    found = responses(before_bodies)
    assert [row["body"] for row in found] == BODIES
    assert [row["body_sha256"] for row in found] == [hashlib.sha256(body).hexdigest() for body in BODIES]
