"""The world's days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.host import Sandbox
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.korea.days import DAILY_CHANGES
from weatherflick_assets.sandbox.korea.festivals import next_edition
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, everything, fetch

Rows = dict[str, dict[str, Any]]
SMALL = SandboxOptions(scale=0.02)
SOME_OF_EACH = {
    "new": 9, "changed": 24, "hidden": 6, "vanished": 5, "returned": 4, "moved": 6, "rekeyed": 3, "ended": 2, "editions": 3,
}  # fmt: skip
CODES = ["lDongRegnCd", "lDongSignguCd", "lclsSystm1", "lclsSystm2", "lclsSystm3"]
LEGACY = ["areacode", "sigungucode", "cat1", "cat2", "cat3"]
FIRST_DAY = "20260703"


def listed(sandbox: RunningSandbox, **parameters: Any) -> Rows:
    return {row["contentid"]: row for row in everything(sandbox, "areaBasedSyncList2", **parameters)}


def common(sandbox: RunningSandbox, identifier: str) -> list[dict[str, Any]]:
    return ask(sandbox, "detailCommon2", contentId=identifier).items


@pytest.fixture(scope="module")
def two_days() -> Iterator[tuple[RunningSandbox, Rows, Rows, Rows]]:
    """A sandbox after two days with some changes of each kind, and its list at the start and after each day."""
    with RunningSandbox(SMALL, behaviour=Behaviour(daily_changes=SOME_OF_EACH)) as sandbox:
        lists = [listed(sandbox)]
        for _ in range(2):
            sandbox.advance()
            lists.append(listed(sandbox))
        yield sandbox, lists[0], lists[1], lists[2]


def test_a_day_has_as_many_changes_of_each_kind_as_are_asked_for(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox = two_days[0]
    for day in (1, 2):
        changes = sandbox.changes(day)
        assert {kind: len(ids) for kind, ids in changes.items()} == SOME_OF_EACH | {"rekeyed_from": 3}
        touched = [name for ids in changes.values() for name in ids]
        assert len(set(touched)) == len(touched)


def test_the_oracle_reports_every_difference_and_nothing_else(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, *lists = two_days
    for day, (before, after) in enumerate(pairwise(lists), start=1):
        changes = sandbox.changes(day)
        assert after.keys() - before.keys() == {*changes["new"], *changes["rekeyed"]}
        assert before.keys() - after.keys() == {*changes["vanished"], *changes["rekeyed_from"]}
        differing = {name for name in before.keys() & after.keys() if before[name] != after[name]}
        kept = [kind for kind in SOME_OF_EACH if kind not in {"new", "vanished", "rekeyed"}]
        assert differing == {name for kind in kept for name in changes[kind]}


def test_whatever_changes_but_does_not_vanish_is_dated_that_day(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, *lists = two_days
    for day, date in ((1, "20260703"), (2, "20260704")):
        changes = sandbox.changes(day)
        touched = {name for kind, ids in changes.items() if kind not in {"vanished", "rekeyed_from"} for name in ids}
        dated = {name for name, row in lists[day].items() if row["modifiedtime"].startswith(date)}
        assert dated == touched
        still = listed(sandbox, modifiedtime=date)
        assert still.keys() <= touched
    assert len(listed(sandbox, modifiedtime=f"{int(FIRST_DAY) + 1}")) == sum(SOME_OF_EACH.values()) - 5


def test_the_newest_come_first_and_the_rest_keeps_its_order(two_days: tuple[RunningSandbox, Rows, Rows, Rows]) -> None:
    sandbox = two_days[0]
    rows = everything(sandbox, "areaBasedSyncList2", arrange="C")
    keys = [(-int(row["modifiedtime"]), int(row["contentid"])) for row in rows]
    assert keys == sorted(keys)
    touched = sum(SOME_OF_EACH.values()) - SOME_OF_EACH["vanished"]
    assert all(row["modifiedtime"] > "20260704" for row in rows[:touched])
    assert rows[touched]["modifiedtime"] < "20260704"


def test_a_changed_place_differs_in_its_row_or_in_its_details(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, before, after, _ = two_days
    edited = [name for name in sandbox.changes(1)["changed"] if name not in sandbox.changes(2)["changed"]]
    with RunningSandbox(SMALL) as untouched:
        only_in_details = 0
        for name in edited:
            ignored = {"modifiedtime", *LEGACY}
            fields = {field for field, value in before[name].items() if after[name][field] != value} - ignored
            assert fields <= {"title", "tel", "firstimage", "firstimage2", "cpyrhtDivCd"}
            assert {after[name][code] for code in LEGACY} == {""}
            overviews = [row["overview"] for row in common(sandbox, name)]
            formerly = [row["overview"] for row in common(untouched, name)]
            assert fields or (overviews and overviews != formerly) or name not in listed(sandbox, showflag="1")
            only_in_details += not fields
        assert 0 < only_in_details < len(edited)


def test_a_hidden_place_keeps_its_row_without_codes_and_has_no_details(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, before, after, _ = two_days
    for name in [*sandbox.changes(1)["hidden"], *sandbox.changes(1)["ended"]]:
        blank = dict.fromkeys(CODES, "")
        assert after[name] == {**before[name], **blank, "showflag": "0", "modifiedtime": after[name]["modifiedtime"]}
        assert name in sandbox.changes(2)["returned"] or common(sandbox, name) == []


def test_a_vanished_place_leaves_nothing(two_days: tuple[RunningSandbox, Rows, Rows, Rows]) -> None:
    sandbox, before, _, _ = two_days
    for name in sandbox.changes(1)["vanished"]:
        assert before[name]["showflag"] == "1"
        assert common(sandbox, name) == []
        assert ask(sandbox, "areaBasedSyncList2", oldContentid=name).total == 0


def test_a_returned_place_has_codes_that_match_its_address(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, before, after, _ = two_days
    names = {row["code"]: row["name"] for row in everything(sandbox, "ldongCode2")}
    for name in sandbox.changes(1)["returned"]:
        assert (before[name]["showflag"], after[name]["showflag"]) == ("0", "1")
        assert all(after[name][code] for code in CODES)
        address = after[name]["addr1"]
        assert address.startswith(names[after[name]["lDongRegnCd"]]) or after[name]["contenttypeid"] == "25"


def test_a_moved_place_has_region_address_and_position_of_another(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, before, after, _ = two_days
    names = {row["code"]: row["name"] for row in everything(sandbox, "ldongCode2")}
    for name in sandbox.changes(1)["moved"]:
        was, became = before[name], after[name]
        assert was["lDongRegnCd"] != became["lDongRegnCd"]
        assert became["addr1"].startswith(names[became["lDongRegnCd"]])
        assert (was["mapx"], was["mapy"], was["title"]) != (became["mapx"], became["mapy"], became["title"])
        assert was["title"] == became["title"]


def test_a_rekeyed_place_is_found_by_its_old_contentid_and_keeps_its_details(
    two_days: tuple[RunningSandbox, Rows, Rows, Rows],
) -> None:
    sandbox, before, after, _ = two_days
    with RunningSandbox(SMALL) as untouched:
        changes = sandbox.changes(2)
        for new, old in zip(changes["rekeyed"], changes["rekeyed_from"], strict=True):
            (found,) = ask(sandbox, "areaBasedSyncList2", oldContentid=old).items
            assert found == {**after[old], "contentid": new, "modifiedtime": found["modifiedtime"]}
            assert common(sandbox, old) == []
            if old in before and before[old] == after[old]:
                (current,), (formerly,) = common(sandbox, new), common(untouched, old)
                assert current["overview"] == formerly["overview"]


def test_newcomers_are_whole_places_without_legacy_codes(two_days: tuple[RunningSandbox, Rows, Rows, Rows]) -> None:
    sandbox, before, after, _ = two_days
    greatest = max(map(int, before))
    for name in sandbox.changes(1)["new"]:
        row = after[name]
        assert int(name) > greatest
        assert row["createdtime"] == row["modifiedtime"]
        assert row["createdtime"].startswith(FIRST_DAY)
        assert row["title"]
        assert all(row[code] for code in CODES)
        assert not any(row[code] for code in LEGACY)


def test_an_edition_has_new_dates_in_search_and_details(two_days: tuple[RunningSandbox, Rows, Rows, Rows]) -> None:
    sandbox = two_days[0]
    found = {row["contentid"]: row for row in everything(sandbox, "searchFestival2", eventStartDate="20260704")}
    with RunningSandbox(SMALL) as untouched:
        formerly = everything(untouched, "searchFestival2", eventStartDate="20000101")
        former = {row["contentid"]: row["eventenddate"] for row in formerly}
    for name in sandbox.changes(2)["editions"]:
        assert former[name] < "20260704" < found[name]["eventstartdate"] <= found[name]["eventenddate"]
        for intro in ask(sandbox, "detailIntro2", contentId=name, contentTypeId="15").items:
            assert intro["eventstartdate"] == found[name]["eventstartdate"]


@pytest.mark.parametrize(
    ("start", "end", "after", "expected"),
    [
        ("20250926", "20250928", "20260703", ("20260925", "20260927")),
        ("20230926", "20230928", "20260703", ("20260922", "20260924")),
        ("20260703", "20260703", "20260703", ("20270702", "20270702")),
        ("20261001", "20261002", "20260703", ("20270930", "20271001")),
    ],
)
def test_an_edition_is_on_the_same_days_of_the_week_of_a_later_year(
    start: str, end: str, after: str, expected: tuple[str, str]
) -> None:
    assert next_edition(start, end, datetime.strptime(after, "%Y%m%d").replace(tzinfo=UTC).date()) == expected


def test_a_second_sandbox_advanced_to_the_same_day_serves_the_same() -> None:
    with RunningSandbox(SMALL) as step_by_step, RunningSandbox(SMALL) as at_once:
        for _ in range(6):
            step_by_step.advance()
        at_once.advance(6)
        rows = listed(step_by_step)
        assert rows == listed(at_once)
        assert [step_by_step.changes(day) for day in range(1, 7)] == [at_once.changes(day) for day in range(1, 7)]
        for name in step_by_step.changes(6)["changed"]:
            assert common(step_by_step, name) == common(at_once, name)


def test_another_seed_has_other_changes() -> None:
    rows = [dict(row) for row in place_rows(40)]

    def changed(seed: int) -> list[str]:
        options, behaviour = SandboxOptions(seed=seed), Behaviour(daily_changes={"changed": 3})
        with RunningSandbox(options, catalogue=Catalogue.from_rows(rows), behaviour=behaviour) as sandbox:
            sandbox.advance()
            return sandbox.changes(1)["changed"]

    assert changed(1) == changed(1) != changed(2)


def place_rows(number: int) -> list[dict[str, str]]:
    return [
        {
            "contentid": str(1000 + position),
            "contenttypeid": ("12", "15", "25", "39")[position % 4],
            "title": f"곳 {position}",
            "modifiedtime": "20260101120000",
            "createdtime": "20250101120000",
            "lDongRegnCd": "50",
            "showflag": "0" if position % 7 == 6 else "1",
        }
        for position in range(number)
    ]


@given(
    size=st.integers(0, 12),
    counts=st.dictionaries(st.sampled_from(sorted(DAILY_CHANGES)), st.integers(0, 9)),
    seed=st.integers(0, 1000),
)
def test_under_any_changes_ids_stay_unique_times_ordered_and_pages_whole(
    size: int, counts: dict[str, int], seed: int
) -> None:
    behaviour = Behaviour(daily_changes=counts)
    now = datetime(2026, 7, 1, tzinfo=UTC)
    sandbox = Sandbox(SandboxOptions(seed=seed), Catalogue.from_rows(place_rows(size)), lambda: now, behaviour)
    path = (
        "/B551011/KorService2/areaBasedSyncList2?serviceKey=sandbox&MobileOS=ETC&MobileApp=t&_type=json&numOfRows=999"
    )
    gone: set[str] = set()
    before: set[str] = set()
    for _ in range(4):
        sandbox.advance(1)
        body = orjson.loads(sandbox.decide(path, {"User-Agent": "tests"}, "").answer.body)["response"]["body"]
        rows = body["items"]["item"] if body["items"] else []
        names = {row["contentid"] for row in rows}
        assert len(names) == len(rows) == body["totalCount"]
        assert all(row["createdtime"] <= row["modifiedtime"] for row in rows)
        gone |= before - names
        assert not gone & names
        before = names


def test_a_country_of_full_size_has_about_three_hundred_changes_a_day_and_a_small_one_its_share() -> None:
    assert sum(DAILY_CHANGES.values()) == pytest.approx(300, abs=30)
    with RunningSandbox(SandboxOptions(scale=0.02)) as sandbox:
        sandbox.advance(20)
        numbers = dict.fromkeys(DAILY_CHANGES, 0)
        for day in range(1, 21):
            for kind in numbers:
                numbers[kind] += len(sandbox.changes(day)[kind])
    assert all(numbers[kind] == pytest.approx(DAILY_CHANGES[kind] * 0.4, abs=2.1) for kind in numbers)


def test_a_full_country_stays_sound_for_a_day(country: Catalogue) -> None:
    with RunningSandbox(catalogue=country) as sandbox:
        sandbox.advance()
        counts = sandbox.status()["catalogue"]
        assert counts["rows"] == len(country) + DAILY_CHANGES["new"] - DAILY_CHANGES["vanished"]
        assert sandbox.status()["world"] == {"day": 1, "date": "2026-07-03"}
        changed = sum(DAILY_CHANGES.values()) - DAILY_CHANGES["vanished"]
        assert ask(sandbox, "areaBasedSyncList2", modifiedtime=FIRST_DAY).total == changed


def test_day_zero_is_that_of_the_latest_change_in_the_catalogue() -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows(place_rows(3))) as sandbox:
        assert sandbox.status()["world"] == {"day": 0, "date": "2026-01-01"}
    with RunningSandbox(catalogue=Catalogue.from_rows([{"contentid": "1"}])) as sandbox:
        assert sandbox.status()["world"] == {"day": 0, "date": "2026-07-02"}


def test_days_pass_at_midnight_in_korea_if_configured() -> None:
    time = datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)
    catalogue = Catalogue.from_rows(place_rows(30))
    with RunningSandbox(catalogue=catalogue, clock=lambda: time) as sandbox:
        time += timedelta(days=1)
        assert sandbox.status()["world"]["day"] == 0
        sandbox.change(days_pass=True, daily_changes={"new": 1})
        assert sandbox.status()["world"]["day"] == 0
        time += timedelta(seconds=1)
        assert ask(sandbox, "areaBasedSyncList2").total == 31
        assert ask(sandbox, "areaBasedSyncList2").total == 31
        sandbox.change(clock="2026-11-27T00:00:00+09:00")
        assert ask(sandbox, "areaBasedSyncList2").total == 34
        sandbox.change(clock="2026-11-20T00:00:00+09:00")
        assert sandbox.status()["world"]["day"] == 4
        sandbox.change(days_pass=False)
        time += timedelta(days=30)
        assert sandbox.status()["world"]["day"] == 4


def test_only_events_with_dates_end_or_have_another_edition() -> None:
    dates = [("20260101", "20260102"), ("20260231", "20260301"), ("", "20260101"), ("20260101", "soon"), ("", "")]
    rows = [
        {
            **place_rows(1)[0],
            "contentid": str(number),
            "contenttypeid": "15",
            "eventstartdate": start,
            "eventenddate": end,
        }
        for number, (start, end) in enumerate(dates, 1)
    ]
    for kind in ("ended", "editions"):
        behaviour = Behaviour(daily_changes={kind: 9})
        with RunningSandbox(catalogue=Catalogue.from_rows(rows), behaviour=behaviour) as sandbox:
            sandbox.advance(2)
            assert (sandbox.changes(1)[kind], sandbox.changes(2)[kind]) == ([], ["1"])


def post(sandbox: RunningSandbox, body: bytes) -> Any:
    return fetch(sandbox, "/_sandbox/advance", method="POST", body=body)


def test_days_pass_by_http_and_can_be_asked_about() -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows(place_rows(30))) as sandbox:
        sandbox.change(daily_changes={"changed": 2, "new": 1})
        assert post(sandbox, b'{"days": 3}').json == {"day": 3, "date": "2026-01-04"}
        assert post(sandbox, b"{}").json == {"day": 4, "date": "2026-01-05"}
        assert sandbox.status()["world"] == {"day": 4, "date": "2026-01-05"}
        changes = fetch(sandbox, "/_sandbox/changes?day=4").json
        assert changes == sandbox.changes(4)
        assert (len(changes["changed"]), len(changes["new"]), changes["hidden"]) == (2, 1, [])


@pytest.mark.parametrize(
    "body", [b"", b"3", b'{"days": 0}', b'{"days": -1}', b'{"days": 1.5}', b'{"days": true}', b'{"days": 1001}']
)
def test_an_invalid_advance_is_answered_with_a_sentence(body: bytes) -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows(place_rows(3))) as sandbox:
        reply = post(sandbox, body)
        assert (reply.status, reply.json["error"][-1]) == (400, ".")
        assert sandbox.status()["world"]["day"] == 0


@pytest.mark.parametrize("day", ["", "0", "2", "x", "-1"])
def test_a_day_that_has_not_passed_has_no_changes(day: str) -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows(place_rows(3))) as sandbox:
        sandbox.advance()
        reply = fetch(sandbox, f"/_sandbox/changes?day={day}")
        assert reply.status == 400
        assert "the last one so far is 1" in reply.json["error"]
        with pytest.raises(SandboxError, match="Day 2 does not exist"):
            sandbox.changes(2)


def test_moves_and_passing_days_work_together() -> None:
    behaviour = Behaviour(moving_rows=1, daily_changes=SOME_OF_EACH)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    with RunningSandbox(catalogue=synthetic_korea(scale=0.01), behaviour=behaviour, clock=lambda: now) as sandbox:
        for _ in range(4):
            for _ in range(10):
                ask(sandbox, "areaBasedSyncList2")
            sandbox.advance()
        sandbox.change(moves=0)
        rows = everything(sandbox, "areaBasedSyncList2")
    assert len({row["contentid"] for row in rows}) == len(rows)
    assert all(row["createdtime"] <= row["modifiedtime"] for row in rows)
