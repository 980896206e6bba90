"""The upper codes of KTO's classification of places (lclsSystm), declared once: divisions with their names, and groups.

Source: KorService2 lclsSystmCode2 and manual v4.4, 10 divisions and 59 groups. The 245 or so classes below them are not
here; live data uses some that the official table lacks.
"""

_CLASSES = {
    "AC": ("숙박", range(1, 7)),
    "C01": ("추천코스", range(12, 18)),
    "EV": ("축제/공연/행사", range(1, 4)),
    "EX": ("체험관광", range(1, 8)),
    "FD": ("음식", range(1, 6)),
    "HS": ("역사관광", range(1, 5)),
    "LS": ("레저스포츠", range(1, 5)),
    "NA": ("자연관광", range(1, 6)),
    "SH": ("쇼핑", range(1, 8)),
    "VE": ("문화관광", range(1, 13)),
}

CLASS_DIVISIONS = {division: name for division, (name, _) in _CLASSES.items()}
"""lclsSystm1, e.g. `NA`, by name."""

CLASS_GROUPS = {
    division: tuple(f"{division}{number:02}" for number in numbers) for division, (_, numbers) in _CLASSES.items()
}
"""lclsSystm2 by division, e.g. `NA01`. The groups of travel courses (`C01`) are `C0112` to `C0117`."""
