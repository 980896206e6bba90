"""Publishing what changed: only these rows are made again, and the partition is judged as if all of it had been."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pandas as pd
import psycopg
import pytest

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.publish import Publisher, Publishing
from weatherflick_assets.places.store.detail_publication import DetailPublication, settle_without_rows
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.places.store.place_publication import Publication
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.places.tables import DETAIL_TABLES
from weatherflick_assets.places.transform.details import detail_rows
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.places.transform.places import places
from weatherflick_assets.warehouse.outbox import pending
from weatherflick_assets_tests.places.collecting import CLOCK
from weatherflick_assets_tests.places.store.draining import opened, pending_keys, shown
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge, rows
from weatherflick_assets_tests.places.store.stored_details import answer, merge_details

ANSWERS: dict[str, list[dict[str, object]]] = {
    "detailCommon2": [{"overview": "말", "homepage": "http://a.kr", "tel": "064-1-2"}],
    "detailIntro2": [
        {"parking": "가능", "accomcount": "200", "usetime": "09:00~18:00", "checkintime": "15:00", "roomcount": "12"}
    ],
    "detailImage2": [{"originimgurl": "http://a/1.jpg", "serialnum": "1_1"}, {"originimgurl": "http://a/2.jpg"}],
    "detailInfo2": [
        {
            "infoname": "입장료",
            "infotext": "무료",
            "roomtitle": "방",
            "roomsize1": "10",
            "subname": "첫째",
            "subnum": "0",
        }
    ],
    "detailPetTour2": [{"acmpyTypeCd": "전구역 동반가능"}],
}
KINDS = {"12": "attractions", "25": "travel_courses", "32": "accommodations", "39": "restaurants"}


def listed(count: int = 24, **changes: object) -> list[dict[str, object]]:
    kinds = list(KINDS)
    return [item(str(number), contenttypeid=kinds[number % 4], **changes) for number in range(1, count + 1)]


def collect(dsn: str, hours: int, items: Sequence[dict[str, object]]) -> None:
    for kind in KINDS:
        of_kind = [each for each in items if each["contenttypeid"] == kind]
        merge(dsn, hours, of_kind, content_type_id=kind)


def ask(dsn: str, hours: int, *content_ids: str) -> None:
    for operation, items in ANSWERS.items():
        merge_details(dsn, operation, *(answer(content_id, 100 * hours, *items) for content_id in content_ids))


def publish(dsn: str, asset_key: str, region: str, *, only_noted: bool) -> Publishing:
    name = asset_key.removeprefix("core/")
    details = {detail.name: detail for detail in DETAILS}
    if name in details:
        return Publisher(dsn, CLOCK, only_noted=only_noted).details(details[name], region)
    return Publisher(dsn, CLOCK, only_noted=only_noted).places(CONTENT_TYPE_BY_NAME[name], region)


def drain(dsn: str, *, only_noted: bool = True) -> dict[tuple[str, str], Publishing]:
    return {key: publish(dsn, *key, only_noted=only_noted) for key in sorted(pending_keys(dsn))}


def staged(publication: Publication | DetailPublication, detail: Any = None) -> pd.DataFrame:
    made = []
    if isinstance(publication, Publication):
        for items in publication.items():
            found = places(items)
            publication.stage(*found)
            made.append(found.rows)
    else:
        for answers in publication.answers():
            made.append(detail_rows(detail.operation, answers))
            publication.stage(made[-1])
    return pd.concat(made, ignore_index=True)


@pytest.mark.parametrize("name", [*KINDS.values(), *DETAIL_TABLES])
def test_the_rows_that_are_judged_are_those_that_were_made_type_by_type(store: str, name: str) -> None:
    collect(store, 0, listed())
    ask(store, 1, *map(str, range(1, 9)))
    suite = SUITES[f"core.{name}"]
    detail = {detail.name: detail for detail in DETAILS}.get(name)
    with opened(f"core/{name}", "50", store) as publication:
        made = staged(publication, detail)
        publication.complete()
        (read,) = publication.read([column for column in suite.columns if column in publication.table.columns])
    key = [column for column in ("content_id", "operation", "position") if column in made]
    missing = [column for column in read.columns if column not in made]
    assert read[missing].isna().all(axis=None)
    of_suite = [column for column in read.columns if column in made]
    made, read = (
        frame.sort_values(key, ignore_index=True) if set(key) <= set(frame) else frame
        for frame in (made[list(dict.fromkeys([*key, *of_suite]))], read)
    )
    for column in of_suite:
        left, right = made[column], read[column]
        # Numbers may differ in their precision, and pandas has two types of text.
        assert (
            left.dtype == right.dtype
            or {left.dtype.kind, right.dtype.kind} <= {"O"}
            or {
                left.dtype.kind,
                right.dtype.kind,
            }
            <= {"i", "f"}
        ), column
        assert left.isna().tolist() == right.isna().tolist(), column
        assert left.dropna().tolist() == right.dropna().tolist(), column


def test_only_the_rows_of_what_changed_are_made_again(store: str) -> None:
    collect(store, 0, listed())
    drain(store)
    before = {
        row["content_id"]: row["xmin"] for row in rows(store, "SELECT content_id, xmin::text FROM core.attractions")
    }
    changed = [
        {**each, "title": "새 이름"} if each["contentid"] == "4" else each
        for each in listed()
        if each["contentid"] != "8"
    ]
    collect(store, 1, changed)
    assert pending_keys(store) == {
        ("core/attractions", "50"),
        *((f"core/{d.name}", "50") for d in DETAILS if "12" in d.content_type_ids),
    }
    done = drain(store)["core/attractions", "50"]
    assert done.published is not None
    assert (done.published.published, done.published.changed, done.published.removed) == (1, 1, 1)
    assert (done.items, done.verdict.row_count) == (1, 5)
    after = {
        row["content_id"]: row["xmin"] for row in rows(store, "SELECT content_id, xmin::text FROM core.attractions")
    }
    assert {key for key in after if after[key] != before[key]} == {"4", "8"}


def recorded(dsn: str) -> dict[tuple[str, str], Any]:
    """The last verdict on each partition, its rules and its profiles, without identities and times."""
    found = {}
    for verdict in rows(
        dsn,
        "SELECT DISTINCT ON (table_name, partition_key) * FROM quality.verdicts ORDER BY table_name, partition_key, verdict_id DESC",
    ):
        of = f"WHERE verdict_id = {verdict['verdict_id']}"
        found[verdict["table_name"], verdict["partition_key"]] = (
            {key: verdict[key] for key in ("row_count", "passed", "score", "published")},
            rows(
                dsn,
                f"SELECT to_jsonb(r) - 'verdict_id' - 'judged_at' - 'expected' AS rule FROM quality.rule_results r {of} ORDER BY rule_id",
            ),
            rows(
                dsn,
                f"SELECT to_jsonb(p) - 'verdict_id' AS profile FROM quality.column_profiles p {of} AND column_name <> 'source_response_id' ORDER BY column_name",
            ),
        )
    return found


@pytest.mark.slow
def test_the_verdict_and_the_rows_are_those_of_publishing_the_whole_partition(store: str) -> None:
    collect(store, 0, listed())
    ask(store, 1, "1", "2", "3", "4")
    drain(store)
    changed = [each for each in listed(26) if each["contentid"] not in ("5", "8")]
    for each in changed:
        if each["contentid"] in ("2", "6", "7"):
            each.update(title="새 이름", mapx="", zipcode="612-040", modifiedtime="20990101000000")
        if each["contentid"] == "9":
            each.update(title="<br>")
    collect(store, 1, changed)
    ask(store, 2, "6", "10")
    for key, done in drain(store).items():
        assert done.verdict.passed, key
    by_changes = recorded(store), shown(store)
    everything = list(by_changes[0])
    for table_name, region in everything:
        publish(store, table_name.replace(".", "/"), region, only_noted=False)
    by_whole = recorded(store)
    for key, (verdict, rules, profiles) in by_changes[0].items():
        assert verdict == by_whole[key][0], key
        assert profiles == by_whole[key][2], key
        for one, other in zip(rules, by_whole[key][1], strict=True):
            assert one == other, key
    assert shown(store) == by_changes[1]


def test_changes_that_the_gate_holds_back_stay_noted_with_those_that_follow(store: str) -> None:
    collect(store, 0, [item(str(number)) for number in range(1, 31)])
    drain(store)
    bad = [item(str(number), mapx="", mapy="") if number <= 20 else item(str(number)) for number in range(1, 31)]
    merge(store, 1, bad)
    assert drain(store)["core/attractions", "50"].published is None
    bad[25] = item("26", title="새 이름")
    merge(store, 2, bad)
    with psycopg.connect(store) as connection:
        assert [entry.asset_key for entry in pending(connection)] == ["core/attractions"]
    (noted,) = rows(store, "SELECT keys FROM ops.pending_publications")
    assert len(noted["keys"]) == 21
    good = [item(str(number)) for number in range(1, 31)]
    good[25] = item("26", title="새 이름")
    merge(store, 3, good)
    assert drain(store)["core/attractions", "50"].published is not None
    assert rows(store, "SELECT title FROM core.attractions WHERE content_id = '26'") == [{"title": "새 이름"}]


def test_an_unchanged_list_rewrites_no_row(store: str) -> None:
    collect(store, 0, listed())
    drain(store)
    versions = "SELECT content_id, xmin::text, xmax::text, ctid::text FROM {} ORDER BY 1"
    tables = ("raw.place_items", "core.place_regions", "core.attractions")
    before = [rows(store, versions.format(name)) for name in tables]
    collect(store, 1, listed())
    assert pending_keys(store) == set()
    assert [rows(store, versions.format(name)) for name in tables] == before


def test_an_older_response_changes_nothing_that_a_newer_one_said(store: str) -> None:
    merge(store, 0, [item("1"), item("2"), item("3")])
    merge(store, 5, [item("1", title="새 이름"), item("2", showflag="0"), item("4")])
    newer = rows(store, "SELECT * FROM raw.place_items ORDER BY content_id")
    # A resumed sweep, whose pages were read before.
    merge(store, 6, [item("1"), item("2"), item("3")], response_id=3)
    found = {row["content_id"]: row for row in rows(store, "SELECT * FROM raw.place_items")}
    assert [found[key] for key in ("1", "2", "4")] == [row for row in newer if row["content_id"] != "3"]


def test_an_older_response_that_waited_for_a_newer_one_changes_nothing(store: str) -> None:
    merge(store, 0, [item("1")])

    async def run() -> None:
        async with ItemStage(store, run_id="older") as older:
            await older.stage(listed_items([item("1", title="older", lDongRegnCd="11")], 5))
            # It has compared its items when the newer response is merged and committed.
            async with ItemStage(store, run_id="newer") as newer:
                await newer.stage(listed_items([item("1", title="newer")], 6))
                await newer.merge(at(6))
                await newer.commit()
            await older.connection.execute("INSERT INTO changed_items VALUES ('1')")
            await older._merge_changed(at(5))
            await older.commit()

    asyncio.run(run())
    found = "SELECT payload ->> 'title' AS title, region_code FROM raw.place_items JOIN core.place_regions USING (content_id)"
    assert rows(store, found) == [{"title": "newer", "region_code": "50"}]


def test_a_place_that_is_absent_returns_only_with_a_response_from_after_that(store: str) -> None:
    execute(
        store,
        "INSERT INTO raw.bodies (body_sha256, body, body_bytes) VALUES ('\\x00', '', 0)",
    )
    for response_id, hours in ((101, 1), (102, 8)):
        execute(
            store,
            "INSERT INTO raw.calls (response_id, provider, operation, request_params, body_sha256, duration_ms, fetched_at) "
            f"OVERRIDING SYSTEM VALUE VALUES ({response_id}, 'kto', 'list', '{{}}', '\\x00', 1, "
            f"'2026-07-01 00:00+00'::timestamptz + interval '{hours} hours')",
        )
    merge(store, 0, [item("1"), item("2")], response_id=100)
    merge(store, 5, [item("1")], response_id=101)
    absent = "SELECT content_id FROM raw.place_items WHERE absent_since IS NOT NULL"
    assert rows(store, absent) == [{"content_id": "2"}]
    merge(store, 6, [item("1"), item("2")], response_id=101)
    assert rows(store, absent) == [{"content_id": "2"}]
    merge(store, 9, [item("1"), item("2")], response_id=102)
    assert rows(store, absent) == []


def test_notes_about_details_of_places_without_any_are_settled_without_a_publication(store: str) -> None:
    collect(store, 0, listed(4))
    ask(store, 1, "4")
    noted = pending_keys(store)
    settle_without_rows(store, "50")
    # Place 4 is an attraction: it has images, infos and rules for pets.
    left = {(f"core/{name}", "50") for name in (*KINDS.values(), "place_images", "place_infos", "pet_policies")}
    assert (noted - left, pending_keys(store)) == ({("core/course_stops", "50"), ("core/rooms", "50")}, left)
    drain(store)
    collect(store, 2, listed(3))
    settle_without_rows(store, "50")
    # Its rows have to go.
    assert pending_keys(store) == {
        (f"core/{name}", "50") for name in ("attractions", "place_images", "place_infos", "pet_policies")
    }
