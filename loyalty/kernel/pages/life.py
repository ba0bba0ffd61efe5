"""The life of points in a form: when they become usable, when they expire, without a word of JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

Document = dict[str, Any]

AT_ONCE, NEVER, AFTER_DAYS, AFTER_MONTHS, ON = "at_once", "never", "after_days", "after_months", "on"
ON_EVENT, IDLE_DAYS, IDLE_MONTHS = "on_event", "idle_days", "idle_months"
EVENT_PART = 4
ENDINGS = [
    ("same_day", gettext_lazy("to the day")),
    ("end_of_month", gettext_lazy("at the end of that month")),
    ("end_of_quarter", gettext_lazy("at the end of that quarter")),
    ("end_of_year", gettext_lazy("at the end of that year")),
]
STARTS = [
    (AT_ONCE, gettext_lazy("at once")),
    (AFTER_DAYS, gettext_lazy("after a number of days")),
    (AFTER_MONTHS, gettext_lazy("after a number of months")),
    (ON, gettext_lazy("on a fixed day")),
    (ON_EVENT, gettext_lazy("when a declared event comes")),
]
ENDS = [
    (NEVER, gettext_lazy("never")),
    (AFTER_DAYS, gettext_lazy("after a number of days")),
    (AFTER_MONTHS, gettext_lazy("after a number of months")),
    (ON, gettext_lazy("on a fixed day")),
    (IDLE_DAYS, gettext_lazy("after days without activity")),
    (IDLE_MONTHS, gettext_lazy("after months without activity")),
]


class LifeWidget(forms.MultiWidget):
    """What kind, how many, where in the calendar, which day."""

    template_name = "kernel/life.html"

    def __init__(self, kinds: list[tuple[str, Any]], endings: list[tuple[str, Any]], attrs: Any = None) -> None:
        text = {"class": " ".join(INPUT_CLASSES)}
        self._kind_of_nothing = str(kinds[0][0])
        super().__init__(
            {
                "kind": UnfoldAdminSelectWidget(choices=kinds),
                "count": forms.NumberInput({**text, "min": 0, "max": 3650}),
                "ending": UnfoldAdminSelectWidget(choices=endings),
                "on": forms.DateInput({**text, "type": "date"}, format="%Y-%m-%d"),
                "event": UnfoldAdminSelectWidget(choices=[]),
            },
            attrs,
        )
        self.title = ""

    def offer_events(self, events: Any) -> None:
        """The events to choose from: a callable that is asked when the form is drawn."""
        select: Any = self.widgets[EVENT_PART]
        select.choices = CallableChoiceIterator(events)

    def decompress(self, value: Any) -> list[Any]:
        document = value if isinstance(value, Mapping) else {}
        ending = document.get("at", "same_day")
        if "on_event" in document:
            return [ON_EVENT, document.get("after_days"), "same_day", None, document["on_event"]]
        if "after_inactivity" in document:
            span = document["after_inactivity"]
            kind = IDLE_MONTHS if span.get("months") else IDLE_DAYS
            return [kind, span.get("months") or span.get("days"), "same_day", None, None]
        for kind in (AFTER_DAYS, AFTER_MONTHS):
            if kind in document:
                return [kind, document[kind], ending, None, None]
        if "on" in document:
            return [ON, None, "same_day", document["on"], None]
        if ending != "same_day":
            return [AFTER_DAYS, 0, ending, None, None]
        return [self._kind_of_nothing, None, "same_day", None, None]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = [self.title, _("How many"), _("Where in the calendar"), _("Day"), _("Event")]
        for part, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            part["attrs"]["aria-label"] = label
        context["widget"]["title"] = self.title
        return context


class LifeField(forms.MultiValueField):
    """An ``activation`` or ``expiry`` document of the promotion language, edited part by part."""

    def __init__(self, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        events = kwargs.pop("events", list)
        self.is_expiry = kinds is ENDS
        endings = ENDINGS if self.is_expiry else ENDINGS[:1]
        fields = [
            forms.ChoiceField(choices=kinds),
            forms.IntegerField(required=False, min_value=0, max_value=3650),
            forms.ChoiceField(required=False, choices=endings),
            forms.DateField(required=False),
            forms.ChoiceField(required=False, choices=events),
        ]
        widget = LifeWidget(kinds, endings)
        widget.offer_events(events)
        widget.title = kwargs.get("label", "")
        super().__init__(fields, require_all_fields=False, required=False, widget=widget, **kwargs)

    def compress(self, data_list: list[Any]) -> Document:
        kind, count, ending, on, event = (*data_list, None, None, None, None, None)[:5]
        if kind in {AFTER_DAYS, AFTER_MONTHS}:
            if count is None:
                raise ValidationError(_("Say how many days or months."), code="required")
            return {kind: count, **({"at": ending} if ending and ending != "same_day" else {})}
        if kind == ON_EVENT:
            if not event:
                raise ValidationError(_("Choose the event."), code="required")
            return {"on_event": event, **({} if count is None else {AFTER_DAYS: count})}
        if kind in {IDLE_DAYS, IDLE_MONTHS}:
            if not count:
                raise ValidationError(_("Say how many days or months."), code="required")
            return {"after_inactivity": {"days" if kind == IDLE_DAYS else "months": count}}
        if kind == ON:
            if not isinstance(on, date):
                raise ValidationError(_("Choose the day."), code="required")
            return {"on": on.isoformat()}
        return {"never": True} if kind == NEVER else {}

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != (initial or ({"never": True} if self.is_expiry else {}))
        except ValidationError:
            return True


def sentence(document: Mapping[str, Any], *, is_expiry: bool) -> str:
    """A life document in words, for lists."""
    endings = dict(ENDINGS)
    at = document.get("at", "same_day")
    tail = f", {endings[at]}" if at in endings and at != "same_day" else ""
    if "on_event" in document:
        text = _("with the event %(event)s") % {"event": document["on_event"]}
        latest = document.get("after_days")
        return text if latest is None else text + _(", after %(count)s d at the latest") % {"count": latest}
    if "after_inactivity" in document:
        span = document["after_inactivity"]
        if span.get("months"):
            return _("after %(count)s mo without activity") % {"count": span["months"]}
        return _("after %(count)s d without activity") % {"count": span.get("days", 0)}
    if "after_days" in document:
        days = int(document["after_days"])
        return _("after %(count)s d") % {"count": days} + tail
    if "after_months" in document:
        return _("after %(count)s mo") % {"count": int(document["after_months"])} + tail
    if "on" in document:
        return str(document["on"])
    return str(_("never") if is_expiry else _("at once"))
