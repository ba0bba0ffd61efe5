"""Signing in to the staff site."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _


class StaffLoginForm(AdminAuthenticationForm):
    """E-mail and password, with words that say what to do."""

    error_messages = {
        "invalid_login": _("This e-mail and password do not belong together. Check both and try again."),
        "inactive": _("This account is switched off. Ask whoever runs the platform."),
    }
