"""The Dagster UI as a person sees it, in a real browser, on the platform that `weatherflick up` serves."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from weatherflick_assets_tests.end_to_end.serving import Serving, up
from weatherflick_assets_tests.insight.weather_rows import DAY, SEOUL, at, said, said_of_day, seen, write
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = PATIENCE_SECONDS * 1000
AN_ATTEMPT_MS = PATIENCE_MS / 30
SCREENSHOTS = os.environ.get("WEATHERFLICK_SCREENSHOTS")
"""Read now: tests see none of our variables."""


@pytest.fixture(scope="module")
def served(second_start: Serving) -> Iterator[Serving]:
    """The platform that the first start filled, started again, by now perhaps for the third time."""
    if second_start.process.poll() is None:
        yield second_start
        return
    with up(second_start.platform) as serving:
        yield serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("CHROMIUM ABSENT: install it (apt-get install chromium) to test the UI")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield launched
        finally:
            launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1600, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    # "Join the Dagster community" comes up once in the life of an instance, whenever it pleases.
    opened.add_locator_handler(opened.get_by_role("button", name="Skip"), lambda button: button.click())
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: the folder WEATHERFLICK_SCREENSHOTS names, or a temporary one."""
    folder = Path(SCREENSHOTS or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_the_asset_graph_tells_the_story_from_what_is_collected_to_what_is_served(
    page: Page, served: Serving, pictures: Path
) -> None:
    page.goto(f"{served.url}/asset-groups")
    graph = page.locator("foreignObject")
    for group in ("raw_kto", "raw_kma", "raw_airkorea", "raw_kasi", "core", "serving", "insight"):
        expect(graph.get_by_text(group, exact=True)).to_be_in_viewport()
    page.wait_for_function(STANDS_STILL)
    page.screenshot(path=pictures / "asset_graph.png", animations="disabled")
    graph.get_by_text("core", exact=True).first.click()
    expect(graph.get_by_text("4 / 4 Passed").first).to_be_attached()


def test_the_lineage_of_a_published_asset_leads_to_what_was_collected(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/assets/core/restaurants?view=lineage&lineageScope=upstream")
    graph = page.locator("foreignObject")
    for asset in ("restaurants", "restaurants_listing", "place_changes", "place_details"):
        expect(graph.get_by_text(asset, exact=True).first).to_be_attached()
    expect(graph.get_by_text("100% filled").first).to_be_attached()


STANDS_STILL = """() => {
    const place = document.querySelector("foreignObject").getBoundingClientRect();
    const before = window.__place;
    window.__place = [place.x, place.y, place.width];
    return before !== undefined && before.every((value, index) => value === window.__place[index]);
}"""
"""Whether the graph has stopped moving since the last look."""


def test_the_page_of_an_asset_shows_what_it_is_and_what_it_holds(page: Page, served: Serving, pictures: Path) -> None:
    page.goto(f"{served.url}/assets/core/attractions")
    expect(page.get_by_text("Published attractions (관광지) of one region")).to_be_visible()
    for column, description in (("content_id", "KTO's id of the place"), ("title", "name of the place")):
        expect(page.get_by_role("cell").or_(page.locator("td")).filter(has_text=column).first).to_be_visible()
        expect(page.get_by_text(description)).to_be_visible()
    expect(page.get_by_text("core.attractions").first).to_be_visible()
    expect(page.get_by_text("data-platform")).to_be_visible()
    page.screenshot(path=pictures / "asset_page.png")


def test_the_page_of_a_partition_shows_the_figures_of_its_materialization(
    page: Page, served: Serving, pictures: Path
) -> None:
    page.goto(f"{served.url}/assets/core/attractions?view=partitions&partition=50")
    for name in ("dagster/partition_row_count", "items", "published", "rejected", "added", "changed", "removed"):
        expect(page.locator("td", has_text=re.compile(f"^{name}$")).first).to_be_visible()
    page.screenshot(path=pictures / "partition.png")


def test_the_page_of_a_day_draws_how_good_its_forecasts_were(page: Page, served: Serving, pictures: Path) -> None:
    observed = [seen(SEOUL, at(hour), temperature=hour, humidity=50, wind_speed=2) for hour in range(24)]
    before = [
        said(SEOUL, at(hour), lead, temperature=hour + lead / 24, humidity=60, wind_speed=2 + lead / 48)
        for hour in (17, 20, 23)
        for lead in (6, 24, 48, 72)
    ]
    days = [said_of_day(SEOUL, ahead, temperature_min=ahead, temperature_max=23 - ahead) for ahead in range(4)]
    write(served.platform.run("database-url").out.strip(), [*observed, *before, *days])
    known = served.runs().keys()
    served.ask(_MEASURE % DAY.isoformat())
    wait_until("the launched run", lambda: served.runs().keys() != known)
    (run_id,) = served.runs().keys() - known
    wait_until("the end of the run", lambda: served.runs()[run_id]["status"] in {"SUCCESS", "FAILURE", "CANCELED"})
    page.goto(f"{served.url}/assets/insight/forecast_skill?view=partitions&partition={DAY.isoformat()}")
    expect(
        page.get_by_role("cell", name="temperature_min").or_(page.get_by_text("temperature_min")).first
    ).to_be_visible()
    page.get_by_text("[Show Markdown]").first.click()
    picture = page.get_by_role("img", name="Mean absolute error and bias by lead time")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 1000, "the browser could read it"
    page.screenshot(path=pictures / "forecast_skill.png")


_MEASURE = """mutation { launchRun(executionParams: {
    selector: {repositoryName: "__repository__", repositoryLocationName: "weatherflick", jobName: "measure_forecast_skill"},
    executionMetadata: {tags: [{key: "dagster/partition", value: "%s"}]}, runConfigData: {}
}) { __typename ... on PythonError { message } } }"""


def test_the_gate_shows_that_it_passed_and_why(page: Page, served: Serving, pictures: Path) -> None:
    page.goto(f"{served.url}/assets/core/attractions?view=checks")
    page.get_by_text("publishable", exact=True).first.click()
    expect(page.get_by_text("Passed").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"This is a\s+blocking\s+asset check"))).to_be_visible()
    for sentence in ("There are at least", "Every content_id is digits."):  # rules as they were asked
        expect(page.get_by_text(sentence).first).to_be_visible()
    page.screenshot(path=pictures / "check.png")


