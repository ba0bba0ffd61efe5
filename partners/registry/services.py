"""Who of a partner opens its portal: let in, given another role, shut out."""

from dataclasses import dataclass

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from guardian.models import UserObjectPermission
from guardian.shortcuts import remove_perm

from loyalty.kernel import audit, scope
from loyalty.kernel.access import roles, sessions
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from loyalty.kernel.unit_of_work import unit_of_work
from partners.registry.models import Partner

ADMINISTERS, READS = "administer_portal", "view_portal"


class EmailTaken(Refusal):
    """Somebody signs in with this e-mail already."""

    code = "partners.email_taken"
    status = 409
    field = "email"


class PasswordWeak(Refusal):
    """The password is too easy to guess."""

    code = "partners.password_weak"
    field = "password"


class OwnRights(Refusal):
    """Nobody changes the own rights."""

    code = "partners.own_rights"
    status = 409


class LastAdministrator(Refusal):
    """Without an administrator nobody at the partner could let anybody in."""

    code = "partners.last_administrator"
    status = 409


@dataclass(frozen=True, slots=True)
class PartnerUser:
    """A user of a partner's portal with the role there."""

    user: User
    role: str

    @property
    def administers(self) -> bool:
        return self.role == ADMINISTERS


def _grants(partner: Partner) -> QuerySet[UserObjectPermission]:
    return UserObjectPermission.objects.filter(
        content_type__app_label="partners_registry", content_type__model="partner", object_pk=str(partner.pk),
        permission__codename__in=list(roles.PARTNER_ROLES), user__realm=Realm.PARTNER,
    )  # fmt: skip


def users_of(partner: Partner) -> list[PartnerUser]:
    """Who opens the partner's portal, by name; who holds both roles administers."""
    found: dict[User, str] = {}
    for row in _grants(partner).select_related("user", "permission"):
        if found.get(row.user) != ADMINISTERS:
            found[row.user] = row.permission.codename
    return [PartnerUser(user, found[user]) for user in sorted(found, key=str)]


def let_in(partner: Partner, *, email: str, name: str, password: str, role: str) -> User:
    """Make a user of the partner's portal.

    :raises EmailTaken: the e-mail signs somebody in already.
    :raises PasswordWeak: by the rules of the platform.
    """
    assert role in roles.PARTNER_ROLES, f"unknown role {role}"
    try:
        password_validation.validate_password(password, User(email=email, name=name))
    except ValidationError as problem:
        raise PasswordWeak(why=" ".join(problem.messages)) from problem
    with unit_of_work():
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, password, name=name, realm=Realm.PARTNER)
        except IntegrityError as problem:
            raise EmailTaken() from problem
        roles.grant_portal(user, partner, role)
        audit.record("partner_user.let_in", partner, changes={"role": (None, role), "user": (None, user.pk)})
    return user


def change_role(partner: Partner, user_id: int, role: str) -> None:
    """Give a user of the partner another role there; it holds from the next page on.

    :raises NotFound: no such user of this partner.
    :raises OwnRights: the user in scope asks for themselves.
    :raises LastAdministrator: the partner would be left without one.
    """
    assert role in roles.PARTNER_ROLES, f"unknown role {role}"
    with unit_of_work():
        found = _of(partner, user_id)
        if role != ADMINISTERS:
            _keep_one(partner, found)
        if role != found.role:
            roles.grant_portal(found.user, partner, role)
            remove_perm(found.role, found.user, partner)
            changes = {"role": (found.role, role), "user": (user_id, user_id)}
            audit.record("partner_user.role_changed", partner, changes=changes)


def shut_out(partner: Partner, user_id: int) -> None:
    """Take the partner's portal from a user and end their sessions; what they did stays on record.

    :raises NotFound: no such user of this partner.
    :raises OwnRights: the user in scope asks for themselves.
    :raises LastAdministrator: the partner would be left without one.
    """
    with unit_of_work():
        found = _of(partner, user_id)
        _keep_one(partner, found)
        for role in roles.PARTNER_ROLES:
            remove_perm(role, found.user, partner)
        sessions.end(found.user)
        audit.record("partner_user.shut_out", partner, changes={"role": (found.role, None), "user": (user_id, None)})


def _of(partner: Partner, user_id: int) -> PartnerUser:
    # Two who leave at once wait for each other: the last administrator is the last.
    list(_grants(partner).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    found = next((one for one in users_of(partner) if one.user.pk == user_id), None)
    if found is None:
        raise NotFound()
    if (scope.actor().kind, scope.actor().id) == ("user", user_id):
        raise OwnRights()
    return found


def _keep_one(partner: Partner, leaving: PartnerUser) -> None:
    others = [one for one in users_of(partner) if one.administers and one.user.is_active and one.user != leaving.user]
    if leaving.administers and not others:
        raise LastAdministrator()
