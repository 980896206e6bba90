"""Core tables: published all at once or not at all, and only what changed is written."""

import threading
from collections.abc import Iterable
from datetime import time
from typing import Any

import psycopg
import pytest

from weatherflick_assets.places.store import place_publication as publishing
from weatherflick_assets.places.store.place_publication import Publication, Published
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.places.transform.places import places
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge, payload_of, rows, table, tell

TABLE = PLACE_TABLES["attractions"]


def publication(dsn: str, hours: int, region: str = "50") -> Publication:
    return Publication(dsn, TABLE, content_type_id="12", region_code=region, now=at(hours))


def publish(dsn: str, hours: int, region: str = "50") -> Published:
    """Transform what is raw in a region and publish it."""
    with publication(dsn, hours, region) as opened:
        for items in opened.items():
            opened.stage(*places(items))
        done = opened.complete()
        opened.publish(lambda _cursor: None)
        return done


def collect(dsn: str, hours: int, items: Iterable[dict[str, object]], **changes: Any) -> None:
    merge(dsn, hours, items, response_id=hours + 1, **changes)


def published(dsn: str) -> dict[str, dict[str, Any]]:
    return table(dsn, "core.attractions", "content_id")


def rejected(dsn: str) -> dict[str, dict[str, Any]]:
    return table(dsn, "core.rejected_items", "item_key")


def test_raw_items_become_published_rows(store: str) -> None:
    collect(store, 0, [item("1"), item("2", tel="064-1<br>064-2")])
    assert publish(store, 0) == Published(published=2, added=2, changed=0, removed=0, rejected=0)
    row = published(store)["2"]
    assert (row["title"], row["region_code"], row["phone"]) == ("관광지 2", "50", "064-1, 064-2")
    assert (row["latitude"], row["longitude"], row["source_response_id"]) == (33.4, 126.5, 1)
    assert row["published_at"] == row["updated_at"] == at(0)
    assert row["removed_at"] is None


def test_hidden_and_absent_items_of_other_kinds_and_regions_are_not_published(store: str) -> None:
    collect(
        store,
        0,
        [item("1"), item("2", showflag="0"), item("3", contenttypeid="39"), item("4", lDongRegnCd="11"), item("5")],
    )
    collect(store, 1, [item("1")])
    publish(store, 1)
    assert set(published(store)) == {"1"}


