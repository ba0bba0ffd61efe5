"""What the desk does by itself: it writes down who read what."""

from loyalty.kernel import audit, clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import Purchase
from members.callers import services as callers
from members.desk.queries import overview
from members.desk.queries.overview import Contact
from members.profiles.models import Member


def record_view(member: Member) -> None:
    """Write down that the actor opened a member's page."""
    with unit_of_work():
        audit.record("member.viewed", member)


def record_receipt_view(purchase: Purchase) -> None:
    """Write down that the actor read a receipt."""
    with unit_of_work():
        audit.record("purchase.viewed", purchase)


def reveal_contact(member: Member) -> Contact:
    """E-mail, phone and birthday in clear; who asked is written down first, under the reason of the opening.

    :raises callers.NotOpen: the member is closed to the user in scope.
    """
    callers.show_contact(member, at=clock.now())
    return overview.contact_of(member, is_masked=False)
