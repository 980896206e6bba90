"""`core/<type>` and `core/<details>`: the published tables of a region, each judged before it is shown, in one step.

Heavy modules are imported when an asset runs: data frames and Great Expectations cost every Dagster process seconds.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.failures import as_failures, held_back
from weatherflick_assets.orchestration.freshness import MADE_WHEN_CHANGED
from weatherflick_assets.orchestration.gate import check_results, published_assets
from weatherflick_assets.orchestration.publication import due, follows_outbox
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.samples import sample_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.steps import Attempts
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.assets.listings import PARTITIONS_IN_WORDS, listing_key
from weatherflick_assets.places.code_versions import code_versions
from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.kto import KTO
from weatherflick_assets.places.partitions import FROM_LISTING, REGION_PARTITIONS
from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_TABLES
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    from weatherflick_assets.places.publish import Publishing

Source = ContentType | DetailTable
"""What a table is made of: a kind of place, or a kind of details."""

_COUNTRY_LISTS = {"festivals": ("festivals",), "pet_policies": ("pets",)}
"""Lists of the whole country that a table is made from, too: the days of festivals and all pet policies."""

SOURCE_OF: Mapping[dg.AssetKey, Source] = {
    dg.AssetKey(["core", source.name]): source for source in (*CONTENT_TYPES, *DETAILS)
}


def _spec(key: dg.AssetKey, source: Source) -> dg.AssetSpec:
    if isinstance(source, ContentType):
        kinds = [source]
        made_from = (
            f"Published {source.name} ({source.korean_name}) of one region, from their list and what is known of their "
            "details: typed and clean"
        )
    else:
        kinds = [kind for kind in CONTENT_TYPES if kind.content_type_id in source.content_type_ids]
        made_from = f"{source.description} From {source.operation}, about the places of one region that are shown"
    by_region = [*map(listing_key, kinds), dg.AssetKey(["raw", KTO.name, "place_details"])]
    # What reads the whole country may have changed any region.
    of_country = ("place_changes", *_COUNTRY_LISTS.get(source.name, ()))
    return dg.AssetSpec(
        key,
        deps=[
            *(dg.AssetDep(raw, partition_mapping=FROM_LISTING) for raw in by_region),
            *(dg.AssetKey(["raw", KTO.name, name]) for name in of_country),
        ],
        description=(
            f"{made_from}, made from the raw layer alone. Rows are staged, judged by the suite of the table, and published "
            "in one transaction; when a blocking rule fails nothing changes and the last good rows stay. Only "
            f"changed rows are made again, unless the table is asked for by itself.\n\n{PARTITIONS_IN_WORDS}"
        ),
        code_version=code_versions()[key.to_user_string()],
        metadata=table_metadata(_table(source)),
    )


def _table(source: Source) -> Table:
    return PLACE_TABLES[source.name] if isinstance(source, ContentType) else DETAIL_TABLES[source.name]


@published_assets(
    *(_spec(key, source) for key, source in SOURCE_OF.items()),
    name="region_tables",
    partitions_def=REGION_PARTITIONS,
    tags=MADE_WHEN_CHANGED,
)
def region_tables(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
    """Publish the selected tables, one after another; each is published or held back on its own."""
    from weatherflick_assets.places.publish import Publisher
    from weatherflick_assets.warehouse.connections import reusing

    follows, region_code = follows_outbox(context), context.partition_key
    publisher = Publisher(warehouse.dsn, now, context.run.run_id, only_noted=follows, accepts_fewer=not follows)
    attempts, report = Attempts(context), Report(context)
    with reusing(warehouse.dsn):
        for key, source in attempts.over(_due(warehouse.dsn, region_code) if follows else SOURCE_OF):
            with attempts.at(key):
                if isinstance(source, ContentType):
                    result = publisher.places(source, region_code)
                else:
                    result = publisher.details(source, region_code)
                yield from _told(key, region_code, result)
                metadata = {
                    **_metadata(result),
                    **sample_metadata(warehouse.dsn, _table(source), {"region_code": region_code}),
                }
                yield report.made(key, metadata)
    report.tell()
    attempts.conclude()


def _due(dsn: str, region_code: str) -> Mapping[dg.AssetKey, Source]:
    """The tables that are pending in a region or were never published there."""
    from weatherflick_assets.places.store.detail_publication import settle_without_rows

    with as_failures():
        settle_without_rows(dsn, region_code)
    return due(dsn, region_code, SOURCE_OF)


def _told(key: dg.AssetKey, region_code: str, result: "Publishing") -> Iterator[dg.AssetCheckResult]:
    """The checks of a table.

    Raises:
        dagster.Failure: the rows were held back; a retry would not help.
    """
    verdict, name = result.verdict, NAME_OF[region_code]
    rejected = {"rejected_by_reason": dict(result.rejections)} if result.rejections else {}
    yield from check_results(
        key,
        {result.verdict_id: verdict},
        passed=verdict.passed,
        where=f"{region_code} {name}: ",
        metadata={"region": f"{region_code} {name}", **rejected},
    )
    if result.published is None:
        raise held_back(f"{name}: {verdict.summary()} Nothing was published; the last good rows stay.")


def _metadata(result: "Publishing") -> dict[str, Any]:
    published = result.published
    assert published is not None
    found = {
        "rejected_by_reason": dict(result.rejections),
        "coordinate_problems": dict(result.coordinate_problems),
        "score": result.verdict.score,
        "warnings": [failure.rule.rule_id for failure in result.verdict.warnings],
    }
    return {
        "dagster/partition_row_count": result.verdict.row_count,
        "items": result.items,
        "published": published.published,
        "rejected": published.rejected,
        "added": published.added,
        "changed": published.changed,
        "removed": published.removed,
        "verdict_id": result.verdict_id,
        **{name: value for name, value in found.items() if value},
    }
