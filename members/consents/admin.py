"""What members are asked for, and the words they agree to."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import clock
from loyalty.kernel.pages import menu
from loyalty.kernel.pages.admin import ProgramAdmin
from members.consents import asking
from members.consents.models import ConsentPurpose, ConsentText


@admin.register(ConsentPurpose)
class ConsentPurposeAdmin(ProgramAdmin):
    """Purposes."""

    view_permission = "programs.edit"
    edit_permission = "programs.edit"
    help_text = _("What members may agree to. Each purpose has a text; members see the newest version of it.")
    empty_text = _("Add a purpose before members are asked for a consent.")
    fields = ["code", "name"]
    list_display = ["name", "code", "state"]
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "code"] if obj is not None else fields


@admin.register(ConsentText)
class ConsentTextAdmin(ProgramAdmin):
    """Texts by version: a new one is added, none is changed."""

    view_permission = "programs.edit"
    edit_permission = "programs.edit"
    help_text = _(
        "A text stays as members agreed to it. To change it, add the next version: members are asked again once somebody "
        "else has read it and said yes."
    )
    empty_text = _("Add the first text of a purpose.")
    fields = ["purpose", "text"]
    list_display = ["purpose", "version", "published_at"]
    list_select_related = ["purpose"]
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing is saved: the words are asked for when the form's transaction has ended."""
        request.asked_text = obj  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A text has nothing that hangs on it."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return HttpResponseRedirect(self.address("changelist"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """A form that is filled in well becomes a question to somebody else."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        wanted = getattr(request, "asked_text", None)
        if wanted is not None:
            asking.ask_for_text(purpose_id=wanted.purpose_id, text=wanted.text, at=clock.now())
            messages.success(request, gettext("Asked for. Somebody else decides; the present text still holds."))
        return response


for _position, _title, _icon, _model in (
    (630, _("Consent purposes"), "fact_check", "consentpurpose"),
    (631, _("Consent texts"), "description", "consenttext"),
):
    _view = f"admin:members_consents_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.ADMINISTRATION, _position, _title, _icon, _view, "programs.edit"))
