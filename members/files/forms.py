"""Sending a file of purchases from the staff site."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording
from members.files.models import PurchaseFile
from members.files.reading import LARGEST_BYTES


class SendForm(forms.Form):
    """The file, and whose purchases it holds."""

    file = forms.FileField(label=_("File"), widget=forms.FileInput({"accept": ".csv,.txt,.gz"}))
    partner: Any = forms.ModelChoiceField(
        queryset=None, required=False, label=_("Whose receipts"), empty_label=_("our own purchases"),
        help_text=_("Receipts are known by their number and whose they are: the same one is taken in once."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners: Any = PurchaseFile._meta.get_field("partner").related_model
        partner = self.fields["partner"]
        assert isinstance(partner, forms.ModelChoiceField)
        partner.queryset = partners.objects.filter(archived_at__isnull=True).order_by("code")

    def clean_file(self) -> Any:
        """Not larger than is taken at once."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError(wording.sentence("files.too_large", {"megabytes": LARGEST_BYTES >> 20}))
        return file
