"""The weather as a domain: so far the APIs that it calls."""

from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.weather import airkorea, kasi, kma

WEATHER = Domain(name="weather", operations=(*kma.OPERATIONS, *airkorea.OPERATIONS, *kasi.OPERATIONS))
