"""What an upstream API is, as data: the words in which providers and operations are declared.

The declarations themselves stand in one module per provider (`kto.py`); the client serves whatever is declared. Nothing
here sends anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Period(StrEnum):
    """How long a quota lasts, in Korean time."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Quota:
    """How many calls a key may make in a period; counted per operation, or per meter where operations share one."""

    calls: int
    period: Period = Period.DAY


@dataclass(frozen=True)
class Pace:
    """How fast a key may be used, by all processes together.

    Attributes:
        in_flight: calls under way at once.
        per_second: calls sent in any one second.
    """

    in_flight: int
    per_second: float


@dataclass(frozen=True)
class Provider:
    """An organisation's API on one host, with what all its operations have in common.

    Attributes:
        name: the word in tables, options and pools, e.g. `kto`.
        path: path on the host that operation names are appended to.
        key_parameter: query parameter that carries the API key.
        common_parameters: parameters sent with every call.
        quota: what a key may call, unless the operation says otherwise.
        pace: how fast a key may be used.
        connect_timeout_seconds: for the connection alone.
        read_timeout_seconds: for the whole answer.
        back_off_seconds: first and longest wait between attempts; the actual one is drawn below it (full jitter).
        attempts: how often a call is sent at most when the trouble is transient; the run's retries are limited besides.
    """

    name: str
    path: str
    key_parameter: str
    common_parameters: Mapping[str, str]
    quota: Quota
    pace: Pace
    connect_timeout_seconds: float = 5
    read_timeout_seconds: float = 30
    attempts: int = 6
    back_off_seconds: tuple[float, float] = (0.5, 20)

    @property
    def pool(self) -> str:
        """The Dagster pool that protects this API."""
        return f"api_{self.name}"


@dataclass(frozen=True)
class Operation:
    """One operation of a provider.

    Attributes:
        provider: who offers it.
        name: the upstream's name, which ends the path.
        description: what it answers, in words.
        time_to_live: how long a stored response is worth keeping.
        required: parameters without which the upstream refuses.
        optional: further parameters the upstream knows.
        depends: parameter to the parameters it may only be sent with.
        rows_per_page: page size to ask for; None where the operation has no pages.
        meter: what its calls are counted as, where several operations share one quota; else they count by its name.
        own_quota: where it differs from the provider's.
    """

    provider: Provider
    name: str
    description: str
    time_to_live: timedelta
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    rows_per_page: int | None = None
    meter: str | None = None
    own_quota: Quota | None = None

    @property
    def counted_as(self) -> str:
        """The name under which the quota ledger counts its calls."""
        return self.meter or self.name

    @property
    def quota(self) -> Quota:
        """What a key may call of it."""
        return self.own_quota or self.provider.quota

    @property
    def parameters(self) -> frozenset[str]:
        """Every parameter that may be sent, paging included."""
        paging = ("numOfRows", "pageNo") if self.rows_per_page else ()
        return frozenset((*self.required, *self.optional, *paging))
