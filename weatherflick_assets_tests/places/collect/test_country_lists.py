"""Lists of the whole country: every row kept as what is said of its place, and nothing made of a list that does not add up."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import orjson
import psycopg
import pytest
from aiohttp import web
from pydantic import SecretStr

from weatherflick_assets.places.collect import country_lists
from weatherflick_assets.places.collect.country_lists import (
    CountryList,
    StayList,
    collect_festivals,
    collect_pets,
    collect_stays,
)
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.store.details import DetailStore
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.errors import IncompleteSweepError, PermanentError
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.places.collecting import CLOCK, EAGER_KTO
from weatherflick_assets_tests.places.collecting import collect as collect_places
from weatherflick_assets_tests.places.store.stock import item, merge, rows
from weatherflick_assets_tests.upstream.hosts import Handler, envelope, gateway_error, serving

DAY = date(2026, 7, 2)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)

Collecting = Callable[[UpstreamClient, ResponseStore, DetailStore], Awaitable[Any]]


def run(url: str, dsn: str, work: Collecting) -> Any:
    async def collecting() -> Any:
        access = Access(EAGER_KTO, url, (SecretStr("sandbox"),))
        async with (
            ResponseStore(dsn, run_id="run", partition_key=None) as store,
            DetailStore(dsn) as details,
            UpstreamClient(access, store.keep, dsn, clock=CLOCK) as client,
        ):
            return await work(client, store, details)

    return asyncio.run(collecting())


def festivals(url: str, dsn: str, day: date = DAY, *, resumed_from: datetime | None = None) -> CountryList:
    return run(
        url,
        dsn,
        lambda client, store, details: collect_festivals(client, store, details, day, resumed_from=resumed_from),
    )


def pets(url: str, dsn: str, *, resumed_from: datetime | None = None) -> CountryList:
    return run(url, dsn, lambda client, store, details: collect_pets(client, store, details, resumed_from=resumed_from))


def stays(url: str, dsn: str) -> StayList:
    return run(url, dsn, lambda client, store, _: collect_stays(client, store, dsn))


def served(handler: Handler, work: Callable[[str], Any]) -> Any:
    """What `work` gives when it is handed the address of a host that answers with `handler`."""

    async def serve() -> Any:
        async with serving(handler) as url:
            return await asyncio.to_thread(work, url)

    return asyncio.run(serve())


def event(content_id: str, first: str, last: str, **changes: object) -> dict[str, object]:
    return item(content_id, contenttypeid="15", eventstartdate=first, eventenddate=last, **changes)


def kept(dsn: str, operation: str) -> dict[str, list[dict[str, Any]]]:
    found = rows(dsn, "SELECT content_id, items FROM raw.place_details WHERE operation = %s", operation)
    return {row["content_id"]: row["items"] for row in found}


def test_festivals_that_ended_long_ago_are_left_out_and_all_others_are_kept_with_their_dates(store: str) -> None:
    events = [
        event("1", "20260101", "20260601"),
        event("2", "20260520", "20260602"),
        event("3", "20260701", "20260704"),
        event("4", "20270101", "20270105"),
    ]
    with RunningSandbox(catalogue=Catalogue.from_rows([*events, item("5")])) as sandbox:
        read = festivals(sandbox.url, store)
    assert (read.listed, read.unkeyed, read.calls, read.pages) == (3, 0, 1, 1)
    found = kept(store, "searchFestival2")
    assert set(found) == {"2", "3", "4"}
    assert [(row["eventstartdate"], row["eventenddate"]) for row in found["3"]] == [("20260701", "20260704")]
    (response,) = rows(store, "SELECT * FROM raw.responses")
    assert response["request_params"]["eventStartDate"] == "20260602"


def test_what_is_touched_are_the_listed_places_of_which_something_else_is_said(store: str) -> None:
    events = [event("1", "20260701", "20260704"), event("2", "20260701", "20260704", lDongRegnCd="11")]
    merge(store, 0, events[:1], content_type_id="15")
    with RunningSandbox(catalogue=Catalogue.from_rows(events)) as sandbox:
        assert festivals(sandbox.url, store).touched == {("15", "50")}  # the other is not listed yet
        assert festivals(sandbox.url, store).touched == set()
    moved = [event("1", "20260801", "20260804"), events[1]]
    with RunningSandbox(catalogue=Catalogue.from_rows(moved)) as sandbox:
        assert festivals(sandbox.url, store).touched == {("15", "50")}
    assert kept(store, "searchFestival2")["1"][0]["eventstartdate"] == "20260801"


@pytest.mark.fault(
    "Liveness",
    "a run that merges a list of the country batch by batch breaks off between two batches",
    "what the first batch changed is pending all the same, and is published",
)
def test_what_a_batch_changed_is_pending_although_the_run_breaks_off_at_the_next(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(country_lists, "MERGED_AT_ONCE", 1)
    events = [event("1", "20260701", "20260704"), event("2", "20260701", "20260704", lDongRegnCd="11")]
    merge(store, 0, events, content_type_id="15")
    with psycopg.connect(store) as connection:
        connection.execute("DELETE FROM ops.pending_publications")
        connection.execute("ALTER TABLE raw.place_details ADD CONSTRAINT breaks_off CHECK (content_id <> '2')")
    try:
        with (
            RunningSandbox(catalogue=Catalogue.from_rows(events)) as sandbox,
            pytest.raises(psycopg.errors.CheckViolation),
        ):
            festivals(sandbox.url, store)
    finally:
        with psycopg.connect(store) as connection:
            connection.execute("ALTER TABLE raw.place_details DROP CONSTRAINT breaks_off")
    assert rows(store, "SELECT asset_key, partition_key, keys FROM ops.pending_publications") == [
        {"asset_key": "core/festivals", "partition_key": "50", "keys": ["1"]}
    ]


def test_a_festival_that_is_over_keeps_the_dates_that_were_last_said(store: str) -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows([event("1", "20260701", "20260704")])) as sandbox:
        festivals(sandbox.url, store)
        assert festivals(sandbox.url, store, date(2026, 9, 1)).listed == 0
    assert kept(store, "searchFestival2")["1"][0]["eventenddate"] == "20260704"


def test_pets_are_read_for_the_whole_country_at_once_one_item_a_place(store: str) -> None:
    with RunningSandbox(SandboxOptions(scale=0.05)) as sandbox:
        read = pets(sandbox.url, store)
    found = kept(store, "detailPetTour2")
    assert read.listed == len(found) > 50
    assert read.calls == -(-read.listed // 1000)
    assert {len(items) for items in found.values()} == {1}
    assert all(items[0]["contentid"] == content_id for content_id, items in found.items())


def test_pages_that_were_read_since_a_collection_began_are_not_asked_for_again(store: str) -> None:
    with RunningSandbox(SandboxOptions(scale=0.05)) as sandbox:
        first = pets(sandbox.url, store)
        again = pets(sandbox.url, store, resumed_from=BEFORE)
        assert festivals(sandbox.url, store).calls == 1
        assert festivals(sandbox.url, store, resumed_from=BEFORE).calls == 0
        # Another day's list is another list.
        assert festivals(sandbox.url, store, date(2026, 7, 3), resumed_from=BEFORE).calls == 1
    assert (again.calls, again.listed) == (0, first.listed)


def test_places_to_stay_that_the_list_of_places_misses_are_named(store: str) -> None:
    inns = [item(str(number), contenttypeid="32", title=f"여관 {number}") for number in range(5)]
    with RunningSandbox(catalogue=Catalogue.from_rows([*inns[:3], item("9")])) as sandbox:
        collect_places(sandbox.url, store, content_type=CONTENT_TYPE_BY_NAME["accommodations"])
    with RunningSandbox(catalogue=Catalogue.from_rows([*inns, item("9")])) as sandbox:
        read = stays(sandbox.url, store)
    assert read.reading.listed == 5
    assert read.not_listed == {"3": "여관 3", "4": "여관 4"}
    assert kept(store, "searchStay2") == {}
    (response,) = rows(store, "SELECT body FROM raw.responses WHERE operation = 'searchStay2'")
    assert len(orjson.loads(response["body"])["response"]["body"]["items"]["item"]) == 5


def test_a_list_that_never_adds_up_is_used_and_says_so(store: str) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=envelope([{"contentid": "1"}, {"contentid": "2"}], total=5))

    read = served(handle, lambda url: pets(url, store))
    assert "detailPetTour2 does not add up: after 2 readings its pages hold 2 different rows" in read.doubt
    assert kept(store, "detailPetTour2").keys() == {"1", "2"}


def test_nothing_is_made_of_a_list_that_differs_with_every_reading_and_its_answers_are_kept(store: str) -> None:
    totals = count(3)

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=envelope([{"contentid": "1"}, {"contentid": "2"}], total=next(totals)))

    with pytest.raises(IncompleteSweepError, match=r"detailPetTour2 does not add up.*2 different rows.*counts \d"):
        served(handle, lambda url: pets(url, store))
    assert kept(store, "detailPetTour2") == {}
    assert len(rows(store, "SELECT FROM raw.responses")) == 5


def test_a_list_that_can_not_be_had_leaves_what_was_known(store: str) -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows([event("1", "20260701", "20260704")])) as sandbox:
        festivals(sandbox.url, store)
    before = kept(store, "searchFestival2")

    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=400, body=gateway_error("12"))

    with pytest.raises(PermanentError):
        served(handle, lambda url: festivals(url, store))
    assert kept(store, "searchFestival2") == before


def test_hostile_rows_do_not_stop_their_neighbours(store: str) -> None:
    hostile: list[dict[str, object]] = [
        {"contentid": "1", "acmpyTypeCd": "전구역 동반가능"}, {"contentid": 2, "acmpyTypeCd": "\x00\\u0000"}, {"contentid": "3\x00"},
        {"contentid": None}, {"contentid": ["4"]}, {"acmpyTypeCd": "x"}, {"contentid": "5", "acmpyTypeCd": {"a": [1]}},
    ]  # fmt: skip

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=envelope(hostile))

    read = served(handle, lambda url: pets(url, store))
    assert set(kept(store, "detailPetTour2")) == {"1", "2", "3", "5"}
    assert (read.listed, read.unkeyed) == (4, 3)
