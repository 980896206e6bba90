"""Sixty days of collecting details with two keys: the plan, compared with contentid order and with weekly sweeps.

This is a simulation without calls. Places and daily changes come from the sandbox's world. The plan ranks with the
platform's own policy (`places/plan/policy.py`). One operation represents all four, because they have the same quota and
live longer than sixty days. Every contender starts with nothing. It makes its calls every morning, knowing all changes
up to the evening before. Its coverage is measured every evening, after the day's changes.

- plan: two keys × 1,000 calls a day minus the reserve, spent in policy order.
- contentid: two keys × 1,000 calls, in contentid order, starting over after the last place.
- weekly: two keys × 1,000 calls, list by list (kind, region, contentid), starting over every seventh day, as the
  previous system did.
- optimum: as many calls as the plan, those that raise most the coverage that the policy's own weights give. Calls cost the
  same and nobody foresees changes, so no choice gains more. The plan is compared with it by these weights only.

Coverage is the sum of audience × freshness over all shown places, relative to perfect freshness. Apart from the
comparison with the optimum it does not use the policy's weights.

- Freshness: 1 if the place has not changed since the call and the answer is within its time to live; after that it
  halves every ninety days; 0.25 if the place has changed since; 0 without details.
- Audience: every kind has the same total, because the backend has separate screens for each. Within a kind, a few
  places have most of it (Pareto, drawn by contentid). Unweighted coverage counts every place equally.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.benchmark import Size
from benchmarks.processes import Databases
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.places.plan.policy import POLICY, audience, ranked
from weatherflick_assets.places.transform.columns import kst_timestamps, text_series
from weatherflick_assets.planning.budgets import budget
from weatherflick_assets.planning.queues import due
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.world import World
from weatherflick_assets.settings import KST

DAYS, DAYS_QUICK = 60, 14
KEYS = 2
WEEK = 7
LEAST_SHARE_OF_OPTIMUM = 0.98

_OPERATION = OPERATION_BY_NAME["detailCommon2"]
_PLOT = Path(__file__).parents[1] / "docs" / "images" / "backfill.svg"

_HALVED_AFTER_DAYS = 90.0
_SHARE_OF_CHANGED = 0.25
_PARETO_SHAPE = 1.5
_DESCRIPTIVE = ("addr1", "zipcode", "tel", "firstimage", "mapx", "lclsSystm3")
_FILLED_BY_DETAILS = 0.6
"""The assumed `detail_completeness` of a collected place. Recorded answers fill a little more than half."""

_MILESTONES = (0.25, 0.5, 0.9)
_FIRST_UNUSED_ID = 10_000_000

Choice = Callable[[pd.DataFrame, datetime, int], np.ndarray]
"""Chooses row positions of a morning's places, given the time and the day number."""


@dataclass
class _Contender:
    """A strategy and its holdings: per place the time of the last call, and the place's modification time then."""

    name: str
    choose: Choice
    held: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            {name: pd.Series(dtype="datetime64[us, UTC]") for name in ("fetched_at", "place_modified_at")}
        )
    )
    weighted: list[float] = field(default_factory=list)
    unweighted: list[float] = field(default_factory=list)
    by_policy: list[float] = field(default_factory=list)

    def known_of(self, places: pd.DataFrame) -> pd.DataFrame:
        """The places joined with the holdings."""
        return places.join(self.held, on="content_id")

    def ask(self, places: pd.DataFrame, now: datetime, day: int) -> None:
        """Make the morning's calls."""
        chosen = places.iloc[self.choose(self.known_of(places), now, day)]
        answers = pd.DataFrame(
            {"fetched_at": pd.Timestamp(now), "place_modified_at": chosen["modified_at"].to_numpy()},
            index=pd.Index(chosen["content_id"], name="content_id"),
        ).astype(self.held.dtypes.to_dict())
        kept = self.held[~self.held.index.isin(answers.index)]
        self.held = pd.concat([kept, answers]) if len(kept) else answers

    def measure(self, places: pd.DataFrame, now: datetime) -> None:
        """Record the coverage of an evening."""
        fresh = freshness(self.known_of(places), now)
        self.weighted.append(float(np.average(fresh, weights=places["audience"])))
        self.unweighted.append(float(fresh.mean()))
        self.by_policy.append(float(np.average(fresh, weights=audience(places, now))))

    def days_until(self, enough: float) -> int | None:
        """Days until the coverage first reached `enough`; None if it never did."""
        return next((day for day, share in enumerate(self.weighted, 1) if share >= enough), None)


