"""The form of a message template."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from loyalty.kernel.pages.forms import NamedTranslatedTextWidget, ProgramForm
from members.messaging.models import Category, Channel

ROWS = 5


class LongTextsWidget(NamedTranslatedTextWidget):
    """One box a language, for texts of several lines."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.widgets = [
            forms.Textarea(attrs={"lang": code, "rows": ROWS, "class": "input"}) for code, _name in settings.LANGUAGES
        ]


class MessageTemplateForm(ProgramForm):
    """A template; marketing names its consent, an e-mail has a subject."""

    def clean(self) -> dict[str, Any]:
        """What the channel and the kind of message ask for, at the field."""
        values = super().clean() or self.cleaned_data
        category = values.get("category", self.instance.category)
        channel = values.get("channel", self.instance.channel)
        if category == Category.MARKETING and values.get("purpose") is None and "purpose" in self.fields:
            self.add_error("purpose", _("A marketing message needs the consent without which nobody gets it."))
        if channel == Channel.EMAIL and "subject" in values and not values["subject"]:
            self.add_error("subject", _("An e-mail needs a subject."))
        if channel == Channel.TILL and "{first_name}" in "".join(dict(values.get("body") or {}).values()):
            self.add_error("body", _("A receipt names nobody: leave {first_name} out."))
        return values
