"""What the designer's page shows of members' data: frames that fetch their content when the page is there."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages import menu
from loyalty.kernel.registries import Panel, register_panel
from programs.promotions.models import Promotion
from programs.promotions.pages import FOOT, SIDE


def _frame(name: str, address: str, title: Any) -> Callable[..., Mapping[str, Any]]:
    def fill(*, request: HttpRequest, promotion: Promotion) -> Mapping[str, Any]:
        return {"name": name, "address": reverse(address, args=[promotion.code]), "title": title}

    return fill


menu.widen("promotions", "what-if/")
register_panel(Panel(SIDE, 100, "whatif/_frame.html", _frame("try", "whatif-try", _("Try it")), "promotions.edit"))
register_panel(
    Panel(FOOT, 100, "whatif/_frame.html", _frame("impact", "whatif-impact", _("What it would do")), "promotions.edit")
)
