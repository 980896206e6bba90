"""Published places get indexes by which the nearest, the newest of a region and those with a name are found.

The index by region alone goes, because the one by region and time of publication serves its queries.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
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
        op.execute(
            f"CREATE INDEX {kind}_newest_idx ON core.{kind} ((coalesce(kto_area_code, 'unassigned')), published_at)"
        )
        op.execute(f"CREATE INDEX {kind}_location_idx ON core.{kind} USING gist (point(longitude, latitude))")
        op.execute(f"CREATE INDEX {kind}_letters_idx ON core.{kind} USING gin (string_to_array(lower(title), NULL))")
        op.execute(f"DROP INDEX core.{kind}_serving_region_idx")


def downgrade() -> None:
    # Made with the views, from a file; they are made again with the next start of the program that knows them.
    op.execute("DROP FUNCTION IF EXISTS serving.places_named, serving.places_near, serving.distance_m")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'places/serving.sql'")
    for kind in _KINDS:
        op.execute(f"CREATE INDEX {kind}_serving_region_idx ON core.{kind} ((coalesce(kto_area_code, 'unassigned')))")
        for name in ("newest", "location", "letters"):
            op.execute(f"DROP INDEX core.{kind}_{name}_idx")
