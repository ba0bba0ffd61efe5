"""Somebody who shall open a partner's portal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.registry.services import ADMINISTERS, READS

ROLE_NAMES = {READS: _("Reads"), ADMINISTERS: _("Administers")}


class NewPersonForm(forms.Form):
    """Name, e-mail, first password and role."""

    name = forms.CharField(label=_("Full name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    password = forms.CharField(
        label=_("First password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Twelve characters or more. Hand it over in person."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_NAMES.items()))
