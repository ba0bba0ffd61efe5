"""Pages of message templates and of the messages themselves."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import marks, menu
from loyalty.kernel.pages.admin import ProgramAdmin, ReadOnlyAdmin
from members.messaging.forms import LongTextsWidget, MessageTemplateForm
from members.messaging.models import Message, MessageState, MessageTemplate
from members.messaging.wording import reason

LOOK: Mapping[str, tuple[str, str]] = {
    MessageState.QUEUED: ("", "schedule"),
    MessageState.SENT: ("good", "check"),
    MessageState.FAILED: ("bad", "error"),
    MessageState.SUPPRESSED: ("", "block"),
}


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ProgramAdmin):
    """What members are told by promotions."""

    view_permission = "promotions.view"
    edit_permission = "promotions.edit"
    form = MessageTemplateForm
    help_text = _(
        "Messages that promotions send, in every language of the program. The member gets theirs; where it is missing, "
        "the English one."
    )
    empty_text = _("Add the first message: a promotion can then send it.")
    fields = ["code", "name", "channel", "category", "purpose", "subject", "body"]
    list_display = ["name", "code", "channel", "category", "state"]
    list_filter = ["channel"]
    search_prefix = ("code",)
    search_help_text = _("Beginning of the code")
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "code", "channel"] if obj is not None else fields

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "body" and field is not None:
            field.widget = LongTextsWidget()
            field.widget.title = str(field.label)
        return field


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Every message with what became of it."""

    view_permission = "members.view"
    help_text = _("What members were told, by which promotion, and why something was not sent.")
    empty_text = _("The first message that a promotion sends stands here.")
    fields = ["member", "template", "channel", "language", "subject", "body", "status", "why", "rule", "made_at",
              "sent_at"]  # fmt: skip
    list_display = ["made_at", "member", "template", "channel", "status", "why"]
    list_select_related = ["member", "template"]
    list_filter = ["state", "channel"]

    @display(description=_("state"))
    def status(self, obj: Any) -> str:
        """What became of it."""
        return marks.badge(obj.get_state_display(), *LOOK[obj.state])

    @display(description=_("reason"))
    def why(self, obj: Any) -> str:
        """Why it was not sent."""
        return reason(obj.reason) if obj.reason else "–"


menu.register(
    menu.MenuEntry(
        menu.PROMOTIONS, 280, _("Message templates"), "drafts",
        "admin:members_messaging_messagetemplate_changelist", "promotions.view",
    )
)  # fmt: skip
menu.register(
    menu.MenuEntry(
        menu.MEMBERS, 380, _("Messages"), "mail", "admin:members_messaging_message_changelist", "members.view"
    )
)  # fmt: skip
