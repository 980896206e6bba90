"""Alembic's entry point: runs the migrations on the connection it is given, inside that caller's lock."""

from alembic import context

from weatherflick_assets.warehouse.migrating import comparison
from weatherflick_assets.warehouse.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True, **comparison(connection))
with context.begin_transaction():
    context.run_migrations()
