"""The pages of the desk and their place in the menu."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries
from loyalty.kernel.pages import menu
from members.desk.pages import past, restraints, sale, settings

menu.register(menu.MenuEntry(menu.MEMBERS, 300, _("Member desk"), "support_agent", "desk-find", "members.find"))
# Pages of other applications to which a member's page leads.
menu.widen("desk-find", "callers/", "flags/", "reservations/")
menu.register(
    menu.MenuEntry(menu.MEMBERS, 305, _("Corrections to decide"), "rule", "desk-requests", "adjustments.decide")
)
menu.register(
    menu.MenuEntry(menu.ADMINISTRATION, 629, _("Settings of the member desk"), "tune", settings.PAGE, "programs.edit")
)
registries.register_panel(past.PANEL)
registries.register_panel(restraints.PANEL)
registries.register_panel(sale.PANEL)
