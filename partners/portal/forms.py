"""The forms of the portal."""

from django.contrib.auth.forms import AuthenticationForm

from loyalty.kernel.pages.login import StaffLoginForm


class LoginForm(AuthenticationForm):
    """E-mail and password, with the words of the staff's login page."""

    error_messages = StaffLoginForm.error_messages
