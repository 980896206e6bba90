"""When the code that makes what sources publish changes, it is published again from stored answers, without a call."""

from datetime import timedelta

from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.code_versions import code_versions
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.publish_air_quality import publish_air_quality
from weatherflick_assets.weather.publish_lists import publish_holidays
from weatherflick_assets.weather.sources import AIR_QUALITY, HOLIDAYS, SOURCES
from weatherflick_assets.weather.store.versions import follow_code
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.collecting_sources import country

HOUR = korea(2026, 8, 26, 14)
NOW = HOUR + timedelta(minutes=18)

_PENDING = "SELECT asset_key, partition_key FROM ops.pending_publications ORDER BY asset_key"


def test_every_published_asset_of_a_source_has_a_version() -> None:
    assert {asset_key for source in SOURCES.values() for asset_key in source.published} <= code_versions().keys()


def test_a_changed_version_makes_what_is_stored_pending_and_it_is_published_without_a_call(store: str) -> None:
    with country(store, NOW) as at:
        at.collect(HOLIDAYS)
        at.collect(AIR_QUALITY, HOUR)
        at.publish(publish_holidays)
        at.publish(publish_air_quality, HOUR)
        assert rows(store, _PENDING) == []
        calls = rows(store, "SELECT count(*) FROM raw.calls")
        with connect(store) as connection:
            follow_code(connection, since=NOW)
            connection.execute("UPDATE ops.code_versions SET code_version = 'of before' WHERE asset_key LIKE 'core/%'")
            follow_code(connection, since=NOW)
        assert rows(store, _PENDING) == [("core/air_quality", key_of(HOUR)), ("core/holidays", "")]
        assert at.publish(publish_holidays).verdict.passed
        assert at.publish(publish_air_quality, HOUR).verdict.passed
    assert rows(store, _PENDING) == []
    assert rows(store, "SELECT count(*) FROM raw.calls") == calls
