"""What a form changed, for the audit trail and for the history page of an object."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst

Change = tuple[Any, Any]

UNTOLD = frozenset({"program", "password", "digest", "former_digest", "last_login"})


def noun(model: type[models.Model]) -> str:
    """The word for a model in audit actions: ``PointType`` is ``point_type``."""
    name = model.__name__
    return "".join(
        f"_{letter.lower()}" if letter.isupper() and place else letter.lower() for place, letter in enumerate(name)
    )


def values(row: models.Model) -> dict[str, Any]:
    """The stored values of a row by field; keys of other rows as they are shown to people."""
    return {field.name: _shown(row, field) for field in row._meta.concrete_fields if field.name not in UNTOLD}


def _shown(row: models.Model, field: Any) -> Any:
    if field.is_relation:
        return getattr(row, field.attname) and str(getattr(row, field.name))
    return getattr(row, field.attname)


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Change]:
    """The fields that differ: name to (before, after)."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def explained(model: type[models.Model] | None, stored: Mapping[str, Any]) -> Iterable[tuple[str, Any, Any]]:
    """The changes of an audit record for people: (name of the field, before, after)."""
    for name, pair in stored.items():
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        yield label(model, name), before, after


def label(model: type[models.Model] | None, name: str) -> str:
    """What a field is called; a model that a release took away has no words."""
    try:
        return str(capfirst(model._meta.get_field(name).verbose_name)) if model else name  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        return capfirst(name.replace("_", " "))
