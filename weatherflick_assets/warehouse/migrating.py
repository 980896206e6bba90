"""The only module that calls alembic, which takes a sixth of a second to import: brings a schema up to date."""

from collections.abc import Mapping
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from weatherflick_assets.warehouse.revisions import MIGRATIONS


def migration_settings(connection: Connection | None = None) -> Config:
    """Alembic's configuration, built in code: it works from a wheel and needs no file in the working folder."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def comparison(connection: Connection) -> Mapping[str, Any]:
    """Options of alembic for comparing a database with the declarations. Partitions are upkeep's, and declared nowhere."""
    found = connection.exec_driver_sql(
        "SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relispartition"
    )
    partitions = {(schema, name) for schema, name in found}

    def is_compared(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        return kind != "table" or (parents["schema_name"] or "public", name) not in partitions

    return {"include_schemas": True, "include_name": is_compared}


def upgrade(connection: Connection) -> None:
    """Run the migrations that the database has not seen, on its connection; the caller commits."""
    command.upgrade(migration_settings(connection), "head")
