"""A view names the scope it needs; a view that names none is refused."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from loyalty.kernel.api.authentication import KeyHolder

SCOPES: dict[str, Any] = {
    "purchases.write": "record purchases and returns",
    "files.write": _("send files of purchases and read what became of them"),
    "members.read": "read members, balances and history",
    "members.write": "enroll and change members",
    "consents.write": _("give and withdraw consents of members"),
    "tiers.write": _("give tiers to members"),
    "events.write": _("record declared events of members"),
    "rewards.read": "read the reward catalog",
    "redemptions.write": "redeem rewards and cancel",
    "vouchers.read": _("read vouchers of members and by code"),
    "vouchers.write": _("issue, use and withdraw vouchers"),
    "till.use": _("identify, quote, reserve and settle at a till"),
    "adjustments.write": "correct balances",
    "transfers.write": _("move points between members"),
    "sales.write": _("sell later ends, expired and new points, and convert points"),
    "promotions.trial": "try promotion documents",
    "segments.read": _("read segments and who is in them"),
    "segments.write": _("put members into segments by hand, take them out, count anew"),
    "exports.read": "export the ledger",
}


class HasScope(BasePermission):
    """The key has the scope that the view declares: ``required_scope``, or ``scope_to_write`` where a write needs more."""

    def has_permission(self, request: Request, view: Any) -> bool:
        required = getattr(view, "required_scope", None)
        if request.method not in SAFE_METHODS:
            required = getattr(view, "scope_to_write", "") or required
        return isinstance(request.user, KeyHolder) and required in SCOPES and required in request.user.scopes
