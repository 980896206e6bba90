"""Looking at stored answers: a sample of what runs have kept since the last look, shape by shape, and nothing twice."""

import gzip
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.build import DOMAINS, OPERATIONS
from weatherflick_assets.operations.upstream_answers import (
    MOST_ITEMS,
    MOST_RESPONSES,
    Looked,
    look_at_answers,
    spread,
)
from weatherflick_assets.quality.drift import Drift, Kind
from weatherflick_assets.quality.upstream_fields import Shape, known_drifts
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets_tests.operations.kept_answers import in_json, in_xml, keep
from weatherflick_assets_tests.places.store.stock import START, at, rows

STAYS = OPERATIONS["kto"]["searchStay2"]
INTRO = OPERATIONS["kto"]["detailIntro2"]
LAND = OPERATIONS["kma"]["getMidLandFcst"]
OBSERVED = OPERATIONS["kma"]["getUltraSrtNcst"]
STAY = Shape("kto", "searchStay2", "")
ITEMS: list[dict[str, object]] = [{"contentid": str(number), "title": "호텔"} for number in range(30)]
SPENT = b"""<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>
LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR</returnAuthMsg><returnReasonCode>22</returnReasonCode></cmmMsgHeader>
</OpenAPI_ServiceResponse>"""


def look(dsn: str, *operations: Operation, hours: int = 0, accept: Sequence[str] = ()) -> dict[Shape, Looked]:
    return look_at_answers(dsn, operations or [STAYS], at(hours), accept=accept)


def test_what_the_first_answers_hold_is_what_is_known(store: str) -> None:
    first, last = keep(store, STAYS, [in_json(ITEMS), in_json(ITEMS)], START)
    assert look(store) == {STAY: Looked(responses=2, items=60)}
    assert known_drifts(store) == {}
    (title,) = rows(store, "SELECT * FROM quality.upstream_fields WHERE field = 'title'")
    assert title == {
        "provider": "kto", "operation": "searchStay2", "shape": "", "field": "title", "json_type": "text",
        "first_seen": START, "last_seen": START + timedelta(seconds=1), "first_response_id": first, "last_response_id": last,
        "items_seen": 60, "items_looked_at": 60, "items_since": 0, "known_since": START, "told_since": None, "gone_since": None,
    }  # fmt: skip


def test_a_field_that_was_renamed_is_told_with_answers_to_look_at(store: str) -> None:
    (before,) = keep(store, STAYS, [in_json(ITEMS)], START)
    look(store)
    (after,) = keep(
        store, STAYS, [in_json([{"contentid": item["contentid"], "name": "호텔"} for item in ITEMS])], at(1)
    )
    look(store, hours=1)
    assert known_drifts(store) == {
        STAY: [
            Drift("name", Kind.NEW, "", "text", at(1), after),
            Drift("title", Kind.MISSING, "text", "", START, before),
        ]
    }
    look(store, hours=2, accept=["kto searchStay"])
    assert len(known_drifts(store)[STAY]) == 2, "that is another operation's name"
    look(store, hours=2, accept=["kto searchStay2"])
    assert known_drifts(store) == {}


def test_no_answer_is_looked_at_twice(store: str) -> None:
    keep(store, STAYS, [in_json(ITEMS)], START)
    look(store)
    before = rows(store, "SELECT * FROM quality.upstream_fields ORDER BY field")
    assert look(store) == {STAY: Looked()}
    assert rows(store, "SELECT * FROM quality.upstream_fields ORDER BY field") == before
    keep(store, STAYS, [in_json(ITEMS[:3])], at(1))
    assert look(store, hours=1) == {STAY: Looked(responses=1, items=3)}


def test_a_single_item_is_an_object_and_xml_is_read_too(store: str) -> None:
    keep(store, STAYS, [in_json({"contentid": 1, "title": "호텔"}), in_xml(ITEMS)], START)
    assert look(store) == {STAY: Looked(responses=2, items=31)}
    assert known_drifts(store) == {}, "a number is a text in XML"


def test_what_says_nothing_of_fields_is_left_out_and_what_nobody_can_read_is_counted(store: str) -> None:
    cut = in_json(ITEMS)[:-200]
    unknown = b'{"response": {"header": {"resultCode": "0000"}, "content": {"rows": []}}}'
    keep(store, STAYS, [in_json(""), SPENT, b"", unknown, cut], START)
    assert look(store) == {STAY: Looked(responses=5, items=0, unreadable=3)}
    assert rows(store, "SELECT * FROM quality.upstream_fields") == []


