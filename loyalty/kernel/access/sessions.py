"""Sessions of people: how long they last, what they have proved, where else somebody is signed in."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash, user_logged_in
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from loyalty.kernel import clock, telemetry
from loyalty.kernel.access import factors
from loyalty.kernel.models import SignIn, User

STARTED, SEEN, PROVED, FACTOR = "signed_in_at", "seen_at", "proved_at", "second_factor"
SEEN_EVERY = timedelta(minutes=2)
PROVED_FOR = timedelta(minutes=10)
"""How long the last password opens dangerous pages; what is then sent from them may take as long again."""


@receiver(user_logged_in, dispatch_uid="loyalty.sessions")
def start(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    """Note where a session began. Whatever door it came by, it has not passed the second factor yet."""
    if request.session.session_key is None:
        request.session.save()
    now = clock.now()
    for name in (STARTED, SEEN, PROVED):
        request.session[name] = now.isoformat()
    request.session.pop(FACTOR, None)
    _note(request, user, now)


def pass_factor(request: HttpRequest, user: User) -> None:
    """The session has shown the user's second factor, the one that is in force now."""
    assert user.second_factor_at is not None, "the user has no second factor"
    request.session[FACTOR] = user.second_factor_at.isoformat()


def is_open(request: HttpRequest, user: User) -> bool:
    """Whether a session may act for its user: not too old, not idle for too long, past the second factor there is."""
    if user.second_factor_at and request.session.get(FACTOR) != user.second_factor_at.isoformat():
        return False
    now = clock.now()
    started, seen = _instant(request, STARTED), _instant(request, SEEN)
    if started is None or seen is None:
        return False
    is_old = now - started > timedelta(hours=settings.SESSION_HOURS)
    return not is_old and now - seen <= timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def touch(request: HttpRequest, user: User) -> None:
    """Note that the session is in use, every few minutes."""
    now, seen = clock.now(), _instant(request, SEEN)
    if seen is None or now - seen > SEEN_EVERY:
        request.session[SEEN] = now.isoformat()
        _note(request, user, now)


def prove(request: HttpRequest) -> None:
    """The user has just shown again who they are; the session goes on under a new name."""
    before = request.session.session_key
    request.session.cycle_key()
    request.session[PROVED] = clock.now().isoformat()
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)


def keep_after_password(request: HttpRequest, user: User) -> None:
    """A new password of one's own ends all sessions but this one."""
    before = request.session.session_key
    update_session_auth_hash(request, user)
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)


def is_proved(request: HttpRequest) -> bool:
    """Whether the user showed lately who they are, so that a dangerous page opens."""
    proved = _instant(request, PROVED)
    lately = PROVED_FOR if request.method in {"GET", "HEAD"} else PROVED_FOR * 2
    return proved is not None and clock.now() - proved <= lately


def of(user: User) -> list[SignIn]:
    """Where a user is signed in, the latest first."""
    live = Session.objects.filter(expire_date__gt=clock.now()).values("session_key")
    return list(SignIn.objects.filter(user=user, session_key__in=live).order_by("-seen_at"))


def end(user: User, *, but: str | None = None) -> int:
    """End a user's sessions, all ``but`` one; how many."""
    with transaction.atomic():
        ending = SignIn.objects.filter(user=user)
        if but is not None:
            ending = ending.exclude(session_key=but)
        keys = list(ending.values_list("session_key", flat=True))
        ended, _by_model = Session.objects.filter(session_key__in=keys).delete()
        SignIn.objects.filter(session_key__in=keys).delete()
        if but is not None:
            factors.record(user, "signed_out_elsewhere")
    return ended


def forget_old() -> int:
    """Delete sessions that are over; how many."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()
    deleted, _by_model = SignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return deleted


def _note(request: HttpRequest, user: User, now: datetime) -> None:
    seen = {
        "user": user, "seen_at": now, "address": telemetry.address(), "agent": request.META.get("HTTP_USER_AGENT", "")[:200]
    }  # fmt: skip
    SignIn.objects.update_or_create(
        session_key=request.session.session_key,
        defaults=seen,
        create_defaults={**seen, "started_at": _instant(request, STARTED) or now},
    )


def _instant(request: HttpRequest, name: str) -> datetime | None:
    text = request.session.get(name)
    return datetime.fromisoformat(text) if isinstance(text, str) else None
