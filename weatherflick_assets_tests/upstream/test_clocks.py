"""Clocks that are wrong: days of quota go by the database's, and nothing is sent once it is too far from the upstream's."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import psycopg
import pytest
from aiohttp import web
from pydantic import SecretStr

from weatherflick_assets.settings import now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.errors import ClockSkewError, LedgerError
from weatherflick_assets.upstream.quota import MOST_SKEW
from weatherflick_assets.upstream.server_clock import ServerClock
from weatherflick_assets.warehouse.response_store import ResponseRecord
from weatherflick_assets_tests.upstream.hosts import KEY, LIST, PATIENT_KTO, QUOTA_SPENT, Kept, envelope, serving

PAGE = {"numOfRows": "10", "pageNo": "1"}
ITEMS = envelope([{"contentid": "1"}])
WRONG = [timedelta(minutes=10), timedelta(days=1), timedelta(seconds=61)]


def client_of(url: str, kept: Kept, dsn: str) -> UpstreamClient:
    """As in operation: with the clock of the database's server."""
    return UpstreamClient(Access(PATIENT_KTO, url, [SecretStr(KEY)]), kept, dsn)


class Host:
    """A host whose clock is off by `offset`, and says so; None: it names no time."""

    def __init__(self, offset: timedelta | None, body: bytes = ITEMS) -> None:
        self._offset = offset
        self._body = body
        self.requests = 0

    async def __call__(self, _: web.Request) -> web.Response:
        self.requests += 1
        date = "yesterday" if self._offset is None else format_datetime(now() + self._offset, usegmt=True)
        return web.Response(body=self._body, headers={"Date": date})


def call(host: Host, kept: Kept, dsn: str, *, times: int = 1) -> list[Answer | BaseException]:
    async def send() -> list[Answer | BaseException]:
        async with serving(host) as url, client_of(url, kept, dsn) as client:
            return [(await asyncio.gather(client.call(LIST, PAGE), return_exceptions=True))[0] for _ in range(times)]

    return asyncio.run(send())


@pytest.mark.fault(
    "Liveness",
    "the database's clock and the upstream's are minutes or a day apart",
    "after the first answer nothing more is sent, and a sentence names both clocks",
)
@pytest.mark.parametrize("offset", [*WRONG, *(-offset for offset in WRONG)], ids=str)
def test_beyond_the_tolerated_skew_nothing_more_is_sent(store: str, offset: timedelta) -> None:
    host, kept = Host(offset), Kept()
    first, second = call(host, kept, store, times=2)
    assert isinstance(first, ClockSkewError)
    assert isinstance(second, ClockSkewError)
    assert host.requests == len(kept.responses) == 1  # it is paid for, so it is kept
    assert f"{'behind' if offset > timedelta() else 'ahead of'} that of http://127.0.0.1" in str(first)
    assert f"at most {MOST_SKEW.seconds} s are tolerated" in str(first)


@pytest.mark.fault(
    "Liveness", "the clock is wrong and the upstream reports that the quota is spent", "no day is closed by that"
)
@pytest.mark.parametrize("offset", WRONG, ids=str)
def test_a_wrong_clock_closes_no_day(store: str, offset: timedelta) -> None:
    (error,) = call(Host(-offset, QUOTA_SPENT.encode()), Kept(), store)
    assert isinstance(error, ClockSkewError)
    with psycopg.connect(store) as connection:
        assert connection.execute("SELECT closed_until FROM ops.api_calls_daily").fetchall() == [(None,)]


@pytest.mark.parametrize("offset", [timedelta(seconds=20), timedelta(seconds=-20), None], ids=str)
def test_a_small_skew_and_a_date_that_is_none_are_tolerated(store: str, offset: timedelta | None) -> None:
    (answer,) = call(Host(offset), Kept(), store)
    assert isinstance(answer, Answer)


@pytest.mark.fault("Liveness", "the database takes a minute to keep an answer", "no clock is taken to be wrong")
def test_the_time_that_keeping_an_answer_takes_is_no_skew(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0.0
    monotonic = time.monotonic

    class Slow(Kept):
        async def __call__(self, response: ResponseRecord) -> int:
            nonlocal taken
            taken += 61
            return await super().__call__(response)

    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + taken)
    # By the database's clock, which a test can't turn forward, the answer came before the minute.
    first, second = call(Host(timedelta(seconds=-61)), Slow(), store, times=2)
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)


@pytest.mark.fault(
    "Liveness", "the clock of the machine that collects is a day wrong", "calls are charged to the database's day"
)
def test_calls_are_charged_to_the_day_of_the_database_whatever_the_machine_says(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=1)  # type: ignore[arg-type]

    monkeypatch.setattr("weatherflick_assets.settings.datetime", Tomorrow)
    kept = Kept()
    call(Host(timedelta(days=-1)), kept, store)  # the host is right
    with psycopg.connect(store) as connection:
        rows = connection.execute(
            "SELECT day = (now() AT TIME ZONE 'Asia/Seoul')::date FROM ops.api_calls_daily ORDER BY 1 DESC LIMIT 1"
        ).fetchall()
    assert rows == [(True,)]
    (response,) = kept.responses
    assert response.fetched_at < now() - timedelta(hours=23)


def test_the_servers_clock_goes_on_and_is_held_against_a_date() -> None:
    clock = ServerClock()
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    clock.set(at)
    first, second = clock(), clock()
    assert at <= first <= second < at + timedelta(hours=1)
    hour = timedelta(hours=1)
    assert hour <= clock.ahead_of({"date": "Tue, 10 Mar 2026 11:00:00 GMT"}, within=timedelta()) < 2 * hour
    assert -hour <= clock.ahead_of({"date": "Tue, 10 Mar 2026 13:00:00 GMT"}, within=hour) < timedelta()
    # The reply may have been on its way for as long.
    assert clock.ahead_of({"date": "Tue, 10 Mar 2026 11:00:00 GMT"}, within=3 * hour) == timedelta()
    for unreadable in ({}, {"date": ""}, {"date": "soon"}):
        assert clock.ahead_of(unreadable, within=timedelta()) == timedelta()


def test_a_tolerated_skew_is_followed(store: str) -> None:
    kept = Kept()
    call(Host(timedelta(seconds=-20)), kept, store, times=2)
    first, second = (response.fetched_at for response in kept.responses)
    assert second < first


@pytest.mark.fault(
    "Liveness", "rows of the quota ledger are deleted while a run uses them", "the run ends with an error that says so"
)
@pytest.mark.parametrize("calls", [1, 200], ids=["before its end", "before it reserves again"])
def test_rows_of_the_ledger_that_are_gone_are_an_error(store: str, calls: int) -> None:
    async def send() -> None:
        async with serving(Host(timedelta())) as url, client_of(url, Kept(), store) as client:
            await client.call(LIST, PAGE)
            with psycopg.connect(store) as connection:
                connection.execute("DELETE FROM ops.api_calls_daily")
            for _ in range(calls):
                await client.call(LIST, PAGE)

    with pytest.raises(LedgerError, match=r"Rows of the quota ledger \(ops.api_calls_daily\) for kto"):
        asyncio.run(send())
