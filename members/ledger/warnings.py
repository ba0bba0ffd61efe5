"""Telling members that points end soon."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils import formats, translation

from loyalty.kernel import bulk, scope
from loyalty.kernel.pages import figures
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger.models import EndWarned, EndWarning, Lot
from members.messaging import operations as messaging
from members.messaging import queries as readers
from members.profiles.models import AccountMember
from programs.rules.dates import start_of
from programs.setup.models import Program

CHUNK = 500
CAUSE = "ending"

Due = tuple[int, date, int]


def warn_due(*, at: datetime, limit: int = CHUNK) -> int:
    """Tell members of the program in scope of points that end within the days of a warning, one chunk; how many accounts.

    Each account is told once of each last day, also when days were missed. Call again until it answers 0; safe to run
    twice: who was told is written down with the message.
    """
    told = 0
    rows = EndWarning.objects.filter(archived_at__isnull=True).select_related("point_type", "template")
    for warning in rows.order_by("pk"):
        with unit_of_work():
            due = _due(warning, at, limit)
            fresh = bulk.insert(
                EndWarned,
                ["program", "warning", "account", "last_day", "points"],
                [(scope.program_id(), warning.pk, *one) for one in due],
                suffix="ON CONFLICT (warning_id, account_id, last_day) DO NOTHING RETURNING account_id, last_day, points",
            )
            _write(warning, [(row[0], row[1], row[2]) for row in fresh], at)
        told += len(fresh)
    return told


def _due(warning: EndWarning, at: datetime, limit: int) -> list[Due]:
    """Accounts that were not told yet, with the last day of their points and how many end with it."""
    program = Program.objects.get()
    horizon = start_of(at.astimezone(program.zone).date() + timedelta(days=warning.days + 1), program.zone)
    lots = Lot.objects.filter(
        program_id=program.pk, is_open=True, expires_at__gt=at, expires_at__lte=horizon,
        wallet__point_type_id=warning.point_type_id,
    )  # fmt: skip
    sums: dict[tuple[int, date], int] = {}
    for account_id, ends_at, units in lots.values_list("wallet__account_id", "expires_at").annotate(
        units=Sum("remaining")
    ):
        key = (account_id, (ends_at - timedelta(microseconds=1)).astimezone(program.zone).date())
        sums[key] = sums.get(key, 0) + units
    before = EndWarned.objects.filter(warning=warning, last_day__gte=at.astimezone(program.zone).date())
    known = set(before.values_list("account_id", "last_day"))
    fresh = [
        (*key, units) for key, units in sorted(sums.items()) if key not in known and units >= max(1, warning.least)
    ]
    return fresh[:limit]


def _write(warning: EndWarning, due: Sequence[Due], at: datetime) -> None:
    """One message to the main member of each account, in their language."""
    if not due:
        return
    members: Mapping[int, int] = dict(
        AccountMember.objects.filter(account_id__in=[one[0] for one in due], is_primary=True).values_list(
            "account_id", "member_id"
        )
    )
    languages = {key: one.language for key, one in readers.readers(members.values()).items()}
    wanted = []
    for account_id, last_day, units in due:
        member_id = members.get(account_id)
        if member_id is None:
            continue
        with translation.override(languages[member_id]):
            facts = {
                "points": str(figures.points_of(units, warning.point_type)),
                "last_day": formats.date_format(last_day, "DATE_FORMAT"),
            }
        wanted.append(
            messaging.Wanted(
                member_id=member_id, template=warning.template, text={}, facts=facts, cause_kind=CAUSE,
                cause_id=warning.pk, rule="", request_key=f"ending:{warning.pk}:{account_id}:{last_day:%Y%m%d}", at=at,
            )
        )  # fmt: skip
    messaging.write(wanted)
