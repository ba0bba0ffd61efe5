"""Words for people, made from a refusal's code at the edge, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

_SENTENCES: dict[str, Any] = {
    "refused": _("This was refused."),
    "not_found": _("This does not exist here."),
    "malformed": _("The request cannot be read. See the errors."),
    "required": _("This is required."),
    "too_long": _("This is too long."),
    "not_a_number": _("This is not a number."),
    "too_many_decimals": _("This has more decimals than allowed."),
    "out_of_range": _("This is beyond the allowed range."),
    "permission_refused": _("Your role does not allow this."),
    "idempotency_mismatch": _("This key or number was used before with other content. Use a new one."),
    "still_running": _("The first request is still running. Try again in a moment."),
    "server_error": _("Something went wrong on our side. Nothing was changed."),
}


def register(sentences: Mapping[str, Any]) -> None:
    """Add the words for an app's refusals: code to a lazy text with ``%(fact)s`` places."""
    for code, text in sentences.items():
        assert code not in _SENTENCES, f"{code} has words already"
        _SENTENCES[code] = text


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """What to tell a person about a refusal; the code itself when nobody gave words."""
    text = _SENTENCES.get(code)
    return str(text) % dict(facts) if text is not None else code


def known() -> frozenset[str]:
    """All codes that have words."""
    return frozenset(_SENTENCES)
