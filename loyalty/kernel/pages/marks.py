"""Icons and badges as HTML, for templates and for the columns of lists."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

TONES = frozenset({"", "good", "warn", "bad", "info", "accent"})


def icon(name: str, size: str = "") -> SafeString:
    """A Material Symbol, hidden from screen readers: words stand beside it. ``size``: tiny, large or nothing."""
    return format_html('<span class="{}" aria-hidden="true">{}</span>', f"icon {size}".strip(), name)


def badge(text: Any, tone: str = "", sign: str = "") -> SafeString:
    """A state in a word and an icon; ``tone`` is one of good, warn, bad, info, accent or empty."""
    assert tone in TONES, f"unknown tone {tone}"
    return format_html('<span class="{}">{}{}</span>', f"badge {tone}".strip(), icon(sign) if sign else "", text)
