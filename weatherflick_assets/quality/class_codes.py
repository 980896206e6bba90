"""The codes of KTO's classification of places (lclsSystm), as far as rules need them: divisions and groups.

Source: KorService2 lclsSystmCode2, 10 divisions and 59 groups. Not here: the some 245 classes below them, of which live
data uses ones the official table lacks.
"""

_GROUPS_BY_DIVISION = {
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

CLASS_DIVISION_CODES = tuple(_GROUPS_BY_DIVISION)
"""lclsSystm1, e.g. `NA`."""

CLASS_GROUP_CODES = tuple(
    f"{division}{group}" for division, groups in _GROUPS_BY_DIVISION.items() for group in groups.split()
)
"""lclsSystm2, e.g. `NA01`; those of the travel courses (`C01`) are `C0112` to `C0117`."""
