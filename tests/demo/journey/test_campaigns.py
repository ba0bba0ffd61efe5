from datetime import date

import pytest

from loyalty.demo.journey.campaigns import CouponRedemption, read_campaigns, read_coupons, read_redemptions

pytestmark = pytest.mark.pure

# The day after the year: nothing is moved.
UNMOVED = date(2018, 1, 1)


@pytest.fixture(scope="module")
def campaigns():
    return read_campaigns(UNMOVED)


def test_a_campaign_knows_its_days_kind_and_households(campaigns):
    assert len(campaigns) == 27
    assert sum(len(campaign.household_ids) for campaign in campaigns) == 6589
    first = campaigns[0]
    assert (first.code, first.name, first.kind) == ("campaign-24", "Campaign 24", "C")
    assert (first.first_date, first.last_date) == (date(2016, 11, 14), date(2017, 1, 16))


def test_campaigns_move_with_the_baskets(campaigns, today):
    moved = read_campaigns(today)
    assert {(m.first_date - c.first_date).days for m, c in zip(moved, campaigns, strict=True)} == {2982}
    assert {(m.last_date - c.last_date).days for m, c in zip(moved, campaigns, strict=True)} == {2982}


def test_a_repeated_row_of_a_coupon_counts_once():
    coupons = read_coupons()
    assert len(coupons) == len({(coupon.coupon_upc, coupon.campaign_id) for coupon in coupons}) == 1197
    assert sum(len(coupon.product_ids) for coupon in coupons) == 116204 - 4872


def test_redemptions_belong_to_a_campaign_of_the_household(campaigns):
    found = read_redemptions(UNMOVED, date(2017, 1, 1), date(2017, 12, 31))
    known = {campaign.campaign_id: campaign for campaign in campaigns}
    coupons = {(coupon.coupon_upc, coupon.campaign_id) for coupon in read_coupons()}
    assert len(found) == 2102
    for made in found:
        campaign = known[made.campaign_id]
        assert campaign.first_date <= made.redemption_date <= campaign.last_date
        assert made.household_id in campaign.household_ids
        assert (made.coupon_upc, made.campaign_id) in coupons


def test_only_redemptions_of_the_days_asked_for_are_read():
    assert read_redemptions(UNMOVED, date(2017, 1, 1), date(2017, 1, 2)) == [
        CouponRedemption(1029, 51380041013, 26, date(2017, 1, 1)),
        CouponRedemption(1029, 51380041313, 26, date(2017, 1, 1)),
    ]
