"""Whatever changes the raw layer is noted in the outbox with it, and publishing settles it: no kill in between loses anything."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.following import published_of
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.places.store.details import DetailAnswer, DetailStore
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.places.store.sweeps import merge_sweep
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.collect.reading import FragileStage, KilledError
from weatherflick_assets_tests.places.store.draining import drain, opened, pending_keys, publish, shown, stage
from weatherflick_assets_tests.places.store.stock import at, item, merge, rows, sweep_at
from weatherflick_assets_tests.places.store.stored_details import answer, merge_details
from weatherflick_assets_tests.warehouse.stored import empty

UNCODED = {"lDongRegnCd": "", "lDongSignguCd": ""}


def everything(kind: str, *regions: str) -> set[tuple[str, str]]:
    return {(asset, region) for asset in published_of(kind) for region in regions}


# What is noted


def test_a_list_that_is_read_the_first_time_makes_pending_all_that_is_made_of_its_places(store: str) -> None:
    merge(store, 0, [item("1"), item("2", showflag="0", lDongRegnCd="11")])
    assert pending_keys(store) == everything("12", "50")
    (found,) = {(row["since"], row["cause"]) for row in rows(store, "SELECT * FROM ops.pending_publications")}
    assert found == (at(0), "the list was read")


def test_an_unchanged_list_makes_nothing_pending(store: str) -> None:
    merge(store, 0, [item("1"), item("2", showflag="0")])
    drain(store)
    merge(store, 1, [item("1"), item("2", showflag="0")], response_id=2)
    assert pending_keys(store) == set()


CHANGES: dict[str, tuple[list[dict[str, object]], set[tuple[str, str]]]] = {
    "another title": ([item("1", title="다른"), item("2")], {("core/attractions", "50")}),
    "another region": ([item("1", lDongRegnCd="11", lDongSignguCd="110"), item("2")], everything("12", "50", "11")),
    "another kind": ([item("1", contenttypeid="39"), item("2")], everything("12", "50") | everything("39", "50")),
    "hidden": ([item("1", showflag="0"), item("2")], everything("12", "50")),
    "gone": ([item("2")], everything("12", "50")),
    "new": ([item("1"), item("2"), item("3", lDongRegnCd="11")], everything("12", "11")),
    "found by its address": ([item("1"), item("2"), item("3", **UNCODED)], everything("12", "50")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_concerns_is_pending_and_nothing_else(store: str, change: str) -> None:
    merge(store, 0, [item("1"), item("2")])
    drain(store)
    listed, expected = CHANGES[change]
    merge(store, 1, listed, response_id=2)
    assert pending_keys(store) == expected


def test_places_that_the_list_of_the_unassigned_finds_make_their_region_pending(store: str) -> None:
    merge(store, 0, [item("1")])
    drain(store)
    merge(store, 1, [item("2", **UNCODED)], region_code="unassigned")
    assert pending_keys(store) == everything("12", "50")
    drain(store)
    assert {row["content_id"] for row in rows(store, "SELECT content_id FROM core.attractions")} == {"1", "2"}
    merge(store, 2, [], region_code="unassigned")
    assert pending_keys(store) == everything("12", "50")


def test_details_make_pending_what_is_made_of_their_operation_where_their_place_is_shown(store: str) -> None:
    merge(store, 0, [item("1"), item("2", showflag="0")])
    drain(store)
    merge_details(store, "detailCommon2", answer("1", 1, {"overview": "말"}), answer("2", 2, {"overview": "말"}))
    assert pending_keys(store) == {("core/attractions", "50")}
    (found,) = rows(store, "SELECT * FROM ops.pending_publications")
    assert (found["since"], found["cause"]) == (at(2), "details of detailCommon2")
    drain(store)
    merge_details(store, "detailCommon2", answer("1", 3, {"overview": "말"}), answer("4", 4, {"overview": "말"}))
    assert pending_keys(store) == set()
    merge_details(store, "detailImage2", answer("1", 5, {"originimgurl": "http://a/1.jpg"}))
    assert pending_keys(store) == {("core/place_images", "50")}


# What is settled


def test_a_publication_settles_its_own_partition_alone(store: str) -> None:
    merge(store, 0, [item("1"), item("2", lDongRegnCd="11")])
    publish(store, "core/attractions", "50")
    assert pending_keys(store) == everything("12", "50", "11") - {("core/attractions", "50")}


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_publication_that_breaks_off_settles_nothing(store: str, is_empty: bool) -> None:
    merge(store, 0, [item("1")])
    key = ("core/rooms" if is_empty else "core/attractions", "50")
    publish(store, *key, is_killed=True)
    assert pending_keys(store) == everything("12", "50")


def test_what_changes_while_a_partition_is_published_stays_pending(store: str) -> None:
    merge(store, 0, [item("1")])
    with opened("core/attractions", "50", store) as publication:
        stage(publication, "core/attractions")
        merge(store, 1, [item("1", title="다른")], response_id=2)
        publication.complete()
        publication.publish(lambda _cursor: None)
    assert ("core/attractions", "50") in pending_keys(store)
    drain(store)
    assert rows(store, "SELECT title FROM core.attractions") == [{"title": "다른"}]


MOVED = {"lDongRegnCd": "11", "lDongSignguCd": "110"}


@pytest.mark.parametrize("only_noted", [True, False])
@pytest.mark.parametrize(
    "then",
    [
        pytest.param([item("1", **MOVED, showflag="0")], id="hidden"),
        pytest.param([], id="gone"),
        pytest.param([item("1", **MOVED, title="")], id="unusable"),
    ],
)
def test_a_place_that_left_a_region_and_never_reached_the_next_is_shown_in_neither(
    store: str, then: list[dict[str, object]], only_noted: bool
) -> None:
    merge(store, 0, [item("1"), item("2")])
    merge_details(store, "detailImage2", answer("1", 1, {"originimgurl": "http://a/1.jpg"}))
    drain(store)
    merge(store, 1, [item("1", **MOVED)], region_code="11")
    for asset in published_of("12"):
        publish(store, asset, "50", only_noted=only_noted)
    merge(store, 2, then, region_code="11")
    drain(store, only_noted=only_noted)
    assert [row["content_id"] for row in shown(store)["attractions"]] == ["2"]
    assert "50" not in {row["region_code"] for row in shown(store)["place_images"]}


# Kills between merging and publishing, over a world that moves

KINDS = ("12", "32")
REGIONS = ("50", "11", "unassigned")


@st.composite
def worlds(draw: st.DrawFn) -> list[dict[str, object]]:
    """Some places, each shown or not, somewhere, of some kind; some have no title and can't be rows."""
    places = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["50", "11", ""]), st.sampled_from(["a", "b", ""]),
                                     st.sampled_from("01")), min_size=2, max_size=4))  # fmt: skip
    return [
        item(str(number), contenttypeid=kind, lDongRegnCd=code, lDongSignguCd="", title=title, showflag=flag)
        for number, (kind, code, title, flag) in enumerate(places)
    ]


