"""Collecting one partition of the list: everything the upstream lists, counted, and nothing concluded from half a list."""

from itertools import count

import orjson
import pytest
from aiohttp import web

from weatherflick_assets.upstream.errors import IncompleteSweepError, PermanentError
from weatherflick_assets_tests.places.collecting import collect_from, collect_rows, publish
from weatherflick_assets_tests.places.store.stock import item, rows
from weatherflick_assets_tests.upstream.hosts import always, envelope, gateway_error


def raw_items(dsn: str) -> dict[str, tuple[str, str]]:
    found = rows(
        dsn,
        "SELECT content_id, region_code, region_source FROM raw.place_items JOIN core.place_regions USING (content_id) WHERE absent_since IS NULL",
    )
    return {row["content_id"]: (row["region_code"], row["region_source"]) for row in found}


def test_a_region_is_collected_with_its_hidden_places_and_every_response_is_kept(store: str) -> None:
    listing = collect_rows(
        [item("1"), item("2"), item("3", showflag="0"), item("4", lDongRegnCd="11"), item("5", contenttypeid="39")],
        store,
    )
    assert (listing.listed, listing.hidden) == (2, 1)
    assert (listing.pages, listing.reread_pages, listing.readings) == (1, 0, 1)
    assert (listing.calls, listing.retries) == (1, 0)
    assert listing.found_by == {"code": 3}
    assert set(raw_items(store)) == {"1", "2", "3"}
    (kept,) = rows(store, "SELECT * FROM raw.responses")
    assert kept["request_params"] == {"contentTypeId": "12", "lDongRegnCd": "50", "numOfRows": "1000", "pageNo": "1"}
    assert (kept["provider"], kept["operation"], kept["result_code"], kept["run_id"]) == (
        "kto",
        "areaBasedSyncList2",
        "0000",
        "run",
    )
    assert (kept["expires_at"] - kept["fetched_at"]).days == 30
    assert {row["contentid"] for row in orjson.loads(kept["body"])["response"]["body"]["items"]["item"]} == {
        "1",
        "2",
        "3",
    }


@pytest.mark.fault("Blast radius", "the kind of a row can't be read", "the row is of the kind that was asked for")
@pytest.mark.parametrize("kind", ["", "99", "1\N{REPLACEMENT CHARACTER}", "x" * 5000, None, ["12"]])
def test_a_row_of_no_known_kind_is_of_the_one_that_was_asked_for(store: str, kind: object) -> None:
    body = envelope([{**item("1")}, {**item("2"), "contenttypeid": kind}])
    assert collect_from(always(body), store).listed == 2
    assert {row["content_type_id"] for row in rows(store, "SELECT content_type_id FROM raw.place_items")} == {"12"}


def test_an_empty_region_is_collected_without_complaint(store: str) -> None:
    listing = collect_rows([item("1", lDongRegnCd="11")], store)
    assert (listing.listed, listing.hidden, listing.readings) == (0, 0, 1)


def test_rows_without_a_region_code_are_collected_as_unassigned_and_find_their_region(store: str) -> None:
    uncoded = {"lDongRegnCd": "", "lDongSignguCd": ""}
    listing = collect_rows(
        [
            item("1"),
            item("2", **uncoded),
            item("3", **uncoded, addr1="", mapx="126.9767", mapy="37.5760"),
            item("4", **uncoded, addr1="", mapx="0", mapy="0"),
            item("5", lDongRegnCd="46", lDongSignguCd="", addr1=""),
        ],
        store,
        "unassigned",
    )
    assert raw_items(store) == {
        "2": ("50", "address"), "3": ("11", "coordinates"), "4": ("unassigned", "unassigned"), "5": ("12", "former_code"),
    }  # fmt: skip
    assert listing.listed == 4
    assert listing.found_by == {"address": 1, "coordinates": 1, "unassigned": 1, "former_code": 1}


def test_items_without_an_id_count_as_listed_where_they_belong(store: str) -> None:
    served = [
        item("1"),
        item("", title="가"),
        item("", title="나"),
        item("", title="다", lDongRegnCd="", lDongSignguCd=""),
    ]
    assert collect_rows(served, store).listed == 3
    assert collect_rows(served, store, "unassigned").listed == 1
    assert len(rows(store, "SELECT FROM core.rejected_items WHERE reason = 'content_id_missing'")) == 3


