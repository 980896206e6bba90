"""Images, telephone numbers and map levels of the synthetic places.

Here: optional columns, which are often blank, at measured rates.
"""

import numpy as np

from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.frame import Frame, pick
from weatherflick_assets.sandbox.korea.histories import Histories

_WITHOUT_IMAGE = {"12": 0.066, "14": 0.075, "15": 0.01, "25": 0.17, "28": 0.087, "32": 0.48, "38": 0.005, "39": 0.245}
_ATTRIBUTION_ONLY = {"12": 0.43, "14": 0.35, "15": 0.0, "25": 0.0, "28": 0.13, "32": 0.1, "38": 0.03, "39": 0.04}
_ENDINGS = {"jpg": 8528, "JPG": 1225, "png": 1041, "jpeg": 523, "bmp": 37, "PNG": 24, "JPEG": 5}
_WITH_TELEPHONE = 0.026
_TELEPHONES = (
    "02-{0:03}-{1:04}", "051-{0:03}-{1:04}", "053-{0:03}-{1:04}", "042-{0:03}-{1:04}", "064-{0:03}-{1:04}", "070-8{0:03}-{1:04}",
    "033-{0:03}-{1:04}", "061-{0:03}-{1:04}", "1522-{1:04}", "031-{0:03}-{1:04}", "063-{0:03}-{1:04}", "02-2{0:03}-{1:04}",
)  # fmt: skip
_ODD_TELEPHONES = (
    "051-{0:03}-{1:04}<br>051-{0:03}-{2:04}",
    "담당자(02-{0:03}-{1:04}, 010-0000-0000)",
    "농업과 053-{0:03}-{1:04}<br>관광과 054-{0:03}-{2:04}",
    "010-0000-0000",
)
_ODD_TELEPHONE = 0.08
_LEVELS = {"6": 9641, "4": 31, "7": 19, "3": 7, "5": 6, "8": 2, "1": 1, "10": 1}
_WITHOUT_LEVEL_MIDDLE_YEARS = 0.55
_WITHOUT_LEVEL_OTHERWISE = 0.1


def draw_images(random: np.random.Generator, frame: Frame, histories: Histories) -> dict[str, list[str]]:
    """Draw `firstimage`, `firstimage2` and `cpyrhtDivCd`. Rows edited in 2026 have https URLs."""
    size = len(frame)
    present = (random.random(size) >= frame.by_type(_WITHOUT_IMAGE)).tolist()
    attribution = (random.random(size) < frame.by_type(_ATTRIBUTION_ONLY)).tolist()
    endings = list(_ENDINGS)
    ending = pick(random, list(_ENDINGS.values()), size).tolist()
    numbers = (histories.identifier - 1 - random.integers(0, 9, size)).tolist()
    schemes = ["http" if legacy else "https" for legacy in histories.legacy.tolist()]
    columns: dict[str, list[str]] = {"firstimage": [], "firstimage2": [], "cpyrhtDivCd": []}
    for place in range(size):
        if not present[place]:
            for column in columns.values():
                column.append("")
            continue
        number = numbers[place]
        start = f"{schemes[place]}://tong.visitkorea.or.kr/cms/resource/{number % 100:02}/{number}"
        columns["firstimage"].append(f"{start}_image2_1.{endings[ending[place]]}")
        columns["firstimage2"].append(f"{start}_image3_1.{endings[ending[place]]}")
        columns["cpyrhtDivCd"].append("Type1" if attribution[place] else "Type3")
    return columns


def draw_telephones(random: np.random.Generator, frame: Frame) -> list[str]:
    """Draw `tel`, which is blank for all but a few places."""
    telephones = [""] * len(frame)
    listed = np.flatnonzero(random.random(len(frame)) < _WITH_TELEPHONE).tolist()
    digits = random.integers(0, 1000, (len(listed), 4)).tolist()
    for order, (place, numbers) in enumerate(zip(listed, digits, strict=True)):
        odd = numbers[3] < _ODD_TELEPHONE * 1000 or order < len(_ODD_TELEPHONES)
        forms = _ODD_TELEPHONES if odd else _TELEPHONES
        telephones[place] = forms[order % len(forms)].format(*numbers)
    return telephones


def draw_levels(random: np.random.Generator, frame: Frame, histories: Histories) -> list[str]:
    """Draw `mlevel`. The editors' form of 2026 lacks this field, and rows of 2014 to 2020 often leave it blank."""
    created = histories.created
    middle = (created >= np.datetime64("2014-01-01")) & (created < np.datetime64("2021-01-01"))
    blank = random.random(len(frame)) < np.where(middle, _WITHOUT_LEVEL_MIDDLE_YEARS, _WITHOUT_LEVEL_OTHERWISE)
    blank |= created >= np.datetime64("2026-01-01")
    levels = list(_LEVELS)
    chosen = pick(random, list(_LEVELS.values()), len(frame)).tolist()
    return ["" if absent else levels[level] for absent, level in zip(blank.tolist(), chosen, strict=True)]


def content_types(frame: Frame) -> list[str]:
    """The column `contenttypeid`."""
    return [tables.CONTENT_TYPES[number] for number in frame.content_type.tolist()]
