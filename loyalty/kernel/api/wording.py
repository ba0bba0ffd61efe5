"""Words for what is wrong with a request."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

# Sentences of the framework that its own catalogs lack in our languages: named here, they are translated in ours.
OF_THE_FRAMEWORK = (
    _("Not a valid string."),
    _("Must be a valid UUID."),
    _("Must be a valid boolean."),
    _("Invalid input."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Ensure this field has at least {min_length} elements."),
    _("This dictionary may not be empty."),
)

wording.register(
    {
        "unknown_field": _("This field is not known here."),
        "not_an_instant": _("This is not an instant such as 2026-03-31T18:05:00+02:00."),
        "not_a_choice": _("This is not one of the choices."),
        "invalid_cursor": _("Take the cursor from the answer before, unchanged."),
        "not_a_text": _("This is not a text."),
        "not_yes_or_no": _("This is neither true nor false."),
        "not_a_date": _("This is not a date such as 1990-05-31."),
        "key_refused": _("The key is unknown, expired or revoked. Ask the operator for a new one."),
        "https_required": _(
            "Use https://. A key that was sent in the clear is no secret any more: give it a new token."
        ),
        "not_authenticated": _("Send the key of the program: Authorization: Bearer lk_..."),
        "permission_denied": _("The key lacks the scope that this call needs. The documentation names it."),
        "method_not_allowed": _("This address does not know this method."),
        "not_acceptable": _("This address answers JSON only."),
        "unsupported_media_type": _("Send JSON: Content-Type: application/json."),
        "not_json": _("The body is not valid JSON."),
        "too_large": _("The body is larger than 1 MB."),
        "too_deep": _("The JSON is nested too deep."),
        "duplicate_key": _("The JSON names a field twice."),
        "too_many_requests": _("Too many requests. Wait %(seconds)s second, then go on."),
        "unknown_choice": _("“%(given)s” is not known here. Known are: %(known)s."),
    }
)
