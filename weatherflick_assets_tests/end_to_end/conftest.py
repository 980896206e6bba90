"""One platform for the end-to-end tests: started, filled and ended, then started a second time for a look at its UI."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from weatherflick_assets.places.domain import PLACES
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets_tests.cli.commands import Done, Platform, free_port, platform
from weatherflick_assets_tests.end_to_end.serving import Serving, answers, up

NO_PROXY_THERE = "http://user:PLANTED@127.0.0.1:9"

LOCATION = "__repository__@weatherflick"
"""The code location's repository, as the UI's Timeline and Jobs ask for its runs."""


MUST_BE_WELL = "database,daemon,code_location,upstream,publications"
"""What is well whatever machine the tests run on."""

_PUBLISHED = " UNION ALL ".join(f"SELECT content_id FROM {table.fullname}" for table in PLACE_TABLES.values())

_UNPUBLISHED = f"""
WITH shown AS (SELECT content_id FROM raw.place_items WHERE is_visible AND absent_since IS NULL),
published AS ({_PUBLISHED}), rejected AS (SELECT content_id FROM core.rejected_items),
answers AS (SELECT * FROM raw.place_details JOIN shown USING (content_id) WHERE items <> '[]'),
left_out AS (
    SELECT 'places' AS what, content_id FROM shown
    EXCEPT ALL SELECT 'places', content_id FROM published EXCEPT SELECT 'places', content_id FROM rejected
    UNION ALL SELECT operation, content_id FROM answers WHERE operation = 'detailPetTour2'
        AND content_id NOT IN (SELECT content_id FROM core.pet_policies UNION ALL SELECT content_id FROM rejected)
    UNION ALL SELECT operation, content_id FROM answers WHERE operation = 'searchFestival2'
        AND content_id NOT IN (SELECT content_id FROM core.festivals WHERE event_start_date IS NOT NULL)
)
SELECT what, count(*)::int FROM left_out GROUP BY what
UNION ALL SELECT 'answers ' || operation, -count(*)::int FROM answers GROUP BY operation
"""
"""What raw holds and core does not, by what it is; as negative numbers how many answers there are at all."""


@dataclass(frozen=True)
class Life:
    """A `weatherflick up` from beginning to end."""

    platform: Platform
    answered: bool
    healthy: bool
    measured: bool
    runs: dict[str, dict]
    of_the_location: dict[str, dict]
    rows: int
    pending: int
    recommended: int
    unpublished: dict[str, int]
    said: str
    beside: Done
    code: int
    left: list[str]

    @property
    def collected(self) -> set[str]:
        """The runs that belong to a collection."""
        return {
            run_id
            for run_id, run in self.runs.items()
            if "weatherflick/collection" in {tag["key"] for tag in run["tags"]}
        }


def ended(serving: Serving, number: signal.Signals) -> Life:
    """Look around, try to start a second time beside it, end it with a signal, and look at what stayed."""
    created = serving.platform
    beside = created.run("up", "--port", str(free_port()))
    answered, runs, of_the_location = answers(serving.url), serving.runs(), serving.runs(of=LOCATION)
    healthy, measured = (answers(f"{serving.health_url}/{page}") for page in (f"health?of={MUST_BE_WELL}", "metrics"))
    url = created.run("database-url").out.strip()
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM core.attractions) + (SELECT count(*) FROM core.restaurants), "
            # Schedules collect the weather meanwhile.
            "(SELECT count(*) FROM ops.pending_publications WHERE asset_key = ANY(%s)), "
            "(SELECT count(*) FROM serving.recommendations)",
            ([asset for assets in PLACES.publishing.values() for asset in assets],),
        ).fetchone()
        unpublished = dict(connection.execute(_UNPUBLISHED).fetchall())  # type: ignore[arg-type, call-overload]
    assert row is not None
    code = serving.end(number)
    return Life(
        created,
        answered,
        healthy,
        measured,
        runs,
        of_the_location,
        row[0],
        row[1],
        row[2],
        unpublished,
        serving.said,
        beside,
        code,
        created.descriptions(),
    )


@pytest.fixture(scope="session")
def small_platform() -> Iterator[Platform]:
    """A state folder for a fiftieth of Korea, where the environment names a proxy that nothing may go through."""
    with platform(HTTP_PROXY=NO_PROXY_THERE, HTTPS_PROXY=NO_PROXY_THERE, NO_PROXY="intra.example") as created:
        yield created


@pytest.fixture(scope="session")
def first_life(small_platform: Platform) -> Life:
    """The first start: it collects everything; Ctrl-C ends it."""
    with up(small_platform) as serving:
        return ended(serving, signal.SIGINT)


@pytest.fixture(scope="session")
def second_start(first_life: Life) -> Iterator[Serving]:
    """The same state folder, served again."""
    with up(first_life.platform) as serving:
        yield serving


@pytest.fixture(scope="session")
def second_life(second_start: Serving) -> Life:
    """The second start, ended by SIGTERM."""
    return ended(second_start, signal.SIGTERM)
