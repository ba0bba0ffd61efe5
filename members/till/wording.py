"""Words for what a till is told."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "till.cannot_judge": _("The points cannot be counted at the moment. They follow by themselves."),
        "till.invalid_state": _("This basket is not at this step: it is %(state)s."),
        "till.reservation_expired": _("The time of the reserved points is over. Ask for a new quote."),
        "till.nothing_to_refund": _("Everything of this receipt was returned before."),
        "till.day_closed": _("A receipt is voided on its own day only. Refund its lines instead."),
        "till.offline_burn_not_allowed": _(
            "Without a line points pay up to %(limit)s a day at most, and no more than a note of the balance says that is "
            "younger than a day."
        ),
        "till.too_old": _("This comes too late: after %(days)s days a person decides. Ask the member to claim it."),
        "till.not_yet": _("This cannot be done yet. Send it again later."),
        "member_required": _("The quote names no member. Ask for a quote with one."),
    }
)
