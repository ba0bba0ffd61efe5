"""Words for the refusals about purchases and returns."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "activity.in_the_future": _("The purchase is dated in the future: %(at)s. Check the clock of the till."),
        "activity.too_late": _("The purchase of %(at)s is too old: at most %(days)s days are accepted."),
        "activity.unknown_location": _("No store with the code “%(location)s” is known."),
        "activity.unknown_sku": _(
            "No article with the SKU “%(sku)s” is in the catalog. Add it there, or send the categories of the line."
        ),
        "activity.currency": _("Purchases are taken in %(expected)s, not in %(currency)s."),
        "activity.unknown_event": _("No event “%(kind)s” is declared. Known are: %(known)s."),
        "activity.event_in_the_future": _("The event is dated in the future: %(at)s. Check the clock."),
        "activity.event_too_late": _("The event of %(at)s is too old: at most %(days)s days are accepted."),
        "activity.member_blocked": _("This member is blocked."),
        "tiers.unknown": _("There is no such tier here."),
        "tiers.not_higher": _("The member has this tier or a higher one already."),
        "tiers.ends_in_the_past": _("The last day of the tier has passed. Choose a later day."),
        "tiers.not_given": _("The present tier was earned: only a given tier is withdrawn."),
        "activity.return_beyond_purchase": _("Line %(line)s: only %(left)s can still be returned."),
        "activity.unknown_line": _("The purchase has no line %(line)s."),
        "activity.context_erased": _("This purchase can no longer be judged again: its data were erased."),
        "too_many": _("There are too many."),
        "line_id_twice": _("A line id is given twice."),
    }
)