def test_unchanged_rows_are_not_touched(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    before = published(store)
    collect(store, 1, [item("1"), item("2")])
    assert publish(store, 1) == Published(published=2, added=0, changed=0, removed=0, rejected=0)
    assert published(store) == before  # row versions (xmin) and updated_at included


def test_a_changed_row_is_updated_and_its_neighbour_is_not(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    before = published(store)
    collect(store, 1, [item("1"), item("2", title="새 이름", mapx="")])
    assert publish(store, 1) == Published(published=2, added=0, changed=1, removed=0, rejected=0)
    after = published(store)
    assert after["1"] == before["1"]
    assert (after["2"]["title"], after["2"]["longitude"], after["2"]["coordinates_problem"]) == (
        "새 이름",
        None,
        "blank",
    )
    assert (after["2"]["published_at"], after["2"]["updated_at"], after["2"]["source_response_id"]) == (at(0), at(1), 2)


@pytest.mark.parametrize("how", ["hidden", "absent"])
def test_a_place_that_is_gone_is_marked_removed_and_cleared_when_it_is_back(store: str, how: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    collect(store, 1, [item("1"), item("2", showflag="0")] if how == "hidden" else [item("1")])
    assert publish(store, 1) == Published(published=1, added=0, changed=0, removed=1, rejected=0)
    gone = published(store)["2"]
    assert (gone["removed_at"], gone["title"]) == (at(1), "관광지 2")
    assert publish(store, 2).removed == 0
    assert published(store)["2"] == gone
    assert [row["content_id"] for row in rows(store, "SELECT content_id FROM serving.tourist_attractions")] == ["1"]

    collect(store, 3, [item("1"), item("2")])
    assert publish(store, 3) == Published(published=2, added=0, changed=1, removed=0, rejected=0)
    back = published(store)["2"]
    assert (back["removed_at"], back["published_at"], back["updated_at"]) == (None, at(0), at(3))


def test_a_place_that_moved_to_another_region_is_not_removed_and_goes_there(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    collect(store, 1, [item("2", lDongRegnCd="11", lDongSignguCd="110")], region_code="11")
    assert publish(store, 2) == Published(published=1, added=0, changed=0, removed=0, rejected=0)
    assert (published(store)["2"]["region_code"], published(store)["2"]["removed_at"]) == ("50", None)
    assert publish(store, 3, "11") == Published(published=1, added=0, changed=1, removed=0, rejected=0)
    assert (published(store)["2"]["region_code"], published(store)["2"]["kto_area_code"]) == ("11", "1")
    assert publish(store, 4).removed == 0


def test_a_place_that_moved_and_became_unusable_is_removed_by_the_region_that_rejects_it(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    collect(store, 1, [item("2", title="<br>", lDongRegnCd="11", lDongSignguCd="110")], region_code="11")
    assert publish(store, 2).removed == 0
    assert publish(store, 3, "11") == Published(published=0, added=0, changed=0, removed=1, rejected=1)
    assert (published(store)["2"]["region_code"], published(store)["2"]["removed_at"]) == ("50", at(3))
    assert publish(store, 4).removed == publish(store, 4, "11").removed == 0


def test_a_place_that_changed_its_kind_is_removed_from_the_old_table(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    collect(store, 1, [item("2", contenttypeid="39")], content_type_id="39")
    assert publish(store, 1).removed == 1
    assert published(store)["2"]["removed_at"] == at(1)


def test_a_place_that_became_unusable_is_removed_and_rejected_and_forgotten_when_usable_again(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    publish(store, 0)
    collect(store, 1, [item("1"), item("2", title="<br>")])
    assert publish(store, 1) == Published(published=1, added=0, changed=0, removed=1, rejected=1)
    (found,) = rejected(store).values()
    assert (found["item_key"], found["content_id"], found["reason"], found["rejected_at"]) == (
        "2",
        "2",
        "title_missing",
        at(1),
    )
    assert payload_of(found) == item("2", title="<br>")

    assert publish(store, 2).rejected == 1
    assert rejected(store)["2"] == found

    collect(store, 3, [item("1"), item("2")])
    assert publish(store, 3) == Published(published=2, added=0, changed=1, removed=0, rejected=0)
    assert rejected(store) == {}


def test_a_rejection_keeps_its_date_while_its_reason_stays_and_follows_the_payload(store: str) -> None:
    collect(store, 0, [item("1", title="")])
    publish(store, 0)
    collect(store, 1, [item("1", title="", tel="1330")])
    publish(store, 1)
    (found,) = rejected(store).values()
    assert (found["rejected_at"], found["response_id"], payload_of(found)["tel"]) == (at(0), 2, "1330")


def test_items_without_an_id_count_as_rejected_and_are_left_alone(store: str) -> None:
    collect(store, 0, [item("1"), item(""), item("x")])
    assert publish(store, 0) == Published(published=1, added=1, changed=0, removed=0, rejected=2)
    assert publish(store, 1).rejected == 2


def test_publishing_one_region_leaves_the_others_alone(store: str) -> None:
    collect(store, 0, [item("1"), item("2", lDongRegnCd="11"), item("3", lDongRegnCd="11", title="")])
    publish(store, 0)
    publish(store, 0, "11")
    before, before_rejected = published(store), rejected(store)
    collect(store, 1, [item("1", title="새 이름")])
    publish(store, 1)
    assert published(store)["2"] == before["2"]
    assert rejected(store) == before_rejected


def test_an_emptied_partition_removes_every_row(store: str) -> None:
    collect(store, 0, [item("1")])
    publish(store, 0)
    collect(store, 1, [])
    assert publish(store, 1) == Published(published=0, added=0, changed=0, removed=1, rejected=0)


def test_details_reach_the_row_with_the_response_each_came_from(store: str) -> None:
    collect(store, 0, [item("1"), item("2")])
    tell(store, "1", "detailCommon2", [{"overview": "첫째"}], response_id=5)
    tell(store, "1", "detailIntro2", [{"usetime": "09:00~18:00"}], response_id=7, kept_from={"usetime": 3})
    tell(store, "1", "detailImage2", [{"originimgurl": "http://a/1.jpg"}], response_id=8)
    assert publish(store, 0).added == 2
    row, other = published(store)["1"], published(store)["2"]
    assert (row["overview"], row["opening_hours"], row["opens_at"]) == ("첫째", "09:00~18:00", time(9))
    assert row["detail_sources"] == {"overview": 5, "opening_hours": 3, "opens_at": 3, "closes_at": 3}
    assert (other["overview"], other["detail_completeness"], other["detail_sources"]) == (None, None, None)


def test_publishing_after_the_list_alone_was_collected_anew_keeps_details(store: str) -> None:
    collect(store, 0, [item("1")])
    tell(store, "1", "detailCommon2", [{"overview": "첫째"}], response_id=5)
    publish(store, 0)
    collect(store, 1, [item("1", title="새 이름")])
    assert publish(store, 1).changed == 1
    row = published(store)["1"]
    assert (row["title"], row["overview"], row["detail_sources"]) == ("새 이름", "첫째", {"overview": 5})


def test_the_same_details_in_a_newer_response_are_no_change(store: str) -> None:
    collect(store, 0, [item("1")])
    tell(store, "1", "detailCommon2", [{"overview": "첫째"}], response_id=5)
    publish(store, 0)
    before = published(store)
    tell(store, "1", "detailCommon2", [{"overview": "첫째"}], response_id=9)
    assert publish(store, 1).changed == 0
    assert published(store) == before
    tell(store, "1", "detailCommon2", [{"overview": "둘째"}], response_id=11)
    assert publish(store, 2).changed == 1
    assert (published(store)["1"]["detail_sources"], published(store)["1"]["updated_at"]) == ({"overview": 11}, at(2))


@pytest.mark.parametrize("chunk_rows", [1, 10])
def test_a_row_is_made_of_the_raw_layer_alone_also_where_details_are_not_there_any_more(
    store: str, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(publishing, "CHUNK_ROWS", chunk_rows)
    collect(store, 0, [item("1"), item("2"), item("3")])
    publish(store, 0)
    bare = published(store)["1"]
    tell(store, "1", "detailCommon2", [{"overview": "첫째"}])
    tell(store, "3", "detailCommon2", [{"overview": "셋째"}])
    assert publish(store, 1) == Published(published=3, added=0, changed=2, removed=0, rejected=0)
    execute(store, "DELETE FROM raw.place_details WHERE content_id = '1'")
    assert publish(store, 2) == Published(published=3, added=0, changed=1, removed=0, rejected=0)
    kept = {"xmin", "updated_at"}
    assert {name: value for name, value in published(store)["1"].items() if name not in kept} == {
        name: value for name, value in bare.items() if name not in kept
    }
    assert published(store)["3"]["overview"] == "셋째"


def rekey(dsn: str, hours: int, old: str, new: str, **changes: object) -> None:
    """Give a place another id: the old one is not listed any more."""
    collect(dsn, hours, [item(new, **changes)], region_code=str(changes.get("lDongRegnCd", "50")))
    execute(dsn, "UPDATE raw.place_items SET previous_content_id = %s WHERE content_id = %s", old, new)
    execute(dsn, "UPDATE raw.place_items SET absent_since = %s WHERE content_id = %s", at(hours), old)


def test_a_place_with_a_new_id_keeps_when_it_was_published_first(store: str) -> None:
    collect(store, 0, [item("1")])
    publish(store, 0)
    rekey(store, 1, "1", "9")
    assert publish(store, 1) == Published(published=1, added=1, changed=0, removed=1, rejected=0)
    old, new = published(store)["1"], published(store)["9"]
    assert (new["published_at"], new["updated_at"], new["previous_content_id"]) == (at(0), at(1), "1")
    assert (old["published_at"], old["removed_at"]) == (at(0), at(1))
    assert publish(store, 2) == Published(published=1, added=0, changed=0, removed=0, rejected=0)
    rekey(store, 3, "9", "10")
    publish(store, 3)
    assert published(store)["10"]["published_at"] == at(0)


def test_a_place_that_moved_with_its_new_id_keeps_its_history_also_after_the_old_row_was_removed(store: str) -> None:
    collect(store, 0, [item("1")])
    publish(store, 0)
    rekey(store, 1, "1", "9", lDongRegnCd="11", lDongSignguCd="110")
    publish(store, 1, "50")
    assert published(store)["1"]["removed_at"] == at(1)
    publish(store, 2, "11")
    assert (published(store)["9"]["published_at"], published(store)["9"]["region_code"]) == (at(0), "11")


def test_that_a_place_had_another_id_may_be_found_out_later(store: str) -> None:
    collect(store, 0, [item("1")])
    publish(store, 0)
    collect(store, 1, [item("9")])
    publish(store, 1)
    assert published(store)["9"]["published_at"] == at(1)
    execute(store, "UPDATE raw.place_items SET previous_content_id = '1' WHERE content_id = '9'")
    assert publish(store, 2).changed == 1
    assert (published(store)["9"]["published_at"], published(store)["9"]["updated_at"]) == (at(0), at(2))


def test_a_former_id_that_was_never_published_leaves_no_history(store: str) -> None:
    rekey(store, 1, "1", "9")
    publish(store, 1)
    assert published(store)["9"]["published_at"] == at(1)


def _stage_everything_twice(opened: Publication) -> None:
    for items in opened.items():
        opened.stage(*places(items))
        opened.stage(*places(items))


def _stage_rows_without_titles(opened: Publication) -> None:
    for items in opened.items():
        made = places(items)
        opened.stage(made.rows.assign(title=None), made.rejected)


def test_a_publication_that_is_left_changes_nothing(store: str) -> None:
    collect(store, 0, [item("1"), item("2", title="")])
    publish(store, 0)
    before, before_rejected = published(store), rejected(store)
    collect(store, 1, [item("1", title=""), item("2"), item("3")])
    with publication(store, 1) as opened:
        for items in opened.items():
            opened.stage(*places(items))
    with pytest.raises(psycopg.errors.NotNullViolation), publication(store, 1) as opened:
        _stage_rows_without_titles(opened)
    assert published(store) == before
    assert rejected(store) == before_rejected


def test_a_place_that_is_staged_twice_is_refused_by_the_database(store: str) -> None:
    collect(store, 0, [item("1")])
    with pytest.raises(psycopg.errors.UniqueViolation), publication(store, 0) as opened:
        _stage_everything_twice(opened)
    assert published(store) == {}


def test_a_publication_that_fails_half_way_changes_nothing(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    collect(store, 0, [item("1")])
    publish(store, 0)
    before = published(store)
    collect(store, 1, [item("1", title="새 이름"), item("2")])
    monkeypatch.setattr(publishing, "_FORGET_REJECTIONS", "SELECT 1 / 0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        publish(store, 1)
    assert published(store) == before


def test_a_partition_is_read_in_chunks_and_published_whole(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "CHUNK_ROWS", 7)
    collect(store, 0, [item(str(number)) for number in range(23)])
    with publication(store, 0) as opened:
        sizes = []
        for items in opened.items():
            sizes.append(len(items))
            opened.stage(*places(items))
        assert opened.complete() == Published(published=23, added=23, changed=0, removed=0, rejected=0)
        opened.publish(lambda _cursor: None)
    assert sizes == [7, 7, 7, 2]
    assert len(published(store)) == 23


def test_readers_see_the_old_rows_until_the_new_ones_are_published(store: str) -> None:
    collect(store, 0, [item("1")])
    publish(store, 0)
    collect(store, 1, [item("1", title="새 이름")])
    with publication(store, 1) as opened:
        for items in opened.items():
            opened.stage(*places(items))
        assert published(store)["1"]["title"] == "관광지 1"
        opened.complete()
        assert published(store)["1"]["title"] == "관광지 1"
        opened.publish(lambda _cursor: None)
    assert published(store)["1"]["title"] == "새 이름"


def waits_for_lock(dsn: str) -> bool:
    return bool(
        rows(dsn, "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    )


def test_two_publications_of_one_partition_wait_for_each_other_and_those_of_two_do_not(store: str) -> None:
    collect(store, 0, [item("1"), item("2", lDongRegnCd="11")])
    done: list[Published] = []
    with publication(store, 1) as first:
        assert publish(store, 1, "11").published == 1  # another partition: does not wait

        second = threading.Thread(target=lambda: done.append(publish(store, 2)))
        second.start()
        while not waits_for_lock(store):
            assert second.is_alive(), "the second publication did not wait"
        for items in first.items():
            first.stage(*places(items))
        assert first.complete() == Published(published=1, added=1, changed=0, removed=0, rejected=0)
        first.publish(lambda _cursor: None)
        assert done == []
    second.join()
    assert done == [Published(published=1, added=0, changed=0, removed=0, rejected=0)]
    assert published(store)["1"]["updated_at"] == at(1)


def looked_up(connection: psycopg.Connection) -> int:
    """The items that the transaction has looked at so far."""
    statement = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'raw.place_items'::regclass"
    )
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def test_where_one_place_is_noted_the_others_of_its_region_are_not_looked_up(store: str) -> None:
    everything = [item(str(number)) for number in range(1, 301)]
    collect(store, 0, everything)
    publish(store, 0)
    collect(store, 1, [*everything[:-1], item("300", title="새 이름")])
    # The tables are small here, so that they would be read whole.
    by_index = "SET LOCAL enable_seqscan = off"
    with Publication(store, TABLE, content_type_id="12", region_code="50", now=at(1), only_noted=True) as opened:
        opened.first(lambda connection: connection.execute(by_index))
        assert not opened.is_empty()
        assert opened.first(looked_up) <= 1
        with opened._reading() as reading:
            reading.execute(by_index)
            read = reading.execute(publishing._items_statement([], []), opened._scope).fetchall()
            assert [content_id for content_id, *_ in read] == ["300"]
            assert looked_up(reading) <= 1
