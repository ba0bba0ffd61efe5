"""Lines for the paper: what a receipt earned and why, what points paid, what is there now. In the reader's language."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.kernel.pages import figures
from members.activity import queries as activity
from members.activity.explained import ExplainedPurchase
from members.ledger import queries as ledger
from programs.setup.models import PointType


def lines_of(purchase_id: int, language: str) -> list[str]:
    """What to print below a receipt, in ``language`` (empty: that of the request)."""
    with translation.override(language or translation.get_language() or "en"):
        one = activity.explain_purchase(purchase_id)
        types = {kind.code: kind for kind in PointType.objects.order_by("position", "pk")}
        return [*_paid(one, types), *_earned(one, types), *_said(one), *_left(one, types)]


def _paid(one: ExplainedPurchase, types: Mapping[str, PointType]) -> list[str]:
    if one.payment is None:
        return []
    points = figures.points_of(one.payment["points"], types[one.payment["type"]])
    return [_("Paid with %(points)s: %(value)s") % {
        "points": points, "value": figures.money(one.payment["value"], one.currency)
    }]  # fmt: skip


def _earned(one: ExplainedPurchase, types: Mapping[str, PointType]) -> list[str]:
    found = []
    for code, units in one.points.items():
        if units:
            found.append(_("Earned: %(points)s") % {"points": figures.points_of(units, types[code])})
    for rule in one.applied:
        given = [figures.points_of(units, types[code]) for code, units in rule.points.items() if units]
        if given:
            found.append(f"{rule.name}: {', '.join(given)}")
            if rule.why:
                found.append(f"  {rule.why}")
    return found


def _said(one: ExplainedPurchase) -> list[str]:
    vouchers = [
        _("Voucher: %(code)s") % {"code": each.issued["code"]}
        for each in one.effects_of("voucher", "coupon")
        if each.issued.get("code")
    ]
    return [each.issued["text"] for each in one.effects_of("print")] + vouchers


def _left(one: ExplainedPurchase, types: Mapping[str, PointType]) -> list[str]:
    return [
        _("You have %(points)s") % {"points": figures.points_of(balance.shown, types[balance.point_type])}
        for balance in ledger.balances(one.account_id)
        if balance.is_spendable
    ]
