"""Another e-mail or phone of a member, by somebody of the staff: only after a code to the address known so far."""

from datetime import datetime

from loyalty.kernel import scope
from loyalty.kernel.errors import Refusal
from members.callers import queries
from members.profiles import own
from members.profiles import queries as profiles
from members.profiles import services as members
from members.profiles.models import Member
from members.profiles.services import PersonChanges


class CodeNeeded(Refusal):
    """A contact is changed after the member told a code that was sent to the known address. Facts do not do."""

    code = "callers.code_needed"
    status = 409


class NothingNew(Refusal):
    """Neither another e-mail nor another phone was given."""

    code = "callers.nothing_new"
    status = 422


def change_contact(
    member: Member, *, email: str, phone: str, at: datetime, is_approved: bool = False, preview: bool = False
) -> None:
    """Change the e-mail, the phone or both of a member; an empty one stays. Spending is held, the old address told.

    :param is_approved: a second person has said yes; otherwise the user in scope needs the code.
    :param preview: judge it only; nothing is changed, and no code is asked for.
    :raises NothingNew: both are empty.
    :raises CodeNeeded: the user in scope holds no code to the address known now.
    :raises own.OwnAccount: the user in scope takes part in the account.
    :raises members.IdentifierTaken: another member has it.
    """
    if not email and not phone:
        raise NothingNew()
    own.refuse_own(profiles.primary_account(member.pk))
    if not (is_approved or preview) and not has_code(member.pk, at):
        raise CodeNeeded()
    members.change_member(member.pk, PersonChanges(email=email or None, phone=phone or None), preview=preview)


def has_code(member_id: int, at: datetime) -> bool:
    """Whether the user in scope holds a code to the address known now: one to an address before it is worth nothing."""
    if scope.actor().kind != "user":
        return False
    check = queries.code_in_force(member_id, at)
    return check is not None and not queries.contact_changed_since(member_id, check.made_at)
