"""The suites of the code tables: every rule can go red, and nothing else goes red with it."""

from collections.abc import Callable

import pandas as pd
import pytest

from weatherflick_assets.places.suites.codes import CODE_SPACES, CODE_SUITES, PARENT_KNOWN, PARENT_UNKNOWN
from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.rules import USUAL_ROWS

SUITE = CODE_SUITES["core.codes/sigungu"]
COUNT = 260
GIVEN = {"minimum_rows": 200, USUAL_ROWS: 220}


def good_codes() -> pd.DataFrame:
    codes = [str(11000 + number) for number in range(COUNT)]
    return pd.DataFrame({"code": codes, "name": [f"{code}구" for code in codes], "parent": [PARENT_KNOWN] * COUNT})


def spoil(column: str, value: str | None, share: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def spoiled(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[: int(COUNT * share), column] = value
        return frame

    return spoiled


BREAKS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "row_count": lambda frame: frame.head(199),
    "code_filled": spoil("code", None, 0.03),
    "name_filled": spoil("name", None, 0.03),
    "code_unique": lambda frame: pd.concat([frame, frame.head(1)], ignore_index=True),
    "code_form": lambda frame: frame.assign(
        code=[f"x{code}" if n < 4 else code for n, code in enumerate(frame["code"])]
    ),
    "parent_known": spoil("parent", PARENT_UNKNOWN, 0.02),
}
WARNED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "row_count_as_usual": lambda frame: pd.concat(
        [frame, frame.assign(code=[f"2{code[1:]}" for code in frame["code"]])], ignore_index=True
    ),
    "name_clean": spoil("name", "<b>구</b>", 0.01),
}


def test_every_rule_has_a_case_that_breaks_it() -> None:
    for suite in CODE_SUITES.values():
        assert {rule.rule_id for rule in suite.rules} == {*BREAKS, *WARNED}


def test_a_good_list_passes_with_the_full_score() -> None:
    verdict = judge(good_codes(), SUITE, given=GIVEN)
    assert verdict.passed
    assert verdict.score == 100


@pytest.mark.parametrize("rule_id", BREAKS)
def test_a_broken_list_fails_exactly_the_rule_that_was_broken_and_is_blocked(rule_id: str) -> None:
    verdict = judge(BREAKS[rule_id](good_codes()), SUITE, given=GIVEN)
    assert [result.rule.rule_id for result in verdict.failures] == [rule_id]
    assert not verdict.passed


@pytest.mark.parametrize("rule_id", WARNED)
def test_an_odd_list_fails_exactly_the_rule_that_warns_of_it(rule_id: str) -> None:
    verdict = judge(WARNED[rule_id](good_codes()), SUITE, given=GIVEN)
    assert [result.rule.rule_id for result in verdict.failures] == [rule_id]
    assert verdict.passed


@pytest.mark.parametrize(
    ("space", "code"),
    [("class", "NA"), ("class", "C01"), ("class", "C0112"), ("class", "NA010100"), ("class", "C01120001"), ("region", "11"),
     ("region", "36110"), ("sigungu", "36110"), ("area", "39"), ("area", "31-31"), ("category", "A01"),
     ("category", "A01010100")],
)  # fmt: skip
def test_every_form_of_code_that_is_in_use_is_known(space: str, code: str) -> None:
    suite = CODE_SUITES[CODE_SPACES[space].suite_name]
    verdict = judge(
        pd.DataFrame({"code": [code], "name": ["이름"], "parent": [None]}),
        suite,
        given={"minimum_rows": 1, USUAL_ROWS: None},
    )
    assert verdict.passed, verdict.summary()
