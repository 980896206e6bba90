"""What is said about places in tables of its own: judged, published all at once, and where its place is."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import COMMON_FIELDS, PLACE_FIELDS
from weatherflick_assets.places.publish import Publisher, Publishing
from weatherflick_assets.places.store import detail_publication as detail_publishing
from weatherflick_assets.places.store.place_publication import Published
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets_tests.places.collecting import CLOCK
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows, tell
from weatherflick_assets_tests.places.transform.received import recorded_rows
from weatherflick_assets_tests.places.transform.recorded_details import CONTENT_TYPE_IDS, recorded_items
from weatherflick_assets_tests.warehouse.stored import empty

TABLES = {detail.name: detail for detail in DETAILS}
IMAGES = TABLES["place_images"]


def images(*names: str) -> list[dict[str, object]]:
    """Items of detailImage2."""
    return [
        {
            "contentid": "another",
            "serialnum": f"300_{number}",
            "imgname": name,
            "originimgurl": f"http://tong.visitkorea.or.kr/{name}.jpg",
            "smallimageurl": f"http://tong.visitkorea.or.kr/{name}_s.jpg",
            "cpyrhtDivCd": "Type3",
        }
        for number, name in enumerate(names, 1)
    ]


def collect(dsn: str, items: Iterable[dict[str, object]], region: str = "50", hours: int = 0) -> None:
    merge(dsn, hours, items, region_code=region, is_complete=False)


def publish(dsn: str, name: str = "place_images", region: str = "50") -> Publishing:
    return Publisher(dsn, CLOCK).details(TABLES[name], region)


def published(dsn: str, name: str = "place_images") -> list[dict[str, Any]]:
    """All rows, with their versions."""
    return rows(dsn, f"SELECT xmin::text, * FROM core.{name} ORDER BY content_id, position")


def shown(dsn: str) -> list[tuple[str, int, str, str]]:
    return [(row["content_id"], row["position"], row["caption"], row["region_code"]) for row in published(dsn)]


def test_images_are_published_in_their_order_for_the_place_that_was_asked_for(store: str) -> None:
    collect(store, [item("1"), item("2", contenttypeid="39")])
    tell(store, "1", "detailImage2", images("a", "b"), response_id=4)
    tell(store, "2", "detailImage2", images("c"), response_id=5, kept_from={"items": 3})
    made = publish(store)
    assert made.verdict.passed
    assert (made.items, made.published) == (3, Published(published=3, added=3, changed=0, removed=0))
    assert shown(store) == [("1", 1, "a", "50"), ("1", 2, "b", "50"), ("2", 1, "c", "50")]
    found = published(store)
    assert [row["content_type_id"] for row in found] == ["12", "12", "39"]
    assert [row["source_response_id"] for row in found] == [4, 4, 3]
    assert found[0]["image_url"] == "https://tong.visitkorea.or.kr/a.jpg"


def test_publishing_again_touches_nothing_and_the_same_in_a_newer_response_is_no_change(store: str) -> None:
    collect(store, [item("1")])
    tell(store, "1", "detailImage2", images("a", "b"), response_id=4)
    publish(store)
    before = published(store)
    assert publish(store).published == Published(published=2, added=0, changed=0, removed=0)
    tell(store, "1", "detailImage2", images("a", "b"), response_id=9)
    assert publish(store).published == Published(published=2, added=0, changed=0, removed=0)
    assert published(store) == before


def test_fewer_images_leave_no_rows_behind_and_only_what_differs_is_written(store: str) -> None:
    collect(store, [item("1")])
    tell(store, "1", "detailImage2", images("a", "b", "c"))
    publish(store)
    before = published(store)
    tell(store, "1", "detailImage2", images("a", "z"))
    assert publish(store).published == Published(published=2, added=0, changed=1, removed=1)
    assert shown(store) == [("1", 1, "a", "50"), ("1", 2, "z", "50")]
    assert published(store)[0] == before[0]
    assert published(store)[1]["updated_at"] > before[1]["updated_at"]


@pytest.mark.parametrize("how", ["hidden", "absent", "of another kind"])
def test_rows_of_a_place_that_is_not_shown_go(store: str, how: str) -> None:
    collect(store, [item("1"), item("2")])
    for content_id in ("1", "2"):
        tell(store, content_id, "detailInfo2", [{"serialnum": "0", "infoname": "화장실", "infotext": "있음"}])
    publish(store, "place_infos")
    change = {
        "hidden": "is_visible = false",
        "absent": "absent_since = now()",
        "of another kind": "content_type_id = '25'",
    }
    execute(store, f"UPDATE raw.place_items SET {change[how]} WHERE content_id = '2'")
    assert publish(store, "place_infos").published == Published(published=1, added=0, changed=0, removed=1)
    assert [row["content_id"] for row in published(store, "place_infos")] == ["1"]
    execute(store, "UPDATE raw.place_items SET is_visible = false")
    assert publish(store, "place_infos").published == Published(published=0, added=0, changed=0, removed=1)


@pytest.mark.parametrize("order", [("50", "11"), ("11", "50")], ids=["old region first", "new region first"])
def test_images_of_a_place_that_moved_go_with_it(store: str, order: tuple[str, str]) -> None:
    collect(store, [item("1"), item("2")])
    tell(store, "1", "detailImage2", images("a"))
    tell(store, "2", "detailImage2", images("b", "c"))
    publish(store)
    collect(store, [item("2", lDongRegnCd="11", lDongSignguCd="110")], region="11", hours=1)
    tell(store, "2", "detailImage2", images("b"))
    removed = {region: publish(store, region=region).published for region in order}
    assert removed["50"] == Published(published=1, added=0, changed=0, removed=0)
    assert removed["11"] == Published(published=1, added=0, changed=1, removed=1)
    assert shown(store) == [("1", 1, "a", "50"), ("2", 1, "b", "11")]


def test_publishing_one_region_leaves_the_others_alone(store: str) -> None:
    collect(store, [item("1"), item("2", lDongRegnCd="11", lDongSignguCd="110")])
    tell(store, "1", "detailImage2", images("a"))
    tell(store, "2", "detailImage2", images("b"))
    publish(store)
    publish(store, region="11")
    before = published(store)
    tell(store, "1", "detailImage2", images("z"))
    publish(store)
    assert published(store)[1] == before[1]


def test_a_partition_of_which_nothing_is_known_is_done_without_a_judge(store: str) -> None:
    JUDGE.stop()
    collect(store, [item("1")])
    tell(store, "1", "detailImage2", [])
    for detail in DETAILS:
        made = Publisher(store, CLOCK).details(detail, "50")
        assert made.published == Published(0, 0, 0, 0)
        assert made.verdict.summary() == f"core.{detail.name}: there are no rows, and none were required."
    assert JUDGE._process is None


def test_a_poisoned_partition_is_held_back_and_the_last_good_rows_stay(store: str) -> None:
    collect(store, [item(str(number)) for number in range(1, 31)])
    for number in range(1, 31):
        tell(store, str(number), "detailImage2", images("a"))
    assert publish(store).published == Published(published=30, added=30, changed=0, removed=0)
    before = published(store)
    for number in range(1, 11):
        tell(store, str(number), "detailImage2", [{"originimgurl": "준비중", "imgname": "a"}])
    held = publish(store)
    assert held.published is None
    assert [failure.rule.rule_id for failure in held.verdict.blocking_failures] == ["row_count"]
    assert (held.items, held.unusable) == (30, 10)
    assert published(store) == before


def test_a_partition_is_published_whole_in_chunks(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detail_publishing, "CHUNK_PLACES", 2)
    collect(store, [item(str(number)) for number in range(1, 8)])
    for number in range(1, 8):
        tell(store, str(number), "detailImage2", images(*"abc"[: number % 3 + 1]))
    made = publish(store)
    assert made.published == Published(published=14, added=14, changed=0, removed=0)


def test_pet_policies_are_one_row_for_each_place(store: str) -> None:
    collect(store, [item("1"), item("2", contenttypeid="32")])
    tell(
        store, "1", "detailPetTour2", [{"acmpyTypeCd": "전구역 동반가능"}], response_id=3, kept_from={"acmpyTypeCd": 2}
    )
    tell(store, "2", "detailPetTour2", [{"acmpyTypeCd": "일부구역 동반가능", "acmpyNeedMtr": "목줄"}], response_id=3)
    assert publish(store, "pet_policies").published == Published(published=2, added=2, changed=0, removed=0)
    found = rows(store, "SELECT * FROM core.pet_policies ORDER BY content_id")
    assert [(row["scope"], row["requirements"]) for row in found] == [
        ("전구역 동반가능", None),
        ("일부구역 동반가능", "목줄"),
    ]


def test_answers_about_courses_and_accommodations_go_to_tables_of_their_own(store: str) -> None:
    collect(store, [item("1", contenttypeid="25"), item("2", contenttypeid="32"), item("3", contenttypeid="15")])
    tell(store, "1", "detailInfo2", [{"subnum": "0", "subname": "정류", "subcontentid": "126508"}])
    tell(
        store,
        "2",
        "detailInfo2",
        [{"roomtitle": "온돌", "roomcount": "3", "roomtv": "Y", "roomimg1": "http://a/1.jpg"}],
    )
    tell(store, "3", "detailInfo2", [{"serialnum": "0", "infoname": "행사소개", "infotext": "말"}])
    for name in ("course_stops", "rooms", "place_infos"):
        assert publish(store, name).published == Published(published=1, added=1, changed=0, removed=0)
    assert published(store, "course_stops")[0]["stop_content_id"] == "126508"
    (room,) = published(store, "rooms")
    assert (room["room_count"], room["has_television"]) == (3, True)
    assert room["image_urls"] == ["https://a/1.jpg", None, None, None, None]
    assert [row["content_id"] for row in published(store, "place_infos")] == ["3"]


_PICTURES = st.dictionaries(st.sampled_from(["1", "2", "3"]), st.lists(st.sampled_from("abc"), max_size=3), max_size=3)
_STATES = st.lists(
    st.tuples(_PICTURES, st.dictionaries(st.sampled_from("123"), st.sampled_from(["50", "11", "gone"]))), max_size=3
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STATES)
@example([({"2": ["a"]}, {}), ({"2": []}, {"2": "11"})])
def test_what_is_published_is_what_the_raw_layer_says_whatever_was_there_before(
    store: str, states: list[tuple[dict[str, list[str]], dict[str, str]]]
) -> None:
    empty(store)
    collect(store, [item(content_id) for content_id in "123"])
    told: dict[str, list[str]] = {}
    where = dict.fromkeys("123", "50")
    for pictures, moves in states:
        told |= pictures
        where |= moves
        for content_id, names in pictures.items():
            tell(store, content_id, "detailImage2", images(*names))
        for content_id, region in moves.items():
            execute(
                store, "UPDATE raw.place_items SET is_visible = %s WHERE content_id = %s", region != "gone", content_id
            )
            found = "50" if region == "gone" else region
            execute(store, "UPDATE core.place_regions SET region_code = %s WHERE content_id = %s", found, content_id)
        for region in ("50", "11"):
            publish(store, region=region)
        assert shown(store) == [
            (content_id, position, name, where[content_id])
            for content_id in "123"
            if where[content_id] != "gone"
            for position, name in enumerate(told.get(content_id, []), 1)
        ]
        before = published(store)
        for region in ("50", "11"):
            publish(store, region=region)
        assert published(store) == before


def _recorded_places(recorded_data: Path) -> dict[str, dict[str, object]]:
    """The recorded places of Jeju, by their ids: of all kinds but festivals and courses."""
    return {str(row["contentid"]): {**row, "showflag": "1"} for row in recorded_rows(recorded_data, "jeju_2026")}


@pytest.mark.recorded
def test_recorded_details_reach_the_table_of_every_kind_of_place(store: str, recorded_data: Path) -> None:
    places = _recorded_places(recorded_data)
    common = {
        str(found["contentid"]): found
        for found in recorded_items(recorded_data, "detailCommon2")
        if found["contentid"] in places
    }
    for kind in CONTENT_TYPES:
        intro = {
            str(found["contentid"]): found
            for found in recorded_items(recorded_data, "detailIntro2", CONTENT_TYPE_IDS[kind.name])
        }
        # Of festivals and courses the recorded details are of other regions: places that are invented stand in.
        elsewhere = [content_id for content_id in intro if content_id not in places][:30]
        invented = [
            item(content_id, contenttypeid=kind.content_type_id, lclsSystm1="EV" if kind.name == "festivals" else "C01")
            for content_id in (elsewhere if kind.name in ("festivals", "travel_courses") else ())
        ]
        listed = [*(row for row in places.values() if row["contenttypeid"] == kind.content_type_id), *invented]
        assert listed, kind.name
        merge(store, 0, listed, content_type_id=kind.content_type_id, is_complete=False)
        told: dict[str, list[str]] = {}
        for row in listed:
            content_id = str(row["contentid"])
            for response_id, (operation, found) in enumerate((("detailCommon2", common), ("detailIntro2", intro)), 50):
                if content_id in found:
                    tell(store, content_id, operation, [found[content_id]], response_id=response_id)
                    told.setdefault(content_id, []).append(operation)
        made = Publisher(store, CLOCK).places(kind, "50")
        assert made.published is not None, made.verdict.summary()
        assert made.published.published + made.published.rejected == len(listed)
        assert not any("no column" in result.observed for result in made.verdict.results)

        found_rows = {row["content_id"]: row for row in rows(store, f"SELECT * FROM core.{kind.name}")}
        sources = {field.column: 51 for field in PLACE_FIELDS[kind.name]} | {
            field.column: 50 for field in COMMON_FIELDS
        }
        filled = dict.fromkeys(sources, 0)
        for content_id, row in found_rows.items():
            assert (row["detail_completeness"] is not None) is bool(told.get(content_id)), content_id
            own = {name for name in sources if row[name] is not None}
            for name in own:
                filled[name] += 1
            assert (row["detail_sources"] or {}) == {name: sources[name] for name in own - {"event_dates_problem"}}
        # Courses have no overview here: detailCommon2 of none was recorded.
        assert sum(map(bool, filled.values())) > 3, (kind.name, filled)
        if kind.name not in ("festivals", "travel_courses"):
            assert filled["overview"] > 0.9 * len([told_of for told_of in told.values() if "detailCommon2" in told_of])


@pytest.mark.recorded
def test_recorded_images_and_pet_policies_are_published_as_they_were_received(store: str, recorded_data: Path) -> None:
    for name, operation in (("place_images", "detailImage2"), ("pet_policies", "detailPetTour2")):
        empty(store)
        by_place: dict[str, list[dict[str, object]]] = {}
        for found in recorded_items(recorded_data, operation):
            by_place.setdefault(str(found["contentid"]), []).append(found)
        chosen = dict(list(by_place.items())[:100])
        collect(store, [item(content_id) for content_id in chosen])
        for content_id, items in chosen.items():
            tell(store, content_id, operation, items)
        made = publish(store, name)
        assert made.published is not None, made.verdict.summary()
        (count,) = rows(store, f"SELECT count(DISTINCT content_id) AS places, count(*) AS total FROM core.{name}")
        assert count["places"] == len(chosen) == 100
        assert count["total"] == made.published.published == (made.items if name == "place_images" else 100)
