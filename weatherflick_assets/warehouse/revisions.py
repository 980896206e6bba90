"""Which schema revisions there are, read from the names of the migrations: importing alembic takes a sixth of a second."""

from pathlib import Path

MIGRATIONS = Path(__file__).with_name("migrations")
"""The folder of the migrations. The name of each file in `versions` begins with its revision."""


def revisions() -> list[str]:
    """All revisions, from the baseline to the current one."""
    return sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))
