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
        "ledger.statement_too_long": _("More than %(most)s entries in these days: choose a shorter time."),
        "ledger.still_broken": _("The last check found its sums wrong. Put them in order and check again first."),
        "ledger.not_frozen": _("This wallet is not frozen."),
        "ledger.copy_unreadable": _("This file is no whole copy of a sealed ledger."),
        "ledger.credit_in_use": _("The member owes %(debt)s points already: the limit cannot be lower."),
        "ledger.no_credit": _("Points of the type %(point_type)s only count: they are never owed."),
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
        "hold": _("reservation by a till"),
        "activate": _("time came"),
        "expire": _("time was over"),
    },
)
codes.register(
    codes.DEED,
    {
        "points.adjusted": pgettext_lazy("deed", "Points corrected"),
        "points.transferred": pgettext_lazy("deed", "Points moved to another account"),
        "member.statement_downloaded": pgettext_lazy("deed", "Account statement made"),
        "wallet.frozen": pgettext_lazy("deed", "Wallet frozen by the self-audit"),
        "wallet.released": pgettext_lazy("deed", "Frozen wallet released"),
        "credit.changed": pgettext_lazy("deed", "Credit limit changed"),
        "hold.released": pgettext_lazy("deed", "Reservation let go"),
        "adjustment.requested": pgettext_lazy("deed", "Correction asked for"),
        "adjustment.approved": pgettext_lazy("deed", "Correction approved"),
        "adjustment.rejected": pgettext_lazy("deed", "Correction rejected"),
    },
)
