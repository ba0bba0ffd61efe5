"""Keys of machines."""

import ipaddress
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from loyalty.kernel import clock
from loyalty.kernel.access.roles import KEY_ROLES
from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import ApiKey
from loyalty.kernel.pages import marks, staff
from loyalty.kernel.pages.admin import ProgramAdmin
from loyalty.kernel.pages.forms import ProgramForm
from loyalty.kernel.pages.security.guard import ask_again

MOST_NETWORKS = 50
OVERLAPS = {
    0: gettext_lazy("at once"),
    1: gettext_lazy("after an hour"),
    24: gettext_lazy("after a day"),
    168: gettext_lazy("after a week"),
}
SCOPE_NAMES = {
    "purchases.write": gettext_lazy("record purchases and returns"),
    "members.read": gettext_lazy("read members, balances and history"),
    "members.write": gettext_lazy("enroll and change members"),
    "rewards.read": gettext_lazy("read the reward catalog"),
    "redemptions.write": gettext_lazy("redeem rewards and cancel"),
    "adjustments.write": gettext_lazy("correct balances"),
    "promotions.trial": gettext_lazy("try promotion documents"),
    "exports.read": gettext_lazy("export the ledger"),
}

ROLE_NAMES = {"cashier": gettext_lazy("Cashier: a till or tablet")}


def scope_choices() -> list[tuple[str, Any]]:
    """What a key may open, in words."""
    return [(scope, SCOPE_NAMES.get(scope, text)) for scope, text in SCOPES.items()]


class NetworksField(forms.CharField):
    """Addresses and networks, one a line; gives them as CIDR."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"})

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        networks = []
        for line in str(text).replace(",", "\n").split():
            try:
                networks.append(str(ipaddress.ip_network(line, strict=False)))
            except ValueError as problem:
                raise forms.ValidationError(_("“%(line)s” is no address and no network.") % {"line": line}) from problem
        if len(networks) > MOST_NETWORKS:
            raise forms.ValidationError(_("At most %(most)s networks.") % {"most": MOST_NETWORKS})
        return sorted(set(networks))


class RotateForm(forms.Form):
    """How long the token before opens beside the new one."""

    hours = forms.TypedChoiceField(
        label=gettext_lazy("The present token ends"), coerce=int, choices=list(OVERLAPS.items()), initial=24
    )


class KeyForm(ProgramForm):
    """A new key: what it opens is ticked, never typed."""

    networks = NetworksField(
        label=gettext_lazy("From where"),
        required=False,
        help_text=gettext_lazy("Addresses or networks such as 203.0.113.0/24, one a line. Empty: from everywhere."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        location: Any = self.fields.get("location")
        if location is not None:
            widget = location.widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False

    def clean_expires_at(self) -> Any:
        """Not in the past: such a key would never open."""
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= clock.now():
            raise forms.ValidationError(_("Choose a time to come."))
        return expires_at

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("As ticked below")), *ROLE_NAMES.items()],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("A cashier's till identifies, quotes, reserves and settles, and opens nothing else."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it opens"),
        choices=scope_choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """A role says what the key opens; without one something must be ticked."""
        cleaned = super().clean() or {}
        role = cleaned.get("role")
        if role:
            cleaned["scopes"] = sorted(KEY_ROLES[role])
        elif not cleaned.get("scopes"):
            self.add_error("scopes", _("Choose a role, or tick what the key opens."))
        self._check_location(cleaned)
        return cleaned

    def _check_location(self, cleaned: dict[str, Any]) -> None:
        """A location of the key's partner, and nothing that names several."""
        location, partner = cleaned.get("location"), cleaned.get("partner")
        if location is None:
            return
        if partner is not None and location.partner_id not in (None, partner.pk):
            self.add_error("location", _("This location belongs to another partner."))
        if "files.write" in cleaned.get("scopes", ()):
            self.add_error(
                "location", _("Files name many locations: leave this empty, or do not let the key send files.")
            )


