"""What the statistics and the trends of a day show in the UI: small tables, and sentences where there is nothing to show.

Dagster keeps every event, so tables are limited; `quality.statistics` and `quality.trends` have everything. Pictures
are small, too (`quality/plots.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

from weatherflick_assets.orchestration.schemas import shown
from weatherflick_assets.quality.measured import WHOLE_TABLE, MeasuredTable
from weatherflick_assets.quality.statistics import Measured
from weatherflick_assets.quality.trends import Compared, Worse

MOST_WORSE = 60

_TABLE_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("table", "string"),
        dg.TableColumn("score", "float", description="ours, 0 to 100"),
        dg.TableColumn("previous_score", "float", description="by the previous system's formula, 0 to 100"),
        dg.TableColumn("rows", "int"),
        dg.TableColumn("required_filled", "float", description="the emptiest of the required columns, %"),
        dg.TableColumn("age_hours", "float", description="of its newest data; of lists by region, of the oldest list"),
        dg.TableColumn("rejected", "int"),
        dg.TableColumn("held_back", "int", description="partitions whose last verdict held rows back"),
    ]
)
_WORSE_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("table", "string"),
        dg.TableColumn("region", "string"),
        dg.TableColumn("metric", "string"),
        dg.TableColumn("value", "float"),
        dg.TableColumn("before", "float"),
        dg.TableColumn("days_before", "int"),
        dg.TableColumn("worse_since", "string"),
    ]
)


def statistics_metadata(dsn: str, day: date, found: Measured, measured: Sequence[MeasuredTable]) -> Mapping[str, Any]:
    """Metadata of a day that was measured.

    Args:
        dsn: of the platform's database.
        day: the day.
        found: what was measured.
        measured: what was to be.
    """
    from weatherflick_assets.charts import as_markdown
    from weatherflick_assets.quality.report import figures, pictures
    from weatherflick_assets.warehouse.connections import connect

    with connect(dsn) as connection:
        drawn = pictures(figures(connection, day), day)
    judged = [table for table in measured if table.table_name in found.tables]
    return {
        "dagster/partition_row_count": found.rows,
        "verdicts": found.verdicts,
        "tables": len(judged),
        "never_judged": dg.MetadataValue.json([one.table_name for one in measured if one not in judged]),
        "by_table": dg.MetadataValue.table(
            [_record(table, found.tables[table.table_name]) for table in judged], _TABLE_COLUMNS
        ),
        **{name: dg.MetadataValue.md(as_markdown(svg, name)) for name, svg in drawn.items() if svg},
    }


def trends_metadata(_dsn: str, _day: date, found: Compared) -> Mapping[str, Any]:
    """Metadata of a day that was compared."""
    tables = dict.fromkeys(worse.table_name for worse in found.worse)
    return {
        "dagster/partition_row_count": found.rows,
        "compared_with_days_before": dg.MetadataValue.json(list(found.days)),
        "got_worse": len(found.worse),
        "tables_that_got_worse": dg.MetadataValue.json(list(tables)),
        "worse": dg.MetadataValue.table([*map(_worse_record, _wholes_first(found.worse))][:MOST_WORSE], _WORSE_COLUMNS),
    }


def unjudged(found: Measured) -> str:
    """A sentence about a day without verdicts; blank if there were any."""
    if found.verdicts:
        return ""
    if not found.rows:
        return "Nothing was judged on this day or before it, so nothing is known of its quality."
    return "Nothing was judged on this day. Its statistics are those of what was published before."


def uncompared(found: Compared) -> str:
    """A sentence about a day that there is nothing to compare with; blank if there is."""
    if found.days:
        return ""
    return "There are no statistics of this day, or none of 1, 7 or 30 days before, so nothing could be compared."


def _record(table: MeasuredTable, figures: Mapping[str, float]) -> dg.TableRecord:
    filled = [figures[name] for column in table.required if (name := f"filled:{column}") in figures]
    return dg.TableRecord(
        {
            "table": table.table_name,
            **{name: shown(figures.get(name), 1) for name in ("score", "previous_score", "age_hours")},
            **{name: shown(figures.get(name), 0) for name in ("rows", "rejected", "held_back")},
            "required_filled": shown(100 * min(filled), 1) if filled else "",
        }
    )


def _worse_record(worse: Worse) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "table": worse.table_name,
            "region": worse.region_code,
            "metric": worse.metric,
            "value": round(worse.value, 3),
            "before": round(worse.value_before, 3),
            "days_before": worse.days_before,
            "worse_since": worse.since.isoformat(),
        }
    )


def _wholes_first(worse: Sequence[Worse]) -> list[Worse]:
    return sorted(worse, key=lambda one: one.region_code != WHOLE_TABLE)
