"""Nobody of the staff gives or takes points where they take part themselves."""

from loyalty.kernel import scope, secrecy
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from members.profiles import contact
from members.profiles.models import PersonalData


class OwnAccount(Refusal):
    """The member's e-mail is the one by which the user signs in."""

    code = "members.own_account"
    status = 403


def refuse_own(account_id: int) -> None:
    """Refuse to act for an account in which the user in scope takes part, known by the keyed hash of their e-mail.

    Machines and the platform act for everybody.

    :raises OwnAccount: one of the account's members has the user's e-mail.
    """
    actor = scope.actor()
    if actor.kind != "user" or actor.id is None:
        return
    email = User.objects.values_list("email", flat=True).filter(pk=actor.id).first()
    if not email:
        return
    index = secrecy.blind_index(contact.email_form(email), program_id=scope.program_id(), kind="email")
    own = PersonalData.objects.filter(email_index=index, member__accounts__account_id=account_id)
    if own.exists():
        raise OwnAccount()
