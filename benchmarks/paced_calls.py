"""An API that permits 30 calls a second: how close the client gets without being refused.

There are two upstreams. One permits the declared limits (4 in flight, 100 ms each). The other refuses the fourth call
in flight, although 4 are declared; the client has to discover the real limit and keep to it.
"""

from collections.abc import Mapping

from benchmarks.benchmark import Size
from benchmarks.processes import Databases, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict

PER_SECOND = 30
SMALLEST_SHARE = 0.95
LATENCY_SECONDS = 0.1

_SECONDS, _SECONDS_QUICK = 35.0, 8.0
_AS_DECLARED = {"per_second": PER_SECOND, "refuse_in_flight": 5, "latency": LATENCY_SECONDS}
_LESS_THAN_DECLARED = _AS_DECLARED | {"refuse_in_flight": 4}


def run(size: Size, databases: Databases) -> Result:
    """Call one upstream after the other for half a minute."""
    seconds = _SECONDS if size.repetitions > 1 else _SECONDS_QUICK
    declared, less = (_called(behaviour, seconds, databases) for behaviour in (_AS_DECLARED, _LESS_THAN_DECLARED))
    share = declared["per_second"] / PER_SECOND
    return Result(
        "paced_calls",
        f"An API that permits {PER_SECOND} calls a second",
        (
            Figure("calls answered, limits as declared", "1/s", (declared["per_second"],)),
            Figure("refused after warm-up, limits as declared", "calls", (declared["refused"],)),
            Figure("calls answered, 3 in flight permitted and 4 declared", "1/s", (less["per_second"],)),
            Figure("refused during warm-up", "calls", (less["refused_while_warming_up"],)),
            Figure("refused after warm-up, 3 in flight permitted and 4 declared", "calls", (less["refused"],)),
        ),
        (
            Verdict(f"≥ {SMALLEST_SHARE:.0%} of the permitted rate", f"{share:.1%}", share >= SMALLEST_SHARE),
            Verdict("no over-limit answer after warm-up", f"{declared['refused']:.0f}", declared["refused"] == 0),
            Verdict("the real limit found and kept", f"{less['refused']:.0f} refused later", less["refused"] == 0),
        ),
    )


def _called(behaviour: Mapping[str, object], seconds: float, databases: Databases) -> dict:
    with running_sandbox(0.01, behaviour=behaviour) as url, databases.fresh() as dsn:
        return run_contender("paced", url, dsn, str(seconds))
