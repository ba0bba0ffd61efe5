"""Words for the refusals about promotions."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

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
        "promotions.clashes": _("It contradicts the promotion “%(rule)s”. The designer shows where."),
        "effect_not_offered": _("Nothing carries out this effect yet."),
        "trigger_not_offered": _("Nothing starts a promotion this way yet."),
        "unknown_event": _("This program declares no event “%(event)s”."),
        "unknown_template": _("There is no such template in use here."),
        "recipient_not_offered": _("Only the member who buys can get this."),
        "on_reverse_not_offered": _("A used one cannot be charged for: withdraw it if unused, or let it be kept."),
        "unknown_point_type": _("This point type does not exist in the program."),
        # What the language itself finds wrong with a document.
        "contradictory_life": _("These two ends contradict each other."),
        "duplicate_limit": _("Another limit of this promotion has the same name."),
        "duplicate_rule": _("Another promotion has the same code."),
        "else_only_talks": _("Without the condition only messages may be given."),
        "empty_validity": _("It ends before it begins."),
        "empty_window": _("The time ends when it begins."),
        "exactly_one": _("Fill in exactly one of these."),
        "identity_not_readable": _("Rules do not read who a member is."),
        "line_outside_filter": _("A property of products can only be asked for products."),
        "missing_field": _("Fill this in."),
        "multiply_needs_base": _("A base promotion cannot multiply base points."),
        "never_true": _("This can never be true."),
        "no_such_date": _("There is no such day."),
        "not_in_filter": _("This cannot be asked about products."),
        "period_or_rolling": _("Choose a period or a number of days, not both."),
        "price_needs_purchase": _("Prices can only change for a purchase."),
        "repeated": _("The same value stands here twice."),
        "rows_out_of_order": _("The rows must rise from the smallest to the largest."),
        "shares_not_one": _("The shares must add up to a hundred percent."),
        "streak_needs_period": _("Say whether days, weeks or months are counted."),
        "too_few": _("Choose or add at least one."),
        "too_many_nodes": _("The promotion has too many conditions."),
        "group_of_two_kinds": _("Beside “%(rule)s” this group holds discounts and points: split it."),
        "limit_differs": _("“%(rule)s” has a limit of this name with another size."),
        "priority_tie": _("“%(rule)s” in this group has the same priority: one of them has to go first."),
        "second_base_rule": _("The base promotion “%(rule)s” gives these points for every purchase already."),
        "unknown_attribute": _("This property does not exist."),
        "unknown_group": _("The program has no such group."),
        "unknown_list": _("There is no such list."),
        "wrong_format": _("This is not written as expected."),
        "wrong_type": _("A value of another kind is needed here."),
    }
)

codes.register(
    codes.DEED,
    {
        "promotion.written": pgettext_lazy("deed", "Written"),
        "promotion.published": pgettext_lazy("deed", "Published"),
    },
)
