"""Places know the cell of the KMA forecast grid that they lie in."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KINDS = (
    "attractions",
    "cultural_facilities",
    "festivals",
    "travel_courses",
    "leisure_sports",
    "accommodations",
    "shopping",
    "restaurants",
)
_COLUMNS = {
    "nx": "column of the KMA forecast grid's cell that it lies in; null without a position",
    "ny": "row of that cell",
}


def upgrade() -> None:
    # Published places get their cells when they are published again, because the code that makes them has changed.
    for kind in _KINDS:
        for name, comment in _COLUMNS.items():
            op.add_column(kind, sa.Column(name, sa.SmallInteger(), nullable=True, comment=comment), schema="core")


def downgrade() -> None:
    # Made with the next start of the program that knows it.
    op.execute("DROP VIEW IF EXISTS core.cells, core.located_places CASCADE")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'warehouse/located_places.py'")
    for kind in _KINDS:
        for name in _COLUMNS:
            op.drop_column(kind, name, schema="core")
