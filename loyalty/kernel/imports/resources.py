"""What a kind of row is made of in a file: the base of the resources of the apps."""

from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import instance_loaders, resources, widgets

from loyalty.kernel import audit, scope
from loyalty.kernel.imports import reading
from loyalty.kernel.pages import changes


class CodeWidget(widgets.Widget):
    """Another row of the program by its code; its own goes before a shared one."""

    def __init__(self, model: Any, *, is_required: bool) -> None:
        super().__init__()
        self.model, self.is_required = model, is_required
        self.known: dict[str, Any] = {}

    def learn(self, codes: set[str]) -> None:
        """Read the rows that a file names, at once."""
        rows = self.model.objects.filter(code__in=codes, archived_at__isnull=True)
        self.known = {row.code: row for row in sorted(rows, key=lambda row: row.program_id is not None)}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if not value:
            if self.is_required:
                raise ValidationError(_("This is required."))
            return None
        if value not in self.known:
            raise ValidationError(_("There is no %(what)s with the code “%(code)s”.") % {
                "what": self.model._meta.verbose_name, "code": value
            })  # fmt: skip
        return self.known[value]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value.code) if value else ""


class ProgramResource(resources.ModelResource):
    """Rows of the program in scope by their natural key: new ones are added, known ones changed, none taken away.

    The file's headings are the names of the fields; a column that is not there leaves its values as they are.
    """

    key = ""
    """The field that tells rows apart."""
    needed_for_new: tuple[str, ...] = ()

    class Meta:
        skip_unchanged = True
        report_skipped = True
        store_instance = True
        skip_html_diff = True
        use_transactions = True
        clean_model_instances = True
        instance_loader_class = instance_loaders.CachedInstanceLoader

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason
        self.seen: dict[str, int] = {}
        self.before: dict[str, Any] = {}

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(program_id=scope.program_id())

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        headings = list(dataset.headers or [])
        unknown = [name for name in headings if name not in self.fields]
        if self.key not in headings:
            raise reading.KeyMissing(key=self.key, known=", ".join(self.fields))
        if unknown:
            raise reading.UnknownColumn(column=unknown[0], known=", ".join(self.fields))
        if len(set(headings)) < len(headings):
            raise reading.ColumnTwice()
        for name, field in self.fields.items():
            if name in headings and isinstance(field.widget, CodeWidget):
                field.widget.learn(set(dataset[name]))

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        value, line = row[self.key], kwargs["row_number"] + 1
        if not value:
            raise ValidationError({self.key: _("This is required.")})
        first = self.seen.setdefault(value, line)
        if first != line:
            raise ValidationError({self.key: _("This stands in line %(line)s already.") % {"line": first}})

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        if new:
            instance.program_id = scope.program_id()
            missing = {name: _("This is required.") for name in self.needed_for_new if not row.get(name)}
            if missing:
                raise ValidationError(missing)
        elif instance.archived_at is not None:
            raise ValidationError({self.key: _("This is archived. Restore it first, or leave the line out.")})
        self.before = {} if new else changes.values(instance)

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Every value of the line, so that all mistakes of a line are told at once, each at its column."""
        errors = {}
        for field in self.get_import_fields():
            try:
                self.import_field(field, instance, row, **kwargs)
            except ValidationError as problem:
                errors[field.attribute] = problem
        if errors:
            raise ValidationError(errors)

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """By the rules of the fields; what must be unique was asked of all rows at once."""
        errors = dict(import_validation_errors or {})
        related = {field.name for field in instance._meta.concrete_fields if field.is_relation}
        try:
            instance.clean_fields(exclude={*errors, *related, "id"})
        except ValidationError as problem:
            errors = problem.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Write the audit record of the row."""
        made = changes.between(self.before, changes.values(instance))
        deed = "changed" if self.before else "created"
        audit.record(f"{changes.noun(type(instance))}.{deed}", instance, changes=made, reason=self.reason)
