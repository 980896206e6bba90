"""What `weatherflick status` shows a person: all of it, in eighty columns."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from weatherflick_assets.alerts.channels import NO_CHANNEL
from weatherflick_assets.cli.status import show
from weatherflick_assets.places.content_types import CONTENT_TYPES

TIME = "2026-11-30T23:59:59+09:00"
LONGEST = {
    "mode": "sandbox",
    "incidents": [
        {
            "incident_id": number, "severity": "critical", "opened_at": TIME, "count": 12_345, "sentence": "The disk of /data is nearly full.",
            "detail": "4.0 GiB of 100.0 GiB are free, and [brackets] are no markup.\nAnother line.",
        }
        for number in range(1_230, 1_260)
    ],
    "alerts": {
        "channels": ["slack"], "problem": None, "not_yet_addressed": 1,
        "waiting": [{"channel": "mailtos mail.example.org", "messages": 1_234, "since": TIME, "problem": "It is [down]."}],
    },
    "tables": [
        {
            "name": kind.name, "rows": 123_456, "removed": 12_345, "regions": 16, "rejected": 12_345,
            "completeness": 0.123, "updated_at": TIME, "listed_at": TIME,
        }
        for kind in CONTENT_TYPES
    ],
    "held_back": [
        {
            "table_name": "core.cultural_facilities", "partition_key": "12", "since": TIME, "row_count": 12_345,
            "rules": ["coordinates_are_in_korea", "fill_of_address", "enough_rows"],
        },
        {"table_name": "core.codes", "partition_key": None, "since": TIME, "row_count": 1, "rules": ["a"]},
    ],
    "not_fresh": [
        {
            "table_name": "core.cultural_facilities", "partition_key": "12", "state": "of unknown age", "data_as_of": None,
            "age_hours": None, "may_be_hours": 360.0,
        },
        {
            "table_name": "core.weather_observations", "partition_key": None, "state": "stale", "data_as_of": TIME,
            "age_hours": 1_234.5, "may_be_hours": 2.2,
        },
    ],
    "drift": [
        {
            "answers": "kto areaBasedSyncList2 contentTypeId=39", "field": "lDongSignguCd", "kind": "retyped", "before": "text",
            "now": "number", "since": TIME, "response_id": 1_234_567,
        }
    ],
    "weather": [
        {
            "series": "observations", "issued_at": TIME, "planned": 12_345, "answered": 12_345, "attempts": 6,
            "attempted_at": TIME, "is_complete": False, "problem": "12 of 34 subjects are not answered: 12 have no data",
        }
    ],
    "places_by_age_of_forecast": {"under 3 h": 0.5, "3 to 6 h": 0.25, "6 to 12 h": 0.125, "12 to 24 h": 0.125, "older": 0.0},
    "quotas": [
        {
            "provider": "kto", "operation": "areaBasedSyncList2", "api_key_id": "0123456789ab", "limit": 100_000,
            "used": 100_000, "left": 100_000, "refused": 12_345, "resets_at": TIME,
        }
    ],
    "refused_keys": [
        {
            "provider": "google_places", "api_key_id": "0123456789ab", "code": "30", "refused_until": TIME,
            "reason": "the key is not registered, or its approval has not reached the gateway yet",
        }
    ],
    "last_runs": [
        {
            "run_id": "01234567-89ab-cdef-0123-456789abcdef", "job": "collect_festivals", "partition": partition,
            "status": "NOT_STARTED", "started_at": TIME, "ended_at": None,
        }
        for partition in ("12", "unassigned", None)
    ],
    "unreadable_details": 1_234,
}  # fmt: skip


@pytest.mark.fault("Newcomers", "a terminal has eighty columns", "the status fits, and nothing is shortened")
@pytest.mark.parametrize("columns", [80, 120])
def test_everything_fits_and_nothing_is_shortened(columns: int) -> None:
    console = Console(file=StringIO(), width=columns)
    show(console, LONGEST)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(cell_len, shown.splitlines())) <= columns
    assert "…" not in shown
    for said in (
        "KST", "cultural_facilities", "123,456", "12.3%", "11-30 23:59", "Held back", "core.codes", "areaBasedSyncList2",
        "1,230", "nearly full", "[brackets]", "Further open incidents: 10", "mailtos mail.example.org", "[down]",
        "100,000", "google_places", "observations", "12,345", "under 3 h 50%", "collect_festivals", "전남광주", "01234567", "1,234",
    ):  # fmt: skip
        assert said in shown, said


def test_what_there_is_nothing_of_is_left_out_or_said() -> None:
    console = Console(file=StringIO(), width=80)
    nothing = {name: [] for name, value in LONGEST.items() if isinstance(value, list)}
    alerts = {"channels": [], "problem": NO_CHANNEL, "not_yet_addressed": 0, "waiting": []}
    show(
        console, {**nothing, "mode": "live", "unreadable_details": 0, "places_by_age_of_forecast": {}, "alerts": alerts}
    )
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Open incidents: none" in shown
    assert "Nobody is notified of incidents" in shown
    assert "Another line." not in shown
    assert "Last runs: none yet" in shown
    assert "Held back" not in shown
    assert "SANDBOX" not in shown
