"""Setting a running sandbox over HTTP, and from a file or the command line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.call_counts import fingerprint
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.options import SandboxOptions, behaviour_from
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, fetch, reason_code, set_by_http

ONE_PLACE = Catalogue.from_rows([{"contentid": "1", "title": "하나"}])
DEFAULTS = Behaviour().shown()


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(catalogue=ONE_PLACE) as running:
        yield running


def test_settings_can_be_read(sandbox: RunningSandbox) -> None:
    assert fetch(sandbox, "/_sandbox/settings").json == DEFAULTS


def test_patch_changes_what_is_named_and_put_sets_everything_else_back(sandbox: RunningSandbox) -> None:
    assert set_by_http(sandbox, "PATCH", {"daily_limit": 5}).json == DEFAULTS | {"daily_limit": 5}
    both = set_by_http(sandbox, "PATCH", {"error_generation": "text"})
    assert (both.status, both.json) == (200, DEFAULTS | {"daily_limit": 5, "error_generation": "text"})
    assert set_by_http(sandbox, "PUT", {"per_second": 9}).json == DEFAULTS | {"per_second": 9}
    assert set_by_http(sandbox, "PUT", {}).json == DEFAULTS


def test_a_setting_takes_effect_with_the_next_call(sandbox: RunningSandbox) -> None:
    assert ask(sandbox, "areaBasedList2").status == 200
    set_by_http(sandbox, "PATCH", {"faults": {"agency_timeout": 1}})
    assert reason_code(ask(sandbox, "areaBasedList2")) == "05"
    set_by_http(sandbox, "PATCH", {"faults": {}})
    assert ask(sandbox, "areaBasedList2").status == 200


def test_keys_can_be_changed_while_it_runs_and_are_never_shown() -> None:
    with RunningSandbox(SandboxOptions(keys=("first-secret",)), catalogue=ONE_PLACE) as sandbox:
        pairs = [["second-secret", "ldongCode2"]]
        reply = set_by_http(
            sandbox, "PATCH", {"keys": ["second-secret"], "expired": ["third-secret"], "unapproved": pairs}
        )
        assert reply.json["keys"] == [fingerprint("second-secret")]
        assert reply.json["unapproved"] == [[fingerprint("second-secret"), "ldongCode2"]]
        assert b"secret" not in reply.body
        assert reason_code(ask(sandbox, "areaBasedList2", serviceKey="first-secret")) == "30"
        assert ask(sandbox, "areaBasedList2", serviceKey="second-secret").status == 200
        assert reason_code(ask(sandbox, "ldongCode2", serviceKey="second-secret")) == "30"
        assert reason_code(ask(sandbox, "areaBasedList2", serviceKey="third-secret")) == "31"
        set_by_http(sandbox, "PATCH", {"keys": None})
        assert ask(sandbox, "areaBasedList2", serviceKey="first-secret").status == 200


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"speed": 3}, "There is no setting speed; the settings are error_generation, keys, "),
        ({"error_generation": "csv"}, "The setting error_generation must be one of json4xx, xml200, text."),
        ({"daily_limit": -1}, "The setting daily_limit must be a whole number from 0 up, or null."),
        ({"daily_limit": True}, "The setting daily_limit must be a whole number"),
        ({"daily_limit": "many"}, "The setting daily_limit must be a whole number"),
        ({"daily_limits": {"areaBased": 1}}, "The setting daily_limits must be an object of operations, each"),
        ({"refuse_in_flight": 1}, "The setting refuse_in_flight must be a whole number from 2 up, or null."),
        ({"latency": -0.1}, "The setting latency must be a number of seconds from 0 to 3600."),
        ({"fault_rate": 1.1}, "The setting fault_rate must be a number from 0 to 1."),
        (
            {"faults": {"fire": 0.1}},
            "The setting faults must be an object of rates from 0 to 1 for any of server_error",
        ),
        ({"faults": {"reset": 0.6, "stall": 0.6}}, "The settings fault_rate and faults must not add up to more than 1"),
        (
            {"fault_rate": 0.6, "faults": {"stall": 0.6}},
            "The settings fault_rate and faults must not add up to more than 1",
        ),
        ({"days_pass": 1}, "The setting days_pass must be true or false."),
        (
            {"daily_changes": {"burnt": 1}},
            "The setting daily_changes must be an object of whole numbers from 0 up for any of new, changed, ",
        ),
        ({"daily_changes": {"new": -1}}, "The setting daily_changes must be an object of whole numbers from 0 up"),
        ({"failed_calls_count": 1}, "The setting failed_calls_count must be true or false."),
        ({"clock": "tomorrow"}, "The setting clock must be a time of this century with its offset, like 2026-"),
        ({"clock": "2026-11-22T23:59:50"}, "The setting clock must be a time of this century with its offset"),
        ({"clock": "9999-12-31T23:59:59+00:00"}, "The setting clock must be a time of this century"),
        ({"refused_agents": "curl/*"}, "The setting refused_agents must be a list of texts."),
        ({"keys": "PLANTED"}, "The setting keys must be a list of keys, or null."),
        ({"unapproved": [["PLANTED"]]}, "The setting unapproved must be a list of pairs of a key and an operation"),
        ([], "The settings must be one JSON object"),
        (None, "The settings must be one JSON object"),
    ],
)
def test_nonsense_is_answered_with_a_sentence_and_changes_nothing(
    sandbox: RunningSandbox, settings: Any, sentence: str
) -> None:
    sandbox.change(per_second=7)
    for method in ("PUT", "PATCH"):
        reply = set_by_http(sandbox, method, settings)
        assert reply.status == 400
        assert reply.json["error"].startswith(sentence)
        assert reply.json["error"].endswith(".")
        assert b"PLANTED" not in reply.body
    assert fetch(sandbox, "/_sandbox/settings").json == DEFAULTS | {"per_second": 7}


def test_a_body_that_is_not_json_is_answered_with_a_sentence(sandbox: RunningSandbox) -> None:
    reply = fetch(sandbox, "/_sandbox/settings", method="PATCH", body=b"daily_limit=3")
    assert reply.status == 400
    assert reply.json["error"].startswith("The settings must be one JSON object, like {")


def test_one_invalid_setting_rejects_the_whole_request(sandbox: RunningSandbox) -> None:
    assert set_by_http(sandbox, "PATCH", {"daily_limit": 1, "per_second": 0}).status == 400
    assert fetch(sandbox, "/_sandbox/settings").json == DEFAULTS


@pytest.mark.parametrize(("method", "page"), [("GET", "/_sandbox/setting"), ("POST", "/_sandbox/settings")])
def test_an_unknown_page_names_the_existing_ones(sandbox: RunningSandbox, method: str, page: str) -> None:
    reply = fetch(sandbox, page, method=method)
    assert reply.status == 404
    assert "PATCH /_sandbox/settings" in reply.json["error"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(name=st.sampled_from(list(DEFAULTS)), value=ANYTHING)
def test_any_value_is_accepted_or_refused_with_the_name_of_its_setting(name: str, value: Any) -> None:
    try:
        shown = Behaviour().changed({name: value}).shown()
    except SandboxError as error:
        answer = str(error)
    else:
        answer = json.dumps(shown)
    assert name in answer


def test_settings_that_are_shown_can_be_set_again() -> None:
    settings = {
        "error_generation": "xml200",
        "blocked_addresses": ["10.0.0.1"],
        "refused_agents": ["*bot*"],
        "daily_limit": 10,
        "daily_limits": {"ldongCode2": None},
        "failed_calls_count": False,
        "latency": 1.5,
        "faults": {"stall": 0.25},
        "daily_changes": {"new": 3, "vanished": 0},
        "days_pass": True,
        "clock": "2026-11-22T23:59:50+09:00",
    }
    behaviour = Behaviour().changed(settings)
    assert settings.items() <= behaviour.shown().items()
    assert Behaviour().changed(json.loads(json.dumps(behaviour.shown()))) == behaviour


def test_options_override_a_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"daily_limit": 5, "per_second": 6}')
    assert behaviour_from(file, {"daily_limit": 7}) == Behaviour(daily_limit=7, per_second=6)
    assert behaviour_from(None, {}) == Behaviour()


def test_a_file_of_settings_that_cannot_be_used_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^The settings .*missing\.json cannot be read \(No such file"):
        behaviour_from(tmp_path / "missing.json", {})
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(SandboxError, match=r"^The settings .*list\.json must be one JSON object, like \{"):
        behaviour_from(tmp_path / "list.json", {})


def sandbox_command(*arguments: str) -> list[str]:
    module = "weatherflick_assets.cli.main"
    return [sys.executable, "-m", module, "sandbox", "--port", "0", "--scale", "0.01", *arguments]


def test_the_command_sets_what_its_options_say(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"moves": 4, "daily_limit": 1}')
    options = {
        "--error-generation": "text",
        "--daily-limit": "1000",
        "--per-second": "30",
        "--in-flight": "4",
        "--latency": "0.5",
        "--fault-rate": "0.2",
        "--gzip-lie": "0.1",
        "--moving-rows": "3",
        "--clock": "2026-11-22T23:59:50+09:00",
        "--settings": str(file),
    }
    arguments = [word for option in options.items() for word in option]
    with subprocess.Popen(sandbox_command(*arguments), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            running = RunningSandbox(catalogue=ONE_PLACE)
            running.url = process.stdout.readline().removeprefix("Sandbox on ").strip()
            settings = fetch(running, "/_sandbox/settings").json
        finally:
            process.terminate()
    assert settings == DEFAULTS | {
        "error_generation": "text",
        "daily_limit": 1000,
        "per_second": 30,
        "refuse_in_flight": 4,
        "latency": 0.5,
        "fault_rate": 0.2,
        "gzip_lie": 0.1,
        "moving_rows": 3,
        "moves": 4,
        "clock": "2026-11-22T23:59:50+09:00",
    }


def test_the_command_refuses_an_invalid_setting_with_a_sentence() -> None:
    done = subprocess.run(sandbox_command("--fault-rate", "2"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "weatherflick: The setting fault_rate must be a number from 0 to 1.\n"


def test_the_command_serves_recorded_details_of_a_catalogue(tmp_path: Path) -> None:
    places, intros, images = (tmp_path / f"{name}.jsonl" for name in ("places", "intros", "images"))
    places.write_text('{"contentid": "1", "contenttypeid": "12"}\n')
    intros.write_text('{"contentid": "1", "usetime": "recorded"}\n')
    images.write_text("")
    arguments = [
        "--catalogue",
        str(places),
        "--details",
        f"detailIntro2={intros}",
        "--details",
        f"detailImage2={images}",
    ]
    with subprocess.Popen(sandbox_command(*arguments), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            running = RunningSandbox(catalogue=ONE_PLACE)
            running.url = process.stdout.readline().removeprefix("Sandbox on ").strip()
            (intro,) = ask(running, "detailIntro2", contentId="1", contentTypeId="12").items
            assert intro == {"contentid": "1", "usetime": "recorded"}
            assert ask(running, "detailImage2", contentId="1").total == 0
            assert ask(running, "detailCommon2", contentId="1").total == 1
        finally:
            process.terminate()


def test_the_command_refuses_details_without_a_catalogue_with_a_sentence(tmp_path: Path) -> None:
    arguments = ("--details", f"detailIntro2={tmp_path / 'intros.jsonl'}")
    done = subprocess.run(sandbox_command(*arguments), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("weatherflick: Recorded details need the catalogue of the places they belong to")
