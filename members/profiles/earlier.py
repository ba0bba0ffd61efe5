"""Who a card named at an instant of the past, for a till that had no line then."""

from datetime import datetime

from members.profiles import contact, queries
from members.profiles.models import Identifier, IdentifierState, Member


def identify_at(kind: str, value: str, at: datetime) -> Member:
    """The member that an identifier named at ``at``: a card that was blocked after it still did.

    :raises queries.UnknownMember: it named nobody.
    """
    try:
        return queries.identify(kind, value)
    except queries.UnknownMember:
        rows = Identifier.objects.filter(
            kind=kind, value=contact.card_form(value), state=IdentifierState.BLOCKED, blocked_at__gt=at
        )
        found = rows.select_related("member").first()
        if found is None:
            raise
        member: Member = found.member
        return member
