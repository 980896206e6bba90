"""The upper codes of KTO's classification of places (lclsSystm), declared once: divisions with their names, and groups.

Source: KorService2 lclsSystmCode2 and manual v4.4, 10 divisions and 59 groups. The 245 or so classes below them are not
here; live data uses some that the official table lacks.
"""

CLASS_DIVISIONS = {
    "AC": "숙박",
    "C01": "추천코스",
    "EV": "축제/공연/행사",
    "EX": "체험관광",
    "FD": "음식",
    "HS": "역사관광",
    "LS": "레저스포츠",
    "NA": "자연관광",
    "SH": "쇼핑",
    "VE": "문화관광",
}
"""lclsSystm1, e.g. `NA`, by name."""

_GROUPS = {
    "AC": "01 02 03 04 05 06",
    "C01": "12 13 14 15 16 17",
    "EV": "01 02 03",
    "EX": "01 02 03 04 05 06 07",
    "FD": "01 02 03 04 05",
    "HS": "01 02 03 04",
    "LS": "01 02 03 04",
    "NA": "01 02 03 04 05",
    "SH": "01 02 03 04 05 06 07",
    "VE": "01 02 03 04 05 06 07 08 09 10 11 12",
}

CLASS_GROUPS = {
    division: tuple(f"{division}{group}" for group in groups.split()) for division, groups in _GROUPS.items()
}
"""lclsSystm2 by division, e.g. `NA01`. The groups of travel courses (`C01`) are `C0112` to `C0117`."""
