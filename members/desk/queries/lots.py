"""Points of a member that are still there, each with where it came from and how long it lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from members.activity.models import Purchase
from members.desk.queries import overview, rules
from members.ledger.models import Lot
from programs.setup.models import EventKind


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot with the receipt and the rule that it came from, both empty for a correction by hand, and its last day.

    ``awaits`` names the event that makes it usable.
    """

    lot: Lot
    usable_until: date | None
    purchase: Purchase | None
    rule: str
    awaits: str = ""


def open_lots(account_id: int) -> QuerySet[Lot]:
    """Open lots of an account; their keys ascend with time."""
    lots = Lot.objects.filter(wallet__account_id=account_id, is_open=True)
    return lots.select_related("wallet__point_type", "entry__reason")


def described(lots: Sequence[Lot], zone: ZoneInfo) -> list[LotLine]:
    """The same lots with their receipts, the names of their rules, and their last days in ``zone``."""
    causes = [lot.entry.cause_id for lot in lots if lot.entry.cause_kind == "purchase"]
    purchases: Mapping[int, Purchase] = Purchase.objects.in_bulk(causes) if causes else {}
    names = rules.present_names(lot.rule for lot in lots)
    awaited = {lot.awaits for lot in lots if lot.awaits}
    events = {row.code: str(row) for row in EventKind.objects.filter(code__in=awaited)} if awaited else {}
    return [
        LotLine(
            lot=lot,
            usable_until=overview.last_day(lot.expires_at, zone) if lot.expires_at else None,
            purchase=purchases.get(lot.entry.cause_id or 0),
            rule=names.get(lot.rule, lot.rule),
            awaits=events.get(lot.awaits, lot.awaits) if lot.is_pending else "",
        )
        for lot in lots
    ]
