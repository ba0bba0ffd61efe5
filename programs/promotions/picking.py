"""Things to pick from by typing: categories, products, stores, partners, tiers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from loyalty.kernel import codes, registries
from programs.catalog.models import Category, Location, Product
from programs.promotions import naming
from programs.promotions.design.fields import CODES, Field
from programs.promotions.design.rows import Part, Row, all_rows
from programs.setup.models import Region
from programs.tiers.models import Tier

MOST_FOUND = 12
# Where purchases are made; a till may name others.
CHANNELS = ("store", "online", "app")
Found = dict[str, str]


def _rows(model: Any, column: str) -> Callable[[str], list[Found]]:
    def search_rows(text: str) -> list[Found]:
        rows = model.objects.filter(archived_at__isnull=True)
        if text:
            rows = rows.filter(Q(**{f"{column}__istartswith": text}) | Q(name__icontains=text))
        return [{"code": str(code), "name": str(name)} for code, name in rows.values_list(column, "name")[:MOST_FOUND]]

    return search_rows


def _distinct(model: Any, column: str) -> Callable[[str], list[Found]]:
    def search_values(text: str) -> list[Found]:
        rows = model.objects.filter(archived_at__isnull=True, **{f"{column}__istartswith": text}).exclude(
            **{column: ""}
        )
        values = rows.order_by(column).values_list(column, flat=True).distinct()[:MOST_FOUND]
        return [{"code": value, "name": value} for value in values]

    return search_values


def _named(model: Any) -> Callable[[str], list[Found]]:
    def search_named(text: str) -> list[Found]:
        found = [{"code": row.code, "name": str(row.name)} for row in model.objects.all()]
        wanted = text.casefold()
        return [one for one in found if wanted in one["name"].casefold() or wanted in one["code"].casefold()][
            :MOST_FOUND
        ]

    return search_named


def _partners(text: str) -> list[Found]:
    names = registries.funding().all_names()
    wanted = text.casefold()
    found = [{"code": code, "name": name} for code, name in names.items()]
    return [one for one in found if wanted in one["name"].casefold()][:MOST_FOUND]


def _channels(text: str) -> list[Found]:
    wanted = text.casefold()
    found = [{"code": code, "name": codes.name(codes.CHANNEL, code)} for code in CHANNELS]
    return [one for one in found if wanted in one["name"].casefold() or one["code"].startswith(wanted)]


_SEARCHES: Mapping[str, Callable[[str], list[Found]]] = {
    "category": _rows(Category, "code"),
    "product": _rows(Product, "sku"),
    "store": _rows(Location, "code"),
    "store_group": _distinct(Location, "group"),
    "brand": _distinct(Product, "brand"),
    "region": _named(Region),
    "tier": _named(Tier),
    "partner": _partners,
    "channel": _channels,
}


def search(kind: str, text: str) -> list[Found]:
    """Up to twelve things of a kind by the beginning of their code or a part of their name; none of an unknown kind."""
    find = _SEARCHES.get(kind)
    return find(text.strip()[:60]) if find else []


def name_codes(parts: Sequence[Part]) -> None:
    """Give the fields that hold codes the names of what is chosen."""
    rows: list[Row] = [row for part in parts for row in all_rows(part.rows)]
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for field in row.fields:
            if field.kind == CODES:
                wanted.setdefault(field.picker, set()).update(field.values)
    names = {kind: naming.names_of(kind, chosen) for kind, chosen in wanted.items() if chosen}
    for row in rows:
        row.fields = [_with_names(field, names) for field in row.fields]


def _with_names(field: Field, names: Mapping[str, Mapping[str, str]]) -> Field:
    if field.kind != CODES:
        return field
    known = names.get(field.picker, {})
    return replace(field, shown=[(code, known.get(code, code)) for code in field.values])
