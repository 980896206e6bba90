"""What the tests of the transforms share: list items as KTO sends them, recorded ones, and damaged ones."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
from hypothesis import strategies as st

from weatherflick_assets.places.transform.listing import listed_items

GYEONGBOKGUNG: dict[str, object] = {
    "addr1": "서울특별시 종로구 사직로 161", "addr2": "", "areacode": "1", "cat1": "A02", "cat2": "A0201",
    "cat3": "A02010100", "contentid": "126508", "contenttypeid": "12", "createdtime": "20031202090000",
    "firstimage": "http://tong.visitkorea.or.kr/cms/resource/33/2678633_image2_1.jpg",
    "firstimage2": "http://tong.visitkorea.or.kr/cms/resource/33/2678633_image3_1.jpg", "cpyrhtDivCd": "Type3",
    "mapx": "126.9767375783", "mapy": "37.5760836609", "mlevel": "6", "modifiedtime": "20251112134824",
    "sigungucode": "23", "tel": "", "title": "경복궁", "zipcode": "03045", "showflag": "1", "lDongRegnCd": "11",
    "lDongSignguCd": "110", "lclsSystm1": "HS", "lclsSystm2": "HS01", "lclsSystm3": "HS010100",
}  # fmt: skip
"""A real row."""


def place(**changes: object) -> dict[str, object]:
    """That row with other values."""
    return {**GYEONGBOKGUNG, **changes}


def stored(items: Sequence[dict[str, object]], response_id: int = 1) -> pd.DataFrame:
    """The items as the raw layer gives them back: keyed ones, the payload read from its JSON."""
    frame = listed_items(list(items), response_id)
    frame = frame[frame["content_id"].notna()].copy()
    frame["payload"] = [orjson.loads(payload) for payload in frame["payload"]]
    frame["previous_content_id"] = frame["details"] = None
    return frame


def recorded_rows(recorded_data: Path, *names: str) -> list[dict[str, object]]:
    """The full list rows that were recorded: all, or those of the named files."""
    rows = []
    for name in names or ("list_2026-06", "jeju_2026"):
        with gzip.open(recorded_data / "kto" / "areaBasedList2" / f"{name}.jsonl.gz") as lines:
            rows += [orjson.loads(line) for line in lines]
    return rows


_FORMS = st.sampled_from(
    [
        "", " ", "0", "1", "12", "11", "110", "36110", "126.97", "37.57", "1e400", "nan", "20260102030405", "19880508023000",
        "00010101000000", "서울특별시 종로구", "제주", "<br>", "a<br />b", "\x00", "\\u0000", "\\\\u0000\\", "\ufeff제목", "¸", "&amp;",
        "http://a/b.jpg", "HTTPS://a", "612-020", "06234", "٠٦٢٣٤", "9" * 5000, "\n", "\t\\N", "\u3000", "\u2028", "🏯",
    ]
)  # fmt: skip

values: st.SearchStrategy[object] = (
    _FORMS
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(st.integers(0, 9), max_size=2)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), st.integers(0, 9), max_size=2)
)
"""What JSON can hold where KTO documents a text."""

items: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional=dict.fromkeys(GYEONGBOKGUNG, values)) | st.builds(
    lambda changes: {**GYEONGBOKGUNG, **changes}, st.dictionaries(st.sampled_from([*GYEONGBOKGUNG]), values, max_size=4)
)
"""Items with anything in them, and items with little wrong."""
