"""`weatherflick forecast`: an issue by name, what the object says, and how it ends when something is missing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets.weather.issues import FORECASTS, key_of
from weatherflick_assets.weather.products import FORECASTS as PRODUCT
from weatherflick_assets_tests.cli.commands import Done, Platform, live_platform
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.places.store.stock import rows

pytestmark = pytest.mark.slow

KEY = "registered+with/the=sandbox"
SEATS = 17
"""Cells of which weather is wanted without any place."""


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    with RunningSandbox(
        SandboxOptions(keys=(KEY,)), catalogue=Catalogue.from_rows([]), behaviour=Behaviour()
    ) as sandbox:
        yield sandbox


@pytest.fixture
def live(command_database: URL, upstream: RunningSandbox) -> Iterator[Platform]:
    with live_platform(command_database, upstream.url, KEY) as created:
        created.settings["KMA_API_KEY"] = KEY
        yield created


def forecast(live: Platform, issue: datetime, **settings: str) -> Done:
    return live.run_here("forecast", "--json", "--issue", key_of(issue), **settings)


def single_page() -> datetime:
    """An issue that the upstream gives, and whose answers are one page."""
    return next(issue for issue in FORECASTS.readable(now() + timedelta(hours=1))[1:] if 5 <= issue.hour <= 14)


def test_an_issue_by_name_is_collected_and_published_and_the_object_says_so(
    live: Platform, command_database: URL
) -> None:
    issue = single_page()
    done = forecast(live, issue)
    assert done.code == 0, done.said
    published = SEATS * len(PRODUCT.valid_times(issue))
    ((days,),) = [
        tuple(row.values()) for row in rows(dsn_of(command_database), "SELECT count(*) FROM core.daily_forecasts")
    ]
    whole = done.summary
    assert whole.keys() == {
        "outcome", "calls", "retries", "listed", "items", "published", "rejected", "removed", "duration_s", "untried",
        "problems", "by_run",
    }  # fmt: skip
    assert (whole["outcome"], whole["calls"], whole["published"]) == ("complete", SEATS, published + days)
    assert whole["by_run"].keys() == {f"forecasts {key_of(issue)}"}
    again = forecast(live, issue)
    assert (again.code, again.summary["calls"]) == (0, 0)


@pytest.mark.parametrize(
    ("away", "reason"),
    [
        (timedelta(days=-3), "can't be read any more: the upstream gives an issue for 24 hours"),
        (timedelta(days=1), "is not published before"),
    ],
    ids=["past", "future"],
)
def test_an_issue_that_cant_be_read_costs_no_call(
    live: Platform, upstream: RunningSandbox, away: timedelta, reason: str
) -> None:
    done = forecast(live, single_page() + away)
    assert done.code == 1
    (problem,) = done.summary["problems"]
    assert reason in problem
    assert "Traceback" not in done.said
    assert upstream.status()["calls"] == []


@pytest.mark.parametrize("name", ["2026-11-30", "202611300530", "tomorrow", "20261130050", "202611300500 "])
def test_what_is_no_issue_is_said_at_once(live: Platform, name: str) -> None:
    done = live.run_here("forecast", "--issue", name)
    assert done.code == 1
    (complaint,) = done.complaints
    assert f"{name} is no issue of forecasts: write YYYYMMDDHHMM in Korean time, at 0200, 0500" in complaint


def test_a_quota_that_ends_half_way_gives_3_and_is_resumed(
    live: Platform, upstream: RunningSandbox, command_database: URL
) -> None:
    issue = single_page()
    upstream.change(daily_limits={"getVilageFcst": 10})
    spent = forecast(live, issue)
    assert spent.code == 3, spent.said
    assert spent.summary["published"] > 0, "what came before is published"
    assert "The calls of kma getVilageFcst are spent" in spent.summary["problems"][0]
    still = forecast(live, issue)
    assert (still.code, still.summary["calls"]) == (3, 0)
    assert f"No call of kma getVilageFcst is left for the issue {key_of(issue)}" in still.summary["problems"][0]
    upstream.change(daily_limits={})
    with psycopg.connect(dsn_of(command_database)) as connection:  # as at midnight
        connection.execute("DELETE FROM ops.api_calls_daily")
    resumed = forecast(live, issue)
    assert (resumed.code, resumed.summary["calls"]) == (0, SEATS - 10)
    assert resumed.summary["by_run"][f"forecasts {key_of(issue)}"]["outcome"] == "complete"


def test_an_issue_that_the_gate_holds_back_gives_4(live: Platform, upstream: RunningSandbox) -> None:
    upstream.change(missing_values=0.5)
    done = forecast(live, single_page())
    assert done.code == 4, done.said
    assert done.summary["outcome"] == "held_back"
    assert "Nothing was published; the issue before it stands." in done.summary["problems"][0]