def freshness(known: pd.DataFrame, now: datetime) -> np.ndarray:
    """The freshness of each place's details, 0 to 1."""
    overdue = (pd.Timestamp(now) - known["fetched_at"] - _OPERATION.time_to_live).dt.total_seconds() / 86_400
    share = 0.5 ** (overdue.fillna(0).clip(lower=0) / _HALVED_AFTER_DAYS)
    changed = known["modified_at"] > known["place_modified_at"]
    return np.where(known["fetched_at"].isna(), 0.0, np.where(changed, _SHARE_OF_CHANGED, share))


def run(size: Size, _databases: Databases) -> Result:
    """Simulate all contenders; draw the coverage if matplotlib is installed."""
    is_full = size.repetitions > 1
    scale, days = (1.0, DAYS) if is_full else (size.scale, DAYS_QUICK)
    contenders, places = simulate(scale, days)
    if is_full and find_spec("matplotlib"):
        _draw(contenders, _PLOT)
    plan, optimum, *others = contenders
    means = {contender.name: float(np.mean(contender.weighted)) for contender in contenders}
    share = float(np.mean(plan.by_policy) / np.mean(optimum.by_policy))
    return Result(
        "backfill",
        f"Details of {places:,} places over {days} days, {KEYS} keys: the plan against simpler orders",
        tuple(figure for contender in contenders for figure in _figures(contender)),
        (
            Verdict(
                f"mean coverage by the policy's weights ≥ {LEAST_SHARE_OF_OPTIMUM:g} of the optimum's",
                f"{share:.3f}",
                share >= LEAST_SHARE_OF_OPTIMUM,
            ),
            *(
                Verdict(
                    f"mean coverage better than {other.name}",
                    f"{means[plan.name]:.3f} against {means[other.name]:.3f}",
                    means[plan.name] > means[other.name],
                )
                for other in others
            ),
        ),
        (
            "Simulated without calls: the sandbox's world, the platform's own ranking. 1 means that everything is fresh.",
            "One operation represents all four: same quota, and all live longer than the simulation.",
            *(
                f"{contender.name} never covers {share:.0%}."
                for contender in contenders
                if (share := next((share for share in _MILESTONES if contender.days_until(share) is None), None))
            ),
        ),
    )


def simulate(scale: float, days: int) -> tuple[list[_Contender], int]:
    """The contenders after all days, and the number of places on the last day."""
    calls = round(KEYS * KTO.quota.calls * scale)
    planned = budget(calls, calls, reserve_share=POLICY.reserve_share)
    contenders = [
        _Contender("plan", lambda known, now, _day: _planned(known, now, planned)),
        _Contender("optimum", lambda known, now, _day: _best(known, now, planned)),
        _Contender("contentid", _in_order_of_ids(calls)),
        _Contender("weekly", lambda known, _now, day: _since_monday(known, day, calls)),
    ]
    evenings = _evenings(scale)
    places, date = next(evenings)
    for day in range(days):
        morning = datetime.combine(date + timedelta(days=1), time(0, 30), KST)
        for contender in contenders:
            contender.ask(places, morning, day)
        places, date = next(evenings)
        for contender in contenders:
            contender.measure(places, morning + timedelta(hours=23))
    return contenders, len(places)


def _evenings(scale: float) -> Iterator[tuple[pd.DataFrame, datetime]]:
    """The shown places on the evening of each day, and its date."""
    catalogue = synthetic_korea(scale=scale)
    world = World(catalogue, 1, map(str, count(_FIRST_UNUSED_ID)))
    while True:
        yield _places(catalogue), world.date  # type: ignore[misc]
        catalogue = world.pass_day(catalogue, None)


def _places(catalogue: Catalogue) -> pd.DataFrame:
    shown = np.flatnonzero(catalogue.shown)
    columns = {name: np.array(catalogue.column(name), dtype=object)[shown] for name in _NEEDED}
    filled = np.mean([columns[name] != "" for name in _DESCRIPTIVE], axis=0)
    numbers = columns["contentid"].astype(np.int64)
    kinds = pd.Series(columns["contenttypeid"])
    popularity = _popularity(numbers)
    return pd.DataFrame(
        {
            "content_id": columns["contentid"],
            "number": numbers,
            "content_type_id": kinds,
            "region_code": np.where(columns["lDongRegnCd"] == "", UNASSIGNED, columns["lDongRegnCd"]),
            "modified_at": kst_timestamps(text_series(columns["modifiedtime"])).dt.tz_convert("UTC"),
            "is_empty": False,
            "not_before": pd.Series(pd.NaT, range(len(numbers)), "datetime64[us, UTC]"),
            "completeness": filled,
            "ends_on": pd.to_datetime(pd.Series(columns["eventenddate"]), format="%Y%m%d", errors="coerce"),
            "audience": popularity / popularity.groupby(kinds).transform("sum"),
        }
    )


