"""Words for the refusals about promotions."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "promotions.effect_not_offered": _("The effect “%(effect)s” is not offered."),
        "promotions.not_a_draft": _("A published version never changes. Write a new version."),
        "unknown_point_type": _("This point type does not exist in the program."),
    }
)
