"""Words for the refusals about promotions."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "promotions.effect_not_offered": _("The effect “%(effect)s” is not offered."),
        "promotions.not_a_draft": _("A published version never changes. Write a new version."),
        "unknown_point_type": _("This point type does not exist in the program."),
    }
)

codes.register(
    codes.DEED,
    {
        "promotion.written": pgettext_lazy("deed", "Written"),
        "promotion.published": pgettext_lazy("deed", "Published"),
    },
)
