"""Members in and out of segments by hand: one by one, or from a list of member numbers and cards."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel import audit
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.profiles import contact
from members.profiles.models import Identifier, IdentifierState, Member, MemberStatus
from members.segments.models import MembershipCause, Segment
from members.segments.operations import membership
from members.segments.services.writing import NotByHand

MOST_LISTED = 100_000
MOST_NAMED = 10
_BETWEEN = re.compile(r"[\s,;]+")


class UnknownMembers(Refusal):
    """Numbers belong to nobody here, or their cards are blocked; nobody was put in or taken out."""

    code = "segments.unknown_members"
    field = "numbers"


@dataclass(frozen=True, slots=True)
class Moved:
    """How many members were put in and taken out; ``present`` were in before."""

    added: int = 0
    removed: int = 0
    present: int = 0


def add_members(*, code: str, member_ids: Sequence[int], now: datetime) -> Moved:
    """Put members into a segment by hand; who is in already stays.

    :raises NotFound: no such segment in use, or a member is not of this program.
    :raises NotByHand: the segment has a condition.
    """
    wanted = set(member_ids)
    with unit_of_work():
        segment = _by_hand(code)
        if Member.objects.filter(pk__any=wanted).exclude(status=MemberStatus.ERASED).count() != len(wanted):
            raise NotFound()
        return _move(segment, add=wanted, remove=(), now=now, cause=MembershipCause.HAND)


def remove_members(*, code: str, member_ids: Sequence[int], now: datetime) -> Moved:
    """Take members out of a segment by hand.

    :raises NotFound: no such segment in use.
    :raises NotByHand: the segment has a condition.
    """
    with unit_of_work():
        return _move(_by_hand(code), add=(), remove=member_ids, now=now, cause=MembershipCause.HAND)


def add_listed(*, code: str, numbers: str, now: datetime) -> Moved:
    """Put in the members that a text names by member number or card, separated by spaces, commas or lines: all or none.

    :raises Malformed: there is no number, or more than a hundred thousand.
    :raises UnknownMembers: some belong to nobody here.
    :raises NotFound: no such segment in use.
    :raises NotByHand: the segment has a condition.
    """
    listed = [one for one in _BETWEEN.split(numbers) if one]
    if not 0 < len(listed) <= MOST_LISTED:
        raise Malformed(errors=[("numbers", "too_many" if listed else "required")])
    return change_listed(code=code, add=listed, remove=(), now=now)


def change_listed(*, code: str, add: Sequence[str], remove: Sequence[str], now: datetime) -> Moved:
    """Put in and take out the members with these numbers or cards: all that are named, or none.

    :raises UnknownMembers: some belong to nobody here.
    :raises NotFound: no such segment in use.
    :raises NotByHand: the segment has a condition.
    """
    with unit_of_work():
        segment = _by_hand(code)
        found = _members_of([*add, *remove])
        unknown = [one for one in dict.fromkeys([*add, *remove]) if one not in found]
        if unknown:
            raise UnknownMembers(numbers=", ".join(unknown[:MOST_NAMED]), count=len(unknown))
        return _move(
            segment, add={found[one] for one in add}, remove=[found[one] for one in remove], now=now,
            cause=MembershipCause.LIST,
        )  # fmt: skip


def _move(segment: Segment, *, add: Iterable[int], remove: Iterable[int], now: datetime, cause: str) -> Moved:
    wanted = set(add)
    added = membership.add(segment.pk, wanted, at=now, cause=cause)
    removed = membership.remove(segment.pk, remove, at=now)
    membership.count(segment, now)
    if added:
        audit.record("segment.members_added", segment, changes={"members": (0, len(added))})
    if removed:
        audit.record("segment.members_removed", segment, changes={"members": (len(removed), 0)})
    return Moved(len(added), len(removed), len(wanted) - len(added))


def _by_hand(code: str) -> Segment:
    segment = membership.lock_segment(code)
    if segment is None:
        raise NotFound()
    if segment.is_dynamic:
        raise NotByHand(code=code)
    return segment


def _members_of(listed: Sequence[str]) -> dict[str, int]:
    """The members by what was written: a member number, else a card."""
    living = Member.objects.exclude(status=MemberStatus.ERASED)
    found: dict[str, int] = {}
    by_number = dict(living.filter(number__any=[one.upper() for one in listed]).values_list("number", "pk"))
    cards = {one: contact.card_form(one) for one in listed if one.upper() not in by_number}
    rows = Identifier.objects.filter(value__any=list(cards.values()), state=IdentifierState.ACTIVE)
    by_card = dict(rows.exclude(member__status=MemberStatus.ERASED).values_list("value", "member_id"))
    for one in listed:
        member = by_number.get(one.upper()) or by_card.get(cards.get(one, ""))
        if member is not None:
            found[one] = member
    return found
