"""Words for what is wrong with a request."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "unknown_field": _("This field is not known here."),
        "not_an_instant": _("This is not an instant such as 2026-03-31T18:05:00+02:00."),
        "not_a_choice": _("This is not one of the choices."),
        "invalid_cursor": _("Take the cursor from the answer before, unchanged."),
        "not_a_text": _("This is not a text."),
        "not_a_date": _("This is not a date such as 1990-05-31."),
    }
)
