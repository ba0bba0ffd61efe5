"""Terms of return in plain words, in the reader's language."""

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.kernel import codes
from programs.returns.models import ReturnTerms


def sentences(terms_ids: Iterable[int]) -> dict[int, str]:
    """Terms by key in words; they are never deleted."""
    wanted = set(terms_ids)
    if not wanted:
        return {}
    rows = ReturnTerms.objects.filter(pk__in=wanted).select_related("category", "tier", "bonus_type")
    return {row.pk: sentence(row) for row in rows}


def subject(row: ReturnTerms) -> str:
    """What terms are for: “Electronics, Gold, online shop”, or all goods."""
    parts = [
        row.category.name if row.category is not None else "",
        str(row.tier) if row.tier is not None else "",
        codes.name(codes.CHANNEL, row.channel) if row.channel else "",
    ]
    named = [part for part in parts if part]
    if row.category is None:
        named.insert(0, _("all goods"))
    return capfirst(", ".join(named))


def sentence(row: ReturnTerms) -> str:
    """The whole of it: what for, how long, what becomes of the points, and what the member gets."""
    return f"{subject(row)}: {_window(row.days)}; {_points(row)}; {_given(row)}."


def _window(days: int | None) -> str:
    if days is None:
        return _("taken back without an end")
    if days == 0:
        return _("taken back on the day of the purchase alone")
    return ngettext("taken back for %(days)s day", "taken back for %(days)s days", days) % {"days": days}


def _points(row: ReturnTerms) -> str:
    return _("points: %(what)s") % {"what": row.get_points_mode_display()}  # type: ignore[attr-defined]


def _given(row: ReturnTerms) -> str:
    if row.bonus_type is None:
        return _("for money or in exchange") if row.gives_money else _("in exchange alone")
    bonus = {"share": f"{row.bonus_percent}\N{NO-BREAK SPACE}%", "type": row.bonus_type}
    if row.gives_money:
        return _("for money, in exchange, or for %(share)s of the money in %(type)s") % bonus
    return _("in exchange, or for %(share)s of the money in %(type)s") % bonus
