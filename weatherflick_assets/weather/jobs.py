"""The jobs of the weather: which assets are materialized together. `flows.py` declares when they run."""

from weatherflick_assets.orchestration.schedules import asset_job
from weatherflick_assets.weather import midterm
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.sources import SOURCES

JOBS = (
    asset_job(
        "collect_midterm",
        ["raw/kma/midterm", midterm.ASSET_KEY],
        "Asks for one issue of the mid-term forecast, and publishes it.",
    ),
    asset_job("publish_midterm", [midterm.ASSET_KEY], "Publishes one mid-term issue again, without a call."),
    *(
        job
        for product in PRODUCTS.values()
        for job in (
            asset_job(
                f"collect_{product.name}",
                [f"raw/kma/{product.name}", *product.published],
                f"Asks for one issue of {product.operation.name}, cell by cell, and publishes it.",
            ),
            asset_job(
                f"publish_{product.name}",
                product.published,
                f"Publishes one issue of {product.name} again, without a call.",
            ),
        )
    ),
    *(
        job
        for source in SOURCES.values()
        for job in (
            asset_job(
                f"collect_{source.name}",
                [source.raw, *source.published],
                f"Asks for {source.operation.name}, {source.operation.description}, and publishes it.",
            ),
            asset_job(f"publish_{source.name}", source.published, f"Publishes {source.name} again, without a call."),
        )
    ),
)
