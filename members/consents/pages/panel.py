"""The part of a member's page that shows what the member agreed to."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from loyalty.kernel.registries import Panel
from members.consents import queries
from members.profiles.models import Member, MemberStatus


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Every purpose with what holds; nothing can be changed of a member who was erased."""
    return {
        "standings": queries.standings(member.pk),
        "member": member,
        "is_open": member.status != MemberStatus.ERASED,
    }


PANEL = Panel(page="member", position=200, template="consents/_panel.html", fill=fill, permission="consents.view")
