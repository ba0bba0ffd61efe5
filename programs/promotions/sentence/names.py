"""What the codes of a document are called: point types, tiers, categories, products, stores, partners, segments."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.kernel import registries
from loyalty.kernel.text import Texts
from programs.catalog.models import Category, Location, Product
from programs.setup.models import PointType, Program, Region
from programs.tiers.models import Tier, TierScheme

MOST_NAMED = 4
CATEGORY, PRODUCT, STORE, PARTNER, TIER, REGION = "category", "product", "store", "partner", "tier", "region"
SEGMENT = "segment"
# Which things the values of an attribute name.
_NAMED_BY = {
    "line.categories": CATEGORY, "line.sku": PRODUCT, "line.product": PRODUCT, "txn.store": STORE,
    "txn.partner": PARTNER, "txn.region": REGION, "member.tier": TIER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Names of things by kind and code, and the program's currency; texts are those of the reader's language."""

    currency: str
    exponent: int
    point_types: Mapping[str, PointType]
    default_point_type: str
    things: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def thing(self, kind: str, code: str) -> str:
        """A thing by its name; an unknown one by its code."""
        return self.things.get((kind, str(code))) or str(code)

    def point_type(self, code: str | None) -> str:
        """A point type's name."""
        wanted = code or self.default_point_type
        return str(self.point_types.get(wanted, wanted))

    def points(self, amount: Any, code: str | None) -> str:
        """So many points with the name of their type in the form that the number asks for."""
        point_type = self.point_types.get(code or self.default_point_type)
        if point_type is None:
            return f"{number(amount)} {code}"
        return f"{number(amount)} {point_type.named(int(Decimal(str(amount)).scaleb(point_type.decimals)))}"

    def money(self, amount: Any) -> str:
        """An amount with the decimals of the currency."""
        return f"{formats.number_format(Decimal(str(amount)), decimal_pos=self.exponent)} {self.currency}"

    def value(self, attribute: str, given: Any) -> str:
        """One value of an attribute as people read it."""
        if isinstance(given, bool):
            return _("yes") if given else _("no")
        if attribute == "txn.weekday":
            return str(WEEKDAYS[int(given) - 1])
        kind = _NAMED_BY.get(attribute) or (TIER if attribute.startswith("member.tier.") else None)
        if kind:
            return quoted(self.thing(kind, given))
        if isinstance(given, int) or str(given).replace(".", "", 1).isdigit():
            return number(given)
        return quoted(given)

    def values(self, attribute: str, given: Any) -> str:
        """Values joined by “or”, the first few by name; a list by reference stands for itself."""
        if isinstance(given, Mapping):
            return _("one of the list “%(list)s”") % {"list": given.get("list", "")}
        named = [self.value(attribute, one) for one in (given if isinstance(given, list | tuple) else [given])]
        rest = len(named) - MOST_NAMED
        if rest > 1:
            return ngettext("%(named)s or %(count)s more", "%(named)s or %(count)s more", rest) % {
                "named": ", ".join(named[:MOST_NAMED]),
                "count": rest,
            }
        if len(named) == 1:
            return named[0]
        return _("%(named)s or %(last)s") % {"named": ", ".join(named[:-1]), "last": named[-1]}


def quoted(text: Any) -> str:
    """A name in the quotation marks of the reader's language."""
    return _("“%(name)s”") % {"name": text}


def number(text: Any) -> str:
    """A number without trailing zeros, in the reader's form."""
    plain = f"{Decimal(str(text)).normalize():f}"
    return str(formats.number_format(plain, use_l10n=True, force_grouping=True))


def names_for(documents: Iterable[Mapping[str, Any]]) -> Names:
    """The names of everything that documents speak of, in the program in scope: a query for each kind of thing."""
    wanted: dict[str, set[str]] = {}
    for document in documents:
        for kind, code in _codes(document):
            wanted.setdefault(kind, set()).add(code)
    program = Program.objects.get()
    types = list(PointType.objects.order_by("position", "id"))
    return Names(
        currency=program.currency,
        exponent=program.exponent,
        point_types={one.code: one for one in types},
        default_point_type=types[0].code if types else "",
        things=dict(_things(wanted)),
    )


def _things(wanted: Mapping[str, set[str]]) -> Iterator[tuple[tuple[str, str], str]]:
    sources: Mapping[str, tuple[Any, str]] = {
        CATEGORY: (Category, "code"), PRODUCT: (Product, "sku"), STORE: (Location, "code"), REGION: (Region, "code"),
    }  # fmt: skip
    for kind, (model, column) in sources.items():
        if codes := wanted.get(kind):
            rows = model.objects.filter(**{f"{column}__any": codes}).values_list(column, "name")
            yield from (((kind, code), str(_text(name))) for code, name in rows)
    if codes := wanted.get(PARTNER):
        yield from (((PARTNER, code), name) for code, name in registries.funding().partner_names(codes).items())
    if wanted.get(SEGMENT):
        yield from (((SEGMENT, code), name) for code, name in registries.segment_names().items())
    if wanted.get(TIER):
        yield from (((TIER, code), str(_text(name))) for code, name in Tier.objects.values_list("code", "name"))
        yield from (((TIER, code), str(_text(name))) for code, name in TierScheme.objects.values_list("code", "name"))


def _text(name: Any) -> str:
    return str(Texts(name)) if isinstance(name, dict) else str(name)


def _codes(node: Any) -> Iterator[tuple[str, str]]:
    """Every (kind, code) that a document, or a part of it, names."""
    if isinstance(node, Mapping):
        attribute = str(node.get("attr", ""))
        kind = _NAMED_BY.get(attribute) or (TIER if attribute.startswith("member.tier.") else None)
        given = node.get("value")
        if kind and not isinstance(given, Mapping):
            yield from ((kind, str(one)) for one in (given if isinstance(given, list | tuple) else [given]))
        if "segment" in node:
            yield SEGMENT, str(node["segment"])
        if "partner" in node:
            yield PARTNER, str(node["partner"])
        if node.get("effect") == "tier" or node.get("on") == "tier_changed":
            yield TIER, str(node.get("tier", ""))
        for child in node.values():
            yield from _codes(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _codes(child)
