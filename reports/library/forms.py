"""The forms of the report pages."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from reports.library.definitions import DEFINITIONS
from reports.library.models import Frequency
from reports.library.periods import LONGEST_DAYS

FORMATS = (("pdf", "PDF"), ("xlsx", "XLSX"), ("csv", "CSV"))


def _report_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Report"), choices=[(one.code, one.title) for one in DEFINITIONS.values()])


def _formats_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Formats"), choices=FORMATS, widget=forms.CheckboxSelectMultiple, initial=["pdf", "xlsx"]
    )


class RequestForm(forms.Form):
    """Which report, for which days, in which formats."""

    report = _report_field()
    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    formats = _formats_field()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day lies before the first."))
        elif first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("last", _("At most two years at once."))
        return values

    @classmethod
    def about(cls, today: date) -> "RequestForm":
        """An empty form about the month before ``today``."""
        last = today.replace(day=1) - timedelta(days=1)
        return cls(initial={"first": last.replace(day=1), "last": last})


class ScheduleForm(forms.Form):
    """Which report, how often, in which formats, to whom."""

    report = _report_field()
    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency.choices, initial=Frequency.MONTH)
    hour = forms.IntegerField(
        label=_("At hour"), min_value=0, max_value=23, initial=6, help_text=_("In the program's time.")
    )
    formats = _formats_field()
    emails = forms.CharField(
        label=_("Send a notice to"),
        required=False,
        help_text=_("E-mail addresses, separated by commas. The mail holds no figures, only a link."),
    )

    def clean_emails(self) -> list[str]:
        found = [part.strip() for part in self.cleaned_data["emails"].split(",") if part.strip()]
        for address in found:
            validate_email(address)
        return found
