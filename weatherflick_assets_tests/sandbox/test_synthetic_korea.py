"""The synthetic Korea: real counts, real oddities at their real rates, and consistent columns."""

import math
from collections import Counter

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets_tests.sandbox.calling import count_by

Row = dict[str, str]
SENTINELS = {("117.9925662504", "19.6944274800"), ("0", "0"), ("9.9997", "9.9998"), ("46505448", "0")}


@pytest.fixture(scope="module")
def rows(country: Catalogue) -> list[Row]:
    names = [*(f"cat{n}" for n in (1, 2, 3)), *(f"lclsSystm{n}" for n in (1, 2, 3))]
    names += "contentid contenttypeid title addr1 addr2 zipcode mapx mapy mlevel tel createdtime modifiedtime".split()  # noqa: SIM905
    names += ["showflag", "firstimage", "areacode", "sigungucode", "lDongRegnCd", "lDongSignguCd", "cpyrhtDivCd"]
    return [country.row(position, names) for position in range(len(country))]


@pytest.fixture(scope="module")
def shown(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["showflag"] == "1"]


@pytest.fixture(scope="module")
def hidden(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["showflag"] == "0"]


def share(rows: list[Row], name: str) -> float:
    """Share of rows in which a field is blank."""
    return sum(row[name] == "" for row in rows) / len(rows)


def test_the_country_has_its_real_size(shown: list[Row], hidden: list[Row]) -> None:
    assert len(shown) == 50_700
    assert len(hidden) == pytest.approx(19_000, rel=0.02)


def test_regions_and_types_have_their_real_counts(country: Catalogue) -> None:
    regions = count_by(country, "lDongRegnCd")
    known = {"11": 8007, "41": 9472, "51": 4762, "12": 3692, "50": 2144}
    assert {code: regions[code,] for code in known} == known
    assert len(regions) == 17  # one of them blank
    types = count_by(country, "contenttypeid")
    assert (types["12",], types["14",]) == (12_611, 2723)


def test_the_same_seed_gives_the_same_country_and_another_seed_another() -> None:
    first, again, other = (synthetic_korea(scale=0.02, seed=seed) for seed in (5, 5, 6))
    names = ("contentid", "title", "addr1", "mapx", "modifiedtime", "tel", "firstimage", "zipcode")
    assert all(first.column(name) == again.column(name) for name in names)
    assert first.column("title") != other.column("title")
    assert count_by(first, "contenttypeid") == count_by(other, "contenttypeid")


@pytest.mark.parametrize("scale", [0.01, 0.1])
def test_a_small_country_still_has_everything(scale: float) -> None:
    small = synthetic_korea(scale=scale)
    assert len(small) == pytest.approx(69_800 * scale, rel=0.15)
    combinations = count_by(small, "contenttypeid", "lDongRegnCd")
    regions = [region.code for region in tables.regions()]
    missing = [(kind, code) for kind in tables.CONTENT_TYPES for code in regions if (kind, code) not in combinations]
    assert len(missing) <= 1  # an oddity may have blanked the only one
    assert set(zip(small.column("mapx"), small.column("mapy"), strict=True)) >= SENTINELS
    assert count_by(small, "contenttypeid", hidden=True).keys() == {(kind,) for kind in tables.CONTENT_TYPES}


def test_ids_are_unique_numbers_of_six_or_seven_digits(rows: list[Row]) -> None:
    identifiers = [row["contentid"] for row in rows]
    assert len(set(identifiers)) == len(rows)
    assert all(identifier.isdigit() and len(identifier) in {6, 7} for identifier in identifiers)


def test_every_value_is_text(rows: list[Row]) -> None:
    assert {type(value) for row in rows for value in row.values()} == {str}


def test_blanks_have_their_real_rates(shown: list[Row]) -> None:
    assert share(shown, "tel") == pytest.approx(0.97, abs=0.01)
    assert share(shown, "mlevel") == pytest.approx(0.23, abs=0.04)
    assert share(shown, "firstimage") == pytest.approx(0.14, abs=0.03)  # 9 % in the cities, 16 % in the country
    assert share(shown, "addr1") == pytest.approx(0.02, abs=0.005)
    assert share(shown, "areacode") == pytest.approx(0.605, abs=0.01)
    assert all((row["firstimage"] == "") == (row["cpyrhtDivCd"] == "") for row in shown)


def test_edited_rows_lost_their_legacy_codes(shown: list[Row]) -> None:
    recent = [row for row in shown if row["modifiedtime"] >= "2026"]
    assert share(recent, "areacode") == pytest.approx(0.9, abs=0.03)
    assert share([row for row in shown if row["createdtime"] >= "202602"], "areacode") == 1


