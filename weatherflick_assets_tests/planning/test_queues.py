"""Queues: the most valuable come first, budgets are kept and used up, and the order given is no matter."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from weatherflick_assets.planning.queues import due, first_of_groups, ranks, spent

TIES = {"name": True}
GROUPS = ["a", "b", "c"]


@st.composite
def subjects(draw: st.DrawFn, max_size: int = 30) -> pd.DataFrame:
    names = draw(st.lists(st.integers(0, 99), unique=True, max_size=max_size))
    rows = [(name, draw(st.sampled_from(GROUPS)), draw(st.integers(0, 9)) / 8) for name in names]
    return pd.DataFrame(rows, columns=["name", "group", "value"]).astype({"group": str, "value": float})


@given(subjects(max_size=8), st.integers(0, 8))
def test_no_choice_of_as_many_calls_is_worth_more_than_the_first_of_the_queue(found: pd.DataFrame, calls: int) -> None:
    values = found["value"].tolist()
    best = max(sum(chosen) for chosen in combinations(values, min(calls, len(values))))
    assert due(found, TIES)["value"].head(calls).sum() == pytest.approx(best)


@given(st.data())
def test_the_order_of_the_subjects_changes_nothing(data: st.DataObject) -> None:
    found = data.draw(subjects())
    mixed = found.iloc[data.draw(st.permutations(range(len(found))))]
    assert_frame_equal(due(found, TIES), due(mixed, TIES))


def test_ties_are_broken_by_the_columns_named_in_their_directions() -> None:
    found = pd.DataFrame({"value": [1.0, 1.0, 2.0, 0.0], "seen": [1, 2, 1, 9], "name": list("abcd")})
    assert due(found, {"seen": False, "name": True})["name"].tolist() == ["c", "b", "a"]


@given(subjects(), st.integers(0, 40))
def test_a_budget_is_used_up_while_something_is_due_and_each_group_gets_its_own_first(
    found: pd.DataFrame, calls: int
) -> None:
    queue = due(found, TIES)
    shares = spent(queue, ["group"], calls)
    assert shares["calls"].sum() == min(calls, len(queue))
    assert shares["value"].sum() == pytest.approx(queue["value"].head(calls).sum())
    allotted = {str(group): int(number) for group, number in shares["calls"].items()}
    chosen = first_of_groups(queue, "group", allotted)
    assert_frame_equal(chosen, queue.head(calls))


@given(subjects(), st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 5)))
def test_no_group_gets_more_than_it_is_allotted_and_one_without_an_allotment_gets_nothing(
    found: pd.DataFrame, calls: dict[str, int]
) -> None:
    queue = due(found, TIES)
    counts = first_of_groups(queue, "group", calls)["group"].value_counts()
    for group in GROUPS:
        assert counts.get(group, 0) == min(calls.get(group, 0), (queue["group"] == group).sum())


def test_groups_are_ranked_by_what_a_call_is_worth_and_those_without_calls_come_last() -> None:
    rows = pd.DataFrame(
        {"group": ["b", "a", "c", "b", "d"], "calls": [2, 1, 0, 2, 1], "value": [1.0, 0.4, 0.0, 3.0, 0.4]}
    )
    assert ranks(rows, ["group"]).to_dict("list") == {"group": ["b", "a", "d", "c"], "rank": [1, 2, 3, 4]}
