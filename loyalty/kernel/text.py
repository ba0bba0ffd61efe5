"""Content in languages: one value, many readers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.phrases import language


class Texts(dict[str, str]):
    """Text by language code; ``str()`` gives the reader's language, else English, else any."""

    def in_language(self, language: str) -> str:
        """The text for ``language``, falling back to English and then to any that is filled in."""
        short = language.split("-")[0]
        return self.get(short) or self.get("en") or next((text for text in self.values() if text), "")

    def __str__(self) -> str:
        return self.in_language(language() or "en")


def validate_texts(value: Any) -> None:
    """Refuse what is not text by a known language code, or has no text at all."""
    known = {code for code, _name in settings.LANGUAGES}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise ValidationError(_("Give a text for each language."), code="not_texts")
    if set(value) - known:
        raise ValidationError(_("Unknown language: %(codes)s."), params={"codes": ", ".join(set(value) - known)})
    if not any(value.values()):
        raise ValidationError(_("Fill in the text in at least one language."), code="empty")


class TranslatedTextWidget(forms.MultiWidget):
    """One input a language, each with its name."""

    template_name = "kernel/translated_text.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({code: forms.TextInput(attrs={"lang": code}) for code, _name in settings.LANGUAGES}, attrs)

    def decompress(self, value: Any) -> list[str]:
        texts = value if isinstance(value, Mapping) else {}
        return [texts.get(code, "") for code, _name in settings.LANGUAGES]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, (code, name) in zip(context["widget"]["subwidgets"], settings.LANGUAGES, strict=True):
            part["language"], part["code"] = name, code
        return context


class TranslatedTextFormField(forms.MultiValueField):
    """A form field for :class:`TranslatedText`: at least one language is filled in."""

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        fields = [forms.CharField(required=False) for _code in settings.LANGUAGES]
        kwargs["widget"] = TranslatedTextWidget
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> Texts:
        pairs = zip(settings.LANGUAGES, data_list, strict=False)
        return Texts({code: text for (code, _name), text in pairs if text})


class TranslatedText(models.JSONField):
    """A jsonb column of text by language, the same shape as in promotion documents."""

    default_validators = [validate_texts]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        loaded = super().from_db_value(value, expression, connection)
        return Texts(loaded) if isinstance(loaded, dict) else loaded

    def to_python(self, value: Any) -> Any:
        loaded = super().to_python(value)
        return Texts(loaded) if isinstance(loaded, dict) else loaded

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": TranslatedTextFormField, **kwargs})


def plural_form(language: str, amount: Decimal) -> int:
    """Which of a word's forms stands beside an amount: English has two, Polish and Russian three and one for fractions."""
    size = abs(amount)
    if language == "en":
        return 0 if size == 1 else 1
    if size != size.to_integral_value():
        return 3 if language == "pl" else 1
    last, last_two = int(size) % 10, int(size) % 100
    if size == 1 or (language == "ru" and last == 1 and last_two != 11):
        return 0
    return 1 if 2 <= last <= 4 and not 12 <= last_two <= 14 else 2


def beside(forms: str, language: str, amount: Decimal) -> str:
    """The form of a word, given as ``punkt, punkty, punktów``, that stands beside an amount; the last for one not given."""
    given = [form.strip() for form in forms.split(",") if form.strip()]
    return given[min(plural_form(language, amount), len(given) - 1)]
