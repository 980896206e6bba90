"""What an upstream API is, as data: the vocabulary for declaring providers and operations.

The declarations themselves are in one module per provider, in the domain that uses it (`places/kto.py`). The client
serves any declared API. Nothing here sends anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from weatherflick_assets.settings import Host


class Period(StrEnum):
    """How long a quota lasts, in Korean time."""

    DAY = "day"
    MONTH = "month"


class Method(StrEnum):
    """How a call carries its parameters: GET in the query, POST as a JSON object in the body."""

    GET = "GET"
    POST = "POST"


@dataclass(frozen=True)
class Quota:
    """How many calls a key may make in a period; counted per operation, or per meter where operations share one."""

    calls: int
    period: Period = Period.DAY


@dataclass(frozen=True)
class RateLimit:
    """How fast all processes together may use a key: concurrent calls, and calls sent in any one second."""

    in_flight: int
    per_second: float


@dataclass(frozen=True)
class KeyPlace:
    """Where a call carries its API key.

    Attributes:
        parameter: the query parameter; "" where the key is in headers.
        headers: one header for the whole key, or two for the halves of a pair that is configured as `id:secret`.
    """

    parameter: str = ""
    headers: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        """How many parts, separated by colons, a key has."""
        return len(self.headers) or 1


@dataclass(frozen=True)
class Pager:
    """How a page of a list is requested.

    Attributes:
        size, position: the parameters for the number of rows on a page, and for which page.
        counts_rows: whether the position is the number of the page's first row, instead of the page's number.
        first, last: the positions of the first page, and of the last that the upstream accepts; None if it states none.
    """

    size: str
    position: str
    counts_rows: bool = False
    first: int = 1
    last: int | None = None

    def page(self, number: int, rows: int) -> dict[str, str]:
        """The parameters that request a page; pages count from 1."""
        return {self.size: str(rows), self.position: str(self.first + (number - 1) * (rows if self.counts_rows else 1))}

    def number(self, parameters: Mapping[str, str]) -> int:
        """The page that a call requested."""
        step = int(parameters[self.size]) if self.counts_rows else 1
        return (int(parameters[self.position]) - self.first) // step + 1

    def pages(self, rows: int) -> int | None:
        """How many pages with this many rows can be requested; None if there is no limit."""
        step = rows if self.counts_rows else 1
        return None if self.last is None else (self.last - self.first) // step + 1


@dataclass(frozen=True)
class Layout:
    """Where a good answer holds its rows, in JSON or XML. XML's outermost element counts as a name like any other.

    Attributes:
        rows: the names that lead to the rows: a list, or one object, which is one row. An empty value on the way means
            no rows, and a list on the way is the rows; both are common. Without names, the whole answer is one row.
        total: the names that lead to the row count of the whole list; None if an answer holds all rows.
        may_lack_rows: whether an answer without rows omits their name.
    """

    rows: tuple[str, ...]
    total: tuple[str, ...] | None = None
    may_lack_rows: bool = False


PAGED_BY_NUMBER = Pager(size="numOfRows", position="pageNo")
ITEMS_IN_BODY = Layout(("response", "body", "items", "item"), total=("response", "body", "totalCount"))
"""How the services of data.go.kr number pages and write rows."""


@dataclass(frozen=True)
class WireFormat:
    """How calls and answers of operations are encoded. The defaults are those of data.go.kr.

    Attributes:
        headers: sent with every call.
        pager: None if there are no pages.
        codes: the provider's own result codes and words, each with the code in `reasons.py` that means the same. A
            provider that has them is taken to use HTTP statuses correctly. None: the codes of data.go.kr.
        maximum_body_bytes: reading stops after this many bytes, compressed or not. The default is several times a page
            of a thousand rows. Parsed hostile JSON takes thirty times its size, and XML most of a second per megabyte.
    """

    method: Method = Method.GET
    headers: Mapping[str, str] = field(default_factory=dict)
    pager: Pager | None = PAGED_BY_NUMBER
    layout: Layout = ITEMS_IN_BODY
    codes: Mapping[str, str] | None = None
    maximum_body_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True)
class Provider:
    """An organisation's API on one host, with what all its operations have in common.

    Attributes:
        name: the word in tables, options, environment variables and pools, e.g. `kto`.
        path: path on the host that precedes operation names.
        quota, wire: what holds unless the operation says otherwise.
        common_parameters: sent with every call.
        connect_timeout_seconds, read_timeout_seconds: for the connection alone, and for the whole answer.
        attempts: how often a call is sent at most after transient errors; the run's retry budget limits it further.
        back_off_seconds: first and longest wait between attempts; the actual one is drawn below it (full jitter).
    """

    name: str
    host: Host
    path: str
    key: KeyPlace
    quota: Quota
    rate_limit: RateLimit
    common_parameters: Mapping[str, str] = field(default_factory=dict)
    wire: WireFormat = WireFormat()
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
    """One operation of a provider, under the upstream's name, which ends the path.

    Attributes:
        time_to_live: how long a stored response is worth keeping.
        required, optional: the parameters that the upstream knows.
        depends: for a parameter, the parameters it may only be sent with.
        json_parameters: parameters, page parameters included, that the body of a POST holds as numbers, lists or
            objects; they are given as JSON text.
        rows_per_page: page size to request; None if the operation has no pages.
        has_single_item: whether an answer about one thing holds at most one item, instead of a list.
        shaped_by: for each parameter that decides which fields an item has, the part of its value that does, as a regular
            expression; see `shape`.
        meter: the name its calls are counted under if several operations share one quota; by default its own name.
        own_quota, own_path, own_wire: instead of those of the provider.
    """

    provider: Provider
    name: str
    description: str
    time_to_live: timedelta
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    json_parameters: frozenset[str] = frozenset()
    rows_per_page: int | None = None
    has_single_item: bool = False
    shaped_by: Mapping[str, str] = field(default_factory=dict)
    meter: str | None = None
    own_quota: Quota | None = None
    own_path: str | None = None
    own_wire: WireFormat | None = None

    @property
    def counted_as(self) -> str:
        """The name under which the quota ledger counts its calls."""
        return self.meter or self.name

    @property
    def quota(self) -> Quota:
        """How many calls of it a key may make."""
        return self.own_quota or self.provider.quota

    @property
    def path(self) -> str:
        """Its path on the host."""
        return self.own_path or f"{self.provider.path}/{self.name}"

    @property
    def wire(self) -> WireFormat:
        """How its calls and answers are encoded."""
        return self.own_wire or self.provider.wire

    @property
    def pager(self) -> Pager:
        """How its pages are requested; only operations with pages have a pager."""
        assert self.rows_per_page is not None, f"{self.name} has no pages"
        assert self.wire.pager is not None, f"{self.name} has pages and no pager"
        assert self.wire.layout.total is not None, f"{self.name} has pages and no total"
        return self.wire.pager

    @property
    def page_parameters(self) -> tuple[str, ...]:
        """The parameters that name a page and its size; none where it has no pages."""
        return (self.pager.size, self.pager.position) if self.rows_per_page else ()

    @property
    def parameters(self) -> frozenset[str]:
        """Every parameter that may be sent, paging included."""
        return frozenset((*self.required, *self.optional, *self.page_parameters))

    def shape(self, parameters: Mapping[str, str]) -> str:
        """What tells the items of answers to these parameters apart from others: `contentTypeId=39`, or "" of all alike."""
        found = ((name, re.search(part, parameters.get(name, ""))) for name, part in sorted(self.shaped_by.items()))
        return " ".join(f"{name}={match[0]}" for name, match in found if match and match[0])

    def page(self, number: int, *, rows: int | None = None) -> dict[str, str]:
        """The parameters that request a page, with `rows` rows or the usual number; pages count from 1."""
        size = rows or self.rows_per_page
        assert size is not None, f"{self.name} has no pages"
        return self.pager.page(number, size)


ALL_OF_IT = ".+"
"""In `Operation.shaped_by`: the whole value of a parameter."""


@dataclass(frozen=True)
class Answers:
    """Answers that an asset keeps: those of an operation, or those of one shape (`Operation.shape`) of it."""

    operation: Operation
    shape: str | None = None
