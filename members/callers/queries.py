"""Whom a user has open, who was checked, and what was shown to whom. Always within the program in scope."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from loyalty.kernel import clock, scope
from members.callers.models import CallerCheck, CheckState, CheckWay, Look, LookKind
from members.profiles import contact
from members.profiles.models import ContactChange, Member

HOUR = timedelta(hours=1)
# What a user was shown in clear is no fact for a check by the same user until so long after.
SHOWN_FOR = timedelta(days=1)
ATTEMPTS_WITHIN = timedelta(days=1)


def look_of(member_id: int, at: datetime | None = None) -> Look | None:
    """The look by which the user in scope has the member's page open; none when it is closed."""
    now = at or clock.now()
    rows = Look.objects.filter(member_id=member_id, kind=LookKind.PAGE, ends_at__gt=now)
    return rows.filter(user_id=user_id()).order_by("-pk").first()


def open_among(member_ids: Iterable[int]) -> set[int]:
    """Those of the members that the user in scope has open; one query."""
    now = clock.now()
    rows = Look.objects.filter(user_id=user_id(), kind=LookKind.PAGE, ends_at__gt=now)
    return set(rows.filter(member_id__in=list(member_ids)).values_list("member_id", flat=True))


def user_id() -> int | None:
    """The user who acts; nobody where a machine or the platform itself does."""
    actor = scope.actor()
    return actor.id if actor.kind == "user" else None


def opened_within_hour(at: datetime) -> int:
    """How many members the user in scope opened in the hour before ``at``."""
    rows = Look.objects.filter(user_id=user_id(), kind=LookKind.PAGE, opened_at__gt=at - HOUR)
    return rows.values("member_id").distinct().count()


def looks_at(member: Member, most: int) -> list[Look]:
    """Who looked at a member, the newest first."""
    rows = Look.objects.filter(member=member).select_related("user").order_by("-pk")
    return list(rows[:most])


def was_shown(member_id: int, at: datetime) -> bool:
    """Whether the user in scope was shown the member's contact in clear within the last day."""
    rows = Look.objects.filter(member_id=member_id, kind=LookKind.CONTACT, opened_at__gt=at - SHOWN_FOR)
    return rows.filter(user_id=user_id()).exists()


def code_in_force(member_id: int, at: datetime) -> CallerCheck | None:
    """The code that the member told the user in scope and that still holds."""
    rows = CallerCheck.objects.filter(member_id=member_id, user_id=user_id(), state=CheckState.PASSED)
    return rows.filter(way=CheckWay.CODE, ends_at__gt=at).order_by("-pk").first()


def contact_changed_since(member_id: int, at: datetime) -> bool:
    """Whether e-mail or phone of a member changed at ``at`` or later."""
    return ContactChange.objects.filter(member_id=member_id, changed_at__gte=at).exists()


def check_in_force(member_id: int, at: datetime | None = None) -> CallerCheck | None:
    """The check that the caller of the user in scope has passed and that still holds."""
    now = at or clock.now()
    rows = CallerCheck.objects.filter(member_id=member_id, user_id=user_id(), state=CheckState.PASSED)
    return rows.filter(ends_at__gt=now).order_by("-pk").first()


def code_waiting(member_id: int, at: datetime | None = None) -> CallerCheck | None:
    """The code that the user in scope has had sent and that can still be typed."""
    now = at or clock.now()
    rows = CallerCheck.objects.filter(
        member_id=member_id, user_id=user_id(), way=CheckWay.CODE, state=CheckState.WAITING, expires_at__gt=now
    )
    return rows.order_by("-pk").first()


def codes_within_hour(member_id: int, at: datetime) -> int:
    """How many codes a member was sent in the hour before ``at``, whoever asked for them."""
    return CallerCheck.objects.filter(member_id=member_id, way=CheckWay.CODE, made_at__gt=at - HOUR).count()


def wrong_answers(member_id: int, at: datetime) -> int:
    """How often facts about a member were answered wrong within the last day, whoever asked."""
    rows = CallerCheck.objects.filter(member_id=member_id, way=CheckWay.FACTS, state=CheckState.FAILED)
    return rows.filter(made_at__gt=at - ATTEMPTS_WITHIN).count()


def masked_name(member: Member) -> str:
    """The first letters of the member's name; the number where nothing personal is kept."""
    return contact.masked_name(_full_name(member)) or member.number


def shown_name(member: Member) -> str:
    """The member's name while they are open to the user in scope, masked otherwise."""
    if look_of(member.pk) is None:
        return masked_name(member)
    return _full_name(member) or member.number


def _full_name(member: Member) -> str:
    personal = getattr(member, "personal", None)
    return personal.full_name if personal else ""
