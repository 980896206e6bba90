"""Plans in the database: made of what is known and left, in one piece, once a day, and told region by region."""

from datetime import UTC, datetime, timedelta

import pytest

from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.places.plan.plans import Ask, asks_of_region, make_plan
from weatherflick_assets.places.plan.store import PlanStore
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.balances import Balance, calls_left
from weatherflick_assets_tests.places.detailing import OPERATIONS, access
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge, rows
from weatherflick_assets_tests.places.store.stored_details import answer, merge_details

NOON = datetime(2026, 11, 22, 12, tzinfo=KST)
INTRO = OPERATION_BY_NAME["detailIntro2"]


def stored_plan(dsn: str) -> list[dict[str, object]]:
    return rows(dsn, "SELECT * FROM ops.collection_plan ORDER BY rank, operation")


def listed(dsn: str) -> None:
    """Ten attractions in Jeju and five restaurants in Seoul, one of them hidden."""
    merge(dsn, 0, [item(f"1{number}") for number in range(10)])
    seoul = [item(f"2{number}", contenttypeid="39", lDongRegnCd="11", lDongSignguCd="") for number in range(4)]
    merge(dsn, 0, [*seoul, item("29", contenttypeid="39", lDongRegnCd="11", showflag="0")], region_code="11")


def plan_at(dsn: str, at: datetime, *, limit: int = 1000) -> None:
    make_plan(dsn, access(limit=limit), clock=lambda: at)


def asks_at(dsn: str, at: datetime, region: str = "50", *, limit: int = 1000) -> list[Ask]:
    return asks_of_region(dsn, access(limit=limit), region, clock=lambda: at)


def spend(dsn: str, key: str, *, reserved: int, day: str = "2026-11-22", closed: datetime | None = None) -> None:
    (fingerprint,) = (found.fingerprint for found in KeyRing.of("kto", access(keys=(key,)).keys).keys)
    execute(
        dsn, "INSERT INTO ops.api_calls_daily VALUES ('kto', 'detailIntro2', %s, %s, 1000, %s, %s, 0, %s)",
        fingerprint, day, reserved, reserved, closed,
    )  # fmt: skip


def test_a_plan_counts_what_is_shown_and_spends_what_is_left_beyond_the_reserve(store: str) -> None:
    listed(store)
    plan_at(store, NOON, limit=13)
    found = stored_plan(store)
    assert [
        (row["rank"], row["content_type_id"], row["region_code"], row["places"], row["calls"]) for row in found
    ] == [
        *[(1, "12", "50", 10, 10)] * 4,
        *[(2, "39", "11", 4, 2)] * 4,
    ]
    assert [row["operation"] for row in found] == sorted(OPERATIONS) * 2
    assert {row["reason"] for row in found} == {"never collected: 10 of 10 places", "never collected: 4 of 4 places"}
    assert {row["planned_at"] for row in found} == {NOON}


def test_a_plan_takes_the_place_of_the_last_one_as_a_whole(store: str) -> None:
    listed(store)
    plan_at(store, NOON)
    execute(store, "UPDATE raw.place_items SET absent_since = now() WHERE listed_region_code = '11'")
    plan_at(store, NOON + timedelta(hours=1))
    assert {(row["region_code"], row["planned_at"]) for row in stored_plan(store)} == {
        ("50", NOON + timedelta(hours=1))
    }


def test_a_plan_for_some_regions_gives_them_what_others_would_get(store: str) -> None:
    listed(store)
    make_plan(store, access(limit=4), clock=lambda: NOON, regions=["11"])
    assert {(row["region_code"], row["calls"]) for row in stored_plan(store)} == {("11", 3)}
    assert len(asks_at(store, NOON, "11", limit=4)) == 4 * 3


def test_without_places_a_plan_is_empty_and_nothing_is_asked(store: str) -> None:
    plan_at(store, NOON)
    assert stored_plan(store) == []
    assert asks_at(store, NOON) == []


