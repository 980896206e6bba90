"""Why a day has its score, as one sentence in Korean and one in English: what costs it most, and what to do instead."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.insight.suitability.scoring import FACETS, LEVELS
from weatherflick_assets.insight.suitability.steps import Floats
from weatherflick_assets.insight.suitability.warnings import ENGLISH

Texts = NDArray[np.object_]

LEAST_LOSS = 5.0
"""Points that a facet must cost to be what limits a day."""

PART_SHARE = 0.7
"""The share of a day's rain that must fall in a part of it to be called the rain of this part."""

_PARTS = (("오전에 ", " in the morning"), ("오후에 ", " in the afternoon"), ("저녁에 ", " in the evening"), ("", ""))
_AIR = (("좋음", "good"), ("보통", "moderate"), ("나쁨", "bad"), ("매우 나쁨", "very bad"))
_LEVELS = {
    "advisory": ("주의보", "advisory"),
    "warning": ("경보", "warning"),
    "critical": ("중대경보", "critical warning"),
}

NO_EVIDENCE = ("예보가 부족해 점수 없음", "No score: too little of the forecast is known")


_GREATEST = 2048
"""More than any number that a sentence has."""


class _Said(NamedTuple):
    """All that sentences can differ in, one element for each day."""

    facet: NDArray[np.int64]
    value: NDArray[np.int64]
    part: NDArray[np.int64]
    is_snow: NDArray[np.int64]
    is_chance: NDArray[np.int64]
    is_hot: NDArray[np.int64]
    is_poor: NDArray[np.int64]
    is_nothing: NDArray[np.int64]
    is_unknown: NDArray[np.int64]
    warned: NDArray[np.int64]


class Facts(NamedTuple):
    """What sentences are made of, one element for each day; values are NaN where they are not known.

    Attributes:
        score: of the day.
        losses: what each facet costs, in a last axis.
        temperature_max, rain, wind, cloud, chance: of the day; rain is NaN where only its chance is known.
        feels_like_min, feels_like_max: of the day.
        parts: the share of the rain in the morning, the afternoon and the evening.
        is_snow: whether it snows rather than rains.
        air: grade of the air, NaN where it is not known.
        warned: the gravest warning, as its place in `warnings`.
        warnings: each as phenomenon and level, separated by a blank; "" for none.
        is_outdoors: whether one stays outside.
    """

    score: Floats
    losses: Floats
    temperature_max: Floats
    rain: Floats
    wind: Floats
    cloud: Floats
    chance: Floats
    feels_like_min: Floats
    feels_like_max: Floats
    parts: Floats
    is_snow: NDArray[np.bool_]
    air: Floats
    warned: NDArray[np.int64]
    warnings: Sequence[str]
    is_outdoors: bool


def limiting(losses: Floats) -> NDArray[np.int64]:
    """The facet that costs a day most, as its place in `FACETS`; -1 where none costs as much as `LEAST_LOSS`."""
    known = np.where(np.isnan(losses), 0.0, losses).T
    return np.where(known.max(axis=0) >= LEAST_LOSS, known.argmax(axis=0), -1)


def sentences(facts: Facts) -> tuple[Texts, Texts]:
    """The sentences in Korean and in English. Days that differ in nothing that is said share one, which is made once."""
    facet = limiting(facts.losses)
    part = np.where(facts.parts.max(axis=-1) >= PART_SHARE, facts.parts.argmax(axis=-1), len(_PARTS) - 1)
    said = _Said(
        *(
            np.asarray(values).astype(np.int64)
            for values in (
                facet,
                _value(facts, facet),
                np.where(facet == FACETS.index("rain"), part, 0),
                facts.is_snow,
                np.isnan(facts.rain),
                _is_hot(facts, facet),
                facts.score < LEVELS["fair"],
                facts.score <= 0,
                np.isnan(facts.score),
                facts.warned,
            )
        )
    )
    shifted = said._replace(facet=facet + 1, value=said.value + _GREATEST)
    sizes = (len(FACETS) + 1, 2 * _GREATEST, len(_PARTS), 2, 2, 2, 2, 2, 2, len(facts.warnings))
    which, _ = pd.factorize(np.ravel_multi_index(shifted, sizes))
    first = np.unique(which, return_index=True)[1]
    made = [
        _sentence(
            _Said(*(values[row] for values in said)),
            facts.warnings[int(facts.warned[row])],
            is_outdoors=facts.is_outdoors,
        )
        for row in first.tolist()
    ]
    korean, english = (np.array([each[language] for each in made], dtype=object) for language in (0, 1))
    return korean[which], english[which]


def _is_hot(facts: Facts, facet: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a temperature limits by heat. Where both extremes are felt, the heat is what is further from mild."""
    is_felt = facet == FACETS.index("feels_like")
    return np.where(is_felt, facts.feels_like_max >= 33, facts.temperature_max >= 25)


def _value(facts: Facts, facet: NDArray[np.int64]) -> Floats:
    """The number that a sentence has, rounded as it is shown."""
    felt = np.where(_is_hot(facts, facet), facts.feels_like_max, facts.feels_like_min)
    rain = np.where(np.isnan(facts.rain), facts.chance, facts.rain)
    numbers = (facts.temperature_max, facts.cloud, rain, facts.wind, felt, facts.air, np.zeros_like(facts.score))
    chosen = np.round(np.choose(np.clip(facet, 0, None), numbers))
    return np.where((facet < 0) | np.isnan(chosen), 0, chosen)


def _sentence(said: "_Said", warned: str, *, is_outdoors: bool) -> tuple[str, str]:
    """The sentences of one day, of which every element of `said` is a number."""
    if said.is_unknown:
        return NO_EVIDENCE
    if said.facet < 0:
        return ("날씨 좋음", "Good weather") if is_outdoors else ("오가는 길도 무난", "The way there is fine, too")
    korean, english = _of_facet(said, warned)
    if said.is_nothing:
        return f"{korean}, 권하지 않음", f"{english}: not recommended"
    if said.is_poor and is_outdoors:
        return f"{korean}, 실내 추천", f"{english}: better indoors"
    return korean, english


def _of_facet(said: "_Said", warned: str) -> tuple[str, str]:
    facet, value = FACETS[int(said.facet)], int(said.value)
    if facet == "rain":
        what = ("눈", "snow") if said.is_snow else ("비", "rain")
        if said.is_chance:
            return f"비나 눈이 올 확률 {value}%", f"{value} % chance of rain or snow"
        amount = str(value) if value else "1 미만", str(value) if value else "Less than 1"
        return (
            f"{_PARTS[int(said.part)][0]}{what[0]} {amount[0]} mm",
            f"{amount[1]} mm of {what[1]}{_PARTS[int(said.part)][1]}",
        )
    if facet == "warning":
        phenomenon, _, level = warned.partition(" ")
        korean, english = _LEVELS[level]
        return f"{phenomenon}{korean}", f"{ENGLISH.get(phenomenon, phenomenon)} {english}"
    if facet == "temperature":
        korean, english = ("더움", "hot") if said.is_hot else ("서늘하거나 추움", "cool or cold")
        return f"낮 최고 {value}°C, {korean}", f"High of {value} °C, {english}"
    if facet == "air":
        korean, english = _AIR[value]
        return f"대기질 {korean}", f"{english.capitalize()} air"
    return {
        "sky": (f"구름 {value}%", f"{value} % cloud"),
        "wind": (f"바람 {value} m/s", f"Wind of {value} m/s"),
        "feels_like": (f"체감 {value}°C", f"Feels like {value} °C"),
    }[facet]