READINGS = st.tuples(st.just("read"), worlds(), st.booleans())
ANSWERS = st.tuples(st.just("ask"), st.sampled_from(["detailCommon2", "detailImage2", "detailInfo2"]), st.booleans())
PUBLICATIONS = st.tuples(st.just("publish"), st.tuples(st.integers(0, 20), st.booleans()), st.booleans())


class World:
    """A platform that is killed now and then, and what the upstream says in the end."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.hours = 0
        self.listed: list[dict[str, object]] = []
        self.said: dict[tuple[str, str], DetailAnswer] = {}
        empty(dsn)

    def read(self, listed: list[dict[str, object]], is_killed: bool) -> None:
        """Sweep all lists; of a sweep that is killed nothing is left."""
        self.hours += 1
        frame = listed_items(listed, self.hours)
        for kind in KINDS:
            for region in REGIONS:
                of_kind = frame["content_type_id"] == kind
                covered = frame["region_source"] != "code" if region == "unassigned" else frame["region_code"] == region
                if region != "unassigned":
                    covered &= frame["region_source"] == "code"
                with suppress(KilledError):
                    asyncio.run(self._sweep(frame[of_kind & covered], kind, region, is_killed))
        if not is_killed:
            self.listed = listed

    async def _sweep(self, frame: Any, kind: str, region: str, is_killed: bool) -> None:
        killed = FragileStage(self.dsn, committed=False)
        async with killed if is_killed else ItemStage(self.dsn, run_id="run") as staged:
            await staged.stage(frame)
            await merge_sweep(staged, sweep_at(self.hours, content_type_id=kind, region_code=region))

    def ask(self, operation: str, is_killed: bool) -> None:
        """Ask about the first place; of answers that are not merged nothing is left."""
        self.hours += 1
        said = {
            "overview": str(self.hours),
            "originimgurl": f"http://a/{self.hours}.jpg",
            "infoname": "이름",
            "roomtitle": "방",
        }
        found = DetailAnswer("0", [said], self.hours, at(self.hours))
        with suppress(KilledError):
            asyncio.run(self._merge(operation, found, is_killed))
        if not is_killed:
            self.said[operation, "0"] = found

    async def _merge(self, operation: str, found: DetailAnswer, is_killed: bool) -> None:
        async with DetailStore(self.dsn) as details, details.connection.transaction():
            await details.merge(OPERATION_BY_NAME[operation], [found])
            if is_killed:
                raise KilledError

    def publish(self, which: tuple[int, bool], is_killed: bool) -> None:
        """Publish one partition that is pending, if there is any: what the outbox names of it, or all of it."""
        self.hours += 1
        number, only_noted = which
        if keys := sorted(pending_keys(self.dsn)):
            key = keys[number % len(keys)]
            publish(self.dsn, *key, self.hours, is_killed=is_killed, only_noted=only_noted)

    def from_scratch(self, dsn: str) -> "World":
        """What another platform makes of what the upstream says in the end."""
        other = World(dsn)
        other.read(self.listed, is_killed=False)
        for (operation, _), found in self.said.items():
            asyncio.run(other._merge(operation, found, False))
        drain(dsn, only_noted=False)
        return other


@pytest.fixture(scope="module")
def two_databases(template_database: Template) -> Iterator[tuple[str, str]]:
    with template_database.clone() as first, template_database.clone() as second:
        yield dsn_of(first), dsn_of(second)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(READINGS, ANSWERS, PUBLICATIONS), min_size=4, max_size=14))
def test_whatever_is_killed_what_is_published_in_the_end_is_what_is_made_from_scratch(
    two_databases: tuple[str, str], steps: list[tuple[str, Any, bool]]
) -> None:
    world = World(two_databases[0])
    for step, what, is_killed in steps:
        getattr(world, step)(what, is_killed)
    drain(world.dsn, world.hours + 1)
    assert pending_keys(world.dsn) == set()
    other = world.from_scratch(two_databases[1])
    assert shown(world.dsn) == shown(other.dsn)
    assert pending_keys(other.dsn) == set()
