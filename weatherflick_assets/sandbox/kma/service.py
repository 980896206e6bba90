"""The services of the Korea Meteorological Administration behind the gateway.

Here: from parameters to the rows of an answer, with the publish clock and the retention.

An issue can be read from its publish delay on, and for a day. Older ones have no data, and from the third day on they
are an error. What KMA answers for a cell outside its grid is not recorded; here it is error 10.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.envelopes import Format
from weatherflick_assets.sandbox.kma.envelopes import NO_DATA, Rows, refused, success
from weatherflick_assets.sandbox.kma.operations import OPERATIONS
from weatherflick_assets.sandbox.kma.short_term import SHORT_TERM_TIMES, GridForecasts
from weatherflick_assets.sandbox.korea.draws import Draws
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.publication import is_published
from weatherflick_assets.sandbox.services import Circumstances
from weatherflick_assets.sandbox.weather.sky import Sky

_INVALID = ParameterError("invalid_parameter", "10", "INVALID_REQUEST_PARAMETER_ERROR")
_TOO_OLD = ParameterError("too_old", "10", "최근 3일 간의 자료만 제공합니다.")

_NOWCAST_DELAY = timedelta(minutes=10)
_NEXT_HOURS_DELAY = timedelta(minutes=15)
_SHORT_TERM_DELAY = timedelta(minutes=10)
_KEPT = timedelta(hours=24)
_DAYS_WITHOUT_ERROR = 3

Answer = Callable[[Parameters, Circumstances], Rows]


class KmaService:
    """Answers KMA's operations from one sky."""

    def __init__(self, sky: Sky) -> None:
        """Serve the weather of `sky`."""
        self._grid = GridForecasts(sky)
        self._answers: dict[str, Answer] = {
            "getUltraSrtNcst": self._nowcast,
            "getUltraSrtFcst": self._next_hours,
            "getVilageFcst": self._short_term,
            "getFcstVersion": self._version,
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

    def _nowcast(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        issued, cell = self._asked(parameters)
        if issued.minute:
            raise NO_DATA
        self._check("getUltraSrtNcst", issued, _NOWCAST_DELAY, circumstances, cell)
        return self._with_gaps(self._grid.nowcast(issued, *cell), "obsrValue", circumstances)

    def _next_hours(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        issued, cell = self._asked(parameters)
        if issued.minute not in {0, 30}:
            raise NO_DATA
        self._check("getUltraSrtFcst", issued, _NEXT_HOURS_DELAY, circumstances, cell)
        return self._with_gaps(self._grid.next_hours(issued, *cell), "fcstValue", circumstances)

    def _short_term(self, parameters: Parameters, circumstances: Circumstances) -> Rows:
        issued, cell = self._asked(parameters)
        if parameters.get("base_time") not in SHORT_TERM_TIMES:
            raise NO_DATA
        self._check("getVilageFcst", issued, _SHORT_TERM_DELAY, circumstances, cell)
        return self._with_gaps(self._grid.short_term(issued, *cell), "fcstValue", circumstances)

    @staticmethod
    def _version(parameters: Parameters, circumstances: Circumstances) -> Rows:
        """The version of an issue: the time at which it appeared."""
        kind, issued = parameters.get("ftype"), moment(parameters.get("basedatetime"))
        operation = {"ODAM": "getUltraSrtNcst", "VSRT": "getUltraSrtFcst", "SHRT": "getVilageFcst"}[kind]
        minutes = {"ODAM": {0}, "VSRT": {0, 30}, "SHRT": {0}}[kind]
        if issued.minute not in minutes or (kind == "SHRT" and f"{issued:%H%M}" not in SHORT_TERM_TIMES):
            raise NO_DATA
        delay = _NEXT_HOURS_DELAY if kind == "VSRT" else _SHORT_TERM_DELAY
        check_kept(issued, circumstances.now)
        if not is_published(operation, issued, delay, circumstances.now, circumstances.behaviour):
            raise NO_DATA
        return [{"version": f"{issued + delay:%Y%m%d%H%M%S}", "filetype": kind}]

    def _asked(self, parameters: Parameters) -> tuple[datetime, tuple[int, int]]:
        cell = int(parameters.get("nx")), int(parameters.get("ny"))
        if not self._grid.is_cell(*cell):
            raise _INVALID
        return moment(parameters.get("base_date") + parameters.get("base_time")), cell

    @staticmethod
    def _check(
        operation: str, issued: datetime, delay: timedelta, circumstances: Circumstances, cell: tuple[int, int]
    ) -> None:
        check_kept(issued, circumstances.now)
        part = f"{cell[0]},{cell[1]}"
        if not is_published(operation, issued, delay, circumstances.now, circumstances.behaviour, part=part):
            raise NO_DATA

    @staticmethod
    def _with_gaps(rows: Rows, value: str, circumstances: Circumstances) -> Rows:
        """The rows, with a share of missing values written as numbers out of range."""
        rate, seed = circumstances.behaviour.missing_values, circumstances.behaviour.seed
        if not rate:
            return rows
        draws = [Draws(seed, " ".join(str(held) for held in row.values())) for row in rows]
        return [
            {**row, value: draw.pick("written", ("-999", "-998.9", "900"))} if draw.happens("missing", rate) else row
            for row, draw in zip(rows, draws, strict=True)
        ]


def moment(text: str) -> datetime:
    """A time in Korea written as `YYYYMMDDHHMM`. Raises ParameterError: there is no such day."""
    try:
        return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=KOREA)
    except ValueError:
        raise _INVALID from None


def check_kept(issued: datetime, now: datetime) -> None:
    """Raises ParameterError: the issue is too old to be kept."""
    if (now.date() - issued.date()).days >= _DAYS_WITHOUT_ERROR:
        raise _TOO_OLD
    if now - issued > _KEPT:
        raise NO_DATA
