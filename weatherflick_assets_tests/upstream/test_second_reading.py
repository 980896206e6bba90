"""Bodies that a strict parser refuses: one bad byte costs its row at most, and what is cut off is asked for again."""

import random
from pathlib import Path

import orjson
import pytest

from weatherflick_assets.upstream.second_reading import DAMAGED, STAND_IN
from weatherflick_assets_tests.recorded import RECORDED
from weatherflick_assets_tests.upstream.answers import error_of, outcome_of, read, xml_error
from weatherflick_assets_tests.upstream.hosts import envelope

ROWS: list[dict[str, object]] = [
    {
        "contentid": str(number),
        "title": f"시험식당 {number}",
        "mapx": "126.5",
        "tel": "",
        "addr1": "제주특별자치도 [제주시] {1}",
    }
    for number in range(100, 200)
]
JSON = envelope(ROWS)
XML = (
    "<response><header><resultCode>0000</resultCode><resultMsg>OK</resultMsg></header><body><items>"
    + "".join("<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in row.items()) + "</item>" for row in ROWS)
    + "</items><numOfRows>100</numOfRows><pageNo>1</pageNo><totalCount>100</totalCount></body></response>"
).encode()
CASES = RECORDED.parent / "cases" / "bodies"


def damaged(body: bytes, damage: bytes, place: str = "시험식당 150") -> bytes:
    """The body with something in place of the last character of one row's title."""
    found = place.encode()
    assert body.count(found) == 1
    return body.replace(found, found[:-1] + damage)


def assert_all_but_one_as_they_were(body: bytes, *, repaired: str | None = None) -> None:
    page = read(body)
    assert page.is_repaired
    assert (len(page.items), page.total_count, page.result_code) == (100, 100, "0000")
    assert [row for row in page.items if row not in ROWS] == [page.items[50]]
    if repaired is not None:
        assert page.items[50] == ROWS[50] | {"title": repaired}


@pytest.mark.fault(
    "Blast radius", "one bad byte in a JSON body", "the row is repaired, its neighbours are as they were"
)
@pytest.mark.parametrize(
    ("damage", "title"),
    [
        (b"\x00", " "), (b"\x01", " "), (b"\x1b[2J", " [2J"), (b"\n", " "), (b"\t", " "), (b"\x1f", " "),
        (b"\\ud83d", DAMAGED), (b"\\ude00", DAMAGED), (b"\\ud83d\\u0041", f"{DAMAGED}A"), (b"\\ud83d\\ude00", "😀"),
        (b"\xec\x8b", DAMAGED), (b"\xff", DAMAGED), (b"\xc0\x80", DAMAGED * 2), (b"\xed\xa0\xbd", DAMAGED * 3),
        (b"\xf5\x80\x80\x80", DAMAGED * 4), (b"\\", "\\"), (b"\\x41", "\\x41"), (b"C:\\dir", "C:\\dir"), (b"\\'", "\\'"),
        (b"\\u12", "\\u12"), (b"\\\\\\q", "\\\\q"), (b"\x80", DAMAGED),
    ],
)  # fmt: skip
def test_a_row_of_json_is_repaired(damage: bytes, title: str) -> None:
    body = damaged(JSON, damage)
    if damage == b"\\":
        body = body.replace(b'\\"', b'\\ "')
        title = "\\ "
    if damage == b"\\ud83d\\ude00":
        assert read(body).items[50]["title"] == "시험식당 15😀"  # nothing is wrong with it
        return
    assert_all_but_one_as_they_were(body, repaired=f"시험식당 15{title}")


@pytest.mark.fault("Blast radius", "a value that JSON does not have", "it is null, its row and its neighbours are kept")
@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "nan", "-NaN", "None", "undefined", "1.", ".5", "007", "+1", "0x1"]
)
def test_a_value_that_is_none_becomes_null(value: str) -> None:
    body = JSON.replace(
        b'"contentid":"150","title":"\xec', b'"contentid":"150","x":' + value.encode() + b',"title":"\xec'
    )
    page = read(body)
    assert page.items[50] == ROWS[50] | {"x": None}
    assert [row for row in page.items if row not in ROWS] == [page.items[50]]


@pytest.mark.fault(
    "Blast radius", "a sign of one row is broken", "the row has a stand-in, its neighbours are as they were"
)
@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ('"title":"시험식당 150"', '"title":"그는 "안녕" 했다"'), ('"title":"시험식당 150"', '"title":"시험식당 150'),
        ('"title":"시험식당 150"', '"title"#"시험식당 150"'), ('"시험식당 150",', '"시험식당 150"#'), ('"title":"시험식당 150"', '"title":시험식당 150"'),
        ('{"contentid":"150"', '#"contentid":"150"'), ('{"contentid":"150"', '{#contentid":"150"'), (',{"contentid":"150"', '#{"contentid":"150"'),
        ('},{"contentid":"150"', '#,{"contentid":"150"'), ('},{"contentid":"150"', '},#{"contentid":"150"'), ('},{"contentid":"150"', '}#" ,{"contentid":"150"'), ('"title":"시험식당 150"', '"title":["시험식당 150"'), ('"시험식당 150",', '"시험식당 150"},'),
    ],
)  # fmt: skip
def test_a_row_of_json_that_cannot_be_repaired_costs_itself(found: str, instead: str) -> None:
    body = JSON.replace(found.encode(), instead.encode())
    assert body != JSON
    page = read(body)
    assert page.total_count == 100
    assert 99 <= len(page.items) <= 101
    good = [row for row in page.items if row in ROWS]
    assert len(good) >= 98
    assert all(row.keys() == {STAND_IN} for row in page.items if row not in ROWS and "contentid" not in row)


