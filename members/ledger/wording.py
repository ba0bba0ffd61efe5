"""Words for the ledger's refusals."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "ledger.insufficient_points": _("Not enough points: %(available)s available, %(needed)s needed."),
        "ledger.wallet_frozen": _("Spending from this account is on hold while its books are checked."),
        "ledger.reason_refused": _("This reason does not allow this correction. Choose another reason."),
        "ledger.above_limit": _("Your limit for this reason is %(limit)s points. Ask a supervisor for more."),
        "ledger.above_daily_sum": _(
            "One person may correct %(limit)s points a day, all reasons together; %(left)s are left for today. Ask a "
            "supervisor for more."
        ),
        "ledger.own_request": _("You asked for this yourself: another person decides."),
        "ledger.already_decided": _("This has been decided already by %(by)s: %(state)s."),
        "ledger.decision_reason": _("Say why it is rejected."),
        "ledger.transfer_limit": _("At most %(limit)s points may be sent a day; %(left)s are left for today."),
        "ledger.same_account": _("Both share one account already."),
        "ledger.not_transferable": _("Points of the type %(point_type)s cannot be moved: they only count."),
        "ledger.member_inactive": _("The member %(number)s is blocked: no points move."),
        "ledger.hold_ended": _("These points are no longer held: they were taken or let go before."),
        "ledger.hold_lapsed": _("The time of this reservation is over. Reserve the points again."),
        "ledger.beyond_hold": _("Only %(held)s points are reserved; %(asked)s were asked for."),
        "ledger.statement_period": _("The last day is before the first, or has not begun. Choose other days."),
        "ledger.statement_too_long": _(
            "More than %(most)s entries in these days: choose a shorter time, or CSV at the desk."
        ),
        "ledger.still_broken": _("The last check found its sums wrong. Put them in order and check again first."),
        "ledger.not_frozen": _("This wallet is not frozen."),
        "ledger.copy_unreadable": _("This file is no whole copy of a sealed ledger."),
        "ledger.credit_in_use": _("The member owes %(debt)s points already: the limit cannot be lower."),
        "ledger.no_credit": _("Points of the type %(point_type)s only count: they are never owed."),
        "ledger.not_for_sale": _("There is no price or rate for that. Choose something else."),
        "ledger.sale_amount": _("Sold from %(least)s to %(most)s points at once. Choose another amount."),
        "ledger.sale_cap": _("A member may buy %(cap)s points in this time; %(left)s are left."),
        "ledger.nothing_to_extend": _("No points that end so soon can get a later end."),
        "ledger.nothing_expired": _("Only %(available)s points ended recently enough to come back."),
        "ledger.price_changed": _("The price is %(price)s now. Look at it again."),
        "ledger.payment_missing": _("Name the payment that was taken for it."),
        "ledger.sale_ended": _("This sale has gone on meanwhile: %(state)s."),
        "ledger.not_refundable": _("This sale cannot be refunded: it is no purchase of points, or its days are over."),
        "ledger.converts_to_nothing": _("So few points become nothing. Convert more of them."),
        "ledger.zero": _("Enter an amount other than zero."),
    }
)

codes.register(
    codes.CAUSE,
    {
        "purchase": _("purchase"),
        "return": _("return"),
        "redemption": _("redemption"),
        "adjustment": _("correction by hand"),
        "transfer": _("transfer"),
        "sale": _("sale of points"),
        "ending": _("points end soon"),
        "hold": _("reservation by a till"),
        "activate": _("time came"),
        "expire": _("time was over"),
    },
)
codes.register(codes.JOB, {"ledger.statement": _("Account statement")})
codes.register(
    codes.DEED,
    {
        "points.adjusted": pgettext_lazy("deed", "Points corrected"),
        "points.transferred": pgettext_lazy("deed", "Points moved to another account"),
        "member.statement_downloaded": pgettext_lazy("deed", "Account statement made"),
        "wallet.frozen": pgettext_lazy("deed", "Wallet frozen by the self-audit"),
        "wallet.released": pgettext_lazy("deed", "Frozen wallet released"),
        "credit.changed": pgettext_lazy("deed", "Credit limit changed"),
        "point_sale.pending": pgettext_lazy("deed", "Points sold, payment awaited"),
        "point_sale.paid": pgettext_lazy("deed", "Points sold and paid"),
        "point_sale.refunded": pgettext_lazy("deed", "Sale of points refunded"),
        "point_sale.canceled": pgettext_lazy("deed", "Sale of points canceled"),
        "hold.released": pgettext_lazy("deed", "Reservation let go"),
        "adjustment.requested": pgettext_lazy("deed", "Correction asked for"),
        "adjustment.approved": pgettext_lazy("deed", "Correction approved"),
        "adjustment.rejected": pgettext_lazy("deed", "Correction rejected"),
    },
)
