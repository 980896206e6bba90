"""Verdicts as asset checks: what fails comes first, what is data is never markup, and an event stays small."""

import html
from collections.abc import Mapping

import dagster as dg
from dagster._serdes import serialize_value

from weatherflick_assets.orchestration.gate import GATE, LONGEST_DESCRIPTION, MOST_RULES, WARNINGS, check_results
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.quality.rules import Rule, Severity, filled, matches, never_null, row_count_at_least
from weatherflick_assets.quality.verdict import RuleResult, Verdict

KEY = dg.AssetKey(["core", "places"])
ROW_COUNT = RuleResult(
    row_count_at_least(1), Severity.BLOCKING, passed=True, expected="There is at least 1 row.", observed="40 rows"
)


def counted(rule: Rule, unexpected: int, examples: tuple[str, ...] = ()) -> RuleResult:
    passed = not unexpected
    return RuleResult(rule, rule.severity, passed, rule.description, f"{unexpected} of 40", 40, unexpected, examples)


def checks(*verdicts: Verdict, passed: bool = True) -> Mapping[str, dg.AssetCheckResult]:
    found = check_results(KEY, dict(enumerate(verdicts, 7)), passed=passed, where="50 제주: ")
    return {check.check_name or "": check for check in found}


def table(check: dg.AssetCheckResult, name: str) -> list[dict[str, object]]:
    value = check.metadata[name]
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


ZIP_CODE = matches("zip", r"\d", rule_id="zip_digits", description="Digits.", at_least=0.9, severity=Severity.WARNING)
VERDICT = Verdict(
    "core.places",
    40,
    (
        ROW_COUNT,
        counted(ZIP_CODE, 10, ("1: <img src=x>", "2: a|b")),
        counted(filled("image", at_least=0.6, severity=Severity.NOTE), 0),
        counted(never_null("title"), 3, ("3",)),
    ),
)


def test_the_gate_shows_every_rule_failures_first_and_examples_apart() -> None:
    gate = checks(VERDICT, passed=False)[GATE]

    assert not gate.passed
    assert gate.severity is dg.AssetCheckSeverity.ERROR
    assert gate.description == f"50 제주: {VERDICT.summary()}"
    assert [tuple(row.values()) for row in table(gate, "rules")] == [
        ("title_never_null", "blocking", False, "Every row has a value in title.", "3 of 40"),
        ("zip_digits", "warning", False, "Digits.", "10 of 40"),
        ("row_count", "blocking", True, "There is at least 1 row.", "40 rows"),
        ("image_filled", "note", True, "At least 60% of the rows have a value in image.", "all of 40"),
    ]
    assert [tuple(row.values()) for row in table(gate, "examples")] == [
        ("title_never_null", "3"),
        ("zip_digits", "1: <img src=x>"),
        ("zip_digits", "2: a|b"),
    ]
    assert (gate.metadata["verdict_id"].value, gate.metadata["rows_judged"].value) == (7, 40)
    assert gate.metadata["score"].value == VERDICT.score


def test_a_rule_of_severity_warning_turns_the_warnings_red_and_not_the_gate() -> None:
    warned = Verdict("core.places", 40, (ROW_COUNT, counted(ZIP_CODE, 10)))
    found = checks(warned)

    assert found[GATE].passed
    assert not found[WARNINGS].passed
    assert found[WARNINGS].severity is dg.AssetCheckSeverity.WARN
    assert found[WARNINGS].description == "50 제주: 1 rule of severity warning failed (zip_digits: 10 of 40)."


def test_notes_and_blocking_failures_do_not_warn() -> None:
    found = checks(Verdict("core.places", 40, (counted(never_null("title"), 3),)), passed=False)

    assert found[WARNINGS].passed
    assert found[WARNINGS].description == "50 제주: No rule of severity warning failed."


def test_an_empty_partition_says_in_both_checks_that_it_is_empty() -> None:
    for check in checks(Verdict("core.places", 0, ())).values():
        assert check.passed
        assert check.description == "50 제주: core.places: there are no rows, and none were required."


def test_several_verdicts_say_which_suite_a_rule_belongs_to() -> None:
    found = checks(
        Verdict("core.codes/area", 2, (ROW_COUNT, counted(ZIP_CODE, 1))),
        Verdict("core.codes/class", 3, (ROW_COUNT, counted(never_null("name"), 1))),
        passed=False,
    )

    assert [row["rule"] for row in table(found[GATE], "rules")] == [
        "core.codes/area: zip_digits",
        "core.codes/class: name_never_null",
        "core.codes/area: row_count",
        "core.codes/class: row_count",
    ]
    assert found[GATE].metadata["verdict_id"].value == [7, 8]
    assert found[GATE].metadata["rows_judged"].value == 5


def test_what_a_description_quotes_is_no_markup() -> None:
    quoting = RuleResult(
        ZIP_CODE, Severity.WARNING, passed=False, expected="", observed="could not be judged: <b>[x](y)</b>"
    )
    described = checks(Verdict("core.places", 1, (quoting,)))[WARNINGS].description or ""

    assert "&#60;b&#62;&#91;x&#93;(y)&#60;/b&#62;" in described


def test_an_event_stays_small_however_many_rules_fail() -> None:
    failing = [
        counted(never_null(f"column_{number}", severity=severity), 40, ("x" * 100,) * 9)
        for number in range(200)
        for severity in [Severity.WARNING if number % 2 else Severity.BLOCKING]
    ]
    for check in checks(Verdict("core.places", 40, tuple(failing)), passed=False).values():
        assert len(serialize_value(dict(check.metadata))) < 20_000  # type: ignore[arg-type]
        assert len(html.unescape(check.description or "")) == LONGEST_DESCRIPTION
    assert max(len(suite.rules) for suite in SUITES.values()) <= MOST_RULES
