"""`weatherflick call` sends one call and prints what it brought; `weatherflick status` shows what calls have left."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from weatherflick_assets.cli.calling import call, operation_named
from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import Settings
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets_tests.cli.commands import Done, Platform, live_platform
from weatherflick_assets_tests.databases import Template
from weatherflick_assets_tests.places.store.stock import rows

REFUSED, ACCEPTED = "PLANTEDrefused+/=", "PLANTEDaccepted+/="
"""The first is not registered with the sandbox; neither must be seen anywhere."""
PLANTED = ("PLANTED", "%2B%2F%3D")

EXAMPLES = {"mapX": "126.9769", "mapY": "37.5759", "radius": "20000", "keyword": "공원", "eventStartDate": "20200101"}
"""A value for every parameter that some operation requires, but those that name a place."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningSandbox]:
    with RunningSandbox(SandboxOptions(keys=(ACCEPTED,), scale=0.02)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def live(template_database: Template, upstream: RunningSandbox) -> Iterator[Platform]:
    """A platform with two keys, of which the upstream accepts the second."""
    with (
        template_database.clone_for_commands() as database,
        live_platform(database, upstream.url, f"{REFUSED},{ACCEPTED}") as created,
    ):
        yield created


@dataclass(frozen=True)
class Called:
    """Commands, one after the other, and the responses that were kept."""

    search: Done
    codes: Done
    codes_again: Done
    status: Done
    with_refused_key: Done
    kept: list[dict[str, Any]]


@pytest.fixture(scope="module")
def called(live: Platform) -> Called:
    return Called(
        search=live.run("call", "kto", "searchKeyword2", "keyword=공원", "numOfRows=7"),
        codes=live.run_here("call", "kto", "areaCode2", KTO_API_DAILY_LIMIT="1"),
        codes_again=live.run_here("call", "kto", "areaCode2", KTO_API_DAILY_LIMIT="1"),
        status=live.run_here("status", "--json"),
        with_refused_key=live.run_here("call", "kto", "areaCode2", KTO_API_KEY=REFUSED),
        kept=rows(live.settings["WEATHERFLICK_DATABASE_URL"], "SELECT * FROM raw.responses ORDER BY response_id"),
    )


def sentence(done: Done, *, code: int) -> str:
    """The one complaint of a call that brought nothing."""
    assert done.code == code, done.said
    assert "Traceback" not in done.said
    assert done.out == ""
    assert len(done.complaints) == 1, done.err
    return done.complaints[0].removeprefix("weatherflick: ")


def test_a_call_prints_its_items_and_nothing_else_and_its_response_is_kept(called: Called) -> None:
    assert called.search.code == 0, called.search.said
    printed = json.loads(called.search.out)
    assert len(printed) == 7
    assert all("공원" in place["title"] for place in printed)
    response = next(row for row in called.kept if (row["operation"], row["result_code"]) == ("searchKeyword2", "0000"))
    assert response["request_params"] == {"keyword": "공원", "numOfRows": "7"}
    assert response["api_key_id"] == ApiKey.of(SecretStr(ACCEPTED)).fingerprint
    assert orjson.loads(response["body"])["response"]["body"]["items"]["item"] == printed
    assert f"kept as response {response['response_id']}." in " ".join(called.search.err.split())


def test_a_key_that_is_refused_leaves_the_call_to_another_one_and_is_told_of_in_the_responses(called: Called) -> None:
    refusals = [row for row in called.kept if row["api_key_id"] == ApiKey.of(SecretStr(REFUSED)).fingerprint]
    assert [(row["operation"], row["result_code"]) for row in refusals] == [("searchKeyword2", "30")]


def test_a_call_without_quota_ends_with_an_exit_code_of_its_own_and_says_when_there_is_some(called: Called) -> None:
    assert called.codes.code == 0, called.codes.said
    complaint = sentence(called.codes_again, code=3)
    assert complaint.startswith("The calls of kto areaCode2 are spent: 1 a key and day, with 1 key.")
    assert "there are calls again at 20" in complaint
    assert len([row for row in called.kept if row["operation"] == "areaCode2"]) == 1


def test_a_call_that_no_key_may_make_says_so_and_sends_nothing(called: Called, upstream: RunningSandbox) -> None:
    complaint = sentence(called.with_refused_key, code=1)
    assert complaint.startswith("No API key for kto is usable (")
    assert "it is tried again at 20" in complaint.lower()
    refused = [entry for entry in upstream.status()["calls"] if entry["reasons"]]
    assert sum(entry["refused"] for entry in refused) == 1


def test_the_status_shows_what_is_left_of_every_quota_and_which_keys_are_refused(called: Called) -> None:
    assert called.status.code == 0, called.status.said
    status = called.status.summary
    assert status["mode"] == "live"
    accepted, refused = (ApiKey.of(SecretStr(key)).fingerprint for key in (ACCEPTED, REFUSED))
    quotas = {(quota["operation"], quota["api_key_id"]): quota for quota in status["quotas"]}
    figures = {name: tuple(quota[of] for of in ("limit", "used", "refused", "left")) for name, quota in quotas.items()}
    assert figures == {
        ("searchKeyword2", accepted): (1000, 1, 0, 999),
        ("searchKeyword2", refused): (1000, 1, 1, 999),
        ("areaCode2", accepted): (1, 1, 0, 0),
    }
    assert all(quota["resets_at"].endswith("T00:00:05+09:00") for quota in quotas.values())
    (key,) = status["refused_keys"]
    assert (key["provider"], key["api_key_id"], key["code"]) == ("kto", refused, "30")
    assert key["refused_until"] > key["refused_at"]


def test_neither_key_is_in_what_the_commands_say_or_in_what_is_kept(called: Called) -> None:
    commands = (called.search, called.codes, called.codes_again, called.status, called.with_refused_key)
    said = [*(command.said for command in commands), str(called.kept)]
    assert [trace for trace in PLANTED for text in said if trace in text] == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("kta", "areaCode2"), "Unknown provider kta. The providers are kto"),
        (("kto", "areaCode3"), "kto has no operation areaCode3. It has areaBasedList2"),
        (("kto", "areaCode2", "areaCode"), "Parameters are written name=value; areaCode is not."),
        (("kto", "areaCode2", "=1"), "Parameters are written name=value; =1 is not."),
        (("kto", "areaCode2", "keyword=공원"), "areaCode2 of kto: keyword is not one of its parameters."),
        (("kto", "searchKeyword2"), "searchKeyword2 of kto: keyword is required."),
        (("kto", "areaBasedList2", "sigunguCode=1"), "areaBasedList2 of kto: sigunguCode needs areaCode."),
    ],
)
def test_a_call_that_cannot_be_meant_is_told_in_a_sentence_and_not_sent(
    live: Platform, upstream: RunningSandbox, arguments: tuple[str, ...], expected: str
) -> None:
    before = upstream.status()["calls"]
    assert sentence(live.run_here("call", *arguments), code=1).startswith(expected)
    assert upstream.status()["calls"] == before


@pytest.mark.parametrize("name", OPERATION_BY_NAME)
def test_every_declared_operation_can_be_called(
    store: str, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("KTO_API_KEY", ACCEPTED)
    monkeypatch.setenv("DATA_GO_KR_BASE_URL", upstream.url)
    settings = Settings()  # type: ignore[call-arg]
    (place,) = call(operation_named("kto", "areaBasedList2"), {"numOfRows": "1"}, settings, store).page.items
    known = {**EXAMPLES, "contentId": str(place["contentid"]), "contentTypeId": str(place["contenttypeid"])}
    operation = operation_named("kto", name)
    answer = call(operation, {required: known[required] for required in operation.required}, settings, store)
    (kept,) = rows(store, "SELECT * FROM raw.responses WHERE response_id = %s", answer.response_id)
    assert (kept["operation"], kept["result_code"]) == (name, "0000")
    # Not every place has pictures or a line about pets.
    assert answer.page.items or operation.name.startswith("detail")
