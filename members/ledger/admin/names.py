"""What the pages of the ledger share: how entries, lots and accounts are called."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages import figures
from loyalty.kernel.pages.admin import ReadOnlyAdmin


def points(units: int, point_type: Any) -> figures.Measure:
    """Smallest units with the name of their type."""
    return figures.points_of(units, point_type)


def day(instant: datetime) -> str:
    """The reader's day of an instant."""
    return figures.short_date(timezone.localtime(instant))


class LedgerAdmin(ReadOnlyAdmin):
    """What the pages of the ledger have in common."""

    view_permission = "ledger.view"


def entry_name(entry: Any) -> str:
    """What happened and when it counts."""
    return f"{entry.get_kind_display()}, {day(entry.effective_at)}"


def link_to(entry: Any) -> str:
    """The way to an entry's page."""
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:members_ledger_entry_change", args=[entry.pk]), entry_name(entry)
    )


def lot_name(lot: Any) -> str:
    """How many points of which day."""
    return _("%(points)s, earned %(day)s") % {
        "points": points(lot.amount, lot.wallet.point_type), "day": day(lot.earned_at)
    }  # fmt: skip


def members_of(account: Any) -> str:
    """The numbers of an account's members."""
    return ", ".join(str(place.member) for place in account.members.all())
