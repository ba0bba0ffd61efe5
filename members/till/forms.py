"""What a person says when they let reserved points go, and the settings of tills."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages.forms import WordsField


class ReleaseForm(forms.Form):
    """Why the points are let go."""

    reason = WordsField(
        label=_("Why are the points let go?"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Kept with the reservation, for whoever asks later."),
    )


class TillSettingsForm(forms.Form):
    """What points are at a till, how long it may hold them, and what it may take without a line."""

    points_at_till = forms.ChoiceField(
        label=_("Points at a till are"),
        choices=[("payment", _("a means of payment")), ("discount", _("money off the receipt"))],
        help_text=_("Money off lowers what the receipt earns on; a payment does not."),
    )
    till_hold_minutes = forms.IntegerField(
        label=_("Minutes that a till may hold points"), min_value=1, max_value=1440,
        help_text=_("After them reserved points are free again by themselves."),
    )  # fmt: skip
    till_offline_limit = forms.DecimalField(
        label=_("Most that a till without a line may take of a member in a day"), min_value=0, max_value=10_000_000,
        help_text=_("In money, all tills together, and never more than the balance that the till was told. 0: never."),
    )  # fmt: skip

    card_earns_per_hour = forms.IntegerField(
        label=_("Receipts of one member at one till in an hour before a flag is raised"), min_value=0, max_value=10_000,
        help_text=_("A card of somebody who works there earns on other people's receipts. 0: no flag."),
    )  # fmt: skip

    def __init__(self, *args: Any, places: int, **kwargs: Any) -> None:
        """:param places: decimals of the program's currency."""
        super().__init__(*args, **kwargs)
        self.places = places
        self.fields["till_offline_limit"].widget.attrs["step"] = "any"

    def clean_till_offline_limit(self) -> int:
        """In the smallest unit of the currency."""
        units = self.cleaned_data["till_offline_limit"].scaleb(self.places)
        if units != units.to_integral_value():
            raise forms.ValidationError(_("Give at most %(places)s decimals."), params={"places": self.places})
        return int(units)
