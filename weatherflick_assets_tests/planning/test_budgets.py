"""Budgets leave the reserve alone."""

from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.planning.budgets import budget


@given(st.integers(0, 3000), st.integers(0, 3000), st.floats(0, 1))
def test_a_budget_is_what_is_left_beyond_the_reserve(limit: int, left: int, reserve_share: float) -> None:
    planned = budget(limit, left, reserve_share=reserve_share)
    assert 0 <= planned <= left
    assert planned == 0 or left - planned >= limit * reserve_share
