"""The audit trail."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from loyalty.kernel import codes
from loyalty.kernel.models import AuditRecord
from loyalty.kernel.pages import changes
from loyalty.kernel.pages.admin import ReadOnlyAdmin, column
from loyalty.kernel.pages.filters import ObjectKindFilter

RECORDED_AT = column("recorded_at", gettext_lazy("when"))


@admin.register(AuditRecord)
class AuditAdmin(ReadOnlyAdmin):
    """The audit trail of the program."""

    view_permission = "audit.view"
    help_text = gettext_lazy(
        "Who did what, when, and what changed. The database itself refuses to change or delete these records, "
        "and seals over them show whether anybody did."
    )
    empty_text = gettext_lazy("Every deed from now on stands here: who, what, when.")
    list_display = [RECORDED_AT, "actor", "deed", "kind", "object_label", "reason"]
    list_display_links = ["deed"]
    list_filter = [ObjectKindFilter]
    search_prefix = ("object_label", "actor_label", "object_id")
    search_help_text = gettext_lazy("Beginning of the object or of the person")
    fields = [RECORDED_AT, "actor", "deed", "kind", "object_label", "reason", "address", "trace_id", "table"]
    readonly_fields = [RECORDED_AT, "actor", "deed", "kind", "table"]

    actions_list = ("seals",)

    def has_seals_permission(self, request: HttpRequest) -> bool:
        """Whoever reads the trail."""
        return self.has_view_permission(request)

    @action(description=gettext_lazy("Seals"), url_path="seals", icon="verified", permissions=["seals"])
    def seals(self, request: HttpRequest) -> HttpResponse:
        """How the trail is kept from being rewritten."""
        return HttpResponseRedirect(reverse("audit-chain"))

    def object_name(self, obj: AuditRecord) -> str:
        return f"{codes.deed(obj.action)}: {obj.object_label}"

    @display(description=gettext_lazy("who"))
    def actor(self, obj: AuditRecord) -> str:
        """The person or machine by name; the platform in a word."""
        return codes.name(codes.ACTOR, "system") if obj.actor_kind == "system" else obj.actor_label

    @display(description=gettext_lazy("what"))
    def deed(self, obj: AuditRecord) -> str:
        """What was done, in words."""
        return codes.deed(obj.action)

    @display(description=gettext_lazy("kind of object"))
    def kind(self, obj: AuditRecord) -> str:
        """What kind of object it was, in words."""
        model = ObjectKindFilter.model_of(obj.object_kind)
        return str(capfirst(model._meta.verbose_name)) if model else obj.object_kind

    @display(description=gettext_lazy("changes"))
    def table(self, obj: AuditRecord) -> str:
        """Before and after, field by field."""
        rows = list(changes.explained(ObjectKindFilter.model_of(obj.object_kind), obj.changes))
        return render_to_string("kernel/changes_of_record.html", {"changes": rows})
