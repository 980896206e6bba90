"""Migrations on a database with something in it: upgraded without loss from the baseline on, refused from before."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from psycopg.types.json import Jsonb
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.pool import NullPool

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.database import DatabaseUnusableError
from weatherflick_assets.warehouse.migrating import migration_settings
from weatherflick_assets.warehouse.revisions import revisions
from weatherflick_assets_tests.databases import addresses_of
from weatherflick_assets_tests.places.store.draining import drain
from weatherflick_assets_tests.places.store.stock import execute, rows

_RECEIVED = """
WITH body AS (
    INSERT INTO raw.bodies (body_sha256, body, body_bytes) VALUES (sha256('{}'), '{}', 2) RETURNING body_sha256
)
INSERT INTO raw.calls (provider, operation, request_params, body_sha256, duration_ms, fetched_at)
SELECT 'kto', 'areaBasedSyncList2', '{}', body_sha256, 0, now() FROM body
"""
_ITEM = """
INSERT INTO raw.place_items (content_id, content_type_id, payload, is_visible, first_seen_at, last_seen_at, response_id)
VALUES ('1', '39', %s, true, now(), now(), 1)
"""
_REGION = """
INSERT INTO core.place_regions (content_id, region_code, region_source, source_response_id) VALUES ('1', '50', 'code', 1)
"""
_PUBLISHED = """
INSERT INTO core.restaurants (
    content_id, content_type_id, region_code, region_source, title, latitude, longitude,
    completeness, source_response_id, published_at, updated_at
) VALUES ('1', '39', '50', 'code', '식당', 33.4996, 126.5312, 0.5, 1, now(), now())
"""
_MONSTROUS = """
INSERT INTO core.restaurants (
    content_id, content_type_id, region_code, region_source, title, address, class_division_code,
    completeness, source_response_id, published_at, updated_at
) SELECT '2', '39', '11', 'code', text, text, text, 0.5, 1, now(), now()
FROM (SELECT string_agg(md5(number::text), ' ') AS text FROM generate_series(1, 1000) AS number) AS made
"""
_CELL = "SELECT nx, ny FROM core.restaurants WHERE content_id = '1'"
PAYLOAD = {"contentid": "1", "title": "식당", "mapx": "126.5312", "mapy": "33.4996"}


def test_the_names_of_the_files_begin_with_their_revisions_and_the_last_is_the_current_one() -> None:
    script = ScriptDirectory.from_config(migration_settings())
    named = revisions()
    assert named == sorted(revision.revision for revision in script.walk_revisions())
    assert (named[0], named[-1]) == (script.get_base(), script.get_current_head())


def test_a_database_of_the_baseline_is_upgraded_with_what_it_holds(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    prepare_database(addresses, Mode.SANDBOX)
    engine = create_engine(empty_database.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        command.downgrade(migration_settings(connection), "0013")
        connection.commit()
    execute(addresses.platform_dsn, _RECEIVED)
    execute(addresses.platform_dsn, _ITEM, Jsonb(PAYLOAD))
    execute(addresses.platform_dsn, _REGION)
    execute(addresses.platform_dsn, _PUBLISHED)
    execute(addresses.platform_dsn, _MONSTROUS)
    execute(
        addresses.platform_dsn,
        "UPDATE ops.code_versions SET code_version = 'of 0013' WHERE starts_with(asset_key, 'core')",
    )
    prepare_database(addresses, Mode.SANDBOX)
    (response,) = rows(addresses.platform_dsn, "SELECT response_id, body FROM raw.responses")
    (item,) = rows(addresses.platform_dsn, "SELECT payload, response_id FROM raw.place_items")
    assert response["body"] == b"{}"
    assert item == {"payload": PAYLOAD, "response_id": response["response_id"]}
    assert rows(addresses.platform_dsn, _CELL) == [{"nx": None, "ny": None}]
    cut = "SELECT length(title) AS title, length(address) AS address, class_division_code FROM core.restaurants WHERE content_id = '2'"
    assert rows(addresses.platform_dsn, cut) == [{"title": 200, "address": 200, "class_division_code": None}]
    drain(addresses.platform_dsn)
    assert rows(addresses.platform_dsn, _CELL) == [{"nx": 53, "ny": 38}]
    assert rows(addresses.platform_dsn, "SELECT nx, ny FROM core.cells WHERE places = 1") == [{"nx": 53, "ny": 38}]


@pytest.mark.parametrize("revision", ["0001", "0012"])
def test_a_database_from_before_the_baseline_is_refused_with_the_way_to_upgrade_it(
    database: str, revision: str
) -> None:
    execute(database, "UPDATE alembic_version SET version_num = %s", revision)
    advice = r"revision 0013, then this one\.$"
    with pytest.raises(DatabaseUnusableError, match=rf"revision {revision}.*Start the version of 2026-11-29.*{advice}"):
        prepare_database(addresses_of(make_url(database)), Mode.SANDBOX)
    assert rows(database, "SELECT version_num FROM alembic_version") == [{"version_num": revision}]
