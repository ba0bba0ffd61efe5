"""Who works in the back office."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from loyalty.kernel.access import factors, sessions
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from loyalty.kernel.pages import marks, people
from loyalty.kernel.pages.admin import ProgramAdmin
from loyalty.kernel.pages.security.guard import ask_again


@admin.register(User)
class StaffAdmin(ProgramAdmin):
    """Who works in the back office."""

    view_permission = "users.edit"
    edit_permission = "users.edit"
    form = people.StaffForm
    help_text = gettext_lazy(
        "Who works here, and in which role in which program. A role taken away closes its pages at once; "
        "an account is switched off, not deleted, because the history names it."
    )
    empty_text = gettext_lazy("Add whoever will work here, with a role in each of their programs.")
    fieldsets = [
        (None, {"fields": ["email", "name", "new_password", "is_active"]}),
        (gettext_lazy("Roles"), {"fields": ["grants", "is_operator"]}),
        (gettext_lazy("Sign-in"), {"fields": ["needs_second_factor", "second_factor"]}),
        (gettext_lazy("Reading"), {"fields": ["language", "timezone"]}),
    ]
    list_display = ["name", "email", "is_operator", "is_active", "second_factor", "last_login"]
    readonly_fields = ["second_factor"]
    actions_detail = ("take_factor_away",)
    list_filter = ["is_active", "is_operator"]
    search_prefix = ("email", "name")
    search_help_text = gettext_lazy("Beginning of the e-mail or the name")
    ordering = ("email",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).filter(realm=Realm.STAFF)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.edit_permission)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request_user = request.user
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Rights and passwords of others: whoever gives them shows their own password first."""
        return ask_again(request) or super().changeform_view(request, object_id, form_url, extra_context)

    def has_take_factor_away_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever runs the platform helps who lost a phone."""
        return self._may(request, self.edit_permission)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        user = self.get_object(request, str(object_id))
        return [] if user is None or user.second_factor_at is None else super().get_actions_detail(request, object_id)

    @action(
        description=gettext_lazy("Remove the second factor"), url_path="second-factor", icon="phonelink_erase",
        permissions=["take_factor_away"], variant=ActionVariant.DANGER,
    )  # fmt: skip
    def take_factor_away(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """For a lost phone: the password alone opens again, or leads to the set-up where a factor is a must."""
        user = self.get_object(request, object_id)
        if user is None:
            raise Http404
        asked = ask_again(request)
        if asked is not None:
            return asked
        if request.method != "POST":
            text = _("Be sure who asks: from then on the password alone opens the account. All its sessions end.")
            title = _("Remove the second factor")
            return self.confirm(request, user, title=title, text=text, is_dangerous=True)
        factors.take_away(user)
        sessions.end(user)
        return HttpResponseRedirect(self.address("change", user))

    @display(description=gettext_lazy("second factor"))
    def second_factor(self, obj: User) -> str:
        """Whether the user has one."""
        return marks.badge(_("On"), "good", "check") if obj.second_factor_at else marks.badge(_("Off"), "", "block")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        password = form.cleaned_data.get("new_password")
        obj.email = obj.email.lower()
        if password:
            obj.set_password(password)
        super().save_model(request, obj, form, change)
        if password:
            self.record(obj, "password_set", {})
            if obj.pk == request.user.pk:
                sessions.keep_after_password(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user, before, wanted = form.instance, people.grants_of(form.instance), form.wanted()
        for grant in sorted(wanted ^ before):
            people.change_role(user, grant, is_given=grant in wanted)
