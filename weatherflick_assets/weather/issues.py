"""When the weather is said: the series of issues, each with its times of day, its publish delay, and how long it can be read.

An issue is named by its time in Korea, YYYYMMDDHHMM, which is also its partition key. Sources: the KMA's guides (2026-07)
and recorded answers; `upstream_apis.md` §3 has both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from weatherflick_assets.errors import NotYetError, PlatformError
from weatherflick_assets.settings import FIRST_DAY, KST, korean_time

KEY_FORMAT = "%Y%m%d%H%M"


class UnknownIssueError(PlatformError):
    """A time that is none of a series."""


class LateIssueError(NotYetError):
    """An issue that should be published and is not."""


class PastRetentionError(PlatformError):
    """An issue that the upstream no longer gives."""


class NoAnswerError(PlatformError):
    """Not one of the answers that were asked for could be read."""


class NothingCollectedError(PlatformError):
    """Nothing about an issue is stored that could be published."""


@dataclass(frozen=True)
class Series:
    """The issues of one kind of weather data.

    Attributes:
        name: what is issued, e.g. forecasts.
        hours, minute: the times of day, in Korea.
        delay: how long after its time an issue is published.
        kept: how long after its time the upstream gives it.
        is_yearly: whether there are issues on the first day of a year alone.
        first_day: the day of its first partition.
    """

    name: str
    hours: tuple[int, ...]
    minute: int
    delay: timedelta
    kept: timedelta
    is_yearly: bool = False
    first_day: date = FIRST_DAY

    @property
    def cron(self) -> str:
        """Its times as a cron string."""
        return f"{self.minute} {','.join(map(str, self.hours))} {'1 1' if self.is_yearly else '* *'} *"

    @property
    def longest_interval(self) -> timedelta:
        """The longest time from one issue to the next."""
        if self.is_yearly:
            return timedelta(days=366)
        return timedelta(hours=max(later - hour for hour, later in pairwise((*self.hours, self.hours[0] + 24))))

    def issues(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The issues after a time and until another one, oldest first, in Korean time."""
        after, until = after.astimezone(KST), until.astimezone(KST)
        day = after.date()
        while day <= until.date():
            for hour in self.hours if self._has(day) else ():
                at = datetime.combine(day, time(hour, self.minute), KST)
                if after < at <= until:
                    yield at
            day += timedelta(days=1)

    def readable(self, now: datetime) -> list[datetime]:
        """The issues that the upstream gives at a time, newest first."""
        return [*self.issues(now - self.kept, now - self.delay)][::-1]

    def sharing(self, issue: datetime, now: datetime) -> list[datetime]:
        """The issues that share what is left of the day's quota: this one, those to come, and the first of the next day."""
        day = now.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        to_come = self.issues(max(issue, now - self.delay), day + timedelta(days=1))
        of_the_day = [at for at in to_come if at < day]
        return [issue, *of_the_day, next(self.issues(day - timedelta(microseconds=1), day + timedelta(days=1)))]

    def issue_of(self, key: str) -> datetime:
        """The issue that a partition key names.

        Raises:
            UnknownIssueError: it is no time, or none of this series.
        """
        try:
            at = datetime.strptime(key, KEY_FORMAT).replace(tzinfo=KST)
        except ValueError:
            at = None
        # A digit may be missing, or a blank too many: what is parsed must be what was written.
        is_known = at is not None and key_of(at) == key and self._has(at.date())
        if at is None or not is_known or at.hour not in self.hours or at.minute != self.minute:
            times = ", ".join(f"{hour:02}{self.minute:02}" for hour in self.hours)
            times += " of the first day of a year" if self.is_yearly else ""
            raise UnknownIssueError(f"{key} is no issue of {self.name}: write YYYYMMDDHHMM in Korean time, at {times}.")
        return at

    def _has(self, day: date) -> bool:
        """Whether there are issues on a day."""
        return not self.is_yearly or (day.month, day.day) == (1, 1)

    def check_readable(self, issue: datetime, now: datetime) -> None:
        """Reject a call that the upstream would refuse, before it costs anything.

        Raises:
            PastRetentionError: the issue is too old.
            LateIssueError: its publish delay has not passed.
        """
        said = f"The issue {key_of(issue)} of {self.name}"
        if now >= issue + self.kept:
            hours = self.kept / timedelta(hours=1)
            raise PastRetentionError(
                f"{said} can't be read any more: the upstream gives an issue for {hours:.0f} hours. Nothing was stored; "
                "what was published of it before stays."
            )
        if now < (published := issue + self.delay):
            raise LateIssueError(f"{said} is not published before {korean_time(published)}.")


def key_of(issue: datetime) -> str:
    """The partition key of an issue."""
    return issue.astimezone(KST).strftime(KEY_FORMAT)


_EVERY_HOUR = tuple(range(24))
_A_DAY = timedelta(days=1)

OBSERVATIONS = Series("observations", _EVERY_HOUR, 0, timedelta(minutes=10), _A_DAY)
NOWCASTS = Series("nowcasts", _EVERY_HOUR, 30, timedelta(minutes=15), _A_DAY)
FORECASTS = Series("forecasts", (2, 5, 8, 11, 14, 17, 20, 23), 0, timedelta(minutes=10), _A_DAY)
MIDTERM = Series("midterm", (6, 18), 0, timedelta(minutes=30), _A_DAY)

AIR_QUALITY = Series("air_quality", _EVERY_HOUR, 0, timedelta(minutes=15), timedelta(minutes=75))
"""Measurements of the air. Only the newest hour is given, until the next one is out."""

AIR_FORECASTS = Series("air_quality_forecasts", (5, 11, 17, 23), 0, timedelta(minutes=20), _A_DAY)
"""Forecasts of dust and ozone, by the day of issue. How long they are given is not documented."""

STATION_DAYS = Series("station_days", (0,), 0, timedelta(hours=35), timedelta(days=3650))
"""Days of stations, each known by 11:00 of the next day. Every past day is given, long before the first partition."""

_LATER_ISSUES_FROM = 17
"""Issues from this hour on reach a day further than the earlier ones of the day."""


YEARS_OF_HISTORY = 10
"""Whole years of the stations that are collected: from so many on, the KMA calls a mean a normal (기후평년값, 최소 10년)."""

STATION_YEARS = Series(
    "station_years",
    (0,),
    0,
    delay=timedelta(days=366, hours=11),
    kept=timedelta(days=365.25 * (YEARS_OF_HISTORY + 1)),
    is_yearly=True,
    first_day=FIRST_DAY.replace(year=FIRST_DAY.year - YEARS_OF_HISTORY),
)
"""Whole years of stations, each known on the second day of the next year at the latest. A year is asked for by its first day."""


def seam(issue: datetime) -> datetime:
    """Until when a short-term forecast is hourly, and in amounts: 00:00 of the third day, of later issues of the fourth.

    After it, steps are of three hours, and rain, snow and wind are codes. Recorded: issues of 05:00, 14:00 and 23:00.
    """
    issue = issue.astimezone(KST)
    days = 4 if issue.hour >= _LATER_ISSUES_FROM else 3
    return issue.replace(hour=0, minute=0) + timedelta(days=days)
