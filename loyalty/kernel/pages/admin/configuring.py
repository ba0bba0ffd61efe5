"""Lists and forms of what a program sets up."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from loyalty.kernel import audit, clock, registries, scope
from loyalty.kernel.models.base import SharedModel
from loyalty.kernel.pages import changes, marks, staff
from loyalty.kernel.pages.admin import meanwhile
from loyalty.kernel.pages.admin.reading import ReadOnlyAdmin
from loyalty.kernel.pages.filters import ArchivedFilter
from loyalty.kernel.pages.forms import NamedTranslatedTextWidget, ProgramForm
from loyalty.kernel.text import TranslatedTextFormField


class ProgramAdmin(ReadOnlyAdmin):
    """Configuration of a program: saved with its audit record, archived instead of deleted."""

    form = ProgramForm
    has_history = True
    changes_settings: bool = False
    """Whether what is saved judges purchases: the rules' snapshot is then frozen anew after the commit."""

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if self._has_archive():
            self.actions_detail = ("archive", "restore", *self.actions_detail)
            self.list_filter = (ArchivedFilter, *self.list_filter)

    def _has_archive(self) -> bool:
        try:
            self.opts.get_field("archived_at")
        except FieldDoesNotExist:
            return False
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.edit_permission) and self._has_program(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, SharedModel) and obj.program_id is None and not getattr(request.user, "is_operator", False):
            return False
        return self._may(request, self.edit_permission)

    @staticmethod
    def _has_program(request: HttpRequest) -> bool:
        return getattr(request, "program_id", None) is not None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One way to save; a second one only where rows are added in series."""
        buttons = {"show_save_and_continue": False, "show_save_and_add_another": object_id is None}
        return super().changeform_view(request, object_id, form_url, {**buttons, **(extra_context or {})})

    # Two people at once

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; locked while its form is saved, so that nobody changes it between the look and the deed."""
        obj = super().get_object(request, object_id, from_field)
        is_saved = request.method == "POST" and transaction.get_connection().in_atomic_block
        if obj is not None and is_saved and self.has_change_permission(request, obj):
            self.model._base_manager.select_for_update(no_key=True, of=("self",)).get(pk=obj.pk)
            obj = super().get_object(request, object_id, from_field)
        return obj

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if change and request.method == "POST" and obj is not None:
            form.objection = meanwhile.objection(self, request, obj)
        return form

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        if change and obj is not None:
            objected = getattr(context["adminform"].form, "objection", None)
            sent = request.POST.get(meanwhile.FIELD) if not objected else None
            stored = self.model._base_manager.filter(pk=obj.pk).first()
            context |= {"opened_field": meanwhile.FIELD, "opened": sent or meanwhile.token(self, stored)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Fields

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, TranslatedTextFormField):
            field.widget = NamedTranslatedTextWidget()
            field.widget.title = capfirst(str(field.label))
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Pickers hide what is archived; what a row already points at stays choosable."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        names = {known.name for known in db_field.remote_field.model._meta.get_fields()}
        if field is not None and "archived_at" in names:
            chosen = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            kept = self.model._default_manager.filter(pk=chosen).values(db_field.name) if chosen else []
            field.queryset = field.queryset.filter(models.Q(archived_at__isnull=True) | models.Q(pk__in=kept))
        return field

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if self._has_archive() and request.path.endswith("/autocomplete/"):
            found = found.filter(archived_at__isnull=True)
        return found, may_repeat

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = changes.values(self.model._base_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        after = changes.values(self.model._base_manager.get(pk=obj.pk))
        made = changes.between(before, after)
        if made:
            self.record(obj, "changed" if change else "created", made)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        stored = formset.model._base_manager.in_bulk([each.instance.pk for each in formset.initial_forms])
        before = {key: changes.values(row) for key, row in stored.items()}
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self.record(row, "created", changes.between({}, changes.values(row)))
        for row, _names in formset.changed_objects:
            made = changes.between(before[row.pk], changes.values(row))
            if made:
                self.record(row, "changed", made)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.settle(form.instance)

    def record(self, obj: Any, deed: str, made: dict[str, changes.Change], reason: str = "") -> None:
        """Write the audit record of a deed."""
        audit.record(f"{changes.noun(type(obj))}.{deed}", obj, changes=made, reason=reason)

    def settle(self, obj: Any) -> None:
        """Where what was saved judges purchases, have the rules frozen anew after the commit, once."""
        if self.changes_settings:
            self.freeze_after_commit(scope.program_id())

    @staticmethod
    def freeze_after_commit(program: int) -> None:
        """Tell in the program's scope, when the transaction has ended, that its settings changed."""
        inside = scope.current()

        def tell() -> None:
            with scope.enter([program], inside.actor, is_operator=inside.is_operator):
                registries.settings_changed()

        transaction.on_commit(tell)

    # Archive

    @action(description=gettext_lazy("Archive"), url_path="archive", icon="archive", permissions=["change"])
    def archive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take it out of pickers and lists; what uses it goes on."""
        text = _("It disappears from lists and pickers. What already uses it goes on working. You can restore it.")
        return self._set_archived(request, object_id, deed="archived", title=_("Archive"), text=text)

    @action(
        description=gettext_lazy("Restore"), url_path="restore", icon="unarchive", permissions=["change"],
        variant=ActionVariant.PRIMARY,
    )  # fmt: skip
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Bring it back into pickers and lists."""
        text = _("It appears in lists and pickers again.")
        return self._set_archived(request, object_id, deed="restored", title=_("Restore"), text=text)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        offered = super().get_actions_detail(request, object_id)
        obj = self.get_object(request, str(object_id))
        if obj is None or not self._has_archive():
            return offered
        hidden = self._action_name("restore" if obj.archived_at is None else "archive")
        may = self.has_change_permission(request, obj)
        switches = {self._action_name("archive"), self._action_name("restore")}
        return [each for each in offered if each.action_name != hidden and (may or each.action_name not in switches)]

    def _action_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _set_archived(self, request: HttpRequest, object_id: str, *, deed: str, title: str, text: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        if request.method != "POST":
            return self.confirm(request, obj, title=title, text=text)
        with transaction.atomic():
            locked = self.model._base_manager.select_for_update(no_key=True).get(pk=obj.pk)
            before, locked.archived_at = locked.archived_at, clock.now() if deed == "archived" else None
            if (before is None) != (locked.archived_at is None):
                locked.save(update_fields=["archived_at"])
                self.record(locked, deed, {"archived_at": (before, locked.archived_at)})
                self.settle(locked)
        return HttpResponseRedirect(self.address("change", obj))

    def confirm(
        self, request: HttpRequest, obj: Any, *, title: str, text: str, is_dangerous: bool = False
    ) -> TemplateResponse:
        """The page that says what will happen and asks once; its form posts to the same address."""
        crumbs = [
            (self.list_name, self.address("changelist")),
            (self.object_name(obj), self.address("change", obj)),
        ]
        context = {
            "object_name": self.object_name(obj), "text": text, "back": self.address("change", obj), "is_dangerous": is_dangerous
        }  # fmt: skip
        return staff.show(request, "kernel/confirm.html", context, title=title, crumbs=crumbs)

    @display(description=gettext_lazy("State"))
    def state(self, obj: Any) -> str:
        """In use or archived, for a list's column."""
        return (
            marks.badge(_("Archived"), "", "archive") if obj.archived_at else marks.badge(_("In use"), "good", "check")
        )