@pytest.mark.fault("Blast radius", "a row is no object", "it has a stand-in, its neighbours are as they were")
@pytest.mark.parametrize("instead", [None, "text", 5, True, [], [["a"]], 1.5])
def test_a_row_that_is_none_costs_itself(instead: object) -> None:
    rows: list = [*ROWS[:50], instead, *ROWS[51:]]
    page = read(envelope(rows))
    assert page.is_repaired
    assert page.items == [*ROWS[:50], {STAND_IN: instead}, *ROWS[51:]]


@pytest.mark.fault(
    "Blast radius", "one bad byte in an XML body", "the row is repaired, its neighbours are as they were"
)
@pytest.mark.parametrize(
    ("damage", "title"),
    [
        (b"\x00", " "), (b"\x01", " "), (b"\xff", DAMAGED), (b"\xec\x8b", DAMAGED), (b"&#0;", DAMAGED), (b"&#x1;", DAMAGED),
        (b"&#55357;", DAMAGED), (b"&", "&"), (b"& ", "& "), (b"&nbsp;", "\xa0"), (b"&eacute;", "é"), (b"&nonsense;", "&nonsense;"),
        (b"&copy", "&copy"), (b"<3", "<3"), ("<춘향전>".encode(), "<춘향전>"), (b"\xed\xa0\xbd", DAMAGED * 3), (b"a&b=c", "a&b=c"),
    ],
)  # fmt: skip
def test_a_row_of_xml_is_repaired(damage: bytes, title: str) -> None:
    assert_all_but_one_as_they_were(damaged(XML, damage), repaired=f"시험식당 15{title}")


@pytest.mark.parametrize("damage", [b"<b>", b"</title", b"<title", b"</item2>", b"<a b=c>"])
def test_a_row_of_xml_that_cannot_be_repaired_costs_itself(damage: bytes) -> None:
    page = read(damaged(XML, damage))
    assert len(page.items) == 100
    assert [row for row in page.items if row not in ROWS] == [page.items[50]]
    assert page.items[50].keys() == {STAND_IN}


@pytest.mark.fault("Blast radius", "a body in another encoding than its declaration says", "it is read")
@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize(
    "declaration", ["", '<?xml version="1.0" encoding="euc-kr"?>', '<?xml version="1.1" encoding="x"?>']
)
def test_a_body_is_read_in_its_encoding(encoding: str, declaration: str) -> None:
    assert read(JSON.decode().encode(encoding)).items == ROWS
    assert read((declaration + XML.decode()).encode(encoding)).items == ROWS


@pytest.mark.parametrize("body", [JSON, XML], ids=["JSON", "XML"])
@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.97, 0.9999])
@pytest.mark.parametrize("damage", [b"", b"\x01", b"\xff"])
def test_a_body_that_is_cut_off_is_asked_for_again(body: bytes, left: float, damage: bytes) -> None:
    assert outcome_of(damaged(body, damage or b"0")[: int(len(body) * left)]) == "transient"


def test_binary_content_is_no_text() -> None:
    noise = random.Random(1).randbytes(5000)
    assert outcome_of(b"{" + noise + b"}") == outcome_of(b"<a>" + noise + b"</a>") == "transient"


def test_a_code_is_understood_though_the_text_beside_it_is_damaged() -> None:
    spent = xml_error("22", error="한도").replace("도".encode(), b"\xeb\x8f")
    assert error_of(spent).code == "22"
    assert error_of(b'{"resultCode":"10","resultMsg":"\xbe\xcb\x01"}').code == "10"
    assert outcome_of(b'{"resultCode":"1\xff","resultMsg":"x"}') == "transient"


@pytest.mark.fault(
    "Blast radius", "any byte of a page is another one", "at most three rows are lost, or it is asked again"
)
@pytest.mark.parametrize("body", [JSON, XML], ids=["JSON", "XML"])
def test_whichever_byte_is_another_one_the_other_rows_are_as_they_were(body: bytes) -> None:
    chance = random.Random(7)
    asked_again = 0
    for _ in range(300):
        place, byte = (
            chance.randrange(len(body)),
            chance.choice(b"\x00\x0a\x22\x23\x26\x2c\x3a\x3c\x5b\x5c\x5d\x7b\x7d\x80\xff1a"),
        )
        broken = body[:place] + bytes([byte]) + body[place + 1 :]
        try:
            items = read(broken).items
        except Exception:  # noqa: BLE001 - the envelope itself is broken
            asked_again += 1
            continue
        assert sum(row in items for row in ROWS) >= 97
    assert asked_again <= 15


@pytest.mark.skipif(not CASES.is_dir(), reason=f"RECORDED DATA ABSENT: {CASES} is no folder")
@pytest.mark.parametrize("path", sorted(CASES.glob("*.body")), ids=lambda path: path.stem)
def test_the_cases_that_were_found_are_read(path: Path) -> None:
    page = read(path.read_bytes())
    assert page.items
    assert len(page.items) == page.total_count
    assert not any(STAND_IN in row for row in page.items)


@pytest.mark.parametrize("hostile", [b'{"a":', b"[", b'"', b"\\", b"{},", b'{"a":NaN},', b"<a>", b"&", b"<item>"])
@pytest.mark.parametrize("before", [b"{", b"<r>"])
def test_a_hostile_body_is_refused_in_good_time(hostile: bytes, before: bytes) -> None:
    assert outcome_of(before + hostile * (500_000 // len(hostile))) == "transient"


def test_a_good_body_is_never_read_twice() -> None:
    assert not read(JSON).is_repaired
    assert not read(XML).is_repaired
    assert not read(orjson.dumps(orjson.loads(JSON), option=orjson.OPT_INDENT_2)).is_repaired
