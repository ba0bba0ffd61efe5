"""What a document of a promotion means, apart from how it is written.

What is said by default is left out, a single condition is a group of one, numbers are written shortly. Limits have no
names here: the page gives each one of its own, unlike those of any other limit of the promotion.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from programs.promotions.design import normal, tidied

NUMBER = re.compile(r"-?\d+(\.\d+)?")
# What is meant where nothing is said.
DEFAULTS = (("overflow", "partial"), ("measure", "points"), ("on_reverse", "withdraw_if_unused"), ("step", "whole"),
            ("direction", "up"), ("phase", "bonus"))  # fmt: skip
NAMES = ("schema", "id", "sentence", "name")


def meaning(document: Mapping[str, Any], codes: Mapping[str, str] | None = None) -> Any:
    """The document's meaning; ``codes``: what the program calls what the document names."""
    plain = tidied(normal({key: value for key, value in document.items() if key not in NAMES}))
    for limit in plain.get("limits", ()):
        limit.pop("id")
    return _short(plain, codes or {})


def _short(node: Any, codes: Mapping[str, str]) -> Any:
    if isinstance(node, Mapping):
        found = {key: _short(value, codes) for key, value in node.items() if (key, value) not in DEFAULTS}
        if found.get("effect") == "earn":
            found.setdefault("type", "POINTS")
        return found
    if isinstance(node, list):
        return [_short(one, codes) for one in node]
    text = codes.get(node, node) if isinstance(node, str) else node
    is_number = isinstance(text, str | int) and not isinstance(text, bool) and NUMBER.fullmatch(str(text))
    return Decimal(str(text)).normalize() if is_number else text
