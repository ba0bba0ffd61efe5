"""Names of rules as people know them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from loyalty.kernel.text import Texts
from members.ledger.models import Lot
from programs.promotions import snapshots
from programs.promotions.models import Promotion, PromotionVersion
from programs.tiers.models import Tier

_TIER = "TIER:"


def names_of_snapshot(number: int, at: datetime) -> dict[str, str]:
    """Names by code of the rules that judged a purchase of ``at``."""
    return {rule.code: str(Texts(rule.name)) for rule in snapshots.of_number(number).rules if rule.holds(at)}


def present_names(codes: Iterable[str]) -> Mapping[str, str]:
    """Names by code as they are now; a tier's benefit is named like its tier."""
    wanted = {code for code in codes if code}
    names = {one.code: str(one) for one in Promotion.objects.filter(code__in=wanted)}
    of_tiers = [code for code in wanted if code.startswith(_TIER)]
    if of_tiers:
        for tier in Tier.objects.select_related("scheme"):
            names[f"{_TIER}{tier.scheme.code}:{tier.code}"] = str(tier)
    return names


def expiries(lots: Sequence[Lot]) -> Mapping[int, Mapping[str, Any]]:
    """By lot: the expiry that ends it, its promotion's own or that of its point type. Needs the type at hand."""
    versions = PromotionVersion.objects.in_bulk({lot.version_id for lot in lots if lot.version_id is not None})
    found: dict[int, Mapping[str, Any]] = {}
    for lot in lots:
        point_type, version = lot.wallet.point_type, versions.get(lot.version_id or 0)
        effects = version.document["then"] if version else []
        own = [one["expiry"] for one in effects if one.get("type") == point_type.code and "expiry" in one]
        found[lot.pk] = own[0] if own else point_type.expiry
    return found
