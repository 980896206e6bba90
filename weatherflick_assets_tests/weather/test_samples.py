"""What of the weather could not be used is counted by reason with its verdict, and found again in the stored answers."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.quality.rejected import Rejected, Selection
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.domain import WEATHER
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.samples import samples
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import behind, rows, stock, weather

ISSUE = korea(2026, 8, 26, 14)
NOW = ISSUE + timedelta(minutes=15)
GOOD, BAD = (60, 127), (98, 76)
TABLE, KEY = "core.hourly_forecasts", key_of(ISSUE)


def test_a_value_that_cannot_be_used_is_counted_and_found_in_the_answer_that_holds_it(store: str) -> None:
    stock(store, dict.fromkeys((GOOD, BAD), 1))

    def spoil(asked: Any, body: bytes) -> bytes:
        document = orjson.loads(body)
        if (int(asked["nx"]), int(asked["ny"])) != BAD or (content := document["response"].get("body")) is None:
            return body
        temperatures = [item for item in content["items"]["item"] if item["category"] == "TMP"]
        temperatures[3]["fcstValue"] = "\x1b[31mwarm"
        temperatures[7]["fcstValue"] = "99"
        return orjson.dumps(document)

    with weather(store, NOW) as at, behind(at, spoil) as behind_it:
        behind_it.collect(ISSUE)
        result = behind_it.publish(ISSUE)
    assert result.verdict.passed
    expected = {"temperature_unreadable": 1, "temperature_impossible": 1, "feels_like_impossible": 1}
    assert dict(rows(store, "SELECT reason, rejected_count FROM quality.rejections")) == expected

    with connect(store) as connection:
        measured = [table for domain in DOMAINS for table in domain.measured]
        assert WEATHER.rejections is not None
        found = Rejected(connection, measured, [WEATHER.rejections], NOW)
        groups = found.groups(Selection(tables=[TABLE]))
        assert {group.reason: (group.partition_key, group.items) for group in groups} == {
            reason: (KEY, count) for reason, count in expected.items()
        }
        values = {}
        for group in groups:
            ((_, sample),) = found.samples([group], 5)
            values[group.reason] = sample.value
            assert sample.subject == "98,76"
            ((asked,),) = rows(
                store, "SELECT request_params FROM raw.responses WHERE response_id = %s", sample.response_id
            )
            assert (asked["nx"], asked["ny"]) == ("98", "76")
        assert values == {
            "temperature_unreadable": "\x1b[31mwarm",
            "temperature_impossible": "99",
            "feels_like_impossible": None,
        }
        assert found.groups(Selection(regions=["50"])) == []
        later = Rejected(connection, measured, [WEATHER.rejections], NOW + timedelta(days=2))
        assert later.groups(Selection()) == []
        assert samples(connection, TABLE, KEY, "sky_unreadable", 5) == []
        assert WEATHER.rejections.again(connection, NOW) >= {("core/hourly_forecasts", KEY)}
        assert WEATHER.rejections.again(connection, NOW + timedelta(days=400)) == set()


def test_a_cell_that_is_left_out_is_named_with_its_answer(store: str) -> None:
    stock(store, dict.fromkeys((GOOD, BAD), 1))

    def shorten(asked: Any, body: bytes) -> bytes:
        document = orjson.loads(body)
        if (int(asked["nx"]), int(asked["ny"])) != BAD or (content := document["response"].get("body")) is None:
            return body
        content["items"]["item"] = content["items"]["item"][:100]
        content["totalCount"] = 100
        return orjson.dumps(document)

    with weather(store, NOW) as at, behind(at, shorten) as behind_it:
        behind_it.collect(ISSUE)
        behind_it.publish(ISSUE)
    assert rows(store, "SELECT reason, rejected_count FROM quality.rejections") == [("left_out", 1)]
    with connect(store) as connection:
        (sample,) = samples(connection, TABLE, KEY, "left_out", 5)
        assert (sample.subject, sample.value, sample.payload) == ("98,76", None, "")
        connection.execute("UPDATE raw.bodies SET body = NULL, dropped_at = now()")
        assert samples(connection, TABLE, KEY, "left_out", 5) == []


@pytest.mark.parametrize("table", ["core.weather_warnings", "core.midterm_forecasts", "core.restaurants"])
def test_tables_of_which_only_all_answers_together_tell_have_no_samples(store: str, table: str) -> None:
    with connect(store) as connection:
        assert samples(connection, table, None, "line_unreadable", 3) == []
