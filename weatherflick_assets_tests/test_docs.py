"""Generated pages match the declarations, and links between pages lead somewhere."""

import re
from pathlib import Path

import pytest

from tools import alerts, automation, data_catalogue, quality_defects, quality_rules, reliability, serving
from weatherflick_assets.cli.main import app
from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.settings import PROVIDERS, Settings

PROJECT = Path(__file__).parents[1]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])


def test_the_data_catalogue_says_what_is_declared() -> None:
    page = data_catalogue.PAGE.read_text(encoding="utf-8")
    assert page == data_catalogue.page(), "docs/data-catalogue.md is out of date: make docs"


def test_the_page_of_rules_says_what_the_suites_ask() -> None:
    page = quality_rules.PAGE.read_text(encoding="utf-8")
    assert page == quality_rules.page(), "docs/quality-rules.md is out of date: make docs"


def test_the_page_of_defects_says_what_tests_inject() -> None:
    page = quality_defects.PAGE.read_text(encoding="utf-8")
    assert page == quality_defects.page(), "docs/quality-defects.md is out of date: make docs"
    assert sum(map(len, quality_defects.DEFECTS.values())) >= 60


def test_the_page_of_what_is_served_says_what_the_views_say(prepared_database: str) -> None:
    page = serving.PAGE.read_text(encoding="utf-8")
    assert page == serving.page(prepared_database), "docs/serving.md is out of date: make docs"
    assert "| None |" not in page, "a column has no comment"
    assert ": None" not in page


def test_the_data_catalogue_has_no_placeholders() -> None:
    assert re.findall(r"\{\w*\}|<\w+>|%\(\w+\)s|%s|\| (?:None|nan|TODO)\b", data_catalogue.page()) == []


def test_the_page_of_faults_lists_what_tests_provoke() -> None:
    page = reliability.PAGE.read_text(encoding="utf-8")
    assert page == reliability.page(), "docs/reliability.md is out of date: make docs"


def test_the_page_of_alerts_says_what_is_declared() -> None:
    page = alerts.PAGE.read_text(encoding="utf-8")
    assert page == alerts.page(), "docs/alerts.md is out of date: make docs"


def test_the_page_of_automation_says_what_is_declared() -> None:
    page = automation.PAGE.read_text(encoding="utf-8")
    assert page == automation.page(), "docs/automation.md is out of date: make docs"


@pytest.mark.fault("Newcomers", "a region, variable or command is new", "both READMEs name it")
@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readme_names_every_region_variable_and_command(name: str) -> None:
    page = (PROJECT / name).read_text(encoding="utf-8")
    for region in REGIONS:
        codes = (", ".join(region.kto_area_codes), ", ".join(region.former_region_codes))
        assert f"| {region.region_code} | {region.short_name} | {region.english_name} | {' | '.join(codes)} |" in page
    variables = {str(field.validation_alias) for field in Settings.model_fields.values()}
    limits = {f"{provider.upper()}_API_DAILY_LIMIT" for provider in PROVIDERS} - {"KTO_API_DAILY_LIMIT"}
    assert {variable for variable in variables - limits if f"`{variable}`" not in page} == set()
    groups = [("", app), *((f"{group.name} ", group.typer_instance) for group in app.registered_groups)]
    commands = {
        f"{name}{command.name or command.callback.__name__}"
        for name, group in groups
        if group is not None
        for command in group.registered_commands
        if command.callback
    }
    assert {command for command in commands if f"`weatherflick {command}" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_links_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []
