"""Words for the refusals about vouchers and for what is done with them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "vouchers.unknown": _("There is no such voucher."),
        "vouchers.used_up": _("The voucher has been used already."),
        "vouchers.over": _("The voucher is no longer valid."),
        "vouchers.withdrawn": _("The voucher was withdrawn."),
        "vouchers.pool_empty": _("No code is left for the voucher “%(template)s”. Import more."),
        "vouchers.member_needed": _("Say who gets the points."),
        "vouchers.member_blocked": _("This member is blocked."),
    }
)

codes.register(codes.CAUSE, {"voucher": _("voucher")})
codes.register(
    codes.DEED,
    {
        "voucher.issued": pgettext_lazy("deed", "Voucher issued"),
        "voucher.used": pgettext_lazy("deed", "Voucher used"),
        "voucher.withdrawn": pgettext_lazy("deed", "Voucher withdrawn"),
    },
)
