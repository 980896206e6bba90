"""Declarations: what is refused, and what placeholders become."""

import pytest

from weatherflick_assets.quality.rules import (
    Given,
    Leniency,
    Rule,
    Severity,
    Suite,
    between,
    filled,
    filled_where,
    in_set,
    never_null,
    not_before,
    row_count_at_least,
    unique,
)


def test_a_suite_without_a_row_count_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="Suite places has no row-count rule, so an empty batch would pass all of it"):
        Suite("places", "core.places", (never_null("title"),))


def test_a_suite_that_uses_a_rule_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="Suite places uses a rule id more than once: title_never_null"):
        Suite("places", "core.places", (row_count_at_least(1), never_null("title"), never_null("title")))


def test_a_description_may_only_name_values_that_the_rule_uses() -> None:
    with pytest.raises(ValueError, match="names \\['maximum_rows'\\], which its arguments don't use"):
        Rule("row_count", "At most {maximum_rows}.", "ExpectTableRowCountToBeBetween", {"min_value": 1})


def test_a_suite_needs_the_columns_and_the_values_of_its_rules() -> None:
    suite = Suite(
        "places",
        "core.places",
        (
            row_count_at_least(Given("minimum_rows")),
            unique("content_id"),
            in_set("region_code", ["11", Given("region_code")], rule_id="region", description="In {region_code}."),
            never_null("content_id"),
            not_before("modified_at", "created_at"),
            filled_where("nx", "latitude", at_least=0.9),
        ),
    )

    assert suite.columns == ("content_id", "region_code", "modified_at", "created_at", "nx", "latitude")
    assert suite.givens == {"minimum_rows", "region_code"}


def test_given_values_replace_their_placeholders_inside_lists_and_sentences_too() -> None:
    rule = in_set("region_code", ["11", Given("region_code")], rule_id="region", description="It is {region_code}.")

    assert rule.arguments_with({"region_code": "50"})["value_set"] == ["11", "50"]
    assert rule.description_with({"region_code": "50", "minimum_rows": 3}) == "It is 50."


def test_rules_describe_themselves_in_plain_sentences() -> None:
    assert (
        row_count_at_least(Given("minimum_rows")).description_with({"minimum_rows": 3}) == "There are at least 3 rows."
    )
    assert filled("address", at_least=0.9).description == "At least 90% of the rows have a value in address."
    assert filled_where("nx", "latitude", at_least=0.9).description == (
        "At least 90% of the rows with a value in latitude have one in nx."
    )
    assert between("latitude", 33, 39).description == "Every latitude is at least 33 and at most 39."
    assert between("modified_at", None, Given("now")).description_with({"now": "1 May"}) == (
        "Every modified_at is at most 1 May."
    )


def test_leniency_turns_blocking_into_a_warning_and_leaves_the_rest_alone() -> None:
    leniency = Leniency(below_rows=20, when_given={"region_code": "unassigned"})
    blocking = filled("address", at_least=0.9, leniency=leniency)
    note = filled("address", at_least=0.9, severity=Severity.NOTE, leniency=leniency)

    assert blocking.severity_for(20, {"region_code": "50"}) is Severity.BLOCKING
    assert blocking.severity_for(19, {"region_code": "50"}) is Severity.WARNING
    assert blocking.severity_for(20, {"region_code": "unassigned"}) is Severity.WARNING
    assert note.severity_for(1, {}) is Severity.NOTE
