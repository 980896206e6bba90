"""What a run says: one line a step, and a note in place of its output."""

import dagster as dg
import pytest
from dagster._core.storage.compute_log_manager import ComputeIOType

from weatherflick_assets.orchestration.compute_logs import NOTE, NothingPrinted
from weatherflick_assets.orchestration.report import Report

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

ROOMS, SHOPS = dg.AssetKey(["core", "rooms"]), dg.AssetKey(["core", "shops"])


@dg.asset(key=["raw", "kto", "pets"])
def pets(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    return Report(context).only({"listed": 1_470, "pages": 2, "calls": 2, "retries": 0, "partitions_touched": 16})


@dg.multi_asset(specs=[dg.AssetSpec(ROOMS), dg.AssetSpec(SHOPS)])
def tables(context: dg.AssetExecutionContext):
    report = Report(context)
    yield report.made(ROOMS, {"items": 12, "published": 11, "rejected": 1, "removed": 0})
    yield report.made(SHOPS, {"items": 0, "published": 0})
    report.tell()


def lines(asset: dg.AssetsDefinition) -> list[str]:
    """The messages of a run that are not Dagster's own, without its time."""
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([asset], instance=instance, run_config=quiet)
        logged = [entry for entry in instance.all_logs(result.run_id) if not entry.is_dagster_event]
    return [entry.user_message.rsplit(". ", 1)[0] for entry in logged]


def test_a_step_says_in_one_line_what_it_made() -> None:
    assert lines(pets) == ["pets: 1,470 listed, 2 pages, 2 calls"]
    assert lines(tables) == ["rooms: 12 items, 11 published, 1 rejected"]


def test_the_output_of_a_run_holds_a_note_where_to_look() -> None:
    manager = NothingPrinted()
    key = manager.build_log_key_for_run("run", "step")
    seen = manager.get_log_data(key)
    assert (seen.stdout, seen.stderr) == (NOTE, NOTE)
    assert manager.get_log_data_for_type(key, ComputeIOType.STDOUT, len(NOTE), None) == (None, len(NOTE))
