"""The nearest places and those with a name: exactly what a plain calculation over all places finds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from random import Random

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.store.stock import rows

LAW = settings(max_examples=150, deadline=None)
EARTH_M = 6_371_008.8
KINDS = [kind.content_type_id for kind in CONTENT_TYPES]


@dataclass(frozen=True)
class Place:
    content_id: str
    kind: int
    title: str
    latitude: float | None
    longitude: float | None
    is_removed: bool

    def distance_m(self, latitude: float, longitude: float) -> float:
        """Along a great circle."""
        assert self.latitude is not None
        assert self.longitude is not None
        north, east = radians(self.latitude - latitude), radians(self.longitude - longitude)
        chord = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(self.latitude)) * sin(east / 2) ** 2
        return 2 * EARTH_M * asin(sqrt(min(1.0, chord)))


def _drawn(count: int) -> Iterator[Place]:
    """Most places in Korea, crowded in places; some anywhere on earth; some removed, some without coordinates."""
    random = Random(5)
    for number in range(count):
        latitude, longitude = random.uniform(33, 39), random.uniform(125, 130)
        if number % 3 == 0:
            latitude, longitude = random.gauss(37.56, 0.02), random.gauss(126.97, 0.02)
        elif number % 10 == 1:
            latitude, longitude = random.uniform(-90, 90), random.uniform(-180, 180)
        is_nowhere = number % 17 == 5
        title = "".join(random.choices("제주공원가나다aB%_ \\", k=random.randint(1, 7)))
        yield Place(
            str(number), number % len(CONTENT_TYPES), title, None if is_nowhere else latitude,
            None if is_nowhere else longitude, number % 13 == 3,
        )  # fmt: skip


PLACES = tuple(_drawn(1500))
SHOWN = [place for place in PLACES if not place.is_removed]
LOCATED = [place for place in SHOWN if place.latitude is not None]


@pytest.fixture(scope="module")
def stocked(template_database: Template) -> Iterator[psycopg.Connection]:
    with template_database.clone() as url, psycopg.connect(dsn_of(url), autocommit=True) as connection:
        for place in PLACES:
            kind = CONTENT_TYPES[place.kind]
            connection.execute(
                f"INSERT INTO core.{kind.name} (content_id, content_type_id, title, region_code, region_source, latitude, "  # type: ignore[arg-type]
                "longitude, completeness, source_response_id, published_at, updated_at, removed_at) "
                "VALUES (%s, %s, %s, '50', 'code', %s, %s, 1, 1, now(), now(), CASE WHEN %s THEN now() END)",
                (
                    place.content_id, kind.content_type_id, place.title, place.latitude, place.longitude, place.is_removed,
                ),
            )  # fmt: skip
        connection.execute("ANALYZE")
        yield connection


latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
in_korea = st.tuples(st.floats(33, 39), st.floats(125, 130))


@LAW
@given(
    in_korea | st.tuples(latitudes, longitudes),
    st.none() | st.floats(0, 3_000) | st.floats(0, 2e7),
    st.integers(1, 40) | st.just(5_000),
    st.none() | st.lists(st.sampled_from(KINDS), max_size=3),
)
@example((90.0, 0.0), None, 5, None)
@example((0.0, 180.0), 2_000_000.0, 50, None)
def test_the_nearest_places_are_those_of_a_plain_calculation(
    stocked: psycopg.Connection, here: tuple[float, float], radius: float | None, most: int, kinds: Sequence[str] | None
) -> None:
    found = stocked.execute(
        "SELECT * FROM serving.places_near(%s, %s, %s, %s, %s)", (*here, radius, most, kinds)
    ).fetchall()
    distance_of = {
        place.content_id: place.distance_m(*here) for place in LOCATED if kinds is None or KINDS[place.kind] in kinds
    }
    expected = sorted(distance for distance in distance_of.values() if radius is None or distance <= radius)[:most]
    # Near the opposite point of the earth, a distance is known to a few centimetres.
    assert [distance for *_, distance in found] == pytest.approx(expected, rel=1e-9, abs=0.1)
    for content_id, kind, distance in found:
        assert distance == pytest.approx(distance_of[content_id], rel=1e-9, abs=0.1)
        assert kind == KINDS[PLACES[int(content_id)].kind]
    assert len({content_id for content_id, *_ in found}) == len(found)


@LAW
@given(st.text("제주공원가다aAbB%_ \\", max_size=3), st.integers(1, 50) | st.just(5_000))
def test_places_are_found_by_any_part_of_their_name_in_any_case(
    stocked: psycopg.Connection, words: str, most: int
) -> None:
    found = stocked.execute("SELECT * FROM serving.places_named(%s, %s)", (words, most)).fetchall()
    hits = [place for place in SHOWN if words.lower() in place.title.lower()]
    hits.sort(
        key=lambda place: (
            not place.title.lower().startswith(words.lower()), len(place.title), place.content_id.encode()
        )
    )  # fmt: skip
    assert [(content_id, name) for content_id, _, name in found] == [
        (place.content_id, place.title) for place in hits[:most]
    ]


def test_distances_between_cities_are_those_of_the_map(prepared_database: str) -> None:
    (row,) = rows(
        prepared_database, "SELECT serving.distance_m(37.5663, 126.9779, 35.1796, 129.0756) AS seoul_to_busan"
    )
    assert row["seoul_to_busan"] == pytest.approx(325_000, rel=0.005)
