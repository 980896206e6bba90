"""A bad cell, row or value costs itself alone, and says why; an issue that is bad as a whole is held back.

Every answer comes over HTTP, from a server that spoils what the sandbox says about some cells.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.collect.answers import Collected, check_answered
from weatherflick_assets.weather.issues import FORECASTS as SERIES
from weatherflick_assets.weather.issues import NoAnswerError
from weatherflick_assets.weather.products import FORECASTS
from weatherflick_assets.weather.store import collections
from weatherflick_assets.weather.store.answers import AnswerStore
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import Weather, behind, rows, stock, weather

ISSUE = korea(2026, 8, 26, 14)
NOW = ISSUE + timedelta(minutes=15)
GOOD, BAD = (60, 127), (98, 76)
CELLS = dict.fromkeys((GOOD, BAD, (92, 131), (60, 126), (61, 126), (61, 127), (62, 126), (62, 127)), 1)
COUNT = 17 + 6
"""Both cells are seats of areas, as 15 others are."""

Items = list[dict[str, Any]]


def spoiled(at: Weather, change: Callable[[Items], Items], *, total: int | None = None) -> Any:
    """A server that changes the items about the bad cell."""

    def answer(asked: Any, body: bytes) -> bytes:
        if (int(asked["nx"]), int(asked["ny"])) != BAD:
            return body
        document = orjson.loads(body)
        if (content := document["response"].get("body")) is None:
            return body
        content["items"]["item"] = change(content["items"]["item"])
        content["totalCount"] = len(content["items"]["item"]) if total is None else total
        return orjson.dumps(document)

    return behind(at, answer)


def published(dsn: str, cell: tuple[int, int]) -> int:
    ((count,),) = rows(dsn, "SELECT count(*) FROM core.hourly_forecasts WHERE (nx, ny) = (%s, %s)", *cell)
    return count


def test_a_cell_whose_answer_is_broken_costs_itself_and_is_asked_again(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at:
        broken = behind(
            at, lambda asked, body: body[:300] if asked["nx"] == str(BAD[0]) and asked["ny"] == str(BAD[1]) else body
        )
        with broken as behind_it:
            found = behind_it.collect(ISSUE)
        result = at.publish(ISSUE)
        assert (found.collected.known, [*found.collected.unreadable]) == (found.cells - 1, ["98,76"])
        assert (result.cells, result.verdict.passed, published(store, BAD)) == (found.cells - 1, True, 0)
        ((problem, complete),) = rows(store, "SELECT problem, is_complete FROM ops.issue_collections")
        assert not complete
        assert problem.startswith("1 of 23 subjects are not answered: ")
        assert not problem.endswith(".")
        again = at.collect(ISSUE)
    assert (again.calls, again.collected.known) == (1, found.cells)


def test_a_run_that_has_nothing_to_show_says_why_in_whole_sentences() -> None:
    broken = Collected(2, unreadable=dict.fromkeys(("first", "second"), "The gateway had an error."))
    with pytest.raises(NoAnswerError, match=r"^2 of 2 subjects are not answered: The gateway had an error\.$"):
        check_answered([broken])


def test_an_answer_that_lacks_rows_is_none(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at, spoiled(at, lambda items: items[: len(items) // 2], total=900) as behind_it:
        found = behind_it.collect(ISSUE)
        assert behind_it.publish(ISSUE).verdict.passed
    assert "rows of 900 are missing" in found.collected.unreadable["98,76"]
    assert published(store, BAD) == 0


def test_a_cell_with_too_few_times_is_left_out_and_named(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at, spoiled(at, lambda items: items[: len(items) // 3]) as behind_it:
        behind_it.collect(ISSUE)
        result = behind_it.publish(ISSUE)
    assert result.verdict.passed, result.verdict.summary()
    assert [*result.left_out] == ["98,76"]
    assert published(store, BAD) == 0
    assert published(store, GOOD) == len(FORECASTS.valid_times(ISSUE))


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (lambda item: {**item, "fcstValue": "99"}, ["temperature_impossible", "feels_like_impossible"]),
        (lambda item: {**item, "fcstValue": "-999"}, []),
        (lambda item: {**item, "fcstValue": "mild"}, ["temperature_unreadable"]),
        (lambda item: {**item, "fcstValue": None}, ["value_missing"]),
        (lambda item: {**item, "category": "ZZZ"}, ["category_unknown"]),
        (lambda item: {**item, "nx": 1, "ny": 1}, ["other_cell"]),
        (lambda item: {**item, "baseTime": "1100"}, ["other_issue"]),
        (lambda item: {**item, "fcstTime": "9900"}, ["time_unreadable"]),
    ],
    ids=["impossible", "sentinel", "text", "missing", "category", "cell", "issue", "time"],
)
def test_a_value_that_cant_be_used_costs_itself_and_is_counted(
    store: str, change: Callable[[dict[str, Any]], dict[str, Any]], problems: list[str]
) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at, spoiled(at, lambda items: _first_changed(items, change)) as behind_it:
        assert behind_it.collect(ISSUE).collected.known == COUNT
        result = behind_it.publish(ISSUE)
    times = len(FORECASTS.valid_times(ISSUE))
    assert dict(result.problems) == dict.fromkeys(problems, 1)
    counted = rows(
        store,
        "SELECT nx, count(temperature), count(feels_like), count(humidity) FROM core.hourly_forecasts "
        "WHERE (nx, ny) IN ((60, 127), (98, 76)) GROUP BY nx",
    )
    assert {nx: figures for nx, *figures in counted} == {60: [times] * 3, 98: [times - 1, times - 1, times]}


def _first_changed(
    items: list[dict[str, Any]], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[dict[str, Any]]:
    first = next(item for item in items if item["category"] == "TMP")
    return [change(item) if item is first else item for item in items]


def test_a_cell_without_temperatures_is_left_out_so_that_what_the_issue_before_said_of_it_stands(store: str) -> None:
    stock(store, CELLS)
    spoil = lambda items: [item for item in items if item["category"] != "TMP"]  # noqa: E731
    with weather(store, NOW) as at, spoiled(at, spoil) as behind_it:
        behind_it.collect(ISSUE)
        result = behind_it.publish(ISSUE)
    assert result.verdict.passed, result.verdict.summary()
    assert [*result.left_out] == ["98,76"]
    assert published(store, GOOD) == len(FORECASTS.valid_times(ISSUE))


def test_a_repeated_row_counts_once(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at, spoiled(at, lambda items: [*items, items[0]]) as behind_it:
        behind_it.collect(ISSUE)
        result = behind_it.publish(ISSUE)
    assert dict(result.problems) == {"value_repeated": 1}
    assert published(store, BAD) == len(FORECASTS.valid_times(ISSUE))


def test_an_answer_about_another_cell_is_not_used(store: str) -> None:
    stock(store, CELLS)
    with (
        weather(store, NOW) as at,
        spoiled(at, lambda items: [{**item, "nx": 60, "ny": 127} for item in items]) as other,
    ):
        other.collect(ISSUE)
        result = other.publish(ISSUE)
    assert result.verdict.passed
    assert [*result.left_out] == ["98,76"]
    assert result.problems.keys() == {"other_cell"}
    assert published(store, BAD) == 0


def test_an_issue_without_possible_temperatures_is_held_back_and_not_asked_for_again(store: str) -> None:
    stock(store, CELLS)
    before = korea(2026, 8, 26, 11)

    def hot(_: Any, body: bytes) -> bytes:
        document = orjson.loads(body)
        for item in document["response"]["body"]["items"]["item"]:
            if item["category"] == "TMP":
                item["fcstValue"] = "99"
        return orjson.dumps(document)

    with weather(store, before + timedelta(minutes=15)) as at:
        at.collect(before)
        at.publish(before)
        at.at(NOW)
        with behind(at, hot) as behind_it:
            behind_it.collect(ISSUE)
        result = at.publish(ISSUE)
        with connect(store) as connection:
            assert ISSUE not in collections.due(connection, SERIES, NOW)
        assert at.collect(ISSUE).calls == 0
    assert not result.verdict.passed
    assert result.problems["temperature_impossible"]
    assert rows(store, "SELECT DISTINCT issued_at FROM core.hourly_forecasts") == [(before,)]
    assert rows(store, "SELECT published FROM quality.verdicts ORDER BY verdict_id") == [(True,), (False,)]


class KilledError(Exception):
    """Ends a collection where a process was killed."""


def test_a_collection_killed_between_receiving_and_noting_repeats_no_call(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(store, CELLS)

    async def killed(*_: object) -> None:
        raise KilledError

    with weather(store, NOW) as at:
        with monkeypatch.context() as patched:
            patched.setattr(AnswerStore, "note", killed)
            with pytest.raises(KilledError):
                at.collect(ISSUE)
        ((calls,),) = rows(store, "SELECT count(*) FROM raw.calls")
        assert rows(store, "SELECT count(*) FROM raw.issue_answers") == [(0,)]
        again = at.collect(ISSUE)
        assert (calls, again.calls, again.collected.recalled) == (COUNT, 0, COUNT)
        result = at.publish(ISSUE)
    assert result.verdict.passed
    assert result.cells == COUNT
