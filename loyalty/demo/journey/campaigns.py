"""Campaigns, their coupons and the redemptions of coupons, moved with the rest of the data."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from loyalty.demo.journey import calendar, source

EPOCH = date(1970, 1, 1)
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and the households it was sent to. Both days are included."""

    campaign_id: int
    code: str
    name: str
    kind: str
    first_date: date
    last_date: date
    household_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon of a campaign and the products it is good for. The same UPC may serve several campaigns."""

    coupon_upc: int
    campaign_id: int
    product_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CouponRedemption:
    """One coupon redeemed by a household on a local day; the data know no hour and no basket."""

    household_id: int
    coupon_upc: int
    campaign_id: int
    redemption_date: date


def read_campaigns(today: date) -> list[Campaign]:
    """All campaigns in the order of their first days, also those that began before the year or end after it.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    by = calendar.shift(today)
    households: dict[int, list[int]] = {}
    for campaign_id, household_id in source.read_rows("campaigns", ("campaign_id", "household_id")):
        households.setdefault(campaign_id, []).append(household_id)
    columns = ("campaign_id", "campaign_type", "start_date", "end_date")
    found = [
        Campaign(
            campaign_id,
            f"campaign-{campaign_id}",
            f"Campaign {campaign_id}",
            kind.removeprefix("Type "),
            _moved_date(start, by),
            _moved_date(end, by),
            tuple(sorted(households.get(campaign_id, ()))),
        )
        for campaign_id, kind, start, end in source.read_rows("campaign_descriptions", columns)
    ]
    return sorted(found, key=lambda campaign: (campaign.first_date, campaign.campaign_id))


def read_coupons() -> list[Coupon]:
    """All coupons by campaign and UPC; repeated rows of the data count once.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    products: dict[tuple[int, int], set[int]] = {}
    for coupon_upc, product_id, campaign_id in source.read_rows("coupons", ("coupon_upc", "product_id", "campaign_id")):
        products.setdefault((campaign_id, coupon_upc), set()).add(product_id)
    return [
        Coupon(coupon_upc, campaign_id, tuple(sorted(product_ids)))
        for (campaign_id, coupon_upc), product_ids in sorted(products.items())
    ]


def read_redemptions(today: date, first_date: date, last_date: date) -> list[CouponRedemption]:
    """The redemptions of the moved local days `first_date` to `last_date`, both included, in time order.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    assert first_date <= last_date
    by = calendar.shift(today)
    columns = ("household_id", "coupon_upc", "campaign_id", "redemption_date")
    found = [
        CouponRedemption(household_id, coupon_upc, campaign_id, _moved_date(day, by))
        for household_id, coupon_upc, campaign_id, day in source.read_rows("coupon_redemptions", columns)
    ]
    return sorted(
        (redemption for redemption in found if first_date <= redemption.redemption_date <= last_date),
        key=lambda made: (made.redemption_date, made.household_id, made.campaign_id, made.coupon_upc),
    )


def _moved_date(midnight: Any, by: timedelta) -> date:
    """The moved day of a stored one. Days, unlike the times of baskets, are stored as local midnight without zone."""
    return EPOCH + timedelta(days=midnight // SECONDS_A_DAY) + by
