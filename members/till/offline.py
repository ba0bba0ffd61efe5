"""What tills without a line may take on notes of the balance: each receipt by itself, and all of a day together."""

from datetime import datetime, timedelta

from django.db.models import Sum

from loyalty.kernel import money
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.intake import PaidPoints, PurchaseInput
from members.profiles.models import Member
from members.till import tokens
from members.till.acts.asked import SKEW
from members.till.models import OfflineUse
from members.till.refusals import OfflinePointsRefused
from programs.setup import terms
from programs.setup.models import Program


def take(given: PurchaseInput, paid: PaidPoints, token: str) -> None:
    """Count points of a receipt against the note that came with it, before the receipt is recorded; once per receipt.

    All that tills without a line took of the member since the note was made is within what the note says, and all of the
    day before the receipt within the program's limit of money. Receipts of one member take turns.

    :raises OfflinePointsRefused: no good note, or the sum goes beyond it or beyond the limit.
    """
    program = Program.objects.get()
    most = int(terms.nearest(terms.TILL_OFFLINE_LIMIT, program))
    refusal = OfflinePointsRefused(limit=money.to_text(most, program.exponent))
    note = tokens.read(token)
    if note is None or note.program_id != program.pk or note.point_type != paid.type_code:
        raise refusal
    if not timedelta(0) <= given.at - note.at + SKEW <= tokens.GOOD_FOR + SKEW:
        raise refusal
    with unit_of_work():
        member = Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=given.member_id)
        if note.member != str(member.public_id):
            raise refusal
        if OfflineUse.objects.filter(source=given.source, receipt=given.external_id).exists():
            return
        since_note, _value = _taken(member.pk, note.at - SKEW)
        _units, of_day = _taken(member.pk, given.at - tokens.GOOD_FOR)
        if since_note + paid.units > note.units or of_day + paid.value > most:
            raise refusal
        OfflineUse.objects.create(
            member=member, source=given.source, receipt=given.external_id, units=paid.units, value=paid.value,
            used_at=given.at,
        )  # fmt: skip


def forget(given: PurchaseInput) -> None:
    """A receipt was refused after its points were counted: they were not taken."""
    with unit_of_work():
        OfflineUse.objects.filter(source=given.source, receipt=given.external_id).delete()


def _taken(member_id: int, since: datetime) -> tuple[int, int]:
    """Smallest units and money that tills without a line took of a member since an instant."""
    rows = OfflineUse.objects.filter(member_id=member_id, used_at__gt=since)
    sums = rows.aggregate(units=Sum("units", default=0), value=Sum("value", default=0))
    return int(sums["units"]), int(sums["value"])
