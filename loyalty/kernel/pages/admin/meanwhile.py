"""Two people with the same form: whoever saves later is told what the other one changed meanwhile."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from loyalty.kernel.models import AuditRecord
from loyalty.kernel.pages import changes

FIELD = "_opened"
"""The hidden field that carries what the form showed when it was opened."""
_SALT = "loyalty.form"
NOTHING = "–"


def shown(model_admin: Any, obj: Any) -> dict[str, str]:
    """What a form shows of a stored row and of the rows edited with it: stored values as text, by place.

    A place is ``<key of an inline's row, or nothing>.<field>``, with ``.<part>`` where the field holds several.
    """
    values = dict(_of_row("", obj))
    for inline in model_admin.inlines:
        key = next(field.name for field in inline.model._meta.fields if _leads_to(field, model_admin.model))
        for row in inline.model._default_manager.filter(**{key: obj}).order_by("pk"):
            values |= _of_row(str(row.pk), row)
    return values


def _of_row(key: str, row: Any) -> Iterator[tuple[str, str]]:
    for field in row._meta.concrete_fields:
        if not field.editable or field.name in changes.UNTOLD:
            continue
        value = getattr(row, field.attname)
        if isinstance(value, Mapping):
            yield from ((f"{key}.{field.name}.{part}", str(text)) for part, text in sorted(value.items()))
        else:
            yield f"{key}.{field.name}", "" if value is None else str(value)


def _leads_to(field: Any, model: Any) -> bool:
    return bool(field.is_relation) and field.remote_field.model is model


def token(model_admin: Any, obj: Any) -> str:
    """What a form shows now, signed, for its hidden field."""
    return signing.dumps(shown(model_admin, obj), salt=_SALT, compress=True)


def objection(model_admin: Any, request: HttpRequest, obj: Any) -> SafeString | None:
    """What to tell whoever saves a form that shows what is no longer so; nothing when all is as it was opened.

    A form without its token is refused likewise: nobody can tell what its author saw.
    """
    try:
        opened = signing.loads(request.POST.get(FIELD, ""), salt=_SALT)
    except signing.BadSignature:
        return format_html("{}", _("This form is incomplete. Open the page again and repeat your changes."))
    now = shown(model_admin, obj)
    if opened == now:
        return None
    differing = sorted(place for place in {*opened, *now} if opened.get(place) != now.get(place))
    lines = (_explained(model_admin, place, opened.get(place), now.get(place)) for place in differing)
    return format_html(
        "<p>{}</p><ul>{}</ul><p>{}</p>",
        _by_whom(model_admin, obj),
        format_html_join("", "<li>{}: {} → {}</li>", lines),
        _("Your own values still stand below. Save again to put them in place of these, or open the page anew."),
    )


def _by_whom(model_admin: Any, obj: Any) -> str:
    records = AuditRecord.objects.filter(object_kind=model_admin.opts.label_lower, object_id=str(obj.pk))
    last = records.order_by("-id").first()
    if last is None or last.actor_kind == "system":
        return _("This was changed while you had it open. Nothing of yours is saved yet.")
    return _("%(name)s changed this while you had it open. Nothing of yours is saved yet.") % {"name": last.actor_label}


def _explained(model_admin: Any, place: str, before: str | None, after: str | None) -> tuple[str, str, str]:
    """The label of a place, what it held, what it holds."""
    key, name, *part = place.split(".")
    models = [inline.model for inline in model_admin.inlines] if key else [model_admin.model]
    model = next(model for model in models if name in {field.name for field in model._meta.concrete_fields})
    field, label = model._meta.get_field(name), changes.label(model, name)
    if part:
        label = f"{label} ({dict(settings.LANGUAGES).get(part[0], part[0])})"
    return label, _words(field, before), _words(field, after)


def _words(field: Any, text: str | None) -> str:
    if not text:
        return NOTHING
    if field.is_relation:
        row = field.remote_field.model._default_manager.filter(pk=text).first()
        return str(row) if row else NOTHING
    if field.get_internal_type() == "BooleanField":
        return _("yes") if text == "True" else _("no")
    return str(dict(field.flatchoices).get(text, text))
