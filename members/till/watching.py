"""One card that earns again and again at one till: most often the card of whoever stands at it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import MemberFlag, Purchase
from programs.setup import terms
from programs.setup.models import Program

FLAG = "BUSY_CARD"
WINDOW = timedelta(hours=1)


def flag_busy_cards(*, at: datetime) -> int:
    """Flag members who earned at one till more often in the hour before ``at`` than the program expects; how many are new.

    A flag that stands, stands on; one that was cleared is not raised again for the same hour.
    """
    program = Program.objects.get()
    most = int(terms.nearest(terms.CARD_EARNS_PER_HOUR, program))
    if not most:
        return 0
    since = at - WINDOW
    # The day is what the index knows; a day before, because each location has a zone of its own.
    rows = Purchase.objects.filter(occurred_date__gte=since.date() - timedelta(days=1), occurred_at__gt=since)
    busy = rows.filter(occurred_at__lte=at).exclude(till="").values("member_id", "location_id", "till")
    found = set(busy.annotate(times=Count("pk")).filter(times__gt=most).values_list("member_id", flat=True))
    with unit_of_work():
        stands_or_is_seen = Q(cleared_at__isnull=True) | Q(since_at__gt=since)
        known = MemberFlag.objects.filter(stands_or_is_seen, member_id__in=found, code=FLAG)
        new = sorted(found - set(known.values_list("member_id", flat=True)))
        note = _words(most)
        made = [MemberFlag(program_id=program.pk, member_id=key, code=FLAG, note=note, since_at=at) for key in new]
        MemberFlag.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _words(most: int) -> dict[str, str]:
    """Why, in each language: who reads it later may speak another."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = _("Earned at one till more than %(most)s times in an hour.") % {"most": most}
    return said
