"""Rows that are edited on their parent's page."""

from typing import Any

from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet

from loyalty.kernel.pages.forms import NamedTranslatedTextWidget, ProgramForm
from loyalty.kernel.text import TranslatedTextFormField


class NewParentFormSet(PaginationInlineFormSet):
    """Also for a parent that is not stored yet, whose key the database will make."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        parent = kwargs.get("instance")
        if parent is None or not parent._state.adding:
            super().__init__(*args, **kwargs)
            return
        key, parent.pk = parent.pk, None
        super().__init__(*args, **kwargs)
        parent.pk = key


class ProgramInline(TabularInline):
    """Rows edited on their parent's page; they follow the parent's permissions and are never deleted here."""

    form = ProgramForm
    formset = NewParentFormSet
    extra = 0
    can_delete = False

    def _of_parent(self, request: HttpRequest, obj: Any) -> bool:
        return self.admin_site._registry[self.parent_model].has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site._registry[self.parent_model].has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_parent(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_parent(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, TranslatedTextFormField):
            field.widget = NamedTranslatedTextWidget()
            field.widget.title = capfirst(str(field.label))
        elif field is not None:
            # In a table the label stands at the head of the column; screen readers need it at the cell.
            field.widget.attrs["aria-label"] = capfirst(str(field.label))
        return field
