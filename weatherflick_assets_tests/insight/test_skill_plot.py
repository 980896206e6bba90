"""The picture of errors by lead time, and the asset that shows it."""

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from defusedxml.ElementTree import fromstring

from weatherflick_assets.insight.assets.forecast_skill import DAYS, FORECAST_SKILL_KEY, forecast_skill
from weatherflick_assets.insight.forecast_skill import Skill
from weatherflick_assets.insight.skill_plot import plot
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets_tests.insight.weather_rows import DAY, SEOUL, at, said, said_of_day, seen, write

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

LARGEST_PICTURE = 60_000


def skills() -> Iterator[Skill]:
    """Everything that a day can have of the country."""
    for element in ("temperature", "humidity", "wind_speed", "precipitation", "precipitation_probability"):
        for lead in (6, 24, 48, 72, 120):
            yield Skill(
                element, "short_term", lead, 100, -lead / 100, 1.234567 + lead, 2.5 + lead, None, None, None, None
            )
    for element in ("temperature_min", "temperature_max"):
        for days in range(11):
            source = "short_term" if days < 4 else "mid_term"
            yield Skill(element, source, 24 * days, 100, days / 3, 1.2 + days, 1.5 + days, None, None, None, None)


def texts(markdown: str) -> list[str]:
    found = re.fullmatch(r"The country's .+\.\n\n!\[[\w ]+\]\(data:image/svg\+xml;base64,([\w+/=]+)\)", markdown)
    assert found is not None
    picture = fromstring(b64decode(found[1]))
    return [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_has_a_chart_for_each_element_and_fits_into_an_event() -> None:
    markdown = plot([*skills()], [*skills()])
    assert len(markdown) < LARGEST_PICTURE
    shown = texts(markdown)
    assert shown.count("error") == shown.count("30 days") == shown.count("bias") == 7
    assert {"Temperature, °C", "Humidity, %", "Wind, m/s", "Precipitation, mm/h", "Highest of the day, °C"} <= {*shown}


def test_an_element_that_was_not_measured_has_no_chart() -> None:
    shown = texts(plot([skill for skill in skills() if skill.element == "humidity"], [*skills()]))
    assert shown.count("bias") == 1
    assert "Humidity, %" in shown


@pytest.mark.parametrize(("error", "scale"), [(0.0, "1"), (1.5, "2"), (0.05, "0.04"), (9999.0, "10000")])
def test_one_lead_time_and_any_size_of_error_can_be_drawn(error: float, scale: str) -> None:
    one = Skill("temperature", "short_term", 6, 1, -error, error, error, None, None, None, None)
    assert {"bias", scale} <= {*texts(plot([one], []))}


def materialized(dsn: str) -> dg.AssetMaterialization:
    result = dg.materialize(
        [forecast_skill], partition_key=DAY.isoformat(), resources={"warehouse": WarehouseResource(dsn=dsn)}
    )
    (materialization,) = result.asset_materializations_for_node(forecast_skill.op.name)
    assert materialization.asset_key == FORECAST_SKILL_KEY
    return materialization


def test_a_day_shows_its_figures_and_its_picture(store: str) -> None:
    write(store, [
        seen(SEOUL, at(14), temperature=20), said(SEOUL, at(14), 24, temperature=21),
        said(SEOUL, at(14), 48, temperature=17), *(seen(SEOUL, at(hour), temperature=hour) for hour in range(14)),
        *(seen(SEOUL, at(hour), temperature=hour) for hour in range(15, 24)), said_of_day(SEOUL, 1, temperature_max=20),
    ])  # fmt: skip
    metadata = materialized(store).metadata
    assert (metadata["compared"].value, metadata["dagster/partition_row_count"].value) == (3, 6)
    table = metadata["country"]
    assert isinstance(table, dg.TableMetadataValue)
    shown = [(record.data["element"], record.data["hours ahead"], record.data["bias"]) for record in table.records]
    assert shown == [("temperature", 24, 1), ("temperature", 48, -3), ("temperature_max", 24, -3)]
    assert "Temperature, °C" in texts(str(metadata["by_lead_time"].value))
    assert "warning" not in metadata


@pytest.mark.parametrize("observed", [True, False])
def test_a_day_with_nothing_to_compare_says_so(store: str, *, observed: bool) -> None:
    if observed:
        write(store, [seen(SEOUL, at(14), temperature=20)])
    metadata = materialized(store).metadata
    assert metadata["compared"].value == 0
    assert f"No {'forecast' if observed else 'observation'} of the day" in str(metadata["warning"].value)
    assert not {"by_lead_time", "country"} & {*metadata}


def test_a_day_is_a_partition_when_it_is_over() -> None:
    for moment, is_there in ((at(24) - timedelta(minutes=1), False), (at(24), True)):
        with partition_loading_context(effective_dt=moment):
            assert (DAYS.get_last_partition_key() == DAY.isoformat()) is is_there
