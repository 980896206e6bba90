"""What an upstream API is, as data: the words in which providers and operations are declared.

The declarations themselves stand in one module per provider (`kto.py`); the client serves whatever is declared. Nothing
here sends anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType


@dataclass(frozen=True)
class Provider:
    """An organisation's API on one host, with what all its operations have in common.

    Attributes:
        name: the word in tables, options and pools, e.g. `kto`.
        path: path on the host that operation names are appended to.
        key_parameter: query parameter that carries the API key.
        common_parameters: parameters sent with every call.
        calls_in_flight: how many calls may be under way at once; data.go.kr has refused as few as four.
        connect_timeout_seconds: for the connection alone.
        read_timeout_seconds: for the whole answer.
        attempts: how often a call is sent at most when the trouble is transient.
    """

    name: str
    path: str
    key_parameter: str
    common_parameters: Mapping[str, str]
    calls_in_flight: int = 3
    connect_timeout_seconds: float = 5
    read_timeout_seconds: float = 30
    attempts: int = 4

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
    """

    provider: Provider
    name: str
    description: str
    time_to_live: timedelta
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    rows_per_page: int | None = None

    @property
    def parameters(self) -> frozenset[str]:
        """Every parameter that may be sent, paging included."""
        paging = ("numOfRows", "pageNo") if self.rows_per_page else ()
        return frozenset((*self.required, *self.optional, *paging))
