"""The list of members, for whoever keeps the books. Nothing personal stands here: that is the member desk's."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from loyalty.kernel.pages import marks, menu
from loyalty.kernel.pages.admin import ProgramAdmin, ReadOnlyAdmin
from members.profiles.models import Member, MemberAttribute, MemberStatus


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    """Memberships by number."""

    view_permission = "ledger.view"
    help_text = gettext_lazy(
        "Every membership of the program by its number, the newest first. Names and contacts are seen at the member "
        "desk only, where each look is recorded."
    )
    empty_text = gettext_lazy(
        "Members enroll through the API, at the till or in an app; the first one opens this list."
    )
    fields = ["membership", "status_mark", "language", "region", "enrolled_at", "desk"]
    list_display = ["membership", "status_mark", "language", "enrolled_at", "desk"]
    list_filter = ["status", "language"]
    search_prefix = ("number",)
    search_help_text = gettext_lazy("Beginning of the member number")
    ordering = ("-id",)
    has_history = True
    left_out_of_files = ("desk",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = super().get_list_display(request)
        return shown if "members.view" in menu.permissions(request) else [name for name in shown if name != "desk"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = list(super().get_fields(request, obj))
        return shown if "members.view" in menu.permissions(request) else [name for name in shown if name != "desk"]

    @display(description=gettext_lazy("member number"))
    def membership(self, obj: Any) -> str:
        """The number, which stands like a word and not like a count."""
        return str(obj.number)

    @display(description=gettext_lazy("status"))
    def status_mark(self, obj: Any) -> str:
        """Active, blocked or erased."""
        tone, sign = ("good", "check") if obj.status == MemberStatus.ACTIVE else ("bad", "block")
        return marks.badge(obj.get_status_display(), tone, sign)

    @display(description=gettext_lazy("member desk"))
    def desk(self, obj: Any) -> str:
        """The way to the member's page."""
        return format_html('<a href="{}">{}</a>', reverse("desk-member", args=[obj.public_id]), _("Open"))


menu.register(
    menu.MenuEntry(
        menu.MEMBERS, 310, gettext_lazy("Members"), "groups", "admin:members_profiles_member_changelist", "ledger.view"
    )
)


@admin.register(MemberAttribute)
class MemberAttributeAdmin(ProgramAdmin):
    """What is known of members beside who they are."""

    view_permission = "promotions.view"
    edit_permission = "promotions.edit"
    help_text = gettext_lazy(
        "Properties of members that the program keeps, such as a shoe size or the number of visits. Rules read them, and "
        "promotions may set them or count them up."
    )
    empty_text = gettext_lazy("Declare the first property: a promotion can then set it.")
    fields = ["code", "name", "kind"]
    list_display = ["name", "code", "kind", "state"]
    search_prefix = ("code",)
    search_help_text = gettext_lazy("Beginning of the code")
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "code", "kind"] if obj is not None else fields


menu.register(
    menu.MenuEntry(
        menu.PROMOTIONS, 290, gettext_lazy("Attributes of members"), "assignment_ind",
        "admin:members_profiles_memberattribute_changelist", "promotions.view",
    )
)  # fmt: skip
