"""The synthetic Korea: a consistent catalogue, as a pure function of scale and seed.

Rates and counts were measured on lists recorded in June and July 2026. Names and places are invented.
"""

from typing import Any

import numpy as np

from weatherflick_assets.sandbox.catalogue import KEPT_CODES, Catalogue
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.festivals import draw_events
from weatherflick_assets.sandbox.korea.frame import Frame, draw_frame
from weatherflick_assets.sandbox.korea.histories import Histories, Times, draw_histories
from weatherflick_assets.sandbox.korea.locations import draw_locations
from weatherflick_assets.sandbox.korea.media import content_types, draw_images, draw_levels, draw_telephones
from weatherflick_assets.sandbox.korea.oddities import apply_oddities, draw_doubles
from weatherflick_assets.sandbox.korea.titles import draw_titles

SMALLEST_SCALE = 0.01
LARGEST_SCALE = 10.0

_COURSE_WITH_ADDRESS = 0.04
_LEGACY_WITHOUT_CATEGORY = 0.002
_LEGACY_WITHOUT_SIGUNGU = 0.004
_HIDDEN_WITH_CLASS = 0.03

_EVENTS = 15  # the seed of a separate generator for events


def synthetic_korea(*, scale: float = 1.0, seed: int = 20260701) -> Catalogue:
    """Build the country. Scale 1.0 gives about 50,700 shown and 19,000 hidden places in a few seconds."""
    random = np.random.default_rng(seed)
    frame = draw_frame(random, scale)
    doubles = draw_doubles(random, frame, scale)
    for first, second in doubles:
        frame.location[second] = first
        frame.sigungu[second] = frame.sigungu[first]
    histories = draw_histories(random, frame)
    columns = draw_columns(random, frame, histories)
    for first, second in doubles:
        columns["title"][second] = columns["title"][first]
    apply_oddities(random, frame, columns, scale)
    events = draw_events(np.random.default_rng([seed, _EVENTS]), frame, histories.modified)
    return Catalogue({**columns, **events}, source="synthetic")


def draw_columns(random: np.random.Generator, frame: Frame, histories: Histories) -> dict[str, list[Any]]:
    """Draw all columns except those of events, formatted as upstream does, for places with these `histories`."""
    locations = draw_locations(random, frame, histories.legacy)
    columns: dict[str, list[Any]] = {
        "contentid": [str(identifier) for identifier in histories.identifier.tolist()],
        "contenttypeid": content_types(frame),
        "title": draw_titles(random, frame),
        "addr1": locations.address,
        "addr2": locations.detail,
        "zipcode": locations.zipcode,
        "mapx": locations.longitude,
        "mapy": locations.latitude,
        "mlevel": draw_levels(random, frame, histories),
        "tel": draw_telephones(random, frame),
        "createdtime": written_times(histories.created),
        "modifiedtime": written_times(histories.modified),
        "showflag": ["0" if hidden else "1" for hidden in frame.hidden.tolist()],
        **draw_images(random, frame, histories),
        **_codes(random, frame),
        **_legacy_codes(random, frame, histories),
    }
    _unaddress_courses(random, frame, columns)
    return columns


def written_times(times: Times) -> list[str]:
    """Times as `YYYYMMDDHHMMSS`."""
    table = str.maketrans("", "", "-T:")
    return [text.translate(table) for text in np.datetime_as_string(times, unit="s").tolist()]


def _codes(random: np.random.Generator, frame: Frame) -> dict[str, list[Any]]:
    """Region and class codes. Hidden rows show no region and rarely a class, but keep all codes internally."""
    hidden = frame.hidden.tolist()
    classed = (~frame.hidden | (random.random(len(frame)) < _HIDDEN_WITH_CLASS)).tolist()
    districts = [(place.region_code, place.code) for place in tables.sigungu()]
    classes = [
        (tables.large_class(place_class.code), tables.middle_class(place_class.code), place_class.code)
        for place_class in tables.classes()
    ]
    district = [districts[place] for place in frame.sigungu.tolist()]
    levels = [classes[place] for place in frame.place_class.tolist()]
    shown = [codes if not out else ("", "") for codes, out in zip(district, hidden, strict=True)]
    named = [codes if known else ("", "", "") for codes, known in zip(levels, classed, strict=True)]
    return {
        "lDongRegnCd": [codes[0] for codes in shown],
        "lDongSignguCd": [codes[1] for codes in shown],
        "lclsSystm1": [codes[0] for codes in named],
        "lclsSystm2": [codes[1] for codes in named],
        "lclsSystm3": [codes[2] for codes in named],
        KEPT_CODES: [(*here, *there) if out else "" for here, there, out in zip(district, levels, hidden, strict=True)],
    }


def _legacy_codes(random: np.random.Generator, frame: Frame, histories: Histories) -> dict[str, list[str]]:
    chance = random.random(len(frame))
    categorised = (histories.legacy & (chance >= _LEGACY_WITHOUT_CATEGORY)).tolist()
    in_area = histories.legacy.tolist()
    in_sigungu = (histories.legacy & (chance < 1 - _LEGACY_WITHOUT_SIGUNGU)).tolist()
    districts = tables.sigungu()
    codes = [place_class.category_code for place_class in tables.classes()]
    categories = [(code[:3], code[:5], code) for code in codes]
    category = [
        categories[place] if known else ("", "", "")
        for place, known in zip(frame.place_class, categorised, strict=True)
    ]
    return {
        "areacode": [
            districts[place].area_code if known else "" for place, known in zip(frame.sigungu, in_area, strict=True)
        ],
        "sigungucode": [
            districts[place].area_sigungu_code if known else ""
            for place, known in zip(frame.sigungu, in_sigungu, strict=True)
        ],
        "cat1": [codes[0] for codes in category],
        "cat2": [codes[1] for codes in category],
        "cat3": [codes[2] for codes in category],
    }


def _unaddress_courses(random: np.random.Generator, frame: Frame, columns: dict[str, list[Any]]) -> None:
    """Blank the address and zip code of nearly all courses: a course is not a single place."""
    courses = frame.of_type("25") & (random.random(len(frame)) >= _COURSE_WITH_ADDRESS)
    for place in np.flatnonzero(courses).tolist():
        for name in ("addr1", "addr2", "zipcode"):
            columns[name][place] = ""
