"""Titles of the synthetic places."""

import numpy as np

from weatherflick_assets.sandbox.korea import tables, words
from weatherflick_assets.sandbox.korea.frame import Frame

_NAMED_AFTER_DISTRICT = 0.12
_WITH_AMPERSAND = 0.0066
_EVENT_WITH_BRACKETS = 0.015
_EVENT_WITH_YEAR = 0.3


def draw_titles(random: np.random.Generator, frame: Frame) -> list[str]:
    """Draw a title for every place."""
    size = len(frame)
    firsts, seconds = words.FIRST_SYLLABLES, words.SECOND_SYLLABLES
    districts = [_short(place.name) for place in tables.sigungu()]
    patterns = [place_class.titles for place_class in tables.classes()]
    first, second, companion = (
        random.integers(0, len(pool), size).tolist() for pool in (firsts, seconds, words.COMPANIONS)
    )
    pattern, year = random.integers(0, 1000, size).tolist(), random.integers(2024, 2027, size).tolist()
    chance, extra = random.random(size).tolist(), random.random(size).tolist()
    events = frame.of_type("15").tolist()
    place_classes, sigungu = frame.place_class.tolist(), frame.sigungu.tolist()
    titles: list[str] = []
    taken: set[str] = set()
    for place in range(size):
        stem = firsts[first[place]] + seconds[second[place]]
        choices = patterns[place_classes[place]]
        district = districts[sigungu[place]]
        after_district = chance[place] < _NAMED_AFTER_DISTRICT
        title = choices[pattern[place] % len(choices)].format(f"{district} {stem}" if after_district else stem)
        if extra[place] < _WITH_AMPERSAND:
            title += f"&{words.COMPANIONS[companion[place]]}"
        elif events[place] and extra[place] > 1 - _EVENT_WITH_BRACKETS:
            title += f" <{stem} 이야기>"
        elif events[place] and extra[place] > 1 - _EVENT_WITH_BRACKETS - _EVENT_WITH_YEAR:
            title = f"{year[place]} {title}"
        if title in taken:
            title = f"{title}({district})"
        if title in taken:
            title = f"{title} {firsts[second[place]]}{seconds[first[place] % len(seconds)]}점"
        taken.add(title)
        titles.append(title)
    return titles


def _short(name: str) -> str:
    """The name of a district as used in titles: `통영시` becomes `통영`, `수원시 장안구` becomes `수원`, `중구` stays."""
    city = name.partition(" ")[0]
    return city[:-1] if len(city) > 2 else city
