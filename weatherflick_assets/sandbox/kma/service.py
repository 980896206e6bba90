"""The services of the Korea Meteorological Administration behind the gateway.

Here: from parameters to the rows of an answer, with the publish clock and the retention.

An issue can be read from its publish delay on, and for a day. Older ones have no data, and from the third day on they
are an error. What KMA answers for a cell outside its grid is not recorded; here it is error 10.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.envelopes import Format
from weatherflick_assets.sandbox.kma.asos import MOST_ROWS, Asos, Station, last_day, stations
from weatherflick_assets.sandbox.kma.envelopes import NO_DATA, refused, success
from weatherflick_assets.sandbox.kma.mid_term import MID_TERM_TIMES, OFFICES, MidTerm
from weatherflick_assets.sandbox.kma.operations import OPERATIONS
from weatherflick_assets.sandbox.kma.short_term import SHORT_TERM_TIMES, GridForecasts
from weatherflick_assets.sandbox.kma.warnings import NATIONWIDE, Warnings
from weatherflick_assets.sandbox.korea.draws import Draws
from weatherflick_assets.sandbox.paging import Row, Rows, RowsOnDemand
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.publication import is_published
from weatherflick_assets.sandbox.services import Circumstances
from weatherflick_assets.sandbox.weather.sky import Sky

_INVALID = ParameterError("invalid_parameter", "10", "INVALID_REQUEST_PARAMETER_ERROR")
_TOO_OLD = ParameterError("too_old", "10", "최근 3일 간의 자료만 제공합니다.")

_NOT_YET = ParameterError("not_yet", "99", "전날 자료까지 제공됩니다.")
_TOO_LONG = ParameterError("invalid_parameter", "10", "최대 6일 간의 자료만 제공합니다.")
_UNKNOWN = ParameterError("invalid_parameter", "99", "UNKNOWN_ERROR")
_LONGEST_HISTORY = timedelta(days=6)
_LONGEST = timedelta(days=366)

_MID_TERM_DELAY = timedelta(minutes=20)
_KEPT = timedelta(hours=24)
_MISSING = ("-999", "-998.9", "900")
_DAYS_WITHOUT_ERROR = 3


@dataclass(frozen=True)
class _Series:
    """The issues of an operation of grid cells.

    Attributes:
        delay: How long after its time an issue appears.
        rows: The rows of an issue for a cell, given as column and row.
        value: The key of the value in a row.
        has: Whether a time is one of an issue.
    """

    operation: str
    delay: timedelta
    rows: Callable[[GridForecasts], Callable[[datetime, int, int], Sequence[Row]]]
    value: str
    has: Callable[[datetime], bool]


_SERIES = {
    "ODAM": _Series(
        "getUltraSrtNcst", timedelta(minutes=10), lambda grid: grid.nowcast, "obsrValue", lambda at: at.minute == 0
    ),
    "VSRT": _Series(
        "getUltraSrtFcst",
        timedelta(minutes=15),
        lambda grid: grid.next_hours,
        "fcstValue",
        lambda at: at.minute in {0, 30},
    ),
    "SHRT": _Series(
        "getVilageFcst",
        timedelta(minutes=10),
        lambda grid: grid.short_term,
        "fcstValue",
        lambda at: f"{at:%H%M}" in SHORT_TERM_TIMES,
    ),
}
"""By the name of their type in getFcstVersion."""

Answer = Callable[[Parameters, Circumstances], Rows]


class KmaService:
    """Answers KMA's operations from one sky."""

    def __init__(self, sky: Sky) -> None:
        """Serve the weather of `sky`."""
        self._grid = GridForecasts(sky)
        self._mid_term = MidTerm(sky)
        self._asos = Asos(sky)
        self._warnings = Warnings(sky)
        self._answers: dict[str, Answer] = {
            **{series.operation: self._grid_answer(series) for series in _SERIES.values()},
            "getFcstVersion": self._version,
            "getMidLandFcst": self._mid_term_land,
            "getMidTa": self._mid_term_temperatures,
            "getMidFcst": self._mid_term_text,
            "getWthrWrnList": self._bulletins,
            "getPwnStatus": self._status,
            "AsosHourlyInfoService/getWthrDataList": self._hourly,
            "AsosDalyInfoService/getWthrDataList": self._daily,
        }

    def answer(self, operation: str, parameters: Parameters, form: Format, circumstances: Circumstances) -> bytes:
        """The body of the answer to a call. Raises ParameterError: it is malformed, or there is no data."""
        OPERATIONS[operation].check(parameters)
        rows = self._answers[operation](parameters, circumstances)
        page, size = parameters.page, parameters.rows_per_page
        items = rows[(page - 1) * size : page * size]
        if not items:
            raise NO_DATA
        return success(form, items, page=page, size=size, total=len(rows))

    @staticmethod
    def refused(error: ParameterError, form: Format, _circumstances: Circumstances) -> bytes:
        """The body of the answer to a call that the service refuses."""
        return refused(form, error)

    def _grid_answer(self, series: _Series) -> Answer:
        def answer(parameters: Parameters, circumstances: Circumstances) -> Rows:
            cell = int(parameters.get("nx")), int(parameters.get("ny"))
            if not self._grid.is_cell(*cell):
                raise _INVALID
            issued = moment(parameters.get("base_date") + parameters.get("base_time"))
            _check_issue(series, issued, circumstances, part=f"{cell[0]},{cell[1]}")
            return _with_gaps(series.rows(self._grid)(issued, *cell), series.value, circumstances.behaviour)

        return answer

    @staticmethod
    def _version(parameters: Parameters, circumstances: Circumstances) -> Rows:
        """The version of an issue: the time at which it is due."""
        kind, issued = parameters.get("ftype"), moment(parameters.get("basedatetime"))
        _check_issue(_SERIES[kind], issued, circumstances, part="")
        return [{"version": f"{issued + _SERIES[kind].delay:%Y%m%d%H%M%S}", "filetype": kind}]

    def _mid_term_land(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        region = parameters.get("regId")
        return [self._mid_term.land(_mid_term_issue("getMidLandFcst", parameters, circumstances, region), region)]

    def _mid_term_temperatures(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        city = parameters.get("regId")
        return [self._mid_term.temperatures(_mid_term_issue("getMidTa", parameters, circumstances, city), city)]

    def _mid_term_text(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        office = parameters.get("stnId")
        if office not in OFFICES:
            raise NO_DATA
        return [self._mid_term.text(_mid_term_issue("getMidFcst", parameters, circumstances, office), office)]

    def _hourly(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        station, first, end = _period(parameters, circumstances.now, parameters.get("startHh"), parameters.get("endHh"))
        return RowsOnDemand(
            (end - first) // timedelta(hours=1) + 1,
            lambda start, count: self._asos.hourly(station, first + timedelta(hours=start), count, number=start + 1),
        )

    def _daily(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        station, first, end = _period(parameters, circumstances.now, "00", "23")
        return RowsOnDemand(
            (end - first) // timedelta(days=1) + 1,
            lambda start, count: self._asos.daily(station, first + timedelta(days=start), count),
        )

    def _bulletins(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        now = circumstances.now
        first, last = (
            moment(f"{parameters.get(name) or f'{now:%Y%m%d}'}0000").date() for name in ("fromTmFc", "toTmFc")
        )
        if last - first >= _LONGEST_HISTORY:
            raise _TOO_LONG
        return [found.row for found in self._warnings.bulletins(first, last, now, parameters.get("stnId", NATIONWIDE))]

    def _status(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        if parameters.get("fromTmFc") or parameters.get("toTmFc"):
            raise _UNKNOWN
        return [self._warnings.status(circumstances.now)]


def _check_issue(series: _Series, issued: datetime, circumstances: Circumstances, *, part: str) -> None:
    """Raises ParameterError: there is no such issue, it is not published, or no longer kept."""
    now = circumstances.now
    if (now.date() - issued.date()).days >= _DAYS_WITHOUT_ERROR:
        raise _TOO_OLD
    published = is_published(series.operation, issued, series.delay, now, circumstances.behaviour, part=part)
    if not series.has(issued) or now - issued > _KEPT or not published:
        raise NO_DATA


def _with_gaps(rows: Sequence[Row], value: str, behaviour: Behaviour) -> Rows:
    """The rows, with a share of missing values written as numbers out of range."""
    if not behaviour.missing_values:
        return rows
    draws = [Draws(behaviour.seed, " ".join(map(str, row.values()))) for row in rows]
    return [
        {**row, value: draw.pick("written", _MISSING)} if draw.happens("missing", behaviour.missing_values) else row
        for row, draw in zip(rows, draws, strict=True)
    ]


def _mid_term_issue(operation: str, parameters: Parameters, circumstances: Circumstances, part: str) -> datetime:
    """The issue of a mid-term call. Raises ParameterError: it is none, not published, or no longer kept."""
    issued, now = moment(parameters.get("tmFc")), circumstances.now
    if f"{issued:%H%M}" not in MID_TERM_TIMES or now - issued > _KEPT:
        raise NO_DATA
    if not is_published(operation, issued, _MID_TERM_DELAY, now, circumstances.behaviour, part=part):
        raise NO_DATA
    return issued


def _period(parameters: Parameters, now: datetime, start: str, end: str) -> tuple[Station, datetime, datetime]:
    """The station and the first and last hour of an ASOS call. Raises ParameterError: too much, or not yet known."""
    if int(parameters.get("numOfRows", "10")) > MOST_ROWS:
        raise _INVALID
    first, last = (moment(parameters.get(name) + hour + "00") for name, hour in (("startDt", start), ("endDt", end)))
    if last.date() >= now.date():
        raise _NOT_YET
    if last - first > _LONGEST:
        raise _INVALID
    last = min(last, last_day(now) + timedelta(hours=23))
    station = stations().get(parameters.get("stnIds"))
    if station is None or first > last:
        raise NO_DATA
    return station, first, last


def moment(text: str) -> datetime:
    """A time in Korea written as `YYYYMMDDHHMM`. Raises ParameterError: there is no such day."""
    try:
        return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=KOREA)
    except ValueError:
        raise _INVALID from None
