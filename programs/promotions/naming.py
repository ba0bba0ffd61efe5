"""What the codes in promotions are called: point types, tiers, categories, products, places, partners, segments."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import ngettext

from loyalty.kernel import codes, registries, scope
from loyalty.kernel.models import SharedModel
from loyalty.kernel.models.whole import whole
from loyalty.kernel.phrases import gettext as _
from loyalty.kernel.text import Texts
from programs.catalog.models import Category, Location, Product
from programs.rules.catalog import BUILT_IN
from programs.setup.models import EventKind, PointType, Program, Region
from programs.tiers.models import Tier, TierScheme

MOST_NAMED = 4
CATEGORY, PRODUCT, STORE, PARTNER, TIER, REGION = "category", "product", "store", "partner", "tier", "region"
SEGMENT, CHANNEL, LANGUAGE, ATTRIBUTE, EVENT = "segment", "channel", "language", "attribute", "event"
# A thing by its kind and its code.
Code = tuple[str, str]
# Which things the values of an attribute name.
_NAMED_BY = {
    "line.categories": CATEGORY, "line.sku": PRODUCT, "line.product": PRODUCT, "txn.store": STORE,
    "txn.partner": PARTNER, "txn.region": REGION, "txn.channel": CHANNEL, "member.tier": TIER, "member.region": REGION,
    "member.language": LANGUAGE,
}  # fmt: skip
# Values that hold no other part of a document.
_PLAIN = frozenset({str, int, float, bool, type(None), Decimal})
# Of what has a row: where it is kept, by which column its code.
_ROWS: Mapping[str, tuple[tuple[Any, str], ...]] = {
    CATEGORY: ((Category, "code"),), PRODUCT: ((Product, "sku"),), STORE: ((Location, "code"),),
    REGION: ((Region, "code"),), TIER: ((TierScheme, "code"), (Tier, "code")), EVENT: ((EventKind, "code"),),
}  # fmt: skip
# What is kept elsewhere: all of its names that may be meant by these codes.
_ELSEWHERE: Mapping[str, Callable[[Iterable[str]], Mapping[str, str]]] = {
    PARTNER: lambda wanted: registries.funding().partner_names(wanted),
    SEGMENT: lambda wanted: registries.segment_names(),
    CHANNEL: lambda wanted: {code: codes.name(codes.CHANNEL, code) for code in wanted},
    LANGUAGE: lambda wanted: {code: str(name) for code, name in settings.LANGUAGES},
    ATTRIBUTE: lambda wanted: {one.path: str(one.label) for one in registries.member_attributes()},
}


def kind_of(attribute: str) -> str | None:
    """What the values of an attribute are codes of; nothing where they are no codes of anything."""
    return _NAMED_BY.get(attribute) or (TIER if attribute.startswith("member.tier.") else None)


class Names:
    """Names of things by kind and code, and the program's currency; texts are those of the reader's language.

    Made without anything, each name is read once, when it is first asked for. What :func:`names_for` makes has read
    ahead and asks no more. What has no name stands by its code.

    :param exponent: the decimals of the currency.
    """

    def __init__(
        self,
        *,
        currency: str = "",
        exponent: int = 2,
        point_types: Mapping[str, PointType] | None = None,
        default_point_type: str = "",
        things: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.currency, self.exponent, self.default_point_type = currency, exponent, default_point_type
        self._given_types = point_types
        self._things = dict(things or {})

    @cached_property
    def point_types(self) -> Mapping[str, PointType]:
        """The program's point types by code."""
        if self._given_types is not None:
            return self._given_types
        return {row.code: row for row in whole(PointType)}

    def read_ahead(self, codes: Iterable[Code]) -> None:
        """Read the names of things by kind and code, in one query and those of other contexts."""
        wanted: dict[str, set[str]] = {}
        for kind, code in codes:
            if (kind, code) not in self._things:
                wanted.setdefault(kind, set()).add(code)
        self._things |= {(kind, code): "" for kind, unknown in wanted.items() for code in unknown}
        for kind in wanted.keys() & _ELSEWHERE.keys():
            self._things |= {(kind, code): name for code, name in _read(kind, wanted[kind])}
        self._things |= _read_rows({kind: found for kind, found in wanted.items() if kind in _ROWS})

    def thing(self, kind: str, code: Any) -> str:
        """A thing by its name; an unknown one by its code."""
        key = (kind, str(code))
        if key not in self._things and self._given_types is None:
            self._things[key] = names_of(kind, [str(code)]).get(str(code), "")
        return self._things.get(key) or str(code)

    def known_as(self, codes: Iterable[Code]) -> tuple[str, ...]:
        """What things are called that were read ahead; nothing for what has no name."""
        return tuple([self._things.get(code, "") for code in codes])

    @staticmethod
    def is_named(attribute: str) -> bool:
        """Whether values of the attribute are codes of something with a name."""
        return kind_of(attribute) is not None

    def of(self, attribute: str, code: str) -> str:
        """The name of one value of an attribute of the promotion language."""
        kind = kind_of(attribute)
        return self.thing(kind, code) if kind else code

    def attribute(self, path: str) -> str | None:
        """What the program calls an attribute that it declares itself."""
        return self._things.get((ATTRIBUTE, path)) or None

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
        if kind := kind_of(attribute):
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
        for kind, code in codes_in(document):
            wanted.setdefault(kind, set()).add(code)
    program = Program.objects.get()
    types = list(PointType.objects.order_by("position", "id"))
    return Names(
        currency=program.currency,
        exponent=program.exponent,
        point_types={one.code: one for one in types},
        default_point_type=types[0].code if types else "",
        things={(kind, code): name for kind, found in wanted.items() for code, name in _read(kind, found)},
    )