def test_hidden_rows_have_no_region_and_rarely_a_class(hidden: list[Row]) -> None:
    assert share(hidden, "lDongRegnCd") == share(hidden, "lDongSignguCd") == 1
    assert share(hidden, "lclsSystm1") == pytest.approx(0.97, abs=0.01)
    assert share(hidden, "areacode") < 0.3


def test_times_are_in_order_and_edits_come_in_batches(rows: list[Row], shown: list[Row]) -> None:
    assert all("2002" < row["createdtime"] <= row["modifiedtime"] < "20260703" for row in rows)
    largest = Counter(row["modifiedtime"] for row in shown).most_common(2)
    assert largest[0][1] > largest[1][1] > 2000


def test_codes_of_a_row_fit_together(shown: list[Row]) -> None:
    classes = {place_class.code: place_class for place_class in tables.classes()}
    for row in shown:
        place_class = classes[row["lclsSystm3"]]
        assert row["contenttypeid"] in place_class.weights
        assert row["lclsSystm3"].startswith(row["lclsSystm2"])
        assert row["lclsSystm2"].startswith(row["lclsSystm1"])
        assert row["cat3"] in {"", place_class.category_code}
        assert (row["cat1"], row["cat2"]) == (row["cat3"][:3], row["cat3"][:5])


def test_legacy_codes_point_to_the_same_district(shown: list[Row]) -> None:
    districts = {(place.region_code, place.code): place for place in tables.sigungu()}
    for row in shown:
        if row["areacode"] and row["lDongSignguCd"]:
            district = districts[row["lDongRegnCd"], row["lDongSignguCd"]]
            assert row["areacode"] == district.area_code
            assert row["sigungucode"] in {"", district.area_sigungu_code}


def test_coordinates_and_addresses_are_those_of_the_district(shown: list[Row]) -> None:
    districts = {(place.region_code, place.code): place for place in tables.sigungu()}
    names = {region.code: region for region in tables.regions()}
    misplaced = misaddressed = 0
    for row in shown:
        if not (row["lDongRegnCd"] and row["lDongSignguCd"]):
            continue
        district, region = districts[row["lDongRegnCd"], row["lDongSignguCd"]], names[row["lDongRegnCd"]]
        north = (float(row["mapy"]) - district.latitude) * 111.2
        east = (float(row["mapx"]) - district.longitude) * 111.2 * math.cos(math.radians(district.latitude))
        misplaced += math.hypot(north, east) > district.radius_km
        plain = " ".join(row["addr1"].split())
        misaddressed += bool(plain) and not plain.startswith((region.name, *region.former_names))
        assert not plain or district.name in plain
    assert 100 < misplaced < 130  # the sentinels
    assert misaddressed == 0


def test_real_oddities_are_there_at_their_real_rates(shown: list[Row]) -> None:
    positions = Counter((row["mapx"], row["mapy"]) for row in shown)
    assert [positions[sentinel] > 0 for sentinel in SENTINELS] == [True] * 4
    assert any(row["mapx"].startswith("12.") for row in shown)
    assert sum(row["lDongRegnCd"] == "" for row in shown) == 4
    assert sum(row["lDongSignguCd"] == "" for row in shown) == 12
    assert any("<br>" in row["tel"] for row in shown)
    odd_zipcodes = [row["zipcode"] for row in shown if row["zipcode"] and len(row["zipcode"]) != 5]
    assert len(odd_zipcodes) == pytest.approx(180, abs=20)
    assert any("-" in zipcode for zipcode in odd_zipcodes)
    starts = Counter(row["addr1"].split(" ")[0] for row in shown)
    assert starts["서울"] > 0 < starts["전라북도"]
    assert sum("  " in row["addr1"] for row in shown) == pytest.approx(660, abs=20)
    assert any("¸" in row["addr1"] for row in shown)
    assert sum("&" in row["title"] for row in shown) == pytest.approx(330, abs=80)
    assert any("<" in row["title"] for row in shown)
    assert {len(row["mapx"].partition(".")[2]) for row in shown} >= {4, 6, 10, 12, 14}
    assert {row["firstimage"].partition(":")[0] for row in shown} == {"", "http", "https"}
    assert any(row["lclsSystm3"] == "EX050800" for row in shown)


def test_twenty_places_are_listed_twice(shown: list[Row]) -> None:
    places = Counter((row["title"], row["addr1"]) for row in shown if row["addr1"])
    assert sum(count > 1 for count in places.values()) == pytest.approx(20, abs=3)
    assert len({row["title"] for row in shown}) > 50_600


def test_courses_have_no_address_but_a_region(shown: list[Row]) -> None:
    courses = [row for row in shown if row["contenttypeid"] == "25"]
    assert share(courses, "addr1") == pytest.approx(0.96, abs=0.02)
    assert share(courses, "lDongRegnCd") == 0
