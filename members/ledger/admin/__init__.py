"""Pages of the ledger: looked at, never changed."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages import menu
from members.ledger.admin import credits, entries, holds, lots, prices, sales, warnings

__all__ = ["credits", "entries", "holds", "lots", "prices", "sales", "warnings"]

for _position, _title, _icon, _model in (
    (640, _("Ledger entries"), "receipt_long", "entry"),
    (641, _("Postings"), "swap_horiz", "posting"),
    (642, _("Lots"), "hourglass_empty", "lot"),
    (643, _("Reservations"), "lock_clock", "hold"),
    (643, _("Sales of points"), "sell", "pointsale"),
    (644, _("Breaches of the ledger"), "gpp_maybe", "breach"),
):
    _view = f"admin:members_ledger_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.ADMINISTRATION, _position, _title, _icon, _view, "ledger.view"))

for _position, _title, _icon, _model in (
    (624, _("Price lists of points"), "price_change", "pricelist"),
    (625, _("Rates of conversion"), "currency_exchange", "conversionrate"),
):
    _view = f"admin:members_ledger_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.ADMINISTRATION, _position, _title, _icon, _view, "programs.edit"))

menu.register(
    menu.MenuEntry(
        menu.MEMBERS,
        331,
        _("Credits of tiers"),
        "credit_score",
        "admin:members_ledger_tiercredit_changelist",
        "tiers.view",
    )
)

menu.register(
    menu.MenuEntry(
        menu.MEMBERS,
        332,
        _("Warnings before points end"),
        "notification_important",
        "admin:members_ledger_endwarning_changelist",
        "promotions.view",
    )
)
