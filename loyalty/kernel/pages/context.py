"""What every page template knows."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from loyalty.kernel.models import User
from loyalty.kernel.pages import menu, program


def page(request: HttpRequest) -> dict[str, Any]:
    """The chosen program, the choices, and what the user may do."""
    user = getattr(request, "user", None)
    chosen = getattr(request, "program_id", None)
    if not isinstance(user, User) or chosen is None:
        return {"program": None, "programs": [], "may": frozenset()}
    model = apps.get_model("programs_setup", "Program")
    return {
        "program": SimpleLazyObject(lambda: model.objects.filter(pk=chosen).first()),
        "programs": SimpleLazyObject(lambda: program.open_to(user)),
        "program_field": program.FORM_FIELD,
        "may": menu.permissions(request),
    }
