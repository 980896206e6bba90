"""`weatherflick quality`: the card of a table by its state, the report of a day, the page of a verdict, and what mistakes say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL

from weatherflick_assets.settings import KST, now
from weatherflick_assets_tests.cli.commands import Done, Platform, platform
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.quality.judged import BLOCKING, WARNING, broken, judged

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TABLE = "core.restaurants"


@pytest.fixture
def dsn(command_database: URL) -> str:
    return dsn_of(command_database)


@pytest.fixture
def served(dsn: str) -> Iterator[Platform]:
    with platform(WEATHERFLICK_DATABASE_URL=dsn) as created:
        yield created


@pytest.fixture
def at() -> datetime:
    """A moment that is over."""
    return now() - timedelta(minutes=30)


def card(served: Platform, *arguments: str) -> Done:
    return served.run_here("quality", "card", "restaurants", *arguments)


def words(done: Done) -> str:
    return " ".join(done.out.split())


def test_the_card_of_good_data_says_yes_and_compares_with_the_day(served: Platform, dsn: str, at: datetime) -> None:
    judged(dsn, TABLE, "50", at - timedelta(days=7), rows=40, empty={"title": 4})
    judged(dsn, TABLE, "50", at, rows=41, rejections={"no_title": 3})
    since = (at.astimezone(KST) - timedelta(days=7)).date()
    done = card(served, "--region", "50", "--since", since.isoformat())
    assert (done.code, done.err) == (0, "")
    shown = words(done)
    assert "core.restaurants, 제주" in shown
    assert "Can it be trusted? Yes. Its data are 1 h 30 min old, no rule that matters fails" in shown
    assert "rows 41 40 +1" in shown
    assert "title* 100% 90.0% +10.0" in shown
    assert "no_title 3" in shown
    assert max(len(line) for line in done.out.splitlines()) <= 80


@pytest.mark.parametrize("region", ["50", "제주", "제주특별자치도", "Jeju", "jeju", " jeju "])
def test_a_region_is_named_by_its_code_or_in_korean_or_english(
    served: Platform, dsn: str, at: datetime, region: str
) -> None:
    judged(dsn, TABLE, "50", at)
    assert card(served, "--region", region, "--json").summary["region"] == "50"


def test_the_card_of_held_back_rows_names_the_rule_and_the_exit_code_says_it(
    served: Platform, dsn: str, at: datetime
) -> None:
    judged(dsn, TABLE, "50", at - timedelta(days=1))
    verdict = judged(
        dsn, TABLE, "50", at, failures=[broken("title", BLOCKING, "1: \x1b[31mred"), broken("phone", WARNING)]
    )
    done = card(served, "--region", "50")
    assert done.code == 4
    assert "Can it be trusted? With reservations. The newest rows are held back since" in words(done)
    assert "title_filled blocking 제주 20 of 40 have none" in words(done)
    assert f"with the verdict {verdict}." in done.out
    assert "\x1b" not in done.out


def test_data_that_are_too_old_are_not_to_be_trusted_and_the_exit_code_says_it(
    served: Platform, dsn: str, at: datetime
) -> None:
    judged(dsn, TABLE, "50", at, age=timedelta(days=20))
    done = card(served)
    assert done.code == 1
    assert "Can it be trusted? No. Its newest data are 20 days old, and 15 days are allowed." in words(done)


def test_the_card_as_json_has_everything(served: Platform, dsn: str, at: datetime) -> None:
    judged(
        dsn,
        TABLE,
        "50",
        at,
        rows=10,
        empty={"title": 1},
        failures=[broken("phone", WARNING, "7: x")],
        rejections={"no_id": 2},
    )
    done = card(served, "--region", "50", "--json")
    found = done.summary
    assert (done.code, found["table"], found["trust"]) == (0, TABLE, "with reservations")
    assert found["reasons"] == ["1 warning rule fails: phone_filled.", "Its score is 71.4, and 80 is asked for."]
    assert found["columns"] == [{"column": "title", "required": True, "filled": 0.9, "filled_before": None}]
    assert (found["rows"], found["rows_before"], found["score_before"], found["rejected"]) == (
        10,
        None,
        None,
        {"no_id": 2},
    )
    assert found["failures"][0]["examples"] == ["7: x"]
    assert found["age_hours"] == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("card", "castles"), "Unknown table castles. The tables are attractions, "),
        (("card", "restaurants", "--region", "Narnia"), "Unknown region Narnia. The regions are 11 서울 Seoul, "),
        (("card", "holidays", "--region", "50"), "core.holidays is not kept by region. Leave out --region."),
        (("card", "restaurants", "--since", "Monday"), "--since Monday is no day. Write it as YYYY-MM-DD"),
        (("card", "restaurants", "--since", "2999-01-01"), "--since 2999-01-01 is in the future."),
        (
            ("card", "restaurants", "--region", "50"),
            "Nothing is known of core.restaurants in 제주: none of it was ever judged.",
        ),
        (("report", "--day", "2999-01-01"), "--day 2999-01-01 is in the future."),
        (("docs", "12345"), "There is no verdict 12345."),
    ],
)
def test_what_means_nothing_is_told_in_a_sentence(served: Platform, arguments: tuple[str, ...], expected: str) -> None:
    done = served.run_here("quality", *arguments)
    assert (done.code, done.out) == (1, "")
    (complaint,) = done.complaints
    assert complaint.startswith(f"weatherflick: {expected}")


def test_the_report_of_yesterday_is_kept_in_the_state_folder(served: Platform, dsn: str, at: datetime) -> None:
    judged(dsn, TABLE, "50", at - timedelta(days=2))
    done = served.run_here("quality", "report")
    yesterday = (at + timedelta(minutes=30)).astimezone(KST).date() - timedelta(days=1)
    assert done.code == 0
    assert Path(done.out.strip()) == served.home / "reports" / "quality" / f"{yesterday}.html"
    assert "restaurants" in Path(done.out.strip()).read_text(encoding="utf-8")
    assert f"Nothing was measured of {yesterday}, so the report has no pictures." in " ".join(done.err.split())


def test_a_report_and_a_page_are_written_where_they_are_wanted(
    served: Platform, dsn: str, at: datetime, tmp_path: Path
) -> None:
    verdict = judged(dsn, TABLE, "50", at)
    report = served.run_here(
        "quality", "report", "--day", at.astimezone(KST).date().isoformat(), "--to", str(tmp_path / "a" / "r.html")
    )
    assert Path(report.out.strip()) == tmp_path / "a" / "r.html"
    page = served.run_here("quality", "docs", str(verdict), "--to", str(tmp_path / "b"))
    assert Path(page.out.strip()).read_text(encoding="utf-8").count("core.restaurants") > 1


def test_a_folder_that_cannot_be_written_is_named(served: Platform, dsn: str, at: datetime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = served.run_here("quality", "docs", str(judged(dsn, TABLE, "50", at)), "--to", str(tmp_path / "file"))
    assert done.code == 1
    assert f"{tmp_path / 'file'}" in done.complaints[0]
