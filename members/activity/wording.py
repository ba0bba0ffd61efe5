"""Words for the refusals about purchases and returns."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "activity.in_the_future": _("The purchase is dated in the future: %(at)s. Check the clock of the till."),
        "activity.too_late": _("The purchase of %(at)s is too old: at most %(days)s days are accepted."),
        "activity.unknown_location": _("No store with the code “%(location)s” is known."),
        "activity.other_location": _("This key speaks for the store “%(location)s” alone, not for “%(store)s”."),
        "activity.unknown_sku": _(
            "No article with the SKU “%(sku)s” is in the catalog. Add it there, or send the categories of the line."
        ),
        "activity.currency": _("Purchases are taken in %(expected)s, not in %(currency)s."),
        "activity.unknown_event": _("No event “%(kind)s” is declared. Known are: %(known)s."),
        "activity.event_in_the_future": _("The event is dated in the future: %(at)s. Check the clock."),
        "activity.event_too_late": _("The event of %(at)s is too old: at most %(days)s days are accepted."),
        "activity.points_worth_nothing": _("Points of the type %(point_type)s are worth no money here."),
        "activity.points_beyond_purchase": _("The points are worth more than the receipt. Take fewer points."),
        "activity.member_blocked": _("This member is blocked."),
        "tiers.unknown": _("There is no such tier here."),
        "tiers.not_higher": _("The member has this tier or a higher one already."),
        "tiers.ends_in_the_past": _("The last day of the tier has passed. Choose a later day."),
        "tiers.not_given": _("The present tier was earned: only a given tier is withdrawn."),
        "activity.return_beyond_purchase": _("Line %(line)s: only %(left)s can still be returned."),
        "activity.unknown_line": _("The purchase has no line %(line)s."),
        "activity.return_window_over": _("Line %(line)s could be returned until %(until)s."),
        "activity.no_money_back": _("Line %(line)s is not taken back for money: offer an exchange or a bonus."),
        "activity.no_bonus_offered": _("No bonus is offered for line %(line)s."),
        "activity.nothing_for_bonus": _("No money would be given back, so there is nothing to give a bonus for."),
        "activity.context_erased": _("This purchase can no longer be judged again: its data were erased."),
        "activity.flag_cleared": _("This flag was cleared before."),
        "points_only_count": _("Points of the type %(type)s only count, they cannot be taken away."),
        "undeclared_attribute": _("The program has not declared this property of members."),
        "not_counted": _("Only numbers can be counted up."),
        "unknown_scheme": _("The program has no such tiers."),
        "unknown_tier": _("There is no such tier."),
        "too_many": _("There are too many."),
        "line_id_twice": _("A line id is given twice."),
    }
)

codes.register(
    codes.CAUSE,
    {
        "burn": _("deduction by a promotion"),
        "payment": _("payment with points"),
        "payback": _("points of a returned payment"),
        "return_bonus": _("points instead of money"),
        "occasion": _("promotion"),
        "event": _("declared event"),
        "enrolment": _("joining"),
        "tier_changed": _("another tier"),
        "metric_crossed": _("threshold reached"),
        "schedule": _("calendar"),
    },
)
codes.register(
    codes.DEED,
    {
        "flag.cleared": pgettext_lazy("deed", "Flag cleared"),
        "member.attribute_set": pgettext_lazy("deed", "Property set by a promotion"),
    },
)
