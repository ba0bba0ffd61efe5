"""Forms of taking and canceling rewards."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages.forms import WordsField
from rewards.redemption.services import MOST_AT_ONCE


class RedeemForm(forms.Form):
    """How many units."""

    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=1)


class CancelForm(forms.Form):
    """Why a redemption is canceled."""

    reason = WordsField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Kept with the redemption, for whoever asks later."),
    )
