"""The part of a member's page that shows the vouchers they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from loyalty.kernel import clock
from loyalty.kernel.registries import Panel
from members.profiles.models import Member
from rewards.vouchers import queries
from rewards.vouchers.models import Voucher
from rewards.vouchers.worth import worth

LAST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """A voucher with what it is worth, and whether it can still be used."""

    voucher: Voucher
    worth: str
    is_usable: bool


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """The member's newest vouchers."""
    now = clock.now()
    return {
        "vouchers": [
            Shown(one, worth(one.template, one.program.currency), one.is_usable(now))
            for one in queries.vouchers_of(member.pk)[:LAST_SHOWN]
        ]
    }


PANEL = Panel(page="member", position=110, template="vouchers/_panel.html", fill=fill, permission="rewards.view")
