"""Warnings are read from the texts that the KMA writes."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.warnings import (
    Announced,
    Bulletin,
    Expected,
    InForce,
    UnreadableWarningError,
    Zone,
    bulletin,
    expected,
    in_force,
)


def zones(text: str) -> tuple[Zone, ...]:
    ((found,), unreadable) = in_force(f"o 폭염주의보 : {text}")
    assert not unreadable
    return found.zones


ZONES = {
    "인천": (Zone(("인천",)),),
    "경기도(시흥, 김포), 인천": (Zone(("경기도", "시흥")), Zone(("경기도", "김포")), Zone(("인천",))),
    "서울(서울서북권 제외)": (Zone(("서울",), ("서울서북권",)),),
    "전라남도(완도(여서도 제외), 무안북부)": (Zone(("전라남도", "완도"), ("여서도",)), Zone(("전라남도", "무안북부"))),
    "제주도(제주도산지, 추자도 제외)": (Zone(("제주도",), ("제주도산지", "추자도")),),
    "충청남도(보령(도서제외), 보령도서)": (Zone(("충청남도", "보령"), ("도서",)), Zone(("충청남도", "보령도서"))),
}


@pytest.mark.parametrize(("text", "expected"), ZONES.items())
def test_zones_are_listed_with_their_parts_and_without_those_left_out(text: str, expected: tuple[Zone, ...]) -> None:
    assert zones(text) == expected


@pytest.mark.parametrize("text", ["o 없음", "o 없 음", "o  없음 ", "", "\r\n", "ㅇ 없음"])
def test_nothing_in_force_is_no_warning(text: str) -> None:
    assert in_force(text) == ([], [])


def test_a_line_that_cannot_be_read_costs_itself_alone() -> None:
    found, unreadable = in_force(
        "o 호우주의보 : 인천\r\no 폭염주의보 : 서울(강남\r\no 소식 : 서울\r\no 강풍경보 : 울릉도, 독도"
    )
    assert [(one.phenomenon, one.level) for one in found] == [("호우", "advisory"), ("강풍", "warning")]
    assert unreadable == ["o 폭염주의보 : 서울(강남", "o 소식 : 서울"]


def test_lines_may_be_separated_by_spaces() -> None:
    found, unreadable = in_force(
        "o 풍랑주의보 : 남해동부바깥먼바다, 제주도앞바다(제주도서부앞바다) o 한파주의보 : 강원도(태백, 평창산지)"
    )
    assert [(one.phenomenon, len(one.zones)) for one in found] == [("풍랑", 2), ("한파", 2)]
    assert not unreadable


@pytest.mark.parametrize("text", ["서울)", "서울(", "서울((강남)", "(강남)", "서울,,부산", ","])
def test_brackets_and_names_must_match(text: str) -> None:
    assert in_force(f"o 폭염주의보 : {text}") == ([], [f"o 폭염주의보 : {text}"])


NAMES = st.text(alphabet="가나다라마바사", min_size=1, max_size=4)


@given(
    st.recursive(
        st.lists(NAMES, min_size=1, max_size=3),
        lambda below: st.dictionaries(NAMES, below, min_size=1, max_size=3),
        max_leaves=8,
    )
)
def test_every_zone_of_nested_brackets_is_found(tree: object) -> None:
    def written(node: object) -> str:
        if isinstance(node, dict):
            return ", ".join(f"{name}({written(inside)})" for name, inside in node.items())
        assert isinstance(node, list)
        return ", ".join(node)

    def paths(node: object, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        if isinstance(node, dict):
            return [path for name, inside in node.items() for path in paths(inside, (*above, name))]
        assert isinstance(node, list)
        return [(*above, name) for name in node]

    assert [zone.path for zone in zones(written(tree))] == paths(tree)


TITLES = {
    "[특보] 제07-62호 : 2026.07.17.10:00 / 폭염주의보 발표 (*)": Bulletin(
        "07-62", datetime(2026, 7, 17, 10, tzinfo=KST), (Announced("폭염", "advisory", "raised"),)
    ),
    "[특보] 제08-65호 : 2026.08.21.16:10 / 호우경보 변경·호우주의보 발표 (*)": Bulletin(
        "08-65",
        datetime(2026, 8, 21, 16, 10, tzinfo=KST),
        (Announced("호우", "warning", "changed"), Announced("호우", "advisory", "raised")),
    ),
    "[특보] 제08-71호 : 2026.08.21.20:30 / 호우경보 해제 (*)": Bulletin(
        "08-71", datetime(2026, 8, 21, 20, 30, tzinfo=KST), (Announced("호우", "warning", "lifted"),)
    ),
    "[특보] 제07-1호 : 2026.07.01.10:00 / 강풍주의보, 풍랑주의보 발표": Bulletin(
        "07-1",
        datetime(2026, 7, 1, 10, tzinfo=KST),
        (Announced("강풍", "advisory", "raised"), Announced("풍랑", "advisory", "raised")),
    ),
    "[특보] 제07-9호 : 2026.07.29.10:00 / 폭염중대경보 발표 (*)": Bulletin(
        "07-9", datetime(2026, 7, 29, 10, tzinfo=KST), (Announced("폭염", "critical", "raised"),)
    ),
}


@pytest.mark.parametrize(("title", "expected"), TITLES.items())
def test_a_title_says_what_happens_to_which_warnings(title: str, expected: Bulletin) -> None:
    assert bulletin(title) == expected


@pytest.mark.parametrize(
    "title",
    ["", "[정보] 제07-1호 : 2026.07.01.10:00 / 폭염 발표", "[특보] 제07-1호 : 2026.13.01.10:00 / 폭염주의보 발표",
     "[특보] 제07-1호 : 2026.07.01.10:00 / 폭염주의보 예고", "[특보] 제07-1호 : 2026.07.01.10:00 / 발표"],
)  # fmt: skip
def test_a_title_in_no_known_form_is_refused(title: str) -> None:
    with pytest.raises(UnreadableWarningError):
        bulletin(title)


@pytest.mark.recorded
def test_every_recorded_text_is_read(recorded_data: Path) -> None:
    recorded = json.loads((recorded_data / "kma" / "warnings_text" / "t6_and_titles_2026.json").read_bytes())
    for sample in recorded["samples"]:
        found, unreadable = in_force(sample["t6"])
        assert not unreadable
        assert len(found) == (0 if sample["t6"] == "o 없음" else sample["t6"].count("o "))
    for title in recorded["titles"]:
        assert bulletin(title["title"]).announced
        if "tmFc" in title:
            assert f"{bulletin(title['title']).announced_at:%Y%m%d%H%M}" == str(title["tmFc"])


def test_a_warning_in_force_has_phenomenon_level_and_zones() -> None:
    assert in_force("o 열대야주의보 : 제주도(제주시북부)")[0] == [
        InForce("열대야", "advisory", (Zone(("제주도", "제주시북부")),))
    ]


COMING = {
    "(1) 강풍 예비특보\r\no 06월 07일 아침 : 울릉도.독도": [
        Expected("강풍", datetime(2026, 6, 7, 6, tzinfo=KST), (Zone(("울릉도.독도",)),))
    ],
    "(1) 풍랑 예비특보\r\no 06월 07일 밤 : 동해중부전해상\r\n(2) 호우 예비특보\r\no 06월 08일 오후(13시~18시) : 경기도(안산, 시흥)": [
        Expected("풍랑", datetime(2026, 6, 7, 18, tzinfo=KST), (Zone(("동해중부전해상",)),)),
        Expected("호우", datetime(2026, 6, 8, 13, tzinfo=KST), (Zone(("경기도", "안산")), Zone(("경기도", "시흥")))),
    ],
    "(1) 대설 예비특보\r\no 01월 01일 새벽 : 인천": [
        Expected("대설", datetime(2027, 1, 1, tzinfo=KST), (Zone(("인천",)),))
    ],
    "(1) 대설 예비특보\r\no 주말 : 인천": [Expected("대설", None, (Zone(("인천",)),))],
    "o 없음": [],
    "": [],
}


@pytest.mark.parametrize(("text", "found"), COMING.items())
def test_a_preliminary_text_says_what_is_expected_from_when(text: str, found: list[Expected]) -> None:
    assert expected(text, datetime(2026, 6, 6, 10, tzinfo=KST)) == (found, [])


def test_a_preliminary_line_that_cannot_be_read_costs_itself_alone() -> None:
    text = "o 06월 07일 아침 : 인천\r\n(1) 강풍 예비특보\r\no 06월 07일 아침 : 인천(\r\no 06월 07일 낮 : 서울"
    found, unreadable = expected(text, datetime(2026, 6, 6, 10, tzinfo=KST))
    assert [(one.phenomenon, one.zones) for one in found] == [("강풍", (Zone(("서울",)),))]
    assert unreadable == ["o 06월 07일 아침 : 인천", "o 06월 07일 아침 : 인천("]
