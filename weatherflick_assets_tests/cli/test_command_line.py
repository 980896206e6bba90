"""What the command says when it can't do what was asked: one sentence, the right exit code, no traceback, no secret."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, PROJECT, Done, Platform, platform, taken_port
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.places.store.stock import execute

KEY = "PLANTEDkey+/="
PASSWORD = "PLANTEDpassword"  # noqa: S105 - planted to be looked for


@pytest.fixture(scope="module")
def anywhere() -> Iterator[Platform]:
    """A state folder for commands that must fail before they start anything, or that only need its path."""
    with platform() as created:
        yield created


@pytest.fixture
def served(command_database: URL) -> Iterator[Platform]:
    """A platform on the session's database server: nothing to start but the sandbox."""
    with platform(WEATHERFLICK_DATABASE_URL=dsn_of(command_database)) as created:
        yield created


def sentence(done: Done, *, code: int = 1) -> str:
    """The one complaint of a command that failed as it should."""
    assert done.code == code, done.said
    assert "Traceback" not in done.said
    assert "PLANTED" not in done.said
    assert len(done.complaints) == 1, done.err
    complaint = done.complaints[0].removeprefix("weatherflick: ")
    assert "weatherflick:" not in complaint  # no sentence within a sentence
    assert complaint.endswith((".", ").")), complaint
    assert done.out == ""
    return complaint


@pytest.mark.fault("Newcomers", "an option or parameter has a value that means nothing", "it is named, with what would")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("collect", "--regions", "99"), "Unknown region 99. The regions are 11 서울"),
        (("collect", "--regions", "50,29,12"), "Unknown region 29."),
        (("collect", "--regions", ""), "--regions names no region."),
        (("collect", "--regions", " , "), "--regions names no region."),
        (("collect", "--types", "castles"), "Unknown type castles. The types are attractions"),
        (("collect", "--types", ","), "--types names no type."),
        (("sandbox", "--scale", "99"), "The scale 99.0 is out of range; give one from 0.01 to 10.0."),
        (("sandbox", "--scale", "0"), "The scale 0.0 is out of range"),
        (("sandbox", "--catalogue", "/nowhere.jsonl"), "The catalogue /nowhere.jsonl does not exist"),
    ],
)
def test_a_value_that_means_nothing_is_named_with_what_would(
    anywhere: Platform, arguments: tuple[str, ...], expected: str
) -> None:
    assert sentence(anywhere.run_here(*arguments)).startswith(expected)
    assert not anywhere.home.exists()  # a mistake leaves nothing behind


def test_a_mistake_is_all_that_the_program_says(anywhere: Platform) -> None:
    assert sentence(anywhere.run("collect", "--regions", "99")).startswith("Unknown region 99.")


@pytest.mark.parametrize("arguments", [("fetch",), ("collect", "everything"), ("up", "--port", "70000")])
def test_a_mistake_in_the_command_itself_is_a_usage_error(anywhere: Platform, arguments: tuple[str, ...]) -> None:
    done = anywhere.run_here(*arguments)
    assert done.code == 2
    assert "Usage: weatherflick" in done.err
    assert "Traceback" not in done.said


@pytest.mark.parametrize(
    "address", ["sqlite:///somewhere.db", "nonsense", "postgresql://localhost", "mysql://u@h/PLANTED"]
)
def test_an_address_that_is_no_postgresql_database_is_refused(anywhere: Platform, address: str) -> None:
    complaint = sentence(anywhere.run_here("collect", WEATHERFLICK_DATABASE_URL=address))
    assert complaint.startswith("WEATHERFLICK_DATABASE_URL is not the address of a PostgreSQL database.")


def test_an_unreachable_database_is_named_without_its_password(anywhere: Platform) -> None:
    address = f"postgresql://somebody:{PASSWORD}@127.0.0.1:1/weatherflick"
    for command in (("collect",), ("status", "--json"), ("database-url",)):
        complaint = sentence(anywhere.run_here(*command, WEATHERFLICK_DATABASE_URL=address))
        assert complaint.startswith("The database server at 127.0.0.1:1 can't be reached: ")


def test_a_bad_variable_is_named_and_not_repeated(anywhere: Platform) -> None:
    complaint = sentence(anywhere.run_here("status", WEATHERFLICK_SANDBOX_SCALE="PLANTED"))
    assert complaint.startswith("The environment can't be used: WEATHERFLICK_SANDBOX_SCALE: ")


@pytest.mark.fault("Newcomers", "the state folder can't be written", "it is named")
@pytest.mark.parametrize("place", ["/proc/nowhere", "/etc/passwd"])
def test_a_state_folder_that_cannot_be_written_is_named(anywhere: Platform, place: str) -> None:
    complaint = sentence(anywhere.run_here("collect", WEATHERFLICK_HOME=place))
    assert complaint.startswith(f"The state folder {place} can't be written (")
    assert "Set WEATHERFLICK_HOME" in complaint


