"""Keys of machines."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from loyalty.kernel import clock
from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import ApiKey
from loyalty.kernel.pages import marks, staff
from loyalty.kernel.pages.admin import ProgramAdmin
from loyalty.kernel.pages.forms import ProgramForm

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


def scope_choices() -> list[tuple[str, Any]]:
    """What a key may open, in words."""
    return [(scope, SCOPE_NAMES.get(scope, text)) for scope, text in SCOPES.items()]


class KeyForm(ProgramForm):
    """A new key: what it opens is ticked, never typed."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it opens"), choices=scope_choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ProgramAdmin):
    """Keys of tills, shops and partners' systems."""

    view_permission = "keys.edit"
    edit_permission = "keys.edit"
    form = KeyForm
    help_text = gettext_lazy(
        "Machines sign in with keys. A key opens this program only, and only what is ticked. The token is shown once, "
        "when the key is made; a lost one cannot be found again: revoke it and make another."
    )
    empty_text = gettext_lazy("Add a key for each till, shop or partner's system that will send purchases.")
    fields = ["name", "scopes", "partner", "expires_at"]
    list_display = ["name", "prefix", "partner", "expires_at", "usable"]
    list_select_related = ["partner"]
    search_prefix = ("name", "prefix")
    search_help_text = gettext_lazy("Beginning of the name or of the token")
    actions_detail = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever makes keys takes them back."""
        return self._may(request, self.edit_permission)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["prefix", "created_at", "revoked_at"] if obj is not None else []
        return [*self.fields, *shown]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        issued, token = ApiKey.issue(name=obj.name, scopes=obj.scopes, partner_id=obj.partner_id)
        obj.scopes, obj.prefix, obj.digest = issued.scopes, issued.prefix, issued.digest
        super().save_model(request, obj, form, change)
        request.issued_token = token  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The only page that ever shows the token."""
        context = {"key": obj, "token": request.issued_token, "back": self.address("changelist")}  # type: ignore[attr-defined]
        crumbs = [(self.list_name, self.address("changelist"))]
        return staff.show(request, "kernel/key_issued.html", context, title=_("Copy the token now"), crumbs=crumbs)

    @action(
        description=gettext_lazy("Revoke"), url_path="revoke", icon="block", permissions=["revoke"],
        variant=ActionVariant.DANGER,
    )  # fmt: skip
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close the key for good."""
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
