"""Forms of the promotions' pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.text import TranslatedTextFormField
from programs.setup.models import CODE


class BeginForm(forms.Form):
    """What a promotion is called."""

    name = TranslatedTextFormField(label=_("Name"))
    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        validators=[CODE],
        help_text=_("Its lasting name in reports and in the interface: capital letters, digits and hyphens."),
    )

    def clean_code(self) -> str:
        """The code in capital letters."""
        return str(self.cleaned_data["code"]).upper()
