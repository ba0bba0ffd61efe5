"""Forms of the segments' pages."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel.text import TranslatedTextFormField
from programs.setup.models import CODE

LARGEST_FILE = 4_000_000


class NameForm(forms.Form):
    """What a segment is called."""

    name = TranslatedTextFormField(label=gettext_lazy("Name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # The count does not depend on it: typing it asks the server nothing.
            field.widget.attrs["data-typed"] = ""


class BeginForm(NameForm):
    """What a new segment is called, and its lasting code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=32,
        help_text=gettext_lazy("Promotions know it by this: capital letters, digits and hyphens."),
    )

    def clean_code(self) -> str:
        """The code in capital letters."""
        code = str(self.cleaned_data["code"]).upper()
        CODE(code)
        return code


class ListForm(forms.Form):
    """Member numbers or cards, typed or in a text file."""

    numbers = forms.CharField(
        label=gettext_lazy("Member numbers or cards"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Separated by spaces, commas or new lines."),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file of them"),
        required=False,
        help_text=gettext_lazy("Plain text or CSV, one a line."),
    )

    def clean_file(self) -> str:
        """The text of the file."""
        given: UploadedFile | None = self.cleaned_data["file"]
        if given is None:
            return ""
        if (given.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 4 MB."))
        try:
            return str(given.read().decode("utf-8-sig"))
        except UnicodeDecodeError as problem:
            raise forms.ValidationError(_("This is not a text file in UTF-8.")) from problem

    def clean(self) -> dict[str, Any]:
        """Something has to be given."""
        cleaned = super().clean() or {}
        cleaned["listed"] = f"{cleaned.get('numbers', '')}\n{cleaned.get('file', '')}".strip()
        if not self.errors and not cleaned["listed"]:
            self.add_error("numbers", _("Fill this in."))
        return cleaned
