"""Every component of health says how it is, why, and what to do; a look starts nothing, spends nothing and shows no secret."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import URL

from weatherflick_assets.build import MEASURED
from weatherflick_assets.operations.health.components import COMPONENTS, State, overall
from weatherflick_assets.operations.health.probes import (
    BACKUP_LATE,
    BACKUP_MISSED,
    DAEMON_SILENT_FOR,
    LOOKS,
    WAITS_LONG,
    WAITS_TOO_LONG,
    Platform,
    findings,
)
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.operations.backup.made import Kind, manifest, place
from weatherflick_assets_tests.operations.health.platforms import platform
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.upstream.hosts import KEY, serving

NOWHERE = "http://127.0.0.1:9"


def look(name: str, looked_at: Platform) -> tuple[State, str]:
    (found,) = asyncio.run(findings(looked_at, [name]))
    return found.state, found.reason


def test_every_component_is_looked_at_and_says_what_to_do() -> None:
    assert [*LOOKS] == [*COMPONENTS.values()]
    for component in COMPONENTS.values():
        assert component.what.endswith(".")
        assert component.remedy.endswith(".")


class TestDatabase:
    @pytest.fixture
    def ours(self, command_database: URL, tmp_path: Path) -> Platform:
        return platform(tmp_path, WEATHERFLICK_DATABASE_URL=SecretStr(dsn_of(command_database)))

    def test_it_is_well_if_it_answers_with_the_schema_of_this_program(self, ours: Platform) -> None:
        state, reason = look("database", ours)
        assert (state, reason.startswith("It answers. Its schema has revision 00")) == (State.OK, True)

    @pytest.mark.parametrize(("revision", "state"), [("9999", State.FAILED), ("0013", State.WARNING)])
    def test_another_schema_is_told(self, ours: Platform, revision: str, state: State) -> None:
        execute(ours.dsn, "UPDATE alembic_version SET version_num = %s", revision)
        assert look("database", ours)[0] is state

    def test_one_that_takes_no_writes_has_failed(self, ours: Platform, command_database: URL) -> None:
        execute(ours.dsn, f'ALTER DATABASE "{command_database.database}" SET default_transaction_read_only = on')
        assert look("database", ours) == (State.FAILED, "It answers, and takes no writes.")

    def test_where_none_answers_it_has_failed_and_the_others_are_unknown(self, tmp_path: Path) -> None:
        gone = platform(tmp_path, WEATHERFLICK_DATABASE_URL=SecretStr("postgresql://u:hidden-one@127.0.0.1:1/none"))
        found = {one.component.name: one for one in asyncio.run(findings(gone))}
        assert found["database"].state is State.FAILED
        assert "no server accepts connections" in found["database"].reason
        for name in ("daemon", "freshness", "publications"):
            assert found[name].state is State.UNKNOWN
        assert overall(found.values()) is State.FAILED
        assert not [one for one in found.values() if "hidden-one" in str(one.as_json())]

    def test_an_embedded_server_that_does_not_run_is_told_and_not_started(self, tmp_path: Path) -> None:
        state, reason = look("database", platform(tmp_path / "home"))
        assert (state, reason) == (State.FAILED, "The embedded server does not run.")
        assert look("freshness", platform(tmp_path / "home"))[0] is State.UNKNOWN
        assert not (tmp_path / "home").exists()


class TestDaemon:
    def beat(self, ours: Platform, daemon: str, age: timedelta) -> None:
        execute(
            ours.dagster_dsn,
            "INSERT INTO daemon_heartbeats (daemon_type, timestamp) VALUES (%s, (now() - %s::interval) AT TIME ZONE 'UTC')",
            daemon, age,
        )  # fmt: skip

    def test_one_that_never_ran_has_failed(self, ours: Platform) -> None:
        assert look("daemon", ours) == (State.FAILED, "It has never run.")

    def test_it_is_well_while_all_its_parts_give_signs_of_life(self, ours: Platform) -> None:
        for daemon in ("SENSOR", "SCHEDULER"):
            self.beat(ours, daemon, timedelta(seconds=40))
        assert look("daemon", ours)[0] is State.OK

    def test_a_part_that_is_silent_is_named(self, ours: Platform) -> None:
        self.beat(ours, "SENSOR", timedelta(seconds=40))
        self.beat(ours, "SCHEDULER", DAEMON_SILENT_FOR + timedelta(minutes=1))
        assert look("daemon", ours) == (State.FAILED, "No sign of life of SCHEDULER for 6 min.")


def workspace(*locations: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"workspaceOrError": {"__typename": "Workspace", "locationEntries": list(locations)}}}


LOADED = {"name": "weatherflick", "loadStatus": "LOADED", "locationOrLoadError": {"__typename": "RepositoryLocation"}}
BROKEN = {
    **LOADED,
    "locationOrLoadError": {"__typename": "PythonError", "message": "ImportError: no module\nTraceback"},
}
LOADING = {**LOADED, "locationOrLoadError": None}


class TestCodeLocation:
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (workspace(LOADED), (State.OK, "Loaded: weatherflick.")),
            (workspace(BROKEN), (State.FAILED, "weatherflick can't be loaded: ImportError: no module")),
            (workspace(LOADING), (State.WARNING, "weatherflick is still being loaded.")),
            (
                {"data": {"workspaceOrError": {"__typename": "PythonError", "message": "no workspace"}}},
                (State.FAILED, "The workspace can't be loaded: no workspace"),
            ),
        ],
    )
    def test_what_the_web_server_says_of_it_is_told(
        self, tmp_path: Path, answer: dict[str, Any], expected: tuple[State, str]
    ) -> None:
        async def asked() -> tuple[State, str]:
            async def handle(request: web.Request) -> web.Response:
                assert request.path == "/graphql"
                return web.json_response(answer)

            async with serving(handle) as url:
                (found,) = await findings(platform(tmp_path, ui_url=url), ["code_location"])
            return found.state, found.reason

        assert asyncio.run(asked()) == expected

    def test_a_server_that_is_gone_has_failed_and_none_that_is_known_is_off(self, tmp_path: Path) -> None:
        assert look("code_location", platform(tmp_path, ui_url=NOWHERE))[0] is State.FAILED
        assert look("code_location", platform(tmp_path))[0] is State.OFF


class TestUpstream:
    def test_the_sandbox_is_asked_without_a_call(self, tmp_path: Path) -> None:
        with RunningSandbox(SandboxOptions(scale=0.01)) as sandbox:
            before = sandbox.status()
            assert look("upstream", platform(tmp_path, WEATHERFLICK_SANDBOX_URL=sandbox.url)) == (
                State.OK,
                "The sandbox answers.",
            )
            assert sandbox.status() == before
        assert look("upstream", platform(tmp_path, WEATHERFLICK_SANDBOX_URL=sandbox.url))[0] is State.FAILED

    @pytest.mark.fault(
        "Keys and passwords",
        "health is asked for every few seconds",
        "hosts are asked without a key, and no quota is spent",
    )
    def test_a_host_is_asked_for_its_root_without_a_key(self, tmp_path: Path) -> None:
        seen: list[tuple[str, str, dict[str, str]]] = []

        async def asked() -> State:
            async def handle(request: web.Request) -> web.Response:
                seen.append((request.method, request.path_qs, dict(request.headers)))
                return web.Response(status=404)

            async with serving(handle) as url:
                (found,) = await findings(platform(tmp_path, KTO_API_KEY=KEY, DATA_GO_KR_BASE_URL=url), ["upstream"])
            return found.state

        assert asyncio.run(asked()) is State.OK, "whatever a host answers, it is there"
        assert [(method, path) for method, path, _ in seen] == [("HEAD", "/")]
        assert KEY not in str(seen)

    def test_a_host_that_does_not_answer_is_a_warning_because_the_platform_works(self, tmp_path: Path) -> None:
        state, reason = look("upstream", platform(tmp_path, KTO_API_KEY=KEY, DATA_GO_KR_BASE_URL=NOWHERE))
        assert state is State.WARNING
        assert reason.startswith(f"{NOWHERE}: It could not be reached")


def test_a_disk_with_room_says_how_much(tmp_path: Path) -> None:
    state, reason = look("disk", platform(tmp_path))
    assert state in (State.OK, State.FAILED)
    assert reason.endswith("are free.")


class TestBackup:
    def test_none_that_is_asked_for_is_off(self, tmp_path: Path) -> None:
        assert look("backup", platform(tmp_path))[0] is State.OFF

    @pytest.mark.parametrize(
        ("age", "state"),
        [
            (timedelta(hours=1), State.OK),
            (BACKUP_LATE + timedelta(minutes=1), State.WARNING),
            (BACKUP_MISSED + timedelta(minutes=1), State.FAILED),
        ],
    )
    def test_the_age_of_the_newest_one_counts_and_wal_is_none(
        self, tmp_path: Path, age: timedelta, state: State
    ) -> None:
        made = now() - age
        repository = place(tmp_path)
        repository.complete(manifest(Kind.FULL, made - timedelta(days=3), (1, 2)))
        repository.complete(manifest(Kind.FULL, made, (5, 6)))
        repository.complete(manifest(Kind.WAL, now(), (6, 7)))
        assert look("backup", platform(tmp_path, WEATHERFLICK_BACKUP_URL=str(tmp_path)))[0] is state

    def test_a_place_that_is_none_has_failed(self, tmp_path: Path) -> None:
        state, reason = look("backup", platform(tmp_path, WEATHERFLICK_BACKUP_URL=str(tmp_path / "nothing")))
        assert state is State.FAILED
        assert reason.endswith("Check the address.")


class TestData:
    def published(self, ours: Platform, table: str, age: timedelta) -> None:
        execute(
            ours.dsn,
            "INSERT INTO quality.verdicts (table_name, judged_at, suite_name, row_count, passed, score, minimum_score, published, "
            "data_as_of) SELECT %s, at, %s, 1, true, 100, 0, true, at FROM (SELECT now() - %s::interval AS at) AS past",
            table, table, age,
        )  # fmt: skip

    def test_nothing_that_was_never_collected_is_too_old(self, ours: Platform) -> None:
        assert look("freshness", ours)[0] is State.OK

    def test_data_that_are_too_old_have_failed_where_their_age_is_an_error(self, ours: Platform) -> None:
        urgent = next(table for table in MEASURED if table.must_be_fresh and not table.by_region)
        patient = next(table for table in MEASURED if not table.must_be_fresh and not table.by_region)
        self.published(ours, patient.table_name, patient.stale_after + timedelta(hours=1))
        assert look("freshness", ours) == (State.WARNING, f"Too old: {patient.table_name}.")
        self.published(ours, urgent.table_name, urgent.stale_after + timedelta(hours=1))
        assert look("freshness", ours)[0] is State.FAILED
        self.published(ours, urgent.table_name, timedelta())
        assert look("freshness", ours)[0] is State.WARNING

    @pytest.mark.parametrize(
        ("age", "state"),
        [
            (timedelta(minutes=5), State.OK),
            (WAITS_LONG + timedelta(minutes=1), State.WARNING),
            (WAITS_TOO_LONG + timedelta(minutes=1), State.FAILED),
        ],
    )
    def test_a_publication_that_waits_too_long_has_failed(self, ours: Platform, age: timedelta, state: State) -> None:
        execute(
            ours.dsn,
            "INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause) "
            "VALUES ('core/attractions', '50', now() - %s::interval, 'a list')",
            age,
        )
        assert look("publications", ours)[0] is state

    def test_what_a_gate_holds_back_is_no_matter_of_this(self, ours: Platform) -> None:
        execute(
            ours.dsn,
            "INSERT INTO quality.verdicts (table_name, partition_key, judged_at, suite_name, row_count, passed, score, "
            "minimum_score, published) VALUES ('core.attractions', '50', now(), 'core.attractions', 1, false, 1, 0, false)",
        )
        self.test_a_publication_that_waits_too_long_has_failed(ours, timedelta(days=3), State.OK)


class TestMessages:
    def test_without_a_channel_it_is_off(self, ours: Platform) -> None:
        assert look("messages", ours)[0] is State.OFF

    def test_half_a_channel_has_failed(self, ours: Platform, tmp_path: Path) -> None:
        half = platform(tmp_path, WEATHERFLICK_DATABASE_URL=ours.settings.database_url, SLACK_CHANNEL="#data")
        assert look("messages", half) == (
            State.FAILED,
            "SLACK_CHANNEL is set and SLACK_BOT_TOKEN is not. Set both, or neither.",
        )

    def test_what_waits_too_long_is_told_with_the_problem(self, ours: Platform, tmp_path: Path) -> None:
        execute(
            ours.dsn,
            "WITH message AS (INSERT INTO ops.messages (occasion, owner, severity, title, body, created_at, due_at, fate) "
            "SELECT 'digest', 'team:a', 'warning', '', '', at, at, 'addressed' FROM (SELECT now() - interval '3 hours' AS at) AS past "
            "RETURNING message_id) INSERT INTO ops.deliveries (message_id, channel, attempts, next_attempt_at, problem) "
            "SELECT message_id, 'slack', 3, now(), 'It is down.' FROM message",
        )
        told = platform(
            tmp_path,
            WEATHERFLICK_DATABASE_URL=ours.settings.database_url,
            SLACK_CHANNEL="#data",
            SLACK_BOT_TOKEN=SecretStr("xoxb-1"),
        )
        assert look("messages", told) == (
            State.WARNING,
            "1 wait to be sent, the oldest for 3 h. slack: It is down.",
        )
