"""Writes the migration from the last revision of the schema to the declared tables.

It compares a fresh database, migrated to the last revision, with the declarations. The result is a draft to be
reviewed: a renamed column looks like one dropped and one added, and views are not compared. Run it with `make migration
name=…`.
"""

import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

import weatherflick_assets.alerts.tables
import weatherflick_assets.build
import weatherflick_assets.quality.tables  # noqa: F401 (declares its tables)
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse import database, embedded, migrating


def write_migration(name: str) -> Path:
    """Write the next migration into the package and return its path."""
    with TemporaryDirectory(prefix="weatherflick-migration-") as folder:
        server = embedded.start(Path(folder, "postgresql"))
        try:
            platform = server.set(database="declared")
            addresses = database.Addresses(platform, platform.set(database="declared_dagster"))
            database.prepare(addresses, Mode.SANDBOX)  # no views, which may read columns that are yet to come
            engine = create_engine(platform.set(drivername="postgresql+psycopg"), poolclass=NullPool)
            with closing(engine.connect()) as connection:
                settings = migrating.migration_settings(connection)
                settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
                last = ScriptDirectory.from_config(settings).get_current_head()
                assert last is not None
                script = command.revision(settings, name, autogenerate=True, rev_id=f"{int(last) + 1:04}")
        finally:
            embedded.stop(Path(folder, "postgresql"))
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


if __name__ == "__main__":
    sys.stdout.write(f"{write_migration(' '.join(sys.argv[1:]) or 'declared tables')}\n")
