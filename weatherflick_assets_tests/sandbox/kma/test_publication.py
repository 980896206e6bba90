"""Late, absent and partial issues, and missing values, as settings ask for them."""

import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets_tests.sandbox.agencies import AN_HOUR, NO_DATA, Agencies, agencies, header_of, korea

FIVE = korea(2026, 8, 26, 5)


def is_there(served: Agencies, nx: int = 60) -> bool:
    return header_of(served.cell("getVilageFcst", FIVE, nx)) != NO_DATA


def test_a_single_issue_may_be_late_by_minutes() -> None:
    with agencies(korea(2026, 8, 26, 5, 54), issues={"getVilageFcst 202608260500": 45}) as served:
        assert not is_there(served)
        served.now = korea(2026, 8, 26, 5, 55)
        assert is_there(served)


def test_a_single_issue_may_never_appear() -> None:
    with agencies(korea(2026, 8, 26, 20), issues={"getVilageFcst 202608260500": "absent"}) as served:
        assert not is_there(served)
        assert header_of(served.cell("getVilageFcst", korea(2026, 8, 26, 8)))[0] == "00"


def test_a_partial_issue_lacks_about_half_of_its_cells_and_always_the_same() -> None:
    with agencies(korea(2026, 8, 26, 20), issues={"getVilageFcst 202608260500": "partial"}) as served:
        there = [is_there(served, nx) for nx in range(40, 80)]
        assert 8 <= sum(there) <= 32
        assert there == [is_there(served, nx) for nx in range(40, 80)]


def test_shares_of_issues_are_late_absent_and_partial() -> None:
    with agencies(korea(2026, 8, 26, 23, 30), absent_issues=1.0) as served:
        assert not is_there(served)
        served.sandbox.change(absent_issues=0.0, late_issues=1.0, lateness=12 * 60)
        hours = [korea(2026, 8, 26, hour) for hour in range(24)]
        late = [header_of(served.cell("getUltraSrtNcst", hour)) == NO_DATA for hour in hours]
        assert 0 < sum(late) < 24
        served.now += 12 * AN_HOUR
        assert header_of(served.cell("getUltraSrtNcst", hours[-1]))[0] == "00"
        served.sandbox.change(late_issues=0.0)
        served.now = korea(2026, 8, 26, 23, 30)
        assert is_there(served)


def test_a_share_of_values_is_missing_as_numbers_out_of_range() -> None:
    with agencies(korea(2026, 8, 26, 20), missing_values=0.1) as served:
        rows = served.cell("getVilageFcst", FIVE).items
        missing = [row for row in rows if row["fcstValue"] in {"-999", "-998.9", "900"}]
        assert 40 < len(missing) < 150
        assert served.cell("getVilageFcst", FIVE).items == rows
        served.sandbox.change(missing_values=0)
        assert not any(row["fcstValue"] == "-999" for row in served.cell("getVilageFcst", FIVE).items)


def test_an_answer_without_data_counts_as_refused_for_that_reason() -> None:
    with agencies(korea(2026, 8, 26, 4)) as served:
        assert not is_there(served)
        [calls] = served.sandbox.status()["calls"]
    assert (calls["operation"], calls["reasons"]) == ("getVilageFcst", {"no_data": 1})


@pytest.mark.parametrize(
    "issues",
    [
        {"getVilageFcst": 5},
        {"getSnow 202608260500": 5},
        {"getVilageFcst 2026-08-26": 5},
        {"getVilageFcst 202608260500": -5},
        {"getVilageFcst 202608260500": "gone"},
        ["getVilageFcst 202608260500"],
    ],
)
def test_nonsense_about_issues_is_refused(issues: object) -> None:
    with pytest.raises(SandboxError, match='The setting issues must be an object of issues like "getVilageFcst 2026'):
        Behaviour(issues=issues)  # type: ignore[arg-type]