def test_ids_written_as_numbers_are_the_same_places(store: str) -> None:
    assert collect_rows([item("1"), item("2")], store).listed == 2
    listing = collect_rows([item(1), item(2)], store)
    assert (listing.listed, set(raw_items(store))) == (2, {"1", "2"})


def test_a_place_that_left_the_list_is_absent_after_the_next_collection(store: str) -> None:
    collect_rows([item("1"), item("2")], store)
    listing = collect_rows([item("1")], store)
    assert listing.absences.marked == 1
    assert set(raw_items(store)) == {"1"}


def test_a_list_that_shrank_too_much_is_not_believed(store: str) -> None:
    everything = [item(str(number)) for number in range(50)]
    collect_rows(everything, store)
    listing = collect_rows(everything[:20], store)
    assert (listing.absences.marked, listing.absences.withheld) == (0, 30)
    assert len(raw_items(store)) == 50


def test_a_list_that_moves_while_it_is_read_is_collected_whole_and_every_place_counted_once(store: str) -> None:
    before = [item(str(number)) for number in range(1500)]
    after = [item("new"), *before]
    answers = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal answers
        listed = after if answers else before
        answers += 1
        page = int(request.query["pageNo"])
        return web.Response(body=envelope(listed[(page - 1) * 1000 : page * 1000], total=len(listed)))

    listing = collect_from(handle, store)
    assert (listing.listed, listing.found_by) == (1501, {"code": 1501})
    assert (listing.pages, listing.reread_pages, listing.readings) == (3, 1, 2)
    assert set(raw_items(store)) == {row["contentid"] for row in after}


@pytest.mark.fault("Blast radius", "a region's list never adds up", "it is published without absences, with a warning")
@pytest.mark.parametrize(
    ("listed", "total"),
    [([item("1", title="새 이름"), item("3")], 5), ([item("1"), item("3"), item("3")], 3), ([item("1"), item("3")], 1)],
    ids=["three too high", "a row twice", "too low"],
)
def test_a_list_that_never_adds_up_is_merged_and_nothing_is_concluded_from_it(
    listed: list[dict[str, object]], total: int, store: str
) -> None:
    collect_rows([item("1"), item("2")], store)

    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=envelope(listed if request.query["pageNo"] == "1" else [], total=total))

    listing = collect_from(handle, store)
    assert "The list of attractions in 50 does not add up: after 2 readings its pages hold 2" in listing.doubt
    assert set(raw_items(store)) == {"1", "2", "3"}
    (sweep,) = rows(store, "SELECT * FROM raw.sweeps ORDER BY sweep_id DESC LIMIT 1")
    assert (sweep["is_complete"], sweep["items_seen"], sweep["total_count"]) == (False, 2, total)


@pytest.mark.fault(
    "Blast radius", "a region's list has no total that can be read", "it is published without absences, with a warning"
)
def test_a_list_without_a_total_is_merged_and_nothing_is_concluded_from_it(store: str) -> None:
    collect_rows([item("1"), item("2")], store)
    answers = 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal answers
        answers += 1
        return web.Response(body=envelope([item("1"), item("3")]).replace(b'"totalCount":2', b'"totalCount":"many"'))

    listing = collect_from(handle, store)
    assert "how many there are can't be read" in listing.doubt
    assert set(raw_items(store)) == {"1", "2", "3"}
    assert (answers, listing.listed, listing.absences.marked) == (1, 2, 0)
    publish(store)
    assert len(rows(store, "SELECT FROM core.attractions")) == 3


def test_a_list_that_differs_with_every_reading_is_kept_and_nothing_is_concluded_from_it(store: str) -> None:
    collect_rows([item("1"), item("2")], store)
    totals = count(3)

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=envelope([item("1", title="새 이름"), item("3")], total=next(totals)))

    with pytest.raises(IncompleteSweepError, match=r"attractions in 50 does not add up.*2 different rows.*counts \d"):
        collect_from(handle, store)
    assert set(raw_items(store)) == {"1", "2", "3"}
    (sweep,) = rows(store, "SELECT * FROM raw.sweeps ORDER BY sweep_id DESC LIMIT 1")
    assert (sweep["is_complete"], sweep["items_seen"]) == (False, 2)


