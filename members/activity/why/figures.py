"""Numbers, points, money and lists as people read them."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.utils import formats
from django.utils.translation import ngettext, pgettext

from loyalty.kernel.phrases import gettext as _
from loyalty.kernel.phrases import language
from programs.promotions import naming
from programs.rules import ProgramSettings

MOST_NAMED = 3
_SHOWN_PLACES = 2
# Of what was written in a language: the thresholds of rules come again in every purchase.
_MOST_KEPT = 20_000


def exact(text: Any) -> Decimal:
    """The number of an explanation; a fraction without a decimal form is cut to cents."""
    plain = str(text)
    if "/" not in plain:
        places = len(plain.partition(".")[2])
        return Decimal(plain).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    number = Fraction(plain)
    unit = Decimal(1).scaleb(-_SHOWN_PLACES)
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(unit, rounding=ROUND_HALF_UP)


def number(text: Any) -> str:
    """A number with as many decimals as it was given."""
    return _number_in(language(), str(text))


@lru_cache(maxsize=_MOST_KEPT)
def _number_in(language: str | None, text: str) -> str:
    return str(formats.number_format(exact(text), force_grouping=True))


def money(text: Any, settings: ProgramSettings) -> str:
    """An amount with all decimals of the currency, and the currency."""
    return f"{_amount_in(language(), str(text), settings.exponent)} {settings.currency}"


@lru_cache(maxsize=_MOST_KEPT)
def _amount_in(language: str | None, text: str, places: int) -> str:
    return str(formats.number_format(exact(text), decimal_pos=places, force_grouping=True))


def points(text: Any, point_type: str, settings: ProgramSettings, *, is_gain: bool = False) -> str:
    """So many points by the name of their type; without names a type beside the first stands with its code.

    ``is_gain`` puts a plus before them.
    """
    amount = exact(text)
    names = naming.present()
    if names is not None:
        shown = names.points(amount, point_type)
        return f"+{shown}" if is_gain else shown
    is_whole = amount == amount.to_integral_value()
    places = 0 if is_whole else next((one.decimals for one in settings.point_types if one.code == point_type), 0)
    figure = formats.number_format(amount, decimal_pos=places, force_grouping=True)
    facts = {"points": f"+{figure}" if is_gain else figure, "type": point_type}
    if point_type != settings.default_point_type:
        return _("%(points)s “%(type)s”") % facts
    if not is_whole:
        return pgettext("a fraction", "%(points)s points") % facts
    return ngettext("%(points)s point", "%(points)s points", abs(int(amount))) % facts


def type_name(code: str) -> str:
    """A point type by its name in force, else by its code."""
    names = naming.present()
    return names.point_type(code) if names is not None else code


def pieces(count: int) -> str:
    """So many pieces."""
    return ngettext("%(count)s piece", "%(count)s pieces", count) % {"count": number(count)}


def value(given: Any, attribute: str = "") -> str:
    """One value of a condition: names in quotes, numbers as they are. Codes of an ``attribute`` by the names in force."""
    names = naming.present()
    if names is not None and isinstance(given, str) and names.is_named(attribute):
        return naming.quoted(names.of(attribute, given))
    if given is None:
        return _("nothing")
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if isinstance(given, int):
        return number(given)
    if isinstance(given, str) and given.replace(".", "", 1).isdigit():
        return number(given)
    return naming.quoted(given)


def values(given: Any, attribute: str = "") -> str:
    """Values of a condition, the first few by name; a list by reference stands for itself."""
    if isinstance(given, Mapping):
        return _("a list of values")
    listed: Sequence[Any] = given if isinstance(given, list | tuple) else [given]
    if not listed:
        return _("nothing")
    named = ", ".join(value(one, attribute) for one in listed[:MOST_NAMED])
    rest = len(listed) - MOST_NAMED
    if rest <= 0:
        return named
    return ngettext("%(named)s and %(count)s more", "%(named)s and %(count)s more", rest) % {
        "named": named,
        "count": rest,
    }
