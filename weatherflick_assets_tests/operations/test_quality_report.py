"""`quality/report` as Dagster runs it, and the pictures that the statistics of a day show."""

import re
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from defusedxml.ElementTree import fromstring

from weatherflick_assets.build import build_defs
from weatherflick_assets.operations.quality_flows import QUALITY
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, now
from weatherflick_assets_tests.quality.judged import BLOCKING, broken, judged

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

NOW = now()
YESTERDAY = NOW.astimezone(KST).date() - timedelta(days=1)
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEATHERFLICK_HOME", str(tmp_path))
    return tmp_path


def run(dsn: str, job: str) -> dict[str, object]:
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)})
    result = defs.resolve_job_def(job).execute_in_process(partition_key=YESTERDAY.isoformat())
    (event,) = (event for event in result.all_events if event.is_step_materialization)
    return {name: value.value for name, value in event.materialization.metadata.items()}


def two_days(dsn: str) -> None:
    judged(dsn, "core.restaurants", "50", NOW - 3 * A_DAY, empty={"title": 0, "phone": 20})
    judged(dsn, "core.restaurants", "50", NOW - 2 * A_DAY, failures=[broken("title", BLOCKING)])


def test_the_report_is_a_file_that_its_materialization_leads_to(store: str, home: Path) -> None:
    two_days(store)
    for stage in QUALITY.stages[:-1]:
        run(store, stage.job)
    found = run(store, QUALITY.stages[-1].job)
    path = Path(str(found["report"]))
    assert path == home / "reports" / "quality" / f"{YESTERDAY}.html"
    assert path.stat().st_size == found["bytes"]
    assert "held back since" in path.read_text(encoding="utf-8")
    assert (found["held_back"], found["tables_to_trust"]) == (1, {"with reservations": 1})


def test_the_statistics_of_a_day_show_their_pictures(store: str) -> None:
    two_days(store)
    found = run(store, "measure_quality")
    shown = {}
    for name in ("scores", "completeness", "volume"):
        picture = re.fullmatch(rf"!\[{name}\]\(data:image/svg\+xml;base64,([\w+/=]+)\)", str(found[name]))
        assert picture is not None
        shown[name] = "".join(fromstring(b64decode(picture[1])).itertext())
    assert "restaurants  100" in shown["scores"]
    assert "phone" in shown["completeness"]
    assert "restaurants  40" in shown["volume"]


def test_a_day_without_anything_to_draw_has_no_pictures(store: str) -> None:
    assert not {"scores", "completeness", "volume"} & {*run(store, "measure_quality")}


def test_what_was_measured_just_now_is_reported_and_nothing_else_is(store: str) -> None:
    two_days(store)
    report = QUALITY.stages[-1]
    assert report.partitions(store, NOW) == []
    run(store, "measure_quality")
    assert report.partitions(store, now()) == [YESTERDAY.isoformat()]
    assert report.partitions(store, now() + A_DAY) == []


def test_a_folder_that_cannot_be_written_fails_the_run(store: str, home: Path) -> None:
    (home / "reports").write_text("in the way")
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=store)})
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("report_quality").execute_in_process(
            partition_key=YESTERDAY.isoformat(), raise_on_error=False, instance=instance
        )
    assert not result.success
