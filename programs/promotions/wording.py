"""Words for the refusals about promotions."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "promotions.effect_not_offered": _("The effect “%(effect)s” is not offered."),
        "promotions.not_a_draft": _("A published version never changes. Write a new version."),
        "promotions.changed_meanwhile": _("Somebody else has changed this promotion meanwhile. Look at it again."),
        "promotions.not_in_review": _("This version does not wait for approval."),
        "promotions.own_work": _("Who wrote a version cannot approve it. Ask a colleague."),
        "promotions.needs_approval": _(
            "In this program somebody else has to approve a promotion before it is published."
        ),
        "promotions.not_running": _("The promotion does not run."),
        "promotions.ends_before_it_starts": _("Its period is over before it would be in force. Change the dates."),
        "effect_not_offered": _("Nothing carries out this effect yet."),
        "unknown_point_type": _("This point type does not exist in the program."),
    }
)
