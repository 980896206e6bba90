"""Which region a postal code is of: the first two of its five digits (국가기초구역번호) say it.

Source: 우정사업본부, the division of the five-digit codes of 2015-08-01. Of 12,242 recorded codes of listed places one is not of
the region of its place, which is an island at the border of two. 군위군 changed its codes when it went to Daegu.
"""

_FIRST_AND_LAST = (
    ("11", 1, 9), ("41", 10, 20), ("28", 21, 23), ("51", 24, 26), ("43", 27, 29), ("36110", 30, 30), ("44", 31, 33),
    ("30", 34, 35), ("47", 36, 40), ("27", 41, 43), ("31", 44, 45), ("26", 46, 49), ("48", 50, 53), ("52", 54, 56),
    ("12", 57, 62), ("50", 63, 63),
)  # fmt: skip

_REGION_OF = {
    f"{number:02}": region_code for region_code, first, last in _FIRST_AND_LAST for number in range(first, last + 1)
}


def region_of_zip_code(code: str) -> str | None:
    """The current region code of a five-digit postal code; None if there is none."""
    return _REGION_OF.get(code[:2])
