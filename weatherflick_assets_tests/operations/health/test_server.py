"""Health and metrics over HTTP: right for load balancers and Prometheus, however many ask, and without a secret."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from weatherflick_assets.operations.health.components import COMPONENTS
from weatherflick_assets.operations.health.metrics import METRICS, OF_THE_EXPORTER
from weatherflick_assets.operations.health.probes import Platform
from weatherflick_assets.operations.health.server import application
from weatherflick_assets_tests.operations.health.platforms import platform
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.upstream.hosts import KEY, serving

Client = TestClient[web.Request, web.Application]


def asked(looked_at: Platform, questions: Callable[[Client], Awaitable[Any]]) -> Any:
    async def ask() -> Any:
        async with TestClient(TestServer(application(looked_at))) as client:
            return await questions(client)

    return asyncio.run(ask())


def families(text: str) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(text)}


async def metrics_of(client: Client) -> dict[str, Any]:
    return families(await (await client.get("/metrics")).text())


class TestHealth:
    def test_it_answers_200_while_nothing_has_failed_and_503_otherwise(self, ours: Platform) -> None:
        async def questions(client: Client) -> list[Any]:
            good = await client.get("/health?of=database,disk")
            bad = await client.get("/health")
            return [good.status, await good.json(), bad.status, await bad.json()]

        status, told, bad_status, all_told = asked(ours, questions)
        assert (status, told["state"], [one["name"] for one in told["components"]]) == (200, "ok", ["database", "disk"])
        assert (bad_status, all_told["state"]) == (503, "failed"), "the daemon has never run"
        assert [one["name"] for one in all_told["components"]] == [*COMPONENTS]
        for one in all_told["components"]:
            assert ("what_to_do" in one) == (one["state"] in ("warning", "failed"))

    def test_a_component_that_is_none_is_a_mistake(self, ours: Platform) -> None:
        async def questions(client: Client) -> Any:
            answer = await client.get("/health?of=moon")
            return answer.status, await answer.json()

        status, told = asked(ours, questions)
        assert (status, told["problem"]) == (400, "There is no component 'moon'.")

    @pytest.mark.fault(
        "Liveness",
        "health is asked for while the database is gone",
        "it answers that the database has failed and the rest is unknown",
    )
    def test_it_lives_although_the_database_is_gone(self, tmp_path: Path) -> None:
        gone = platform(tmp_path, WEATHERFLICK_DATABASE_URL=SecretStr("postgresql://u@127.0.0.1:1/none"))

        async def questions(client: Client) -> Any:
            return [(await client.get(path)).status for path in ("/live", "/health", "/metrics")]

        assert asked(gone, questions) == [200, 503, 200]

    @pytest.mark.fault(
        "Liveness",
        "a hundred monitors ask for health at once",
        "everything is looked at once, and all get the same answer",
    )
    def test_however_many_ask_everything_is_looked_at_once(self, ours: Platform, tmp_path: Path) -> None:
        seen = []

        async def ask() -> list[str]:
            async def handle(request: web.Request) -> web.Response:
                seen.append(request.method)
                await asyncio.sleep(0)
                return web.Response()

            async with serving(handle) as url:
                watched = platform(
                    tmp_path,
                    WEATHERFLICK_DATABASE_URL=ours.settings.database_url,
                    KTO_API_KEY=KEY,
                    DATA_GO_KR_BASE_URL=url,
                )
                async with TestServer(application(watched)) as server, ClientSession() as session:

                    async def get(path: str) -> str:
                        async with session.get(server.make_url(path)) as answer:
                            return await answer.text()

                    return await asyncio.gather(*(get(path) for path in ["/health"] * 40 + ["/metrics"] * 10))

        told = asyncio.run(ask())
        assert seen == ["HEAD"]
        assert len(set(told[:40])) == 1
        assert KEY not in "".join(told)


class TestMetrics:
    def test_every_metric_is_declared_and_every_declared_one_can_be_read(self, ours: Platform) -> None:
        execute(
            ours.dsn,
            "INSERT INTO ops.pending_publications (asset_key, partition_key, since, cause) VALUES ('core/a', '', now(), '')",
        )
        found = asked(ours, metrics_of)
        declared = {metric.full_name: metric for metric in METRICS}
        plain = {name.removesuffix("_total") for name in OF_THE_EXPORTER}
        assert found.keys() - plain <= declared.keys()
        problems = {sample.labels["source"]: sample.value for sample in found["weatherflick_scrape_problems"].samples}
        assert problems == {"health": 0, "platform": 0, "dagster": 0, "machine": 0}
        assert declared.keys() <= found.keys()
        for name, metric in declared.items():
            assert found[name].documentation == metric.help
            for sample in found[name].samples:
                assert [*sample.labels] == [*metric.labels]

    def test_values_are_those_of_the_tables(self, ours: Platform) -> None:
        execute(
            ours.dsn,
            "INSERT INTO ops.api_calls_daily (provider, operation, api_key_id, day, daily_limit, reserved, used, refused) "
            "SELECT 'kto', 'one', key, (now() AT TIME ZONE 'Asia/Seoul')::date - age, 1000, 9, 7, 1 "
            "FROM (VALUES ('a', 0), ('b', 0), ('a', 40)) AS known (key, age)",
        )
        execute(
            ours.dsn,
            "INSERT INTO ops.incidents (kind, subject, owner, severity, opened_at, last_seen_at, count, detail, remedy) "
            "VALUES ('key_refused', 'kto a', 'team:a', 'error', now(), now(), 1, '', '')",
        )
        execute(
            ours.dsn,
            "INSERT INTO quality.statistics SELECT current_date - age, 'core.rooms', region, 'rows', value, now() "
            "FROM (VALUES (1, 'all', 7), (1, '50', 3), (2, 'all', 6)) AS known (age, region, value)",
        )
        found = asked(ours, metrics_of)

        def values(name: str) -> list[tuple[dict[str, str], float]]:
            return [(sample.labels, sample.value) for sample in found[f"weatherflick_{name}"].samples]

        assert values("quota_used_calls") == [({"provider": "kto", "operation": "one"}, 14)]
        assert values("quota_limit_calls") == [({"provider": "kto", "operation": "one"}, 2000)]
        assert values("published_rows") == [({"table": "core.rooms"}, 7)]
        assert values("incidents_open") == [({"kind": "key_refused", "severity": "error"}, 1)]
        assert ({"component": "daemon"}, 2) in values("health_state")
        assert values("disk_free_bytes")[0][1] > 0

    def test_the_number_of_series_is_bounded(self, ours: Platform) -> None:
        metric = next(metric for metric in METRICS if metric.name == "size_bytes")
        execute(
            ours.dsn,
            "INSERT INTO ops.sizes_daily (day, subject, bytes) SELECT current_date, 'table ' || number, number "
            "FROM generate_series(1, %s) AS number",
            metric.most + 50,
        )
        samples = asked(ours, metrics_of)[metric.full_name].samples
        assert len(samples) == metric.most
        assert min(sample.value for sample in samples) == 51, "the largest are told"

    @pytest.mark.fault(
        "Blast radius",
        "a database can't be read when metrics are asked for",
        "its metrics are missing, that is told, and the others are there",
    )
    def test_a_source_that_cannot_be_read_costs_no_other(self, tmp_path: Path) -> None:
        gone = platform(tmp_path, WEATHERFLICK_DATABASE_URL=SecretStr("postgresql://u@127.0.0.1:1/none"))
        found = asked(gone, metrics_of)
        problems = {sample.labels["source"]: sample.value for sample in found["weatherflick_scrape_problems"].samples}
        assert problems == {"health": 0, "platform": 1, "dagster": 1, "machine": 0}
        assert found["weatherflick_disk_free_bytes"].samples[0].value > 0

    def test_openmetrics_is_spoken_to_who_asks_for_it(self, ours: Platform) -> None:
        async def questions(client: Client) -> tuple[str, str]:
            answer = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
            return answer.headers["Content-Type"], await answer.text()

        content_type, text = asked(ours, questions)
        assert content_type.startswith("application/openmetrics-text")
        assert {family.name for family in openmetrics.text_string_to_metric_families(text)} > {
            "weatherflick_health_state"
        }