@pytest.mark.fault("Blast radius", "one bad byte among many rows", "it costs its row at most, and one call is made")
@pytest.mark.parametrize(
    "damage", [b"\x00", b"\x07", b"\xea\xb0", b"\\ud83d", b"\\", b'"', b"\xed\xa0\x80", b"\\u00zz"]
)
def test_one_bad_byte_costs_its_row_at_most(damage: bytes, store: str) -> None:
    body = envelope([item(str(number)) for number in range(1, 301)]).replace(
        '관광지 150"'.encode(), b"x" + damage + b'y"'
    )
    answers = 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal answers
        answers += 1
        return web.Response(body=body)

    listing = collect_from(handle, store)
    rejected = rows(store, "SELECT * FROM core.rejected_items")
    assert answers == 1
    assert listing.listed == 300
    assert len(raw_items(store)) + len(rejected) == 300
    assert len(raw_items(store)) >= 299
    assert {(row["reason"], row["content_type_id"], row["region_code"]) for row in rejected} <= {
        ("unreadable", "12", "50")
    }
    (kept,) = rows(store, "SELECT body FROM raw.responses")
    assert bytes(kept["body"]) == body
    publish(store)
    assert len(rows(store, "SELECT FROM core.attractions WHERE region_code = '50'")) >= 299


@pytest.mark.fault(
    "Blast radius", "a row of a known place can't be read", "the place stays published, the row is rejected"
)
def test_a_known_place_whose_row_cannot_be_read_is_not_gone_and_the_row_is_forgotten_when_it_can(store: str) -> None:
    collect_rows([item("1"), item("2")], store)
    broken = envelope([item("1"), item("2")]).replace("관광지 2".encode(), b'he said "hi"')
    listing = collect_from(always(broken), store)
    assert listing.absences.marked == 0
    assert "ids are damaged" in listing.doubt
    assert set(raw_items(store)) == {"1", "2"}
    (rejected,) = rows(store, "SELECT * FROM core.rejected_items")
    assert (rejected["reason"], rejected["content_id"]) == ("unreadable", None)
    assert 'he said "hi"' in rejected["payload"]["unreadable"]
    assert collect_rows([item("1"), item("2")], store).doubt == ""
    assert rows(store, "SELECT FROM core.rejected_items") == []


def test_a_page_that_cannot_be_had_leaves_the_items_as_they_were(store: str) -> None:
    collect_rows([item("1")], store)
    before = rows(store, "SELECT * FROM raw.place_items ORDER BY content_id")

    async def handle(request: web.Request) -> web.Response:
        if request.query["pageNo"] == "1":
            return web.Response(body=envelope([item(str(number)) for number in range(1000)], total=2500))
        return web.Response(status=400, body=gateway_error("12"))

    with pytest.raises(PermanentError):
        collect_from(handle, store)
    assert rows(store, "SELECT * FROM raw.place_items ORDER BY content_id") == before
    codes = [row["result_code"] for row in rows(store, "SELECT result_code FROM raw.responses ORDER BY response_id")]
    assert codes[:2] == ["0000", "0000"]
    assert set(codes[2:]) == {"12"}


def test_hostile_items_do_not_stop_their_neighbours(store: str) -> None:
    megabyte = "9" * 1_000_000
    hostile = [
        item("1"), item(megabyte), item("2", title="\\u0000 \x00"), item("3", addr1={"a": ["b"]}, mapx=None, modifiedtime=5),
        item("4", title=megabyte), item("5", lDongSignguCd="\x00" + megabyte), item("6\x00"), item([]), item(None),
    ]  # fmt: skip

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=envelope(hostile))

    collect_from(handle, store)
    assert set(raw_items(store)) == {"1", "2", "3", "4", "5", "6"}
    assert len(rows(store, "SELECT FROM core.rejected_items")) == 3
