"""`raw/kma/observations`, `nowcasts`, `forecasts`: the answers about grid cells, issue by issue.

The assets import heavy modules only when they run: client and data frames would cost every Dagster process a second.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.collected import asking, collected_assets, warned
from weatherflick_assets.orchestration.report import Report
from weatherflick_assets.orchestration.samples import responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import MOST_CALLS_TAG
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import now
from weatherflick_assets.weather.assets.sources import answers_metadata
from weatherflick_assets.weather.kma import KMA
from weatherflick_assets.weather.partitions import ISSUE_PARTITIONS
from weatherflick_assets.weather.products import PRODUCTS, CellProduct
from weatherflick_assets.weather.tables import ISSUE_ANSWERS

if TYPE_CHECKING:
    from weatherflick_assets.weather.collect.cells import CellsCollected

MOST_EXAMPLES = 5


def raw_key(product: CellProduct) -> dg.AssetKey:
    """The key of the asset that collects a product."""
    return dg.AssetKey(["raw", KMA.name, product.name])


def _raw_asset(product: CellProduct) -> dg.AssetsDefinition:
    @collected_assets(
        KMA,
        dg.AssetSpec(
            raw_key(product),
            description=(
                f"One issue of {product.operation.name}, {product.operation.description}: the cells in which there are places, "
                "as many as the day's quota allows, those worth most first. Every page is kept in raw.responses, and "
                "raw.issue_answers says which pages make up the answer about a cell. It may be stopped at any moment and "
                "resumes where it was. The upstream gives an issue for a day: an older one fails, and stores "
                "nothing.\n\nPartitions: the time of the issue in Korea, YYYYMMDDHHMM."
            ),
            metadata=table_metadata(ISSUE_ANSWERS),
            tags={"operation": product.operation.name},
        ),
        partitions_def=ISSUE_PARTITIONS[product.name],
    )
    async def collect(
        context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        from weatherflick_assets.orchestration.failures import as_failures
        from weatherflick_assets.weather.collect.answers import check_answered
        from weatherflick_assets.weather.collect.cells import collect_cells

        report = Report(context)
        with as_failures():
            issue = product.series.issue_of(context.partition_key)
            product.series.check_readable(issue, now())
        async with asking(KMA, context, upstream, warehouse) as (client, responses):
            most_calls = context.run.tags.get(MOST_CALLS_TAG)
            found = await collect_cells(
                client,
                warehouse.dsn,
                product,
                issue,
                access=upstream.access(KMA),
                clock=now,
                most_calls=int(most_calls) if most_calls else None,
            )
            if found.collected.stopped_by is not None:
                context.log.warning(
                    "%d of %d planned cells are answered and kept.", found.collected.known, found.collected.wanted
                )
            check_answered([found.collected])
        return report.only(
            {**_metadata(found), **warned(context, _warning(found)), **responses_metadata(responses.kept)}
        )

    return collect


CELL_ASSETS = tuple(map(_raw_asset, PRODUCTS.values()))
"""One asset for each product."""


def _warning(found: "CellsCollected") -> str:
    collected = found.collected
    parts = []
    if collected.empty:
        parts.append(f"{len(collected.empty)} cells have no data in this issue, {collected.empty[0]} among them")
    if collected.unreadable:
        subject, reason = next(iter(collected.unreadable.items()))
        parts.append(
            f"{len(collected.unreadable)} answers could not be read, that about {subject} among them: {reason}"
        )
    return f"{'; '.join(parts)}. What the issue before said of these cells stands." if parts else ""


def _metadata(found: "CellsCollected") -> dict[str, Any]:
    collected = found.collected
    return {
        "dagster/partition_row_count": collected.known,
        "cells": found.cells,
        **answers_metadata({"cells": collected}),
        "calls": found.calls,
        "retries": found.retries,
        "places_by_age": dg.MetadataValue.json({age: round(share, 4) for age, share in found.ages.items()}),
    }
