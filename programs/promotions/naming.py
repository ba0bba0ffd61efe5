"""Names of what the codes in promotions stand for: point types, tiers, categories, products, places, partners."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cached_property
from typing import Any

from loyalty.kernel import codes
from loyalty.kernel.pages import figures
from programs.catalog.models import Category, Location, Product
from programs.setup.models import PointType, Region
from programs.tiers.models import Tier

Read = Callable[[str], Any]


def _partner(code: str) -> Any:
    field: Any = Location._meta.get_field("partner")
    return field.remote_field.model.objects.filter(code=code).first()


_READ: Mapping[str, Read] = {
    "line.categories": lambda code: Category.objects.filter(code=code).first(),
    "line.sku": lambda code: Product.objects.filter(sku=code).first(),
    "line.product": lambda code: Product.objects.filter(sku=code).first(),
    "member.tier": lambda code: Tier.objects.filter(code=code).first(),
    "txn.partner": _partner,
    "txn.region": lambda code: Region.objects.filter(code=code).first(),
    "txn.store": lambda code: Location.objects.filter(code=code).first(),
    "txn.channel": lambda code: codes.name(codes.CHANNEL, code),
}


class Names:
    """Names in the reader's language, each read once, when it is first asked for; a code without a row stands as it is."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    @cached_property
    def _types(self) -> Mapping[str, PointType]:
        return {row.code: row for row in PointType.objects.all()}

    def points(self, amount: Decimal, code: str) -> str:
        """An amount of points, whole or with decimals, with the name of its type: ``2 points``."""
        point_type = self._types.get(code)
        if point_type is None:
            return f"{figures.number(amount)} {code}"
        name = point_type.named(int(amount.scaleb(point_type.decimals)))
        return f"{figures.number(amount)} {name}"

    def point_type(self, code: str) -> str:
        """The name of a point type alone."""
        return str(self._types.get(code, code))

    @staticmethod
    def is_named(attribute: str) -> bool:
        """Whether values of the attribute are codes of something with a name."""
        return attribute in _READ

    def of(self, attribute: str, code: str) -> str:
        """The name of one value of an attribute of the promotion language."""
        key = (attribute, code)
        if key not in self._known:
            read = _READ.get(attribute)
            self._known[key] = str((read(code) if read else None) or code)
        return self._known[key]


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
