"""Words for the refusals about members."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "members.identifier_taken": _("This belongs to another member already: %(kind)s."),
        "members.check_digit": _("The card number %(card)s is mistyped: its check digit does not fit."),
    }
)
