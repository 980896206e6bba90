"""Codes from the upstream's lists to published rows: from the last good answers, judged, and never lost."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import psycopg
import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from weatherflick_assets.places.collect.codes import (
    CodeCollection,
    CodePublishing,
    CodesMissingError,
    collect_codes,
    publish_last_codes,
)
from weatherflick_assets.places.store import reference
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.errors import PermanentError, UpstreamError
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore
from weatherflick_assets_tests.places.collecting import CLOCK, EAGER_KTO
from weatherflick_assets_tests.places.store.draining import pending_keys
from weatherflick_assets_tests.places.store.stock import execute, rows, table
from weatherflick_assets_tests.upstream.hosts import envelope, gateway_error, serving

Items = list[dict[str, Any]]

CLASSES = ("lclsSystmCode2", {"lclsSystmListYn": "Y"})
DISTRICTS = ("ldongCode2", {"lDongListYn": "Y"})
AREAS: tuple[str, dict[str, str]] = ("areaCode2", {})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(SandboxOptions(scale=0.01)) as running:
        yield running


@pytest.fixture
def codes_store(store: str) -> Iterator[str]:
    """A database with nothing collected, and the codes that are declared."""
    execute(store, "DELETE FROM core.codes")
    load_declarations(store)
    yield store
    execute(store, "DELETE FROM core.codes")
    load_declarations(store)


def load_declarations(dsn: str) -> None:
    engine = create_engine(dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        reference.load(connection)


def collect(url: str, dsn: str, *, resumed_from: datetime | None = None) -> CodeCollection:
    async def run() -> CodeCollection:
        access = Access(EAGER_KTO, url, (SecretStr("sandbox"),))
        async with (
            ResponseStore(dsn, run_id="run", partition_key=None) as store,
            UpstreamClient(access, store.keep, dsn, clock=CLOCK) as client,
        ):
            return await collect_codes(client, store, dsn, clock=CLOCK, resumed_from=resumed_from)

    return asyncio.run(run())


def publish(dsn: str) -> CodePublishing:
    return asyncio.run(publish_last_codes(dsn, clock=CLOCK))


def answered(dsn: str, asked: tuple[str, dict[str, str]], body: bytes) -> None:
    """Keep an answer to a list, as a later collection would."""
    operation, parameters = asked

    async def run() -> None:
        async with ResponseStore(dsn, run_id="later", partition_key=None) as store:
            await store.keep(
                ResponseRecord(
                    provider="kto",
                    operation=operation,
                    request_params={**parameters, "numOfRows": "1000", "pageNo": "1"},
                    http_status=200,
                    result_code="0000",
                    body=body,
                    api_key_id="0123456789ab",
                    duration_ms=1,
                    fetched_at=CLOCK(),
                    expires_at=None,
                )
            )

    asyncio.run(run())


def answered_otherwise(dsn: str, asked: tuple[str, dict[str, str]], change: Callable[[Items], Items]) -> None:
    """Keep the last answer to a list again, with other items."""
    (last,) = rows(
        dsn,
        "SELECT body FROM raw.responses WHERE operation = %s AND request_params @> %s ORDER BY response_id DESC LIMIT 1",
        asked[0],
        orjson.dumps(asked[1]).decode(),
    )
    items = orjson.loads(last["body"])["response"]["body"]["items"]["item"]
    answered(dsn, asked, envelope(change(items)))


def codes(dsn: str, space: str) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in rows(dsn, "SELECT * FROM core.codes WHERE code_space = %s", space)}


def versions(dsn: str) -> dict[str, Any]:
    """All codes with their row versions."""
    return table(dsn, "(SELECT *, xmin, code_space || '/' || code AS key FROM core.codes) AS codes", "key")


def test_every_list_is_collected_and_published_with_names_and_parents(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    collected = collect(sandbox.url, codes_store)
    assert collected.warnings == ()
    made = publish(codes_store)
    assert made.published is not None
    assert (made.warnings, made.unusable) == ((), 0)
    assert all(verdict.score == 100 for verdict in made.verdicts.values())
    recorded = rows(codes_store, "SELECT * FROM quality.verdicts WHERE published ORDER BY verdict_id")
    assert {row["partition_key"]: row["verdict_id"] for row in recorded} == made.verdict_ids
    assert {row["partition_key"]: row["row_count"] for row in recorded} == made.codes
    (asked,) = rows(codes_store, "SELECT min(fetched_at) AS first, max(fetched_at) AS last FROM raw.calls")
    assert all(asked["first"] <= row["data_as_of"] <= asked["last"] for row in recorded)
    profiled = rows(
        codes_store,
        "SELECT profile.row_count, null_count, distinct_count FROM quality.column_profiles AS profile JOIN quality.verdicts USING (verdict_id) "
        "WHERE partition_key = 'sigungu' AND column_name = 'code'",
    )
    assert [set(row.values()) for row in profiled] == [{len(tables.sigungu()), 0}]

    classes = codes(codes_store, "class")
    listed = [known.code for known in tables.classes() if known.listed]
    assert {code for code, row in classes.items() if row["level"] == 3} == set(listed)
    assert classes["NA010100"]["parent_code"] == "NA01"
    assert classes["NA01"]["parent_code"] == "NA"
    assert {code: classes[code]["content_type_id"] for code in ("NA", "VE", "VE10", "VE12", "AC", "AC05", "C01", "FD01")} == {
        "NA": "12", "VE": "14", "VE10": "28", "VE12": "12", "AC": "32", "AC05": "28", "C01": "25", "FD01": "39",
    }  # fmt: skip
    assert set(codes(codes_store, "region")) == {region.code for region in tables.regions()}
    districts = codes(codes_store, "sigungu")
    assert len(districts) == len(tables.sigungu())
    assert (districts["12210"]["parent_code"], districts["36110"]["parent_code"]) == ("12", "36110")
    areas = codes(codes_store, "area")
    assert (areas["1"]["name"], areas["1-23"]["parent_code"]) == ("서울", "1")
    assert len(areas) == len(tables.areas())
    assert set(codes(codes_store, "category")) == set(tables.categories())
    assert {row["parent_code"] for row in codes(codes_store, "category").values()} > {"A01", "A0101", None}


def test_publishing_again_changes_nothing(codes_store: str, sandbox: RunningSandbox) -> None:
    collect(sandbox.url, codes_store)
    publish(codes_store)
    before = versions(codes_store)
    collect(sandbox.url, codes_store)
    again = publish(codes_store).published
    assert again is not None
    assert (again.added, again.changed, again.withdrawn) == (0, 0, 0)
    assert versions(codes_store) == before


def test_every_answer_is_kept_and_what_was_answered_since_a_collection_began_is_not_asked_again(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    first = collect(sandbox.url, codes_store)
    kept = rows(codes_store, "SELECT operation, count(*) FROM raw.responses GROUP BY 1")
    assert sum(row["count"] for row in kept) == first.calls
    assert {row["operation"] for row in kept} == {"lclsSystmCode2", "ldongCode2", "areaCode2", "categoryCode2"}
    again = collect(sandbox.url, codes_store, resumed_from=began)
    assert again.calls == 0
    assert again.codes == first.codes


def test_a_code_that_is_no_longer_listed_stays_withdrawn_until_it_returns(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    collect(sandbox.url, codes_store)
    publish(codes_store)
    whole: Items = []

    def without(items: Items) -> Items:
        whole.extend(items)
        return [item for item in items if item["lclsSystm3Cd"] != "NA010100"]

    answered_otherwise(codes_store, CLASSES, without)
    gone = publish(codes_store).published
    assert gone is not None
    assert (gone.added, gone.changed, gone.withdrawn) == (0, 0, 1)
    assert codes(codes_store, "class")["NA010100"]["withdrawn_at"] is not None
    assert codes(codes_store, "class")["NA010100"]["name"]

    answered(codes_store, CLASSES, envelope(whole))
    back = publish(codes_store).published
    assert back is not None
    assert (back.changed, back.withdrawn) == (1, 0)
    assert codes(codes_store, "class")["NA010100"]["withdrawn_at"] is None


def test_a_new_name_is_published_and_a_declared_one_never_takes_its_place(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    assert codes(codes_store, "class")["NA"]["name"] == "자연관광"
    collect(sandbox.url, codes_store)
    answered_otherwise(
        codes_store,
        CLASSES,
        lambda items: [item | ({"lclsSystm1Nm": "새 이름"} if item["lclsSystm1Cd"] == "NA" else {}) for item in items],
    )
    publish(codes_store)
    assert codes(codes_store, "class")["NA"]["name"] == "새 이름"
    load_declarations(codes_store)
    assert codes(codes_store, "class")["NA"]["name"] == "새 이름"


@pytest.mark.parametrize(
    ("asked", "change", "rule"),
    [
        (CLASSES, lambda _: [], "row_count"),
        (CLASSES, lambda items: items[: len(items) // 2], "row_count"),
        (DISTRICTS, lambda items: items[:150], "row_count"),
        (DISTRICTS, lambda items: [item | {"lDongSignguNm": " "} for item in items], "name_filled"),
        (CLASSES, lambda items: [item | {"lclsSystm3Cd": f"?{item['rnum']}"} for item in items], "code_form"),
        (CLASSES, lambda items: [*items, items[0] | {"lclsSystm3Nm": "다른 이름"}], "code_unique"),
    ],
    ids=["nothing", "half of the classes", "half of the districts", "no names", "other codes", "two names of one code"],
)
def test_a_list_that_cannot_be_whole_is_held_back_and_the_last_good_codes_stay(
    codes_store: str,
    sandbox: RunningSandbox,
    asked: tuple[str, dict[str, str]],
    change: Callable[[Items], Items],
    rule: str,
) -> None:
    collect(sandbox.url, codes_store)
    publish(codes_store)
    before = versions(codes_store)
    answered_otherwise(codes_store, asked, change)
    held = publish(codes_store)
    assert held.published is None
    assert rows(
        codes_store,
        "SELECT verdict_id, passed, published FROM quality.verdicts WHERE verdict_id = ANY(%s)",
        list(held.verdict_ids.values()),
    ) == [
        {"verdict_id": held.verdict_ids[space], "passed": verdict.passed, "published": False}
        for space, verdict in held.verdicts.items()
    ]
    assert rule in {failure.rule.rule_id for verdict in held.verdicts.values() for failure in verdict.blocking_failures}
    assert versions(codes_store) == before


def test_a_legacy_list_that_answers_nothing_is_left_as_it_was_and_told(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    collect(sandbox.url, codes_store)
    publish(codes_store)
    before = codes(codes_store, "area")
    answered(codes_store, AREAS, envelope([]))
    made = publish(codes_store)
    assert made.published is not None
    assert [warning.split(":")[0] for warning in made.warnings] == ["core.codes/area"]
    assert codes(codes_store, "area") == before


def test_an_unusable_newest_answer_is_passed_over(codes_store: str, sandbox: RunningSandbox) -> None:
    collect(sandbox.url, codes_store)
    for body in (b"", b'{"response": {"header": {"resultCode": "0000"}}}', b"<html>busy</html>"):
        answered(codes_store, CLASSES, body)
    made = publish(codes_store)
    assert made.published is not None
    assert made.warnings == ()


def test_without_answers_nothing_is_published_and_it_says_what_to_do(codes_store: str) -> None:
    with pytest.raises(CodesMissingError, match=r"no whole answer to lclsSystmCode2 .*Materialize raw/kto/codes first"):
        publish(codes_store)


def collect_without(operations: Sequence[str], url: str, dsn: str) -> CodeCollection:
    """Collect from an upstream that has retired these operations."""

    async def run() -> CodeCollection:
        async with aiohttp.ClientSession(auto_decompress=False) as session:

            async def handle(request: web.Request) -> web.Response:
                if request.path.rpartition("/")[2] in operations:
                    return web.Response(status=400, body=gateway_error("12"))
                headers = {"User-Agent": request.headers["User-Agent"]}
                async with session.get(f"{url}{request.path_qs}", headers=headers) as response:
                    return web.Response(status=response.status, body=await response.read())

            async with serving(handle) as front:
                return await asyncio.to_thread(collect, front, dsn)

    return asyncio.run(run())


def test_legacy_lists_that_were_retired_are_told_and_their_codes_stay(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    collect(sandbox.url, codes_store)
    publish(codes_store)
    before = versions(codes_store)
    collected = collect_without(["areaCode2", "categoryCode2"], sandbox.url, codes_store)
    assert set(collected.codes) == {"lclsSystmCode2", "ldongCode2"}
    assert [warning.split(" of ")[0] for warning in collected.warnings] == ["areaCode2", "categoryCode2"]
    publish(codes_store)
    assert versions(codes_store) == before


def test_a_database_that_never_had_the_legacy_lists_gets_the_others(codes_store: str, sandbox: RunningSandbox) -> None:
    collect_without(["areaCode2", "categoryCode2"], sandbox.url, codes_store)
    made = publish(codes_store)
    assert made.published is not None
    assert len(made.warnings) == 2
    assert codes(codes_store, "area") == {}
    assert len(codes(codes_store, "sigungu")) == len(tables.sigungu())


def test_a_list_that_names_cannot_do_without_fails_the_collection(codes_store: str, sandbox: RunningSandbox) -> None:
    with pytest.raises(PermanentError, match="ldongCode2"):
        collect_without(["ldongCode2"], sandbox.url, codes_store)


def test_two_that_publish_at_once_do_not_disturb_each_other(codes_store: str, sandbox: RunningSandbox) -> None:
    collect(sandbox.url, codes_store)

    async def both() -> list[CodePublishing]:
        return await asyncio.gather(*(asyncio.to_thread(publish, codes_store) for _ in range(2)))

    published = [made.published for made in asyncio.run(both())]
    assert all(published)
    assert sorted(made.added > 0 for made in published if made) == [False, True]


def test_the_backend_finds_the_names_of_classes_and_the_districts_below_their_areas(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    collect(sandbox.url, codes_store)
    publish(codes_store)
    with psycopg.connect(codes_store) as connection:
        below = connection.execute(
            "SELECT parent_region_code, count(*) FROM serving.regions WHERE region_level = 2 GROUP BY 1"
        ).fetchall()
    by_area = dict(below)
    assert (by_area["5"], by_area["8"]) == (5, 1)
    assert sum(by_area.values()) == len(tables.sigungu())
    assert by_area["5"] + by_area["38"] == sum(district.region_code == "12" for district in tables.sigungu())
    (gangnam,) = rows(codes_store, "SELECT * FROM serving.regions WHERE region_code = '11680'")
    assert (gangnam["region_name"], gangnam["region_name_full"], gangnam["is_active"]) == (
        "강남구",
        "서울특별시 강남구",
        True,
    )
    assert gangnam["tour_api_area_code"] is None
    assert gangnam["api_mappings"]["tour_api"] == {
        "area_code": "1",
        "ldong_region_code": "11",
        "ldong_sigungu_code": "680",
    }


# The outbox


def test_codes_that_were_collected_are_pending_until_they_are_published(
    codes_store: str, sandbox: RunningSandbox
) -> None:
    assert pending_keys(codes_store) == set()
    collect(sandbox.url, codes_store)
    assert pending_keys(codes_store) == {("core/codes", "")}
    assert publish(codes_store).published is not None
    assert pending_keys(codes_store) == set()


def test_codes_are_pending_however_early_their_collection_ends(codes_store: str) -> None:
    with pytest.raises(UpstreamError):
        collect("http://127.0.0.1:9", codes_store)
    assert pending_keys(codes_store) == {("core/codes", "")}
