"""Runs of the definitions on a real database and a real upstream server: what they record, and what they never show."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import psycopg
import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.orchestration.failures import told_by
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.upstream.hosts import serving_beside, unsteady

pytestmark = [
    # Dagster 1.13 asks pydantic for the fields of resources in the old way.
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
]

KEY = "PLANTEDkey+/="
"""Registered with the sandbox and configured as KTO_API_KEY; must be seen nowhere."""
PASSWORD = "PLANTEDpassword"  # noqa: S105 - planted to be looked for
PLANTED = ("PLANTED", "%2B%2F%3D")
"""What would betray key or password, encoded or not."""

REGION = "36110"
PLACE: Mapping[str, str] = {
    "contentid": "1", "contenttypeid": "12", "title": "세종호수공원", "addr1": "세종특별자치시 호수공원길 155", "addr2": "",
    "areacode": "8", "sigungucode": "1", "cat1": "A01", "cat2": "A0101", "cat3": "A01010100", "lDongRegnCd": REGION,
    "lDongSignguCd": "36110", "lclsSystm1": "NA", "lclsSystm2": "NA01", "lclsSystm3": "NA010100", "mapx": "127.2716",
    "mapy": "36.4966", "mlevel": "6", "zipcode": "30103", "tel": "044-301-3900", "firstimage": "", "firstimage2": "",
    "cpyrhtDivCd": "", "createdtime": "20200101090000", "modifiedtime": "20260101090000",
}  # fmt: skip

ATTRACTIONS_LISTING = dg.AssetKey(["raw", "kto", "attractions_listing"])
RESTAURANTS_LISTING = dg.AssetKey(["raw", "kto", "restaurants_listing"])
ATTRACTIONS = dg.AssetKey(["core", "attractions"])
RESTAURANTS = dg.AssetKey(["core", "restaurants"])
GATE = dg.AssetCheckKey(ATTRACTIONS, "publishable")
WARNINGS = dg.AssetCheckKey(ATTRACTIONS, "warnings")


def places(count: int, **changes: str) -> list[dict[str, str]]:
    """Attractions that are alike and not the same: each has a name and a point of its own."""
    return [
        {
            **PLACE,
            "contentid": f"{1000 + number}",
            "title": f"세종호수공원 {number}",
            "mapx": f"127.27{number:02}",
            **changes,
        }
        for number in range(count)
    ]


def sound() -> list[dict[str, str]]:
    """Thirty good attractions, one that has no title, one hidden, and two restaurants."""
    return [
        *places(30),
        {**PLACE, "contentid": "2000", "title": " "},
        {**PLACE, "contentid": "2001", "showflag": "0"},
        {**PLACE, "contentid": "3000", "contenttypeid": "39"},
        {**PLACE, "contentid": "3001", "contenttypeid": "39"},
    ]


def poisoned(**changes: str) -> list[dict[str, str]]:
    """Thirty attractions, two of three without an address and with coordinates that cannot be used."""
    return [
        *places(10, **changes),
        *({**place, "contentid": f"5{place['contentid']}"} for place in places(20, addr1="", mapx="0", **changes)),
    ]


def food(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same as restaurants, with ids of their own."""
    named = {"contenttypeid": "39", "lclsSystm1": "FD", "lclsSystm2": "FD01", "lclsSystm3": "FD010100"}
    return [{**row, **named, "contentid": f"9{row['contentid']}"} for row in rows]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def environment(database: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The platform on a database of its own, with planted secrets; the upstream is still to be set."""
    # The embedded server trusts whoever reaches its socket: a password in the address changes nothing but what can leak.
    monkeypatch.setenv("WEATHERFLICK_DATABASE_URL", database.replace("postgres:@", f"postgres:{PASSWORD}@"))
    monkeypatch.setenv("KTO_API_KEY", KEY)
    return monkeypatch


def run(
    instance: dg.DagsterInstance, *, selection: list[dg.AssetKey] | None = None, job: str = "collect_places"
) -> dg.ExecuteInProcessResult:
    """One run of a job; must not raise, whatever happens in it."""
    return (
        build_defs()
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            partition_key=REGION,
            asset_selection=selection,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    )


def collect(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, rows: list[dict[str, str]], **options: Any
) -> dg.ExecuteInProcessResult:
    """One run against a sandbox that serves `rows`."""
    options_of_sandbox = SandboxOptions(keys=(KEY,))
    with RunningSandbox(options_of_sandbox, catalogue=Catalogue.from_rows(rows)) as sandbox:
        environment.setenv("DATA_GO_KR_BASE_URL", sandbox.url)
        return run(instance, **options)


def materialized(result: dg.ExecuteInProcessResult) -> list[dg.AssetKey]:
    return [event.asset_key for event in result.all_events if event.is_step_materialization and event.asset_key]


def metadata(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str, object]:
    (materialization,) = [
        event.step_materialization_data.materialization
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == key
    ]
    return {name: value.value for name, value in materialization.metadata.items()}


def check(result: dg.ExecuteInProcessResult, key: dg.AssetCheckKey) -> dg.AssetCheckEvaluation:
    (evaluation,) = [found for found in result.get_asset_check_evaluations() if found.asset_check_key == key]
    return evaluation


def failure(result: dg.ExecuteInProcessResult) -> tuple[str, str]:
    """Kind and text of the one failed step."""
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None, event.step_failure_data.error
    return str(data.metadata["failure_kind"].value), data.description or ""


def everything_said(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> str:
    """Every event of a run in full, and the run itself, as they are stored."""
    events = [entry.to_json() for entry in instance.all_logs(result.run_id)]
    assert len(events) > 5
    return "\n".join([*events, repr(instance.get_run_by_id(result.run_id))])


def fetched(dsn: str, query: str) -> list[tuple]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def count(dsn: str, query: str) -> int:
    return fetched(dsn, query)[0][0]


def test_a_run_of_one_region_records_what_it_did(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    result = collect(instance, environment, sound())
    assert result.success
    listing, published = metadata(result, ATTRACTIONS_LISTING), metadata(result, ATTRACTIONS)
    assert (listing["listed"], listing["hidden"], listing["calls"], listing["pages"]) == (31, 1, 1, 1)
    assert listing["dagster/partition_row_count"] == 32
    assert listing["region_found_by"] == {"code": 32}
    assert (published["items"], published["published"], published["rejected"]) == (31, 30, 1)
    assert published["dagster/partition_row_count"] == 30
    assert (published["added"], published["changed"], published["removed"]) == (30, 0, 0)
    assert count(database, "SELECT count(*) FROM core.attractions") == 30
    assert count(database, "SELECT count(*) FROM core.restaurants") == 2
    assert count(database, "SELECT count(*) FROM core.rejected_items WHERE reason = 'title_missing'") == 1


def test_a_materialization_shows_a_few_rows_and_the_responses_it_was_made_from(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    result = collect(instance, environment, sound())
    listing, published = metadata(result, ATTRACTIONS_LISTING), metadata(result, ATTRACTIONS)
    (response_id,) = (
        row[0]
        for row in fetched(
            database, "SELECT response_id FROM raw.calls WHERE request_params ->> 'contentTypeId' = '12'"
        )
    )
    assert (listing["responses"], listing["newest_responses"]) == (1, [response_id])
    assert (published["responses"], published["newest_responses"]) == (1, [response_id])
    (sample,) = (
        event.step_materialization_data.materialization.metadata["sample"]
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == ATTRACTIONS
    )
    assert isinstance(sample, dg.TableMetadataValue)
    assert [record.data["content_id"] for record in sample.records] == ["1000", "1001", "1002", "1003", "1004"]


def test_a_run_records_the_verdict_of_the_gate(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    result = collect(instance, environment, sound())
    gate, warnings = check(result, GATE), check(result, WARNINGS)
    assert gate.passed
    assert gate.blocking
    assert "core.attractions: 30 rows" in (gate.description or "")
    rules = gate.metadata["rules"]
    assert isinstance(rules, dg.TableMetadataValue)
    assert len(rules.records) == count(
        database, "SELECT count(*) FROM quality.rule_results WHERE table_name = 'core.attractions'"
    )
    assert gate.metadata["rows_judged"].value == 30
    assert 0 < float(str(gate.metadata["score"].value)) <= 100
    assert (warnings.passed, warnings.blocking) == (True, False), warnings.description
    recorded = count(
        database,
        f"SELECT verdict_id FROM quality.verdicts WHERE table_name = 'core.attractions' AND run_id = '{result.run_id}'",
    )
    assert gate.metadata["verdict_id"].value == metadata(result, ATTRACTIONS)["verdict_id"] == recorded


def test_a_rule_of_severity_warning_fails_a_check_of_its_own_and_the_rows_are_published(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    result = collect(instance, environment, places(30, lclsSystm2="NA99"))
    gate, warnings = check(result, GATE), check(result, WARNINGS)
    assert result.success
    assert gate.passed
    assert not warnings.passed
    assert warnings.severity is dg.AssetCheckSeverity.WARN
    assert "class_group_known: 30 of 30" in (warnings.description or "")
    assert metadata(result, ATTRACTIONS)["published"] == 30


def judged(dsn: str) -> int:
    return count(dsn, "SELECT count(*) FROM quality.verdicts")


def test_a_first_run_publishes_every_table_even_those_without_rows(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    result = collect(instance, environment, sound())
    assert len(materialized(result)) == 21
    assert len(set(materialized(result))) == 21
    assert judged(database) == 13
    assert metadata(result, dg.AssetKey(["core", "rooms"]))["published"] == 0


def test_the_same_list_again_publishes_nothing(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    collect(instance, environment, sound())
    again = collect(instance, environment, sound())
    assert again.success
    assert {key.path[0] for key in materialized(again)} == {"raw"}
    assert again.get_asset_check_evaluations() == []
    assert judged(database) == 13


def test_a_run_that_collects_publishes_just_what_changed(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    collect(instance, environment, sound())
    again = collect(instance, environment, [{**PLACE, "contentid": "1000", "title": "새 이름"}, *sound()[1:]])
    assert [key for key in materialized(again) if key.path[0] == "core"] == [ATTRACTIONS]
    assert metadata(again, ATTRACTIONS)["changed"] == 1
    assert judged(database) == 14


def test_only_what_is_asked_for_by_itself_makes_rows_again_that_nothing_changed(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    collect(instance, environment, sound())
    execute(database, "UPDATE core.attractions SET title = 'by hand' WHERE content_id = '1001'")
    by_hand = "SELECT count(*) FROM core.attractions WHERE title = 'by hand'"
    collect(instance, environment, [{**PLACE, "contentid": "1000", "title": "새 이름"}, *sound()[1:]])
    assert count(database, by_hand) == 1
    assert metadata(run(instance, selection=[ATTRACTIONS]), ATTRACTIONS)["changed"] == 1
    assert count(database, by_hand) == 0


def test_what_is_asked_for_by_itself_is_published_though_nothing_is_pending(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    collect(instance, environment, sound())
    asked = run(instance, selection=[ATTRACTIONS, RESTAURANTS])
    assert materialized(asked) == [ATTRACTIONS, RESTAURANTS]
    again = metadata(asked, ATTRACTIONS)
    assert (again["published"], again["rejected"]) == (30, 1)
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)


def collect_unsteady(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, rows: list[dict[str, str]]
) -> dg.ExecuteInProcessResult:
    """One run against an upstream that counts one restaurant more with every answer, and names one."""
    with serving_beside(unsteady(rows, "39")) as url:
        environment.setenv("DATA_GO_KR_BASE_URL", url)
        return run(instance)


def test_a_list_that_fails_costs_no_other_and_what_was_listed_is_published_by_the_next_run(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    result = collect_unsteady(instance, environment, [*sound()[:-2], *food(places(1))])
    kind, text = failure(result)
    assert kind == "incomplete"
    assert text.startswith("The list of restaurants in 36110 does not add up")
    assert len(materialized(result)) == 7
    assert RESTAURANTS_LISTING not in materialized(result)
    assert ATTRACTIONS_LISTING in materialized(result)

    execute(database, "UPDATE ops.pending_publications SET since = since - interval '2 minutes'")
    defs = build_defs()
    sensor = next(sensor for sensor in defs.sensors or () if sensor.name == "publish_pending")
    context = dg.build_sensor_context(
        instance=instance,
        repository_def=defs.get_repository_def(),
        resources={"warehouse": WarehouseResource(dsn=database)},
    )
    assert isinstance(sensor, dg.SensorDefinition)
    (request,) = sensor.evaluate_tick(context).run_requests or []
    assert (request.job_name, request.partition_key) == ("publish_places", REGION)
    published = run(instance, job="publish_places", selection=list(request.asset_selection or ()))  # type: ignore[arg-type]
    assert published.success
    assert metadata(published, ATTRACTIONS)["published"] == 30
    assert count(database, "SELECT count(*) FROM ops.pending_publications") == 0


REFUSE_ATTRACTIONS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON raw.place_items FOR EACH ROW WHEN (NEW.content_type_id = '12')
EXECUTE FUNCTION refuse()
"""


def test_a_step_names_every_list_that_failed_and_the_gravest_decides(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    execute(database, REFUSE_ATTRACTIONS)
    result = collect_unsteady(instance, environment, [*places(30), *food(places(1))])
    kind, text = failure(result)
    assert kind == "incomplete"
    attractions, restaurants = text.splitlines()
    assert attractions.startswith("raw/kto/attractions_listing: The database refused or broke off: not this one.")
    assert restaurants.startswith("raw/kto/restaurants_listing: The list of restaurants in 36110 does not add up")
    assert len(materialized(result)) == 6
    (event,) = [event for event in result.all_events if event.is_step_failure]
    assert [kind for kind, _ in told_by(event)] == ["permanent", "incomplete"]


def test_a_spent_quota_ends_the_step_and_the_lists_that_were_read_are_kept(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    environment.setenv("KTO_API_DAILY_LIMIT", "2")
    result = collect(instance, environment, sound())
    assert failure(result)[0] == "exhausted"
    assert len(materialized(result)) == count(database, "SELECT count(*) FROM raw.responses") == 2


def test_poisoned_data_fail_the_run_and_are_not_published(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    assert collect(instance, environment, sound()).success
    result = collect(instance, environment, poisoned())
    assert not result.success
    kind, text = failure(result)
    assert kind == "held_back"
    assert "core.attractions" in text
    assert "address_filled" in text
    assert text.endswith("Nothing was published; the last good rows stay.")
    gate = check(result, GATE)
    assert not gate.passed
    assert gate.severity is dg.AssetCheckSeverity.ERROR
    rules = gate.metadata["rules"]
    assert isinstance(rules, dg.TableMetadataValue)
    assert rules.records[0].data["severity"] == "blocking"
    assert "address_filled" in {record.data["rule"] for record in rules.records if not record.data["passed"]}
    materialized = {event.asset_key for event in result.all_events if event.is_step_materialization}
    assert ATTRACTIONS_LISTING in materialized
    assert ATTRACTIONS not in materialized
    assert count(database, "SELECT count(*) FROM core.attractions WHERE removed_at IS NULL") == 30


def test_a_held_back_partition_is_not_tried_again(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    result = collect(instance, environment, poisoned())
    assert [event for event in result.all_events if event.is_step_up_for_retry] == []
    (event,) = [event for event in result.all_events if event.is_step_failure]
    assert event.step_failure_data.user_failure_data is not None
    assert event.step_failure_data.user_failure_data.metadata["failure_kind"].value == "held_back"


def test_poison_in_one_kind_of_place_leaves_the_others_alone(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    result = collect(instance, environment, [*poisoned(), *food(places(3))])
    assert failure(result)[0] == "held_back"
    assert count(database, "SELECT count(*) FROM core.attractions") == 0
    assert count(database, "SELECT count(*) FROM core.restaurants") == 3
    assert len(materialized(result)) == 20


def test_every_table_that_is_held_back_has_its_failed_check_and_is_named(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    result = collect(instance, environment, [*poisoned(), *food(poisoned())])
    kind, text = failure(result)
    assert kind == "held_back"
    assert [line.partition(": ")[0] for line in text.splitlines()] == ["core/attractions", "core/restaurants"]
    gates = [found for found in result.get_asset_check_evaluations() if found.check_name == "publishable"]
    assert {found.asset_key for found in gates if not found.passed} == {ATTRACTIONS, RESTAURANTS}
    assert {found.partition for found in gates} == {REGION}
    assert len(gates) == 13
    assert [event for event in result.all_events if event.is_step_up_for_retry] == []


def test_a_refused_key_is_a_failure_people_can_read(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    with RunningSandbox(SandboxOptions(keys=("another",)), catalogue=Catalogue.from_rows(sound())) as sandbox:
        environment.setenv("DATA_GO_KR_BASE_URL", sandbox.url)
        result = run(instance, selection=[ATTRACTIONS_LISTING])
    kind, text = failure(result)
    assert kind == "refused"
    assert text.startswith("No API key for kto is usable (")
    assert "Check KTO_API_KEY" in text
    assert [event for event in result.all_events if event.is_step_up_for_retry] == []
    assert count(database, "SELECT count(*) FROM raw.responses") == 1  # the refusal is kept as well
    assert_nothing_planted(everything_said(instance, result))


@pytest.mark.slow  # the client's and the op's own retries, with their real pauses
def test_an_upstream_that_is_down_is_a_failure_that_is_retried(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    with RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=Catalogue.from_rows([])) as sandbox:
        gone = sandbox.url
    environment.setenv("DATA_GO_KR_BASE_URL", gone)
    result = run(instance, selection=[ATTRACTIONS_LISTING])
    kind, text = failure(result)
    assert kind == "unreachable"
    assert text.startswith(f"areaBasedSyncList2 of kto: the connection to {gone} failed")
    assert len([event for event in result.all_events if event.is_step_up_for_retry]) == 1
    assert count(database, "SELECT count(*) FROM raw.place_items") == 0
    assert_nothing_planted(everything_said(instance, result))


def test_a_retry_leaves_alone_what_is_published_and_what_is_held_back(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    execute(database, BREAK_OFF_ONCE)
    held = {"contenttypeid": "14", "lclsSystm1": "VE", "lclsSystm2": "VE07", "lclsSystm3": "VE070100"}
    culture = [{**row, "contentid": f"8{row['contentid']}"} for row in poisoned(**held)]
    result = collect(instance, environment, [*sound(), *culture])
    assert failure(result)[0] == "held_back"
    assert len([event for event in result.all_events if event.is_step_up_for_retry]) == 1
    assert len(materialized(result)) == len(set(materialized(result))) == 20
    assert len(result.get_asset_check_evaluations()) == 26
    assert count(database, "SELECT count(*) FROM core.attractions") == 30


BREAK_OFF_ONCE = """
CREATE SEQUENCE attempts;
CREATE FUNCTION break_off_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('attempts') = 1 THEN
        RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER break_off_once AFTER INSERT ON core.attractions EXECUTE FUNCTION break_off_once()
"""


def test_a_publication_that_the_database_breaks_off_for_another_is_made_again(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str
) -> None:
    execute(database, BREAK_OFF_ONCE)
    result = collect(instance, environment, sound(), selection=[ATTRACTIONS_LISTING, ATTRACTIONS])
    assert result.success
    (retried,) = [event for event in result.all_events if event.is_step_up_for_retry]
    assert "The database refused or broke off: deadlock detected." in str(retried.step_retry_data.error)
    assert count(database, "SELECT count(*) FROM core.attractions") == 30


def test_without_keys_and_sandbox_a_run_says_what_to_do(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("KTO_API_KEY")
    kind, text = failure(run(instance, selection=[ATTRACTIONS_LISTING]))
    assert kind == "permanent"
    assert "Set KTO_API_KEY or DATA_GO_KR_API_KEY" in text


def test_a_provider_without_keys_on_a_live_platform_is_skipped_and_its_run_says_so(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("KTO_API_KEY")
    environment.setenv("GOOGLE_PLACES_API_KEY", "another-provider's")
    result = run(instance, selection=[ATTRACTIONS_LISTING])
    kind, text = failure(result)
    assert kind == "no_keys"
    assert "kto is skipped: no API key for it is set." in text
    assert not [event for event in result.all_events if event.is_step_up_for_retry]


def test_a_database_that_is_gone_shows_no_password(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("WEATHERFLICK_DATABASE_URL", f"postgresql://somebody:{PASSWORD}@127.0.0.1:1/nowhere")
    result = collect(instance, environment, sound(), selection=[ATTRACTIONS])
    assert not result.success
    assert_nothing_planted(everything_said(instance, result))


@pytest.mark.parametrize("rows", [sound, poisoned])
def test_neither_key_nor_password_is_in_any_event_or_table(
    instance: dg.DagsterInstance, environment: pytest.MonkeyPatch, database: str, rows: Any
) -> None:
    result = collect(instance, environment, rows())
    assert_nothing_planted(everything_said(instance, result))
    with psycopg.connect(database) as connection:
        responses = connection.execute(
            "SELECT responses::text, convert_from(body, 'UTF8') FROM raw.responses"
        ).fetchall()
    assert responses
    assert_nothing_planted(str(responses))


def assert_nothing_planted(text: str) -> None:
    assert [trace for trace in PLANTED if trace in text] == []
