"""Warnings, from what the KMA says again and again to the life of each, in the database: whole, again, taken up, unreadable."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
import pytest

from weatherflick_assets.korea.land_cells import land_cells
from weatherflick_assets.settings import KST
from weatherflick_assets.settings import now as real_now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets.weather.publish_warnings import REMADE, publish_warnings
from weatherflick_assets.weather.sources import WARNINGS
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import Country, change_answers, country

NOW = korea(2026, 8, 12, 18, 4)

_LIVES = """
SELECT zone_code, phenomenon, level, status, announced_at, effective_at, previous_level, lifted_at, recorded_at,
    source_response_id
FROM core.weather_warnings ORDER BY zone_code, phenomenon, level, source_response_id
"""


def _say(at: Country, now: datetime, **said: str) -> None:
    """Read the warnings at a time at which the KMA says this; what is not given is as in the sandbox."""
    at.at(now).collect(WARNINGS)

    def change(items: list[dict[str, Any]]) -> None:
        items[0].update(said)

    _change_newest(at.dsn, change)


def _change_newest(dsn: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change what the newest answer about the warnings in force says, in a body of its own."""
    with connect(dsn) as connection:
        ((response_id, stored),) = connection.execute(
            "SELECT response_id, body FROM raw.responses WHERE operation = 'getPwnStatus' ORDER BY response_id DESC LIMIT 1"
        ).fetchall()
        body = orjson.loads(bytes(stored))
        change(body["response"]["body"]["items"]["item"])
        changed = orjson.dumps(body)
        key = sha256(changed).digest()
        connection.execute(
            "INSERT INTO raw.bodies (body_sha256, body, body_bytes) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (key, changed, len(changed)),
        )
        connection.execute("UPDATE raw.calls SET body_sha256 = %s WHERE response_id = %s", (key, response_id))


def _bulletin(announced: datetime, effective: datetime) -> Mapping[str, str]:
    return {"tmFc": f"{announced:%Y%m%d%H%M}", "tmEf": f"{effective:%Y%m%d%H%M}"}


def _seoul(dsn: str) -> list[tuple[Any, ...]]:
    return rows(
        dsn,
        "SELECT DISTINCT phenomenon, level, status, announced_at, effective_at, previous_level, lifted_at "
        "FROM core.weather_warnings JOIN core.warning_zones USING (zone_code) WHERE region_code = '11' "
        "ORDER BY announced_at, phenomenon",
    )


def test_warnings_of_a_summer_day_are_published_zone_by_zone(store: str) -> None:
    with country(store, NOW) as at:
        reading = at.collect(WARNINGS)
        assert reading.calls == 2
        assert at.collect(WARNINGS).calls == 0
        result = at.publish(publish_warnings)
    assert result.publishing.verdict.passed, result.publishing.verdict.summary()
    assert rows(store, "SELECT data_as_of FROM quality.verdicts") == [(result.told_at,)]
    assert not result.problems_now
    assert result.in_force > 0
    in_force = "SELECT count(*) FROM core.weather_warnings WHERE status = 'in_force'"
    assert rows(store, in_force) == [(result.in_force,)]
    assert rows(store, "SELECT count(*) FROM ops.pending_publications") == [(0,)]
    unknown = "SELECT zone_code FROM core.weather_warnings EXCEPT SELECT zone_code FROM core.warning_zones"
    assert rows(store, unknown) == []


def test_days_of_readings_become_lives_and_publishing_again_changes_nothing(store: str) -> None:
    with country(store, NOW) as at:
        for hours in range(0, 60, 3):
            at.at(NOW + timedelta(hours=hours)).collect(WARNINGS)
            at.publish(publish_warnings)
        step_by_step = rows(store, _LIVES)
        assert at.publish(publish_warnings).publishing.verdict.passed
        again = rows(store, _LIVES)
        rows(store, "DELETE FROM core.weather_warnings RETURNING 1")
        at.publish(publish_warnings)
    assert again == step_by_step
    assert rows(store, _LIVES) == step_by_step
    assert {status for _, _, _, status, *_ in step_by_step} >= {"in_force", "lifted"}


def test_nothing_in_force_says_so_and_is_green(store: str) -> None:
    with country(store, NOW) as at:
        _say(at, NOW, t6="o 없음", t7="o 없음")
        result = at.publish(publish_warnings)
    assert result.publishing.verdict.passed
    assert (result.publishing.rows, result.in_force) == (0, 0)
    assert rows(store, "SELECT count(*) FROM ops.pending_publications") == [(0,)]


def test_a_warning_is_announced_comes_into_force_is_raised_and_lifted(store: str) -> None:
    told, effective = NOW - timedelta(minutes=4), NOW + timedelta(hours=2)
    raised, lifted = NOW + timedelta(hours=6), NOW + timedelta(hours=12)
    with country(store, NOW) as at:
        _say(at, NOW, t6="o 호우주의보 : 서울", t7="o 없음", **_bulletin(told, effective))
        at.publish(publish_warnings)
        assert _seoul(store) == [("호우", "advisory", "announced", told, effective, None, None)]
        at.at(effective).publish(publish_warnings)
        assert _seoul(store) == [("호우", "advisory", "in_force", told, effective, None, None)]
        _say(at, raised, t6="o 호우경보 : 서울", t7="o 없음", **_bulletin(raised, raised))
        at.publish(publish_warnings)
        _say(at, lifted, t6="o 없음", t7="o 없음", **_bulletin(lifted, lifted))
        result = at.publish(publish_warnings)
    assert _seoul(store) == [
        ("호우", "advisory", "raised", told, effective, None, raised),
        ("호우", "warning", "lifted", raised, raised, "advisory", lifted),
    ]
    assert result.in_force == 0


