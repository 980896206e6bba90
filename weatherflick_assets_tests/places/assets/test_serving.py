"""The lineage of the serving views is that of the database; functions read the view of all places."""

import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.serving import serving_lineage
from weatherflick_assets.places.flows import PUBLISHING
from weatherflick_assets.places.store.reference import SERVING
from weatherflick_assets_tests.places.store.stock import rows

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

DEPENDENCIES = """
SELECT view.relname AS view, source_schema.nspname || '/' || source.relname AS source
FROM pg_depend AS dependency
JOIN pg_rewrite AS rule ON rule.oid = dependency.objid AND dependency.classid = 'pg_rewrite'::regclass
JOIN pg_class AS view ON view.oid = rule.ev_class
JOIN pg_class AS source ON source.oid = dependency.refobjid AND dependency.refclassid = 'pg_class'::regclass
JOIN pg_namespace AS source_schema ON source_schema.oid = source.relnamespace
WHERE view.relnamespace = 'serving'::regnamespace AND source.oid <> view.oid
"""


def test_every_view_is_an_asset_and_reads_what_its_lineage_says(store: str) -> None:
    assets = {key.to_user_string() for key in build_defs().resolve_asset_graph().get_all_asset_keys()}
    found: dict[str, set[str]] = {}
    for row in rows(store, DEPENDENCIES):
        found.setdefault(row["view"], set()).update({row["source"]} & assets)
    # The database does not know what functions read.
    found |= {function: {"serving/places"} for function in ("places_near", "places_named")}
    lineage = serving_lineage([asset for assets in PUBLISHING.values() for asset in assets], SERVING)
    assert {view: set(sources) for view, sources in lineage.items()} == {view: found[view] for view in lineage}
