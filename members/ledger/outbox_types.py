"""What the ledger tells the world."""

from datetime import datetime

from loyalty.kernel import outbox
from members.ledger.models import Entry, Hold, HoldState

POSTED = outbox.declare("points.posted")
HELD = outbox.declare("points.held")
LET_GO = outbox.declare("points.let_go")


def add_posted(entry: Entry, at: datetime) -> None:
    """Announce that an entry moved points."""
    outbox.add(POSTED, subject="entry", subject_id=entry.pk, at=at, account_id=entry.account_id)


def add_hold(hold: Hold, at: datetime) -> None:
    """Announce that points were held, or let go."""
    is_open = hold.state == HoldState.OPEN
    outbox.add(HELD if is_open else LET_GO, subject="hold", subject_id=hold.pk, at=at, account_id=hold.account_id)
