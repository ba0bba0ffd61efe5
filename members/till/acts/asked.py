"""What every act of a till is given and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from members.ledger.models import Hold
from members.till.models import Checkout, CheckoutState
from members.till.refusals import InvalidState

# A till's clock that runs ahead is set right up to here, with a warning; beyond it is refused.
SKEW = timedelta(minutes=15)
OVERDRAWN, CLOCK_SKEW = "offline_overdraw", "clock_skew"


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation of a till, read and checked for form. ``is_late``: it is done now because it could not be before."""

    source: str
    till: str
    op_id: UUID
    content: Mapping[str, Any]
    body_hash: bytes
    received_at: datetime
    is_late: bool = False


@dataclass(slots=True)
class Done:
    """What an operation did: the basket it belongs to and the facts that its answer is made of."""

    checkout: Checkout | None = None
    purchase_id: int | None = None
    return_id: int | None = None
    hold: Hold | None = None
    flags: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def expect(row: Checkout, at: datetime, *states: CheckoutState) -> None:
    """Refuse a step that does not begin where the basket stands.

    :raises InvalidState: it stands elsewhere.
    """
    state = row.state(at)
    if state not in states:
        raise InvalidState(state=state)
