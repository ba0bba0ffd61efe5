"""The form of a staff user: who it is, and in which role in which program."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from loyalty.kernel import audit, scope
from loyalty.kernel.access import roles
from loyalty.kernel.models import User
from loyalty.kernel.pages import program
from loyalty.kernel.pages.forms import ProgramForm
from loyalty.kernel.pages.zones import zone_choices

ROLE_NAMES = {
    "marketer": gettext_lazy("Marketer"),
    "analyst": gettext_lazy("Analyst"),
    "agent": gettext_lazy("Agent"),
    "supervisor": gettext_lazy("Supervisor"),
}

Grant = tuple[int, str]


class RoleMatrix(forms.CheckboxSelectMultiple):
    """A table of programs by roles; a value is ``<program>:<role>``."""

    template_name = "kernel/roles.html"
    programs: Mapping[int, str] = {}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = set(value or ())
        context["roles"] = [(role, ROLE_NAMES[role]) for role in roles.ROLES]
        context["rows"] = [
            (title, [(f"{key}:{role}", f"{key}:{role}" in given, ROLE_NAMES[role]) for role in roles.ROLES])
            for key, title in self.programs.items()
        ]
        return context


def grants_of(user: User) -> set[Grant]:
    """The roles that a user holds now, by program."""
    return {(key, role) for key in roles.programs_of(user) for role in roles.roles_of(user, key)}


class StaffForm(ProgramForm):
    """A staff user with a password to set and roles to give."""

    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zone_choices, widget=UnfoldAdminSelectWidget)
    new_password = forms.CharField(
        label=gettext_lazy("New password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Twelve characters or more. Leave it empty to keep the present one."),
    )
    grants = forms.MultipleChoiceField(label=gettext_lazy("Roles"), required=False, widget=RoleMatrix)
    request_user: User | None = None
    """Who fills the form in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.request_user is not None, "the page says who asks"
        programs = {each.pk: str(each) for each in program.open_to(self.request_user)}
        field = self.fields["grants"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(f"{key}:{role}", role) for key in programs for role in roles.ROLES]
        field.widget.programs = programs
        if self.instance.pk:
            self.initial["grants"] = [f"{key}:{role}" for key, role in grants_of(self.instance)]
        else:
            self.fields["new_password"].required = True
            self.fields["new_password"].help_text = _("Twelve characters or more. Hand it over in person.")

    def clean_new_password(self) -> str:
        """By the rules of the platform."""
        password = str(self.cleaned_data["new_password"] or "")
        if password:
            password_validation.validate_password(password, self.instance)
        return password

    def clean(self) -> dict[str, Any]:
        """Nobody locks the own account out."""
        cleaned = super().clean() or {}
        if self.instance.pk and self.instance.pk == getattr(self.request_user, "pk", None):
            for name in ("is_operator", "is_active"):
                if getattr(self.request_user, name) and not cleaned.get(name, True):
                    self.add_error(name, _("You cannot take this from yourself. Ask another operator."))
        self._check_grants(cleaned)
        return cleaned

    def _check_grants(self, cleaned: Mapping[str, Any]) -> None:
        """Whoever runs the platform grants no points, and nobody gives a role to themselves."""
        given = {(int(key), role) for key, role in (value.split(":") for value in cleaned.get("grants", ()))}
        before = grants_of(self.instance) if self.instance.pk else set()
        if cleaned.get("is_operator") and given - before:
            self.add_error("grants", _("An operator runs the platform and holds no role. Choose one of the two."))
        elif given - before and self.instance.pk == getattr(self.request_user, "pk", None):
            self.add_error("grants", _("You cannot give yourself a role. Ask another operator."))
        elif before and cleaned.get("is_operator") and not self.instance.is_operator:
            self.add_error("is_operator", _("An operator runs the platform and holds no role. Choose one of the two."))

    def wanted(self) -> set[Grant]:
        """The roles that were ticked."""
        pairs = (value.split(":") for value in self.cleaned_data["grants"])
        return {(int(key), role) for key, role in pairs}


def change_role(user: User, grant: Grant, *, is_given: bool) -> None:
    """Give or take one role, in the scope of its program, and write it down there."""
    key, role = grant
    inside = scope.current()
    with scope.enter([key], inside.actor, is_operator=inside.is_operator):
        (roles.grant_role if is_given else roles.revoke_role)(user, role, key)
        deed, made = ("user.role_given", (None, role)) if is_given else ("user.role_taken", (role, None))
        audit.record(deed, user, changes={"role": made}, program_id=key)
