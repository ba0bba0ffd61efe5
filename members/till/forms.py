"""What a person says when they let reserved points go."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReleaseForm(forms.Form):
    """Why the points are let go."""

    reason = forms.CharField(
        label=_("Why are the points let go?"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Kept with the reservation, for whoever asks later."),
    )
