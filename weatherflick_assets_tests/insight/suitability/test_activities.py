"""Every class of KTO's table has activities, or none with a reason."""

import csv
from pathlib import Path

import pytest

from weatherflick_assets.insight.suitability.activities import ACTIVITIES, activities_of, declared
from weatherflick_assets.places.class_codes import CLASS_GROUPS
from weatherflick_assets.sandbox.korea.tables import classes

GROUPS = [group for groups in CLASS_GROUPS.values() for group in groups]

WITHOUT = {"LS010800", "LS011000"}
"""Classes, and below groups, whose places nothing here rates."""
WITHOUT_GROUPS = ("LS03", "VE11")


def _checked(codes: list[str]) -> None:
    for code in codes:
        found = activities_of(code)
        assert found.reason.endswith("."), code
        assert found.reason != activities_of(None).reason, code
        assert bool(found.activities) != (code in WITHOUT or code.startswith(WITHOUT_GROUPS)), code


@pytest.mark.recorded
def test_every_class_of_the_official_table_is_declared(recorded_data: Path) -> None:
    [file] = (recorded_data / "kto" / "lclsSystmCode2").rglob("*.csv")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        codes = [row["lclsSystm3Cd"] for row in csv.DictReader(opened)]
    assert len(codes) == 245
    _checked(codes)


def test_every_class_that_the_sandbox_knows_is_declared_and_one_that_the_official_table_lacks() -> None:
    _checked([one.code for one in classes()])
    assert activities_of("EX050800").activities == ("indoor",)


def test_every_line_is_about_a_class_or_group_that_there_is_and_names_activities_that_there_are() -> None:
    known = {one.code for one in classes()} | set(GROUPS)
    assert set(declared()) <= known
    assert {name for line in declared().values() for name in line.activities} == set(ACTIVITIES)
    covered = {group for group in GROUPS if group in declared()}
    assert set(GROUPS) - covered == {"EX07", "LS01", "LS02"}, "these are declared class by class"


@pytest.mark.parametrize("code", [None, "", "ZZ010100", "NA", "NA99", "LS019900"])
def test_an_unknown_class_has_no_activity_and_says_so(code: str | None) -> None:
    found = activities_of(code)
    assert found.activities == ()
    assert found.reason == "The class is not known."


def test_a_class_counts_before_its_group() -> None:
    assert activities_of("NA020900").activities == ("beach", "sightseeing")
    assert activities_of("NA020100").activities == ("sightseeing",)
    assert activities_of("C01150001").activities == ("hiking",)
