"""What tests of the outbox share: publishing what is pending without a judge, and what became of it."""

from typing import Any

import psycopg

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.store.detail_publication import DetailPublication
from weatherflick_assets.places.store.place_publication import Publication
from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_TABLES
from weatherflick_assets.places.transform.details import detail_rows
from weatherflick_assets.places.transform.places import places
from weatherflick_assets.warehouse.outbox import pending
from weatherflick_assets_tests.places.store.stock import at, rows

_DETAIL = {detail.name: detail for detail in DETAILS}


def pending_keys(dsn: str) -> set[tuple[str, str]]:
    """Asset and partition of everything that is pending."""
    with psycopg.connect(dsn) as connection:
        return {(found.asset_key, found.partition_key) for found in pending(connection)}


def opened(
    asset_key: str, region: str, dsn: str, hours: int = 0, *, only_noted: bool = False
) -> Publication | DetailPublication:
    """The publication of one partition, not begun."""
    name = asset_key.removeprefix("core/")
    partition: Any = {"region_code": region, "now": at(hours), "only_noted": only_noted}
    if name in _DETAIL:
        return DetailPublication(dsn, _DETAIL[name], **partition)
    kind = CONTENT_TYPE_BY_NAME[name].content_type_id
    return Publication(dsn, PLACE_TABLES[name], content_type_id=kind, **partition)


def stage(publication: Publication | DetailPublication, asset_key: str) -> None:
    """Read, transform and stage everything of the partition."""
    if isinstance(publication, Publication):
        for items in publication.items():
            publication.stage(*places(items))
    else:
        operation = _DETAIL[asset_key.removeprefix("core/")].operation
        for answers in publication.answers():
            publication.stage(detail_rows(operation, answers))


def publish(
    dsn: str, asset_key: str, region: str, hours: int = 0, *, is_killed: bool = False, only_noted: bool = False
) -> None:
    """Publish one partition, or break off right before it is committed."""
    with opened(asset_key, region, dsn, hours, only_noted=only_noted) as publication:
        if publication.is_empty():
            if not is_killed:
                publication.leave_empty(lambda _cursor: None)
            return
        stage(publication, asset_key)
        publication.complete()
        if not is_killed:
            publication.publish(lambda _cursor: None)


def drain(dsn: str, hours: int = 0, *, only_noted: bool = True) -> None:
    """Publish everything that is pending: what the outbox names, or whole partitions."""
    for asset_key, region in sorted(pending_keys(dsn)):
        publish(dsn, asset_key, region, hours, only_noted=only_noted)


def shown(dsn: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that are published, by table, without what says when and from which response."""
    own = {"source_response_id", "detail_sources", "published_at", "updated_at", "removed_at"}
    tables = {
        name: rows(dsn, f"SELECT * FROM core.{name} WHERE removed_at IS NULL ORDER BY content_id")
        for name in PLACE_TABLES
    } | {name: rows(dsn, f"SELECT * FROM core.{name} ORDER BY {', '.join(key)}") for name, key in _KEYS.items()}
    return {
        name: [{column: value for column, value in row.items() if column not in own} for row in found]
        for name, found in tables.items()
    }


_KEYS = {name: [column.name for column in table.primary_key] for name, table in DETAIL_TABLES.items()}
