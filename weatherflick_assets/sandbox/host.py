"""The simulated host: it decides each call in one step.

A call is decided without an await, so counts and limits are exact under any concurrency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from weatherflick_assets.sandbox.airkorea.operations import OPERATIONS as AIRKOREA_OPERATIONS
from weatherflick_assets.sandbox.airkorea.service import AirKoreaService
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.call_counts import CallCounts, Outcome, fingerprint
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.clock import Clock, SettableClock
from weatherflick_assets.sandbox.details import NOTHING_RECORDED, Details, Recorded
from weatherflick_assets.sandbox.directory import PATHS
from weatherflick_assets.sandbox.envelopes import JSON, XML
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.faults import FAULTS, Dice
from weatherflick_assets.sandbox.gateway import Call, Gateway
from weatherflick_assets.sandbox.generations import Answer, written
from weatherflick_assets.sandbox.kasi.operations import OPERATIONS as KASI_OPERATIONS
from weatherflick_assets.sandbox.kasi.service import KasiService
from weatherflick_assets.sandbox.kma.operations import OPERATIONS as KMA_OPERATIONS
from weatherflick_assets.sandbox.kma.service import KmaService
from weatherflick_assets.sandbox.korea.days import Changes
from weatherflick_assets.sandbox.limits import KeyPace, Paces, Quota
from weatherflick_assets.sandbox.moving import Mover, unused_identifiers
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.service import KorService
from weatherflick_assets.sandbox.services import Circumstances, Service
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets.sandbox.world import World

_MOST_DAYS = 1000  # at full size, a quarter of an hour during which no call is answered


@dataclass(frozen=True)
class Decision:
    """The decision on a call: the answer, the delay, and the pace of its key unless the gateway refused the call."""

    call: Call
    answer: Answer
    pace: KeyPace | None = None
    seconds: float = 0.0


class Sandbox:
    """One gateway, the services behind it, their settings, and the call counters."""

    def __init__(
        self,
        options: SandboxOptions,
        catalogue: Catalogue,
        clock: Clock,
        behaviour: Behaviour,
        recorded: Recorded = NOTHING_RECORDED,
    ) -> None:
        """Serve the places of `catalogue` and their `recorded` details to callers with the keys of `options`.

        `clock` returns an aware time.
        """
        self._registered = options.keys
        self._details = Details(options.seed, catalogue, recorded)
        self._serve(catalogue)
        self._service.prepare()
        sky = Sky(options.seed)
        self._others: Mapping[str, Service] = {
            name: service
            for service, names in (
                (KmaService(sky), KMA_OPERATIONS),
                (AirKoreaService(sky, options.seed), AIRKOREA_OPERATIONS),
                (KasiService(), KASI_OPERATIONS),
            )
            for name in names
        }
        self._clock = SettableClock(clock)
        self._counts = CallCounts()
        self._quota = Quota()
        self._paces = Paces()
        self._unused_identifiers = unused_identifiers(catalogue)
        self._world = World(catalogue, options.seed, self._unused_identifiers)
        self._behave(behaviour, renewed=set(behaviour.shown()))

    def decide(self, target: str, headers: Mapping[str, str], address: str) -> Decision:
        """Decide and count a call to `target`, the raw path and query.

        The path must be raw. Decoding it would hide how often a key was encoded.
        """
        self._pass_midnights()
        path, _, query = target.partition("?")
        parameters = Parameters.from_query(query)
        call = Call(
            operation=PATHS.get(path, ""),
            key=parameters.key,
            form=JSON if parameters.wants_json else XML,
            headers=headers,
            address=address,
            day=self._clock().date(),
            arrived=self._clock.unmoved(),
        )
        if refusal := self._gateway.refusal(call):
            self._count(call, "refused", refusal.reason)
            return Decision(call, written(refusal, self._behaviour.error_generation, call.form))
        answer = self._answer(call, parameters)
        seconds = self._behaviour.latency + self._latency_dice.up_to(self._behaviour.latency_spread)
        return Decision(call, answer, self._paces[call.key], seconds)

    def change(self, settings: Mapping[str, Any], *, others_to_default: bool = False) -> None:
        """Change some settings. The others stay, or return to their defaults with `others_to_default`.

        Naming `clock` sets the clock again. Naming `days_pass` counts midnights from now on. Naming `seed` restarts all
        random sequences; naming `moving_rows` or `moves` restarts the moves.

        Raises:
            SandboxError: A setting is unknown or invalid. Nothing changes then.
        """
        behaviour = (Behaviour() if others_to_default else self._behaviour).changed(settings)
        self._behave(behaviour, renewed=set(behaviour.shown() if others_to_default else settings))

    def advance(self, days: int) -> None:
        """Let days of the world pass. Raises SandboxError: `days` is not a whole number from 1 to 1000."""
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
            raise SandboxError(f"The days to advance must be a whole number from 1 to {_MOST_DAYS}.")
        self._pass_days(days)

    def changes(self, day: int) -> Changes:
        """The changes of a day of the world, counted from 1: contentids by kind of change.

        Raises:
            SandboxError: That day has not passed yet.
        """
        return self._world.changes(day)

    def world(self) -> dict[str, Any]:
        """The day and date of the world, as the status page shows them."""
        return {"day": self._world.day, "date": self._world.date.isoformat()}

    def reset(self) -> None:
        """Reset all call statistics: counts, violations, peak paces, and used quota."""
        self._counts = CallCounts()
        self._quota.forget()
        self._paces.forget_peaks()

    def settings(self) -> dict[str, Any]:
        """The current settings as JSON values, with keys as fingerprints."""
        return self._behaviour.shown()

    def status(self) -> dict[str, Any]:
        """What is served and which calls were made, as the status page shows it."""
        self._pass_midnights()
        catalogue = self._service.catalogue
        rows, shown = len(catalogue), int(catalogue.shown.sum())
        return {
            "sandbox": True,
            "catalogue": {"rows": rows, "shown": shown, "hidden": rows - shown, "source": catalogue.source},
            "world": self.world(),
            "moves": self._mover.moves,
            "calls": self._counts.report(),
            "violations": self._counts.violations(),
            "keys": [
                {"key": fingerprint(key), "most_in_flight": in_flight, "most_in_one_second": in_one_second}
                for key, (in_flight, in_one_second) in self._paces.peaks().items()
            ],
        }

    def _behave(self, behaviour: Behaviour, *, renewed: set[str]) -> None:
        self._behaviour = behaviour
        self._fault_rates = behaviour.fault_rates
        self._gateway = Gateway(self._registered, behaviour, self._quota, self._paces)
        if "clock" in renewed:
            self._clock.set(behaviour.clock)
        if "days_pass" in renewed:
            self._today = self._clock().date()
        if "seed" in renewed:
            self._fault_dice, self._latency_dice, self._gzip_dice = (
                Dice(behaviour.seed, purpose) for purpose in ("faults", "latency", "gzip")
            )
        if renewed & {"seed", "moving_rows", "moves"}:
            self._mover = Mover(behaviour.seed, behaviour.moving_rows, behaviour.moves, self._unused_identifiers)

    def _serve(self, catalogue: Catalogue) -> None:
        self._service = KorService(catalogue, self._details)

    def _pass_midnights(self) -> None:
        midnights = (self._clock().date() - self._today).days if self._behaviour.days_pass else 0
        if midnights > 0:
            self._today += timedelta(days=midnights)
            self._pass_days(midnights)

    def _pass_days(self, days: int) -> None:
        catalogue = self._service.catalogue
        for _ in range(days):
            catalogue = self._world.pass_day(catalogue, self._behaviour.daily_changes)
        self._serve(catalogue)
        self._service.prepare()

    def _count(self, call: Call, outcome: Outcome, detail: str = "") -> None:
        if call.operation:
            self._counts.add(call.key, call.operation, call.day, outcome, detail)

    def _answer(self, call: Call, parameters: Parameters) -> Answer:
        behaviour, content_type = self._behaviour, call.form.content_type
        circumstances = Circumstances(self._clock(), behaviour)
        service: Service = self._others.get(call.operation, self._service)
        fault = self._fault_dice.kind(self._fault_rates)
        try:
            body = service.answer(call.operation, parameters, call.form, circumstances)
        except ParameterError as error:  # takes precedence over any fault, so that invalid calls always show
            self._count(call, "refused", error.reason)
            self._spend(call, failed=True)
            return Answer(200, content_type, service.refused(error, call.form, circumstances))
        answer = Answer(200, content_type, body)
        self._spend(call, failed=fault is not None)
        if fault is not None:
            self._count(call, "fault", fault)
            return FAULTS[fault](answer, call.form, behaviour.error_generation)
        self._count(call, "answered")
        operation = OPERATIONS.get(call.operation)
        if operation and operation.answers == "places" and self._mover.after_page():
            listed = self._service.listed(operation, parameters)
            moved = self._mover.next(self._service.catalogue, listed, self._clock())
            self._serve(moved)
        if "gzip" in call.headers.get("Accept-Encoding", "") and self._gzip_dice.happens(behaviour.gzip_lie):
            return replace(answer, headers={"Content-Encoding": "gzip"})
        return answer

    def _spend(self, call: Call, *, failed: bool) -> None:
        if not failed or self._behaviour.failed_calls_count:
            self._quota.take(call.key, call.operation, call.day)
