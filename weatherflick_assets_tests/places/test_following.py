"""What follows from a change: the assets that are made of it, and no others."""

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.following import publications_of_change, published_of


def test_a_kind_is_published_in_its_table_and_in_those_of_its_details() -> None:
    assert published_of("32") == ("core/accommodations", "core/place_images", "core/rooms", "core/pet_policies")
    assert published_of("25") == ("core/travel_courses", "core/place_images", "core/course_stops", "core/pet_policies")


def test_every_published_asset_of_places_follows_from_some_kind() -> None:
    expected = {f"core/{declared.name}" for declared in (*CONTENT_TYPES, *DETAILS)}
    assert {asset for kind in CONTENT_TYPES for asset in published_of(kind.content_type_id)} == expected


def test_what_an_operation_says_concerns_only_what_is_made_of_it() -> None:
    assert published_of("12", "detailImage2") == ("core/place_images",)
    assert published_of("12", "detailCommon2") == ("core/attractions",)
    assert published_of("12", "detailInfo2") == ("core/attractions", "core/place_infos")


def test_a_kind_that_is_not_declared_is_published_nowhere() -> None:
    assert published_of("99") == published_of("") == ()


def test_a_place_that_stays_concerns_its_own_row_and_one_that_moves_the_details_of_both_regions() -> None:
    here, there = ("12", "50"), ("12", "11")
    assert publications_of_change(here, here) == {("core/attractions", "50")}
    assert publications_of_change(None, None) == set()
    moved = publications_of_change(here, there)
    assert moved == {(asset, region) for asset in published_of("12") for region in ("50", "11")}
    assert publications_of_change(None, here) == publications_of_change(here, None)
