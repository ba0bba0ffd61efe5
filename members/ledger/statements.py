"""The statement of an account over a period: what there was, what moved it and why, what is left and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

from django.utils import formats, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from loyalty.kernel import audit, clock, files, jobs, registries, replica, scope
from loyalty.kernel.documents import CONTENT_TYPES, Column, Document, Figure, Kind, Table, write
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import figures
from loyalty.kernel.pages.program import actor_of
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import past
from members.ledger.models import Entry, EntryKind
from members.ledger.past import Account
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.rules.dates import start_of
from programs.setup.models import Program

FORMATS = ("pdf", "csv")
MOST_ENTRIES = 20_000
JOB_KIND = "ledger.statement"
FILES_KEPT_FOR = timedelta(days=7)


class PeriodRefused(Refusal):
    """The last day is before the first, or has not begun."""

    code = "ledger.statement_period"
    field = "last"


class TooLong(Refusal):
    """More happened in the period than is made while somebody waits, or than one PDF holds."""

    code = "ledger.statement_too_long"
    field = "first"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose statement, of which days of the program (both included), in which format (``FORMATS``).

    With ``known_at`` the books are read as they stood at that instant: what was recorded later is not there.
    """

    member: Member
    first: date
    last: date
    file_format: str
    known_at: datetime | None = None

    @property
    def file_name(self) -> str:
        """Letters, digits, dots and dashes only."""
        return f"statement-{self.first:%Y%m%d}-{self.last:%Y%m%d}.{self.file_format}"


def make_statement(wanted: Wanted, *, at: datetime, is_waited_for: bool = True) -> BinaryIO:
    """The statement of a member's account as a file in the member's language; who asked is written down.

    :raises PeriodRefused: the last day is before the first, or has not begun.
    :raises TooLong: more than ``MOST_ENTRIES`` entries; rows of any number are made where nobody waits for them
        (:func:`ask_statement`).
    """
    assert wanted.file_format in FORMATS, f"unknown format {wanted.file_format}"
    program = Program.objects.get()
    if wanted.last < wanted.first or wanted.last > at.astimezone(program.zone).date():
        raise PeriodRefused()
    since, until = start_of(wanted.first, program.zone), start_of(wanted.last + timedelta(days=1), program.zone)
    account_id = profiles.primary_account(wanted.member.pk)
    is_bounded = is_waited_for or wanted.file_format != "csv"
    if is_bounded and past.entry_count(account_id, since, until) > MOST_ENTRIES:
        raise TooLong(most=MOST_ENTRIES)

    def read() -> Document:
        accounts = past.account_of(account_id, since, until, known_at=wanted.known_at)
        with translation.override(wanted.member.language):
            return _document(wanted, program, accounts, at)

    # Who waits has perhaps just bought something, and looks for it.
    document = read() if is_waited_for else replica.lagging(read)
    with unit_of_work():
        period = f"{wanted.first.isoformat()}/{wanted.last.isoformat()}"
        audit.record("member.statement_downloaded", wanted.member, changes={"period": (None, period)})
    return write(document, wanted.file_format)


def ask_statement(wanted: Wanted, *, user: User) -> jobs.Job:
    """Have a long statement made in the background, as rows; ``user`` fetches the file within a week."""
    assert wanted.file_format == "csv", "one PDF does not hold so much"
    with unit_of_work():
        return jobs.enqueue(
            JOB_KIND, queue="reports", user=user,
            arguments={
                "member": wanted.member.pk, "first": wanted.first.isoformat(), "last": wanted.last.isoformat(),
                "known_at": wanted.known_at.isoformat() if wanted.known_at else None,
            },
        )  # fmt: skip


def run_statement(run: jobs.Run) -> Mapping[str, Any]:
    """The job: makes the file as whoever asked, who alone may fetch it.

    :raises PeriodRefused: the days make no sense any more.
    """
    asked, user, at = run.job.arguments, run.job.requested_by, clock.now()
    assert user is not None, "somebody asked for it"
    known_at = datetime.fromisoformat(asked["known_at"]) if asked["known_at"] else None
    first, last = date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"])
    wanted = Wanted(Member.objects.get(pk=asked["member"]), first, last, "csv", known_at)
    with scope.enter([scope.program_id()], actor_of(user)):
        made = make_statement(wanted, at=at, is_waited_for=False)
        stored = files.store(
            made, kind="statement", name=wanted.file_name, content_type=CONTENT_TYPES["csv"],
            expires_at=at + FILES_KEPT_FOR, user=user,
        )  # fmt: skip
    return {"file": str(stored.public_id)}


