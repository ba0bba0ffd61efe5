"""Why a member is opened, the code that a caller told, and what a caller answered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages.forms import WordsField
from members.callers.models import LookReason
from members.callers.operations import Fact

LONGEST_ANSWER = 120
LONGEST_CODE = 12


class OpenForm(forms.Form):
    """A reason, which each button of the page is one of, and words where it is another."""

    reason = forms.ChoiceField(label=_("Reason"), choices=LookReason.choices)
    note = WordsField(
        label=_("In words"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Needed for another reason only, such as the number of a case."),
    )


class CodeForm(forms.Form):
    """The code as it was told."""

    code = forms.CharField(
        label=_("Code that the caller tells you"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric", "class": "input code"}),
    )


class FactsForm(forms.Form):
    """One field a fact; any two are enough."""

    def __init__(self, *args: Any, facts: Sequence[Fact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for fact in facts:
            self.fields[fact.code] = forms.CharField(
                label=fact.label, max_length=LONGEST_ANSWER, required=False, strip=True,
                widget=forms.TextInput({"autocomplete": "off"}),
            )  # fmt: skip