@admin.register(ApiKey)
class ApiKeyAdmin(ProgramAdmin):
    """Keys of tills, shops and partners' systems."""

    view_permission = "keys.edit"
    edit_permission = "keys.edit"
    form = KeyForm
    help_text = gettext_lazy(
        "Machines sign in with keys. A key opens this program only, and only what is ticked. The token is shown once, "
        "when it is made; a lost one cannot be found again: make a new token, the old one may open for a while beside it. "
        "Systems that speak OAuth 2.0 exchange client number and token for short-lived ones at /api/v1/oauth/token."
    )
    empty_text = gettext_lazy("Add a key for each till, shop or partner's system that will send purchases.")
    fields = ["name", "role", "scopes", "partner", "location", "networks", "rate_per_second", "expires_at"]
    list_display = ["name", "prefix", "role", "partner", "location", "expires_at", "usable"]
    autocomplete_fields = ["location"]
    readonly_fields = ["role"]
    list_select_related = ["partner", "location"]
    search_prefix = ("name", "prefix")
    search_help_text = gettext_lazy("Beginning of the name or of the token")
    actions_detail = ("rotate", "revoke")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever makes keys takes them back."""
        return self._may(request, self.edit_permission)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["public_id", "prefix", "created_at", "former_until", "revoked_at"] if obj is not None else []
        return [*self.fields, *shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is not None else [name for name in fields if name != "role"]

    @display(description=gettext_lazy("role"))
    def role(self, obj: ApiKey) -> str:
        """The role whose scopes the key has; a dash where they were ticked."""
        found = next((name for name, scopes in KEY_ROLES.items() if scopes == frozenset(obj.scopes)), None)
        return str(ROLE_NAMES[found]) if found else "–"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Whoever makes a key shows the password first; looking at one needs none."""
        asked = ask_again(request) if object_id is None else None
        return asked or super().changeform_view(request, object_id, form_url, extra_context)

    def has_rotate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever makes keys gives them new tokens."""
        return self._may(request, self.edit_permission)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        key = self.get_object(request, str(object_id))
        return [] if key is None or key.revoked_at is not None else super().get_actions_detail(request, object_id)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        issued, token = ApiKey.issue(
            name=obj.name, scopes=obj.scopes, partner_id=obj.partner_id, location_id=obj.location_id
        )
        obj.scopes, obj.prefix, obj.digest = issued.scopes, issued.prefix, issued.digest
        super().save_model(request, obj, form, change)
        request.issued_token = token  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self._show_token(request, obj, request.issued_token)  # type: ignore[attr-defined]

    def _show_token(self, request: HttpRequest, key: ApiKey, token: str) -> HttpResponse:
        """The only page that ever shows the token."""
        context = {"key": key, "token": token, "back": self.address("changelist")}
        crumbs = [(self.list_name, self.address("changelist"))]
        response = staff.show(
            request, "kernel/key_issued.html", context, title=_("Copy the token now"), crumbs=crumbs,
            help_text=_("The machine sends it with each request. Nobody can show it again."),
        )  # fmt: skip
        response["Cache-Control"] = "no-store"
        return response

    @action(
        description=gettext_lazy("New token"), url_path="rotate", icon="autorenew", permissions=["rotate"],
    )  # fmt: skip
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the key a new token; the present one opens for a while beside it."""
        key = self.get_object(request, object_id)
        if key is None or key.revoked_at is not None:
            raise Http404
        asked = ask_again(request)
        if asked is not None:
            return asked
        form = RotateForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                locked = ApiKey.objects.select_for_update(no_key=True, of=("self",)).get(pk=key.pk)
                before = locked.prefix
                token = locked.rotate(clock.now() + timedelta(hours=form.cleaned_data["hours"]))
                locked.save(update_fields=["prefix", "digest", "former_digest", "former_until"])
                self.record(locked, "rotated", {"prefix": (before, locked.prefix)})
            return self._show_token(request, locked, token)
        crumbs = [
            (self.list_name, self.address("changelist")),
            (self.object_name(key), self.address("change", key)),
        ]
        context = {"form": form, "back": self.address("change", key)}
        return staff.show(
            request, "kernel/key_rotate.html", context, title=_("New token"), crumbs=crumbs,
            help_text=_("Machines change over one after the other: both tokens open until the present one ends."),
        )  # fmt: skip

    @action(
        description=gettext_lazy("Revoke"), url_path="revoke", icon="block", permissions=["revoke"],
        variant=ActionVariant.DANGER,
    )  # fmt: skip
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close the key for good, with both its tokens and what it lent."""
        key = self.get_object(request, object_id)
        if key is None:
            raise Http404
        if request.method != "POST":
            text = _("Machines that use it are refused from this moment. This cannot be undone.")
            return self.confirm(request, key, title=_("Revoke"), text=text, is_dangerous=True)
        with transaction.atomic():
            now = clock.now()
            if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
                self.record(key, "revoked", {"revoked_at": (None, now)})
        return HttpResponseRedirect(self.address("changelist"))

    @display(description=gettext_lazy("state"))
    def usable(self, obj: ApiKey) -> str:
        """Whether the key opens anything now."""
        if obj.revoked_at:
            return marks.badge(pgettext("key", "Revoked"), "bad", "block")
        if not obj.is_usable(clock.now()):
            return marks.badge(pgettext("key", "Expired"), "warn", "schedule")
        return marks.badge(_("Works"), "good", "check")
