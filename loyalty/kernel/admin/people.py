"""Who works in the back office."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from loyalty.kernel.pages import people
from loyalty.kernel.pages.admin import ProgramAdmin


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
        (gettext_lazy("Reading"), {"fields": ["language", "timezone"]}),
    ]
    list_display = ["name", "email", "is_operator", "is_active", "last_login"]
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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        password = form.cleaned_data.get("new_password")
        obj.email = obj.email.lower()
        if password:
            obj.set_password(password)
        super().save_model(request, obj, form, change)
        if password:
            self.record(obj, "password_set", {})
            if obj.pk == request.user.pk:
                update_session_auth_hash(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user, before, wanted = form.instance, people.grants_of(form.instance), form.wanted()
        for grant in sorted(wanted ^ before):
            people.change_role(user, grant, is_given=grant in wanted)