def test_a_region_is_asked_what_the_plan_allots_best_first(store: str) -> None:
    listed(store)
    execute(store, "UPDATE raw.place_items SET modified_at = '2026-10-01+09' WHERE content_id = '17'")
    asks = asks_at(store, NOON, limit=3)
    assert [(ask.operation_name, ask.content_id, ask.content_type_id) for ask in asks[:4]] == [
        ("detailCommon2", "17", "12"), ("detailCommon2", "10", "12"),
        ("detailIntro2", "17", "12"), ("detailIntro2", "10", "12"),
    ]  # fmt: skip
    assert [ask.value for ask in asks] == sorted((ask.value for ask in asks), reverse=True)
    assert asks_at(store, NOON, "11", limit=3) == []


def test_a_plan_is_followed_on_its_day_and_made_anew_on_another(store: str) -> None:
    listed(store)
    plan_at(store, NOON)
    asks_at(store, NOON.replace(hour=23, minute=59))
    assert {row["planned_at"] for row in stored_plan(store)} == {NOON}
    midnight = datetime(2026, 11, 22, 15, tzinfo=UTC)
    asks_at(store, midnight)
    assert {row["planned_at"] for row in stored_plan(store)} == {midnight}


def test_what_was_asked_since_the_plan_was_made_counts(store: str) -> None:
    listed(store)
    plan_at(store, NOON - timedelta(days=300), limit=7)
    assert len(asks_at(store, NOON - timedelta(days=300), limit=7)) == 4 * 6
    # Answers of these tests came in July, after that plan.
    merge_details(store, "detailCommon2", *(answer(f"1{number}", 5) for number in range(4)))
    left = asks_at(store, NOON - timedelta(days=300), limit=7)
    assert [ask.content_id for ask in left if ask.operation_name == "detailCommon2"] == ["14", "15"]
    assert len(left) == 2 + 3 * 6


@pytest.mark.parametrize(
    ("reserved", "closed", "left"),
    [(0, None, 2000), (300, None, 1700), (1000, None, 1000), (10, NOON + timedelta(hours=1), 1000)],
    ids=["nothing taken", "some taken", "all taken", "closed by the upstream"],
)
def test_what_is_left_is_that_of_all_keys(store: str, reserved: int, closed: datetime | None, left: int) -> None:
    spend(store, "first", reserved=reserved, closed=closed)
    spend(store, "first", reserved=999, day="2026-11-21")
    spend(store, "somebody else's", reserved=999)
    two = access(keys=("first", "second"))
    assert calls_left(store, two, [INTRO], NOON) == {"detailIntro2": Balance(2000, left)}


def test_a_key_that_is_refused_has_nothing_left(store: str) -> None:
    (fingerprint,) = (found.fingerprint for found in KeyRing.of("kto", access(keys=("first",)).keys).keys)
    execute(
        store,
        "INSERT INTO ops.api_key_refusals VALUES ('kto', %s, '30', 'unknown', %s, %s)",
        fingerprint,
        NOON,
        NOON + timedelta(hours=1),
    )
    two = access(keys=("first", "second"))
    assert calls_left(store, two, [INTRO], NOON) == {"detailIntro2": Balance(1000, 1000)}


def test_candidates_are_the_shown_places_with_the_last_answer_of_each_operation(store: str) -> None:
    listed(store)
    merge_details(store, "detailIntro2", answer("10", 5), answer("11", 6, {}), answer("12", 7, {"usetime": "9"}))
    with PlanStore(store) as opened:
        country = opened.candidates(OPERATIONS)
        jeju = opened.candidates(["detailIntro2"], ["50"])["detailIntro2"].set_index("content_id").sort_index()
    assert {name: len(frame) for name, frame in country.items()} == dict.fromkeys(OPERATIONS, 14)
    assert all(frame["fetched_at"].isna().all() for name, frame in country.items() if name != "detailIntro2")
    assert jeju.index.tolist() == [f"1{number}" for number in range(10)]
    assert jeju["is_empty"].tolist() == [True] + [False] * 9
    assert jeju["fetched_at"].tolist()[:3] == [at(5), at(6), at(7)]
    assert jeju["fetched_at"].isna().tolist() == [False] * 3 + [True] * 7
    modified_at = datetime(2026, 1, 1, tzinfo=KST)
    assert jeju["modified_at"].tolist() == [modified_at] * 10
    assert jeju["place_modified_at"].tolist()[:3] == [modified_at] * 3
