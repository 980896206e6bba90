"""What is kept: laws that hold whatever backups there are."""

from datetime import date, timedelta

import hypothesis
from hypothesis import strategies as st

from weatherflick_assets.operations.backup.manifests import Kind, Manifest, restorable
from weatherflick_assets.operations.backup.policy import POLICY, is_full_due, kept, newest_base, wal_reached
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.operations.backup.made import START, history, manifest

DAYS = st.sets(st.integers(0, 500), min_size=1, max_size=120).map(sorted)


def day_of(backup: Manifest) -> date:
    return backup.started_at.astimezone(KST).date()


@hypothesis.settings(max_examples=15)
@hypothesis.given(days=DAYS)
def test_what_is_kept_can_be_restored_and_deciding_again_changes_nothing(days: list[int]) -> None:
    made = history(days)
    ids = kept(made)
    left = [each for each in made if each.id in ids]
    assert kept(left) == ids
    bases = [each for each in left if each.kind is not Kind.WAL]
    assert {each.backup.id for each in restorable(left)} == {each.id for each in bases}
    assert made[-1].id in ids


@hypothesis.settings(max_examples=15)
@hypothesis.given(days=DAYS)
def test_the_newest_of_each_day_week_and_month_stay_and_their_number_is_bounded(days: list[int]) -> None:
    made = [each for each in history(days) if each.kind is not Kind.WAL]
    ids = kept(made)
    for most, period in (
        (POLICY.daily, day_of),
        (POLICY.weekly, lambda each: day_of(each).isocalendar()[:2]),
        (POLICY.monthly, lambda each: (day_of(each).year, day_of(each).month)),
    ):
        newest = {period(each): each.id for each in made}
        assert {*list(newest.values())[-most:]} <= ids
    wanted = POLICY.daily + POLICY.weekly + POLICY.monthly
    assert len(ids) <= wanted * 7  # each with its chain, which is at most a week long


@hypothesis.settings(max_examples=15)
@hypothesis.given(days=DAYS)
def test_every_time_since_the_oldest_daily_backup_can_be_restored_to(days: list[int]) -> None:
    made = history(days)
    left = [each for each in made if each.id in kept(made)]
    found = restorable(left)
    oldest = sorted({day_of(each.backup) for each in found})[-POLICY.daily :][0]
    recent = [each for each in found if day_of(each.backup) >= oldest]
    assert recent[-1].ends == max(each.ends for each in found)


def test_after_a_restore_earlier_times_can_still_be_restored_to() -> None:
    made = history([0, 1])
    restored = manifest(Kind.FULL, START + timedelta(days=1, hours=3), (7, 8), timeline=2)
    assert kept([*made, restored]) == {each.id for each in [*made, restored]}


def test_a_backup_whose_chain_is_broken_is_given_up() -> None:
    made = history([0, 1, 2])
    full = next(each for each in made if each.kind is Kind.FULL)
    assert restorable([each for each in made if each is not full]) == []


def test_a_chain_lasts_a_week_and_a_restored_database_begins_a_new_one() -> None:
    made = history([0, 1, 2, 3])
    newest = newest_base(made, "a system", 1)
    assert newest is not None
    assert newest.backup == made[-1]
    assert not is_full_due(newest, START + timedelta(days=6))
    assert is_full_due(newest, START + timedelta(days=7))
    assert newest_base(made, "a system", 2) is None
    assert newest_base(made, "another system", 1) is None


def test_wal_goes_on_where_the_wal_before_ended_also_when_a_base_backup_lies_between() -> None:
    made = history([0, 1, 2])
    newest = newest_base(made, "a system", 1)
    assert newest is not None
    stored = [each.wal.last for each in made if each.kind is Kind.WAL and each.wal]
    assert wal_reached(made, newest) == stored[-1]
    alone = history([0])
    first = newest_base(alone, "a system", 1)
    assert first is not None
    assert first.backup.wal is not None
    assert wal_reached(alone, first) == first.backup.wal.last
