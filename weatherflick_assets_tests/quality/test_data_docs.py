"""Great Expectations' pages of stored verdicts: complete, readable offline, and safe to open."""

import re
from datetime import UTC, datetime

import pytest

from weatherflick_assets.quality.data_docs import StoredVerdict, UnknownVerdictError, page, stored
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.quality.judged import BLOCKING, WARNING, broken, judged
from weatherflick_assets_tests.quality.test_report import HOSTILE, Page

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:great_expectations"),
]

AT = datetime(2026, 11, 30, tzinfo=UTC)


def read(dsn: str, verdict_id: int) -> StoredVerdict:
    with connect(dsn) as connection:
        return stored(connection, verdict_id)


def a_verdict(dsn: str) -> StoredVerdict:
    failures = [
        broken("title", BLOCKING, "126508: a $name", "126509"),
        broken("phone", WARNING, asked=f"Phones {HOSTILE} $x."),
    ]
    return read(dsn, judged(dsn, "core.restaurants", "50", AT, empty={"title": 20, "phone": 20}, failures=failures))


def test_a_page_shows_every_rule_with_what_was_found_under_its_column(store: str) -> None:
    text = " ".join(Page(page(a_verdict(store))).text.split())
    assert "core.restaurants, 50, 2026-11-30 09:00 KST" in text
    assert "Evaluated Expectations 3 Successful Expectations 1" in text
    assert re.search(r"Table-Level Expectations .*There are at least 1 rows\. \(blocking\) 40 rows", text)
    assert re.search(
        r"title Status .*At least 90% of the rows have a value in title\. \(blocking\) 20 unexpected values found", text
    )
    assert "126508: a $name" in text


def test_a_page_fetches_nothing_and_runs_nothing(store: str) -> None:
    html = page(a_verdict(store))
    tags = Page(html).tags
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags}
    assert not [attributes for _, attributes in tags if "src" in attributes]
    assert not re.search(r"https?://", html.replace("https://evil.example/x", ""))
    assert "default-src 'none'" in html


def test_hostile_data_are_text(store: str) -> None:
    assert "Phones <script>alert(1)</script><img src=https://evil.example/x>" in Page(page(a_verdict(store))).text


def test_an_empty_verdict_has_a_page(store: str) -> None:
    verdict_id = judged(store, "core.rooms", "50", AT, rows=0, empty={})
    assert "core.rooms" in Page(page(read(store, verdict_id))).text


def test_an_unknown_verdict_is_told(store: str) -> None:
    with pytest.raises(UnknownVerdictError, match=r"There is no verdict 7\. `weatherflick quality card TABLE` names"):
        read(store, 7)


def test_a_rule_belongs_to_the_longest_column_that_its_name_begins_with() -> None:
    verdict = StoredVerdict({}, [], ["image", "image_url"])
    assert verdict.column_of("image_url_filled") == "image_url"
    assert verdict.column_of("image_filled") == "image"
    assert verdict.column_of("row_count") is None
