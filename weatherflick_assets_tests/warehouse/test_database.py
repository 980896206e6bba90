"""Preparing a database: created, migrated, stamped; once, twice, or by many at once; and refused in plain words."""

import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

import weatherflick_assets.alerts.tables
import weatherflick_assets.quality.tables  # noqa: F401 (declares its tables)
from weatherflick_assets.korea.regions import REGIONS, SERVING_REGIONS
from weatherflick_assets.places.tables import METADATA
from weatherflick_assets.settings import Mode, Settings
from weatherflick_assets.warehouse.database import (
    DatabaseUnreachableError,
    DatabaseUnusableError,
    locate,
    prepare,
)
from weatherflick_assets.warehouse.migrating import comparison, migration_settings
from weatherflick_assets_tests.databases import addresses_of, dsn_of
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows

PASSWORD = "pa55-w0rd"  # noqa: S105


def content_of(dsn: str) -> dict[str, list[dict[str, object]]]:
    names = ("ops.deployment", "core.regions", "core.kto_areas", "core.codes", "alembic_version")
    return {name: rows(dsn, f"SELECT * FROM {name} ORDER BY 1, 2" if name != "alembic_version" else f"SELECT * FROM {name}")
            for name in names}  # fmt: skip


def test_a_server_without_the_databases_gets_both(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    prepare(addresses, Mode.SANDBOX)
    for url in (addresses.platform, addresses.dagster):
        with psycopg.connect(dsn_of(url)) as connection:
            assert connection.info.dbname == url.database
    found = content_of(addresses.platform_dsn)
    assert [row["mode"] for row in found["ops.deployment"]] == ["sandbox"]
    assert len(found["core.regions"]) == len(REGIONS) == 16
    assert len(found["core.kto_areas"]) == len(SERVING_REGIONS) == 17


def test_whoever_connects_to_the_platforms_database_gets_plans_for_data_in_memory(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    prepare(addresses, Mode.SANDBOX)
    with psycopg.connect(addresses.platform_dsn) as connection:
        assert connection.execute("SHOW random_page_cost").fetchone() == ("1.1",)


def test_preparing_twice_changes_nothing_and_keeps_the_data(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    prepare(addresses, Mode.SANDBOX)
    merge(addresses.platform_dsn, 0, [item("1")])
    before = content_of(addresses.platform_dsn)
    prepare(addresses, Mode.SANDBOX)
    assert content_of(addresses.platform_dsn) == before
    assert len(rows(addresses.platform_dsn, "SELECT FROM raw.place_items")) == 1


def test_a_changed_declaration_reaches_the_reference_tables_with_the_next_start(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    prepare(addresses, Mode.SANDBOX)
    execute(addresses.platform_dsn, "UPDATE core.regions SET name = 'old' WHERE region_code = '50'")
    prepare(addresses, Mode.SANDBOX)
    (region,) = rows(addresses.platform_dsn, "SELECT name FROM core.regions WHERE region_code = '50'")
    assert region["name"] == "제주특별자치도"


def test_eight_that_prepare_at_once_do_not_disturb_each_other(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    together, failures = threading.Barrier(8), []

    def work() -> None:
        together.wait()
        try:
            prepare(addresses, Mode.SANDBOX)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must fail with it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(rows(addresses.platform_dsn, "SELECT FROM ops.deployment")) == 1


def test_a_schema_newer_than_the_program_is_refused_and_left_alone(empty_database: URL) -> None:
    addresses = addresses_of(empty_database)
    prepare(addresses, Mode.SANDBOX)
    execute(addresses.platform_dsn, "UPDATE alembic_version SET version_num = '9999'")
    before = content_of(addresses.platform_dsn)
    with pytest.raises(DatabaseUnusableError, match=r"revision 9999.*Upgrade the program"):
        prepare(addresses, Mode.SANDBOX)
    assert content_of(addresses.platform_dsn) == before


@pytest.mark.parametrize(("first", "second"), [(Mode.SANDBOX, Mode.LIVE), (Mode.LIVE, Mode.SANDBOX)])
def test_sandbox_data_and_live_data_never_share_a_database(empty_database: URL, first: Mode, second: Mode) -> None:
    addresses = addresses_of(empty_database)
    prepare(addresses, first)
    with pytest.raises(DatabaseUnusableError, match=f"holds {first} data.*for {second} data.*API keys"):
        prepare(addresses, second)
    prepare(addresses, first)
    assert [row["mode"] for row in rows(addresses.platform_dsn, "SELECT mode FROM ops.deployment")] == [first]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: URL.create("postgresql", "someone", PASSWORD, "127.0.0.1", 1, "weatherflick"),
        lambda _: URL.create("postgresql", "someone", PASSWORD, "no-such-host.invalid", 5432, "weatherflick"),
        lambda _: URL.create("postgresql", "someone", PASSWORD, None, None, "weatherflick", {"host": "/nowhere"}),
        lambda url: url.set(username="nobody", password=PASSWORD),
    ],
    ids=["closed port", "unknown host", "no socket", "unknown user"],
)
def test_an_unreachable_server_is_told_in_one_sentence_without_the_password(
    empty_database: URL, change: Callable[[URL], URL]
) -> None:
    with pytest.raises(DatabaseUnreachableError) as caught:
        prepare(addresses_of(change(empty_database)), Mode.SANDBOX)
    message = str(caught.value)
    assert message.startswith("The database server at ")
    assert message.endswith("Check that it runs and that WEATHERFLICK_DATABASE_URL is right.")
    assert "\n" not in message
    assert "?" not in message
    assert PASSWORD not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "address",
    [
        "not an address",
        "mysql://u:pa55-w0rd@h/db",
        "postgresql://u:pa55-w0rd@h",
        "postgresql://u:pa55-w0rd@h:x/db",
        "sqlite://",
    ],
)
def test_an_address_of_something_else_is_refused_without_showing_it(address: str, tmp_path: Path) -> None:
    configured = Settings(WEATHERFLICK_DATABASE_URL=SecretStr(address), WEATHERFLICK_HOME=tmp_path)  # type: ignore[call-arg]
    with pytest.raises(DatabaseUnreachableError, match="Write it like postgresql://") as caught:
        locate(configured)
    assert PASSWORD not in str(caught.value)


def test_a_configured_address_is_used_as_it_is_and_dagster_gets_a_neighbour(tmp_path: Path) -> None:
    address = SecretStr(f"postgresql://u:{PASSWORD}@h:5433/places")
    configured = Settings(WEATHERFLICK_DATABASE_URL=address, WEATHERFLICK_HOME=tmp_path)  # type: ignore[call-arg]
    found = locate(configured)
    assert found.platform_dsn == f"postgresql://u:{PASSWORD}@h:5433/places"
    assert found.dagster_dsn.partition("?")[0] == f"postgresql+psycopg2://u:{PASSWORD}@h:5433/places_dagster"
    assert PASSWORD not in repr(found)


def test_the_declarations_are_what_the_migrations_make(prepared_database: str) -> None:
    engine = create_engine(prepared_database.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        options = {
            **comparison(connection),
            "compare_type": True,
            "compare_server_default": True,
            "include_object": lambda _object, name, kind, _reflected, _other: (
                (kind, name) != ("table", "alembic_version")
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_the_migrations_can_be_undone_and_done_again(database: str) -> None:
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    left = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('raw', 'core', 'ops', 'serving')"
    # Views come from files, and partitions from policies, when a database is prepared.
    is_partition = "SELECT relispartition FROM pg_class WHERE oid = to_regclass(table_schema || '.' || table_name)"
    tables = f"{left} AND table_type = 'BASE TABLE' AND NOT ({is_partition})"
    before = len(rows(database, tables))
    with engine.connect() as connection:
        command.downgrade(migration_settings(connection), "base")
        connection.commit()
    assert before > 10
    assert rows(database, left) == []
    with engine.connect() as connection:
        command.upgrade(migration_settings(connection), "head")
        connection.commit()
    assert len(rows(database, tables)) == before
