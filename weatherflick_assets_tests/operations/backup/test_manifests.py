"""Manifests: stored and read again; which backup leads to a time; what is said when none does."""

from datetime import datetime, timedelta

import pytest

from weatherflick_assets.operations.backup.errors import RestoreError
from weatherflick_assets.operations.backup.manifests import Kind, Stream, chosen, dumped, intervals, loaded, restorable
from weatherflick_assets.operations.backup.restoring import time_of
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.operations.backup.made import START, history, manifest


def test_a_manifest_is_read_as_it_was_stored() -> None:
    parent = manifest(Kind.FULL, START, (1, 2), streams={"files": Stream(("ab", "cd"), 9)})
    for made in (
        parent,
        manifest(Kind.INCREMENTAL, START, (3, 4), parent=parent),
        manifest(Kind.WAL, START, (5, 5)),
        manifest(Kind.DUMP, START),
    ):
        assert loaded(dumped(made)) == made


def test_a_time_is_restored_from_the_newest_backup_before_it_and_the_wal_up_to_it() -> None:
    made = history([0, 1, 2])
    at = START + timedelta(days=1, hours=5)
    found = chosen(made, "there", at=at)
    assert found.backup.started_at == START + timedelta(days=1)
    assert [each.kind for each in found.chain] == [Kind.FULL, Kind.INCREMENTAL]
    assert found.begins <= at <= found.ends
    assert chosen(made, "there").backup == made[-1]
    assert chosen(made, "there", name=made[0].id).backup == made[0]


def test_a_time_outside_is_refused_with_the_times_that_are_covered() -> None:
    made = history([0, 1])
    with pytest.raises(
        RestoreError,
        match=r"don't cover 2026-11-03 04:30:59 KST. They cover 2026-11-03 04:31:00 KST to 2026-11-04 04:31:00 KST",
    ):
        chosen(made, "there", at=START + timedelta(seconds=59))
    with pytest.raises(RestoreError, match="don't cover"):
        chosen(made, "there", at=START + timedelta(days=2))


def test_a_gap_in_the_wal_is_no_covered_time() -> None:
    made = history([0, 1, 2])
    gone = [each for each in made if each.kind is Kind.WAL][-1]
    left = [each for each in made if each is not gone]
    said = intervals(restorable(left))
    assert said.count(" to ") == 2
    with pytest.raises(RestoreError, match="don't cover"):
        chosen(left, "there", at=START + timedelta(days=1, hours=5))


def test_wal_of_another_history_continues_nothing() -> None:
    made = history([0])
    other = manifest(Kind.WAL, START + timedelta(hours=1), (3, 9), timeline=2)
    assert restorable([*made, other])[0].ends == restorable(made)[0].ends


def test_dumps_hold_no_times_between() -> None:
    made = [manifest(Kind.DUMP, START)]
    with pytest.raises(RestoreError, match=r"made with pg_dump, so they hold no times between them. Leave --at out"):
        chosen(made, "there", at=START)
    assert chosen(made, "there").backup == made[0]


def test_no_backup_and_an_unknown_one_are_told() -> None:
    with pytest.raises(RestoreError, match="There is no backup in there"):
        chosen([], "there")
    with pytest.raises(RestoreError, match=r"There is no backup x in there .* There are 20261102T193000Z-full"):
        chosen(history([0]), "there", name="x")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-30 14:00", datetime(2026, 11, 30, 14, tzinfo=KST)),
        ("2026-11-30T05:00:00Z", datetime(2026, 11, 30, 14, tzinfo=KST)),
        (" 2026-11-30 06:00:00.5+01:00 ", datetime(2026, 11, 30, 14, 0, 0, 500_000, tzinfo=KST)),
        ("2026-11-30", datetime(2026, 11, 30, tzinfo=KST)),
    ],
)
def test_a_time_is_korean_unless_it_says_otherwise(text: str, at: datetime) -> None:
    assert time_of(text) == at


def test_what_is_no_time_is_told_with_an_example() -> None:
    with pytest.raises(RestoreError, match=r'"yesterday" is no time. Write it like "2026-11-30 14:00"'):
        time_of("yesterday")