def chooses(page: Page, partition: str) -> bool:
    """Choose a partition in the dialog; False if its menu was drawn again under the pointer, which may close it."""
    item = page.get_by_role("menuitem", name=partition)
    try:
        if not item.first.is_visible():
            page.get_by_text("Select a partition or create one").click(timeout=AN_ATTEMPT_MS)
            page.keyboard.type(partition)
        item.or_(page.locator("a, label", has_text=re.compile(f"^{partition}$"))).first.click(timeout=AN_ATTEMPT_MS)
    except PlaywrightTimeoutError:
        return False
    return True


def test_a_partition_is_materialized_from_the_page(page: Page, served: Serving, pictures: Path) -> None:
    before = served.runs().keys()
    page.goto(f"{served.url}/assets/core/attractions")
    page.get_by_role("button", name="Materialize").first.click()
    # What it is made of besides, changes and details, has not been collected in the first cycle.
    page.get_by_role("button", name="Confirm").click()
    wait_until("the choice of a partition", lambda: chooses(page, "36110"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Launch").click()
    wait_until("the launched run", lambda: served.runs().keys() != before)
    (run_id,) = served.runs().keys() - before
    wait_until("the end of the run", lambda: served.runs()[run_id]["status"] in {"SUCCESS", "FAILURE", "CANCELED"})
    run = served.runs()[run_id]
    assert run["status"] == "SUCCESS"
    assert {"key": "dagster/partition", "value": "36110"} in run["tags"]
    page.goto(f"{served.url}/runs/{run_id}")
    expect(page.get_by_text("Success").first).to_be_visible()
    expect(page.get_by_text("ASSET_MATERIALIZATION").first).to_be_visible()
    page.screenshot(path=pictures / "run.png")
