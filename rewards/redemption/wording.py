"""Words for the refusals about rewards."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "rewards.unavailable": _("The reward “%(reward)s” is not available: %(left)s left."),
        "rewards.not_spendable": _("Points of the type %(point_type)s cannot be spent."),
        "rewards.member_inactive": _("This member is blocked."),
        "rewards.too_late_to_cancel": _("It can no longer be canceled: %(days)s days have passed."),
        "rewards.already_canceled": _("It was canceled before."),
    }
)

codes.register(
    codes.DEED,
    {
        "reward.redeemed": pgettext_lazy("deed", "Reward taken"),
        "redemption.canceled": pgettext_lazy("deed", "Reward canceled"),
    },
)
