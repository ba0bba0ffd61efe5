"""What each ready role may do, per program. Refused until given.

A role is an object permission on the Program (django-guardian): ``act_as_<role>``. The matrix turns roles into the
permissions that pages and services ask for.
"""

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Model
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm, remove_perm

from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User

ROLES: dict[str, frozenset[str]] = {
    "marketer": frozenset(
        {
            "dashboard.view", "promotions.view", "promotions.edit", "promotions.publish", "tiers.view", "tiers.edit",
            "catalog.view", "catalog.edit", "rewards.view", "rewards.edit", "reports.view", "reports.run", "audit.view",
        }
    ),
    "analyst": frozenset(
        {"dashboard.view", "promotions.view", "tiers.view", "catalog.view", "rewards.view", "partners.view",
         "reports.view", "reports.run", "reports.schedule"}
    ),
    "agent": frozenset(
        {"members.find", "members.view", "members.adjust", "members.enroll", "rewards.view", "redemptions.make",
         "redemptions.cancel", "consents.view", "consents.change"}
    ),
    "supervisor": frozenset(
        {"members.find", "members.view", "members.adjust", "members.adjust_unlimited", "members.enroll", "members.block",
         "tiers.grant",
         "rewards.view", "redemptions.make", "redemptions.cancel", "consents.view", "consents.change",
         "adjustments.decide", "ledger.prove", "files.view", "files.take", "ledger.view", "audit.view", "reports.view",
         "reports.run", "dashboard.view"}
    ),
}  # fmt: skip

# The operator runs the platform and grants no points.
OPERATOR: frozenset[str] = frozenset(
    {"dashboard.view", "programs.edit", "users.edit", "keys.edit", "partners.view", "partners.edit", "jobs.view", "files.view",
     "ledger.view", "ledger.prove", "audit.view", "catalog.view", "catalog.edit", "rewards.view", "promotions.view", "tiers.view",
     "reports.view", "reports.run", "reports.schedule"}
)  # fmt: skip

PARTNER_ROLES: dict[str, frozenset[str]] = {
    "administer_portal": frozenset({"portal.view", "portal.download", "portal.administer"}),
    "view_portal": frozenset({"portal.view", "portal.download"}),
}


class PermissionRefused(Refusal):
    """The role does not allow it."""

    code = "permission_refused"
    status = 403


def _object_permissions(user: User, app_label: str, model: str) -> list[tuple[int, str]]:
    rows = UserObjectPermission.objects.filter(
        user=user, content_type__app_label=app_label, content_type__model=model
    ).values_list("object_pk", "permission__codename")
    return [(int(object_pk), codename) for object_pk, codename in rows]


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


def roles_of(user: User, program_id: int) -> list[str]:
    """The roles of a staff user in one program."""
    rows = _object_permissions(user, "programs_setup", "program")
    return sorted(name.removeprefix("act_as_") for program, name in rows if program == program_id and name[7:] in ROLES)


def permissions_of(user: User, program_id: int | None) -> frozenset[str]:
    """Everything that a staff user may do in a program."""
    if not user.is_active or not user.is_staff:
        return frozenset()
    allowed: Iterable[frozenset[str]] = (
        [ROLES[role] for role in roles_of(user, program_id)] if program_id is not None else []
    )
    return frozenset().union(*allowed, OPERATOR if user.is_operator else frozenset())


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
