"""The judging process imports little of what Great Expectations imports, and every rule can be judged all the same."""

import subprocess
import sys

PROGRAM = """
import sys
from weatherflick_assets.quality.light_imports import light_imports
with light_imports():
    from weatherflick_assets.quality.expectations import import_great_expectations
    from weatherflick_assets.quality.judging import judge
    import_great_expectations()

def report(what):
    heavy = {
        "altair": "altair.vegalite",
        "scipy.stats": "scipy.stats._stats_py",
        "jsonschema": "jsonschema.validators",
        "boto3": "boto3.session",
        "sqlalchemy": "sqlalchemy.engine",
        "data sources": "great_expectations.datasource.fluent.pandas_datasource",
    }
    print(what, *(name for name, part in heavy.items() if part in sys.modules))

import warnings
warnings.simplefilter("ignore")
import pandas as pd
from weatherflick_assets.places.suites.places import SUITES
from weatherflick_assets.quality.rules import Rule, Suite, row_count_at_least
from weatherflick_assets_tests.places.suites.place_frames import BREAKS, GIVEN, good_batch
broken = set()
for name, suite in SUITES.items():
    frame = good_batch(name)
    assert judge(frame, suite, given=GIVEN).score == 100
    for rule in suite.rules:
        if rule.expectation in broken:  # what is imported depends on the expectation, not on its column
            continue
        broken.add(rule.expectation)
        frame = good_batch(name)
        BREAKS[rule.rule_id].change(frame)
        judge(frame, suite, given=GIVEN)
report("after the suites:")

halves = {"values": ["a", "b"], "weights": [0.5, 0.5]}
statistical = Rule(
    "distribution", "As many of a as of b.", "ExpectColumnKLDivergenceToBeLessThan",
    {"column": "letter", "partition_object": halves, "threshold": 0.1},
)
suite = Suite("letters", "letters", (row_count_at_least(1), statistical))
for letters in ("abab", "aaab"):
    print(letters, judge(pd.DataFrame({"letter": list(letters)}), suite, given={}).passed)
report("after a statistical rule:")
import sqlalchemy
"""


def test_statistics_are_loaded_when_a_rule_needs_them_and_sources_of_data_never() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == [
        "after the suites:",
        "abab True",
        "aaab False",
        "after a statistical rule: scipy.stats",
    ], done.stderr
