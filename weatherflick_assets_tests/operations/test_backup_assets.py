"""The daily backup and the weekly drill as Dagster runs them: told in figures, and red when what is restored differs."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import URL

from weatherflick_assets.build import build_defs, prepare_database
from weatherflick_assets.operations.backup.repository import opened
from weatherflick_assets.operations.backup_assets import DRILL_KEY
from weatherflick_assets.operations.defs import FLOWS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import Mode, Settings
from weatherflick_assets_tests.databases import addresses_of, dsn_of

pytestmark = [pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"), pytest.mark.slow]


@pytest.fixture
def defs(command_database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.Definitions:
    """With a database of its own, which counts as one on a server of one's own, and a place for backups."""
    prepare_database(addresses_of(command_database), Mode.SANDBOX)
    (tmp_path / "home").mkdir()
    for name, value in {
        "WEATHERFLICK_HOME": tmp_path / "home",
        "WEATHERFLICK_BACKUP_URL": tmp_path / "backups",
        "WEATHERFLICK_BACKUP_KEY": "a key of several words",
        "WEATHERFLICK_DATABASE_URL": dsn_of(command_database),
    }.items():
        monkeypatch.setenv(name, str(value))
    return build_defs(resources={"warehouse": WarehouseResource(dsn=dsn_of(command_database))})


def run(defs: dg.Definitions, job: str) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(job).execute_in_process(raise_on_error=False)


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()}


@pytest.mark.fault(
    "Backups", "what a drill restores differs from what was backed up", "its check is red and names the tables"
)
def test_a_backup_is_made_and_drilled_and_the_check_is_red_when_a_table_differs(defs: dg.Definitions) -> None:
    made = run(defs, "make_backup")
    assert made.success
    told = metadata(made)
    assert (told["kind"], told["given_up"]) == ("dump", 0)
    assert isinstance(told["tables"], int)
    assert told["tables"] > 90

    drilled = run(defs, "drill_restore")
    assert drilled.success
    (check,) = drilled.get_asset_check_evaluations()
    assert (check.passed, check.metadata["tables"].value, check.asset_key) == (True, told["tables"], DRILL_KEY)
    assert metadata(drilled)["backup"] == told["backup"]
    assert metadata(drilled)["differences"] == 0

    settings = Settings()  # type: ignore[call-arg]
    repository = opened(str(settings.backup_url), settings)
    (backup,) = repository.manifests()
    assert backup.figures is not None
    platform = {**backup.figures.tables["platform"], "core.regions": (1, "0")}
    figures = replace(backup.figures, tables={**backup.figures.tables, "platform": platform})
    repository.complete(replace(backup, figures=figures))
    (check,) = run(defs, "drill_restore").get_asset_check_evaluations()
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR
    assert check.description == "platform: core.regions differs: 1 rows were backed up, 16 restored."


def test_a_place_that_is_not_there_fails_the_drill_in_a_sentence(defs: dg.Definitions) -> None:
    failed = run(defs, "drill_restore")
    assert not failed.success
    data = failed.failure_data_for_node("operations__restore_drill")
    assert data is not None
    assert data.user_failure_data is not None
    assert (data.user_failure_data.description or "").startswith("There is no folder ")


def test_without_a_place_ticks_say_that_nothing_is_backed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    flows = {flow.name: flow for flow in FLOWS if flow.unless}
    assert [*flows] == ["backup", "wal", "restore_drill"]
    for flow in flows.values():
        assert flow.unless is not None
        assert flow.unless(Settings()) == "No backup is made: WEATHERFLICK_BACKUP_URL is not set."  # type: ignore[call-arg]
        monkeypatch.setenv("WEATHERFLICK_BACKUP_URL", "/backups")
        monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", "postgresql:///weatherflick?host=/home/postgresql")
        monkeypatch.setenv("WEATHERFLICK_HOME", "/home")
        assert flow.unless(Settings()) is None  # type: ignore[call-arg]
        monkeypatch.setenv("WEATHERFLICK_HOME", "/elsewhere")
        said = "No WAL is stored: a server of one's own is backed up by dumps." if flow.name == "wal" else None
        assert flow.unless(Settings()) == said  # type: ignore[call-arg]
        monkeypatch.delenv("WEATHERFLICK_BACKUP_URL")
