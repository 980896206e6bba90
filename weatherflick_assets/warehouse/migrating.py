"""The only module that calls alembic, which takes a sixth of a second to import: brings a schema up to date."""

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


def upgrade(connection: Connection) -> None:
    """Run the migrations that the database has not seen, on its connection; the caller commits."""
    command.upgrade(migration_settings(connection), "head")
