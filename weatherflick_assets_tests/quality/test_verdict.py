"""Verdicts in words."""

import pandas as pd

from weatherflick_assets.quality.judging import judge
from weatherflick_assets.quality.rules import Rule, Severity, Suite, filled, matches, never_null, row_count_at_least
from weatherflick_assets.quality.verdict import RuleResult, Verdict

ZIP_CODE_FORM = matches(
    "zip_code",
    r"\A[0-9]{5}\Z",
    rule_id="zip_code_five_digits",
    description="Every zip code is five digits.",
    severity=Severity.WARNING,
)
SUITE = Suite(
    "core.places",
    "core.places",
    (
        row_count_at_least(1),
        never_null("title"),
        ZIP_CODE_FORM,
        filled("image_url", at_least=0.8, severity=Severity.NOTE),
    ),
    minimum_score=80,
)
BATCH = pd.DataFrame(
    {
        "content_id": ["126508", "126509", "126510"],
        "title": ["경복궁", None, "남산"],
        "zip_code": ["63000", "6|2", "<b>"],
        "image_url": ["https://images.example/1.jpg", None, "https://images.example/3.jpg"],
    }
)


def result_of(rule: Rule, *, passed: bool, **found) -> RuleResult:
    return RuleResult(rule, rule.severity, passed, rule.description, **{"observed": "something", **found})


def test_what_failed_comes_first_the_gravest_before_the_others() -> None:
    verdict = judge(BATCH, SUITE, given={})

    assert verdict.summary() == (
        "core.places: 3 rows held back, 1 blocking rule failed (title_never_null: 1 of 3 (33.33%) have none)."
    )
    assert (verdict.score, verdict.reaches_minimum_score) == (38.5, False)
    found = [
        (result.severity.value, result.rule.rule_id, result.observed, result.examples)
        for result in verdict.gravest_first
    ]
    assert found == [
        ("blocking", "title_never_null", "1 of 3 (33.33%) have none", ("126509",)),
        ("warning", "zip_code_five_digits", "2 of 3 (66.67%) break the rule", ("126509: 6|2", "126510: <b>")),
        ("note", "image_url_filled", "1 of 3 (33.33%) have none", ("126509",)),
        ("blocking", "row_count", "3 rows", ()),
    ]


def test_a_batch_without_faults_says_that_all_rules_passed() -> None:
    verdict = judge(BATCH.iloc[:1], SUITE, given={})

    assert verdict.summary() == "core.places: 1 row judged, all 4 rules passed."


def test_a_batch_with_warnings_only_may_be_published() -> None:
    verdict = judge(BATCH.iloc[[0, 2]], SUITE, given={})

    assert verdict.passed
    assert verdict.summary() == (
        "core.places: 2 rows may be published, 1 rule failed without blocking (zip_code_five_digits)."
    )


def test_the_score_weighs_rules_by_their_declared_severity() -> None:
    results = (
        result_of(never_null("title"), passed=True),
        result_of(ZIP_CODE_FORM, passed=False),
        result_of(filled("image_url", at_least=0.8, severity=Severity.NOTE), passed=True),
    )

    verdict = Verdict("places", 10, results, minimum_score=80)

    assert verdict.score == 75.0  # (5 + 1) of (5 + 2 + 1)
    assert not verdict.reaches_minimum_score


def test_a_lenient_failure_costs_as_much_score_as_a_blocking_one() -> None:
    lenient = RuleResult(never_null("title"), Severity.WARNING, passed=False, expected="", observed="")

    assert Verdict("places", 10, (lenient, result_of(ZIP_CODE_FORM, passed=True))).score == 28.6


def test_examples_are_few_short_and_on_one_line() -> None:
    result = result_of(ZIP_CODE_FORM, passed=False, examples=("1: " + "x" * 1_000_000, "a\nb", *"cdefgh"))

    assert len(result.examples) == 5
    assert result.examples[0] == "1: " + "x" * 56 + "…"
    assert result.examples[1] == "a b"


def test_a_finding_of_a_megabyte_is_cut() -> None:
    assert len(result_of(ZIP_CODE_FORM, passed=False, observed="y" * 1_000_000).observed) == 200


def test_the_summary_holds_no_data() -> None:
    summary = judge(BATCH, SUITE, given={}).summary()

    assert not any(value in summary for value in ("경복궁", "6|2", "126509"))
