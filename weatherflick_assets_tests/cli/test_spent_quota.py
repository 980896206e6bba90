"""A collection that spends its quota half-way stops, keeps what it has, and is resumed; nothing is asked twice.

Upstream and platform count alike, except where a test says otherwise. The platform's clock is the real one, so "after the
reset" is a limit raised on both sides.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, Done, Platform, asked, live_platform
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.places.store.stock import rows

pytestmark = pytest.mark.slow

KEY = "registered+with/the=sandbox"
LIMIT = 6
WHOLE = Counter(
    {("12", "none"): 3, ("39", "none"): 1, ("12", "36110"): 3, ("39", "36110"): 1, ("12", "50"): 1, ("39", "50"): 1}
)
"""Calls that the collection below takes, by kind of place and region: its pages."""


def catalogue() -> Catalogue:
    """A list of three pages in Sejong, a handful of restaurants there, and nothing in Jeju."""
    attractions = [{**PLACE, "contentid": str(10_000 + number)} for number in range(2_300)]
    restaurants = [{**PLACE, "contentid": str(20_000 + number), "contenttypeid": "39"} for number in range(5)]
    return Catalogue.from_rows([*attractions, *restaurants])


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    """An upstream that allows six calls a day; the collection takes ten, and the seventh is the third page of a list."""
    behaviour = Behaviour(daily_limit=LIMIT)
    with RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=catalogue(), behaviour=behaviour) as sandbox:
        yield sandbox


@pytest.fixture
def live(command_database: URL, upstream: RunningSandbox) -> Iterator[Platform]:
    with live_platform(command_database, upstream.url, KEY) as created:
        yield created


def collect(live: Platform, **limits: str) -> Done:
    return live.run_here(
        "collect", "--types", "attractions,restaurants", "--regions", "unassigned,36110,50", "--json", **limits
    )


def calls(upstream: RunningSandbox) -> tuple[int, int]:
    """How many calls the upstream answered and how many it refused."""
    (entry,) = upstream.status()["calls"]
    return entry["answered"], entry["refused"]


def answered(dsn: str) -> Counter[tuple[str, str]]:
    """Answers that were kept, by kind of place and region."""
    return Counter(
        (row["request_params"]["contentTypeId"], row["request_params"].get("lDongRegnCd", "none"))
        for row in rows(dsn, "SELECT request_params FROM raw.responses WHERE result_code = '0000'")
    )


def assert_stopped(done: Done) -> None:
    assert done.code == 3, done.said
    assert "Traceback" not in done.said
    (problem,) = done.summary["by_run"]["36110"]["problems"]
    assert problem.startswith("The calls of kto areaBasedSyncList2 are spent")
    assert "What was collected is kept; there are calls again at 20" in problem
    assert done.summary["untried"] == 1


def test_the_next_run_completes_what_a_spent_quota_cut_short_and_asks_nothing_twice(
    live: Platform, upstream: RunningSandbox, command_database: URL
) -> None:
    dsn = dsn_of(command_database)
    stopped = collect(live, KTO_API_DAILY_LIMIT=str(LIMIT))
    assert_stopped(stopped)
    # The platform knew that nothing was left: it sent no call that would have been refused.
    assert calls(upstream) == (LIMIT, 0)
    assert sum(answered(dsn).values()) == LIMIT
    assert answered(dsn)["12", "36110"] == 2  # of three: in the middle of a list

    upstream.change(daily_limit=100)
    completed = collect(live, KTO_API_DAILY_LIMIT="100")
    assert completed.code == 0, completed.said
    assert "Resuming the collection of" in completed.err
    assert (completed.summary["outcome"], completed.summary["regions"]) == ("complete", ["36110", "50"])
    assert completed.summary["calls"] == WHOLE.total() - LIMIT
    assert calls(upstream) == (WHOLE.total(), 0)
    assert upstream.status()["violations"] == []
    assert answered(dsn) == WHOLE
    assert set(asked(dsn).values()) == {1}
    assert (completed.summary["published"], completed.summary["removed"]) == (2_305, 0)
    assert len(rows(dsn, "SELECT FROM core.attractions WHERE removed_at IS NULL")) == 2_300
    (ledger,) = rows(dsn, "SELECT * FROM ops.api_calls_daily")
    assert (ledger["reserved"], ledger["used"], ledger["refused"]) == (WHOLE.total(), WHOLE.total(), 0)


def test_an_upstream_that_says_spent_before_its_time_is_believed_until_midnight(
    live: Platform, upstream: RunningSandbox, command_database: URL
) -> None:
    """The platform takes the limit to be 1,000; the upstream refuses with code 22 after six calls."""
    dsn = dsn_of(command_database)
    assert_stopped(collect(live))
    served, refused = calls(upstream)
    assert served == LIMIT
    assert 1 <= refused <= 3  # calls that were under way together
    assert sum(answered(dsn).values()) == LIMIT
    (ledger,) = rows(dsn, "SELECT * FROM ops.api_calls_daily")
    assert (ledger["used"], ledger["refused"], ledger["daily_limit"]) == (served + refused, refused, 1_000)

    upstream.change(daily_limit=None)  # it would answer now, if it were asked
    again = collect(live)
    assert_stopped(again)
    assert again.summary["calls"] == 0
    assert calls(upstream) == (served, refused)
