"""What a condition speaks of, named so that it can stand before a colon. The words are those of the sentences."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from loyalty.kernel.phrases import gettext as _
from loyalty.kernel.phrases import language
from members.activity.why import figures
from programs.promotions.sentence.subjects import OF_BASKET, OF_HISTORY, attribute_name, window

__all__ = ["attribute_name", "lines", "measure"]


def lines(where: Mapping[str, Any]) -> str:
    """Which lines a filter chooses; one test is named, anything more is “chosen products”."""
    if where["op"] != "test" or where["cmp"] not in ("eq", "in", "overlaps"):
        return _("chosen products")
    shown = {"values": figures.values(where["value"], where["attr"])}
    if where["attr"] == "line.categories":
        return _("category: %(values)s") % shown
    if where["attr"] == "line.brand":
        return _("brand: %(values)s") % shown
    if where["attr"] in ("line.sku", "line.product"):
        return _("product: %(values)s") % shown
    return _("chosen products")


def measure(condition: Mapping[str, Any]) -> str:
    """What a leaf measures: of the basket, of the history, or which purchase it is."""
    if condition["op"] == "purchase_number":
        return _("number of the purchase")
    if condition["op"] == "streak_weeks":
        return _("weeks in a row")
    kind, _separator, _counted = condition["measure"].partition(":")
    named = _named_in(language(), condition["op"] == "lines", kind)
    if condition.get("window"):
        named = _("%(measure)s, %(window)s") % {"measure": named, "window": window(condition["window"])}
    where = condition.get("where")
    if where is None or where["op"] == "true":
        return named
    return _("%(measure)s (%(filter)s)") % {"measure": named, "filter": lines(where)}


@lru_cache(maxsize=256)
def _named_in(language: str | None, is_of_basket: bool, kind: str) -> str:
    return str((OF_BASKET if is_of_basket else OF_HISTORY)[kind])
