"""Who hears of what, and when: the quiet time, the digest, and the words before an address."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.alerts import routing
from weatherflick_assets.alerts.kinds import GRAVEST_FIRST, KINDS, PLATFORM_TEAM, Severity
from weatherflick_assets.settings import KST


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+09:00")


@pytest.mark.parametrize(
    ("severity", "noticed", "due"),
    [
        ("critical", "11-30T03:00", "11-30T03:00"),
        ("error", "11-30T12:00", "11-30T12:00"),
        ("error", "11-30T21:59", "11-30T21:59"),
        ("error", "11-30T22:00", "12-01T08:00"),
        ("error", "12-01T00:00", "12-01T08:00"),
        ("error", "12-01T07:59", "12-01T08:00"),
        ("error", "12-01T08:00", "12-01T08:00"),
        ("warning", "11-30T12:00", None),
    ],
)
def test_errors_wait_until_the_morning_what_is_critical_does_not_and_warnings_are_in_the_digest(
    severity: str, noticed: str, due: str | None
) -> None:
    assert routing.due_at(PLATFORM_TEAM, severity, at(noticed)) == (due and at(due))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda naive: naive.replace(tzinfo=KST)))  # noqa: DTZ001
def test_nothing_is_due_in_the_quiet_time_and_nothing_waits_longer_than_it_lasts(moment: datetime) -> None:
    due = routing.after_the_quiet_time(moment)
    assert routing.QUIET_UNTIL <= due.astimezone(KST).time() < routing.QUIET_FROM
    assert timedelta() <= due - moment <= timedelta(hours=10)
    assert routing.after_the_quiet_time(due) == due


def test_every_severity_of_every_owner_has_a_time() -> None:
    for kind in KINDS.values():
        assert routing.hearing(kind.owner, kind.severity)
        assert routing.hearing("team:unheard_of", kind.severity)


@pytest.mark.parametrize(("moment", "day"), [("11-30T08:59", date(2026, 11, 29)), ("11-30T09:00", date(2026, 11, 30))])
def test_the_digest_of_a_day_is_due_at_nine(moment: str, day: date) -> None:
    assert routing.digest_day(at(moment)) == day
    assert routing.digest_time(date(2026, 11, 30)) == at("11-30T09:00")


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ([], ["critical", "error", "warning"]),
        (["critical"], ["critical"]),
        (["error"], ["critical", "error"]),
        (["critical", "error"], ["critical", "error"]),
        (["team:data-platform"], ["critical", "error", "warning"]),
        (["team:data-platform", "error"], ["critical", "error"]),
        (["team:other"], []),
        (["team:other", "team:data-platform"], ["critical", "error", "warning"]),
    ],
)
def test_the_words_before_an_address_say_of_what_it_hears(words: list[str], heard: list[str]) -> None:
    assert [severity for severity in GRAVEST_FIRST if routing.hears(words, PLATFORM_TEAM, severity)] == heard


def test_the_gravest_severity_comes_first() -> None:
    assert set(GRAVEST_FIRST) == set(Severity)
    assert [KINDS[name].severity for name in KINDS] == sorted(
        (kind.severity for kind in KINDS.values()), key=GRAVEST_FIRST.index
    )
