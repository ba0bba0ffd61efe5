"""Who one is, shown once more."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from loyalty.kernel.access import factors
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages.login import CodeForm


class PasswordRefused(Refusal):
    """The password is not the user's."""

    code = "sign_in.password_refused"


class ProofForm(forms.Form):
    """The password and, where there is a second factor, a code."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.second_factor_at is not None:
            code = CodeForm.base_fields["code"]
            self.fields["code"] = forms.CharField(
                label=code.label,
                help_text=code.help_text,
                max_length=20,
                widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
            )

    def judge(self) -> None:
        """Take what was sent.

        :raises PasswordRefused: it is another password.
        :raises CodeRefused: the code does not fit.
        :raises TooManyTries: too many codes were tried.
        """
        if not self.user.check_password(self.cleaned_data["password"]):
            raise PasswordRefused()
        if self.user.second_factor_at is not None:
            factors.check(self.user, self.cleaned_data["code"])
