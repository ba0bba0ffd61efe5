"""Words for the refusals and deeds about users of partners."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "partners.email_taken": _("Somebody signs in with this e-mail already. Ask whoever runs the platform."),
        "partners.password_weak": "%(why)s",
        "partners.own_rights": _("You cannot change your own rights. Ask a colleague who administers."),
        "partners.last_administrator": _("Somebody must administer. Give the role to a colleague first."),
    }
)

codes.register(
    codes.DEED,
    {
        "partner_user.let_in": pgettext_lazy("deed", "Let into the portal"),
        "partner_user.role_changed": pgettext_lazy("deed", "Other role in the portal"),
        "partner_user.shut_out": pgettext_lazy("deed", "Shut out of the portal"),
    },
)
