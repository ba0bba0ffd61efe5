"""Forms of the staff site: program-aware uniqueness in plain words, and the widgets of structured values."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from loyalty.kernel import scope, wording
from loyalty.kernel.models import ProgramModel, SharedModel
from loyalty.kernel.payment_cards import holds_payment_card
from loyalty.kernel.text import TranslatedTextWidget


class ProgramForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of a program's row: fills in the program and says at the right field what is taken already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        if is_new and isinstance(self.instance, ProgramModel | SharedModel) and self.instance.program_id is None:
            self.instance.program_id = scope.program_id()

    objection: SafeString | None = None
    """Why what was sent may not be saved, whatever it says."""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.objection:
            self.add_error(None, self.objection)

    def _get_validation_exclusions(self) -> set[str]:
        # The program is not on the form but part of what must be unique.
        return super()._get_validation_exclusions() - {"program"}  # type: ignore[misc]

    def _update_errors(self, errors: ValidationError) -> None:
        """As Django does, but what must be unique is said at the field that can be changed."""
        of_form = errors.error_dict.pop(NON_FIELD_ERRORS, [])
        super()._update_errors(errors)  # type: ignore[misc]
        for error in of_form:
            self._place(error)

    def _place(self, error: ValidationError) -> None:
        check = (error.params or {}).get("unique_check", ()) if isinstance(error.params, dict) else ()
        field = next((name for name in reversed(check) if name in self.fields), None)
        if field is None:
            self.add_error(None, error)
            return
        label = capfirst(self.fields[field].label or field)
        self.add_error(field, _("%(field)s “%(value)s” is taken. Choose another.") % {
            "field": label, "value": self.cleaned_data.get(field)
        })  # fmt: skip


class WordsField(forms.CharField):
    """A note or a reason in somebody's own words; the number of a payment card is refused."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and holds_payment_card(value):
            raise ValidationError(wording.sentence("payment_card", {}))


class NamedTranslatedTextWidget(TranslatedTextWidget):
    """One input a language, as a group that is named by its field."""

    title: str = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["title"] = self.title
        return context
