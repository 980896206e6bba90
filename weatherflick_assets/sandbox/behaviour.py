"""How the sandbox behaves: every setting, its default, and its validation rule.

The defaults describe a perfectly behaved upstream.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Annotated, Any, get_args

from weatherflick_assets.sandbox.call_counts import fingerprint
from weatherflick_assets.sandbox.directory import NAMES
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.faults import FAULTS, rates
from weatherflick_assets.sandbox.generations import GENERATIONS
from weatherflick_assets.sandbox.korea.days import DAILY_CHANGES


@dataclass(frozen=True)
class _Rule:
    """The validation rule of a setting.

    Attributes:
        must_be: Completes the sentence "… must be".
        read: Returns the value to store. Raises TypeError or ValueError for an invalid value.
        show: Returns the value for the settings page, where keys appear as fingerprints.
    """

    must_be: str
    read: Callable[[Any], Any]
    show: Callable[[Any], Any] = lambda value: value


def _holds(condition: bool) -> None:  # noqa: FBT001 - it reads as an assertion
    if not condition:
        raise ValueError


def _one_of(names: Mapping[str, object]) -> _Rule:
    def read(value: Any) -> str:
        _holds(value in names)
        return value

    return _Rule(f"one of {', '.join(names)}", read)


def _read_whole(value: Any, least: int) -> int:
    _holds(isinstance(value, int) and not isinstance(value, bool) and value >= least)
    return value


def _read_number(value: Any, greatest: float) -> float:
    _holds(isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= greatest)
    return float(value)


def _read_text(value: Any) -> str:
    _holds(isinstance(value, str))
    return value


def _read_texts(value: Any) -> tuple[str, ...]:
    _holds(isinstance(value, list | tuple))
    return tuple(_read_text(text) for text in value)


def _read_bool(value: Any) -> bool:
    _holds(isinstance(value, bool))
    return value


def _read_time(value: Any) -> datetime:
    time = value if isinstance(value, datetime) else datetime.fromisoformat(_read_text(value))
    _holds(time.utcoffset() is not None and 2000 <= time.year <= 2100)
    return time


def _read_table(names: Collection[str], read: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    def table(value: Any) -> dict[str, Any]:
        _holds(isinstance(value, Mapping) and set(value) <= set(names))
        return {name: read(held) for name, held in value.items()}

    return table


def _read_issues(value: Any) -> dict[str, str | int]:
    def read(name: str, trouble: Any) -> str | int:
        operation, _, issued = name.partition(" ")
        _holds(operation in NAMES and len(issued) == 12 and issued.isdecimal())
        return trouble if trouble in {"absent", "partial"} else _read_whole(trouble, 0)

    _holds(isinstance(value, Mapping))
    return {str(name): read(str(name), trouble) for name, trouble in value.items()}


def _read_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    _holds(isinstance(value, list | tuple))
    pairs = [_read_texts(pair) for pair in value]
    _holds(all(len(pair) == 2 and pair[1] in NAMES for pair in pairs))
    return tuple((key, operation) for key, operation in pairs)


def _or_none(rule: _Rule) -> _Rule:
    return _Rule(
        f"{rule.must_be}, or null",
        lambda value: None if value is None else rule.read(value),
        lambda value: None if value is None else rule.show(value),
    )


def _whole(least: int) -> _Rule:
    return _Rule(f"a whole number from {least} up", lambda value: _read_whole(value, least))


_RATE = _Rule("a number from 0 to 1", lambda value: _read_number(value, 1.0))
_SECONDS = _Rule("a number of seconds from 0 to 3600", lambda value: _read_number(value, 3600.0))
_YES_OR_NO = _Rule("true or false", _read_bool)
_TEXTS = _Rule("a list of texts", _read_texts, list)
_KEYS = _Rule("a list of keys", _read_texts, lambda keys: [fingerprint(key) for key in keys])
_TIME = _Rule("a time of this century with its offset, like 2026-11-22T23:59:50+09:00", _read_time, datetime.isoformat)
_LIMITS = _Rule(
    "an object of operations, each with a whole number from 0 up or null",
    _read_table(NAMES, lambda value: None if value is None else _read_whole(value, 0)),
)
_FAULT_RATES = _Rule(
    f"an object of rates from 0 to 1 for any of {', '.join(FAULTS)}",
    _read_table(FAULTS, lambda value: _read_number(value, 1.0)),
)
_CHANGES = _Rule(
    f"an object of whole numbers from 0 up for any of {', '.join(DAILY_CHANGES)}",
    _read_table(DAILY_CHANGES, lambda value: _read_whole(value, 0)),
)
_ISSUES = _Rule(
    'an object of issues like "getVilageFcst 202611300500", each with the minutes it is late, "absent" or "partial"',
    _read_issues,
)
_PAIRS = _Rule(
    "a list of pairs of a key and an operation",
    _read_pairs,
    lambda pairs: [[fingerprint(key), operation] for key, operation in pairs],
)


@dataclass(frozen=True)
class Behaviour:
    """All settings of the sandbox.

    Attributes:
        error_generation: The gateway generation that writes refusals: `json4xx`, `xml200` or `text`.
        keys: The registered keys. None: the keys given at startup.
        expired: Expired keys (code 31).
        unapproved: Pairs of a key and an operation it is not approved for (code 30).
        blocked_addresses: Blocked caller addresses (code 29).
        refused_agents: User-Agent patterns (`*` and `?`) that the firewall refuses. An empty pattern matches a missing
            User-Agent.
        daily_limit: Calls per day, key and operation; further calls get code 22. None: unlimited.
        daily_limits: Overrides of `daily_limit` for single operations.
        failed_calls_count: Whether calls that end in a fault or a parameter error count against the daily limit.
        per_second: Calls per key within any one second; further calls get code 23. None: unlimited.
        refuse_in_flight: A call that would bring a key to this many calls in flight gets code 23. None: unlimited.
        latency: Seconds that an admitted call takes.
        latency_spread: Maximum additional latency in seconds, drawn uniformly.
        faults: The rate of each kind of fault among admitted calls.
        fault_rate: A rate spread evenly over every kind of fault except `stall`, on top of `faults`.
        gzip_lie: How often a plain answer claims to be gzip, among callers that accept gzip.
        moving_rows: After this many pages of places, something moves in the list just read. None: nothing moves.
        moves: The maximum number of moves. None: unlimited.
        daily_changes: The number of changes of each kind on a day of the world. None: proportional to its size.
        days_pass: Whether a day of the world passes at each midnight in Korea on the sandbox's clock.
        late_issues: The share of issues of forecasts and observations that appear late.
        lateness: How late they appear at most, in minutes.
        absent_issues: The share of issues that never appear.
        partial_issues: The share of issues that lack half of their cells or regions.
        issues: What happens to single issues, in place of the shares above: minutes of lateness, `absent` or `partial`.
        missing_values: The share of values on KMA's grid that are missing, written as -999 or +900.
        clock: The time the sandbox's clock is set to; it runs on from there. None: the real time.
        seed: The seed of every random draw.
    """

    error_generation: Annotated[str, _one_of(GENERATIONS)] = "json4xx"
    keys: Annotated[tuple[str, ...] | None, _or_none(_KEYS)] = None
    expired: Annotated[tuple[str, ...], _KEYS] = ()
    unapproved: Annotated[tuple[tuple[str, str], ...], _PAIRS] = ()
    blocked_addresses: Annotated[tuple[str, ...], _TEXTS] = ()
    refused_agents: Annotated[tuple[str, ...], _TEXTS] = ("", "python-requests/*", "Python/* aiohttp/*")
    daily_limit: Annotated[int | None, _or_none(_whole(0))] = None
    daily_limits: Annotated[Mapping[str, int | None], _LIMITS] = field(default_factory=dict)
    failed_calls_count: Annotated[bool, _YES_OR_NO] = True
    per_second: Annotated[int | None, _or_none(_whole(1))] = None
    refuse_in_flight: Annotated[int | None, _or_none(_whole(2))] = None
    latency: Annotated[float, _SECONDS] = 0.0
    latency_spread: Annotated[float, _SECONDS] = 0.0
    faults: Annotated[Mapping[str, float], _FAULT_RATES] = field(default_factory=dict)
    fault_rate: Annotated[float, _RATE] = 0.0
    gzip_lie: Annotated[float, _RATE] = 0.0
    moving_rows: Annotated[int | None, _or_none(_whole(1))] = None
    moves: Annotated[int | None, _or_none(_whole(0))] = None
    daily_changes: Annotated[Mapping[str, int] | None, _or_none(_CHANGES)] = None
    days_pass: Annotated[bool, _YES_OR_NO] = False
    late_issues: Annotated[float, _RATE] = 0.0
    lateness: Annotated[int, _whole(1)] = 60
    absent_issues: Annotated[float, _RATE] = 0.0
    partial_issues: Annotated[float, _RATE] = 0.0
    issues: Annotated[Mapping[str, str | int], _ISSUES] = field(default_factory=dict)
    missing_values: Annotated[float, _RATE] = 0.0
    clock: Annotated[datetime | None, _or_none(_TIME)] = None
    seed: Annotated[int, _whole(0)] = 1

    def __post_init__(self) -> None:
        """Validate every setting.

        Raises:
            SandboxError: A setting is invalid. The message names it but never its value, which may be a key.
        """
        for name, rule in _RULES.items():
            try:
                object.__setattr__(self, name, rule.read(getattr(self, name)))
            except (TypeError, ValueError):
                raise SandboxError(f"The setting {name} must be {rule.must_be}.") from None
        if math.fsum(self.fault_rates.values()) > 1 + 1e-9:
            raise SandboxError("The settings fault_rate and faults must not add up to more than 1.")

    @property
    def fault_rates(self) -> dict[str, float]:
        """The probability of each kind of fault."""
        return rates(self.fault_rate, self.faults)

    def daily_limit_of(self, operation: str) -> int | None:
        """Calls of `operation` per day and key; None if unlimited."""
        return self.daily_limits.get(operation, self.daily_limit)

    def changed(self, settings: Mapping[str, Any]) -> "Behaviour":
        """A copy with some settings changed. Raises SandboxError: a setting is unknown or invalid."""
        if unknown := [name for name in settings if name not in _RULES]:
            raise SandboxError(f"There is no setting {unknown[0]}; the settings are {', '.join(_RULES)}.")
        return replace(self, **settings)

    def shown(self) -> dict[str, Any]:
        """The settings as JSON values, with keys as fingerprints."""
        return {name: rule.show(getattr(self, name)) for name, rule in _RULES.items()}


_RULES: dict[str, _Rule] = {setting.name: get_args(setting.type)[-1] for setting in fields(Behaviour)}