def _document(wanted: Wanted, program: Program, accounts: Sequence[Account], at: datetime) -> Document:
    first, last = (formats.date_format(day, "SHORT_DATE_FORMAT") for day in (wanted.first, wanted.last))
    known_at = (wanted.known_at or at).astimezone(program.zone)
    tables: list[Table] = []
    for account in accounts:
        tables += [_movements(account), _expiring(account, program)]
    return Document(
        title=_("Account statement"),
        headline=_("Account statement of member %(number)s") % {"number": wanted.member.number},
        program=str(program.name),
        period=first if wanted.first == wanted.last else f"{first} – {last}",
        zone=program.zone,
        made_at=at,
        made_by=scope.actor().label or str(program.name),
        language=wanted.member.language,
        figures=[
            Figure(
                _("%(type)s at the end") % {"type": capfirst(str(one.point_type))},
                figures.points(one.closing, one.point_type.decimals),
            )
            for one in accounts
        ],
        tables=tables,
        notes=[
            _("Each line is an entry of the ledger, on the day from which it counts. Time zone: %(zone)s.")
            % {"zone": program.timezone},
            _("As known on %(at)s: what is recorded later about these days is not here.")
            % {"at": formats.date_format(known_at, "SHORT_DATETIME_FORMAT")},
            _("A debt is deducted from the balance; points reserved by a till are still in it."),
        ],
    )


def _movements(account: Account) -> Table:
    kind = account.point_type
    entries = [one.entry for one in account.movements]
    said = _described(entries)
    rows: list[Sequence[object]] = [
        ["", _("Opening balance"), "", None, account.opening_pending, account.opening],
    ]  # fmt: skip
    rows += [
        [
            one.entry.effective_at, one.entry.get_kind_display(), said.get(one.entry.pk, ""), one.points,
            one.pending, one.balance,
        ]
        for one in account.movements
    ]  # fmt: skip
    return Table(
        title=capfirst(str(kind)),
        columns=[
            Column(_("When"), Kind.INSTANT),
            Column(_("What happened")),
            Column(_("Why")),
            Column(capfirst(str(kind)), Kind.POINTS, kind.decimals),
            Column(_("Not usable yet"), Kind.POINTS, kind.decimals),
            Column(_("Balance"), Kind.POINTS, kind.decimals),
        ],
        rows=rows,
        total=[
            None, _("Closing balance"), None, account.closing - account.opening, account.closing_pending,
            account.closing,
        ],
    )  # fmt: skip


def _described(entries: Sequence[Entry]) -> Mapping[int, str]:
    """By entry: its receipt, its reason or what the context that caused it says. Notes are for colleagues: left out."""
    found: dict[int, str] = {
        pk: _("receipt %(number)s") % {"number": number} for pk, number in past.receipts_of(entries).items()
    }
    by_cause: dict[str, list[Entry]] = {}
    for one in entries:
        if one.reason is not None:
            found[one.pk] = str(one.reason)
        by_cause.setdefault(one.cause_kind, []).append(one)
    for cause, caused in by_cause.items():
        found |= registries.describe_causes(cause, caused)
    for one in entries:
        if one.kind == EntryKind.EXPIRE:
            found.setdefault(one.pk, pgettext("points", "their time was over"))
    return found


def _expiring(account: Account, program: Program) -> Table:
    kind = account.point_type
    by_day: dict[date, int] = {}
    for ends_at, units in account.expiring:
        day = (ends_at - timedelta(microseconds=1)).astimezone(program.zone).date()
        by_day[day] = by_day.get(day, 0) + units
    return Table(
        title=_("%(type)s that end after the period") % {"type": capfirst(str(kind))},
        columns=[Column(_("Last day"), Kind.DATE), Column(_("Points"), Kind.POINTS, kind.decimals)],
        rows=[[day, units] for day, units in sorted(by_day.items())],
        total=[None, sum(by_day.values())] if by_day else None,
    )
