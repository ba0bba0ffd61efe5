"""Forms of voucher templates and of withdrawing."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from loyalty.kernel import money
from loyalty.kernel.errors import Malformed
from loyalty.kernel.pages.forms import ProgramForm, WordsField
from programs.setup.models import Program
from rewards.vouchers.models import CodeSource, VoucherKind
from rewards.vouchers.worth import scale_of

WHOLE = Decimal(100)


class VoucherTemplateForm(ProgramForm):
    """A template; ``worth`` is its value as people write it."""

    worth = forms.DecimalField(
        label=gettext_lazy("Value"),
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        widget=UnfoldAdminDecimalFieldWidget(),
        help_text=gettext_lazy("Money, percent or points, as the kind says. Empty for a product."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.value is not None and "worth" in self.fields:
            places = scale_of(self.instance, Program.objects.get().currency)
            self.fields["worth"].initial = Decimal(money.to_text(self.instance.value, places))

    def clean(self) -> dict[str, Any]:
        """What each kind needs and what it must not have, in words, at the field."""
        values = super().clean() or self.cleaned_data
        kind, given = values.get("kind"), values.get("worth")
        if kind == VoucherKind.PRODUCT:
            self._need("product", values, _("Choose the product."))
            self._empty("worth", values, _("A product has no value here. Leave it empty."))
        else:
            self._empty("product", values, _("Only a voucher for a product names one."))
            if not given:
                self.add_error("worth", _("Say how much it is worth."))
        if kind == VoucherKind.POINTS:
            self._need("point_type", values, _("Choose the type of the points."))
        else:
            self._empty("point_type", values, _("Only a voucher for points names their type."))
        if kind == VoucherKind.PERCENT and given and given > WHOLE:
            self.add_error("worth", _("At most 100 percent."))
        if values.get("source") == CodeSource.POOL and values.get("prefix"):
            self.add_error("prefix", _("Imported codes are taken as they are. Leave it empty."))
        return values

    def _need(self, name: str, values: dict[str, Any], words: str) -> None:
        if values.get(name) is None:
            self.add_error(name, words)

    def _empty(self, name: str, values: dict[str, Any], words: str) -> None:
        if values.get(name) is not None:
            self.add_error(name, words)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        given = self.cleaned_data.get("worth")
        if self.errors:
            return
        self.instance.value = None
        if given is not None:
            try:
                self.instance.value = money.to_units(given, scale_of(self.instance, Program.objects.get().currency))
            except Malformed:
                self.add_error("worth", _("This has more decimals than allowed."))


class WithdrawForm(forms.Form):
    """Why a voucher is withdrawn."""

    reason = WordsField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept with the voucher, for whoever asks later."),
    )
