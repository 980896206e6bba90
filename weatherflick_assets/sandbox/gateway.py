"""The data.go.kr gateway in front of the service: who may call what, and how often.

Here: the checks that a call must pass before it reaches the service, as one ordered list.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import unquote

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.envelopes import Format
from weatherflick_assets.sandbox.limits import Paces, Quota
from weatherflick_assets.sandbox.refusals import (
    ADDRESS_BLOCKED,
    AGENT_REFUSED,
    BAD_REQUEST,
    KEY_EXPIRED,
    KEY_MISSING,
    KEY_UNKNOWN,
    NO_SUCH_SERVICE,
    NOT_APPROVED,
    OVER_IN_FLIGHT,
    OVER_QUOTA,
    OVER_RATE,
    Refusal,
)


@dataclass(frozen=True)
class Call:
    """A call as the gateway sees it; operation and key are empty if there is none.

    `day` is that of Korea on the sandbox's clock; `arrived` is on the base clock, which settings do not shift.
    """

    operation: str
    key: str
    form: Format
    headers: Mapping[str, str]
    address: str
    day: date
    arrived: datetime


class Gateway:
    """Decides whether a call reaches the service."""

    def __init__(self, keys: Collection[str], behaviour: Behaviour, quota: Quota, paces: Paces) -> None:
        """Admit calls with one of `keys`, or the keys of `behaviour` if it has any, within the limits of `behaviour`.

        A key that contains `%` counts as percent-encoded and is decoded once.
        """
        self._behaviour = behaviour
        self._quota = quota
        self._paces = paces
        self._keys = frozenset(map(_decoded, keys if behaviour.keys is None else behaviour.keys))
        self._expired = frozenset(map(_decoded, behaviour.expired))
        self._unapproved = frozenset((_decoded(key), operation) for key, operation in behaviour.unapproved)
        self._agents = [_pattern(agent) for agent in behaviour.refused_agents]
        self.checks = (
            self._agent,
            self._header,
            self._address,
            self._path,
            self._key,
            self._approval,
            self._pace,
            self._daily_limit,
        )

    def refusal(self, call: Call) -> Refusal | None:
        """Why the call is refused, or None if it may reach the service."""
        return next((refusal for check in self.checks if (refusal := check(call))), None)

    def _agent(self, call: Call) -> Refusal | None:
        agent = call.headers.get("User-Agent", "")
        return AGENT_REFUSED if any(pattern.fullmatch(agent) for pattern in self._agents) else None

    @staticmethod
    def _header(call: Call) -> Refusal | None:
        # The firewall mistakes this for an attack. Tracing headers of error reporters trigger it.
        return BAD_REQUEST if any("environment=" in value for value in call.headers.values()) else None

    def _address(self, call: Call) -> Refusal | None:
        return ADDRESS_BLOCKED if call.address in self._behaviour.blocked_addresses else None

    @staticmethod
    def _path(call: Call) -> Refusal | None:
        return None if call.operation else NO_SUCH_SERVICE

    def _key(self, call: Call) -> Refusal | None:
        if not call.key:
            return KEY_MISSING
        if call.key in self._expired:
            return KEY_EXPIRED
        return None if call.key in self._keys else KEY_UNKNOWN

    def _approval(self, call: Call) -> Refusal | None:
        return NOT_APPROVED if (call.key, call.operation) in self._unapproved else None

    def _pace(self, call: Call) -> Refusal | None:
        pace, limits = self._paces[call.key], self._behaviour
        pace.arrive(call.arrived)
        if limits.per_second is not None and pace.admitted.count(call.arrived) >= limits.per_second:
            return OVER_RATE
        if limits.refuse_in_flight is not None and pace.in_flight + 1 >= limits.refuse_in_flight:
            return OVER_IN_FLIGHT
        return None

    def _daily_limit(self, call: Call) -> Refusal | None:
        limit = self._behaviour.daily_limit_of(call.operation)
        if limit is not None and self._quota.spent(call.key, call.operation, call.day) >= limit:
            return OVER_QUOTA
        return None


def _decoded(key: str) -> str:
    return unquote(key.strip()) if "%" in key else key.strip()


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
