"""Words for the ledger's refusals."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "ledger.insufficient_points": _("Not enough points: %(available)s available, %(needed)s needed."),
        "ledger.wallet_frozen": _("Spending from this account is on hold while its books are checked."),
        "ledger.reason_refused": _("This reason does not allow this correction. Choose another reason."),
        "ledger.above_limit": _("Your limit for this reason is %(limit)s points. Ask a supervisor for more."),
        "ledger.zero": _("Enter an amount other than zero."),
    }
)
