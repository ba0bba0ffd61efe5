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
        "members.own_account": _("This member has the e-mail by which you sign in: somebody else does this."),
        "members.contact_changed_recently": _(
            "E-mail or phone of this member changed lately: points can be spent from %(until)s on."
        ),
        "members.no_reason": _("Say why."),
        "members.already_blocked": _("The member is blocked already."),
        "members.not_blocked": _("The member is not blocked."),
        "members.not_held": _("Spending is not held."),
        "members.check_digit": _("The card number %(card)s is mistyped: its check digit does not fit."),
    }
)

codes.register(
    codes.DEED,
    {
        "member.enrolled": pgettext_lazy("deed", "Enrolled"),
        "member.contact_revealed": pgettext_lazy("deed", "Contact shown"),
        "member.blocked": pgettext_lazy("deed", "Member blocked"),
        "member.unblocked": pgettext_lazy("deed", "Member unblocked"),
        "member.spending_let_go_on": pgettext_lazy("deed", "Spending let go on after a change of contact"),
        "member.identifier_added": pgettext_lazy("deed", "Card issued"),
        "member.identifier_blocked": pgettext_lazy("deed", "Card blocked"),
    },
)
