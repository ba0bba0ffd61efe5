"""The audit trail."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from loyalty.kernel.models import AuditRecord
from loyalty.kernel.pages import changes
from loyalty.kernel.pages.admin import ReadOnlyAdmin, column
from loyalty.kernel.pages.filters import ObjectKindFilter

RECORDED_AT = column("recorded_at", gettext_lazy("when"))
TRACE_ID = column("trace_id", gettext_lazy("trace"))


@admin.register(AuditRecord)
class AuditAdmin(ReadOnlyAdmin):
    """The audit trail of the program."""

    view_permission = "audit.view"
    help_text = gettext_lazy(
        "Who did what, when, and what changed. The database itself refuses to change or delete these records."
    )
    list_display = [RECORDED_AT, "actor_label", "action", "object_label", "reason"]
    list_display_links = ["action"]
    list_filter = [ObjectKindFilter]
    search_prefix = ("object_label", "actor_label", "object_id", "action")
    search_help_text = gettext_lazy("Beginning of the object, the person or the deed")
    fields = [RECORDED_AT, "actor_label", "action", "object_label", "kind", "reason", "address", TRACE_ID, "table"]
    readonly_fields = [RECORDED_AT, "kind", TRACE_ID, "table"]

    @display(description=gettext_lazy("kind of object"))
    def kind(self, obj: AuditRecord) -> str:
        """What kind of object it was, in words."""
        model = ObjectKindFilter.model_of(obj.object_kind)
        return str(model._meta.verbose_name) if model else obj.object_kind

    @display(description=gettext_lazy("changes"))
    def table(self, obj: AuditRecord) -> str:
        """Before and after, field by field."""
        rows = list(changes.explained(ObjectKindFilter.model_of(obj.object_kind), obj.changes))
        return render_to_string("kernel/changes_of_record.html", {"changes": rows})
