"""The form by which an agent records what a member says."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members.consents.models import Method


class SaidForm(forms.Form):
    """How the member said it, and in which language the text was read to them."""

    method = forms.ChoiceField(
        label=_("How did the member say it?"), choices=[(one.value, one.label) for one in (Method.SPOKEN, Method.PAPER)]
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=settings.LANGUAGES)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "consent_%s", **kwargs})
