"""Columns that are judged and not published: what a row contradicts, in words, and what the table or other tables say of it.

A finding is null where nothing is wrong. Here are their names and the rules about them. They are worked out in SQL by
`places/store/findings.py`, and from coordinates and postal codes by `places/transform/locations.py`.
"""

from weatherflick_assets.places.fields import LOSSY_FIELDS
from weatherflick_assets.places.suites.common_rules import SMALL_OR_UNASSIGNED, Thresholds
from weatherflick_assets.quality.rules import Rule, Severity, mostly_between, mostly_unique, no_finding

LISTED_FINDING = "listed_finding"
LOCATION_FINDING = "location_finding"
ZIP_CODE_FINDING = "zip_code_finding"
DISTRICT_FINDING = "district_finding"
CLASS_FINDING = "class_finding"
CLASS_LIST_FINDING = "class_list_finding"
TEXT_FINDING = "text_finding"
NUMBER_FINDING = "number_finding"
PERIOD_FINDING = "period_finding"
PLACE_FINDING = "place_finding"
STOP_FINDING = "stop_finding"
TITLE_AND_ADDRESS = "title_and_address"
IMAGE_OF_PLACE = "image_of_place"
PLACES_AT_POINT = "places_at_point"
EVENT_DAYS = "event_days"
DAYS_TO_EVENT = "days_to_event"

MOST = 0.8
"""What is wrong about single rows warns: the others are good, and people may want them. What is wrong about more than a fifth of
the rows is wrong with the upstream, and misleads whoever reads them: then the last good rows are better."""

SINGLE = 0.98
"""Of 12,331 recorded places with an address 30 share it and their title with another; of the shops in Seoul 0.6 %."""

LONGEST_EVENT = 366
"""Days. Of 309 recorded festivals few last longer; one lasts for 1,521."""

FARTHEST_EVENT = 3 * 366
"""No festival is announced more days ahead."""

EARLIEST_EVENT = -30 * 366
"""The list began in 1999."""


def value_finding(column: str) -> str:
    """The finding about a column of the list: what was received and can't be used."""
    return f"{column}_value_finding"


def listing_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    """The list says one thing of a place, in the forms that are known.

    Values that can't be used are lost one by one, and told when they are many. Of 12,493 recorded places 45 have postal
    codes of six digits, at most 3 % of a kind in a region; no other value is lost.
    """
    return (
        no_finding(
            LISTED_FINDING,
            rule_id="listed_once",
            description="No place is in the list twice with different values and one time of change.",
        ),
        *(
            no_finding(
                value_finding(field.column),
                rule_id=f"{field.column}_usable",
                description=(
                    f"In at least {thresholds.validity:.0%} of the rows what the list says for {field.column} is blank or "
                    "could be used."
                ),
                at_least=thresholds.validity,
            )
            for field in LOSSY_FIELDS
        ),
    )


def _in_most_rows(column: str, rule_id: str, said: str) -> Rule:
    """Blocks if a finding, which warns where single rows have it, is in too many."""
    return no_finding(
        column,
        rule_id=rule_id,
        description=f"In at least {MOST:.0%} of the rows {said}.",
        at_least=MOST,
        severity=Severity.BLOCKING,
        leniency=SMALL_OR_UNASSIGNED,
    )


def text_rules() -> tuple[Rule, ...]:
    """Texts are fit for people. None of the recorded ones is otherwise, once cleaned."""
    return (
        no_finding(
            TEXT_FINDING,
            rule_id="texts_clean",
            description="No text has markup, characters that were lost or misread, or is blank or a word for nothing.",
        ),
        _in_most_rows(TEXT_FINDING, "most_texts_clean", "all texts are clean"),
    )


def number_rules() -> tuple[Rule, ...]:
    """Numbers that were read from texts are not beyond all reason."""
    return (
        no_finding(
            NUMBER_FINDING,
            rule_id="numbers_plausible",
            description="No number read from a text is greater than any that is likely.",
        ),
    )


def location_rules() -> tuple[Rule, ...]:
    """Where a place is said to be is one place: region, district, coordinates and postal code agree.

    None of them blocks. After a reform of regions, codes and addresses change at different times, and rows that contradict
    themselves are better than none.
    """
    return (
        no_finding(
            LOCATION_FINDING,
            rule_id="coordinates_in_region",
            description="All coordinates are in the region or within 5 km of it.",
        ),
        no_finding(ZIP_CODE_FINDING, rule_id="zip_codes_of_region", description="All zip codes are of the region."),
        no_finding(
            DISTRICT_FINDING,
            rule_id="districts_of_region",
            description="All sigungu codes are of districts of the region.",
        ),
    )


def class_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    """The three levels of the classification agree with each other and with the published list."""
    return (
        no_finding(
            CLASS_FINDING,
            rule_id="classes_consistent",
            description="Every class belongs to the group that is said beside it, and that to the division.",
        ),
        no_finding(
            CLASS_LIST_FINDING,
            rule_id="class_code_listed",
            description=f"At least {thresholds.validity:.0%} of the class codes are in core.codes, once that is published.",
            at_least=thresholds.validity,
        ),
    )


def repetition_rules(most_at_a_point: int) -> tuple[Rule, ...]:
    """A place is listed once, and places are at places of their own."""
    return (
        mostly_unique(
            TITLE_AND_ADDRESS,
            rule_id="title_and_address_once",
            description="No two places have the same title and address; spaces and capitals make no difference.",
            severity=Severity.NOTE,
        ),
        mostly_unique(
            TITLE_AND_ADDRESS,
            rule_id="few_titles_and_addresses_twice",
            description=f"At least {SINGLE:.0%} of the places share their title and address with no other.",
            at_least=SINGLE,
        ),
        mostly_between(
            PLACES_AT_POINT,
            1,
            most_at_a_point,
            rule_id="few_places_at_one_point",
            description=f"No more than {most_at_a_point} places have the same coordinates.",
            severity=Severity.WARNING,
        ),
    )


def event_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    """The days of events can be read and are likely."""
    return (
        no_finding(
            PERIOD_FINDING,
            rule_id="event_dates_usable",
            description=f"In at least {thresholds.consistency:.0%} of the rows the days of the event, if given, are days in order.",
            at_least=thresholds.consistency,
        ),
        _in_most_rows(PERIOD_FINDING, "most_event_dates_usable", "the days of the event, if given, are days in order"),
        mostly_between(
            EVENT_DAYS,
            0,
            LONGEST_EVENT,
            rule_id="events_of_a_year_at_most",
            description=f"At least {thresholds.validity:.0%} of the events last {LONGEST_EVENT} days at most.",
            at_least=thresholds.validity,
            severity=Severity.WARNING,
        ),
        mostly_between(
            DAYS_TO_EVENT,
            EARLIEST_EVENT,
            FARTHEST_EVENT,
            rule_id="events_in_our_time",
            description="Every event begins after 1995 and within three years.",
            severity=Severity.WARNING,
        ),
    )


def place_rules() -> tuple[Rule, ...]:
    """Details are about places that are published."""
    return (
        no_finding(
            PLACE_FINDING,
            rule_id="place_published",
            description="Every row is about a place that is published, unless its publication is still pending.",
        ),
    )


def stop_rules(thresholds: Thresholds) -> tuple[Rule, ...]:
    """Stops of courses are places."""
    return (
        no_finding(
            STOP_FINDING,
            rule_id="stops_known",
            description=(
                f"At least {thresholds.consistency:.0%} of the stops are places that a list had, once every region was listed; "
                "none is its own course."
            ),
            at_least=thresholds.consistency,
        ),
    )
