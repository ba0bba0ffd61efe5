import pytest

from loyalty.demo.journey.stores import (
    NORTH,
    SOUTH,
    Location,
    PartnerKind,
    read_locations,
    read_partners,
    store_groups,
)

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def partners():
    return read_partners()


@pytest.fixture(scope="module")
def locations():
    return read_locations()


def test_the_six_largest_manufacturers_are_partners(partners):
    manufacturers = [partner for partner in partners if partner.kind is PartnerKind.MANUFACTURER]
    assert [partner.manufacturer_id for partner in manufacturers] == [69, 2, 764, 103, 1208, 544]
    assert manufacturers[0].name == "Manufacturer 69"
    assert all(partner.store_ids == () for partner in manufacturers)


def test_two_groups_of_twelve_stores_have_no_store_in_common(partners):
    north, south = (partner for partner in partners if partner.kind is PartnerKind.STORE_GROUP)
    assert (north.code, north.name, south.code, south.name) == (
        NORTH,
        "Store group North",
        SOUTH,
        "Store group South",
    )
    assert (len(north.store_ids), len(south.store_ids)) == (12, 12)
    assert not set(north.store_ids) & set(south.store_ids)
    assert 367 in north.store_ids  # the largest
    assert 406 in south.store_ids  # the second


def test_every_store_is_a_location_and_knows_its_partner(locations, partners):
    assert len(locations) == len({location.code for location in locations}) == 457
    assert locations[0] == Location(2, "store-2", "Store 2", "America/New_York", None)
    by_group = {
        partner.code: tuple(location.store_id for location in locations if location.partner_code == partner.code)
        for partner in partners
        if partner.kind is PartnerKind.STORE_GROUP
    }
    assert by_group == {partner.code: partner.store_ids for partner in partners if partner.store_ids}


def test_stores_are_dealt_by_sales_and_ties_by_number():
    sales = {number: 1000 - number for number in range(1, 31)} | {31: 999}
    # Largest first: 1 and 31 are equal, so 1 comes first; then 2, 3, 4 ...
    groups = store_groups(sales)
    assert groups[NORTH] == (1, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23)
    assert groups[SOUTH] == (2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22, 31)