@pytest.mark.fault(
    "Newcomers", "the state folder is a file, or would be within one", "the file is named, and what to do"
)
@pytest.mark.parametrize("within", ["", "state", "a/b"])
def test_a_state_folder_that_is_a_file_is_told_so(anywhere: Platform, within: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.touch()
    complaint = sentence(anywhere.run_here("status", WEATHERFLICK_HOME=str(file / within)))
    assert f"({file} is a file, not a folder)" in complaint
    assert complaint.endswith("Set WEATHERFLICK_HOME to another folder, or move the file.")


@pytest.mark.parametrize("command", ["database-url", "stop"])
def test_commands_that_start_little_name_a_bad_state_folder_too(anywhere: Platform, command: str) -> None:
    done = anywhere.run_here(command, WEATHERFLICK_HOME="/etc/passwd")
    if command == "stop" and done.code == 0:
        assert done.out == "Nothing was running.\n"
    else:
        assert "unexpected" not in sentence(done)


@pytest.mark.fault("Newcomers", "the port of the UI is taken", "it is named before anything is started")
def test_a_taken_port_is_named_before_anything_is_started(anywhere: Platform) -> None:
    with taken_port() as port:
        complaint = sentence(anywhere.run_here("up", "--port", str(port)))
    assert complaint.startswith(f"Port {port} on 127.0.0.1 is taken by another program.")
    assert anywhere.descriptions() == []


def test_the_sandbox_names_a_taken_port(anywhere: Platform) -> None:
    with taken_port() as port:
        complaint = sentence(anywhere.run_here("sandbox", "--port", str(port), "--scale", "0.01"))
    assert complaint.startswith(f"The sandbox cannot listen on 127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"{not json\n", "is not JSON"), (b"\x1f\x8b broken", "is not JSON"), (None, "does not exist")],
)
def test_a_catalogue_that_cannot_be_served_is_named_by_the_command_that_needs_it(
    served: Platform, tmp_path: Path, content: bytes | None, expected: str
) -> None:
    catalogue = tmp_path / "rows.jsonl"
    if content is not None:
        catalogue.write_bytes(content)
    complaint = sentence(served.run_here("collect", WEATHERFLICK_SANDBOX_CATALOGUE=str(catalogue)))
    assert complaint.startswith("The sandbox did not start: ")
    assert expected in complaint
    assert str(catalogue) in complaint
    assert served.descriptions() == []


def test_a_scale_the_sandbox_refuses_is_named_by_the_command_that_needs_it(served: Platform) -> None:
    complaint = sentence(served.run_here("env", WEATHERFLICK_SANDBOX_SCALE="0.001"))
    assert "The scale 0.001 is out of range" in complaint


def test_sandbox_and_live_data_never_share_a_database(served: Platform) -> None:
    assert served.run_here("database-url").code == 0  # without keys: now a sandbox database
    for command in (("database-url",), ("collect", "--regions", "50"), ("status",), ("env",)):
        complaint = sentence(served.run_here(*command, KTO_API_KEY=KEY))
        assert complaint.startswith("This database holds sandbox data and the platform is set up for live data")


def test_a_database_of_an_older_schema_is_refused_with_what_to_do(served: Platform, command_database: URL) -> None:
    execute(dsn_of(command_database), "UPDATE alembic_version SET version_num = '0012'")
    complaint = sentence(served.run_here("status"))
    assert "schema revision 0012" in complaint
    assert "Start the version of 2026-11-29 once" in complaint


def test_a_refused_key_is_told_without_showing_it(served: Platform) -> None:
    with RunningSandbox(SandboxOptions(keys=("another",)), catalogue=Catalogue.from_rows([PLACE])) as upstream:
        done = served.run_here(
            "collect", "--regions", "36110", "--types", "attractions", "--json",
            KTO_API_KEY=KEY, DATA_GO_KR_BASE_URL=upstream.url,
        )  # fmt: skip
    assert done.code == 1
    assert "Traceback" not in done.said
    assert "PLANTED" not in done.said
    assert done.summary["outcome"] == "failed"
    (problem,) = done.summary["by_run"]["36110"]["problems"]
    assert problem.startswith("No API key for kto is usable (")
    assert "Check KTO_API_KEY" in done.err.replace("\n", " ")


@pytest.mark.fault("Newcomers", "somebody asks for the version", "`--version` says it")
def test_the_version_is_that_of_the_package(anywhere: Platform) -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert anywhere.run_here("--version").out == f"weatherflick {declared}\n"


def test_help_names_every_command_of_the_contract(anywhere: Platform) -> None:
    done = anywhere.run("--help")
    assert done.code == 0
    for command in ("up", "collect", "status", "sandbox", "env", "database-url", "stop"):
        assert f" {command} " in done.out
