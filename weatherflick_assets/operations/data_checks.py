"""Checks of published data that need no run of theirs: whether they are fresh, and whether every partition may be published.

Dagster shows the last evaluation of a check, whatever its partition. So the gate of one region, red for days, is hidden by the
next region that passes. These two checks have no partitions: each looks at every partition in the database, hourly.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import described
from weatherflick_assets.orchestration.schedules import check_job
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.presentation import duration, for_terminal, listed
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.settings import korean_time, now

if TYPE_CHECKING:
    from weatherflick_assets.quality.freshness import Part
    from weatherflick_assets.quality.store import HeldBack

FRESH = "fresh"
"""Name of the check that the newest data are new enough."""

ALL_PUBLISHABLE = "all_partitions_publishable"
"""Name of the check that the gate holds no partition back."""

JOB = "check_published_data"

MOST_NAMED = 5
MOST_ROWS = 60

_REGION_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("region", "string"),
        dg.TableColumn("state", "string"),
        dg.TableColumn("data as of", "string", description="in Korean time"),
        dg.TableColumn("age", "string"),
        dg.TableColumn("rows", "int", description="as last published"),
    ]
)
_HELD_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("partition", "string"),
        dg.TableColumn("since", "string", description="in Korean time"),
        dg.TableColumn("rules", "string", description="blocking rules that failed"),
        dg.TableColumn("rows held back", "int"),
    ]
)


def data_checks(tables: Sequence[MeasuredTable]) -> dg.AssetChecksDefinition:
    """The two checks of each of these tables, in one step."""

    @dg.multi_asset_check(
        name="published_data",
        specs=[spec for table in tables for spec in _specs(table)],
        can_subset=True,
        description="Looks at the age of every published table and region, and at what the gates hold back. Makes no call.",
    )
    def published_data(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        from weatherflick_assets.quality.freshness import held_back_now, parts_of
        from weatherflick_assets.warehouse.connections import connect

        selected = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
        at = now()
        with as_failures():
            with connect(warehouse.dsn) as connection:
                parts = {table: parts_of(connection, table, at) for table in tables}
            held = held_back_now(warehouse.dsn, tables)
        for table in tables:
            for result in (_fresh(table, parts[table]), _publishable(table, held[table.table_name], at)):
                if (result.asset_key, result.check_name) in selected:
                    yield result

    return published_data


def data_job(tables: Sequence[MeasuredTable]) -> Any:
    """The job that evaluates them."""
    return check_job(
        JOB,
        (spec.key for table in tables for spec in _specs(table)),
        "Looks at the age of all published data, and at what the gates hold back, without a call.",
    )


def _specs(table: MeasuredTable) -> Iterator[dg.AssetCheckSpec]:
    key = dg.AssetKey.from_user_string(table.asset_key)
    every = "of every region that was ever collected " if table.by_region else ""
    yield dg.AssetCheckSpec(
        FRESH,
        asset=key,
        description=(
            f"The newest data {every}are at most {duration(table.stale_after)} old, whatever was run since. What was never "
            f"collected is not looked at. {'An error' if table.must_be_fresh else 'A warning'} if not; nothing is blocked."
        ),
    )
    until = "it passes" if table.is_state else "it passes or a later one is published"
    yield dg.AssetCheckSpec(
        ALL_PUBLISHABLE,
        asset=key,
        description=f"The gate holds no partition back. One that is held back is named here until {until}, whatever others do.",
    )


def _fresh(table: MeasuredTable, parts: Sequence["Part"]) -> dg.AssetCheckResult:
    ages = [part.age for part in parts if part.age is not None]
    times = [part.data_as_of for part in parts if part.data_as_of is not None]
    return dg.AssetCheckResult(
        check_name=FRESH,
        asset_key=dg.AssetKey.from_user_string(table.asset_key),
        passed=all(part.state.is_good for part in parts),
        severity=dg.AssetCheckSeverity.ERROR if table.must_be_fresh else dg.AssetCheckSeverity.WARN,
        description=described(_of_regions(table, parts) if table.by_region else _of_table(table, parts)),
        metadata={
            **(_region_metadata(parts) if table.by_region else {}),
            "may_be_old": duration(table.stale_after),
            **({"oldest_data_as_of": dg.MetadataValue.timestamp(min(times))} if times and table.by_region else {}),
            **({"newest_data_as_of": dg.MetadataValue.timestamp(max(times))} if times else {}),
            **({"age_hours": round(max(ages) / timedelta(hours=1), 2)} if ages else {}),
        },
    )


def _region_metadata(parts: Sequence["Part"]) -> dict[str, Any]:
    """Every region that was ever collected, those to look at first; and which never were."""
    records = [
        dg.TableRecord(
            {
                "region": _name(part.partition_key),
                "state": part.state.value if part.row_count or not part.state.is_good else f"{part.state.value}, empty",
                "data as of": "" if part.data_as_of is None else korean_time(part.data_as_of),
                "age": "" if part.age is None else duration(part.age),
                "rows": part.row_count or 0,
            }
        )
        for part in sorted(parts, key=lambda part: (part.state.is_good, *_oldest_first(part)))[:MOST_ROWS]
    ]
    untried = _untried(parts)
    return {
        **({"regions": dg.MetadataValue.table(records, _REGION_COLUMNS)} if records else {}),
        **({"never_collected": ", ".join(map(_name, untried))} if untried else {}),
        "not_fresh": sum(not part.state.is_good for part in parts),
    }


def _untried(parts: Sequence["Part"]) -> list[str]:
    tried = {part.partition_key for part in parts}
    return [code for code in NAME_OF if code not in tried]


def _oldest_first(part: "Part") -> tuple[bool, timedelta]:
    """By age; what was never published, or is of unknown age, before everything else."""
    return (False, timedelta()) if part.age is None else (True, -part.age)


def _of_regions(table: MeasuredTable, parts: Sequence["Part"]) -> str:
    if not parts:
        return "No region was ever collected, so none can be stale."
    may_be = duration(table.stale_after)
    bad = sorted((part for part in parts if not part.state.is_good), key=_oldest_first)
    said = []
    if bad:
        named = listed([f"{_name(part.partition_key)} {_state(part)}" for part in bad], MOST_NAMED, "; ")
        said.append(f"{len(bad)} of {len(parts)} regions are not fresh (they may be {may_be} old): {named}.")
    elif oldest := max(
        (part for part in parts if part.age is not None), key=lambda part: part.age or timedelta(), default=None
    ):
        said.append(
            f"{_regions(len(parts))} at most {may_be} old. The oldest, {_name(oldest.partition_key)}, "
            f"is {duration(oldest.age or timedelta())} old."
        )
    else:
        said.append(f"{_regions(len(parts))} about to be published for the first time.")
    for what, names in (
        ("Never collected, so not looked at", _untried(parts)),
        ("Empty", [part.partition_key for part in parts if part.state.is_good and not part.row_count]),
    ):
        if names:
            said.append(f"{what}: {listed(list(map(_name, names)), MOST_NAMED)}.")
    return " ".join(said)


def _state(part: "Part") -> str:
    return part.state.value if part.age is None else f"{part.state.value}, {duration(part.age)} old"


def _of_table(table: MeasuredTable, parts: Sequence["Part"]) -> str:
    if not parts:
        return "Nothing of it was ever collected, so nothing can be stale."
    (part,) = parts
    may_be = duration(table.stale_after)
    if part.age is None or part.data_as_of is None:
        return f"It is {part.state.value}. Its data may be {may_be} old."
    return (
        f"{part.state.value.capitalize()}: the newest data are of {korean_time(part.data_as_of)} in Korea, "
        f"{duration(part.age)} old. They may be {may_be} old."
    )


def _publishable(table: MeasuredTable, held: Sequence["HeldBack"], at: datetime) -> dg.AssetCheckResult:
    longest_first = sorted(held, key=lambda each: each.since)
    records = [
        dg.TableRecord(
            {
                "partition": _name(each.partition_key),
                "since": korean_time(each.since),
                "rules": for_terminal(", ".join(each.rules)),
                "rows held back": each.row_count,
            }
        )
        for each in longest_first[:MOST_ROWS]
    ]
    named = [
        f"{_name(each.partition_key)} for {duration(at - each.since)} ({', '.join(each.rules)})"
        for each in longest_first
    ]
    said = (
        f"{len(held)} held back: {listed(named, MOST_NAMED, '; ')}. What was published of {'it' if len(held) == 1 else 'them'} before stands."
        if held
        else "Nothing is held back."
    )
    return dg.AssetCheckResult(
        check_name=ALL_PUBLISHABLE,
        asset_key=dg.AssetKey.from_user_string(table.asset_key),
        passed=not held,
        severity=dg.AssetCheckSeverity.ERROR,
        description=described(said),
        metadata={
            "held_back": len(held),
            **({"partitions": dg.MetadataValue.table(records, _HELD_COLUMNS)} if records else {}),
        },
    )


def _regions(count: int) -> str:
    return "The one region that is collected is" if count == 1 else f"All {count} regions that are collected are"


def _name(partition_key: str | None) -> str:
    """A partition for people: a region with its name."""
    if partition_key is None:
        return "the table"
    return f"{partition_key} {NAME_OF[partition_key]}" if partition_key in NAME_OF else for_terminal(partition_key)
