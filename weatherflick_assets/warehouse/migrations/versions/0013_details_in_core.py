"""Details that the backend reads as received pass the gate; the serving views leave the migrations.

The views are made from a file whenever the database is prepared (`places/serving.sql`); here they are dropped only.
"""

from alembic import op
from alembic.script import ScriptDirectory

revision = "0013"
down_revision = "0012"
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

_ADD_COLUMNS = """
ALTER TABLE core.{kind} ADD COLUMN detail_intro_info jsonb, ADD COLUMN detail_additional_info jsonb;
COMMENT ON COLUMN core.{kind}.detail_intro_info IS 'the introduction as received';
COMMENT ON COLUMN core.{kind}.detail_additional_info IS 'further information as received';
UPDATE core.{kind} AS place SET detail_intro_info = detail.items -> 0 FROM raw.place_details AS detail
WHERE detail.content_id = place.content_id AND detail.operation = 'detailIntro2';
UPDATE core.{kind} AS place SET detail_additional_info = detail.items FROM raw.place_details AS detail
WHERE detail.content_id = place.content_id AND detail.operation = 'detailInfo2';
"""

_DROP_VIEWS = """
DROP VIEW IF EXISTS
    serving.content_detail_info, serving.content_images, serving.pet_tour_info, serving.places,
    serving.tourist_attractions, serving.cultural_facilities, serving.festivals_events, serving.travel_courses,
    serving.leisure_sports, serving.accommodations, serving.shopping, serving.restaurants,
    serving.regions, serving.category_codes;
DELETE FROM ops.code_versions WHERE asset_key = 'places/serving.sql';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(_DROP_VIEWS)
    for kind in _KINDS:
        connection.exec_driver_sql(_ADD_COLUMNS.format(kind=kind))


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(_DROP_VIEWS)
    for kind in _KINDS:
        connection.exec_driver_sql(
            f"ALTER TABLE core.{kind} DROP COLUMN detail_intro_info, DROP COLUMN detail_additional_info"
        )
    # The views as 0006 made them.
    script = ScriptDirectory.from_config(op.get_context().config)  # type: ignore[arg-type]
    frozen = script.get_revision("0006")
    assert frozen is not None
    for view, query in frozen.module._VIEWS.items():  # noqa: SLF001
        connection.exec_driver_sql(f"CREATE VIEW serving.{view} AS {query}")
