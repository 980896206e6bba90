"""The role for readers sees what is published and nothing else."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import make_url

from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import reader_dsn
from weatherflick_assets_tests.databases import addresses_of


@pytest.fixture
def reader(prepared_database: str) -> Iterator[psycopg.Connection]:
    with closing(connect(reader_dsn(addresses_of(make_url(prepared_database))), autocommit=True)) as connection:
        yield connection


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM serving.places",
        "SELECT count(*) FROM serving.restaurants AS place JOIN serving.regions USING (region_code)",
        "SELECT count(*) FROM serving.places_near(33.5, 126.5, 5000, 20)",
        "SELECT count(*) FROM serving.places_named('카페', 20)",
        "SELECT serving.distance_m(33, 126, 34, 127)::integer",
    ],
)
def test_the_reader_reads_what_is_published(reader: psycopg.Connection, query: str) -> None:
    assert reader.execute(query).fetchone() is not None  # type: ignore[arg-type]


@pytest.mark.fault("Keys and passwords", "the role for readers reads or writes something else", "it may not")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM raw.calls",
        "SELECT FROM raw.responses",
        "SELECT FROM core.restaurants",
        "SELECT FROM ops.api_calls_daily",
        "SELECT FROM quality.verdicts",
        "SELECT FROM alembic_version",
        "DELETE FROM serving.restaurants",
        "INSERT INTO serving.regions DEFAULT VALUES",
        "DROP VIEW serving.places CASCADE",
        "CREATE VIEW serving.mine AS SELECT 1",
        "CREATE TABLE mine ()",
        "CREATE DATABASE mine",
    ],
)
def test_the_reader_may_do_nothing_else(reader: psycopg.Connection, statement: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
        reader.execute(statement)  # type: ignore[arg-type]


def test_what_the_reader_may_do_is_granted_again_when_it_is_lost(database: str) -> None:
    addresses = addresses_of(make_url(database))
    with closing(connect(database, autocommit=True)) as connection:
        connection.execute("REVOKE ALL ON ALL TABLES IN SCHEMA serving FROM weatherflick_reader")
        connection.execute("REVOKE ALL ON SCHEMA serving FROM weatherflick_reader")
    prepare_database(addresses, Mode.SANDBOX)
    with closing(connect(reader_dsn(addresses))) as connection:
        assert connection.execute("SELECT count(*) FROM serving.places").fetchone() == (0,)
