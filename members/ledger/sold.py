"""What histories and statements say of entries that a sale caused."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from loyalty.kernel.pages import figures
from members.ledger.models import Entry, EntryKind, PointSale, SaleKind


def describe_entries(entries: Sequence[Entry]) -> Mapping[int, str]:
    """What was sold and for what, in the reader's language, by the entries' keys."""
    keys = [entry.cause_id for entry in entries]
    rows = PointSale.objects.filter(pk__in=keys).select_related("point_type", "pay_type", "rate")
    sales = {row.pk: row for row in rows}
    return {entry.pk: _words(entry, sales[entry.cause_id]) for entry in entries if entry.cause_id in sales}


def _words(entry: Entry, sale: PointSale) -> str:
    points = figures.points_of(sale.points, sale.point_type)
    price = (
        figures.money(sale.price, sale.currency)
        if sale.pay_type is None
        else figures.points_of(sale.price, sale.pay_type)
    )
    if sale.kind == SaleKind.CONVERT and sale.rate is not None and sale.pay_type is not None:
        rate = {
            "give": figures.points_of(sale.rate.give, sale.pay_type),
            "get": figures.points_of(sale.rate.get, sale.point_type),
            "price": price, "points": points,
        }  # fmt: skip
        return _("%(price)s became %(points)s, at the rate of %(give)s for %(get)s") % rate
    facts = {"what": sale.get_kind_display(), "points": points, "price": price}
    if entry.kind == EntryKind.REDEEM:
        return _("%(what)s: %(points)s") % facts
    return _("%(points)s for %(price)s") % facts