def test_a_warning_that_lasts_for_longer_than_is_read_again_keeps_its_beginning(store: str) -> None:
    told = NOW - timedelta(minutes=4)
    end = NOW + REMADE + timedelta(days=2)
    with country(store, NOW) as at:
        now = NOW
        while now < end:
            _say(at, now, t6="o 폭염주의보 : 서울", t7="o 없음", **_bulletin(told, told))
            at.publish(publish_warnings)
            now += timedelta(hours=12)
        ((before,),) = rows(store, "SELECT min(recorded_at) FROM core.weather_warnings")
        assert _seoul(store) == [("폭염", "advisory", "in_force", told, told, None, None)]
        _say(at, end, t6="o 폭염경보 : 서울", t7="o 없음", **_bulletin(end, end))
        at.publish(publish_warnings)
    assert _seoul(store) == [
        ("폭염", "advisory", "raised", told, told, None, end),
        ("폭염", "warning", "in_force", end, end, "advisory", None),
    ]
    assert rows(store, "SELECT min(recorded_at) FROM core.weather_warnings") == [(before,)]


def test_what_was_over_before_stays_as_it_is(store: str) -> None:
    told, over = NOW - timedelta(minutes=4), NOW + timedelta(hours=3)
    with country(store, NOW) as at:
        _say(at, NOW, t6="o 강풍주의보 : 서울", t7="o 없음", **_bulletin(told, told))
        _say(at, over, t6="o 없음", t7="o 없음", **_bulletin(over, over))
        at.publish(publish_warnings)
        before = rows(store, _LIVES)
        _say(at, NOW + timedelta(days=30), t6="o 없음", t7="o 없음", **_bulletin(NOW + timedelta(days=30), NOW))
        at.publish(publish_warnings)
    assert before
    assert rows(store, _LIVES) == before


def test_a_warning_left_open_while_the_platform_was_down_expires(store: str) -> None:
    told, later = NOW - timedelta(minutes=4), NOW + timedelta(days=30)
    with country(store, NOW) as at:
        _say(at, NOW, t6="o 강풍주의보 : 서울", t7="o 없음", **_bulletin(told, told))
        at.publish(publish_warnings)
        _say(at, later, t6="o 없음", t7="o 없음", **_bulletin(later, later))
        at.publish(publish_warnings)
    assert {status for _, _, status, *_ in _seoul(store)} == {"expired"}


def test_a_line_that_can_not_be_read_costs_itself_alone_and_is_told(store: str) -> None:
    told, later = NOW - timedelta(minutes=4), NOW + timedelta(hours=3)
    with country(store, NOW) as at:
        _say(at, NOW, t6="o 호우주의보 : 서울\r\no 강풍주의보 : 서울", t7="o 없음", **_bulletin(told, told))
        at.publish(publish_warnings)
        text = "o 호우주의보 : 서울((\r\no 폭염경보 : 서울"
        _say(at, later, t6=text, t7="o 없음", **_bulletin(later, later))
        result = at.publish(publish_warnings)
    assert result.publishing.verdict.passed
    assert result.problems_now == {"line_unreadable": 1}
    assert [(phenomenon, status) for phenomenon, _, status, *_ in _seoul(store)] == [
        ("강풍", "lifted"),
        ("호우", "in_force"),
        ("폭염", "in_force"),
    ]


def test_without_a_readable_answer_nothing_is_published_and_what_was_stands(store: str) -> None:
    with country(store, NOW) as at:
        with pytest.raises(NothingCollectedError, match="raw/kma/warnings"):
            at.publish(publish_warnings)
        at.collect(WARNINGS)
        at.publish(publish_warnings)
        before = rows(store, _LIVES)
        change_answers(store, "getPwnStatus", lambda items: items.clear())
        with pytest.raises(NothingCollectedError):
            at.publish(publish_warnings)
    assert rows(store, _LIVES) == before


def test_the_warnings_of_a_cell_are_those_in_force_now_in_its_zones(store: str) -> None:
    now = real_now().astimezone(KST).replace(second=0, microsecond=0)
    began, begins = now - timedelta(hours=1), now + timedelta(hours=1)
    with country(store, now) as at:
        _say(at, now, t6="o 한파주의보 : 서울, 부산", t7="o 없음", **_bulletin(began, began))
        at.publish(publish_warnings)
        of_seoul, of_busan, of_jeju = (
            rows(
                store,
                "SELECT DISTINCT phenomenon, level, region_code FROM core.warnings_of_cell(%s::smallint, %s::smallint)",
                *cell,
            )
            for cell in ((60, 127), (98, 76), (52, 38))
        )
        assert of_seoul == [("한파", "advisory", "11")]
        assert of_busan == [("한파", "advisory", "26")]
        assert of_jeju == []
        _say(at, now + timedelta(minutes=10), t6="o 한파경보 : 제주도", t7="o 없음", **_bulletin(begins, begins))
        at.publish(publish_warnings)
    assert rows(store, "SELECT count(*) FROM core.warnings_in_force WHERE region_code = '50'") == [(0,)]


def test_every_cell_on_land_is_in_a_zone(store: str) -> None:
    found = rows(
        store,
        "SELECT count(DISTINCT (nx, ny)), count(DISTINCT (nx, ny)) FILTER (WHERE place = 1), count(zone.zone_code) = count(*) "
        "FROM core.warning_zones_of_cells LEFT JOIN core.warning_zones AS zone USING (zone_code)",
    )
    cells = len(land_cells()[0])
    assert found == [(cells, cells, True)]
