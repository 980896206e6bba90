"""Writes docs/automation.md: every schedule, sensor and automation condition: when, why, what it asks for, what stops it.

All of it is taken from the declarations; a test compares the page with them. Run it with `make docs`.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from weatherflick_assets.build import build_defs, scheduled_flows
from weatherflick_assets.orchestration.flows import (
    NEEDED_WITHIN,
    PARTITIONS_DUE,
    PUBLICATIONS,
    STOPPED_FLOWS,
    Flow,
    Patience,
)
from weatherflick_assets.orchestration.recovery import NEAR, OFTEN
from weatherflick_assets.orchestration.schedules import schedule_of
from weatherflick_assets.orchestration.sensors import CONTINUED_FOR, SETTLING
from weatherflick_assets.orchestration.tags import HEAVY, MAX_RUNTIME_SECONDS
from weatherflick_assets.upstream.declarations import Provider
from weatherflick_assets.weather.kma import KMA

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "automation.md"

_INTRODUCTION = """\
# Automation

What runs by itself, when, why, and what stops it. The page is written from the declarations by `make docs`. Nothing else starts
a run but a person or a command.

Times are Korean. A schedule whose tick comes while a run that an earlier tick requested has not ended requests nothing, and says
so. Of the ticks that were missed while the daemon was down, the last one of each schedule is made up when it is up again. Runs
that lost their process are found within a minute, and run once more.

`WEATHERFLICK_SCHEDULES` says which schedules are on in an environment: `all` (if it is not set), `none`, or names of flows,
separated by commas. A person can switch each schedule in the UI; that is kept, and is an incident if it is against what is declared.

