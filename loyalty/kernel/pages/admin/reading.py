"""Lists and pages that only show."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.checks import UnfoldModelAdminChecks
from unfold.decorators import display

from loyalty.kernel import codes
from loyalty.kernel.models import AuditRecord
from loyalty.kernel.pages import changes, menu, staff
from loyalty.kernel.pages.admin.exporting import ExportingAdmin
from loyalty.kernel.pages.paging import KeysetChangeList, UncountedPaginator, beginning
from loyalty.kernel.text import TranslatedText

HISTORY_SHOWN = 200


class ProgramAdminChecks(UnfoldModelAdminChecks):
    """Every page says who may open it and what it is for."""

    def check(self, admin_obj: Any, **kwargs: Any) -> list[checks.CheckMessage]:
        wanted = ("view_permission", "help_text", "empty_text")
        missing = [name for name in wanted if not getattr(admin_obj, name, "")]
        errors = [
            checks.Error(f"{type(admin_obj).__name__} has no {name}.", obj=type(admin_obj), id="kernel.E002")
            for name in missing
        ]
        return [*super().check(admin_obj, **kwargs), *errors]


class ReadOnlyAdmin(ExportingAdmin):
    """Lists and shows, changes nothing. The base of everything on the staff site."""

    view_permission: str = ""
    edit_permission: str = ""
    help_text: Any = ""
    """What the page is for, in one or two sentences; shown above the list and the form."""
    empty_text: Any = ""
    """What an empty list says: what will stand here, and how it comes."""
    search_prefix: tuple[str, ...] = ()
    """Indexed text columns that the search box compares with the beginning of what was typed."""

    has_history: bool = False
    """Whether the form leads to what the audit trail knows about the object."""

    checks_class = ProgramAdminChecks
    paginator = UncountedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    actions = None
    sortable_by = ()
    ordering: Any = ("-pk",)
    list_filter: Any = ()
    actions_detail: tuple[str, ...] = ()
    list_filter_sheet = True

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        self.search_fields = self.search_prefix

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list under the name of what it lists."""
        title = {"title": self.list_name}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @property
    def list_name(self) -> str:
        """What the list is called, here and in the menu."""
        return menu.name_of(self.model)

    def object_name(self, obj: Any) -> str:
        """What one object is called at the head of its page."""
        return str(obj)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        """The page of an object under its name and the list's; a new one says what it will be."""
        if add:
            name = _("New: %(name)s") % {"name": self.opts.verbose_name}
            context |= {"title": name, "subtitle": None}
        else:
            context |= {
                "title": self.list_name,
                "subtitle": self.object_name(obj),
                "object_name": self.object_name(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(str(name) for name in self.ordering or ("-pk",))

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Rows of which a searched column begins with the words typed, as typed or in capitals."""
        typed = search_term.strip()
        if not typed:
            return queryset, False
        found = models.Q()
        for column in self.search_prefix:
            for form in sorted({typed, typed.upper(), typed.capitalize()}):
                found |= beginning(column, form)
        return queryset.filter(found), False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Texts in languages are shown in the reader's."""
        return [self._column(name) for name in super().get_list_display(request)]

    def _column(self, name: Any) -> Any:
        try:
            field = self.opts.get_field(name) if isinstance(name, str) else None
        except FieldDoesNotExist:
            return name
        if not isinstance(field, TranslatedText):
            return name

        def text(obj: Any) -> str:
            return str(getattr(obj, name))

        text.__name__ = name
        return display(description=field.verbose_name)(text)

    # Who may

    def _may(self, request: HttpRequest, permission: str) -> bool:
        return bool(permission) and permission in menu.permissions(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.view_permission) or self._may(request, self.edit_permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """What is not here is not found, as on every other page; the framework would lead to the first page."""
        raise Http404

    # The site's own log is off: the audit trail is the one history.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the audit trail knows about one object, the newest first."""
        # Who may not see the list learns nothing of what exists.
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        records = AuditRecord.objects.filter(object_kind=self.opts.label_lower, object_id=str(obj.pk))
        rows = [
            {
                "record": record,
                "deed": codes.deed(record.action),
                "actor": codes.name(codes.ACTOR, "system") if record.actor_kind == "system" else record.actor_label,
                "changes": list(changes.explained(self.model, record.changes)),
            }
            for record in records.order_by("-id")[:HISTORY_SHOWN]
        ]
        return staff.show(
            request,
            "kernel/history.html",
            {"rows": rows, "most": HISTORY_SHOWN},
            title=_("History"),
            crumbs=[
                (self.list_name, self.address("changelist")),
                (self.object_name(obj), self.address("change", obj)),
            ],
            help_text=_("Who changed it, when, from what to what. Nobody can change these records."),
        )

    def address(self, page: str, obj: Any = None) -> str:
        """The address of one of this class's pages: changelist, add, change, history or an action's name."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[obj.pk] if obj is not None else [])


def measure(label: Any) -> Any:
    """A column of figures with their unit: its function answers a ``figures.Measure``, which files keep exact."""

    def mark(shown: Any) -> Any:
        shown.is_measure = True
        return display(description=label)(shown)

    return mark


def column(name: str, label: Any) -> Any:
    """A column or a line of a page that shows a field or property under another ``label`` than the model's."""

    def shown(obj: Any) -> Any:
        return getattr(obj, name)

    shown.__name__ = f"shown_{name}"
    return display(description=label)(shown)
