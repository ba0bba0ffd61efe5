"""The parts of a member's page that say whether the caller was checked, and who looked at the member."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from loyalty.kernel.registries import Panel
from members.callers import queries
from members.profiles.models import Member

LOOKS_SHOWN = 6


def fill_caller(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """The check that holds, if there is one."""
    return {"check": queries.check_in_force(member.pk), "waiting": queries.code_waiting(member.pk)}


def fill_looks(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Who looked last, why, and what they were shown."""
    return {"looks": queries.looks_at(member, LOOKS_SHOWN), "present": queries.look_of(member.pk)}


PANELS = (
    Panel(page="member", position=5, template="callers/_caller.html", fill=fill_caller, permission="redemptions.make"),
    Panel(page="member", position=900, template="callers/_looks.html", fill=fill_looks, permission="members.view"),
)