def names_of(kind: str, wanted: Iterable[str]) -> Mapping[str, str]:
    """The names of things of one kind by their codes; what is unknown is left out."""
    return dict(_read(kind, set(wanted)))


def _read(kind: str, wanted: set[str]) -> Iterator[tuple[str, str]]:
    if kind in _ELSEWHERE:
        yield from _ELSEWHERE[kind](wanted).items()
    for model, column in _ROWS.get(kind, ()):
        rows = model.objects.filter(**{f"{column}__any": wanted}).values_list(column, "name")
        yield from ((code, _said(name)) for code, name in rows)


def _read_rows(wanted: Mapping[str, set[str]]) -> dict[tuple[str, str], str]:
    """The names of things that have rows, by kind and code: all kinds by one statement."""
    parts: list[str] = []
    values: list[Any] = []
    for kind, found in wanted.items():
        for model, column in _ROWS[kind]:
            shared = " OR program_id IS NULL" if issubclass(model, SharedModel) else ""
            parts.append(
                f"SELECT %s, {column}, to_jsonb(name) FROM {model._meta.db_table} "
                f"WHERE (program_id = %s{shared}) AND {column} = ANY(%s)"
            )
            values += [kind, scope.program_id(), list(found)]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        # Outside of models the driver hands documents over as text.
        return {(kind, code): _said(json.loads(name)) for kind, code, name in cursor.fetchall()}


def _said(name: Any) -> str:
    return str(Texts(name) if isinstance(name, dict) else name)


def codes_in(node: Any, most: int | None = None) -> Iterator[Code]:
    """Every (kind, code) that a document, or a part of it, names; of a list of values the first ``most``."""
    if isinstance(node, Mapping):
        yield from _own_codes(node, most)
        node = node.values()
    elif not isinstance(node, list | tuple):
        return
    for child in node:
        if type(child) not in _PLAIN:
            yield from codes_in(child, most)


def _own_codes(node: Mapping[str, Any], most: int | None) -> Iterator[Code]:
    attribute = str(node.get("attr", ""))
    if attribute.startswith("member.") and attribute not in BUILT_IN:
        yield ATTRIBUTE, attribute
    kind, given = kind_of(attribute), node.get("value")
    if kind and given is not None and not isinstance(given, Mapping):
        values = given if isinstance(given, list | tuple) else [given]
        yield from ((kind, str(one)) for one in values[:most])
    if "segment" in node:
        yield SEGMENT, str(node["segment"])
    if "partner" in node:
        yield PARTNER, str(node["partner"])
    if node.get("effect") == "tier" or node.get("on") == "tier_changed":
        yield TIER, str(node.get("tier", ""))
    if isinstance(node.get("event"), str):
        yield EVENT, node["event"]
    if isinstance(node.get("trigger"), str) and node["trigger"].startswith("event:"):
        yield EVENT, node["trigger"].removeprefix("event:")


_names: ContextVar[Names | None] = ContextVar("names", default=None)


@contextmanager
def naming(names: Names) -> Iterator[Names]:
    """Let the sentences made in the block call things by these names."""
    token = _names.set(names)
    try:
        yield names
    finally:
        _names.reset(token)


def present() -> Names | None:
    """The names in force; none where sentences are made without a database."""
    return _names.get()
