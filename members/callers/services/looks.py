"""A member is closed until somebody says why they look; each opening and each reveal stays on record."""

from datetime import datetime, timedelta

from loyalty.kernel import audit, scope
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from loyalty.kernel.unit_of_work import unit_of_work
from members.callers import queries
from members.callers.models import Look, LookKind, LookReason
from members.profiles.models import Member
from programs.setup import terms
from programs.setup.models import Program


class NoteMissing(Refusal):
    """Another reason needs words."""

    code = "callers.note_missing"
    field = "note"


class TooManyLooks(Refusal):
    """One user has opened so many members within the hour that nobody serves them all."""

    code = "callers.too_many_looks"
    status = 429


class NotOpen(Refusal):
    """The member is closed to this user: a reason comes first."""

    code = "callers.not_open"
    status = 409


def open_member(member: Member, *, reason: str, note: str, at: datetime) -> Look:
    """Open a member's page to the user in scope for the program's ``look_minutes``; the reason is kept for good.

    :raises NoteMissing: ``other`` without words.
    :raises TooManyLooks: the user opened ``looks_per_hour`` members within the hour; those still open may be seen.
    """
    assert reason in LookReason.values, f"unknown reason {reason}"
    user_id = queries.user_id()
    assert user_id is not None, "only people look at members here"
    if reason == LookReason.OTHER and not note.strip():
        raise NoteMissing()
    with unit_of_work():
        # Forty tabs at once are counted one after the other.
        list(User.objects.select_for_update(no_key=True, of=("self",)).filter(pk=user_id))
        program = Program.objects.get()
        most = int(terms.nearest(terms.LOOKS_PER_HOUR, program))
        if queries.opened_within_hour(at) >= most:
            raise TooManyLooks(most=most)
        minutes = int(terms.nearest(terms.LOOK_MINUTES, program))
        look = Look.objects.create(
            member=member, user_id=user_id, kind=LookKind.PAGE, reason=reason, note=note.strip(), opened_at=at,
            ends_at=at + timedelta(minutes=minutes),
        )  # fmt: skip
        audit.record("member.opened", member, reason=said(look))
    return look


def show_contact(member: Member, *, at: datetime) -> Look:
    """Write down that the user in scope is shown the contact in clear, under the reason of the opening.

    :raises NotOpen: the member is closed to this user.
    """
    opened = queries.look_of(member.pk, at)
    if opened is None:
        raise NotOpen()
    with unit_of_work():
        look = Look.objects.create(
            member=member, user_id=scope.actor().id, kind=LookKind.CONTACT, reason=opened.reason, note=opened.note,
            opened_at=at, ends_at=at,
        )  # fmt: skip
        audit.record("member.contact_revealed", member, reason=said(look))
    return look


def said(look: Look) -> str:
    """The reason for the trail: the code, which every language has words for, and what was said."""
    return f"{look.reason}: {look.note}" if look.note else str(look.reason)
