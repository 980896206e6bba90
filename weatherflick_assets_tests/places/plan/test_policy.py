"""The plan: nothing fresh is asked, no budget is exceeded, what is worth more comes first, and the order given is no matter."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.places.plan.policy import (
    PLAN_COLUMNS,
    PLANNED_OPERATIONS,
    POLICY,
    allotted,
    chosen,
    judged,
    plan,
    ranked,
)
from weatherflick_assets.planning.needs import CHANGED, FRESH, NEVER, STALE
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.places.plan.candidates import NOW, ago, asked, candidates, frame, place

LAW = settings(max_examples=40, deadline=None)
COMMON, IMAGES = OPERATION_BY_NAME["detailCommon2"], OPERATION_BY_NAME["detailImage2"]


def order(*places: dict[str, Any]) -> list[str]:
    return ranked(frame(places), COMMON, now=NOW)["content_id"].tolist()


def test_each_operation_has_a_time_to_live_of_its_own() -> None:
    held = frame([place(**asked(100))])
    assert judged(held, COMMON, now=NOW)["state"].tolist() == [FRESH]
    assert judged(held, IMAGES, now=NOW)["state"].tolist() == [STALE]


# Value


@pytest.mark.parametrize(
    ("better", "worse"),
    {
        "never asked before changed": (
            place("1"),
            place("2", **asked(10, detail_completeness=None), modified_at=ago(5)),
        ),
        "changed before just stale": (place("1", **asked(181), modified_at=ago(5)), place("2", **asked(181))),
        "long stale before just stale": (place("1", **asked(700)), place("2", **asked(181))),
        "stale before stale and empty": (place("1", **asked(300)), place("2", **asked(300), is_empty=True)),
        "attractions before shops": (place("1"), place("2", content_type_id="38")),
        "a region before none": (place("1"), place("2", region_code="unassigned")),
        "poor rows before rich ones": (place("1", completeness=0.1), place("2", completeness=0.9)),
        "unpublished before published": (place("1", completeness=None), place("2", completeness=0.1)),
        "events to come before those that are over": (
            place("1", content_type_id="15", ends_on=ago(0).date()),
            place("2", content_type_id="15", ends_on=ago(2).date()),
        ),
        "of equals the one edited last": (place("2", modified_at=ago(1)), place("1", modified_at=ago(2))),
        "of equals edited at once the lesser id": (place("1"), place("2")),
    }.items(),
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_comes_first(better: str, worse: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = worse
    assert order(second, first) == [first["content_id"], second["content_id"]], better


def test_an_event_counts_as_over_on_the_day_after_its_last_in_korea() -> None:
    last_day = NOW.astimezone(KST).date()
    held = frame([place("1", ends_on=last_day), place("2", ends_on=last_day - timedelta(days=1))])
    value = judged(held, COMMON, now=NOW)["value"]
    assert value[1] == pytest.approx(value[0] * POLICY.past_event_share)


def test_a_kind_without_a_weight_is_not_asked_for() -> None:
    assert order(place("1", content_type_id="99"), place("2")) == ["2"]


# Laws


@LAW
@given(candidates(), st.integers(0, 40), st.sampled_from(PLANNED_OPERATIONS))
def test_no_more_calls_are_allotted_than_there_are_and_none_is_left_while_something_is_due(
    found: pd.DataFrame, calls: int, operation: Any
) -> None:
    made = allotted(found, operation, calls, now=NOW)
    due = ranked(found, operation, now=NOW)
    assert made["calls"].sum() == min(calls, len(due))
    assert (made["calls"] <= made[[NEVER, CHANGED, STALE]].sum(axis=1)).all()
    assert made["places"].sum() == len(found)
    assert made["value"].sum() == pytest.approx(due["value"].head(calls).sum())


@LAW
@given(candidates(), st.sampled_from(PLANNED_OPERATIONS))
def test_nothing_fresh_is_asked_and_everything_else_is_worth_something(found: pd.DataFrame, operation: Any) -> None:
    made = judged(found, operation, now=NOW)
    is_fresh = (
        found["fetched_at"].notna()
        & (found["modified_at"].isna() | (found["modified_at"] <= found["place_modified_at"]))
        & (found["fetched_at"] > pd.Timestamp(NOW - operation.time_to_live))
    )
    is_put_off = found["not_before"] > NOW
    assert (made["value"].eq(0) == (is_fresh | is_put_off)).all()
    assert (made["state"].eq(FRESH) == is_fresh).all()
    assert set(ranked(found, operation, now=NOW)["content_id"]) == set(found["content_id"][~is_fresh & ~is_put_off])


@LAW
@given(candidates(), st.integers(0, 40))
def test_what_is_worth_more_never_ranks_lower(found: pd.DataFrame, calls: int) -> None:
    due = ranked(found, COMMON, now=NOW)
    assert due["value"].is_monotonic_decreasing
    asks = chosen(found, COMMON, dict.fromkeys(["12", "39", "15", "38"], calls), now=NOW)
    for kind, of_kind in due.groupby("content_type_id"):
        assert (
            asks[asks["content_type_id"] == kind]["content_id"].tolist() == of_kind["content_id"].head(calls).tolist()
        )


@LAW
@given(st.data(), st.integers(0, 40))
def test_the_order_of_the_candidates_changes_nothing(data: st.DataObject, calls: int) -> None:
    found = data.draw(candidates())
    mixed = found.iloc[data.draw(st.permutations(range(len(found))))].reset_index(drop=True)
    assert_frame_equal(ranked(found, COMMON, now=NOW), ranked(mixed, COMMON, now=NOW))
    made, other = (allotted(rows, COMMON, calls, now=NOW) for rows in (found, mixed))
    assert_frame_equal(made, other)


@LAW
@given(candidates(), st.integers(0, 40))
def test_what_a_region_chooses_by_its_allotment_is_what_the_plan_meant(found: pd.DataFrame, calls: int) -> None:
    made = allotted(found, COMMON, calls, now=NOW)
    asks = set()
    for region, groups in made.groupby("region_code"):
        of_region = found[found["region_code"] == region]
        by_kind = dict(zip(groups["content_type_id"], groups["calls"], strict=True))
        asks.update(chosen(of_region, COMMON, by_kind, now=NOW)["content_id"])
    assert asks == set(ranked(found, COMMON, now=NOW)["content_id"].head(calls))


# The plan


def made_of(*places: dict[str, Any], calls: int) -> list[dict[str, Any]]:
    found = frame(places)
    parts = [allotted(found, operation, calls, now=NOW) for operation in (COMMON, IMAGES)]
    made = plan(parts, planned_at=NOW)
    assert tuple(made.columns) == PLAN_COLUMNS
    return made.to_dict("records")  # type: ignore[return-value]


def test_a_plan_ranks_kinds_and_regions_by_what_a_call_is_worth_and_gives_reasons() -> None:
    made = made_of(
        place("1"), place("2", **asked(1)), place("3", **asked(200, detail_completeness=0.1)),
        place("4", content_type_id="39"), place("5", content_type_id="39", region_code="11"),
        place("6", content_type_id="38", **asked(1)),
        calls=3,
    )  # fmt: skip
    common = [row for row in made if row["operation"] == "detailCommon2"]
    assert [(row["rank"], row["content_type_id"], row["region_code"], row["calls"]) for row in common] == [
        (1, "12", "50", 1), (2, "39", "11", 1), (3, "39", "50", 1), (4, "38", "50", 0),
    ]  # fmt: skip
    assert [row["reason"] for row in common] == [
        "never collected: 1 of 3 places; stale: 1 of 3 places; thin: 1",
        "never collected: 1 of 1 places",
        "never collected: 1 of 1 places",
        "nothing is due: all 1 places are fresh",
    ]
    assert {row["planned_at"] for row in made} == {pd.Timestamp(NOW)}


def test_a_kind_and_region_that_gets_no_calls_is_told_why() -> None:
    made = made_of(place("1"), place("2", content_type_id="38"), calls=1)
    assert [
        (row["content_type_id"], row["calls"], row["reason"]) for row in made if row["operation"] == COMMON.name
    ] == [
        ("12", 1, "never collected: 1 of 1 places"),
        ("38", 0, "never collected: 1 of 1 places; the day's calls go where they are worth more"),
    ]


def test_a_policy_can_be_replaced() -> None:
    shops_first = replace(POLICY, type_weights={"38": 9.0, "12": 1.0})
    found = frame([place("1"), place("2", content_type_id="38"), place("3", content_type_id="39")])
    assert ranked(found, COMMON, now=NOW, policy=shops_first)["content_id"].tolist() == ["2", "1"]
