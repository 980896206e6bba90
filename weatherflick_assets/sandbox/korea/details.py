"""Synthetic details of places: a pure function of seed, list row and number of revisions.

Here: the answers of each detail operation for one place, generated on demand.

Rates were measured on details recorded in 2025 and 2026. Texts are invented. A revision always rewrites the end of the
overview, and one in ten of the other texts. A re-keyed place keeps the details of its old contentid.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.catalogue import BLANK, REVISION, Catalogue
from weatherflick_assets.sandbox.detail_keys import ROOM_FACILITIES, detail_keys
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.draws import Draws
from weatherflick_assets.sandbox.korea.phrases import Row, phrase

Item = dict[str, Any]

_REDRAWN = 0.1

_WITHOUT_INTRO = {"28": 0.47}
_WITHOUT_INTRO_OTHERWISE = 0.04

_WITH_HOMEPAGE = {"12": 0.75, "14": 0.98, "15": 0.62, "25": 0.05, "28": 0.8, "32": 0.18, "38": 0.69, "39": 0.32}
_HOMEPAGES = (
    '16*<a href="{page}" target="_blank" title="새창 : {title} 홈페이지로 이동">{page}</a>'
    '|10*<a href="{page}"target="_blank" title="새창:{title}">{page}</a>|10*{page}|3*www.example.kr/{page_number}'
    '|{district} 문화관광 <a href="{page}" target="_blank" title="새창 : {district} 문화관광">{page}</a>'
    '|{district} 문화관광 <a href="{page}" target="_blank" title="새창 : {district}">{page}</a><br>'
    '국가유산청 <a href="https://heritage.example.kr/{page_number}" target="_blank" title="새창 : 국가유산청">heritage.example.kr</a>'
    '|<a title="새창 : {title}" href="{page}\n" target="_blank">{page}</a>'
)
_BEGINNINGS = (
    "{title}{particle} {region} {district}에 자리하고 있다.|{district}에 있는 {title}{particle} {year}년에 처음 알려졌다."
    "|{title}{particle} {district} 사람들에게 오래 사랑받아 온 곳이다."
)
_OF_FOOD = (
    "지역에서 나는 신선한 재료를 쓰는 것으로 알려져 있고, 대표 메뉴는 {dish}이며 {dish2}도 찾는 이가 많다."
    "|매장은 넓고 쾌적하며 단체석이 마련되어 있어 가족이나 동료와 함께 식사하기에 알맞다."
    "|{year}년부터 같은 자리를 지켜 온 곳으로, 여러 차례 방송과 신문에 소개되었다."
    "|창밖으로 보이는 풍경이 아름다워 식사 시간이 아니어도 손님이 끊이지 않는다."
    "|밑반찬은 날마다 직접 만들며, 남녀노소 누구나 즐길 수 있는 담백한 맛이 특징이다."
    "|{dish3} 등 계절마다 다른 메뉴를 내놓으며, 일부 메뉴는 포장도 할 수 있다."
)
_OF_ROOMS = (
    "객실은 모두 {tens}개이며, 침구와 세면도구를 갖추고 있어 가볍게 찾아와 머물기에 좋다."
    "|창밖으로 산과 들이 내다보이고, 저녁이면 마당에서 바비큐를 즐길 수 있다."
    "|{year}년에 새로 고쳐 지은 건물로, 온돌과 침대 객실 가운데 고를 수 있다."
    "|가까운 곳에 산책로와 식당이 있어 머무는 동안 불편함이 없고, 대중교통으로도 쉽게 찾아갈 수 있다."
    "|가족이 함께 쓰기에 넉넉한 넓이이며, 어린이를 위한 놀이 공간이 따로 마련되어 있다."
    "|아침 식사를 내며, 미리 부탁하면 {craft} 체험도 할 수 있다."
)
_OF_SIGHTS = (
    "주변 경관이 수려하여 사계절 내내 찾는 이들이 많고, 특히 봄과 가을에는 나들이하기에 좋다."
    "|{craft} 체험을 비롯하여 누구나 참여할 수 있는 프로그램을 운영하고 있다."
    "|{year}년에 새로 단장한 뒤 지금의 모습을 갖추었으며, 지역의 역사와 이야기를 간직하고 있다."
    "|가까운 곳에 산책로와 전망대가 있어 함께 둘러보기 좋고, 대중교통으로도 쉽게 찾아갈 수 있다."
    "|{craft}, {craft2} 등을 주제로 한 공간이 이어지며, 약 {hundreds}명이 함께 이용할 수 있다."
    "|이름의 유래에 대해서는 여러 이야기가 전해 오는데, 옛 지도에도 {district}의 명소로 적혀 있다."
)
_MIDDLES = {"39": _OF_FOOD, "32": _OF_ROOMS}
_ENDINGS = (
    "방문 전에 운영 여부를 확인하는 것이 좋다.|인근의 다른 관광지와 연계하여 여행하기 좋다.|주말에는 방문객이 많아 붐빌 수 있다."
    "|주차 공간이 넉넉하여 이용하기 편리하다.|자세한 사항은 전화로 문의하면 된다."
)
_NEWLINE_IN_OVERVIEW = 0.15
_TAG_IN_OVERVIEW = 0.01

_IMAGE_COUNTS = "52*4|30*6|17*5|15*9|12*3|9*7|5*8|4*11|3*14|3*2|2*18|2*13|20|12|10|19|17|1"
_WITH_IMAGES = {"12": 0.84, "14": 0.86, "15": 0.6, "25": 0.0, "28": 0.7, "32": 0.69, "38": 0.8, "39": 0.76}
_WITH_MENU_IMAGES = {"39": 0.2}
_WITHOUT_SMALL_IMAGE = 0.066
_MENU = "메뉴"

_WITH_PETS = {"12": 0.06, "14": 0.02, "28": 0.08, "32": 0.03, "38": 0.005, "39": 0.012}

_WITH_ROOMS = 0.5
_ROOM_TITLES = "3*디럭스|3*스탠다드|2*패밀리룸|2*온돌|{n}0{n2}|{tens}평형|스위트"
_ROOM_INTROS = "15*※ 가격 : 전화문의|7*오션뷰|오션뷰, 베란다 있음|※ 가격 : 전화문의 ※ 침실{n}, 거실, 화장실, 발코니|3*"
_ROOM_PRICED = 0.3
_ROOM_CODED = 0.05
_FACILITY_RATES = {
    "roombathfacility": 0.95, "roombath": 0.46, "roomhometheater": 0.0, "roomaircondition": 0.95, "roomtv": 0.9, "roompc": 0.0,
    "roomcable": 0.73, "roominternet": 0.95, "roomrefrigerator": 0.9, "roomtoiletries": 0.95, "roomsofa": 0.66,
    "roomcook": 0.54, "roomtable": 0.85, "roomhairdryer": 0.63,
}  # fmt: skip

_STOP_TYPES = ("12", "14", "28", "38", "39")
_STOP_COLUMNS = (
    "contentid", "contenttypeid", "title", "firstimage", "lDongRegnCd", "lDongSignguCd", "mapx", "mapy", "showflag",
)  # fmt: skip
_STOPS_TO_CHOOSE_FROM = 12
_STOP_COUNTS = (4, 4, 4, 5, 5, 3, 7, 2)


class InventedDetails:
    """Details of a catalogue's places, and of places added later."""

    def __init__(self, seed: int, catalogue: Catalogue) -> None:
        """Draw with `seed`. The stops of courses are places of `catalogue`, even after these have changed."""
        self._seed = seed
        columns = {name: catalogue.column(name) for name in _STOP_COLUMNS}  # the other columns are not needed
        self._places = Catalogue(columns, source=catalogue.source)

    def items(self, operation: str, row: Row, *, of_menu: bool = False) -> list[Item]:
        """The items of a detail operation for the shown place with the list row `row`, with keys in upstream's order.

        `of_menu` requests images of the menu instead of the place from detailImage2.
        """
        place = _Place(self._seed, row)
        content_type = str(row["contenttypeid"])
        if operation == "detailInfo2" and content_type == "25":
            items = self._stops(place)
        elif operation == "detailImage2":
            items = _images(place, of_menu=of_menu)
        else:
            items = _ANSWERS[operation](place)
        named = {"contentid": row["contentid"], "contenttypeid": row["contenttypeid"]}
        blank = {key: named.get(key, BLANK) for key in detail_keys(operation, content_type)}
        return [{key: item.get(key, value) for key, value in blank.items()} for item in items]

    def with_pets(self, catalogue: Catalogue) -> list[int]:
        """The positions of the places in `catalogue` that allow pets."""
        names = ("contentid", "contenttypeid", "oldContentid")
        rows = zip(*(catalogue.column(name) for name in names), strict=True)
        return [
            position
            for position, row in enumerate(rows)
            if _welcomes_pets(_Place(self._seed, dict(zip(names, row, strict=True))))
        ]

    def _stops(self, place: "_Place") -> list[Item]:
        """A few places near the centre of a course, in random order."""
        positions, longitudes, latitudes = self._stop_candidates
        try:
            middle = float(place.row["mapx"]), float(place.row["mapy"])
        except (TypeError, ValueError):
            return []
        distances = np.hypot(longitudes - middle[0], latitudes - middle[1])
        enough = min(_STOPS_TO_CHOOSE_FROM, len(positions))
        nearest = positions[np.argpartition(distances, enough - 1)[:enough]].tolist() if enough else []
        chosen = sorted(nearest, key=lambda position: place.draws.number(f"stop:{position}", 1_000_000))
        stops = [
            self._places.row(position, _STOP_COLUMNS) for position in chosen[: place.draws.pick("stops", _STOP_COUNTS)]
        ]
        return [
            {
                "subnum": str(number),
                "subcontentid": stop["contentid"],
                "subname": stop["title"],
                "subdetailoverview": _overview(_Place(self._seed, stop)),
                "subdetailimg": stop["firstimage"],
                "subdetailalt": f"{stop['title']}_{number + 1:02}"
                if place.draws.happens(f"alt:{number}", 0.79)
                else "",
            }
            for number, stop in enumerate(stops)
        ]

    @cached_property
    def _stop_candidates(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        places = self._places
        wanted = places.shown & np.isfinite(places.longitudes) & np.isfinite(places.latitudes)
        wanted &= np.logical_or.reduce([places.equal("contenttypeid", kind) for kind in _STOP_TYPES])
        positions = np.flatnonzero(wanted)
        return positions, places.longitudes[positions], places.latitudes[positions]


class _Place:
    """A place whose details are generated: its list row, its draws, and its number of revisions."""

    def __init__(self, seed: int, row: Row) -> None:
        self.row = row
        self.content_type = str(row["contenttypeid"])
        self.revision = int(row.get(REVISION) or 0)
        self.draws = Draws(seed, str(row.get("oldContentid") or row["contentid"]))

    def field(self, name: str, filled: float, forms: str) -> str:
        """A text that is filled with probability `filled`. One revision in ten redraws it."""
        if not self.draws.happens(f"{name}:filled", filled):
            return ""
        redrawn = (
            number for number in range(self.revision, 0, -1) if self.draws.happens(f"{name}:redrawn:{number}", _REDRAWN)
        )
        return phrase(self.draws, f"{name}:{next(redrawn, 0)}", forms, self.row)


def _common(place: _Place) -> list[Item]:
    homepage = ""
    if place.draws.happens("homepage:filled", _WITH_HOMEPAGE.get(place.content_type, 0.0)):
        homepage = phrase(place.draws, "homepage", _HOMEPAGES, place.row)
    return [{**place.row, "telname": "", "homepage": homepage, "overview": _overview(place)}]


def _overview(place: _Place) -> str:
    draws = place.draws
    middles = range(1 + draws.number("overview:length", 6))
    sentences = [
        phrase(draws, "overview:beginning", _BEGINNINGS, place.row),
        *(
            phrase(draws, "overview:middle", _MIDDLES.get(place.content_type, _OF_SIGHTS), place.row, shift=number)
            for number in middles
        ),
        phrase(draws, "overview:ending", _ENDINGS, place.row, shift=place.revision),
    ]
    newline = " \n" if draws.happens("overview:newline", _NEWLINE_IN_OVERVIEW) else " "
    tag = "<br>" if draws.happens("overview:tag", _TAG_IN_OVERVIEW) else newline
    return " ".join(sentences[:2]) + tag + " ".join(sentences[2:])


def _intro(place: _Place) -> list[Item]:
    if place.draws.happens("intro:missing", _WITHOUT_INTRO.get(place.content_type, _WITHOUT_INTRO_OTHERWISE)):
        return []
    dates = {key: place.row.get(key, "") for key in ("eventstartdate", "eventenddate")}
    forms = tables.intro_forms().get(place.content_type, ())
    return [{**dates, **{form.name: place.field(form.name, form.filled, form.forms) for form in forms}}]


def _info(place: _Place) -> list[Item]:
    if place.content_type == "32":
        return _rooms(place)
    present = [
        form for form in tables.info_forms().get(place.content_type, ()) if place.draws.happens(form.name, form.filled)
    ]
    return [
        {
            "serialnum": str(number),
            "infoname": form.name,
            "infotext": place.field(f"{form.name}:text", 1.0, form.forms),
            "fldgubun": form.group,
        }
        for number, form in enumerate(present)
    ]


def _rooms(place: _Place) -> list[Item]:
    draws = place.draws
    if not draws.happens("rooms", _WITH_ROOMS):
        return []
    return [_room(place, f"room{number}") for number in range(2 + draws.number("rooms:count", 8))]


def _room(place: _Place, room: str) -> Item:
    draws = place.draws
    size, guests = draws.number(f"{room}:size", 30), 2 + draws.number(f"{room}:guests", 3)
    fee = 10_000 * (5 + draws.number(f"{room}:fee", 16)) if draws.happens("rooms:priced", _ROOM_PRICED) else 0
    return {
        "roomcode": str(10_000 + draws.number(room, 90_000)) if draws.happens("rooms:coded", _ROOM_CODED) else "",
        "roomtitle": place.field(f"{room}:title", 1.0, _ROOM_TITLES),
        "roomsize1": str(size),
        "roomsize2": str(round(size * 3.3)),
        "roomcount": str(draws.number(f"{room}:count", 3)),
        "roombasecount": str(guests),
        "roommaxcount": str(guests + draws.number(f"{room}:most", 3)),
        "roomoffseasonminfee1": str(fee),
        "roomoffseasonminfee2": str(fee * 5 // 4),
        "roompeakseasonminfee1": str(fee * 3 // 2),
        "roompeakseasonminfee2": str(fee * 2),
        "roomintro": place.field(f"{room}:intro", 1.0, _ROOM_INTROS),
        **{name: "Y" if draws.happens(f"{room}:{name}", _FACILITY_RATES[name]) else "" for name in ROOM_FACILITIES},
    }


def _images(place: _Place, *, of_menu: bool) -> list[Item]:
    draws, kind = place.draws, _MENU if of_menu else "images"
    rates = _WITH_MENU_IMAGES if of_menu else _WITH_IMAGES
    if not draws.happens(kind, rates.get(place.content_type, 0.0)):
        return []
    count = int(phrase(draws, f"{kind}:count", _IMAGE_COUNTS, place.row))
    first = 1_000_000 + draws.number(f"{kind}:number", 3_000_000)
    order = sorted(range(count), key=lambda image: draws.number(f"{kind}:order:{image}", 1_000_000))
    licence = "Type1" if draws.happens(f"{kind}:licence", 0.15) else "Type3"
    named = f"{place.row['title']} {_MENU}" if of_menu else place.row["title"]
    images: list[Item] = []
    for image, serial in enumerate(order):
        number = first + image
        address = f"http://tong.visitkorea.or.kr/cms/resource/{number % 100:02}/{number}_image2_1.jpg"
        alone = draws.happens(f"{kind}:alone:{image}", _WITHOUT_SMALL_IMAGE)
        images.append(
            {
                "originimgurl": address,
                "imgname": f"{named} ({image + 1})",
                "smallimageurl": address if alone else address.replace("image2", "image3"),
                "cpyrhtDivCd": licence,
                "serialnum": f"{number}_{serial + 1}",
            }
        )
    return images


def _pets(place: _Place) -> list[Item]:
    if not _welcomes_pets(place):
        return []
    return [{form.name: place.field(form.name, form.filled, form.forms) for form in tables.pet_forms()}]


def _welcomes_pets(place: _Place) -> bool:
    return place.draws.happens("pets", _WITH_PETS.get(place.content_type, 0.0))


_ANSWERS = {"detailCommon2": _common, "detailIntro2": _intro, "detailInfo2": _info, "detailPetTour2": _pets}
