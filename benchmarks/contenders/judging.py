"""A judging process that has imported Great Expectations, as that of a process which has judged before."""

from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.rules import Suite, row_count_at_least

_ANYTHING = Suite("benchmarks.anything", "benchmarks.anything", (row_count_at_least(0),))


def warm_up() -> None:
    """Start the judging process, and wait until it has judged."""
    with JUDGE.judgement(_ANYTHING, {}) as nothing:
        nothing.verdict()
