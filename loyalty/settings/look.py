"""The staff site's look: the scales of the design tokens; roles of colour live in static/look/tokens.css."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

_BASE = {
    "50": "#f9fafb", "100": "#f3f4f6", "200": "#e5e7eb", "300": "#d1d5db", "400": "#9ca3af", "500": "#6b7280",
    "600": "#4b5563", "700": "#374151", "800": "#1f2937", "900": "#111827", "950": "#030712",
}  # fmt: skip
_ACCENT = {
    "50": "#eff8fa", "100": "#d8eef3", "200": "#b3dee8", "300": "#82c9d8", "400": "#4fb6cc", "500": "#2593ab",
    "600": "#0f6e84", "700": "#0c5a6c", "800": "#0b4857", "900": "#0a3b48", "950": "#06262f",
}  # fmt: skip
_FONT = {
    "subtle-light": "#616977", "subtle-dark": "#98a3b3", "default-light": "#4b5563", "default-dark": "#cbd2dc",
    "important-light": "#111827", "important-dark": "#f3f4f6",
}  # fmt: skip

UNFOLD = {
    "SITE_TITLE": _("Loyalty"),
    "SITE_HEADER": _("Loyalty"),
    "SITE_SYMBOL": "loyalty",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": _BASE, "primary": _ACCENT, "font": _FONT},
    "STYLES": [
        lambda request: static("look/tokens.css"),
        lambda request: static("look/page.css"),
        lambda request: static("look/admin.css"),
    ],
    "SCRIPTS": [lambda request: static("look/page.js"), lambda request: static("look/admin.js")],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("look/mark.svg")}],
    "SITE_URL": None,
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "loyalty.kernel.pages.menu.navigation",
    },
    "DASHBOARD_CALLBACK": "loyalty.kernel.pages.menu.dashboard",
}