_NEEDED = ("contentid", "contenttypeid", "lDongRegnCd", "modifiedtime", "eventenddate", *_DESCRIPTIVE)


def _popularity(numbers: np.ndarray) -> pd.Series:
    """The audience of each place, drawn by its contentid: a few places have most of it."""
    drawn = (numbers * 2_654_435_761 % 2**32) / 2**32
    return pd.Series((1 - drawn) ** (-1 / _PARETO_SHAPE))


def _planned(known: pd.DataFrame, now: datetime, calls: int) -> np.ndarray:
    detail_completeness = np.where(known["fetched_at"].isna(), np.nan, _FILLED_BY_DETAILS)
    candidates = known.assign(detail_completeness=detail_completeness, position=np.arange(len(known)))
    return ranked(candidates, _OPERATION, now=now)["position"].head(calls).to_numpy()


def _best(known: pd.DataFrame, now: datetime, calls: int) -> np.ndarray:
    gained = audience(known, now) * (1 - freshness(known, now))
    subjects = pd.DataFrame({"value": gained.to_numpy(), "position": np.arange(len(known))})
    return due(subjects, {"position": True})["position"].head(calls).to_numpy()


def _in_order_of_ids(calls: int) -> Choice:
    last = -1

    def choose(known: pd.DataFrame, _now: datetime, _day: int) -> np.ndarray:
        nonlocal last
        order = np.argsort(known["number"].to_numpy())
        numbers = known["number"].to_numpy()[order]
        chosen = np.roll(order, -np.searchsorted(numbers, last, side="right"))[:calls]
        last = int(known["number"].to_numpy()[chosen[-1]])
        return chosen

    return choose


def _since_monday(known: pd.DataFrame, day: int, calls: int) -> np.ndarray:
    order = known.reset_index().sort_values(["content_type_id", "region_code", "number"])["index"].to_numpy()
    first = day % WEEK * calls
    return order[first : first + calls]


def _figures(contender: _Contender) -> list[Figure]:
    name = contender.name
    ends = {day: contender.weighted[day - 1] for day in (7, 14, 30, 60) if day <= len(contender.weighted)}
    return [
        Figure(f"{name}: coverage, mean of all days", "", (float(np.mean(contender.weighted)),)),
        Figure(
            f"{name}: coverage by the policy's weights, mean of all days", "", (float(np.mean(contender.by_policy)),)
        ),
        *(Figure(f"{name}: coverage after {day} days", "", (share,)) for day, share in ends.items()),
        *(
            Figure(f"{name}: days until {share:.0%} are covered", "days", (days,))
            for share in _MILESTONES
            if (days := contender.days_until(share)) is not None
        ),
        Figure(f"{name}: unweighted coverage, mean of all days", "", (float(np.mean(contender.unweighted)),)),
        Figure(f"{name}: unweighted coverage at the end", "", (contender.unweighted[-1],)),
    ]


_STYLES: Mapping[str, tuple[str, str]] = {
    "plan": ("#1b6ca8", "the plan"),
    "contentid": ("#d97706", "in the order of contentids"),
    "weekly": ("#6b7280", "weekly, from the beginning"),
}


def _draw(contenders: Sequence[_Contender], path: Path) -> None:
    """Plot the coverage of all contenders over time, weighted and unweighted."""
    # Of the extra `bench`, and only where it is installed.
    import matplotlib as mpl  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    with mpl.rc_context({"svg.hashsalt": "backfill", "font.size": 9}):
        drawing = Drawing(figsize=(9, 3.6), layout="constrained")
        axes = drawing.subplots(1, 2, sharey=True)
        for axis, title, attribute in zip(
            axes, ("weighted by audience", "every place alike"), ("weighted", "unweighted"), strict=True
        ):
            for contender in (contender for contender in contenders if contender.name in _STYLES):
                colour, label = _STYLES[contender.name]
                shares = getattr(contender, attribute)
                axis.plot(range(1, len(shares) + 1), shares, color=colour, label=label)
            axis.set(title=title, xlabel="day", ylim=(0, 1))
            axis.grid(alpha=0.3)
        axes[0].set_ylabel("fresh details")
        axes[1].legend(loc="lower right")
        drawing.savefig(path, metadata={"Date": None})
