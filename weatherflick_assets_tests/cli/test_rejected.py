"""What was rejected is shown by reason, and made again without a call after a rule has changed."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from rich.cells import cell_len

from weatherflick_assets.places.transform import listing, places
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, Done, Platform, live_platform
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.store.stock import rows

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")]

KEY = "registered+with/the=sandbox"
LONG_ID = "8" * 120
HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]no markup[/red] \u202eevil"
LISTED = [
    *({**PLACE, "contentid": str(1000 + number)} for number in range(30)),
    {**PLACE, "contentid": "2001", "title": ""},
    {**PLACE, "contentid": "2002", "title": "<br>", "addr1": f"{HOSTILE} {KEY}"},
    {**PLACE, "contentid": "A77", "title": HOSTILE},
    {**PLACE, "contentid": LONG_ID},
    *(
        {**PLACE, "contentid": str(3000 + number), "lDongRegnCd": "50", "mapx": "126.5312", "mapy": "33.4996"}
        for number in range(5)
    ),
]
LEDGER = "SELECT operation, api_key_id, day, reserved, used, refused FROM ops.api_calls_daily ORDER BY 1, 2, 3"
NOTHING = {"rejected_before": 0, "rejected_after": 0, "by_reason": {}, "partitions": 0, "not_stored": [], "waiting": 0}


class Live:
    """A platform that has collected once from an upstream that is gone."""

    def __init__(self, platform: Platform, dsn: str) -> None:
        self.platform = platform
        self.dsn = dsn

    def run(self, *arguments: str) -> Done:
        return self.platform.run_here("quality", *arguments)

    def asked(self) -> tuple[Any, ...]:
        """Every call on record, and the ledger."""
        return rows(self.dsn, "SELECT response_id FROM raw.calls ORDER BY 1"), rows(self.dsn, LEDGER)

    def published(self) -> set[str]:
        return {
            row["content_id"]
            for row in rows(self.dsn, "SELECT content_id FROM core.attractions WHERE removed_at IS NULL")
        }


@pytest.fixture(scope="module")
def live(template_database: Template) -> Iterator[Live]:
    with template_database.clone_for_commands() as database:
        with RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=Catalogue.from_rows(LISTED)) as sandbox:
            upstream = sandbox.url
            with live_platform(database, upstream, KEY) as created:
                done = created.run_here("collect", "--regions", "36110,50", "--types", "attractions", "--json")
                assert done.code == 0, done.said
        with live_platform(database, upstream, KEY) as created:
            yield Live(created, dsn_of(database))


def test_what_was_rejected_is_shown_by_reason_with_what_it_means_and_samples(live: Live) -> None:
    done = live.run("rejected")
    assert done.code == 0, done.said
    said = " ".join(done.out.split())
    for text in (
        "title_missing: 2 items", "gives the place no title", "content_id_not_a_number: 1 item", 'value "A77"',
        "content_id_missing: 1 item", "without an id", "attractions 36110 세종", "4 items rejected in all",
        "weatherflick quality reprocess",
    ):  # fmt: skip
        assert text in said, text
    assert max(map(cell_len, done.out.splitlines())) <= 80


@pytest.mark.fault(
    "Newcomers",
    "a rejected item holds commands for the terminal, and a key",
    "they are spelled out, the key is left out",
)
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_hostile_items_are_harmless_on_a_terminal_and_no_key_is_shown(live: Live, as_json: list[str]) -> None:
    done = live.run("rejected", "--samples", "10", *as_json)
    assert all(character.isprintable() or character == "\n" for character in done.out)
    assert KEY not in done.said
    assert "[red]no markup[/red]" in done.out
    assert "\\u202e" in done.out


def test_a_table_a_region_and_a_reason_are_selected(live: Live) -> None:
    found = live.run(
        "rejected", "attractions", "--region", "36110", "--reason", "title_missing", "--samples", "1", "--json"
    ).summary
    ((reason,),) = [found["reasons"]]
    assert (found["rejected"], reason["reason"], reason["items"]) == (2, "title_missing", 2)
    ((partition,),) = [reason["partitions"]]
    assert (partition["table"], partition["partition"], partition["items"]) == ("core.attractions", "36110", 2)
    (sample,) = reason["samples"]
    assert sample["subject"] in {"2001", "2002"}
    assert rows(live.dsn, "SELECT FROM raw.responses WHERE response_id = %s", sample["response_id"]) == [{}]
    nothing = live.run("rejected", "restaurants")
    assert (nothing.code, nothing.out) == (0, "Nothing is rejected of core.restaurants.\n")
    assert live.run("rejected", "--region", "50", "--json").summary == {"rejected": 0, "reasons": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rejected", "hotels"), "Unknown table hotels. The tables are accommodations,"),
        (("rejected", "--region", "99"), "Unknown region 99."),
        (("rejected", "--reason", "bad_moon"), "Unknown reason bad_moon. The reasons are"),
        (("reprocess", "--types", " , "), "No table is named."),
        (("reprocess", "--all", "--reason", "title_missing"), "leave out one of the two"),
    ],
)
def test_a_mistake_is_named_in_one_line(live: Live, arguments: tuple[str, ...], said: str) -> None:
    done = live.run(*arguments)
    assert done.code == 1
    (complaint,) = done.complaints
    assert said in complaint


def test_where_nothing_is_rejected_nothing_is_made_again(live: Live) -> None:
    before = live.asked()
    done = live.run("reprocess", "--regions", "50", "--json")
    assert done.code == 0, done.said
    assert done.summary.items() >= {**NOTHING, "outcome": "complete", "calls": 0, "published": 0, "by_run": {}}.items()
    said = live.run("reprocess", "--regions", "50")
    assert (said.code, "Nothing is rejected in 50, so nothing was made again." in " ".join(said.err.split())) == (
        0,
        True,
    )
    assert live.asked() == before


def test_what_was_rejected_is_made_again_by_the_present_rules_without_a_call(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, published = live.asked(), live.published()
    unchanged = live.run("reprocess", "--json")
    assert unchanged.code == 0, unchanged.said
    found = unchanged.summary
    assert (found["outcome"], found["calls"], found["rejected_before"], found["rejected_after"]) == (
        "complete",
        0,
        4,
        4,
    )
    assert (found["partitions"], [*found["by_run"]]) == (1, ["36110"])
    assert live.published() == published

    columns = places._list_columns

    def named_by_address(fields: pd.DataFrame) -> dict[str, pd.Series]:
        found = dict(columns(fields))
        return found | {"title": found["title"].fillna(found["address"])}

    monkeypatch.setattr(places, "_list_columns", named_by_address)
    monkeypatch.setattr(listing, "_LONGEST_CODE", 200)
    changed = live.run("reprocess", "--regions", "36110", "--types", "attractions", "--json")
    assert changed.code == 0, changed.said
    found = changed.summary
    assert (found["calls"], found["rejected_before"], found["rejected_after"]) == (0, 4, 1)
    assert found["by_reason"] == {
        "content_id_missing": {"before": 1, "after": 0},
        "content_id_not_a_number": {"before": 1, "after": 1},
        "title_missing": {"before": 2, "after": 0},
    }
    assert live.published() - published == {"2001", "2002", LONG_ID}
    again = live.run("reprocess", "--reason", "content_id_missing")
    assert (again.code, "Nothing is rejected for the reason content_id_missing" in " ".join(again.err.split())) == (
        0,
        True,
    )

    monkeypatch.undo()
    whole = live.run("reprocess", "--all", "--types", "attractions")
    assert whole.code == 0, whole.said
    assert "title_missing" in whole.err
    assert live.published() == published | {LONG_ID}
    assert live.asked() == before
    assert rows(live.dsn, "SELECT FROM ops.pending_publications") == []


def test_what_a_gate_holds_back_has_an_exit_code_of_its_own_and_the_rows_stay(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = live.published()
    monkeypatch.setattr(places, "_rejection_reason", lambda *_: "title_missing")
    held = live.run("reprocess", "--json")
    assert held.code == 4, held.said
    assert (held.summary["outcome"], live.published()) == ("held_back", published)
    assert held.summary["by_reason"]["title_missing"] == {"before": 2, "after": 34}
    shown = live.run("rejected")
    assert "held back" in shown.out
    monkeypatch.undo()
    good = live.run("reprocess", "--json")
    assert (good.code, good.summary["rejected_after"], live.published()) == (0, 3, published)
