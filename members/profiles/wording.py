"""Words for the refusals about members."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "members.identifier_taken": _("This belongs to another member already: %(kind)s."),
        "members.unknown": _(
            "Nobody in this program is known by this, or it is blocked. A member is named by one of: %(known)s."
        ),
        "members.check_digit": _("The card number %(card)s is mistyped: its check digit does not fit."),
    }
)

codes.register(
    codes.DEED,
    {
        "member.enrolled": pgettext_lazy("deed", "Enrolled"),
        "member.contact_revealed": pgettext_lazy("deed", "Contact shown"),
        "member.identifier_added": pgettext_lazy("deed", "Card issued"),
        "member.identifier_blocked": pgettext_lazy("deed", "Card blocked"),
    },
)
