"""The runbook names everything that can go wrong and everything that can be set, as it is declared."""

import re
from pathlib import Path

import pytest

from tools import upkeep
from weatherflick_assets.alerts.kinds import KINDS
from weatherflick_assets.cli import main as commands
from weatherflick_assets.cli import score_card
from weatherflick_assets.operations.health.components import COMPONENTS
from weatherflick_assets.settings import Settings

RUNBOOK = (Path(__file__).parents[1] / "docs" / "runbook.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text of a section, with its subsections."""
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)
    return found


def first_cells(table: str) -> list[str]:
    return re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)


def test_it_has_a_section_for_every_kind_of_incident_and_no_other() -> None:
    headings = re.findall(r"^### (.+)$", section("Incidents"), re.MULTILINE)
    named = [kind for heading in headings for kind in re.findall(r"`(\w+)`", heading)]
    assert sorted(named) == sorted(KINDS)


def test_a_section_says_what_it_means_and_what_to_do() -> None:
    for part in re.split(r"^### .+$", section("Incidents"), flags=re.MULTILINE)[1:]:
        assert len(part.split()) > 20, part


def test_it_names_every_component_of_health() -> None:
    found = [cell.strip("`") for cell in first_cells(section("Health")) if cell.startswith("`") and "/" not in cell]
    assert found == [*COMPONENTS]


def test_it_names_every_exit_code() -> None:
    said = " ".join((commands.__doc__ or "").split()).partition("Exit codes: ")[2]
    documented = re.findall(r"\b(\d+) [a-z]", said)
    codes = [cell for cell in first_cells(section("Exit codes")) if cell.isdigit()]
    assert codes == documented
    assert {str(score_card._HELD_BACK), str(score_card._NOT_TO_BE_TRUSTED)} < {*codes}


def test_it_names_every_environment_variable_and_no_other() -> None:
    table = section("Environment variables")
    named = {name for row in first_cells(table) for name in re.findall(r"`([A-Z_]+)`", row)}
    variables = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert named == variables | {"WEATHERFLICK_DAGSTER_DATABASE_URL"}


def test_the_page_of_upkeep_says_what_is_declared() -> None:
    assert upkeep.PAGE.read_text(encoding="utf-8") == upkeep.page(), "docs/upkeep.md is out of date: make docs"


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`weatherflick ([a-z-]+(?: [a-z]+)?)", RUNBOOK))))
def test_commands_that_it_tells_to_run_exist(command: str) -> None:
    app = commands.app
    words = command.split()
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    names = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
    assert words[0] in names | {*groups}, command
    if words[0] in groups and len(words) > 1:
        inner = groups[words[0]]
        assert inner is not None
        assert words[1] in {one.name or one.callback.__name__ for one in inner.registered_commands if one.callback}, (
            command
        )
