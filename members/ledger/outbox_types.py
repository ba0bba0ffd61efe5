"""What the ledger tells the world."""

from datetime import datetime

from loyalty.kernel import outbox
from members.ledger.models import Entry

POSTED = outbox.declare("points.posted")


def add_posted(entry: Entry, at: datetime) -> None:
    """Announce that an entry moved points."""
    outbox.add(POSTED, subject="entry", subject_id=entry.pk, at=at, account_id=entry.account_id)