## Schedules
"""

_STOPS_SENSORS: Mapping[str, str] = {
    "continue_flows": (
        f"a run of the stage before has not ended; the flow began more than {CONTINUED_FOR.days} days ago; the stage was requested"
    ),
    "publish_pending": (
        "a run of the partition has not ended; a command executes runs; the entry is younger than "
        f"{SETTLING // timedelta(minutes=1)} minute; a gate held it back and nothing changed; {PUBLICATIONS.most} runs have died"
    ),
    "collect_again": (
        f"the next tick comes within {NEAR // timedelta(hours=1)} hour; the schedule is off; a run of it has not ended; it would "
        f"fail in the same way; another run tries whether the upstream answers; {STOPPED_FLOWS.most} runs have failed"
    ),
    "notice_incidents": "it asks for no run",
    "send_messages": "it asks for no run; a channel that fails is left alone for longer and longer",
}

_PATIENCE: Mapping[str, Patience] = {
    "partitions that a schedule requests as long as they are not made": PARTITIONS_DUE,
    "what a tick could not get, until the next tick": STOPPED_FLOWS,
    "publications whose runs die": PUBLICATIONS,
}


def page() -> str:
    """The whole page."""
    defs = build_defs()
    settings = yaml.safe_load((PROJECT / "dagster.yaml").read_text(encoding="utf-8"))
    parts = (
        _INTRODUCTION,
        *_schedules(),
        "",
        "## Sensors",
        "",
        *_sensors(defs),
        "",
        *_conditions(defs),
        "",
        *_again(),
        "",
        *_retries(settings, KMA),
        "",
        *_queue(settings),
    )
    return "\n".join(parts) + "\n"


def _schedules() -> Iterator[str]:
    yield "| schedule | ticks | asks for | why | queue | what stops it, besides a run that has not ended |"
    yield "|---|---|---|---|---|---|"
    for flow in scheduled_flows():
        stages = ", then ".join(f"`{stage.job}`" for stage in flow.stages)
        cells = (
            f"`{schedule_of(flow)}`", f"`{flow.cron}`", stages, flow.description, flow.priority.name.lower(),
            "; ".join(_stops(flow)) or "nothing",
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _stops(flow: Flow) -> Iterator[str]:
    if flow.provider:
        yield f"no key for {flow.provider} where others have keys"
    if flow.needs:
        names = " or ".join(f"`{key}`" for key in flow.needs)
        yield f"{names} was not made within {NEEDED_WITHIN // timedelta(hours=1)} hours (made up when it is)"
    if flow.unless:
        yield "the settings say that there is nothing to do"
    if flow.stages[0].depends_on_need:
        yield "nothing is due; what is due has failed too often, or lately"


def _sensors(defs: dg.Definitions) -> Iterator[str]:
    yield "| sensor | looks every | what it does | what stops it |"
    yield "|---|---|---|---|"
    for sensor in defs.sensors or ():
        assert isinstance(sensor, dg.SensorDefinition)
        every = f"{sensor.minimum_interval_seconds} s"
        yield f"| `{sensor.name}` | {every} | {sensor.description} | {_STOPS_SENSORS[sensor.name]} |"


def _conditions(defs: dg.Definitions) -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    found = sorted(key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).automation_condition)
    yield "## Automation conditions"
    yield ""
    if found:
        yield f"Assets with a condition of Dagster's own: {', '.join(found)}."
    else:
        yield "There are none. What must be published again is data, in the outbox, and `publish_pending` requests it."


def _again() -> Iterator[str]:
    yield "## What is asked for again, and how often at most"
    yield ""
    yield "| what | at once | then after | at the longest | at most |"
    yield "|---|---:|---:|---:|---:|"
    for what, patience in _PATIENCE.items():
        first, longest = _span(patience.first), _span(patience.longest)
        yield f"| {what} | {patience.at_once} | {first}, doubling | {longest} | {patience.most} failures |"
    yield ""
    yield (
        "What has failed so often is the incident `given_up`. A success of the same job and partition ends the count. A place "
        "whose details can't be read is asked for again after 1, 2, 4 … 64 days ([freshness.md](freshness.md))."
    )
    yield ""
    yield (
        f"`collect_again` is for flows whose ticks are more than {OFTEN // timedelta(hours=1)} hours apart. After a spent quota it "
        "waits for the reset. While an upstream does not answer, one run tries, after longer and longer times, and another one each "
        "time; when any call is answered, all the others follow. What a run received is not asked for again."
    )


def _retries(settings: Mapping[str, Any], provider: Provider) -> Iterator[str]:
    shortest, longest = provider.back_off_seconds
    retries, monitoring = settings["run_retries"], settings["run_monitoring"]
    yield "## Retries and deadlines"
    yield ""
    yield "| what | repeats | how often | deadline |"
    yield "|---|---|---|---|"
    yield (
        f"| the client | a call after a transient error | {provider.attempts} times, {shortest:g} to {longest:g} s apart, out of the "
        f"run's retry budget | {provider.connect_timeout_seconds:g} s to connect, {provider.read_timeout_seconds:g} s for the answer |"
    )
    yield (
        "| the step (`RetryPolicy`) | a step that calls, where another try may help | once, 10 s later | that of its run; one that was "
        "ended on request is not repeated |"
    )
    yield (
        f"| the run (`run_retries`) | a run whose process died; one whose step failed is not, because a gate gives the same answer and "
        f"a spent quota none | {retries['max_retries']} more | {MAX_RUNTIME_SECONDS['dagster/max_runtime']} s; heavy runs longer; "
        f"{monitoring['max_runtime_seconds']} s for what is launched from a page of assets |"
    )
    yield ""
    yield (
        "The three are set together: `retry_on_asset_or_op_failure` is "
        f"{str(retries['retry_on_asset_or_op_failure']).lower()}, so that a step that failed is not repeated twice over. Runs of commands "
        "are not repeated by Dagster; the next command resumes them."
    )


def _queue(settings: Mapping[str, Any]) -> Iterator[str]:
    runs, pools = settings["concurrency"]["runs"], settings["concurrency"]["pools"]
    yield "## The queue"
    yield ""
    yield (
        f"{runs['max_concurrent_runs']} runs execute at once. First comes what is `timely`, because the upstream does not give it for "
        "long; then what is `steady`; then `upkeep`. Within a stage the most urgent partition comes first. Of each API's pool "
        f"{pools['default_limit']} runs are launched, and of runs with the tag `{next(iter(HEAVY))}` one, so that one place is always "
        "left for the weather."
    )


def _span(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
