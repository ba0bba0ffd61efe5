"""Forms of the desk. What they refuse they say at the field; what was typed stays."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from loyalty.kernel import money, wording
from loyalty.kernel.errors import Malformed
from loyalty.kernel.pages import figures
from loyalty.kernel.pages.forms import WordsField
from programs.setup.models import PointType, ReasonCode
from programs.tiers.models import Tier

GIVE, TAKE = "give", "take"


class ReasonSelect(forms.Select):
    """Reasons that say by attributes what they are for, so that a script can hide those that do not fit."""

    reasons: Sequence[ReasonCode] = ()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        reason = next((one for one in self.reasons if str(one.pk) == str(value)), None)
        if reason is not None:
            uses = [GIVE] * reason.allows_credit + [TAKE] * reason.allows_debit
            option["attrs"] |= {"data-uses": " ".join(uses), "data-type": str(reason.point_type_id)}
        return option


class AdjustForm(forms.Form):
    """A correction of a balance by hand: which way, how much of which type, why."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[(GIVE, gettext_lazy("Give")), (TAKE, pgettext_lazy("points", "Take"))],
        widget=forms.RadioSelect,
        initial=GIVE,
    )
    amount = forms.CharField(
        label=pgettext_lazy("points", "Amount"),
        max_length=24,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    point_type = forms.ChoiceField(label=gettext_lazy("Point type"))
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    note = WordsField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("For your colleagues, such as the receipt it is about. The member does not see it."),
    )

    def __init__(self, *args: Any, is_unlimited: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = list(
            ReasonCode.objects.filter(archived_at__isnull=True).select_related("point_type").order_by("code")
        )
        types = sorted({one.point_type for one in reasons}, key=lambda one: (one.position, one.pk))
        self.reasons = {str(one.pk): one for one in reasons}
        self.types: dict[str, PointType] = {str(one.pk): one for one in types}
        point_type, reason = self.fields["point_type"], self.fields["reason"]
        assert isinstance(point_type, forms.ChoiceField)
        assert isinstance(reason, forms.ChoiceField)
        point_type.choices = [(key, str(one)) for key, one in self.types.items()]
        if len(types) == 1:
            point_type.widget = forms.HiddenInput()
            point_type.initial = str(types[0].pk)
        reason.widget = ReasonSelect()
        reason.widget.reasons = reasons
        named = [(key, self._label(one, is_unlimited)) for key, one in self.reasons.items()]
        reason.choices = [("", _("Choose a reason")), *named]

    @staticmethod
    def _label(reason: ReasonCode, is_unlimited: bool) -> str:
        if is_unlimited:
            return str(reason)
        limit = figures.points(reason.agent_limit, reason.point_type.decimals)
        return _("%(reason)s, up to %(limit)s") % {"reason": reason, "limit": limit}

    @cached_property
    def chosen_type(self) -> PointType:
        """The point type of a valid form."""
        return self.types[self.cleaned_data["point_type"]]

    @cached_property
    def chosen_reason(self) -> ReasonCode:
        """The reason of a valid form."""
        return self.reasons[self.cleaned_data["reason"]]

    @cached_property
    def units(self) -> int:
        """The amount of a valid form in smallest units, below zero where points are taken."""
        units = money.to_units(self._typed(), self.chosen_type.decimals)
        return units if self.cleaned_data["direction"] == GIVE else -units

    def _typed(self) -> str:
        """The amount as typed, with a point for the decimals and without what groups thousands."""
        return "".join(str(self.cleaned_data["amount"]).split()).replace(",", ".")

    def clean(self) -> dict[str, Any]:
        """The amount in the type's decimals, and a reason that is for it."""
        super().clean()
        if {"amount", "point_type"} <= set(self.cleaned_data):
            self._check_amount()
        if {"reason", "point_type", "direction"} <= set(self.cleaned_data):
            self._check_reason()
        return self.cleaned_data

    def _check_amount(self) -> None:
        try:
            units = money.to_units(self._typed(), self.chosen_type.decimals)
        except Malformed as refusal:
            self.add_error("amount", wording.sentence(refusal.facts["errors"][0][1], {}))
            return
        if units <= 0:
            self.add_error("amount", _("Enter an amount above zero. To take points, choose Take."))

    def _check_reason(self) -> None:
        reason = self.chosen_reason
        is_credit = self.cleaned_data["direction"] == GIVE
        if reason.point_type_id != self.chosen_type.pk:
            self.add_error("reason", _("This reason is for another point type. Choose another reason."))
        elif is_credit and not reason.allows_credit:
            self.add_error("reason", _("With this reason points are only taken. Choose another reason."))
        elif not is_credit and not reason.allows_debit:
            self.add_error("reason", _("With this reason points are only given. Choose another reason."))


class CardForm(forms.Form):
    """The number of a card that replaces another or comes beside it."""

    number = forms.CharField(
        label=gettext_lazy("Number of the new card"),
        max_length=64,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
        help_text=gettext_lazy("As printed on the card. Empty: a virtual card with a fresh number."),
    )


class TierForm(forms.Form):
    """A tier that is given and not earned."""

    tier = forms.ChoiceField(label=gettext_lazy("Tier"))
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=gettext_lazy("Empty: without an end."),
    )
    note = WordsField(label=gettext_lazy("Why"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, *args: Any, ranks: Mapping[int, int], **kwargs: Any) -> None:
        """:param ranks: where the member stands, by scheme: only higher tiers are given."""
        super().__init__(*args, **kwargs)
        tiers = Tier.objects.filter(scheme__archived_at__isnull=True).select_related("scheme")
        self.tiers = {
            str(one.pk): one
            for one in tiers.order_by("scheme__code", "rank")
            if one.rank > ranks.get(one.scheme_id, one.rank - 1)
        }
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, f"{one.scheme}: {one}") for key, one in self.tiers.items()]

    @property
    def chosen(self) -> Tier:
        """The tier of a valid form."""
        return self.tiers[self.cleaned_data["tier"]]

    @property
    def first_day_without(self) -> date | None:
        """The day after the last one of a valid form."""
        last: date | None = self.cleaned_data["until"]
        return last + timedelta(days=1) if last else None


class DecisionForm(forms.Form):
    """Why a correction is approved or rejected."""

    reason = WordsField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Needed to reject. Kept with the request."),
    )
