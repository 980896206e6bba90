"""Which answers each raw asset of the weather keeps."""

from collections.abc import Mapping
from types import MappingProxyType

from weatherflick_assets.upstream.declarations import Answers
from weatherflick_assets.weather import midterm
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.sources import SOURCES

ANSWERS: Mapping[str, tuple[Answers, ...]] = MappingProxyType(
    {
        **{f"raw/kma/{product.name}": (Answers(product.operation),) for product in PRODUCTS.values()},
        "raw/kma/midterm": tuple(map(Answers, (midterm.LAND, midterm.TEMPERATURES, midterm.OUTLOOK))),
        **{source.raw: tuple(map(Answers, source.operations)) for source in SOURCES.values()},
    }
)
"""By the key of the asset."""
