"""Pages of the reward catalog."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from loyalty.kernel import files
from loyalty.kernel.pages import figures, menu
from loyalty.kernel.pages.admin import ProgramAdmin, measure
from rewards.catalog.forms import RewardForm
from rewards.catalog.models import Reward


@admin.register(Reward)
class RewardAdmin(ProgramAdmin):
    """What points buy."""

    view_permission = "rewards.view"
    edit_permission = "rewards.edit"
    form = RewardForm
    help_text = gettext_lazy(
        "What members take for points. The price is charged when a reward is taken and given back when it is canceled "
        "within 30 days; stock goes down and up with it. A change of the price holds for the next one who takes it."
    )
    empty_text = gettext_lazy("Add the first reward: what it is, what it costs in points, and how many there are.")
    fieldsets = [
        (gettext_lazy("Reward"), {"classes": ["tab"], "fields": ["code", "name", "description", "kind"]}),
        (gettext_lazy("Price and stock"), {
            "classes": ["tab"], "fields": ["point_type", "price", "stock", "partner", "starts_at", "ends_at"],
        }),
        (gettext_lazy("Picture"), {"classes": ["tab"], "fields": ["present_picture", "upload"]}),
    ]  # fmt: skip
    readonly_fields = ["present_picture"]
    list_display = ["name", "code", "kind", "cost", "left", "state"]
    list_select_related = ["point_type"]
    list_filter = ["kind"]
    search_prefix = ("code",)
    search_help_text = gettext_lazy("Beginning of the code")
    ordering = ("price", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "code"] if obj is not None else fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        hidden = set()
        if not self.has_change_permission(request, obj):
            hidden.add("upload")
        if obj is None or obj.picture_id is None:
            hidden.add("present_picture")
        shown = [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [(title, options) for title, options in shown if options["fields"]]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        upload = form.cleaned_data.get("upload")
        if upload:
            obj.picture = files.store(
                upload, kind="reward-picture", name=upload.name[:200], content_type=upload.content_type
            )
        super().save_model(request, obj, form, change)

    @display(description=gettext_lazy("present picture"))
    def present_picture(self, obj: Any) -> Any:
        """The picture as members see it."""
        address = reverse("reward-picture", args=[obj.picture.public_id])
        return format_html('<img src="{}" alt="{}" width="160" height="120">', address, obj.name)

    @measure(gettext_lazy("price"))
    def cost(self, obj: Any) -> str:
        """The price with its point type."""
        return figures.points_of(obj.price, obj.point_type)

    @display(description=gettext_lazy("in stock"))
    def left(self, obj: Any) -> str:
        """How many are left; no limit in a word."""
        return str(_("no limit")) if obj.stock is None else figures.count(obj.stock)


menu.register(
    menu.MenuEntry(
        menu.REWARDS,
        400,
        gettext_lazy("Reward catalog"),
        "redeem",
        "admin:rewards_catalog_reward_changelist",
        "rewards.view",
    )
)