def test_calls_by_hand_teach_nothing(store: str) -> None:
    keep(store, STAYS, [in_json(ITEMS)], START, run_id=None)
    assert look(store) == {}


@pytest.mark.parametrize(
    ("operation", "parameter", "values", "shapes"),
    [
        (INTRO, "contentTypeId", ("39", "12"), ["contentTypeId=12", "contentTypeId=39"]),
        (LAND, "tmFc", ("202611290600", "202611291800", "202611300600"), ["tmFc=0600", "tmFc=1800"]),
    ],
)
def test_answers_with_other_fields_by_their_nature_are_told_apart(
    store: str, operation: Operation, parameter: str, values: Sequence[str], shapes: Sequence[str]
) -> None:
    for number, value in enumerate(values):
        field = f"of {operation.shape({parameter: value})}"
        keep(store, operation, [in_json([{field: "1"}] * 30)], at(number), parameters={parameter: value})
        look(store, operation, hours=number)
    assert known_drifts(store) == {}
    found = rows(store, "SELECT DISTINCT shape FROM quality.upstream_fields ORDER BY shape")
    assert [row["shape"] for row in found] == shapes


def test_a_sample_is_bounded_and_spread_over_the_time_since_the_last_look(store: str) -> None:
    many = [{"contentid": number} for number in range(3 * MOST_ITEMS)]
    kept = keep(store, STAYS, [in_json(many)] * (3 * MOST_RESPONSES), START)
    assert look(store) == {STAY: Looked(MOST_RESPONSES, MOST_RESPONSES * MOST_ITEMS)}
    (seen,) = rows(store, "SELECT first_response_id, last_response_id FROM quality.upstream_fields")
    assert tuple(seen.values()) == (kept[0], kept[-1])


@given(st.integers(0, 300), st.integers(2, 60))
def test_a_spread_has_the_first_and_the_last_in_order_and_none_twice(count: int, most: int) -> None:
    values = list(range(count))
    found = spread(values, most)
    assert len(found) == min(count, most)
    assert found == sorted({*found})
    assert (found[:1], found[-1:]) == (values[:1], values[-1:])


def test_every_operation_whose_answers_an_asset_keeps_is_one_that_is_declared() -> None:
    for domain in DOMAINS:
        for answers in domain.answers.values():
            assert all(each.operation in domain.operations for each in answers)


def _recorded(folder: Path) -> Iterable[tuple[Operation, bytes, dict[str, str]]]:
    """Every recorded answer of an operation that is declared, as a body, with the parameters that shape it."""
    for operation in (operation for operations in OPERATIONS.values() for operation in operations.values()):
        for file in sorted(folder.glob(f"*/{operation.name}/**/*")):
            kind = "".join(character for character in file.stem.split("_")[-1].split("type")[-1] if character.isdigit())
            shaping = {"contentTypeId": kind} if "contentTypeId" in operation.shaped_by else {}
            if "tmFc" in operation.shaped_by:
                shaping["tmFc"] = next(part for part in file.stem.split("_") if part in {"0600", "1800", "unknown"})
            if file.name.endswith(".jsonl.gz"):
                items = [orjson.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
                shaping = {**shaping, "contentTypeId": kind if len(kind) == 2 else ""}
                for start in range(0, len(items), 500):
                    yield operation, in_json(items[start : start + 500]), shaping
            elif file.name.startswith("xml_response.raw"):
                # It was recorded in XML and kept as JSON.
                yield operation, in_xml(orjson.loads(file.read_bytes())["response"]["body"]["items"]["item"]), shaping
            elif file.suffix == ".json" and ".meta" not in file.name:
                yield operation, file.read_bytes(), shaping
            elif file.suffix == ".body":
                yield operation, file.read_bytes(), {**shaping, "ver": "1.0"}


def test_recorded_answers_never_alarm(store: str, recorded_data: Path) -> None:
    for number, (operation, body, parameters) in enumerate(_recorded(recorded_data), 1):
        keep(store, operation, [body], at(number), parameters=parameters)
        look(store, operation, hours=number)
        assert known_drifts(store) == {}, operation.name
    (seen,) = rows(store, "SELECT count(DISTINCT (operation, shape)) AS shapes FROM quality.upstream_fields")
    assert seen["shapes"] >= 15
