"""What a domain tells the rest of the platform, in its `domain.py`: the one declaration that `build.py` puts together.

It is plain data, so commands and the database know the domains without importing Dagster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from sqlalchemy import Connection, Table

from weatherflick_assets.orchestration.flows import Flow
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.rejections import Rejections
from weatherflick_assets.upstream.declarations import Answers, Operation
from weatherflick_assets.warehouse.row_policies import RowPolicy
from weatherflick_assets.warehouse.storage_policies import StoragePolicy

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True)
class Domain:
    """One domain, named after its folder. A young one may only have operations, which can be called.

    Attributes:
        operations: every operation of the APIs it collects from.
        load: writes its reference rows and serving views whenever a database is prepared; the caller commits. None: it
            has none.
        needed_responses: queries for the ids of responses whose bodies it still needs; retention keeps these.
        storage: what is kept, and how long, of its tables that are partitioned by time.
        rows: the same of others that gain rows every day.
        lasting: the tables of which nothing is deleted for its age, by the reason why they stay small enough.
        flows: what runs when; schedules and the sensor that continues flows are made from them.
        publishing: for each job, the assets that it publishes from the outbox, e.g. `core/attractions`.
        locations: a query for the places that it publishes, each once: content_id, content_type_id, kto_area_code, and nx and
            ny, their cell of KMA's forecast grid. The view `core.located_places` has those of all domains. None: it has none.
        measured: what is measured of each table that it judges.
        rejections: what it says about what could not become rows. None: it has no such items.
        answers: for each raw asset the answers that it keeps, by its key.
        definitions: its Dagster definitions; imports Dagster when called. None: it has none.
    """

    name: str
    operations: tuple[Operation, ...]
    load: Callable[[Connection], None] | None = None
    needed_responses: tuple[LiteralString, ...] = ()
    storage: tuple[StoragePolicy, ...] = ()
    rows: tuple[RowPolicy, ...] = ()
    lasting: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    publishing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locations: str | None = None
    measured: tuple[MeasuredTable, ...] = ()
    rejections: Rejections | None = None
    answers: Mapping[str, tuple[Answers, ...]] = field(default_factory=dict)
    definitions: Callable[[], "dg.Definitions"] | None = None
