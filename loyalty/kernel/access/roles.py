"""What each ready role may do, per program. Refused until given.

A role is an object permission on the Program (django-guardian): ``act_as_<role>``. The matrix turns roles into the
permissions that pages and services ask for.
"""

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Model
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm, remove_perm

from loyalty.kernel.access import rights
from loyalty.kernel.access.ready import KEY_ROLES, MEMBER, OPERATOR, PARTNER_ROLES, ROLES
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User

__all__ = [
    "KEY_ROLES",
    "MEMBER",
    "OPERATOR",
    "PARTNER_ROLES",
    "ROLES",
    "PermissionRefused",
    "grant_portal",
    "grant_role",
    "held_by",
    "keep_for_request",
    "partners_of",
    "permissions_of",
    "programs_of",
    "revoke_role",
    "roles_of",
]

KEPT = "_grants_of_request"


class PermissionRefused(Refusal):
    """The role does not allow it."""

    code = "permission_refused"
    status = 403


def _object_permissions(user: User, app_label: str, model: str) -> list[tuple[int, str]]:
    kept: dict[str, list[tuple[int, str]]] | None = getattr(user, KEPT, None)
    if kept is not None and model in kept:
        return kept[model]
    rows = UserObjectPermission.objects.filter(
        user=user, content_type__app_label=app_label, content_type__model=model
    ).values_list("object_pk", "permission__codename")
    found = [(int(object_pk), codename) for object_pk, codename in rows]
    if kept is not None:
        kept[model] = found
    return found


def keep_for_request(user: User) -> None:
    """Read the grants of a request's user once, however often the request asks for them."""
    setattr(user, KEPT, {})


def programs_of(user: User) -> list[int]:
    """The programs that a staff user may enter; the operator enters all that run."""
    rows = _object_permissions(user, "programs_setup", "program")
    return sorted({program for program, codename in rows if codename.startswith("act_as_")})


def partners_of(user: User) -> dict[int, frozenset[str]]:
    """The partners whose portal a partner user may open, with what may be done there."""
    found: dict[int, frozenset[str]] = {}
    for partner, codename in _object_permissions(user, "partners_registry", "partner"):
        found[partner] = found.get(partner, frozenset()) | PARTNER_ROLES.get(codename, frozenset())
    return found


def held_by(user: User) -> set[tuple[int, str]]:
    """Every role of a staff user with its program; one query."""
    rows = _object_permissions(user, "programs_setup", "program")
    return {(program, name.removeprefix("act_as_")) for program, name in rows if name.removeprefix("act_as_") in ROLES}


def roles_of(user: User, program_id: int) -> list[str]:
    """The roles of a staff user in one program."""
    rows = _object_permissions(user, "programs_setup", "program")
    return sorted(name.removeprefix("act_as_") for program, name in rows if program == program_id and name[7:] in ROLES)


def permissions_of(user: User, program_id: int | None) -> frozenset[str]:
    """Everything that a staff user may do in a program. The operator's right to run the platform excludes all roles."""
    if not user.is_active or not user.is_staff:
        return frozenset()
    if user.is_operator:
        return OPERATOR
    held = roles_of(user, program_id) if program_id is not None else []
    allowed = rights.in_force(program_id, held).values() if program_id is not None and held else ()
    return frozenset().union(*allowed)


def grant_role(user: User, role: str, program_id: int) -> None:
    """Let a staff user work in a role in one program."""
    assert role in ROLES, f"unknown role {role}"
    program = apps.get_model("programs_setup", "Program").objects.get(pk=program_id)
    assign_perm(f"act_as_{role}", user, program)


def revoke_role(user: User, role: str, program_id: int) -> None:
    """Take a role back."""
    program = apps.get_model("programs_setup", "Program").objects.get(pk=program_id)
    remove_perm(f"act_as_{role}", user, program)


def grant_portal(user: User, partner: Model, permission: str) -> None:
    """Open a partner's portal to a partner user; ``permission`` is ``administer_portal`` or ``view_portal``."""
    assert permission in PARTNER_ROLES, f"unknown portal role {permission}"
    assert Permission.objects.filter(codename=permission).exists(), "migrations have not run"
    assign_perm(permission, user, partner)
