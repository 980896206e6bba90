"""Published places lose the index by their bare area code: the views ask by the expression that 0006 gave an index.

Nothing else reads by it, and every index costs a tenth of the time that publishing a row takes.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
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


def upgrade() -> None:
    for kind in _KINDS:
        op.drop_index(f"{kind}_kto_area_code_idx", kind, schema="core")


def downgrade() -> None:
    for kind in _KINDS:
        op.create_index(f"{kind}_kto_area_code_idx", kind, ["kto_area_code"], schema="core")
